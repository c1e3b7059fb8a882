"""A small evaluator of AWS policy documents: who may do what, on which resource, under which conditions.

Source: IAM user guide, "Policy evaluation logic" and "IAM JSON policy elements" (reference_policies_elements.html,
reference_policies_elements_condition_operators.html). An explicit deny wins; no matching statement decides nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

Context = Mapping[str, Any]


@dataclass(frozen=True)
class Principal:
    """Who calls: an identity of an account, or an AWS service (then `service` is its principal)."""

    account: str = ""
    arn: str = ""  # as GetCallerIdentity gives it
    identity_arn: str = ""  # the role behind a session, or the user itself
    service: str = ""
    role_id: str = ""  # of the role behind a session: one made anew by the same name is another
    issued: float = 0.0  # when the session began, in seconds since the epoch
    task_policy: str = ""  # the document that bounds a session of AssumeRoot


def as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def load(document: Any) -> dict[str, Any]:
    """A document as a dictionary; text that is no JSON object is no policy and admits nobody."""
    if isinstance(document, (str, bytes)):
        try:
            document = json.loads(document)
        except ValueError:
            return {}
    return document if isinstance(document, dict) else {}


def statements(document: Any) -> list[dict[str, Any]]:
    return [entry for entry in as_list(load(document).get("Statement")) if isinstance(entry, dict)]


@lru_cache(maxsize=8192)
def _pattern(text: str, fold: bool) -> re.Pattern[str]:
    expression = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in text)
    return re.compile(f"^{expression}$", re.IGNORECASE | re.DOTALL if fold else re.DOTALL)


def like(pattern: str, value: str, *, fold: bool = False) -> bool:
    """Whether a value matches a pattern with `*` and `?`."""
    return bool(_pattern(pattern, fold).match(value))


def evaluate(document: Any, principal: Principal, action: str, resource: str, context: Context) -> str:
    """`allow`, `deny` or "" (no statement applies) of one resource or trust policy."""
    return _decide(document, action, resource, context, lambda entry: _principal_applies(entry, principal))


def evaluate_identity(documents: Iterable[Any], action: str, resource: str, context: Context) -> str:
    """The same over the policies of one identity, or SCPs: their statements name no principal."""
    verdict = ""
    for document in documents:
        decision = _decide(document, action, resource, context, lambda _entry: True)
        if decision == "deny":
            return "deny"
        verdict = verdict or decision
    return verdict


def _decide(
    document: Any, action: str, resource: str, context: Context, applies: Callable[[dict[str, Any]], bool]
) -> str:
    keys = {key.lower(): value for key, value in context.items()}
    verdict = ""
    for entry in statements(document):
        if not (applies(entry) and _action_applies(entry, action) and _resource_applies(entry, resource, keys)):
            continue
        if not conditions_hold(entry.get("Condition"), keys):
            continue
        if entry.get("Effect") == "Deny":
            return "deny"
        if entry.get("Effect") == "Allow":
            verdict = "allow"
    return verdict


def _principal_applies(entry: dict[str, Any], principal: Principal) -> bool:
    if "NotPrincipal" in entry:
        return not _names(entry["NotPrincipal"], principal)
    return _names(entry.get("Principal"), principal)


def _names(element: Any, principal: Principal) -> bool:
    if element == "*":
        return True
    if not isinstance(element, dict):
        return False
    if principal.service:
        return principal.service in as_list(element.get("Service")) or "*" in as_list(element.get("AWS"))
    root = f"arn:aws:iam::{principal.account}:root"
    own = {"*", principal.account, root, principal.arn, principal.identity_arn}
    return any(value in own for value in as_list(element.get("AWS")) if value)


def _action_applies(entry: dict[str, Any], action: str) -> bool:
    if "NotAction" in entry:
        return not any(like(str(pattern), action, fold=True) for pattern in as_list(entry["NotAction"]))
    return any(like(str(pattern), action, fold=True) for pattern in as_list(entry.get("Action")))


def _resource_applies(entry: dict[str, Any], resource: str, keys: Context) -> bool:
    if "NotResource" in entry:
        return not any(like(_fill(str(p), keys), resource) for p in as_list(entry["NotResource"]))
    if "Resource" not in entry:  # a trust policy names no resource: it is attached to it
        return True
    return any(like(_fill(str(pattern), keys), resource) for pattern in as_list(entry["Resource"]))


def _fill(text: str, keys: Context) -> str:
    if "${" not in text:
        return text
    return re.sub(r"\$\{([^}]+)\}", lambda match: str(keys.get(match.group(1).lower(), match.group(0))), text)


def _number(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    def check(value: str, wanted: str) -> bool:
        try:
            return compare(float(value), float(wanted))
        except ValueError:
            return False

    return check


def _moment(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        parsed = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()


def _date(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    def check(value: str, wanted: str) -> bool:
        try:
            return compare(_moment(value), _moment(wanted))
        except ValueError:
            return False

    return check


def _arn_like(value: str, wanted: str) -> bool:
    """Each of the six parts of an ARN is matched by itself (ArnEquals and ArnLike behave identically)."""
    left, right = value.split(":", 5), wanted.split(":", 5)
    return len(left) == len(right) and all(like(b, a) for a, b in zip(left, right, strict=True))


OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "stringequals": lambda value, wanted: value == wanted,
    "stringequalsignorecase": lambda value, wanted: value.lower() == wanted.lower(),
    "stringlike": lambda value, wanted: like(wanted, value),
    "arnequals": _arn_like,
    "arnlike": _arn_like,
    "bool": lambda value, wanted: value.lower() == wanted.lower(),
    "numericequals": _number(lambda a, b: a == b),
    "numericlessthan": _number(lambda a, b: a < b),
    "numericlessthanequals": _number(lambda a, b: a <= b),
    "numericgreaterthan": _number(lambda a, b: a > b),
    "numericgreaterthanequals": _number(lambda a, b: a >= b),
    "dateequals": _date(lambda a, b: a == b),
    "datelessthan": _date(lambda a, b: a < b),
    "datelessthanequals": _date(lambda a, b: a <= b),
    "dategreaterthan": _date(lambda a, b: a > b),
    "dategreaterthanequals": _date(lambda a, b: a >= b),
}
NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
}


def known_operator(name: str) -> bool:
    base = name.lower().split(":", 1)[-1].removesuffix("ifexists")
    return base in OPERATORS or base in NEGATED or base in ("null", "ipaddress", "notipaddress", "binaryequals")


def conditions_hold(condition: Any, keys: Context) -> bool:
    """All operators and all keys must hold; one of a key's values is enough. `keys` are in lower case."""
    for operator, pairs in (condition or {}).items():
        for key, wanted in pairs.items():
            if not _holds(operator.lower(), keys.get(key.lower()), [_text(w) for w in as_list(wanted)], keys):
                return False
    return True


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _holds(operator: str, actual: Any, wanted: list[str], keys: Context) -> bool:
    quantifier, _, name = operator.rpartition(":")
    if name == "null":
        return any((actual is None) == (text.lower() == "true") for text in wanted)
    optional = name.endswith("ifexists")
    name = name.removesuffix("ifexists")
    negated = name in NEGATED
    check = OPERATORS.get(NEGATED.get(name, name))
    if check is None:
        return False
    if actual is None:
        return optional or negated or quantifier == "forallvalues"
    targets = [_fill(text, keys) for text in wanted]
    hits = [any(check(_text(value), target) for target in targets) for value in as_list(actual)]
    if negated:
        hits = [not hit for hit in hits]
    return any(hits) if quantifier == "foranyvalue" else all(hits)
