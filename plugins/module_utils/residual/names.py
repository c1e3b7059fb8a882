# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Whom policies and permissions are searched for, and what a statement that names them says.

Pure functions over documents as policies.py has them. Only what a statement allows counts: a Deny that names the
provider is no way in. Nothing else of the policy is weighed against it, neither a Deny beside it, nor S3's public
access block, nor an SCP.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import policies

EVERYBODY = "*"
#: condition keys that say nothing of the caller: they speak of the resource, or hold a secret
NOT_THE_CALLER = frozenset(
    key.lower()
    for key in (
        "aws:ResourceAccount",
        "aws:ResourceOrgID",
        "aws:ResourceOrgPaths",
        "s3:ResourceAccount",
        policies.EXTERNAL_ID,
    )
)
#: condition keys that confine a statement to known callers, beside those of policies.CONFINING
CONFINING_TOO = frozenset(
    key.lower()
    for key in (
        "kms:CallerAccount",
        "aws:PrincipalServiceName",
        "aws:VpceAccount",
        "aws:VpceOrgID",
        "aws:VpceOrgPaths",
        "s3:DataAccessPointArn",
    )
)
#: and those that do it by being true: the caller is a service of AWS, or inside the network of the file system
CONFINING_IF_TRUE = frozenset({"aws:principalisawsservice", "elasticfilesystem:accessedviamounttarget"})
SHOWN = 3  #: as many actions are named; more are counted


@dataclass(frozen=True)
class Match:
    """What was found: the names, sorted, and in words what they may do."""

    names: tuple[str, ...]
    detail: str


class Names:
    """The accounts, the organization and the identity providers that are searched for.

    Args:
        own: the id of the account that is searched; it names itself everywhere, and a payer is one of the provider's.
        accounts: ids of accounts.
        organization: an organization's id, or "".
        identity_providers: texts by which the provider's identity providers and users are known, in any case.
    """

    def __init__(
        self, own: str, accounts: Iterable[str], organization: str = "", identity_providers: Iterable[str] = ()
    ) -> None:
        self.accounts = frozenset(accounts) - {own, ""}
        self.organization = organization
        self.texts = tuple(text for text in identity_providers if text)
        words = sorted({*self.accounts, *filter(None, [organization])})
        # whole words only: twelve digits within longer ones are no account
        self._pattern = re.compile(rf"(?<![A-Za-z0-9])({'|'.join(map(re.escape, words)) or '(?!)'})(?![A-Za-z0-9])")

    def in_text(self, text: str) -> set[str]:
        """Return the accounts and the organization that an ARN, an id or a condition's value names."""
        return set(self._pattern.findall(text))

    def in_principal(self, principal: str) -> set[str]:
        """Return whom a principal of a permission names; * for everybody, which EC2 and RDS call ``all``."""
        return {EVERYBODY} if principal in {EVERYBODY, "all"} else self.in_text(principal)

    def in_identity(self, text: str) -> set[str]:
        """Return whom the name, address or tag of an identity names, the texts of identity providers among them."""
        return self.in_text(text) | {known for known in self.texts if known.lower() in text.lower()}

    def in_grants(self, grants: Iterable[tuple[str, str]]) -> list[Match]:
        """Return the matches among pairs of a principal and what it is granted."""
        found = ((principal, what, self.in_principal(principal)) for principal, what in grants)
        return [
            Match(tuple(sorted(names)), f"{what} for {'everybody' if EVERYBODY in names else principal}")
            for principal, what, names in found
            if names
        ]

    def in_document(
        self, document: str | Mapping[str, Any] | None, also: Mapping[str, Iterable[str]] | None = None
    ) -> list[Match]:
        """Return a match for each statement that lets somebody in who is searched for.

        Args:
            also: principals that are known by other means -> whom they name, canonical user ids for instance.
        """
        found = []
        for number, statement in enumerate(policies.statements(document), 1):
            names = self._in_statement(statement, also or {})
            if names:
                found.append(Match(tuple(sorted(names)), self._told(statement, number, also or {})))
        return found

    def _in_statement(self, statement: Mapping[str, Any], also: Mapping[str, Iterable[str]]) -> set[str]:
        if statement.get("Effect") != "Allow":
            return set()
        found = {EVERYBODY} if opens_to_world(statement) else set()
        for kind, principal in _principals(statement):
            found |= self._of_principal(kind, principal, also)
        for _dummy, value in self._matching_conditions(statement):
            found |= self._of_value(statement, value)
        return found

    def _of_principal(self, kind: str, principal: str, also: Mapping[str, Iterable[str]]) -> set[str]:
        look = self.in_identity if kind == "Federated" else self.in_text
        return look(principal) | set(also.get(principal, ()))

    def _of_value(self, statement: Mapping[str, Any], value: str) -> set[str]:
        return self.in_identity(value) if "Federated" in statement.get("Principal", {}) else self.in_text(value)

    def _matching_conditions(self, statement: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Return key and value of every condition by which the caller has to be somebody who is searched for."""
        return [
            (key, value)
            for operator, keys in statement.get("Condition", {}).items()
            if _compares(operator)
            for key, values in keys.items()
            if key.lower() not in NOT_THE_CALLER
            for value in values
            if self._of_value(statement, value)
        ]

    def _told(self, statement: Mapping[str, Any], number: int, also: Mapping[str, Iterable[str]]) -> str:
        """Return in words which statement it is, what it allows and to whom; never the value of an external id."""
        everyone = _principals(statement)
        named = [principal for kind, principal in everyone if self._of_principal(kind, principal, also)]
        told = named or [principal for dummy, principal in everyone]
        who = ", ".join("everybody" if principal == EVERYBODY else principal for principal in told)
        if "NotPrincipal" in statement:
            excepted = [name for values in statement["NotPrincipal"].values() for name in values]
            who = f"everybody but {', '.join(excepted)}"
        conditions = [f"{key} is {value}" for key, value in self._matching_conditions(statement)]
        others = sorted({key for keys in statement.get("Condition", {}).values() for key in keys})
        where = f" where {' and '.join(conditions)}" if conditions else ""
        if others and not conditions:
            where = f", under conditions on {', '.join(others)}"
        return f"statement {statement.get('Sid') or number} allows {_actions(statement)} to {who}{where}"


def opens_to_world(statement: Mapping[str, Any]) -> bool:
    """Tell whether a canonical statement allows everybody, the provider among them, with nothing that confines it."""
    if not policies.opens_to_world(statement):
        return False
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            if key.lower() in CONFINING_TOO and _confines(operator) and all(map(_names_an_owner, values)):
                return False
            if key.lower() in CONFINING_IF_TRUE and operator.lower() == "bool" and values == ["true"]:
                return False
    return True


def _principals(statement: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return kind and name of every principal of a canonical statement."""
    return [(kind, name) for kind, names in statement.get("Principal", {}).items() for name in names]


def _compares(operator: str) -> bool:
    """Tell whether an operator of a condition demands one of its values, if only where the key is there."""
    bare = operator.lower().removeprefix("foranyvalue:").removeprefix("forallvalues:").removesuffix("ifexists")
    return bare in policies.CONFINING_OPERATORS


def _confines(operator: str) -> bool:
    """Tell whether an operator demands one of its values always."""
    return operator.lower().removeprefix("foranyvalue:") in policies.CONFINING_OPERATORS


def _names_an_owner(value: str) -> bool:
    """Tell whether a condition's value names an account or organization, rather than a pattern that anybody meets."""
    parts = value.split(":")
    owner = parts[4] if parts[0] == "arn" and len(parts) > 5 else value.split("/")[0]
    return not {"*", "?"} & set(owner)


def _actions(statement: Mapping[str, Any]) -> str:
    actions = statement.get("Action") or statement.get("NotAction") or []
    more = f" and {len(actions) - SHOWN} more" if len(actions) > SHOWN else ""
    shown = ", ".join(actions[:SHOWN]) + more
    return shown if "Action" in statement else f"everything but {shown}"
