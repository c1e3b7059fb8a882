"""IAM: trust policies, visibility of roles, GetAccountPasswordPolicy."""

from __future__ import annotations

from emulator.call import Call
from emulator.documents_check import TRUST, check_document
from emulator.identity import find_role
from emulator.protocol import AwsError, Response
from emulator.rules import rule
from emulator.rules.sts import snapshot


def _role_arn(call: Call) -> str:
    """The ARN of the role that a call names: its path is known to the role alone."""
    from moto.iam.models import iam_backends

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
    "DeleteRole",
)
def write_role(call: Call) -> Response:
    """A role's trust policy is checked; other services see the change late.

    IAM API reference, CreateRole and UpdateAssumeRolePolicy: MalformedPolicyDocument; IAM user guide, "Changes that I
    make are not always immediately visible" (troubleshoot.html).
    """
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
