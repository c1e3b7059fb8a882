# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that reads an account's journal."""

from __future__ import annotations

DOCUMENTATION = r"""
name: offboarding_journal
short_description: The entries of an account's journal
description:
  - A journal holds an entry a line, as JSON, each with C(at), C(run), C(ticket), C(phase), C(event) and C(data).
  - It is evidence for people. What a run does in an account never depends on it.
options:
  _input:
    description: The text of the journal.
    type: str
    required: true
  ticket:
    description: Only the entries of this ticket. By default all.
    type: str
    default: ""
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Show when the account was handed back
  ansible.builtin.debug:
    msg: "{{ journal | rackspace.aws_accounts.offboarding_journal | selectattr('event', 'equalto', 'handed_over') }}"
  vars:
    journal: "{{ lookup('ansible.builtin.file', 'journal/111111111111.jsonl') }}"
"""

RETURN = r"""
_value:
  description: The entries in their order.
  type: list
  elements: dict
"""

import json
from typing import Any

from ansible.errors import AnsibleFilterError


def offboarding_journal(text: str, ticket: str = "") -> list[dict[str, Any]]:
    """Return the entries; a line that is none raises AnsibleFilterError with its number."""
    entries = []
    for number, line in enumerate(str(text).splitlines(), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except ValueError as error:
            if line.startswith("{") and not line.endswith("}"):
                continue  # half a line, of a run that died while it wrote
            raise AnsibleFilterError(
                f"line {number} of the journal is not JSON ({error}); correct it, or take it out and keep it elsewhere"
            ) from error
        if not isinstance(entry, dict) or not isinstance(entry.get("event"), str):
            raise AnsibleFilterError(f"line {number} of the journal is no entry: it has no event; take it out")
        if not ticket or entry.get("ticket") == ticket:
            entries.append(entry)
    return entries


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"offboarding_journal": offboarding_journal}
