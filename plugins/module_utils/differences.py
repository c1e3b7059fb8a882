# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What differs between two states, one entry for each place in them. Pure functions.

Members of a list have no place of their own where their order says nothing: objects are matched by what names them
(a policy's statements by their Sid), values are what was added and what was taken away.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

NAMES = ("sid", "Sid", "id", "ID", "name", "key", "arn")  #: what names a member of a list, the first that all have
SHORT = 60  #: characters of a value in a line
REGION = "{region}"  #: stands for the name of each region in what several have alike
NAME_OF_REGION = re.compile(r"[a-z]+(-[a-z]+)+-[0-9]+")
ABSENT: Any = object()

Difference = dict[str, Any]  #: path, and before, after or both: a key that is not there was, or is to be, absent


def differences(before: Any, after: Any) -> list[Difference]:
    """Return what differs, in the order of ``before``; the path of a whole state is ""."""
    there = [ABSENT if state is None else state for state in (before, after)]
    return [
        {"path": path, **{name: value for name, value in (("before", old), ("after", new)) if value is not ABSENT}}
        for path, old, new in _walk("", *there)
    ]


def folded(results: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return an audit's results with ``differences`` in place of before and after, and fewer of them.

    Results of one default that differ in nothing but the name of their region, in an ARN for instance, are one result
    with REGION in its place. ``absent`` says that nothing is there, ``same`` is what need not change.
    """
    entries: dict[str, dict[str, Any]] = {}
    for result in results:
        entry = {key: value for key, value in result.items() if key not in ("before", "after", "regions")}
        if "after" in result:
            entry |= _compared(result["before"], result["after"])
        alone = result["regions"][0] if len(result["regions"]) == 1 else ""
        told = json.dumps(entry, sort_keys=True)
        named = told.replace(alone, REGION) if NAME_OF_REGION.fullmatch(alone) else told
        entries.setdefault(named, {**entry, "regions": [], "told": (told, named)})["regions"].extend(result["regions"])
    found = []
    for entry in entries.values():
        told, named = entry.pop("told")
        if len(entry["regions"]) > 1 and told != named:
            entry |= json.loads(named)
        found.append(entry)
    return found


def _compared(before: Any, after: Any) -> dict[str, Any]:
    found = {"differences": differences(before, after)}
    if before is None:
        return {**found, "absent": True}
    same = {key: value for key, value in before.items() if key in after and after[key] == value}
    return {**found, "same": same}


def difference_line(difference: Difference) -> str:
    """Return a difference as a line of text: ``path: before -> after``, ``+ path: value`` or ``- path: value``."""
    path = f"{difference['path']}: " if difference["path"] else ""
    if "before" not in difference:
        return f"+ {path}{shown(difference['after'])}"
    if "after" not in difference:
        return f"- {path}{shown(difference['before'])}"
    return f"{path}{shown(difference['before'])} -> {shown(difference['after'])}"


def shown(value: Any, length: int = SHORT) -> str:
    """Return a value in one line of at most so many characters."""
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False, sort_keys=True)
    text = " ".join(text.split())
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _walk(path: str, before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _members(path, before, after)
    elif _is_list(before) and _is_list(after):
        named = _named(before, after)
        if named:
            yield from _members(path, *named)
        else:
            yield from _values(path, before, after)
    else:
        yield path, before, after


def _members(path: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name in {**before, **after}:
        place = f"{path}.{name}" if path else str(name)
        yield from _walk(place, before.get(name, ABSENT), after.get(name, ABSENT))


def _values(path: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[tuple[str, Any, Any]]:
    gone = [value for value in before if value not in after]
    come = [value for value in after if value not in before]
    if not gone and not come:  # another order, or another number of the same
        yield path, before, after
    elif len(gone) == len(come) == 1:
        yield from _walk(path, gone[0], come[0])
    else:
        yield from ((path, value, ABSENT) for value in gone)
        yield from ((path, ABSENT, value) for value in come)


def _named(*lists: Sequence[Any]) -> list[dict[str, Any]] | None:
    """Return the lists' members by name, or None where they have none that tells all of them apart."""
    for name in NAMES:
        if all(isinstance(member, Mapping) and member.get(name) for members in lists for member in members):
            found = [{str(member[name]): member for member in members} for members in lists]
            if all(len(by_name) == len(members) for by_name, members in zip(found, lists, strict=True)) and any(found):
                return found
    return None


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)
