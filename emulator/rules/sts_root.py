"""STS: a session of a member's root user, for one task."""

from __future__ import annotations

import random
import string
import time
from datetime import UTC, datetime

from moto.iam.policy_validation import VALID_RESOURCE_PATH_STARTING_VALUES

from emulator import managed_policies
from emulator.authorization import documents_of
from emulator.call import Call
from emulator.identity import organization_of, suspended
from emulator.policy import Principal, evaluate_identity
from emulator.protocol import AwsError, Response
from emulator.rules import rule
from emulator.rules.account import delegated

ACTION, SERVICE, LONGEST = "sts:AssumeRoot", "iam.amazonaws.com", 900
# The resource of the action (Service Authorization Reference, list_awssecuritytokenservice.html), unknown to moto.
VALID_RESOURCE_PATH_STARTING_VALUES["iam"]["values"].append("root")


@rule("sts", "AssumeRoot")
def assume_root(call: Call) -> Response:
    """From the management account or IAM's delegated administrator, into a member, for one of five tasks.

    STS API reference, AssumeRoot (API_AssumeRoot.html); IAM user guide, "Perform a privileged task on an AWS
    Organizations member account" (id_root-user-privileged-task.html): centralized root access is enabled, and the
    caller has the permission. The endpoint must be a regional one: here it cannot be told from the global one.
    """
    target = call.params["TargetPrincipal"]
    account = target.split(":")[4] if target.startswith("arn:") else target
    arn = f"arn:aws:iam::{account}:root"
    name = str((call.params["TaskPolicyArn"] or {}).get("arn", "")).removeprefix("arn:aws:iam::aws:policy/root-task/")
    document = managed_policies.root_task(name)
    if document is None or target not in (account, arn):
        raise AwsError("ValidationError", "The task policy must be one of the root task policies of AWS.")
    duration = int(call.params.get("DurationSeconds", LONGEST))
    if not 0 <= duration <= LONGEST:
        raise AwsError("ValidationError", f"DurationSeconds must be at most {LONGEST} seconds.")
    if not _may(call, account, arn, name):
        text = f"User: {call.principal.arn} is not authorized to perform: {ACTION} on resource: {arn}"
        raise AwsError("AccessDenied", text, 403)
    now = time.time()
    principal = Principal(account=account, arn=arn, identity_arn=arn, issued=now, task_policy=document)
    key, token = "ASIA" + _random(16), _random(64)
    call.world.sessions[key] = (principal, token, now + duration)
    return call.result(
        Credentials={
            "AccessKeyId": key,
            "SecretAccessKey": _random(40),
            "SessionToken": token,
            "Expiration": datetime.fromtimestamp(now + duration, UTC),
        }
    )


def _may(call: Call, account: str, arn: str, task: str) -> bool:
    organization = organization_of(call.account)
    if organization is None or call.principal.task_policy or call.principal.arn.endswith(":root"):
        return False
    owner = organization.org.master_account_id
    features = call.world.root_features.get(owner, set())
    needed = {"RootSessions"} | ({"RootCredentialsManagement"} if task.startswith("IAM") else set())
    member = account != owner and any(one.id == account for one in organization.accounts)
    caller = call.account == owner or delegated(organization, call.account, SERVICE)
    context = {"aws:RequestedRegion": call.region, "sts:TaskPolicyArn": call.params["TaskPolicyArn"]["arn"]}
    allowed = evaluate_identity(documents_of(call.principal), ACTION, arn, context)
    return caller and member and not suspended(account) and needed <= features and allowed == "allow"


def _random(length: int) -> str:
    return "".join(random.choices(string.ascii_uppercase + string.digits, k=length))
