# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The organization that an account is a member of, and leaving it (E6)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import Guard
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Entry, Run
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import (
    AccessError,
    AccountsError,
    error_code,
    is_denied,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Account, StopFlag
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.onboarding import check_options
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.reach import ACCOUNT_SPEC, about, reach
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.refusals import told
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.session import Access

#: IAM actions that it calls in the account, and in the organization's management account
PERMISSIONS = ("organizations:DescribeOrganization", "organizations:LeaveOrganization")
MANAGEMENT_PERMISSIONS = (
    "organizations:DescribeAccount",
    "organizations:DescribeOrganization",
    "organizations:RemoveAccountFromOrganization",
)

SPEC: dict[str, dict[str, Any]] = {
    **aws_argument_spec(),
    **ACCOUNT_SPEC,
    "state": {"type": "str", "choices": ["absent"], "default": "absent"},
}
NOT_IN_USE = "AWSOrganizationsNotInUseException"
REMOVE, LEAVE = "RemoveAccountFromOrganization", "LeaveOrganization"
#: seconds before each look whether AWS shows what was done, and before each new try of what may be tried again
PAUSES = (0, 1, 2, 4, 8, 15)
TRY_AGAIN = "ConcurrentModificationException"

#: where a member account completes what it lacks. Source: the page named below
REGISTRATION = (
    "https://portal.aws.amazon.com/gp/aws/developer/registration/index.html?client=organizations&enforcePI=True"
)
#: why an account cannot leave -> what to do
#: Source: AWS Organizations API Reference, ConstraintViolationException, and AWS Organizations User Guide, "Removing a
#: member account from an organization"
FIXES = {
    "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED": (
        "the account has no payment method: the customer enters one on the page Payment preferences of the account's "
        "Billing console, which the account's owner or a principal of offboarding.billing_principals can open"
    ),
    "INVALID_PAYMENT_INSTRUMENT": (
        "AWS does not accept the account's payment method: the customer enters another one on the page Payment "
        "preferences of the account's Billing console"
    ),
    "ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION": (
        "the phone number of the account is not verified: check offboarding.contact, then the customer signs in to "
        f"the account and completes the registration: {REGISTRATION}"
    ),
    "ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA": (
        "the AWS Customer Agreement was not accepted for this account: the customer signs in to the account and "
        f"completes the registration: {REGISTRATION}"
    ),
    "ACCOUNT_CREATION_NOT_COMPLETE": (
        "the account's setup is not complete: the customer signs in to the account and completes the registration "
        f"(contact information, payment method, phone number, support plan): {REGISTRATION}"
    ),
    "WAIT_PERIOD_ACTIVE": (
        "an account that was created in the organization stays for at least four days after its creation: run again "
        "after that"
    ),
    "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG": (
        "the account is a delegated administrator: in the management account, list for what (aws organizations "
        "list-delegated-services-for-account --account-id {account_id}), make another account the administrator, and "
        "deregister this one (aws organizations deregister-delegated-administrator --account-id {account_id} "
        "--service-principal SERVICE)"
    ),
    "ACCOUNT_CANNOT_LEAVE_ORGANIZATION": (
        "it is the organization's management account, which cannot leave it: keep the organization "
        "(offboarding.keep_organization: true), or remove its members and delete it"
    ),
    "MasterCannotLeaveOrganizationException": (
        "it is the organization's management account, which cannot leave it: keep the organization "
        "(offboarding.keep_organization: true), or remove its members and delete it"
    ),
    "ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS": (
        "a billing transfer is under way: finish or withdraw it in the management account's Billing console"
    ),
    "UNMET_BILLING_PREREQUISITE": "AWS does not support the account's billing configuration: open a case with AWS",
    f"{LEAVE}:AccessDeniedException": (
        "allow organizations:LeaveOrganization to the role that the run came in by, and in the organization's service "
        "control policies; or let the run reach the management account (account_organization: management_role), which "
        "removes the account without that"
    ),
    TRY_AGAIN: "the organization is being changed by somebody else: run again",
    "ConstraintViolationException": (
        "the account lacks something that it needs on its own (contact information with a verified phone number, "
        "payment method, support plan): the customer signs in to the account and completes the registration: "
        f"{REGISTRATION}"
    ),
}


def operation(params: dict[str, Any], run: Run) -> dict[str, Any]:
    """Take the account out of the organization that its record names; no other one is ever left."""
    check_options(params, ())
    guard = Guard(run.check_mode, StopFlag(run.stopped))
    account, access = reach(params, guard, run.botocore_loader, regions=False)
    region = params.get("region") or "us-east-1"
    client = access.client("organizations", region)
    management, unreached = _management(access, region)
    fixes = {code: fix.replace("{account_id}", account.id) for code, fix in FIXES.items()}
    with told(account, fixes):
        found = organization_of(client, management, account.id)
    result: dict[str, Any] = {"changed": False, "organization": found, "method": "", "reason": ""}
    if found is None:
        result["reason"] = "the account is a member of no organization"
    else:
        _check_record(found, params.get("organization"), account)
        result.update(changed=True, method=REMOVE if management else LEAVE, reason=unreached)
        if not run.check_mode:
            with told(account, fixes):
                result["method"] = _leave(client, management, account.id)
                _see_that_it_left(client, management, account.id, result["method"])
    header = f"{account} organization"
    change = {
        "before_header": header,
        "after_header": header,
        "before": {"organization": found},
        "after": {"organization": None},
    }
    return {**result, **about(account, access, guard), "diff": [change] if result["changed"] else []}


def organization_of(client: Any, management: Any, account_id: str) -> dict[str, str] | None:
    """Return the account's organization (id, management_account_id), or None where it is in none.

    Args:
        client: of the service organizations in the account.
        management: of the same in the management account; asked where the account may not ask itself.
    """
    try:
        answer = client.describe_organization()["Organization"]
    except Exception as error:
        if error_code(error) == NOT_IN_USE:
            return None
        if not is_denied(error) or management is None:
            raise
        if not is_member(management, account_id):
            return None
        answer = management.describe_organization()["Organization"]
    return {"id": answer["Id"], "management_account_id": answer["MasterAccountId"]}


def is_member(management: Any, account_id: str) -> bool:
    """Tell whether an account belongs to the organization of a management account's client."""
    try:
        management.describe_account(AccountId=account_id)
    except Exception as error:
        if error_code(error) in {"AccountNotFoundException", NOT_IN_USE}:
            return False
        raise
    return True


def _management(access: Access, region: str) -> tuple[Any, str]:
    """Return the management account's client, or None and why it is not reached."""
    try:
        return access.management.client("organizations", region), ""
    except AccessError as error:
        return None, f"the account leaves by itself: {error}"


def _check_record(found: Mapping[str, str], organization: Mapping[str, Any] | None, account: Account) -> None:
    """Raise AccessError where the account is not in the organization that its record names."""
    where = f"account {account}: it is a member of organization {found['id']}"
    if found["management_account_id"] == account.id:
        raise AccessError(f"{where} as its management account: {FIXES['ACCOUNT_CANNOT_LEAVE_ORGANIZATION']}")
    if not organization:
        raise AccessError(
            f"{where}, and account_organization names none; nothing was left. Name it there, or keep the organization "
            "(offboarding.keep_organization: true)"
        )
    named = {"id": organization.get("id"), "management_account_id": organization["management_account_id"]}
    wrong = [f"{key} {value}" for key, value in named.items() if value and value != found[key]]
    if wrong:
        raise AccessError(
            f"{where} (management account {found['management_account_id']}), not of the one that account_organization "
            f"names ({', '.join(wrong)}); nothing was left. Correct account_organization, or keep the organization "
            "(offboarding.keep_organization: true)"
        )


def _leave(client: Any, management: Any, account_id: str) -> str:
    """Take the account out of its organization; returns by which operation."""
    if management:
        try:
            _patiently(lambda: management.remove_account_from_organization(AccountId=account_id))
            return REMOVE
        except Exception as error:
            if not is_denied(error):
                raise
    _patiently(client.leave_organization)
    return LEAVE


def _see_that_it_left(client: Any, management: Any, account_id: str, method: str) -> None:
    """Look until AWS shows that the account is in no organization."""
    unread = ""
    for pause in PAUSES:
        time.sleep(pause)
        try:
            if organization_of(client, management, account_id) is None:
                return
        except Exception as error:  # what was accepted counts as changed, whatever comes then
            unread = f" ({error})"
    raise AccountsError(
        f"AWS accepted {method} and still shows the account as a member{unread}; run again to look again", changed=True
    )


def _patiently(call: Any) -> None:
    for pause in PAUSES[1:]:
        try:
            call()
            return
        except Exception as error:
            if error_code(error) != TRY_AGAIN:
                raise
        time.sleep(pause)
    call()


ENTRY = Entry(operation=operation, argument_spec=SPEC)
