# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Sessions over moto whose calls are judged: STS by a role's trust, IAM by the policies that its role still has."""

from __future__ import annotations

import json
import types
from typing import Any

from moto.iam.models import iam_backends

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import policies
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import is_read

BASE = "123456789012"  # where moto's unknown keys lead
MEMBER, PROVIDER, MANAGEMENT, STRANGER = "111111111111", "999999999999", "888888888888", "555555555555"
EXTERNAL_ID = "an-external-id-nobody-may-see"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
IN_MEMBER = f"arn:aws:iam::{MEMBER}:role/"


class Judge:
    """Stands before every call of every session that is made.

    Attributes:
        calls: caller's role ("" where it assumed none), operation, arguments.
        closed: roles outside of the account that nobody may assume.
        codes: an operation -> the codes with which its next calls are refused; "" judges one.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, dict[str, Any]]] = []
        self.closed: set[str] = set()
        self.codes: dict[str, list[str]] = {}

    def watch(self, session: Any) -> Any:
        """Stand before the calls of a session."""

        def record(params: dict[str, Any], model: Any, **_: Any) -> None:
            self.calls.append((self._role(session)[1].rsplit("/", 1)[-1], model.name, dict(params)))

        def before(model: Any, params: Any, **_: Any) -> Any:
            account, role = self._role(session)
            code = self._refusal(model.name, params["body"], account, role)
            if not code:
                return None
            error = {"Error": {"Code": code, "Message": "refused by the test"}, "ResponseMetadata": {}}
            return types.SimpleNamespace(status_code=400, headers={}, content=b"", text="", raw=None), error

        session.register("provide-client-params", record)
        session.register("before-call", before)
        return session

    def _role(self, session: Any) -> tuple[str, str]:
        key = session.get_credentials().get_frozen_credentials().access_key
        for account in (MEMBER, PROVIDER, MANAGEMENT):
            found = iam_backends[account]["aws"].access_keys.get(key)
            if found:
                return account, str(found.role_arn)
        return BASE, ""

    def _refusal(self, operation: str, body: Any, account: str, role: str) -> str:
        code = self.codes[operation].pop(0) if self.codes.get(operation) else ""
        if code:
            return code
        if operation == "AssumeRole":
            return "" if self._may_assume(body, account, role) else "AccessDenied"
        if account == MEMBER and operation != "GetCallerIdentity":
            held = role_of(role)
            return "" if held and (held.managed_policies or held.policies) else "AccessDenied"
        return ""

    def _may_assume(self, body: Any, account: str, role: str) -> bool:
        arn = body["RoleArn"]
        if not arn.startswith(IN_MEMBER):
            return arn not in self.closed
        held = role_of(arn)
        if held is None:
            return False
        trust = held.assume_role_policy_document
        if any(statement["Effect"] == "Deny" for statement in policies.statements(trust)):
            return False
        wanted = policies.condition_values(trust, policies.EXTERNAL_ID)
        admitted = bool({"*", account, role} & policies.principals(trust))
        return admitted and (not wanted or body.get("ExternalId") in wanted)

    @property
    def writes(self) -> list[tuple[str, str]]:
        """Caller's role and operation of every write, in order."""
        return [(role, name) for role, name, _ in self.calls if not is_read(name)]


def role_of(arn: str) -> Any:
    """Return a role of the account as moto holds it, or None."""
    return next((role for role in iam_backends[MEMBER]["aws"].roles.values() if role.arn == arn), None)


def names() -> set[str]:
    """Return the names of the account's roles."""
    return {role.name for role in iam_backends[MEMBER]["aws"].roles.values()}


def trust_of(name: str) -> dict[str, Any]:
    """Return a role's trust policy."""
    found: dict[str, Any] = policies.parse(role_of(IN_MEMBER + name).assume_role_policy_document)
    return found


def document(*principals: str, external_id: str = "") -> str:
    """Return a trust policy."""
    condition = {"Condition": {"StringEquals": {"sts:ExternalId": external_id}}} if external_id else {}
    statement = {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": "sts:AssumeRole", **condition}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
