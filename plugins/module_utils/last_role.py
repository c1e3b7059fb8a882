# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The entry of ``last_role``: the roles by which the provider comes in go, and that is proven (E6, E9).

A role is deleted by another principal. The last one cannot be: IAM judges a session by its role's policies as they are
at each call, and a role is deleted only after its policies. So it is neutralised: its trust admits nobody, its policies
go, and the account's owner deletes what is left.
Source: IAM User Guide, "Deleting roles or instance profiles"; IAM API Reference, DeleteRole.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import policies, role_removal
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import (
    AccountSession,
    Guard,
    SessionClients,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.provider_role import ProviderRole
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Entry, Run
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import (
    RecordError,
    error_code,
    is_denied,
    is_shut_out,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import (
    GLOBAL,
    Account,
    Observed,
    StopFlag,
    Target,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.naming import found
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.onboarding import PLAN_SPEC, check_options
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.proof import Proof
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.reach import ACCOUNT_SPEC
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.session import Access

DELETED, NEUTRALISED, KEPT, ABSENT, UNREAD = "deleted", "neutralised", "kept", "absent", "out_of_reach"

PATIENCE = 30.0  # seconds for what IAM sees late
PAUSE = 2.0

SPEC: dict[str, dict[str, Any]] = {
    **aws_argument_spec(),
    **ACCOUNT_SPEC,
    "ownership_tags": PLAN_SPEC["ownership_tags"],
    "provider_account_ids": {"type": "list", "elements": "str", "default": []},
    "provider_trusted_principals": {"type": "list", "elements": "str", "default": []},
    "keep_organization": {"type": "bool", "default": False},
    "confirm": {"type": "str", "default": ""},
    "proof_seconds": {"type": "int", "default": 300},
    "resumed": {"type": "bool", "default": False},
    "control_role_arn": {"type": "str"},
}

#: IAM actions that it calls in the account
PERMISSIONS = (
    "iam:GetRole",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
    "iam:ListInstanceProfilesForRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:RemoveRoleFromInstanceProfile",
    "iam:DeleteInstanceProfile",
    "iam:DetachRolePolicy",
    "iam:DeleteRolePolicy",
    "iam:DeleteRole",
)


@dataclass
class Role:
    """A role by which the provider comes in, and what becomes of it.

    Attributes:
        way: its entry of ``Access.ways``.
        session: in the account by this role; None where it cannot be assumed and no session is left.
        open: it could be assumed when the task began.
        goes: false where it is the account owner's to keep.
        trusted: whom it trusts, where it could be read and stays.
    """

    way: dict[str, Any]
    session: AccountSession | None
    open: bool
    goes: bool
    action: str = ""
    reason: str = ""
    customer_line: str = ""
    changed: bool = False
    trusted: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The role's name."""
        return str(self.way["name"])

    def row(self) -> dict[str, Any]:
        """Return what the result says of it."""
        return {
            "role": self.name,
            "via": self.way["via"],
            "action": self.action,
            "changed": self.changed,
            "reason": self.reason,
            "customer_line": self.customer_line,
        }


def operation(params: dict[str, Any], run: Run) -> dict[str, Any]:
    """Delete or neutralise the provider's ways in, the role in use at the end, and prove that none is left."""
    who = f"account {params['account_name'] or params['account_id']}"
    _check(params, who, run.check_mode)
    guard = Guard(run.check_mode, StopFlag(run.stopped))
    access = Access({**params, "fresh_credentials": True}, who, guard, run.botocore_loader)
    last = LastRoles(params, access)
    last.decide()
    proof = Proof(access, params.get("control_role_arn") or "", last.opened())
    left: list[str] = []
    diff = last.diff()
    if not run.check_mode:
        last.release()
        proof.take(last.tries(), params["proof_seconds"])
        left = last.left(proof)
    result: dict[str, Any] = {
        "changed": bool(diff) if run.check_mode else any(role.changed for role in last.roles),
        "roles": [role.row() for role in last.roles],
        "proof": proof.rows,
        "proven": not run.check_mode and not left and last.is_proven(proof),
        "ways_left": left,
        "account": {"id": params["account_id"], "name": params["account_name"]},
        "api_calls": sum(guard.calls.values()),
        "diff": diff,
    }
    if left:
        result.update(failed=True, msg=f"{who}: the provider still has a way in: {'; '.join(left)}")
    return result


def _check(params: Mapping[str, Any], who: str, check_mode: bool) -> None:
    """Raise RecordError before anything is called."""
    check_options({**params, "defaults_disabled": {}}, ())
    if not check_mode and params["confirm"] != params["account_id"]:
        raise RecordError(f"{who}: confirm is not the account's id: say -e confirm={params['account_id']}")
    if params["keep_organization"] and not params.get("organization"):
        raise RecordError(f"{who}: keep_organization is true, and account_organization does not say which")


class LastRoles:
    """The roles of one account by which the provider comes in."""

    def __init__(self, params: Mapping[str, Any], access: Access) -> None:
        self._params = params
        self._access = access
        organization = params.get("organization") or {}
        self._management = str(organization.get("management_account_id") or "")
        self._providers = {params["provider_account_id"], *params["provider_account_ids"]}
        self._account = Account(id=params["account_id"], name=params["account_name"], partition=access.base.partition)
        #: the run's own credentials, where they are the account's: a principal that can delete every role
        self._inside = access.base if access.base.identify() == params["account_id"] else None
        if self._inside:
            self._inside.verify(params["account_id"], f"account {self._account}")
        ways = access.ways()
        ours = params["provider_role_name"]
        if ours not in {way["name"] for way in ways}:
            ways.insert(0, {"name": ours, "via": "provider", "external_id": params.get("external_id")})
        self.roles = [self._role(way) for way in ways]

    def _role(self, way: dict[str, Any]) -> Role:
        session, is_open = (None, False) if self._inside else self._access.session_by(way)
        return Role(way, session, is_open, goes=not (self._params["keep_organization"] and way["via"] == "management"))

    def decide(self) -> None:
        """Say what becomes of each role, without writing."""
        for role in self.roles:
            self._decide(role)
        leaving = [role for role in self.roles if role.action == DELETED]
        stays = self._inside or any(role.session for role in self.roles if role.action == KEPT)
        if leaving and not stays:
            # the way by which the others are deleted is the last to go
            last = next((role for role in reversed(leaving) if role.session), leaving[-1])
            last.action, last.reason = NEUTRALISED, "no other principal of the provider is left to delete it"

    def _decide(self, role: Role) -> None:
        default = ProviderRole(role.name)
        for reader in (self._inside, *(other.session for other in self._others(role)), role.session):
            if reader is None:
                continue
            target = self._target(reader, role)
            try:
                seen = default.observe(target)
            except Exception as error:
                if not is_shut_out(error):
                    raise
                continue
            self._judge(role, target, seen)
            return
        role.action, role.reason = UNREAD, "it cannot be read, as no role of the account lets this run in any more"
        role.customer_line = _line_whatever_is_left(role.name)

    def _judge(self, role: Role, target: Target, seen: Observed) -> None:
        if seen.state is None:
            role.action, role.goes = ABSENT, False
            return
        trust = seen.raw["role"]["AssumeRolePolicyDocument"]
        role.trusted = frozenset(policies.principals(trust))
        why = ProviderRole(role.name).not_removable(target, seen)
        if role.session and not (role.open or role_removal.is_released(trust)):
            # no run of ours shut it: somebody should look before it is taken apart
            why = why or f"role {role.name} cannot be assumed any more, and a session from before is still open"
        if role.goes and not why:
            role.action = DELETED
            return
        trusts = f"it trusts {', '.join(sorted(role.trusted)) or 'nobody'}"
        kept = f"{why}; whether it goes is its owner's decision" if why else "the organization is kept"
        role.action, role.reason, role.goes = KEPT, f"{kept}; {trusts}", False

    def _others(self, role: Role) -> list[Role]:
        """Return the other roles by which the account can be worked in."""
        return [other for other in self.roles if other is not role and other.session and other.action != ABSENT]

    def _target(self, session: AccountSession, role: Role) -> Target:
        # the organization's role trusts the management account, whoever's that is
        organization = [self._management] if role.way["via"] == "management" else []
        options = {**self._params, "provider_account_ids": [*self._params["provider_account_ids"], *organization]}
        clients = SessionClients(session)
        return Target(self._account, GLOBAL, clients, options, self._params.get("region") or "us-east-1")

    def opened(self) -> dict[str, str]:
        """Return the roles that this task could assume, or the one that was cut off -> from which source."""
        return {role.name: role.way["via"] for role in self.roles if role.open or self._params["resumed"]}

    def tries(self) -> list[tuple[dict[str, Any], set[str]]]:
        """Return what the proof tries: a role's way, and the sources that are the account owner's own by now."""
        return [(role.way, {"management"} if self._is_owners(role) else set()) for role in self.roles]

    def release(self) -> None:
        """Delete what another principal can delete, one after the other, then neutralise the last."""
        for role in self.roles:
            if role.action == DELETED:
                self._delete(role)
        for role in self.roles:
            if role.action == NEUTRALISED:
                self._neutralise(role)
        for role in self.roles:
            if role.action in {DELETED, NEUTRALISED}:
                self._access.forget(role.way)

    def _delete(self, role: Role) -> None:
        """Delete a role by a session that stays, or else by one that goes later, or else by itself.

        Its trust is shut first: cut off between its policies and itself it would let the next run in, to be denied.
        """
        others = sorted(self._others(role), key=lambda other: other.goes)
        for by in (self._inside, *(other.session for other in others)):
            if by is None:
                continue
            target = self._target(by, role)
            try:
                self._shut(target.client("iam"), role.name)
                _patiently(lambda target=target: role_removal.delete_role(target, role.name))  # type: ignore[misc]
            except Exception as error:
                if not is_shut_out(error):
                    raise
                continue
            role.session, role.changed, role.reason = None, True, f"deleted by {by.caller['Arn']}"
            return
        role.action, role.reason = NEUTRALISED, "no other session may delete it"

    @staticmethod
    def _shut(iam: Any, name: str) -> None:
        """Let a role admit nobody."""
        role = found(iam.get_role, "NoSuchEntity", RoleName=name)
        if role and not role_removal.is_released(role["Role"]["AssumeRolePolicyDocument"]):
            iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(role_removal.ADMITS_NOBODY))

    def _neutralise(self, role: Role) -> None:
        if role.session is None:
            role.action, role.reason = KEPT, "no session of this run may delete it, and it lets this run in no more"
            return
        iam, name = self._target(role.session, role).client("iam"), role.name
        self._shut(iam, name)
        role.changed = True
        left = role_removal.strip_own(iam, name)
        role.reason = f"{role.reason}; it admits nobody, and the account's owner deletes it"
        role.customer_line = _line(name, left)
        try:
            iam.delete_role(RoleName=name)
            role.action, role.reason, role.customer_line = DELETED, "it deleted itself", ""
        except Exception as error:
            if not (is_denied(error) or error_code(error) == "DeleteConflict"):
                raise

    def left(self, proof: Proof) -> list[str]:
        """Return the ways in that remain, in words."""
        found = [f"{row['role']} can be assumed from {row['from']}" for row in proof.rows if row["let_in"]]
        for role in self.roles:
            ours = sorted(principal for principal in role.trusted if self._is_providers(principal))
            if role.action == KEPT and ours:
                found.append(f"{role.name} is kept and trusts {', '.join(ours)}")
        return found

    def _is_providers(self, principal: str) -> bool:
        parts = principal.split(":")
        return principal in self._providers or (len(parts) > 5 and parts[4] in self._providers)

    def _is_owners(self, role: Role) -> bool:
        """Tell whether a role that stays is the account owner's own way in."""
        return role.action == KEPT and not any(map(self._is_providers, role.trusted))

    def is_proven(self, proof: Proof) -> bool:
        """Tell whether every role is known to admit nobody of the provider: as it was read, or as it refused.

        A refusal proves something where it comes from the caller that the role was opened by, or was: another external
        id would be refused as well.
        """
        for role in self.roles:
            if role.action == ABSENT or self._is_owners(role) or self._is_gone(role):
                continue
            own = [row for row in proof.rows if row["role"] == role.name and row["from"] == self._caller(role)]
            known = role.action in {DELETED, NEUTRALISED} or self._params["resumed"]
            if role.action == KEPT or not known or not own or not all(row["proven"] for row in own):
                return False
        return True

    def _caller(self, role: Role) -> str:
        """Return the ARN of whom a role is assumed from."""
        return self._access.caller(role.way["via"])

    def _is_gone(self, role: Role) -> bool:
        """Tell whether a role that stays sees that another is gone."""
        reader = self._inside or next((other.session for other in self._others(role) if other.action == KEPT), None)
        if reader is None or role.action != DELETED:
            return False
        return found(self._target(reader, role).client("iam").get_role, "NoSuchEntity", RoleName=role.name) is None

    def diff(self) -> list[dict[str, Any]]:
        """Return one entry of Ansible's diff for each role that goes."""
        header = f"{self._account} role "
        return [
            {
                "before_header": header + role.name,
                "after_header": header + role.name,
                "before": {"role": role.name},
                "after": {} if role.action == DELETED else {"role": role.name, "admits": "nobody"},
            }
            for role in self.roles
            if role.action in {DELETED, NEUTRALISED}
        ]


def _patiently(act: Callable[[], None]) -> None:
    """Do something that IAM may refuse while it does not see yet that policies are gone."""
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            act()
            return
        except Exception as error:
            if error_code(error) not in ProviderRole.not_yet or time.monotonic() > ends:
                raise
        time.sleep(PAUSE)


def _line(name: str, policies: list[str]) -> str:
    """Return the commands with which the account's owner deletes what is left of a role."""
    detach = [
        f"aws iam detach-role-policy --role-name {name} --policy-arn {policy}"
        if policy.startswith("arn:")
        else f"aws iam delete-role-policy --role-name {name} --policy-name {policy}"
        for policy in policies
    ]
    return " && ".join([*detach, f"aws iam delete-role --role-name {name}"])


def _line_whatever_is_left(name: str) -> str:
    """Return the commands for a role that cannot be read: a run that was cut off may have left it its policies."""
    kinds = (
        ("list-attached-role-policies", "AttachedPolicies[].PolicyArn", "detach-role-policy", "--policy-arn"),
        ("list-role-policies", "PolicyNames[]", "delete-role-policy", "--policy-name"),
    )
    lines = [
        f"aws iam {lists} --role-name {name} --query '{query}' --output text"
        f" | xargs -r -n 1 aws iam {removes} --role-name {name} {option}"
        for lists, query, removes, option in kinds
    ]
    return " && ".join([*lines, _line(name, [])])


ENTRY = Entry(operation=operation, argument_spec=SPEC)
