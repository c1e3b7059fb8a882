# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that makes the gates of a hand-over readable."""

from __future__ import annotations

DOCUMENTATION = r"""
name: gate_lines
short_description: The gates of a hand-over as lines of text
description:
  - A table with all gates, their answers and the evidence; beneath it what to do, gate by gate, and whether the account
    is ready.
options:
  _input:
    description:
      - What M(rackspace.aws_accounts.release_readiness) returned, or its C(gates).
    type: raw
    required: true
  width:
    description: How many characters a line may have. Words that are longer are not broken.
    type: int
    default: 120
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Show the gates
  ansible.builtin.debug:
    msg: "{{ readiness | rackspace.aws_accounts.gate_lines }}"
"""

RETURN = r"""
_value:
  description: Lines of plain text.
  type: list
  elements: str
"""

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

HEADING = ("gate", "answer", "evidence")


def gate_lines(readiness: Any, width: int = 120) -> list[str]:
    """Return the gates as lines."""
    gates = readiness.get("gates") if isinstance(readiness, Mapping) else readiness
    if not gates:
        why = readiness.get("msg") if isinstance(readiness, Mapping) else ""
        return [f"the gates were not answered{f': {why}' if why else ''}"]
    return [*_table(gates, width), *_to_do(gates, width), "", _verdict(gates)]


def _table(gates: Iterable[Mapping[str, Any]], width: int) -> Iterator[str]:
    rows = [HEADING, *((gate["gate"], _answer(gate), _evidence(gate)) for gate in gates)]
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    for gate, answer, evidence in rows:
        start = f"{gate.ljust(first)}  {answer.ljust(second)}  "
        yield from _wrapped(start, evidence, width)


def _to_do(gates: Iterable[Mapping[str, Any]], width: int) -> Iterator[str]:
    wanting = [gate for gate in gates if not _is_open(gate) and gate["fix"]]
    if wanting:
        yield ""
        yield "to do:"
        for gate in wanting:
            yield from _wrapped(f"  {gate['gate']}: ", gate["fix"], width, indent=4)


def _verdict(gates: Iterable[Mapping[str, Any]]) -> str:
    closed = [f"{gate['gate']} ({gate['result']})" for gate in gates if not _is_open(gate)]
    return f"not ready: {', '.join(closed)}" if closed else "ready"


def _is_open(gate: Mapping[str, Any]) -> bool:
    return bool(gate["result"] == "pass" or gate["overridden"])


def _answer(gate: Mapping[str, Any]) -> str:
    return f"{gate['result']}, overridden" if gate["overridden"] else str(gate["result"])


def _evidence(gate: Mapping[str, Any]) -> str:
    return f"{gate['evidence']}; overridden: {gate['overridden']}" if gate["overridden"] else str(gate["evidence"])


def _wrapped(start: str, text: str, width: int, indent: int | None = None) -> list[str]:
    """Return a text behind its start, its further lines under the first one or indented."""
    return textwrap.wrap(
        " ".join(text.split()),
        width=max(width, len(start) + 40),
        initial_indent=start,
        subsequent_indent=" " * (len(start) if indent is None else indent),
        break_long_words=False,
        break_on_hyphens=False,
    )


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"gate_lines": gate_lines}
