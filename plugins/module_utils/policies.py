# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""IAM policy documents as data: one canonical form, our statements among others', and what opens to the world.

Pure functions. A document is a dict as AWS's JSON has it; canonical means: statements in a list, actions,
resources, principals and condition values as sorted lists, an account's root as the account's id.
Grammar: IAM User Guide, "Grammar of the IAM JSON policy language".
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

Statement = dict[str, Any]
Document = dict[str, Any]

VERSION = "2012-10-17"
EXTERNAL_ID = "sts:externalid"

#: condition keys that confine a statement whose principal is "*" to known callers
CONFINING = frozenset(
    key.lower()
    for key in (
        "aws:SourceAccount",
        "aws:SourceArn",
        "aws:SourceOwner",
        "aws:SourceOrgID",
        "aws:SourceVpc",
        "aws:SourceVpce",
        "aws:PrincipalAccount",
        "aws:PrincipalArn",
        "aws:PrincipalOrgID",
        "aws:PrincipalOrgPaths",
        "aws:userid",
        "s3:DataAccessPointAccount",
    )
)
#: operators that compare with values; an IfExists or a negated one confines nobody
CONFINING_OPERATORS = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"})


def parse(document: str | Mapping[str, Any] | None) -> Document:
    """Return a policy document as a dict; an absent one has no statements."""
    if not document:
        return {"Version": VERSION, "Statement": []}
    found = json.loads(document) if isinstance(document, str) else dict(document)
    return {**found, "Statement": _list(found.get("Statement", []))}


def statements(document: str | Mapping[str, Any] | None) -> list[Statement]:
    """Return the statements of a document, each canonical, in their order."""
    return [canonical(statement) for statement in parse(document)["Statement"]]


def canonical_document(document: str | Mapping[str, Any] | None) -> list[Statement]:
    """Return a document's canonical statements, sorted, so that two documents can be compared with ==."""
    return sorted(statements(document), key=lambda statement: json.dumps(statement, sort_keys=True))


def canonical(statement: Mapping[str, Any]) -> Statement:
    """Return a statement in the one form in which equal ones are equal."""
    result: Statement = {}
    for key, value in sorted(statement.items()):
        if key in {"Principal", "NotPrincipal"}:
            result[key] = _principals(value)
        elif key == "Condition":
            result[key] = {
                operator: {name: sorted(_texts(values)) for name, values in sorted(keys.items())}
                for operator, keys in sorted(value.items())
            }
        elif key in {"Action", "NotAction", "Resource", "NotResource"}:
            result[key] = sorted(set(_texts(value)))
        else:
            result[key] = value
    return result


def own(document: str | Mapping[str, Any] | None, sids: Iterable[str]) -> list[Statement]:
    """Return those canonical statements of a document that carry one of our statement ids, sorted by id."""
    ids = set(sids)
    return sorted((s for s in statements(document) if s.get("Sid") in ids), key=lambda s: str(s["Sid"]))


def merge(document: str | Mapping[str, Any] | None, ours: Iterable[Statement], sids: Iterable[str]) -> Document:
    """Return the document with our statements replaced by ``ours`` and everybody else's left as they are.

    Args:
        sids: all statement ids that we have ever used; those that are no longer wanted go.
    """
    ids = set(sids)
    kept = [s for s in parse(document)["Statement"] if s.get("Sid") not in ids]
    return {**parse(document), "Statement": kept + list(ours)}


def foreign_findings(document: str | Mapping[str, Any] | None, sids: Iterable[str], what: str) -> tuple[str, ...]:
    """Name the statements of others that open ``what`` to the world, or deny what ours may allow."""
    ids, findings = set(sids), []
    for number, statement in enumerate(statements(document), 1):
        does = "opens it to the world" if opens_to_world(statement) else _denies(statement)
        if does and statement.get("Sid") not in ids:
            findings.append(f"statement {statement.get('Sid') or number} of {what} {does} and is not ours")
    return tuple(findings)


def _denies(statement: Mapping[str, Any]) -> str:
    """Say what a statement denies to whom, where that may be an AWS service; "" where it only asks for TLS."""
    if statement.get("Effect") != "Deny" or _asks_for_tls(statement):
        return ""
    named = statement.get("Principal", {})
    if "NotPrincipal" not in statement and "Service" not in named and not any("*" in who for who in named.values()):
        return ""
    not_action, not_principal = statement.get("NotAction"), statement.get("NotPrincipal")
    actions = f"all but {', '.join(not_action)}" if not_action else ", ".join(statement.get("Action", []))
    names = sorted({name for who in (not_principal or named).values() for name in who})
    whom = f"all but {', '.join(names)}" if not_principal else ", ".join(names)
    return f"denies {actions} to {whom}"


def _asks_for_tls(statement: Mapping[str, Any]) -> bool:
    """Tell whether a canonical Deny statement applies to requests without TLS only."""
    return any(
        operator.lower() == "bool" and key.lower() == "aws:securetransport" and values == ["false"]
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    )


def opens_to_world(statement: Mapping[str, Any]) -> bool:
    """Tell whether a statement allows everybody, with no condition that confines it to known callers."""
    found = canonical(statement)
    if found.get("Effect") != "Allow":
        return False
    everybody = "NotPrincipal" in found or "*" in found.get("Principal", {}).get("AWS", [])
    return everybody and not any(
        key.lower() in CONFINING and all(_names_somebody(value) for value in values)
        for operator, keys in found.get("Condition", {}).items()
        # ForAllValues is true where the request has no such key
        if operator.lower().removeprefix("foranyvalue:") in CONFINING_OPERATORS
        for key, values in keys.items()
    )


def _names_somebody(value: str) -> bool:
    """Tell whether a condition's value names an account or organization, rather than a pattern that anybody meets."""
    parts = value.split(":")
    owner = parts[0].split("/")[0]  # of an organization's paths, of a user's id with the name of a session
    if parts[0] == "arn":
        owner = (parts[4] or parts[5]) if len(parts) > 5 else value  # a bucket's ARN has no account
    return not {"*", "?"} & set(owner)


def principals(document: str | Mapping[str, Any] | None) -> set[str]:
    """Return every principal that a trust policy allows, as account ids, ARNs and service names; * for everybody."""
    found: set[str] = set()
    for statement in statements(document):
        if statement.get("Effect") == "Allow":
            if "NotPrincipal" in statement:
                found.add("*")
            for values in statement.get("Principal", {}).values():
                found.update(values)
    return found


def mentions(document: str | Mapping[str, Any] | None, account_id: str) -> bool:
    """Tell whether a resource policy may admit an account: it names its id, or an organization, or anybody."""
    allowing = [statement for statement in statements(document) if statement.get("Effect") == "Allow"]
    keys = {key for statement in allowing for keys in statement.get("Condition", {}).values() for key in keys}
    return (
        account_id in json.dumps(allowing)
        or any("org" in key.lower() for key in keys)
        or any(opens_to_world(statement) for statement in allowing)
    )


def restrictions(document: str | Mapping[str, Any] | None) -> set[str]:
    """Return what narrows a policy beside its principals: the condition keys of what it allows, and Deny."""
    found: set[str] = set()
    for statement in statements(document):
        if statement.get("Effect") == "Deny":
            found.add("a Deny statement")
        else:
            found.update(key.lower() for keys in statement.get("Condition", {}).values() for key in keys)
    return found


def condition_values(document: str | Mapping[str, Any] | None, key: str) -> set[str]:
    """Return every value that an allowing statement demands of a condition key."""
    return {
        value
        for statement in statements(document)
        if statement.get("Effect") == "Allow"
        for keys in statement.get("Condition", {}).values()
        for name, values in keys.items()
        if name.lower() == key.lower()
        for value in values
    }


def fingerprint(secret: str) -> str:
    """Return a short hash that tells whether two external ids are the same and shows neither."""
    return "sha256:" + hashlib.sha256(secret.encode()).hexdigest()[:12]


def without_external_ids(found: Iterable[Statement]) -> list[Statement]:
    """Return canonical statements with every external id replaced by its fingerprint, fit to be shown."""
    return [
        {
            **statement,
            **(
                {
                    "Condition": {
                        operator: {
                            key: sorted(map(fingerprint, values)) if key.lower() == EXTERNAL_ID else values
                            for key, values in keys.items()
                        }
                        for operator, keys in statement["Condition"].items()
                    }
                }
                if "Condition" in statement
                else {}
            ),
        }
        for statement in found
    ]


def _principals(value: Any) -> dict[str, list[str]]:
    if isinstance(value, str):
        value = {"AWS": value}
    return {
        kind: sorted({_account(text) if kind == "AWS" else text for text in _texts(names)})
        for kind, names in sorted(value.items())
    }


def _account(principal: str) -> str:
    """Return a principal in one form: an account is named by its id or by its root's ARN, in any partition."""
    root = re.fullmatch(r"arn:[\w-]+:iam::(\d{12}):root", principal)
    return root[1] if root else principal


def _texts(value: Any) -> list[str]:
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in _list(value)]


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]
