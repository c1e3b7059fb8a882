# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that makes a table of an audit, for spreadsheets."""

from __future__ import annotations

DOCUMENTATION = r"""
name: audit_csv
short_description: An audit of many accounts as comma separated values
description:
  - One line for each account, region and default, in UTF-8, as RFC 4180 has it, with a line of headings.
  - An account that could not be read at all has one line, in state C(unknown), without region and default.
  - A value that a spreadsheet would take for a formula is preceded by an apostrophe; control characters are replaced.
options:
  _input:
    description: What P(rackspace.aws_accounts.audit_report#filter) returns.
    type: dict
    required: true
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Write the table
  ansible.builtin.copy:
    content: "{{ audit | rackspace.aws_accounts.audit_csv }}"
    dest: reports/audit.csv
    mode: "0644"
  run_once: true
"""

RETURN = r"""
_value:
  description:
    - The text of the file, with the columns C(account), C(id), C(ddi), C(service_level), C(section), C(default),
      C(region), C(state), C(reason), C(error), C(fix), C(findings), C(since), C(trend), C(before) and C(after).
    - C(before) and C(after) are JSON.
  type: str
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.audit_report import checked
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.tables import readable

COLUMNS = (
    *("account", "id", "ddi", "service_level", "section", "default", "region", "state"),
    *("reason", "error", "fix", "findings", "since", "trend", "before", "after"),
)
#: what a spreadsheet takes for the beginning of a formula, in half and in full width
FORMULA = tuple("=+-@＝＋－＠")  # noqa: RUF001


def audit_csv(audit: Mapping[str, Any]) -> str:
    """Return the audit as the text of a CSV file."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(_rows(checked(audit)))
    return text.getvalue()


def _rows(audit: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    sections = {default["name"]: default["section"] for default in audit["defaults"]}
    for account in audit["accounts"]:
        common = {column: account[column] for column in ("id", "ddi", "service_level")} | {"account": account["name"]}
        if not account["results"]:
            yield _safe({**common, "state": account["state"], "error": account["message"]})
        for entry in account["results"]:
            error = entry.get("error") or {}
            row = _safe(
                {
                    **common,
                    **{column: entry.get(column, "") for column in ("default", "state", "reason", "since", "trend")},
                    "section": sections[entry["default"]],
                    "error": _error(error),
                    "fix": error.get("fix", ""),
                    "findings": "; ".join(entry.get("findings", ())),
                    **{column: _json(entry[column]) for column in ("before", "after") if column in entry},
                }
            )
            yield from (row | {"region": _text(region)} for region in entry["regions"])


def _error(error: Mapping[str, Any]) -> str:
    told = " ".join(filter(None, [error.get("operation"), error.get("code")]))
    return ": ".join(filter(None, [told, error.get("message")]))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _safe(row: Mapping[str, Any]) -> dict[str, str]:
    return {column: _text(str(value)) for column, value in row.items()}


def _text(value: str) -> str:
    """Return a value that is text to every spreadsheet.

    Source: OWASP, "CSV Injection".
    """
    clean = str(readable(value))
    return f"'{clean}" if clean.lstrip().startswith(FORMULA) else clean


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"audit_csv": audit_csv}
