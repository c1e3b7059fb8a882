# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The root user of a member account, as far as AssumeRoot reaches: deactivating its MFA (E6, D1)."""

from __future__ import annotations

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import AccountSession, Guard
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Entry, Run
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import (
    AccountsError,
    RecordError,
    error_code,
    is_denied,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Account, StopFlag
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.onboarding import check_options
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.organization_membership import is_member
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.reach import ACCOUNT_SPEC, about, reach
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.refusals import told
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.session import Access

#: IAM actions that it calls in the account, and in the organization's management account. What it does as root is
#: allowed by the task policy
PERMISSIONS = ("iam:GetAccountSummary", "iam:ListVirtualMFADevices")
MANAGEMENT_PERMISSIONS = ("iam:ListOrganizationsFeatures", "organizations:DescribeAccount", "sts:AssumeRoot")

#: whose root user it is: options of every module that may touch it
MODEL_SPEC: dict[str, dict[str, Any]] = {
    "account_model": {"type": "str", "choices": ["spam", "ecam"], "default": "spam"},
    "account_kind": {"type": "str", "choices": ["member", "payer", "standalone"], "default": "member"},
}
SPEC: dict[str, dict[str, Any]] = {
    **aws_argument_spec(),
    **ACCOUNT_SPEC,
    **MODEL_SPEC,
    "task": {"type": "str", "choices": ["deactivate_mfa"], "default": "deactivate_mfa"},
}
#: AWS managed policy that confines the session. Source: IAM User Guide, "AWS managed policies for IAM"
TASK_POLICY = "arn:{partition}:iam::aws:policy/root-task/IAMDeleteRootUserCredentials"
#: the name of the device that the console made for the root user, before it let people choose one; told without a user
ROOT_DEVICE = ":mfa/root-account-mfa-device"
LONGEST = 900  # seconds. Source: STS API Reference, AssumeRoot
#: Source: IAM API Reference, ListOrganizationsFeatures
FEATURES = {
    "RootCredentialsManagement": "aws iam enable-organizations-root-credentials-management",
    "RootSessions": "aws iam enable-organizations-root-sessions",
}
#: AWS's answer where there can be no such feature -> why
NO_FEATURES = {
    "ServiceAccessNotEnabled": (
        "the organization does not trust the service IAM (aws organizations enable-aws-service-access "
        "--service-principal iam.amazonaws.com)"
    ),
    "AccountNotManagementOrDelegatedAdministrator": (
        "the management account that account_organization names is not the one of an organization"
    ),
    "OrganizationNotFound": "the management account that account_organization names has no organization",
    "OrganizationNotInAllFeaturesMode": "the organization does not have all features enabled",
}
FIXES = {
    "AssumeRoot:AccessDenied": (
        "allow sts:AssumeRoot to the role in the management account, and see that no service control policy denies "
        "what the root user does; or take the manual step"
    ),
    "EntityTemporarilyUnmodifiable": "the device was just changed: run again in a few minutes",
    "EntityTemporarilyUnmodifiableException": "the device was just changed: run again in a few minutes",
}


def customers_root(account_model: str, account_kind: str) -> bool:
    """Tell whether the customer holds the root user, so that nothing may be done to it (D1)."""
    return account_model == "ecam" and account_kind != "payer"


def operation(params: dict[str, Any], run: Run) -> dict[str, Any]:
    """Deactivate the MFA devices of the root user, or say why that is a person's task."""
    check_options(params, ())
    if customers_root(params["account_model"], params["account_kind"]):
        raise RecordError(
            f"account {params['account_name'] or params['account_id']}: account_model is ecam, so the customer holds "
            "the root user, and nothing is ever done to it. Leave this step out, or correct account_model"
        )
    guard = Guard(run.check_mode, StopFlag(run.stopped))
    account, access = reach(params, guard, run.botocore_loader, regions=False)
    region = params.get("region") or "us-east-1"
    with told(account, FIXES):
        enabled, devices = mfa_of_root(access.client("iam", region), account)
        reason = _why_manual(access, account, params["account_kind"], region) if enabled else ""
    result: dict[str, Any] = {
        "changed": enabled and not reason,
        "mfa_devices": devices,
        "manual": bool(reason),
        "reason": reason,
    }
    if result["changed"] and not run.check_mode:
        devices = _deactivate(access, account, region)
        result.update(changed=bool(devices), mfa_devices=devices)
    header = f"{account} root user"
    change = {
        "before_header": header,
        "after_header": header,
        "before": {"mfa_enabled": True, "mfa_devices": devices},
        "after": {"mfa_enabled": False, "mfa_devices": []},
    }
    return {**result, **about(account, access, guard), "diff": [change] if result["changed"] else []}


def mfa_of_root(iam: Any, account: Account) -> tuple[bool, list[str]]:
    """Return whether the root user has MFA, and the serial numbers of its virtual devices.

    Hardware devices and passkeys are shown to the root user only.
    Source: IAM API Reference, GetAccountSummary (AccountMFAEnabled), ListVirtualMFADevices.
    """
    root = f"arn:{account.partition}:iam::{account.id}:root"
    pages = iam.get_paginator("list_virtual_mfa_devices").paginate(AssignmentStatus="Assigned")
    devices = sorted(
        device["SerialNumber"]
        for page in pages
        for device in page["VirtualMFADevices"]
        if (device["User"].get("Arn") == root if device.get("User") else device["SerialNumber"].endswith(ROOT_DEVICE))
    )
    summary = iam.get_account_summary()["SummaryMap"]
    return bool(devices) or bool(summary.get("AccountMFAEnabled")), devices


def _why_manual(access: Access, account: Account, account_kind: str, region: str) -> str:
    """Return why no API can deactivate the MFA of this root user; "" where one can."""
    if account_kind != "member":
        return f"the account is a {account_kind} account, and AWS opens root sessions only in member accounts"
    management = access.management
    if not is_member(management.client("organizations", region), account.id):
        return "the account is not, or no longer, a member of the organization that account_organization names"
    try:
        answer = management.client("iam", region).list_organizations_features()
    except Exception as error:
        code = error_code(error).removesuffix("Exception")
        if code not in NO_FEATURES and not is_denied(error):
            raise
        # whether AssumeRoot works is seen when it is called
        return NO_FEATURES.get(code, "")
    missing = [name for name in FEATURES if name not in answer.get("EnabledFeatures", [])]
    if not missing:
        return ""
    how = ", ".join(FEATURES[name] for name in missing)
    return f"the organization has no centralized root access ({', '.join(missing)}); in its management account: {how}"


def _deactivate(access: Access, account: Account, region: str) -> list[str]:
    """Deactivate every MFA device of the root user; returns their serial numbers."""
    done: list[str] = []
    try:
        with told(account, FIXES):
            iam = _root_session(access, account, region).client("iam", region)
            # without a name, the user is the caller: the root user
            found = iam.get_paginator("list_mfa_devices").paginate()
            for device in sorted(device["SerialNumber"] for page in found for device in page["MFADevices"]):
                iam.deactivate_mfa_device(SerialNumber=device)
                done.append(device)
    except AccountsError as error:
        error.result.update(changed=bool(done), mfa_devices=done)
        raise
    return done


def _root_session(access: Access, account: Account, region: str) -> AccountSession:
    sts = access.management.client("sts", region)  # regional: the global endpoint knows no AssumeRoot
    answer = sts.assume_root(
        TargetPrincipal=account.id,
        TaskPolicyArn={"arn": TASK_POLICY.format(partition=account.partition)},
        DurationSeconds=LONGEST,
    )
    return access.session_of(answer["Credentials"], "the root session")


ENTRY = Entry(operation=operation, argument_spec=SPEC)
