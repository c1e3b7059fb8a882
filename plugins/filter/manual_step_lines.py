# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that makes the manual steps of a hand-over readable."""

from __future__ import annotations

DOCUMENTATION = r"""
name: manual_step_lines
short_description: The manual steps of a hand-over as lines of text
description:
  - A table with a line for each step that is needed, whose it is and whether somebody confirmed it.
options:
  _input:
    description: What P(rackspace.aws_accounts.offboarding_manual_steps#filter) returns.
    type: list
    elements: dict
    required: true
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Show the manual steps
  ansible.builtin.debug:
    msg: "{{ steps | rackspace.aws_accounts.manual_step_lines }}"
"""

RETURN = r"""
_value:
  description: Lines of plain text.
  type: list
  elements: str
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.tables import table


def manual_step_lines(steps: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the steps as lines."""
    needed = [step for step in steps if step["state"] != "not_needed"]
    if not needed:
        return ["none"]
    rows = [["step", "whose", "state", ""]]
    for step in needed:
        seen = f"by {step['confirmed_by']}, {step['confirmed_at']}: {step['evidence']}"
        rows.append([step["title"], step["who"], step["state"], seen if step["state"] == "confirmed" else ""])
    return list(table(rows))


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"manual_step_lines": manual_step_lines}
