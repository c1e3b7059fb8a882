# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that gathers what all accounts of a run have published."""

from __future__ import annotations

DOCUMENTATION = r"""
name: signals_sent
short_description: The marked messages that the accounts of a run have published
description:
  - Gathers, for O(rackspace.aws_accounts.signal_check#module:step=collect), the paths of all accounts whose state is
    V(sent), with what that step needs to know of them.
  - Jinja's own filters do the same, and take ten times as long, which counts for some hundred accounts.
options:
  _input:
    description: The C(hostvars) of the run, with the registered variable C(signal_check_published).
    type: dict
    required: true
  hosts:
    description: The hosts whose turn it is, as in C(ansible_play_batch).
    type: list
    elements: str
    required: true
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Look into the shared queues
  rackspace.aws_accounts.signal_check:
    step: collect
    account_id: "{{ provider_account_id }}"
    provider_account_id: "{{ provider_account_id }}"
    paths: "{{ hostvars | rackspace.aws_accounts.signals_sent(ansible_play_batch) }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: One entry for each message, with C(account_id), C(queue_arn), C(marker), C(sent_at) and C(state).
  type: list
  elements: dict
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.hostvars import plain
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signals.paths import SENT

NEEDED = ("account_id", "queue_arn", "marker", "sent_at", "state")


def signals_sent(hostvars: Mapping[str, Any], hosts: Iterable[str]) -> list[dict[str, Any]]:
    """Return the published messages of all hosts."""
    return [
        {name: path[name] for name in NEEDED}
        for host in hosts
        for path in (plain(hostvars[str(host)].get("signal_check_published")) or {}).get("paths") or ()
        if path["state"] == SENT
    ]


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"signals_sent": signals_sent}
