# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that makes a schedule readable."""

from __future__ import annotations

DOCUMENTATION = r"""
name: schedule_lines
short_description: The days of hand-overs as lines of text
description:
  - A table with a line for each request, and how many there are on each day.
options:
  _input:
    description: What P(rackspace.aws_accounts.offboarding_schedule#filter) returns.
    type: list
    elements: dict
    required: true
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Show the schedule
  ansible.builtin.debug:
    msg: "{{ schedule | rackspace.aws_accounts.schedule_lines }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: Lines of plain text.
  type: list
  elements: str
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

#: heading -> key of a row
COLUMNS = {
    "date": "date",
    "account": "host",
    "id": "account_id",
    "ticket": "ticket",
    "termination": "termination_date",
    "why": "reason",
}
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def schedule_lines(rows: Iterable[Mapping[str, str]]) -> list[str]:
    """Return the schedule as lines."""
    rows = list(rows)
    if not rows:
        return ["no account has a request to be handed back"]
    table = [list(COLUMNS)]
    for row in rows:
        table.append([_day(row["date"]) if key == "date" else str(row[key]) for key in COLUMNS.values()])
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    days = len({row["date"] for row in rows if row["date"]})
    requests = "1 request" if len(rows) == 1 else f"{len(rows)} requests"
    return [*lines, "", f"{requests} on {'1 day' if days == 1 else f'{days} days'}"]


def _day(day: str) -> str:
    return f"{WEEKDAYS[date.fromisoformat(day).weekday()]} {day}" if day else "none"


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"schedule_lines": schedule_lines}
