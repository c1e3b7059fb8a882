# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that makes a report readable."""

from __future__ import annotations

DOCUMENTATION = r"""
name: report_lines
short_description: A report of many accounts as lines of text
description:
  - A table with a line for each account, then for each account what was done, what was skipped and why.
  - What failed comes first. Regions are folded; those in which something failed are always named.
options:
  _input:
    description: What P(rackspace.aws_accounts.onboarding_report#filter) returns.
    type: dict
    required: true
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Show the report
  ansible.builtin.debug:
    msg: "{{ report | rackspace.aws_accounts.report_lines }}"
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

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.tables import table, where, why

#: the order in which an account's groups are told; what is simply unchanged is counted only
KINDS = ("failed", "unknown", "foreign", "changed", "skipped")


def report_lines(report: Mapping[str, Any]) -> list[str]:
    """Return the report as lines."""
    would = bool(report["check_mode"])
    return [*_heading(report, would), "", *_table(report["accounts"], would), *_details(report["accounts"], would)]


def _heading(report: Mapping[str, Any], would: bool) -> Iterator[str]:
    totals = report["totals"]
    accounts = "1 account" if totals["accounts"] == 1 else f"{totals['accounts']} accounts"
    changed = "would change" if would else "changed"
    numbers = f"{totals['failed']} failed, {totals['changed']} {changed}, {totals['unchanged']} unchanged"
    foreign = sum(account["counts"]["foreign"] for account in report["accounts"])
    yield f"{accounts}: {numbers}" + (f"; {foreign} foreign, to be decided" if foreign else "")
    if would:
        yield "check mode: nothing was written"


def _table(accounts: Iterable[Mapping[str, Any]], would: bool) -> Iterator[str]:
    changed = "would change" if would else "changed"
    rows = [["account", "id", "outcome", changed, "unchanged", "skipped", "foreign", "unknown", "failed", "API calls"]]
    for account in accounts:
        outcome = changed if account["outcome"] == "changed" else account["outcome"]
        numbers = [str(number) for number in account["counts"].values()]
        rows.append([account["name"], account["id"], outcome, *numbers, str(account["api_calls"])])
    yield from table(rows, right=range(3, len(rows[0])))


def _details(accounts: Iterable[Mapping[str, Any]], would: bool) -> Iterator[str]:
    for account in accounts:
        lines = list(_account(account, would))
        if lines:
            yield ""
            yield f"{account['name']} ({account['id'] or 'no id'})"
            yield from (f"  {line}" for line in lines)


def _account(account: Mapping[str, Any], would: bool) -> Iterator[str]:
    groups = account["groups"]
    if account["message"] and not any(group["state"] in {"failed", "unknown", "foreign"} for group in groups):
        yield f"failed: {account['message']}"
    for kind in KINDS:
        told: dict[tuple[str, str], list[str]] = {}
        for group in groups:
            if ("changed" if group["changed"] else group["state"]) == kind:
                place = where(group["regions"], account["regions"], every=kind in {"failed", "unknown"})
                told.setdefault((place, why(group)), []).append(group["default"])
        word = "would change" if would and kind == "changed" else kind
        for (place, reason), defaults in told.items():
            yield f"{word}: {', '.join(defaults)}{_blank(place)}{': ' + reason if reason else ''}"
    findings: dict[str, list[str]] = {}
    for group in groups:
        for finding in group.get("findings", ()):
            findings.setdefault(finding, []).extend(group["regions"])
    for finding, regions in findings.items():
        yield f"finding: {finding}{_blank(where(dict.fromkeys(regions), account['regions']))}"


def _blank(text: str) -> str:
    return f" {text}" if text else ""


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"report_lines": report_lines}
