# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Plain text for people: tables, regions folded, and why something is as it is. Pure functions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

NAMED_REGIONS = 3  # as many regions are named; more are counted


def table(rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> Iterator[str]:
    """Return rows as lines of columns, two blanks apart.

    Args:
        rows: of equal length, the heading first.
        right: the columns whose cells stand at the right, numbers for instance.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.rjust(width) if number in right else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def where(regions: Iterable[str], of: Iterable[str], every: bool = False) -> str:
    """Return where something is, in words: regions by name, or how many of them there are.

    Args:
        regions: those in which it is; ``global`` alone is nowhere to be told.
        of: those that were looked at.
        every: name each, however many there are.
    """
    regions, of = list(regions), list(of)
    if regions == ["global"]:
        return ""
    if every or len(regions) <= NAMED_REGIONS:
        return f"in {', '.join(regions)}"
    return f"in {len(regions)} regions" if len(regions) == len(of) else f"in {len(regions)} of {len(of)} regions"


def readable(value: Any, keep: str = "") -> Any:
    """Return data in which every text is only text: no control characters, nothing that reverses its direction.

    Args:
        keep: characters that stay, line breaks for instance.
    """
    if isinstance(value, str):
        if value.isprintable():
            return str(value)
        instead = {True: " ", False: "\N{REPLACEMENT CHARACTER}"}
        return "".join(c if c in keep or c.isprintable() else instead[c.isspace()] for c in value)
    if isinstance(value, Mapping):
        return {readable(key, keep): readable(member, keep) for key, member in value.items()}
    return [readable(member, keep) for member in value] if isinstance(value, list | tuple) else value


def why(row: Mapping[str, Any]) -> str:
    """Return why a target is in its state: the error and its fix, or the reason; "" where neither is told."""
    error = row.get("error")
    if not error:
        return str(row.get("reason", ""))
    return in_words(error)


def in_words(error: Mapping[str, Any]) -> str:
    """Return an error of ``describe_error`` in words: operation, code, message and fix, as far as they are known."""
    call = " ".join(filter(None, [error.get("operation"), error.get("code")]))
    fix = f" - {error['fix']}" if error.get("fix") else ""
    return f"{call + ': ' if call else ''}{error.get('message', '')}{fix}"
