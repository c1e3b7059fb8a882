# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that makes residual access readable."""

from __future__ import annotations

DOCUMENTATION = r"""
name: residual_lines
short_description: What still lets the provider into an account, as lines of text
description:
  - A table of what names the provider or could not be read. What is to be decided and what is unknown comes first, each
    with why.
  - Beneath it how to accept what is in the way, by name.
  - What leaves or was accepted is told on one line each, without why it is there.
options:
  _input:
    description: The result of M(rackspace.aws_accounts.residual_access).
    type: dict
    required: true
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Show who else comes in
  ansible.builtin.debug:
    msg: "{{ scan | rackspace.aws_accounts.residual_lines }}"
"""

RETURN = r"""
_value:
  description: Lines of plain text.
  type: list
  elements: str
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.tables import table, where

#: in the order in which they are told -> the word for each
WORDS = {"to_decide": "to decide", "unknown": "unknown", "accepted": "accepted", "leaving": "leaving"}
IN_THE_WAY = ("to_decide", "unknown")


def residual_lines(result: Mapping[str, Any]) -> list[str]:
    """Return residual access as lines."""
    if "residual" not in result:
        return [f"nobody looked who else comes in: {result.get('msg') or 'the scan has no result'}"]
    rows = sorted(result["residual"], key=lambda row: list(WORDS).index(row["state"]))
    return [_heading(result), *_body(rows, result["account"]["regions"]), *_reasons(rows), *_advice(rows)]


def _heading(result: Mapping[str, Any]) -> str:
    counts = [f"{result['summary'][state]} {word}" for state, word in WORDS.items() if result["summary"][state]]
    regions = len(result["account"]["regions"])
    searched = f"{len(result['scanned'])} scans in {regions} region{'' if regions == 1 else 's'}"
    verdict = "nobody else comes in" if result["safe"] else "not safe"
    return f"{verdict}: {', '.join(counts) or 'nothing found'}; {searched}"


def _body(rows: Iterable[Mapping[str, Any]], regions: Iterable[str]) -> Iterator[str]:
    lines = [["state", "kind", "resource", "where", "names"]]
    for (state, kind, resource, names), found in _folded(rows).items():
        place = where([row["region"] for row in found], list(regions), every=state == "unknown")
        lines.append([WORDS[state], kind, resource, place.removeprefix("in "), ", ".join(names)])
    if len(lines) > 1:
        yield ""
        yield from table(lines)


def _reasons(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    told: dict[tuple[str, str], None] = {(row["resource"], row["reason"]): None for row in rows if _is_in_the_way(row)}
    if told:
        yield ""
        yield from (f"{resource}: {reason}" for resource, reason in told)


def _advice(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    keys = dict.fromkeys(row["resource"] for row in rows if _is_in_the_way(row))
    if keys:
        yield ""
        yield "remove it, let the run read it, or accept it by name in the account's record:"
        yield "offboarding:"
        yield "  accept_residual:"
        yield from (f'    "{key}": <reason>' for key in keys)


def _is_in_the_way(row: Mapping[str, Any]) -> bool:
    return row["state"] in IN_THE_WAY


def _folded(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, str, tuple[str, ...]], list[Mapping[str, Any]]]:
    """Group the rows that differ by their region only."""
    groups: dict[tuple[str, str, str, tuple[str, ...]], list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["state"], row["kind"], row["resource"], tuple(row["names"])), []).append(row)
    return groups


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"residual_lines": residual_lines}
