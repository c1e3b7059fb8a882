"""What an identity may do by its own policies, as they are at each call.

IAM user guide, "Policy evaluation logic" (reference_policies_evaluation-logic.html): without an Allow a call is denied,
a Deny wins, and a permissions boundary bounds. Only for the services of ENFORCED, because their actions are named as
their operations are, and for sessions of AssumeRoot. The resource is the one that the Service Authorization Reference
gives for the action (list_awsidentityandaccessmanagementiam.html); elsewhere the action alone is judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from moto.iam.models import iam_backends

from emulator.call import Call
from emulator.identity import denied, find_role, organization_id
from emulator.policy import Principal, as_list, evaluate_identity, load, statements

ENFORCED = frozenset({"account", "iam", "organizations"})
# Kind of resource -> the parameter that names one, in the order of preference: an action on a policy's attachment is
# about the role, user or group.
NAMED = (
    ("instance-profile", "InstanceProfileName"),
    ("role", "RoleName"),
    ("group", "GroupName"),
    ("user", "UserName"),
    ("server-certificate", "ServerCertificateName"),
)
ARNS = ("PolicyArn", "SAMLProviderArn", "OpenIDConnectProviderArn", "PolicySourceArn", "SerialNumber")
LISTS = {
    "ListRoles": "role/",
    "ListUsers": "user/",
    "ListGroups": "group/",
    "ListPolicies": "policy/",
    "ListInstanceProfiles": "instance-profile/",
}
MADE = {"CreatePolicy": ("policy", "PolicyName"), "CreateVirtualMFADevice": ("mfa", "VirtualMFADeviceName")}


def check_identity(call: Call) -> None:
    """Refuse what the caller's own policies do not allow, in the words of AWS (troubleshoot_access-denied.html)."""
    if call.principal.task_policy:
        _check_task(call)
        return
    if call.service not in ENFORCED or not call.principal.arn:
        return
    documents = documents_of(call.principal)
    action, resource = f"{call.service}:{call.operation}", resource_of(call)
    context = _context(call)
    verdicts = [evaluate_identity(_any_resource(documents, call.service), action, resource, context)]
    boundary = _boundary(call.principal)
    if boundary is not None:
        verdicts.append(evaluate_identity(_any_resource([boundary], call.service), action, resource, context))
    if all(verdict == "allow" for verdict in verdicts):
        return
    subject = f"User: {call.principal.arn} is not authorized to perform: {action} on resource: {_shown(call, resource)}"
    if "deny" in verdicts:
        raise denied(call.service, f"{subject} with an explicit deny in an identity-based policy")
    raise denied(call.service, f"{subject} because no identity-based policy allows the {action} action")


def _check_task(call: Call) -> None:
    """The root user may do everything, but its session only what the task policy leaves open (API_AssumeRoot.html)."""
    if (call.service, call.operation) == ("sts", "GetCallerIdentity"):
        return
    action = f"{call.service}:{call.operation}"
    resource = call.principal.arn if call.service == "iam" and not call.params.get("UserName") else resource_of(call)
    if evaluate_identity([call.principal.task_policy], action, resource, _context(call)) == "deny":
        text = f"User: {call.principal.arn} is not authorized to perform: {action} on resource: {resource}"
        raise denied(call.service, f"{text} with an explicit deny in a session policy")


def documents_of(principal: Principal) -> list[str]:
    """The policies of a role or user, those of the user's groups included."""
    holder = find_role(principal.identity_arn)
    if holder is not None:
        return _documents(holder)
    backend = iam_backends[principal.account]["aws"]
    user = next((one for one in list(backend.users.values()) if one.arn == principal.identity_arn), None)
    if user is None:
        return []
    groups = [group for group in backend.groups.values() if any(member is user for member in group.users)]
    return [document for one in (user, *groups) for document in _documents(one)]


def _documents(holder: Any) -> list[str]:
    attached = [v.document for policy in holder.managed_policies.values() for v in policy.versions if v.is_default]
    return [*holder.policies.values(), *attached]


def _boundary(principal: Principal) -> str | None:
    role = find_role(principal.identity_arn)
    arn = getattr(role, "permissions_boundary_arn", None)
    if not arn:
        return None
    held = iam_backends[principal.account]["aws"].managed_policies.get(arn)
    return next((v.document for v in held.versions if v.is_default), "{}") if held else "{}"


def _any_resource(documents: list[str], service: str) -> Iterator[Any]:
    """The documents; of services whose resources are not known here, those allowances on any resource count."""
    for document in documents:
        parsed = _load(document)
        yield parsed if service == "iam" else _widened(document)


@lru_cache(maxsize=1024)
def _load(document: str) -> dict[str, Any]:
    return load(document)


@lru_cache(maxsize=1024)
def _widened(document: str) -> dict[str, Any]:
    entries = []
    for entry in statements(document):
        bare = {key: value for key, value in entry.items() if key not in ("Resource", "NotResource")}
        if entry.get("Effect") == "Allow" or "*" in as_list(entry.get("Resource")):
            entries.append({**bare, "Resource": "*"})
    return {"Statement": entries}


def _context(call: Call) -> dict[str, Any]:
    principal = call.principal
    context: dict[str, Any] = {
        "aws:PrincipalArn": principal.identity_arn,
        "aws:PrincipalAccount": principal.account,
        "aws:PrincipalOrgID": organization_id(principal.account),
        "aws:RequestedRegion": call.region,
        "aws:SecureTransport": "true",
        "iam:PolicyARN": call.params.get("PolicyArn"),
        "iam:AWSServiceName": call.params.get("AWSServiceName"),
    }
    if principal.issued:
        context["aws:TokenIssueTime"] = datetime.fromtimestamp(principal.issued, UTC).isoformat()
    return context


def resource_of(call: Call) -> str:
    """The ARN that an IAM call is about; "*" where the action knows none, and for other services."""
    if call.service != "iam":
        return "*"
    params, prefix = call.params, f"arn:aws:iam::{call.account}:"
    for kind, name in NAMED:
        if params.get(name):
            return _existing(call.account, kind, params[name]) or prefix + kind + _path(params) + str(params[name])
    if call.operation in MADE:
        kind, name = MADE[call.operation]
        return prefix + kind + _path(params) + str(params.get(name, ""))
    for name in ARNS:
        if params.get(name):
            return str(params[name])
    return prefix + LISTS[call.operation] if call.operation in LISTS else "*"


def _path(params: dict[str, Any]) -> str:
    return f"/{params.get('Path', '/').strip('/')}/".replace("//", "/")


def _existing(account: str, kind: str, name: str) -> str:
    backend = iam_backends[account]["aws"]
    held: dict[str, Any] = {
        "instance-profile": backend.instance_profiles,
        "role": backend.roles,
        "group": backend.groups,
        "user": backend.users,
    }
    return next((str(one.arn) for one in list(held.get(kind, {}).values()) if one.name == name), "")


def _shown(call: Call, resource: str) -> str:
    """IAM's messages name roles, users and groups by kind and name, all else by ARN."""
    for kind, name in NAMED[:4]:
        if call.service == "iam" and call.params.get(name):
            return f"{kind.replace('-', ' ')} {call.params[name]}"
    return resource
