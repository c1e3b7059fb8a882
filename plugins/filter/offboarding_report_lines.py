# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that makes the report of an offboarding readable."""

from __future__ import annotations

DOCUMENTATION = r"""
name: offboarding_report_lines
short_description: The report of an offboarding as lines of text
description:
  - A table with a line for each account, then for each account what stopped it, what is open and where its documents
    are. What failed or was refused comes first.
options:
  _input:
    description: What P(rackspace.aws_accounts.offboarding_report#filter) returns.
    type: dict
    required: true
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Show the report
  ansible.builtin.debug:
    msg: "{{ report | rackspace.aws_accounts.offboarding_report_lines }}"
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

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.tables import table


def offboarding_report_lines(report: Mapping[str, Any]) -> list[str]:
    """Return the report as lines."""
    return [*_heading(report), "", *_table(report), *_details(report)]


def _heading(report: Mapping[str, Any]) -> Iterator[str]:
    totals = dict(report["totals"])
    number = totals.pop("accounts")
    accounts = "1 account" if number == 1 else f"{number} accounts"
    yield f"{accounts}: {', '.join(f'{count} {outcome}' for outcome, count in totals.items() if count)}"
    if report["check_mode"]:
        yield "check mode: nothing was written"


def _table(report: Mapping[str, Any]) -> Iterator[str]:
    goes = "would go" if report["check_mode"] else "removed"
    rows = [["account", "id", "ticket", "outcome", goes, "kept", "to decide", "proof"]]
    for account in report["accounts"]:
        numbers = [str(account[key]) for key in ("removed", "kept", "to_decide")]
        proof = "proven" if account["proven"] else ""
        rows.append([account["name"], account["id"], account["ticket"], account["outcome"], *numbers, proof])
    yield from table(rows, right=range(4, 7))


def _details(report: Mapping[str, Any]) -> Iterator[str]:
    for account in report["accounts"]:
        lines = list(_account(account, report["check_mode"]))
        if lines:
            yield ""
            yield f"{account['name']} ({account['id'] or 'no id'})"
            yield from (f"  {line}" for line in lines)


def _account(account: Mapping[str, Any], would: bool) -> Iterator[str]:
    if account["message"]:
        where = f" at {account['phase']}" if account["phase"] else ""
        yield f"{account['outcome']}{where}: {account['message']}"
    if account["roles"]:
        yield f"roles{' as they would be' if would else ''}: {', '.join(account['roles'])}"
    if account["open_steps"]:
        yield f"open: {', '.join(account['open_steps'])}"
    for line in account["customer_lines"]:
        yield f"only the customer can remove: {line}"
    if account["documents"]:
        yield f"documents: {account['documents']}"


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"offboarding_report_lines": offboarding_report_lines}
