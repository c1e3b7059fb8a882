"""STS: who may assume which role."""

from __future__ import annotations

import time
from datetime import UTC
from typing import Any

from moto.sts.models import sts_backends

from emulator.call import Call
from emulator.identity import find_role, organization_id, suspended
from emulator.moto_backend import NotInMotoError
from emulator.policy import Principal, evaluate
from emulator.protocol import AwsError, Response
from emulator.rules import rule

ACTION = "sts:AssumeRole"


@rule("sts", "AssumeRole")
def assume_role(call: Call) -> Response:
    """The role exists and is visible, its trust policy admits the caller, and the session is not too long.

    STS API reference, AssumeRole (API_AssumeRole.html); IAM user guide, "Role trust policies" and "Roles terms and
    concepts" (role chaining: one hour at most). An unknown role and a refused caller get the same answer.
    """
    arn = call.params.get("RoleArn", "")
    role = find_role(arn)
    trust = call.world.visibility.seen("role", arn, snapshot(role)) if role else None
    if trust is None or suspended(role.account_id) or not admits(call, arn, trust["trust"]):
        message = f"User: {call.principal.arn} is not authorized to perform: {ACTION} on resource: {arn}"
        raise AwsError("AccessDenied", message, 403)
    duration = int(call.params.get("DurationSeconds", 3600))
    _check_duration(call, role, duration)
    made = sts_backends[call.account]["aws"].assume_role(
        region_name=call.region,
        role_session_name=call.params.get("RoleSessionName", ""),
        role_arn=arn,
        policy=call.params.get("Policy", ""),
        duration=duration,
        external_id=call.params.get("ExternalId", ""),
    )
    principal = Principal(account=role.account_id, arn=made.arn, identity_arn=arn, role_id=role.id, issued=time.time())
    end = made.expiration.replace(tzinfo=UTC).timestamp()
    call.world.sessions[made.access_key_id] = (principal, made.session_token, end)
    return call.result(
        Credentials={
            "AccessKeyId": made.access_key_id,
            "SecretAccessKey": made.secret_access_key,
            "SessionToken": made.session_token,
            "Expiration": made.expiration,
        },
        AssumedRoleUser={"AssumedRoleId": made.user_id, "Arn": made.arn},
    )


def snapshot(role: Any) -> dict[str, Any] | None:
    """What other services need to know of a role: whom it trusts and what it may do."""
    if role is None:
        return None
    documents = [v.document for p in role.managed_policies.values() for v in p.versions if v.is_default]
    return {"trust": role.assume_role_policy_document, "policies": [*role.policies.values(), *documents]}


def admits(call: Call, arn: str, trust: str) -> bool:
    """Whether a trust policy lets the caller in (IAM user guide, reference_policies_condition-keys.html)."""
    context = {
        "aws:PrincipalArn": call.principal.identity_arn,
        "aws:PrincipalAccount": call.account,
        "aws:PrincipalOrgID": organization_id(call.account),
        "aws:PrincipalType": "AssumedRole" if ":assumed-role/" in call.principal.arn else "User",
        "aws:PrincipalIsAWSService": "false",
        "aws:RequestedRegion": call.region,
        "aws:SecureTransport": "true",
        "sts:ExternalId": call.params.get("ExternalId"),
        "sts:RoleSessionName": call.params.get("RoleSessionName"),
    }
    return evaluate(trust, call.principal, ACTION, arn, context) == "allow"


def _check_duration(call: Call, role: Any, duration: int) -> None:
    chained = call.access_key in call.world.sessions
    if chained and duration > 3600:
        text = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
        raise AwsError("ValidationError", text)
    if duration < 900 or duration > 43200:
        raise AwsError("ValidationError", f"DurationSeconds {duration} is not between 900 and 43200 seconds.")
    if duration > int(role.max_session_duration or 3600):
        text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        raise AwsError("ValidationError", text)


@rule("sts", "GetSessionToken", "GetFederationToken", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity")
def not_here(call: Call) -> Response:
    """moto answers these with credentials that belong to nobody: better none than wrong ones."""
    raise NotInMotoError


@rule("sts", "GetCallerIdentity")
def get_caller_identity(call: Call) -> Response:
    """Identity of the caller; needs no permission (API_GetCallerIdentity.html)."""
    session = call.world.sessions.get(call.access_key)
    if call.principal.task_policy:
        return call.result(UserId=call.account, Account=call.account, Arn=call.principal.arn)
    if session is not None and session[2] > time.time():
        role = find_role(call.principal.identity_arn)
        user_id = f"{role.id}:{call.principal.arn.rsplit('/', 1)[-1]}"
        return call.result(UserId=user_id, Account=call.account, Arn=call.principal.arn)
    return call.forward()
