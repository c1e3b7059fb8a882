# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Checks of single values of the account record. Each returns what is wrong, in words that follow the field's name."""

from __future__ import annotations

import difflib
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Check = Callable[[Any], list[str]]  #: what is wrong with a value, in words that follow the variable's name

REGION = re.compile(r"[a-z]{2,4}(-[a-z]+){1,2}-\d{1,2}")
ROLE = re.compile(r"[\w+=,.@-]{1,64}")
QUEUE = re.compile(r"[A-Za-z0-9_-]{1,80}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
ARN = re.compile(r"arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:(\d{12})?:.+")
EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)  # STS API Reference, AssumeRole, ExternalId


def account_id(value: Any) -> list[str]:
    """Check a string of 12 digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return [f'is the number {value}; numbers lose leading zeros, so write the 12 digits in quotes: "{value:012d}"']
    if not isinstance(value, str):
        return [f'is {shown(value)}; write the 12 digits in quotes: "111111111111"']
    if re.fullmatch(r"[0-9]{12}", value):
        return []
    if re.fullmatch(r"[0-9]{4}-[0-9]{4}-[0-9]{4}", value):
        return [f'is {value!r}; write it without hyphens: "{value.replace("-", "")}"']
    if re.fullmatch(r"[0-9]+", value):
        return [f"is {value!r}, which has {len(value)} digits; an AWS account id has 12"]
    return [f"is {value!r}; an AWS account id is 12 digits and nothing else"]


def account_uuid(value: Any) -> list[str]:
    """Check a UUID in its canonical lower-case form (RFC 4122): it becomes part of bucket names."""
    try:
        parsed = uuid.UUID(value)
    except (ValueError, TypeError, AttributeError):
        return [f"is {shown(value)}, which is not a UUID, like 0f8fad5b-d9cb-469f-a165-70867728950e"]
    if str(parsed) != value:
        why = "has uppercase letters" if str(parsed) == value.lower() else "is not in the canonical form"
        return [f"is {value}, which {why}; it becomes part of bucket names, so write {parsed}"]
    if parsed.variant != uuid.RFC_4122 or parsed.version not in range(1, 9):
        return [f"is {value}, which no UUID generator makes (RFC 4122: version and variant); copy it again"]
    return []


def text(value: Any) -> list[str]:
    """Check a string."""
    return [] if isinstance(value, str) else [f"is {shown(value)}; write a text, in quotes where it looks otherwise"]


def boolean(value: Any) -> list[str]:
    """Check true or false."""
    return [] if isinstance(value, bool) else [f"is {shown(value)}; write true or false, without quotes"]


def external_id(value: Any) -> list[str]:
    """Check an external id, of which nothing is ever shown."""
    if not isinstance(value, str):
        return [f"is a {_kind(value)}, not a text; write it in quotes (it is not shown here)"]
    if not EXTERNAL_ID.fullmatch(value):
        return ["is not 2 to 1,224 letters, digits and _+=,.@:/- (it is not shown here); make a new one"]
    return []


def control_tower(value: Any) -> list[str]:
    """Check auto, true or false."""
    return [] if isinstance(value, bool) else one_of("auto", "true", "false")(value)


def one_of(*choices: str) -> Check:
    """Return the check of one of some words."""

    def check(value: Any) -> list[str]:
        if isinstance(value, str) and value in choices:
            return []
        near = difflib.get_close_matches(str(value), choices, n=1)
        meant = f"; is {near[0]} meant?" if near else ""
        return [f"is {shown(value)}; it is one of {', '.join(choices)}{meant}"]

    return check


def shaped(pattern: re.Pattern[str], what: str) -> Check:
    """Return the check of a string of one shape."""

    def check(value: Any) -> list[str]:
        return [] if isinstance(value, str) and pattern.fullmatch(value) else [f"is {shown(value)}; it is {what}"]

    return check


region = shaped(REGION, "a region's name, like us-east-1")
role_name = shaped(ROLE, "an IAM role's name, without a path")
queue_name = shaped(QUEUE, "a queue's name: at most 80 letters, digits, hyphens and underscores")


def principal(value: Any) -> list[str]:
    """Check an IAM principal: an ARN or an account id."""
    if isinstance(value, str) and ARN.fullmatch(value):
        return []
    return ["is neither an ARN nor an account id; " + fault for fault in account_id(value)]


def list_of(check: Check) -> Check:
    """Return the check of a list whose entries all pass a check."""

    def check_list(value: Any) -> list[str]:
        if isinstance(value, str) or not isinstance(value, Sequence):
            return [f"is {shown(value)}; write a list, also for one entry: [...]"]
        return [f"entry {number} {fault}" for number, entry in enumerate(value, 1) for fault in check(entry)]

    return check_list


def fields(required: Mapping[str, Check], optional: Mapping[str, Check]) -> Check:
    """Return the check of a mapping with these keys."""
    known = {**required, **optional}

    def check(value: Any) -> list[str]:
        if not isinstance(value, Mapping):
            return [f"is {shown(value)}; write a mapping of {', '.join(known)}"]
        faults = [f"has no {key}; add it" for key in required if value.get(key) in (None, "")]
        for key, entry in value.items():
            if key not in known:
                faults.append(f"has {key}, which is unknown; {meant(str(key), tuple(known))}")
            elif entry is not None and (key in required or entry != ""):
                faults += [f"{key} {fault}" for fault in known[key](entry)]
        return faults

    return check


def region_to_region(value: Any) -> list[str]:
    """Check a mapping of regions to the regions that serve them."""
    if not isinstance(value, Mapping):
        return [f"is {shown(value)}; write a mapping of regions: {{af-south-1: eu-west-1}}"]
    return [f"{key}: {fault}" for key, to in value.items() for name in (key, to) for fault in region(name)]


def access_roles(value: Any) -> list[str]:
    """Check the list of roles by which the account is reached."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        return [f"is {shown(value)}; write a list, also for one role: [Rackspace]"]
    faults = []
    for number, entry in enumerate(value, 1):
        role = {"name": entry} if isinstance(entry, str) else entry
        if not isinstance(role, Mapping) or not role.get("name"):
            faults.append(f"entry {number} is neither a role's name nor {{name: ..., via: ...}}")
        elif surplus := sorted(set(role) - {"name", "via"}):
            # told by name only: what stands there may be an external id
            faults.append(
                f"role {role['name']} has {', '.join(map(str, surplus))}; an entry has a name and via, and the "
                "external id is account_external_id"
            )
        elif role.get("via") not in {None, "provider", "management", "base"}:
            faults.append(f"{role['name']}: via is {role['via']!r}; it is one of provider, management, base")
    return faults


def reasons(value: Any) -> list[str]:
    """Check a mapping of names to reasons; which names there are is checked by ``default_faults``."""
    if not isinstance(value, Mapping):
        return [f"is {shown(value)}; write a mapping of account defaults to reasons: {{config: <reason>}}"]
    wrong = [name for name, reason in value.items() if not isinstance(reason, str | None)]
    return [f"{name}: the reason is {shown(value[name])}; write a text" for name in wrong]


cloudhealth = fields(
    {},
    {
        "account_id": account_id,
        "external_ids": list_of(external_id),
        "policy": lambda value: [] if isinstance(value, (str, Mapping)) else ["is neither a path nor a document"],
        "role_name": role_name,
    },
)
organization = fields(
    {"management_account_id": account_id},
    {"id": shaped(re.compile(r"o-[a-z0-9]{10,32}"), "an organization's id, like o-exampleorgid"),
     "management_role": role_name},
)  # fmt: skip
queues = fields({}, {"cloudtrail": queue_name, "awsconfig": queue_name, "support": queue_name})


def _kind(value: Any) -> str:
    kinds = {bool: "boolean", int: "number", float: "number", Mapping: "mapping", Sequence: "list"}
    return next((word for kind, word in kinds.items() if isinstance(value, kind)), type(value).__name__)


def shown(value: Any) -> str:
    """Return a value as a message shows it: its text, or what kind of thing it is."""
    if isinstance(value, str):
        return repr(str(value))
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "empty"}[value]
    return f"the {_kind(value)} {value}" if isinstance(value, int | float) else f"a {_kind(value)}"


def meant(name: str, known: tuple[str, ...]) -> str:
    """Return what a misspelt name may be meant to be, or where to look."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
    if near:
        return f"is {near[0]} meant?"
    return f"known are {', '.join(known)}" if len(known) <= 30 else "see docs/inventory.md for what a record may hold"
