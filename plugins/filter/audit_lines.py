# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that makes an audit readable in a terminal."""

from __future__ import annotations

DOCUMENTATION = r"""
name: audit_lines
short_description: An audit of many accounts as lines of text
description:
  - A table of the accounts by sections of the guide, the worst first.
  - Then for each account what could not be read, what drifted with the difference, what is foreign, what is skipped and
    why, what was found beside it, and what is fixed.
options:
  _input:
    description: What P(rackspace.aws_accounts.audit_report#filter) returns.
    type: dict
    required: true
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Show the audit
  ansible.builtin.debug:
    msg: "{{ audit | rackspace.aws_accounts.audit_lines }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: Lines of plain text.
  type: list
  elements: str
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.audit_history import FINDING, time_of
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.audit_report import WORST_FIRST, checked, left_out
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.differences import difference_line, folded
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.tables import readable, table, where, why

TOLD = ("unknown", "drifted", "foreign", "skipped")  #: what is compliant is counted only
NAMED_DIFFERENCES = 8  #: of one result; more are counted
Entry = Mapping[str, Any]


def audit_lines(audit: Mapping[str, Any]) -> list[str]:
    """Return the audit as lines."""
    audit = checked(audit)
    return [str(readable(line)) for line in (*_heading(audit), "", *_table(audit), *_details(audit))]


def _heading(audit: Mapping[str, Any]) -> Iterator[str]:
    totals = audit["totals"]
    accounts = "1 account" if totals["accounts"] == 1 else f"{totals['accounts']} accounts"
    parts = [f"{totals[state]} {state}" for state in WORST_FIRST]
    findings = "1 finding" if totals["findings"] == 1 else f"{totals['findings']} findings"
    unreadable = f"; {totals['unreadable']} could not be read" if totals["unreadable"] else ""
    yield f"{accounts}{unreadable}: {', '.join(parts)}; {findings}"
    if audit["previous_at"]:
        changes = f"{totals['new']} new, {totals['open']} still open, {totals['fixed']} fixed"
        yield f"since {_time(audit['previous_at'])}: {changes}"
    names = left_out(audit)
    if names:
        yield f"not looked at everywhere: {', '.join(names)}"


def _table(audit: Mapping[str, Any]) -> Iterator[str]:
    of = {default["name"]: default["section"] or default["name"] for default in audit["defaults"]}
    sections = list(dict.fromkeys(of.values()))
    rows = [["account", "id", "state", *sections]]
    for account in audit["accounts"]:
        found: dict[str, dict[str, int]] = {}
        for entry in account["results"]:
            states = found.setdefault(of[entry["default"]], {})
            states[entry["state"]] = states.get(entry["state"], 0) + len(entry["regions"])
        cells = [_cell(found.get(section, {})) for section in sections]
        rows.append([account["name"], account["id"], account["state"], *cells])
    yield from table(rows)


def _cell(states: Mapping[str, int]) -> str:
    """Return what is wrong in a section in one word, as its worst state; - where nothing was looked at."""
    for state in ("unknown", "drifted", "foreign"):
        if states.get(state):
            return f"{states[state]} {state}"
    return "ok" if "compliant" in states else "skipped" if states else "-"


def _details(audit: Mapping[str, Any]) -> Iterator[str]:
    for account in audit["accounts"]:
        lines = list(_account(account))
        if lines:
            yield ""
            yield f"{account['name']} ({account['id'] or 'no id'})"
            yield from (f"  {line}" for line in lines)


def _account(account: Entry) -> Iterator[str]:
    if account["message"] and not account["results"]:
        yield f"unknown: {account['message']}"
    for state in TOLD:
        yield from _in_state(account, state)
    findings: dict[tuple[str, str], dict[str, None]] = {}
    for entry in account["results"]:
        for finding in entry.get("findings", ()):
            since = _since(time_of(entry, (FINDING, finding)))
            findings.setdefault((finding, since), {}).update(dict.fromkeys(entry["regions"]))
    for (finding, since), regions in findings.items():
        yield f"finding: {finding}{_blank(where(regions, account['regions']))}{since}"
    for entry in account["fixed"]:
        what = f"{entry['default']}{_blank(where(entry['regions'], account['regions']))}"
        yield f"fixed: {what}, {entry['state']} since {_time(entry['since'])}{_found(entry)}"
    for entry in account.get("unread", ()):
        what = f"{entry['default']}{_blank(where(entry['regions'], account['regions']))}"
        yield f"not read this time: {what}, {entry['state']} since {_time(entry['since'])}{_found(entry)}"


def _in_state(account: Entry, state: str) -> Iterator[str]:
    """Tell the results of one state; what is told in the same words is told once."""
    told: dict[tuple[str, str, tuple[str, ...]], dict[str, list[str]]] = {}
    for entry in folded(account["results"]):
        if entry["state"] == state:
            changes = tuple(_changes(entry)) if state == "drifted" else ()
            # what is skipped is new only by what was found beside it
            since = "" if state == "skipped" else _since(entry)
            key = (since, why(entry), changes)
            told.setdefault(key, {}).setdefault(entry["default"], []).extend(entry["regions"])
    for (since, reason, changes), defaults in told.items():
        by_place: dict[str, list[str]] = {}
        for default, regions in defaults.items():
            place = where(regions, account["regions"], every=state == "unknown")
            by_place.setdefault(place, []).append(default)
        for place, names in by_place.items():
            yield f"{state}: {', '.join(names)}{_blank(place)}{since}{': ' + reason if reason else ''}"
            yield from (f"  {change}" for change in changes)


def _changes(entry: Entry) -> Iterator[str]:
    if entry.get("absent"):
        yield "is not there"
        return
    found = entry["differences"]
    yield from map(difference_line, found[:NAMED_DIFFERENCES])
    if len(found) > NAMED_DIFFERENCES:
        yield f"and {len(found) - NAMED_DIFFERENCES} more differences"


def _found(entry: Entry) -> str:
    return f": {'; '.join(entry['findings'])}" if entry.get("findings") else ""


def _since(entry: Entry) -> str:
    if entry.get("trend") == "new":
        return ", new"
    return f", open since {_time(entry['since'])}" if entry.get("trend") == "open" else ""


def _time(stamp: str) -> str:
    return stamp[:16].replace("T", " ") + " UTC"


def _blank(text: str) -> str:
    return f" {text}" if text else ""


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"audit_lines": audit_lines}
