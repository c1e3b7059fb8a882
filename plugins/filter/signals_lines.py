# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that makes a report of signals readable."""

from __future__ import annotations

DOCUMENTATION = r"""
name: signals_lines
short_description: Which signals of many accounts arrived, as lines of text
description:
  - A table with a line for each account, then for each account its signals by state, with regions folded, then what
    it meant for messages of others in the shared queues.
  - What did not arrive comes first, and its regions are always named.
options:
  _input:
    description: What P(rackspace.aws_accounts.signals_report#filter) returns.
    type: dict
    required: true
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Show the report
  ansible.builtin.debug:
    msg: "{{ report | rackspace.aws_accounts.signals_lines }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: Lines of plain text.
  type: list
  elements: str
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signals.paths import BAD, STATES
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.tables import table, where, why

#: the order in which the signals of an account are told
KINDS = (*BAD, *(state for state in STATES if state not in BAD))


def signals_lines(report: Mapping[str, Any]) -> list[str]:
    """Return the report as lines."""
    accounts = report["accounts"]
    return [*_heading(report), "", *_table(accounts), *_details(accounts), *_queues(report["queues"])]


def _heading(report: Mapping[str, Any]) -> Iterator[str]:
    totals = report["totals"]
    accounts = "1 account" if totals["accounts"] == 1 else f"{totals['accounts']} accounts"
    counts = ", ".join(f"{totals[state]} {_word(state)}" for state in STATES if totals[state])
    failed = f", {totals['failed']} of them failed" if totals["failed"] else ""
    yield f"{accounts}{failed}; paths: {counts or 'none'}"
    if report["check_mode"]:
        yield "check mode: nothing was published; untried paths would be tried"


def _table(accounts: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    rows = [["account", "id", "outcome", *map(_word, STATES), "API calls"]]
    for account in accounts:
        numbers = [str(account["counts"][state]) for state in STATES]
        rows.append([account["name"], account["id"], account["outcome"], *numbers, str(account["api_calls"])])
    yield from table(rows, right=range(3, len(rows[0])))


def _details(accounts: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for account in accounts:
        yield ""
        yield f"{account['name']} ({account['id'] or 'no id'})"
        if account["message"] and not any(account["counts"][state] for state in BAD):
            yield f"  failed: {account['message']}"
        for kind in KINDS:
            told: dict[tuple[str, str], list[str]] = {}
            for group in account["groups"]:
                if group["state"] == kind:
                    # where nothing is written, as for the dispatcher, one region is no region less
                    place = where(group["regions"], account["regions"], every=kind in BAD)
                    told.setdefault((place, _after(group) or why(_told(group))), []).append(group["signal"])
            for (place, reason), signals in told.items():
                yield f"  {_word(kind)}: {', '.join(signals)} {place}{': ' + reason if reason else ''}"


def _told(group: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a group whose reason, where it has one, goes before AWS's own words."""
    return {"reason": group["reason"]} if group.get("reason") else group


def _after(group: Mapping[str, Any]) -> str:
    seconds = sorted(group.get("seconds", ()))
    if not seconds:
        return ""
    if seconds[0] == seconds[-1]:
        return f"after {seconds[0]} seconds"
    return f"after {seconds[0]} to {seconds[-1]} seconds"


def _queues(queues: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    touched = [queue for queue in queues if queue["others"]["seen"]]
    if touched:
        seen, receipts = (sum(queue["others"][key] for queue in touched) for key in ("seen", "receipts"))
        yield ""
        most = "twice" if max(queue["others"]["most_receipts"] for queue in touched) > 1 else "once"
        yield (
            f"messages of others in {len(touched)} of the queues: {seen} were received {receipts} times in all, at "
            f"most {most} each, and hidden for one second each time; none was deleted"
        )
    for queue in touched:
        if queue["others"]["at_limit"]:
            yield (
                f"  {queue['queue_arn']}: the next receipt moves {len(queue['others']['at_limit'])} of them to the "
                f"dead-letter queue, whose limit is {queue['max_receive_count']}"
            )
    for queue in queues:
        for marker in queue["left_behind"]:
            yield f"  {queue['queue_arn']}: marked message {marker} could not be deleted"


def _word(state: str) -> str:
    return state.replace("_", " ")


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"signals_lines": signals_lines}
