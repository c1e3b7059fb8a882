# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a policy says of one request, as far as that can be known: only a certain answer is given as one.

Grammar and evaluation: IAM User Guide, "Policy evaluation logic" and "IAM JSON policy elements: Condition operators".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import policies

SNS = "sns.amazonaws.com"  # as whom SNS delivers, but from and to opt-in regions
ALLOWED, DENIED, NOT_ALLOWED, UNSURE = "allowed", "denied", "not_allowed", "unsure"


@dataclass(frozen=True)
class Request:
    """What somebody asks of a resource that has a policy.

    Attributes:
        principals: kind (Service, AWS) -> every name by which a policy may mean the caller.
        context: condition key in lower case -> its value; a key that is not in it is unknown, not absent.
    """

    principals: Mapping[str, set[str]]
    action: str
    resource: str
    context: Mapping[str, str]


def of_topic(topic_arn: str, account_id: str, action: str, resource: str, service: str = SNS) -> Request:
    """Return what a service asks on behalf of an account's topic."""
    context = {
        "aws:sourcearn": topic_arn,
        "aws:sourceaccount": account_id,
        "aws:securetransport": "true",
        "aws:principalisawsservice": "true",
    }
    return Request({"Service": {service}}, action, resource, context)


def decide(document: str | Mapping[str, Any] | None, request: Request) -> str:
    """Return whether a resource's policy admits a request: allowed, denied, not_allowed, or unsure."""
    allows: list[bool | None] = []
    denies: list[bool | None] = []
    for statement in policies.statements(document):
        (denies if statement.get("Effect") == "Deny" else allows).append(_applies(statement, request))
    if True in denies:
        return DENIED
    if None in denies:
        return UNSURE
    if True in allows:
        return ALLOWED
    return UNSURE if None in allows else NOT_ALLOWED


def denied_by(document: str | Mapping[str, Any] | None, request: Request) -> str:
    """Return the ids of the statements that certainly deny a request; the number of one that has no id."""
    return ", ".join(
        str(statement.get("Sid") or number)
        for number, statement in enumerate(policies.statements(document), 1)
        if statement.get("Effect") == "Deny" and _applies(statement, request)
    )


def _applies(statement: Mapping[str, Any], request: Request) -> bool | None:
    return _all(
        _principal(statement, request.principals),
        _pattern(statement, "Action", request.action.lower(), str.lower),
        _pattern(statement, "Resource", request.resource, str),
        _conditions(statement.get("Condition", {}), request.context),
    )


def _all(*answers: bool | None) -> bool | None:
    """Return false where one is false, else None where one is not known."""
    if False in answers:
        return False
    return None if None in answers else True


def _principal(statement: Mapping[str, Any], principals: Mapping[str, set[str]]) -> bool | None:
    if "NotPrincipal" in statement:
        return None
    return any(
        "*" in names or bool(principals.get(kind, set()) & set(names))
        for kind, names in statement.get("Principal", {}).items()
        if kind in principals or kind == "AWS"
    )


def _pattern(statement: Mapping[str, Any], key: str, value: str, form: Any) -> bool | None:
    if f"Not{key}" in statement:
        return not any(like(form(pattern), value) for pattern in statement[f"Not{key}"])
    return any(like(form(pattern), value) for pattern in statement.get(key, ["*"]))


def _conditions(conditions: Mapping[str, Any], context: Mapping[str, str]) -> bool | None:
    return _all(
        *(
            _condition(operator.lower(), values, context.get(key.lower()))
            for operator, keys in conditions.items()
            for key, values in keys.items()
        )
    )


def _condition(operator: str, values: list[str], actual: str | None) -> bool | None:
    operator = operator.removesuffix("ifexists")
    if actual is None:
        return None
    if operator in {"stringequals", "bool"}:
        return actual in values
    if operator == "stringequalsignorecase":
        return actual.lower() in [value.lower() for value in values]
    if operator == "stringlike":
        return any(like(value, actual) for value in values)
    if operator in {"arnlike", "arnequals"}:
        return any(arn_like(value, actual) for value in values)
    opposites = {"stringnotequals": "stringequals", "stringnotlike": "stringlike"}
    opposites |= {"arnnotlike": "arnlike", "arnnotequals": "arnequals"}
    if operator in opposites:
        answer = _condition(opposites[operator], values, actual)
        return None if answer is None else not answer
    return None


def like(pattern: str, value: str) -> bool:
    """Tell whether a text is like a pattern with * and ?."""
    return re.fullmatch("".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern), value) is not None


def arn_like(pattern: str, value: str) -> bool:
    """Tell whether an ARN is like a pattern, part by part: a * does not reach over a colon."""
    if pattern == "*":
        return True
    patterns, parts = pattern.split(":", 5), value.split(":", 5)
    return len(patterns) == len(parts) and all(like(p, v) for p, v in zip(patterns, parts, strict=True))
