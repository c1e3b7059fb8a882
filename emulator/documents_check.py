"""Whether a policy document is one that AWS accepts: grammar, ids, principals, actions, resources.

Source: IAM user guide, "Grammar of the IAM JSON policy language" (reference_policies_grammar.html) and "AWS JSON policy
elements: Principal" (reference_policies_elements_principal.html); for what each service adds see its rule.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from moto.iam.models import iam_backends

from emulator.policy import as_list, known_operator, like

ELEMENTS = {
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
}  # fmt: skip
ARN = re.compile(r"^arn:aws:(iam|sts)::(\d{12}):(root|(role|user|assumed-role|federated-user)/.+)$")
SERVICE = re.compile(r"^[a-z0-9.-]+\.(amazonaws\.com|amazon\.com|aws\.internal)$")


@dataclass(frozen=True)
class Kind:
    """What a service asks of its documents beyond the grammar."""

    prefixes: tuple[str, ...]
    resource: bool = True  # whether statements name resources
    size: int = 0
    any_resource: bool = True  # whether "*" stands for the resource itself
    unique_sids: bool = True


TRUST = Kind(("sts",), resource=False)
BUCKET = Kind(("s3",), size=20_480, any_resource=False)
TOPIC = Kind(("sns",), size=30_720)
QUEUE = Kind(("sqs",), size=8_192)
BUS = Kind(("events",), size=10_240)


def check_document(text: Any, kind: Kind, resources: Iterable[str] = ()) -> str:
    """What is wrong with a document, "" if nothing. `resources`: ARN patterns that its resources must match."""
    if isinstance(text, str) and kind.size and len(text.encode()) > kind.size:
        return f"Policy exceeds the maximum of {kind.size} bytes"
    try:
        document = json.loads(text) if isinstance(text, (str, bytes)) else text
    except ValueError:
        return "This policy contains invalid Json"
    if not isinstance(document, dict):
        return "Policies must be valid JSON objects and the first byte must be '{'"
    if document.get("Version", "2008-10-17") not in ("2008-10-17", "2012-10-17"):
        return "The policy must contain a valid version string"
    unknown = set(document) - {"Version", "Id", "Statement"}
    if unknown:
        return f"Syntax errors in policy: unknown element {sorted(unknown)[0]}"
    statements = as_list(document.get("Statement"))
    if not statements or not all(isinstance(entry, dict) for entry in statements):
        return "Missing required field Statement"
    sids = [entry["Sid"] for entry in statements if entry.get("Sid")]
    if kind.unique_sids and len(sids) != len(set(sids)):
        return "Statement IDs (SID) in a single policy must be unique."
    for entry in statements:
        problem = _statement(entry, kind, list(resources))
        if problem:
            return problem
    return ""


def _statement(entry: dict[str, Any], kind: Kind, resources: list[str]) -> str:
    unknown = set(entry) - ELEMENTS
    if unknown:
        return f"Syntax errors in policy: unknown element {sorted(unknown)[0]}"
    if entry.get("Effect") not in ("Allow", "Deny"):
        return f"Invalid effect: {entry.get('Effect')}"
    if "Principal" not in entry and "NotPrincipal" not in entry:
        return "Missing required field Principal"
    problem = _principal(entry.get("Principal", entry.get("NotPrincipal")))
    if problem:
        return problem
    actions = as_list(entry.get("Action", entry.get("NotAction")))
    if not actions:
        return "Missing required field Action"
    for action in actions:
        prefix = str(action).split(":", 1)[0].lower()
        if action != "*" and (":" not in str(action) or prefix not in kind.prefixes):
            return f"Policy has invalid action {action}"
    if not kind.resource:
        if "Resource" in entry or "NotResource" in entry:
            return "Has prohibited field Resource"
    else:
        named = as_list(entry.get("Resource", entry.get("NotResource")))
        if not named:
            return "Missing required field Resource"
        for one in named:
            if resources and not _within(str(one), resources, kind):
                return f"Policy has invalid resource {one}"
    return _condition(entry.get("Condition"))


def _within(resource: str, patterns: list[str], kind: Kind) -> bool:
    return (kind.any_resource and resource == "*") or any(like(pattern, resource) for pattern in patterns)


def _principal(element: Any) -> str:
    if element == "*":
        return ""
    if not isinstance(element, dict) or not element:
        return "Invalid principal in policy"
    for kind, values in element.items():
        if kind not in ("AWS", "Service", "Federated", "CanonicalUser") or not as_list(values):
            return f'Invalid principal in policy: "{kind}"'
        for value in as_list(values):
            if kind == "AWS" and not known_principal(str(value)):
                return f'Invalid principal in policy: "AWS":"{value}"'
            if kind == "Service" and not SERVICE.match(str(value)):
                return f'Invalid principal in policy: "SERVICE":"{value}"'
    return ""


def known_principal(value: str) -> bool:
    """Whether an AWS principal is well formed and, in an account that is known here, exists."""
    if value == "*" or re.fullmatch(r"\d{12}", value):
        return True
    match = ARN.match(value)
    if not match:
        return False
    if match.group(1) == "sts" or match.group(3) == "root" or match.group(2) not in iam_backends:
        return True
    backend = iam_backends[match.group(2)]["aws"]
    held = list(backend.roles.values()) if match.group(4) == "role" else list(backend.users.values())
    return any(one.arn == value for one in held)


def _condition(condition: Any) -> str:
    if condition is None:
        return ""
    if not isinstance(condition, dict):
        return "Syntax errors in policy: Condition must be an object"
    for operator, pairs in condition.items():
        if not known_operator(operator):
            return f"Invalid Condition type : {operator}"
        if not isinstance(pairs, dict) or not pairs:
            return f"Syntax errors in policy: {operator} must name keys"
    return ""
