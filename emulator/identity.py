"""Whose call it is: from the access key to the principal, and what the organization says of the account."""

from __future__ import annotations

import time
from typing import Any

from moto.iam.models import iam_backends
from moto.organizations.models import organizations_backends

from emulator.policy import Principal, evaluate_identity
from emulator.protocol import AwsError, protocol_of
from emulator.world import World

UNKNOWN_KEY = {
    "ec2": ("AuthFailure", "AWS was not able to validate the provided access credentials", 401),
    "json": ("UnrecognizedClientException", "The security token included in the request is invalid.", 400),
    "rest-json": ("UnrecognizedClientException", "The security token included in the request is invalid.", 403),
    "rest-xml": ("InvalidClientTokenId", "The security token included in the request is invalid.", 403),
}
SERVICE_PREFIXES = {"elbv2": "elasticloadbalancing", "resourcegroupstaggingapi": "tag", "stepfunctions": "states"}
DENIED_CODES = {"json": "AccessDeniedException", "rest-json": "AccessDeniedException", "ec2": "UnauthorizedOperation"}


def invalid_key(service: str) -> AwsError:
    """The refusal of an unknown key, and of a known one in a disabled region.

    AWS General Reference, "Common errors": InvalidClientTokenId, UnrecognizedClientException; EC2: AuthFailure.
    """
    if service == "s3":
        return AwsError("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403)
    default = ("InvalidClientTokenId", "The security token included in the request is invalid.", 403)
    return AwsError(*UNKNOWN_KEY.get(protocol_of(service), default))


def principal_of(world: World, service: str, access_key: str, token: str) -> Principal:
    """The principal of an access key; refuses unknown, inactive and expired ones, and sessions of deleted roles."""
    session = world.sessions.get(access_key)
    if session is not None:
        principal, expected, end = session
        if end < time.time():
            code = "ExpiredTokenException" if protocol_of(service) in ("json", "rest-json") else "ExpiredToken"
            raise AwsError(code, "The security token included in the request is expired", 403)
        if token != expected or not (principal.task_policy or _role_lives(principal)):
            raise invalid_key(service)
        return principal
    for account, backends in list(iam_backends.items()):
        key = backends["aws"].access_keys.get(access_key)
        if key is None or key.user_name is None or key.status != "Active":
            continue
        arn = backends["aws"].users[key.user_name].arn if key.user_name in backends["aws"].users else ""
        if arn:
            return Principal(account=account, arn=arn, identity_arn=arn)
    raise invalid_key(service)


def _role_lives(principal: Principal) -> bool:
    role = find_role(principal.identity_arn)
    return role is not None and principal.role_id in ("", role.id)


def find_role(arn: str) -> Any:
    """moto's role of an ARN, or None."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[4] not in iam_backends:
        return None
    roles = iam_backends[parts[4]]["aws"].roles
    return next((role for role in list(roles.values()) if role.arn == arn), None)


def role_documents(role: Any) -> list[str]:
    """The documents of all policies of a role, inline and attached."""
    attached = [v.document for policy in role.managed_policies.values() for v in policy.versions if v.is_default]
    return [*role.policies.values(), *attached]


def organization_of(account: str) -> Any:
    """moto's organizations backend that owns an account (as management account or member), or None."""
    for owner, backends in list(organizations_backends.items()):
        backend = backends["aws"]
        if backend.org is not None and (owner == account or any(a.id == account for a in backend.accounts)):
            return backend
    return None


def organization_id(account: str) -> str | None:
    backend = organization_of(account)
    return str(backend.org.id) if backend else None


def suspended(account: str) -> bool:
    backend = organization_of(account)
    return bool(backend) and any(a.id == account and a.state != "ACTIVE" for a in backend.accounts)


def service_control_policies(world: World, account: str) -> list[str]:
    """The documents of the SCPs that bind a member: its own, its units', the root's. The management account has none.

    Organizations user guide, "Service control policies" (orgs_manage_policies_scps.html).
    """
    if account not in world.service_control:
        world.service_control[account] = _collect(account)
    return world.service_control[account]


def _collect(account: str) -> list[str]:
    backend = organization_of(account)
    if backend is None or backend.org.master_account_id == account:
        return []
    found: list[str] = []
    target = next((entry for entry in backend.accounts if entry.id == account), None)
    while target is not None:
        found += [p.content for p in target.attached_policies if p.type == "SERVICE_CONTROL_POLICY"]
        parent = getattr(target, "parent_id", None)
        target = next((unit for unit in backend.ou if unit.id == parent and unit is not target), None)
    return [content for content in found if '"Deny"' in content]


def check_service_control(world: World, principal: Principal, service: str, operation: str, region: str) -> None:
    """Refuse what an SCP denies, in the words of AWS (IAM user guide, troubleshoot_access-denied.html)."""
    documents = service_control_policies(world, principal.account)
    if not documents or (service, operation) == ("sts", "GetCallerIdentity"):
        return
    context = {
        "aws:RequestedRegion": region,
        "aws:PrincipalArn": principal.identity_arn,
        "aws:PrincipalAccount": principal.account,
    }
    action = f"{SERVICE_PREFIXES.get(service, service)}:{operation}"
    if evaluate_identity(documents, action, "*", context) != "deny":
        return
    raise denied(
        service,
        f"User: {principal.arn} is not authorized to perform: {action} on resource: "
        f"arn:aws:{service}:{region}:{principal.account}:* with an explicit deny in a service control policy",
    )


def denied(service: str, message: str) -> AwsError:
    """A denial with the code that the service's protocol uses for it."""
    if service == "sns":
        return AwsError("AuthorizationError", message, 403)
    if service == "sqs":
        return AwsError("AccessDenied", message, 403)
    protocol = protocol_of(service)
    if protocol == "ec2":
        message = f"You are not authorized to perform this operation. {message}"
    return AwsError(DENIED_CODES.get(protocol, "AccessDenied"), message, 400 if protocol == "json" else 403)
