# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An account, its organization and its root user: what moto lacks of them in memory, everything else in moto."""

from __future__ import annotations

import threading
import types
from collections.abc import Callable, Mapping
from typing import Any

import boto3
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import is_read
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Entry, Run, never_stopped
from tests.customer import CONTACT
from tests.unit.core.places import EXTERNAL_ID, LOADER

MEMBER, PROVIDER, MANAGEMENT = "111111111111", "999999999999", "888888888888"
CUSTOMER_PAYER = "777777777777"
ORGANIZATION = {"id": "o-rackspace01", "management_account_id": MANAGEMENT, "management_role": "Operator"}
OLD_EMAIL, NEW_EMAIL = "aws+app1@provider.example", "owner@customer.example"
CODE = "A1b2C3"
MFA_DEVICE = f"arn:aws:iam::{MEMBER}:mfa/root-account-mfa-device"
BILLING = {"name": "Bill Payer", "title": "Accountant", "email": "bill@customer.example", "phone": "+12105550124"}
REQUEST = {"contact": CONTACT, "new_root_email": NEW_EMAIL}
PROVIDERS_CONTACT = {
    "FullName": "Provider Operations",
    "CompanyName": "Provider Inc.",
    "AddressLine1": "9 Provider Way",
    "AddressLine2": "Suite 400",
    "City": "Austin",
    "StateOrRegion": "TX",
    "PostalCode": "78701",
    "CountryCode": "US",
    "PhoneNumber": "+15125550199",
}


class RefusedError(Exception):
    """AWS refuses: an error code, a message and what else the answer holds."""

    def __init__(self, code: str, message: str = "refused by the test", **more: Any) -> None:
        super().__init__(message)
        self.answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {}, **more}


class Aws:
    """What there is, and the record of every call: the account it was made in, the operation, its arguments."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, dict[str, Any]]] = []
        self.contact: dict[str, str] | None = dict(PROVIDERS_CONTACT)
        self.verification = ""
        self.alternates: dict[str, dict[str, str]] = {}
        self.email, self.pending, self.mails = OLD_EMAIL, "", 0
        self.accept_status = "ACCEPTED"
        self.organizations: dict[str, str] = {MEMBER: "o-rackspace01", MANAGEMENT: "o-rackspace01"}
        self.managers = {"o-rackspace01": MANAGEMENT, "o-customer01": CUSTOMER_PAYER}
        self.features: list[str] = ["RootCredentialsManagement", "RootSessions"]
        self.virtual: list[str] = [MFA_DEVICE]
        self.others: list[str] = []  # hardware devices and passkeys, which only the root user sees
        self._refusals: dict[str, list[RefusedError]] = {}
        self._given = threading.local()
        self._accounts: dict[int, str] = {}

    def refuse(
        self, operation: str, code: str, message: str = "refused by the test", times: int = 1, **more: Any
    ) -> None:
        """Refuse the next calls of an operation."""
        self._refusals.setdefault(operation, []).extend([RefusedError(code, message, **more)] * times)

    @property
    def writes(self) -> list[tuple[str, str]]:
        """The account and operation of every call that writes, in order."""
        return [(account, operation) for account, operation, _ in self.calls if not is_read(operation)]

    def arguments(self, operation: str) -> list[dict[str, Any]]:
        """Return the arguments of every call of an operation."""
        return [arguments for _, name, arguments in self.calls if name == operation]

    def watch(self, session: Any) -> Any:
        """Stand before every call of a botocore session."""

        def remember(params: dict[str, Any], **_: Any) -> None:
            self._given.arguments = dict(params)

        def before(model: Any, **_: Any) -> Any:
            arguments = self._given.arguments
            account = self._accounts.get(id(session), "?")
            self.calls.append((account, model.name, arguments))
            try:
                if self._refusals.get(model.name):
                    raise self._refusals[model.name].pop(0)
                handler: Callable[..., Any] | None = getattr(self, model.name, None)
                if handler is None:
                    return None  # moto answers
                return _http(200), {**(handler(account, **arguments) or {}), "ResponseMetadata": {}}
            except RefusedError as refusal:
                return _http(400), refusal.answer

        def after(model: Any, parsed: Mapping[str, Any], **_: Any) -> None:
            if model.name == "GetCallerIdentity":
                self._accounts[id(session)] = parsed["Account"]

        session.register("provide-client-params", remember)
        # behind the guard of the session, which would not be asked otherwise
        session.get_component("event_emitter").register_last("before-call", before)
        session.register("after-call", after)
        return session

    # --- AWS Account Management; operations have AWS's names

    def GetContactInformation(self, account: str) -> Any:  # noqa: N802
        assert account == MEMBER
        if self.contact is None:
            raise RefusedError("ResourceNotFoundException")
        status = {"VerificationStatus": self.verification} if self.verification else {}
        return {"ContactInformation": dict(self.contact), **status}

    def PutContactInformation(self, account: str, ContactInformation: dict[str, str]) -> None:  # noqa: N802, N803
        assert account == MEMBER
        self.contact = dict(ContactInformation)

    def GetAlternateContact(self, account: str, AlternateContactType: str) -> Any:  # noqa: N802, N803
        assert account == MEMBER
        if AlternateContactType not in self.alternates:
            raise RefusedError("ResourceNotFoundException")
        return {"AlternateContact": self.alternates[AlternateContactType]}

    def PutAlternateContact(self, account: str, AlternateContactType: str, **contact: str) -> None:  # noqa: N802, N803
        self.alternates[AlternateContactType] = contact

    def DeleteAlternateContact(self, account: str, AlternateContactType: str) -> None:  # noqa: N802, N803
        del self.alternates[AlternateContactType]

    def GetPrimaryEmail(self, account: str, AccountId: str) -> Any:  # noqa: N802, N803
        self._managed(account, AccountId)
        return {"PrimaryEmail": self.email}

    def StartPrimaryEmailUpdate(self, account: str, AccountId: str, PrimaryEmail: str) -> Any:  # noqa: N802, N803
        self._managed(account, AccountId)
        self.pending, self.mails = PrimaryEmail, self.mails + 1
        return {"Status": "PENDING"}

    def AcceptPrimaryEmailUpdate(self, account: str, AccountId: str, PrimaryEmail: str, Otp: str) -> Any:  # noqa: N802, N803
        self._managed(account, AccountId)
        if Otp != CODE or PrimaryEmail != self.pending:
            raise RefusedError("ValidationException", f"The code {Otp} for {PrimaryEmail} is not valid.")
        self.email = PrimaryEmail
        return {"Status": self.accept_status}

    def _managed(self, caller: str, account: str) -> None:
        assert caller == MANAGEMENT
        if self.organizations.get(account) != self.organizations.get(caller):
            raise RefusedError("AccessDeniedException", "The account is not a member of your organization.")

    # --- AWS Organizations

    def DescribeOrganization(self, account: str) -> Any:  # noqa: N802
        if account not in self.organizations:
            raise RefusedError("AWSOrganizationsNotInUseException")
        found = self.organizations[account]
        return {"Organization": {"Id": found, "MasterAccountId": self.managers[found]}}

    def DescribeAccount(self, account: str, AccountId: str) -> Any:  # noqa: N802, N803
        assert account == MANAGEMENT
        if self.organizations.get(AccountId) != self.organizations[account]:
            raise RefusedError("AccountNotFoundException")
        return {"Account": {"Id": AccountId}}

    def RemoveAccountFromOrganization(self, account: str, AccountId: str) -> None:  # noqa: N802, N803
        assert account == MANAGEMENT
        del self.organizations[AccountId]

    def LeaveOrganization(self, account: str) -> None:  # noqa: N802
        assert account == MEMBER
        del self.organizations[account]

    # --- IAM and STS, as far as the root user goes

    def ListOrganizationsFeatures(self, account: str) -> Any:  # noqa: N802
        assert account == MANAGEMENT
        return {"OrganizationId": "o-rackspace01", "EnabledFeatures": self.features}

    def AssumeRoot(self, account: str, TargetPrincipal: str, **_: Any) -> Any:  # noqa: N802, N803
        assert account == MANAGEMENT
        client = boto3.client("sts", region_name="us-east-1")
        answer = client.assume_role(RoleArn=f"arn:aws:iam::{TargetPrincipal}:role/root", RoleSessionName="root")
        return {"Credentials": answer["Credentials"]}

    def GetAccountSummary(self, account: str) -> Any:  # noqa: N802
        return {"SummaryMap": {"AccountMFAEnabled": int(bool(self.virtual or self.others))}}

    def ListVirtualMFADevices(self, account: str, AssignmentStatus: str) -> Any:  # noqa: N802, N803
        assert (account, AssignmentStatus) == (MEMBER, "Assigned")
        owners = dict.fromkeys(self.virtual, f"arn:aws:iam::{MEMBER}:root")
        owners[f"arn:aws:iam::{MEMBER}:mfa/somebody"] = f"arn:aws:iam::{MEMBER}:user/somebody"
        devices = [{"SerialNumber": device, "User": {"Arn": owner}} for device, owner in owners.items()]
        return {"VirtualMFADevices": devices, "IsTruncated": False}

    def ListMFADevices(self, account: str) -> Any:  # noqa: N802
        assert account == MEMBER
        devices = [{"SerialNumber": device} for device in [*self.virtual, *self.others]]
        return {"MFADevices": devices, "IsTruncated": False}

    def DeactivateMFADevice(self, account: str, SerialNumber: str) -> None:  # noqa: N802, N803
        assert account == MEMBER
        (self.virtual if SerialNumber in self.virtual else self.others).remove(SerialNumber)


def run(
    entry: Entry, check_mode: bool = False, stopped: Callable[[], bool] = never_stopped, **options: Any
) -> dict[str, Any]:
    """Return the result of a module that reaches the account by its ordinary ways."""
    given = {
        "account_id": MEMBER,
        "account_name": "app1-prod",
        "external_id": EXTERNAL_ID,
        "provider_account_id": PROVIDER,
        "organization": ORGANIZATION,
        "credential_cache": "",
        **options,
    }
    checked = ArgumentSpecValidator(**entry.rules).validate(
        {key: value for key, value in given.items() if value is not None}
    )
    assert not checked.error_messages, checked.error_messages
    how = Run(check_mode=check_mode, diff=True, botocore_loader=LOADER, stopped=stopped)
    return entry.outcome(checked.validated_parameters, how)


def _http(status: int) -> Any:
    return types.SimpleNamespace(status_code=status, headers={}, content=b"", text="", raw=None)
