"""IAM: centralized root access, and the root user's credentials, which a session of AssumeRoot reads and deletes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moto.iam.models import iam_backends

from emulator.call import Call
from emulator.identity import organization_of
from emulator.protocol import AwsError, Response
from emulator.rules import rule
from emulator.rules.account import delegated, trusted
from emulator.rules.sts_root import SERVICE


@rule(
    "iam",
    "ListOrganizationsFeatures",
    "EnableOrganizationsRootSessions",
    "DisableOrganizationsRootSessions",
    "EnableOrganizationsRootCredentialsManagement",
    "DisableOrganizationsRootCredentialsManagement",
)
def organizations_features(call: Call) -> Response:
    """Centralized root access of an organization; IAM has trusted access in it.

    API_EnableOrganizationsRootSessions.html and the others: OrganizationNotFound, ServiceAccessNotEnabled,
    CallerIsNotManagementAccount, AccountNotManagementOrDelegatedAdministrator, with the names of botocore's shapes.
    """
    organization = organization_of(call.account)
    if organization is None:
        raise AwsError("OrganizationNotFoundException", "No organization is associated with your account.")
    owner, operation = organization.org.master_account_id, call.operation
    if call.account != owner and operation.startswith("Enable"):
        text = "The account making the request is not the management account for the organization."
        raise AwsError("CallerIsNotManagementAccountException", text)
    if call.account != owner and not delegated(organization, call.account, SERVICE):
        text = "The account making the request is not the management account or delegated administrator account."
        raise AwsError("AccountNotManagementOrDelegatedAdministratorException", text)
    if not trusted(organization, SERVICE):
        raise AwsError(
            "ServiceAccessNotEnabledException", "Trusted access is not enabled for IAM in AWS Organizations."
        )
    held = call.world.root_features.setdefault(owner, set())
    name = operation.removeprefix("Enable").removeprefix("Disable").removeprefix("Organizations")
    if operation.startswith("Enable"):
        held.add(name)
    elif operation.startswith("Disable"):
        held.discard(name)
    return call.result(OrganizationId=organization.org.id, EnabledFeatures=sorted(held))


def _is_root(call: Call) -> bool:
    """Whether the call is about the root user: its session, and no user is named (API_DeactivateMFADevice.html)."""
    return call.principal.arn.endswith(":root") and not call.params.get("UserName")


def _needs_user(call: Call) -> None:
    if not call.params.get("UserName") and ":assumed-role/" in call.principal.arn:
        raise AwsError("ValidationError", "Must specify userName when calling with non-User credentials")


def _user(call: Call) -> str:
    return str(call.params.get("UserName") or call.principal.arn.rsplit("/", 1)[-1])


@rule("iam", "ListMFADevices")
def list_mfa_devices(call: Call) -> Response:
    """Of the user that is named, else of the caller (API_ListMFADevices.html)."""
    if _is_root(call):
        found = [
            {"UserName": "root", "SerialNumber": serial, "EnableDate": datetime(2024, 1, 1, tzinfo=UTC)}
            for serial in call.world.state(call.account).root_mfa
        ]
        return call.result(MFADevices=found, IsTruncated=False)
    _needs_user(call)
    devices = iam_backends[call.account]["aws"].list_mfa_devices(_user(call))
    found = [
        {"UserName": _user(call), "SerialNumber": one.serial_number, "EnableDate": one.enable_date} for one in devices
    ]
    return call.result(MFADevices=found, IsTruncated=False)


@rule("iam", "DeactivateMFADevice")
def deactivate_mfa_device(call: Call) -> Response:
    """Takes a device from its user; a virtual one is there until it is deleted (API_DeactivateMFADevice.html)."""
    serial = call.params["SerialNumber"]
    if not _is_root(call):
        _needs_user(call)
        return call.forward()
    held = call.world.state(call.account).root_mfa
    if serial not in held:
        raise AwsError("NoSuchEntity", f"MFA Device with serial number {serial} does not exist.", 404)
    held.remove(serial)
    device = iam_backends[call.account]["aws"].virtual_mfa_devices.get(serial)
    if device is not None:
        device.enable_date = device.user_attribute = None
    return call.result()


@rule("iam", "DeleteVirtualMFADevice")
def delete_virtual_mfa_device(call: Call) -> Response:
    """One that is in use must be deactivated first (API_DeleteVirtualMFADevice.html: DeleteConflict)."""
    device = iam_backends[call.account]["aws"].virtual_mfa_devices.get(call.params["SerialNumber"])
    if device is not None and device.enable_date:
        raise AwsError("DeleteConflict", "MFA VirtualDevice in use. Must deactivate first.", 409)
    return call.forward()


@rule("iam", "GetLoginProfile", "DeleteLoginProfile", "CreateLoginProfile")
def login_profile(call: Call) -> Response:
    """Of the root user in its session: to create one allows to recover the password (API_CreateLoginProfile.html)."""
    if not _is_root(call):
        return call.forward()
    state = call.world.state(call.account)
    profile: dict[str, Any] = {"UserName": "root", "CreateDate": datetime(2024, 1, 1, tzinfo=UTC)}
    if call.operation == "CreateLoginProfile":
        if state.root_password:
            raise AwsError("EntityAlreadyExists", "Login Profile for User root already exists.", 409)
        state.root_password = True
        return call.result(LoginProfile=profile)
    if not state.root_password:
        raise AwsError("NoSuchEntity", "Login Profile for User root cannot be found.", 404)
    if call.operation == "DeleteLoginProfile":
        state.root_password = False
        return call.result()
    return call.result(LoginProfile=profile)


@rule("iam", "ListAccessKeys", "DeleteAccessKey", "ListSigningCertificates")
def access_keys(call: Call) -> Response:
    """Those of the root user in its session (API_ListAccessKeys.html); it has no signing certificates here."""
    if not _is_root(call):
        return call.forward()
    held = call.world.state(call.account).root_access_keys
    if call.operation == "ListSigningCertificates":
        return call.result(Certificates=[], IsTruncated=False)
    if call.operation == "DeleteAccessKey":
        if call.params["AccessKeyId"] not in held:
            text = f"The Access Key with id {call.params['AccessKeyId']} cannot be found."
            raise AwsError("NoSuchEntity", text, 404)
        held.remove(call.params["AccessKeyId"])
        return call.result()
    keys = [{"AccessKeyId": key, "Status": "Active", "CreateDate": datetime(2024, 1, 1, tzinfo=UTC)} for key in held]
    return call.result(AccessKeyMetadata=keys, IsTruncated=False)


@rule("iam", "GetAccountSummary")
def get_account_summary(call: Call) -> Response:
    """With what it says of the root user (API_GetAccountSummary.html)."""
    state = call.world.state(call.account)
    summary = iam_backends[call.account]["aws"].account_summary
    numbers = {
        "AccountMFAEnabled": int(bool(state.root_mfa)),
        "AccountAccessKeysPresent": int(bool(state.root_access_keys)),
        "AccountPasswordPresent": int(state.root_password),
    }
    return call.result(SummaryMap={**summary.summary_map, **numbers})
