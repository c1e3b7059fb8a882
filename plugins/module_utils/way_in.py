# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The administrator whom the customer names as its own way in (the gate customer_way_in), as IAM has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import policies
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.naming import found

#: IAM actions that reading a named administrator needs
PERMISSIONS = (
    "iam:GetGroupPolicy",
    "iam:GetLoginProfile",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:GetUser",
    "iam:GetUserPolicy",
    "iam:ListAccessKeys",
    "iam:ListAttachedGroupPolicies",
    "iam:ListAttachedRolePolicies",
    "iam:ListAttachedUserPolicies",
    "iam:ListGroupPolicies",
    "iam:ListGroupsForUser",
    "iam:ListRolePolicies",
    "iam:ListUserPolicies",
)
ADMINISTRATOR = ":iam::aws:policy/AdministratorAccess"
ABSENT = "NoSuchEntity"


@dataclass(frozen=True)
class Administrator:
    """A role or user, as IAM has it.

    Attributes:
        arn: with its path; as it was named where it does not exist.
        administers_by: the policy by which it may do everything; "" where none lets it.
        boundary: the permissions boundary that limits it; "" where none does.
        signs_in_by: what a user has to sign in with: a password, an access key; "" where it has nothing, and of roles.
        trusts: whom a role's trust policy allows, as policies.principals has them.
    """

    arn: str
    exists: bool = True
    administers_by: str = ""
    boundary: str = ""
    signs_in_by: str = ""
    trusts: tuple[str, ...] = ()

    @property
    def is_role(self) -> bool:
        """Tell a role from a user."""
        return self.arn.split(":")[5].startswith("role/")

    @property
    def name(self) -> str:
        """Return the name without its path."""
        return self.arn.rsplit("/", 1)[-1]


def read_administrator(iam: Any, arn: str) -> Administrator:
    """Return what IAM says of a role or user; raises where it may not be read."""
    name = arn.rsplit("/", 1)[-1]
    if arn.split(":")[5].startswith("role/"):
        role = found(iam.get_role, ABSENT, RoleName=name)
        if role is None or role["Role"]["Arn"] != arn:
            return Administrator(arn, exists=False)
        return Administrator(
            arn,
            administers_by=_everything(iam, "role", RoleName=name),
            boundary=_boundary(role["Role"]),
            trusts=tuple(sorted(policies.principals(role["Role"]["AssumeRolePolicyDocument"]))),
        )
    user = found(iam.get_user, ABSENT, UserName=name)
    if user is None or user["User"]["Arn"] != arn:
        return Administrator(arn, exists=False)
    return Administrator(
        arn,
        administers_by=_everything(iam, "user", UserName=name) or _by_group(iam, name),
        boundary=_boundary(user["User"]),
        signs_in_by=_signs_in_by(iam, name),
    )


def _signs_in_by(iam: Any, user: str) -> str:
    if found(iam.get_login_profile, ABSENT, UserName=user):
        return "a password"
    keys = [
        key
        for page in iam.get_paginator("list_access_keys").paginate(UserName=user)
        for key in page["AccessKeyMetadata"]
    ]
    return "an access key" if any(key["Status"] == "Active" for key in keys) else ""


def _boundary(identity: dict[str, Any]) -> str:
    boundary = str(identity.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", ""))
    return "" if boundary.endswith(ADMINISTRATOR) else boundary


def _by_group(iam: Any, user: str) -> str:
    for page in iam.get_paginator("list_groups_for_user").paginate(UserName=user):
        for group in page["Groups"]:
            if policy := _everything(iam, "group", GroupName=group["GroupName"]):
                return f"{policy} of group {group['GroupName']}"
    return ""


def _everything(iam: Any, kind: str, **whose: str) -> str:
    """Return the name of a policy of a role, user or group that allows everything; "" where none does."""
    attached = [
        policy
        for page in iam.get_paginator(f"list_attached_{kind}_policies").paginate(**whose)
        for policy in page["AttachedPolicies"]
    ]
    for policy in attached:
        if policy["PolicyArn"].endswith(ADMINISTRATOR):
            return str(policy["PolicyName"])
    return next(_by_document(iam, kind, attached, whose), "")


def _by_document(iam: Any, kind: str, attached: list[Any], whose: dict[str, str]) -> Iterator[str]:
    for page in iam.get_paginator(f"list_{kind}_policies").paginate(**whose):
        for name in page["PolicyNames"]:
            answer = getattr(iam, f"get_{kind}_policy")(**whose, PolicyName=name)
            if allows_everything(answer["PolicyDocument"]):
                yield name
    for policy in attached:
        if ":iam::aws:policy/" in policy["PolicyArn"]:
            continue  # no other policy of AWS's own allows everything
        version = iam.get_policy(PolicyArn=policy["PolicyArn"])["Policy"]["DefaultVersionId"]
        answer = iam.get_policy_version(PolicyArn=policy["PolicyArn"], VersionId=version)
        if allows_everything(answer["PolicyVersion"]["Document"]):
            yield policy["PolicyName"]


def allows_everything(document: Any) -> bool:
    """Tell whether a policy document lets its holder do everything everywhere, without a condition."""
    return any(
        statement.get("Effect") == "Allow"
        and not statement.get("Condition")
        and {"*", "*:*"} & set(statement.get("Action", ()))
        and "*" in statement.get("Resource", ())
        for statement in policies.statements(document)
    )
