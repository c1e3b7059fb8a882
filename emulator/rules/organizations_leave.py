"""Organizations: an account leaves, or is removed, and what AWS asks for before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from moto.core.utils import utcnow
from moto.organizations.models import organizations_backends

from emulator.call import Call
from emulator.documents import CONTACT
from emulator.identity import organization_of
from emulator.protocol import AwsError, Response
from emulator.rules import rule

WAITING_PERIOD = timedelta(days=4)
STANDALONE = (
    "The member account is missing one or more of the prerequisites required to operate as a standalone account. To "
    "add what is missing, sign-in to the member account using the AWS Organizations console, then select to leave the "
    "organization. You will then be prompted to enter any missing information."
)


def _violation(reason: str, message: str) -> AwsError:
    return AwsError("ConstraintViolationException", message, Reason=reason)


def _check(call: Call, organization: Any, account: str) -> None:
    """What keeps a member in its organization.

    API_LeaveOrganization.html and the reasons of ConstraintViolationException there; user guide, "Considerations
    before removing an account from an organization" (orgs_manage_account-before-remove.html): contact information and
    a verified phone, a payment method, no delegated administration, four days after creation, none for invited ones.
    The reason ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA is in the API's list of values alone.
    """
    member = next((one for one in organization.accounts if one.id == account), None)
    if member is None:
        raise AwsError("AccountNotFoundException", "You specified an account that doesn't exist.")
    if account == organization.org.master_account_id:
        text = "You can't remove a management account from an organization."
        raise AwsError("MasterCannotLeaveOrganizationException", text)
    state = call.world.state(account)
    if any(admin.account.id == account for admin in organization.admins):
        text = "This operation cannot be performed on a registered delegated administrator account."
        raise _violation("CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG", text)
    if member.joined_method == "CREATED" and utcnow() - member.create_time < WAITING_PERIOD:
        text = "This operation requires a wait period. Try again later: at least four days after its creation."
        raise _violation("WAIT_PERIOD_ACTIVE", text)
    if not state.agreement:
        raise _violation("ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA", STANDALONE)
    if not state.phone_verified or (CONTACT, account) not in call.world.documents:
        raise _violation("ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION", STANDALONE)
    if not state.payment_method:
        raise _violation("MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED", STANDALONE)


def _remove(call: Call, organization: Any, account: str) -> None:
    """It is in no organization from now on: no SCP binds it, aws:PrincipalOrgID is gone, its tags there too."""
    member = next(one for one in organization.accounts if one.id == account)
    for policy in member.attached_policies:
        policy.attachments.remove(member)
    organization.accounts.remove(member)
    organizations_backends.master_accounts.pop(account, None)
    call.world.service_control.clear()
    call.world.email_updates.pop(account, None)
    call.world.state(account).email = member.email


@rule("organizations", "LeaveOrganization")
def leave_organization(call: Call) -> Response:
    """Called by the member itself (API_LeaveOrganization.html)."""
    organization = organization_of(call.account)
    _check(call, organization, call.account)
    _remove(call, organization, call.account)
    return call.result()


@rule("organizations", "RemoveAccountFromOrganization")
def remove_account_from_organization(call: Call) -> Response:
    """Called from the management account (API_RemoveAccountFromOrganization.html)."""
    organization, account = organization_of(call.account), str(call.params["AccountId"])
    _check(call, organization, account)
    _remove(call, organization, account)
    return call.result()


@rule("organizations", "ListDelegatedServicesForAccount")
def list_delegated_services_for_account(call: Call) -> Response:
    """Of a member that is a delegated administrator (API_ListDelegatedServicesForAccount.html).

    Of another member: AccountNotRegisteredException; of an account outside: AccountNotFoundException.
    """
    organization, account = organization_of(call.account), str(call.params["AccountId"])
    if not any(one.id == account for one in organization.accounts):
        raise AwsError("AccountNotFoundException", "You specified an account that doesn't exist.")
    return call.forward(organization.org.master_account_id)
