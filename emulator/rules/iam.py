"""IAM: trust policies, visibility of roles, roles that are AWS's own, policies that are attached."""

from __future__ import annotations

from typing import Any

from moto.iam.models import SERVICE_NAME_CONVERSION, iam_backends

from emulator.call import Call
from emulator.documents_check import TRUST, check_document
from emulator.identity import find_role
from emulator.protocol import AwsError, Response
from emulator.rules import rule
from emulator.rules.sts import snapshot

# Service-linked roles, and those of IAM Identity Center.
PROTECTED = ("/aws-service-role/", "/aws-reserved/")
SERVICE_NAME_CONVERSION["config"] = "Config"
# Service -> the policy of its service-linked role ("Using service-linked roles for AWS Config", using-service-linked-
# roles.html); those of other services have none here.
LINKED_POLICIES = {"config.amazonaws.com": "arn:aws:iam::aws:policy/aws-service-role/AWSConfigServiceRolePolicy"}


def _role_arn(call: Call) -> str:
    """The ARN of the role that a call names: its path is known to the role alone."""
    name = call.params.get("RoleName")
    roles = iam_backends[call.account]["aws"].roles
    return next((role.arn for role in list(roles.values()) if role.name == name), "")


@rule(
    "iam",
    "CreateRole",
    "UpdateAssumeRolePolicy",
    "PutRolePolicy",
    "DeleteRolePolicy",
    "AttachRolePolicy",
    "DetachRolePolicy",
    "PutRolePermissionsBoundary",
    "DeleteRolePermissionsBoundary",
    "DeleteRole",
)
def write_role(call: Call) -> Response:
    """A role's trust policy is checked; other services see the change late; AWS's own roles are not changed.

    IAM API reference, CreateRole and UpdateAssumeRolePolicy: MalformedPolicyDocument; DeleteRole:
    UnmodifiableEntity; IAM user guide, "Changes that I make are not always immediately visible" (troubleshoot.html).
    """
    protected = find_role(_role_arn(call)) if call.operation != "CreateRole" else None
    if protected is not None and protected.path.startswith(PROTECTED):
        text = f"Cannot perform the operation on the protected role '{protected.name}' - this role is only modifiable"
        raise AwsError("UnmodifiableEntity", f"{text} by AWS", 400)
    document = call.params.get("AssumeRolePolicyDocument") or call.params.get("PolicyDocument")
    if call.operation in ("CreateRole", "UpdateAssumeRolePolicy"):
        problem = check_document(document, TRUST)
        if problem:
            raise AwsError("MalformedPolicyDocument", problem)
    arn = _role_arn(call)
    before = snapshot(find_role(arn))
    response = call.forward()
    if response.ok:
        arn = arn or _role_arn(call)
        call.world.visibility.wrote("role", arn, before, snapshot(find_role(arn)))
    return response


@rule("iam", "CreateServiceLinkedRole")
def create_service_linked_role(call: Call) -> Response:
    """Once an account, with the policy that AWS attaches (API_CreateServiceLinkedRole.html: InvalidInput)."""
    service = str(call.params["AWSServiceName"])
    iam = iam_backends[call.account]["aws"]
    path, suffix = f"/aws-service-role/{service}/", call.params.get("CustomSuffix")
    for role in list(iam.roles.values()):
        if role.path == path and (not suffix or role.name.endswith(f"_{suffix}")):
            text = f"Service role name {role.name} has been taken in this account, please try a different suffix."
            raise AwsError("InvalidInput", text)
    response = call.forward()
    if response.ok:
        made = next(role for role in reversed(list(iam.roles.values())) if role.path == path)
        if service in LINKED_POLICIES:
            iam.attach_role_policy(LINKED_POLICIES[service], made.name)
        call.world.visibility.wrote("role", made.arn, None, snapshot(made))
        call.added = True
    return response


@rule("iam", "DeleteServiceLinkedRole")
def delete_service_linked_role(call: Call) -> Response:
    """Goes with its policy (API_DeleteServiceLinkedRole.html); whether its service still uses it is not looked at."""
    role = find_role(_role_arn(call))
    if role is None or not role.path.startswith("/aws-service-role/"):
        raise AwsError("NoSuchEntity", f"The role with name {call.params['RoleName']} cannot be found.", 404)
    for arn in list(role.managed_policies):
        iam_backends[call.account]["aws"].detach_role_policy(arn, role.name)
    return call.forward()


@rule("iam", "DeletePolicy")
def delete_policy(call: Call) -> Response:
    """Only once it is attached nowhere and has its default version alone (API_DeletePolicy.html: DeleteConflict)."""
    arn = str(call.params["PolicyArn"])
    iam = iam_backends[call.account]["aws"]
    holders: list[Any] = [*iam.roles.values(), *iam.users.values(), *iam.groups.values()]
    if any(arn in holder.managed_policies for holder in holders):
        raise AwsError("DeleteConflict", "Cannot delete a policy attached to entities.", 409)
    policy = iam.managed_policies.get(arn)
    if policy is not None and len(policy.versions) > 1:
        text = "This policy has more than one version. Before you delete a policy, you must delete the policy's"
        text += " versions. The default version is deleted with the policy."
        raise AwsError("DeleteConflict", text, 409)
    return call.forward()
