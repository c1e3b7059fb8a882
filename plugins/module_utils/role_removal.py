# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How an IAM role goes: out of its instance profiles, without its policies, then itself.

Source: IAM User Guide, "Deleting roles or instance profiles"; IAM API Reference, DeleteRole (DeleteConflict).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import policies
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import is_denied
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Target
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.naming import carries_our_tags, found

#: the statement of a trust policy that admits nobody, by which a role that was released is known again
RELEASED = "RackspaceReleased"
ADMITS_NOBODY: dict[str, Any] = {
    "Version": policies.VERSION,
    "Statement": [{"Sid": RELEASED, "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}


def is_released(trust: str | Mapping[str, Any]) -> bool:
    """Tell whether a trust policy is the one that a reverse assumption leaves where a role cannot be deleted."""
    return policies.canonical_document(trust) == policies.canonical_document(ADMITS_NOBODY)


def provider_principals(target: Target) -> set[str]:
    """Return the ids of all accounts of the provider."""
    return {target.options["provider_account_id"], *target.options.get("provider_account_ids", ())}


def is_providers(target: Target, principal: str) -> bool:
    """Tell whether a principal (canonical: an account id or an ARN) is one of the provider's accounts."""
    accounts = provider_principals(target)
    parts = principal.split(":")
    return principal in accounts or (len(parts) > 5 and parts[4] in accounts)


def own_profiles(target: Target, name: str) -> list[str]:
    """Return the ARNs of the instance profiles that go with a role: named like it or tagged as ours."""
    return [profile["Arn"] for profile in _profiles(target, name) if _goes(target, name, profile)]


def running_instances(target: Target, name: str) -> list[str]:
    """Return the ids of the instances, in every region of the account, that run with a role."""
    arns = {profile["Arn"] for profile in _profiles(target, name)}
    if not arns:
        return []
    running = []
    for region in target.account.regions:
        ec2 = target.clients.client("ec2", region.name)
        for page in ec2.get_paginator("describe_iam_instance_profile_associations").paginate():
            running += [a["InstanceId"] for a in page["IamInstanceProfileAssociations"] if _is_in_use(a, arns)]
    return sorted(running)


def delete_role(target: Target, name: str) -> None:
    """Delete a role with all that hangs on it; what is gone already is no error."""
    iam = target.client("iam")
    for profile in _profiles(target.forgetful(), name):
        kept = profile["InstanceProfileName"]
        found(iam.remove_role_from_instance_profile, "NoSuchEntity", InstanceProfileName=kept, RoleName=name)
        if _goes(target, name, profile):
            found(iam.delete_instance_profile, "NoSuchEntity", InstanceProfileName=kept)
    strip(iam, name)
    found(iam.delete_role, "NoSuchEntity", RoleName=name)


def strip(iam: Any, name: str) -> None:
    """Take every policy away from a role."""
    attached = found(_attached, "NoSuchEntity", iam=iam, name=name) or []
    inline = found(_inline, "NoSuchEntity", iam=iam, name=name) or []
    for policy in attached:
        found(iam.detach_role_policy, "NoSuchEntity", RoleName=name, PolicyArn=policy)
    for policy in inline:
        found(iam.delete_role_policy, "NoSuchEntity", RoleName=name, PolicyName=policy)


def strip_own(iam: Any, name: str) -> list[str]:
    """Take its policies away from the role whose session this is, the one that allows it at the very end.

    Returns the ARNs and names of those that it lost the right to take away.
    """
    attached, inline = _attached(iam, name), _inline(iam, name)
    # what gives all rights is most likely what gives this one
    attached.sort(key=lambda arn: arn.endswith("/AdministratorAccess"))
    while inline or attached:
        try:
            if inline:
                found(iam.delete_role_policy, "NoSuchEntity", RoleName=name, PolicyName=inline[0])
                inline.pop(0)
            else:
                found(iam.detach_role_policy, "NoSuchEntity", RoleName=name, PolicyArn=attached[0])
                attached.pop(0)
        except Exception as error:
            if not is_denied(error):
                raise
            break
    return [*attached, *inline]


def _attached(iam: Any, name: str) -> list[str]:
    pages = iam.get_paginator("list_attached_role_policies").paginate(RoleName=name)
    return [policy["PolicyArn"] for page in pages for policy in page["AttachedPolicies"]]


def _inline(iam: Any, name: str) -> list[str]:
    pages = iam.get_paginator("list_role_policies").paginate(RoleName=name)
    return [policy for page in pages for policy in page["PolicyNames"]]


def _profiles(target: Target, name: str) -> list[dict[str, Any]]:
    def read() -> list[dict[str, Any]]:
        pages = target.client("iam").get_paginator("list_instance_profiles_for_role").paginate(RoleName=name)
        return [profile for page in pages for profile in page["InstanceProfiles"]]

    return target.memory.once(f"instance profiles of {name}", lambda: found(read, "NoSuchEntity") or [])


def _goes(target: Target, name: str, profile: Mapping[str, Any]) -> bool:
    return profile["InstanceProfileName"] == name or carries_our_tags(target.options, profile.get("Tags", []))


def _is_in_use(association: Mapping[str, Any], arns: set[str]) -> bool:
    in_use = association.get("State") in {"associating", "associated"}
    return in_use and association.get("IamInstanceProfile", {}).get("Arn") in arns
