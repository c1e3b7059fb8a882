# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that makes a plan of removal readable."""

from __future__ import annotations

DOCUMENTATION = r"""
name: removal_lines
short_description: What a reverse assumption removes, detaches and keeps, as lines of text
description:
  - A table with a line for each account default, or for each way in which its targets differ, with why.
  - What needs a decision and what went wrong comes first. Regions are folded. Account defaults of which nothing is
    there are counted only.
options:
  _input:
    description: The result of M(rackspace.aws_accounts.reverse_assumption).
    type: dict
    required: true
  done:
    description: Whether this is what was done, and not only what would be.
    type: bool
    default: false
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Show the plan
  ansible.builtin.debug:
    msg: "{{ plan | rackspace.aws_accounts.removal_lines }}"
"""

RETURN = r"""
_value:
  description: Lines of plain text.
  type: list
  elements: str
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.tables import table, where, why

#: in the order in which they are told
WORDS = ("failed", "unknown", "to decide", "remove", "detach", "keep")
DONE = {"remove": "removed", "detach": "detached", "keep": "kept"}
#: state of a target -> the word for it, where it is not simply what is done
STATES = {"failed": "failed", "unknown": "unknown", "foreign": "to decide"}


def removal_lines(result: Mapping[str, Any], done: bool = False) -> list[str]:
    """Return a plan of removal as lines."""
    rows, regions = list(result["targets"]), list(result["account"]["regions"])
    return [_heading(rows, done), "", *_body(rows, regions, done)]


def _word(row: Mapping[str, Any]) -> str:
    return STATES.get(row["state"], row["action"])


def _heading(rows: list[Mapping[str, Any]], done: bool) -> str:
    counts = Counter(_word(row) for row in rows)
    resources = sum(len(row["resources"]) for row in rows if row["changed"])
    goes = "were removed" if done else "go"
    parts = [f"{resources} resources {goes}", f"{counts['detach']} {'were ' if done else 'are '}detached"]
    parts += [f"{counts['keep']} {'were ' if done else 'are '}kept"]
    parts += [f"{counts[word]} {word}" for word in ("to decide", "unknown", "failed") if counts[word]]
    return ", ".join(parts)


def _body(rows: list[Mapping[str, Any]], regions: list[str], done: bool) -> Iterator[str]:
    groups: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        if _word(row) in WORDS:
            groups.setdefault((_word(row), row["default"], why(row)), []).append(row)
    lines = [["action", "account default", "where", "resources", "why"]]
    for word in WORDS:
        for (told, default, reason), targets in groups.items():
            if told == word:
                place = where([row["region"] for row in targets], regions, every=word in {"failed", "unknown"})
                number = sum(len(row["resources"]) for row in targets)
                shown = DONE.get(word, word) if done else word
                lines.append([shown, default, place, str(number) if number else "", reason])
    if len(lines) > 1:
        yield from table(lines, right={3})
    findings: dict[str, list[str]] = {}
    for row in rows:
        for finding in row.get("findings", ()):
            findings.setdefault(finding, []).append(row["region"])
    for finding, found in findings.items():
        place = where(dict.fromkeys(found), regions)
        yield f"finding: {finding}{' ' + place if place else ''}"


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"removal_lines": removal_lines}
