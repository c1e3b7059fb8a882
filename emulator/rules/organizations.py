"""Organizations: what a member may see, pages, duplicate e-mail addresses, the role in new accounts."""

from __future__ import annotations

import json
from typing import Any

from moto.iam.models import iam_backends

from emulator import units
from emulator.call import Call
from emulator.identity import organization_of
from emulator.ledger import kind_of
from emulator.protocol import AwsError, Response
from emulator.rules import guard, rule
from emulator.world import AccountState

# What any member may ask (Organizations API reference: "can be called from any account in the organization").
OUTSIDERS_MAY = {"CreateOrganization", "AcceptHandshake", "DeclineHandshake", "ListHandshakesForAccount"}
MEMBERS_MAY = {"DescribeOrganization", "LeaveOrganization", "ListHandshakesForAccount", "DescribeEffectivePolicy"}


@guard("organizations")
def only_the_management_account(call: Call) -> None:
    """Members get AccessDeniedException from nearly all operations (API reference, each operation's first note)."""
    if kind_of(call.operation) == "write":
        call.world.service_control.clear()
    organization = organization_of(call.account)
    if organization is None:
        if call.operation in OUTSIDERS_MAY:
            return
        raise AwsError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
    if organization.org.master_account_id == call.account or call.operation in MEMBERS_MAY:
        return
    if any(admin.account.id == call.account for admin in organization.admins) and kind_of(call.operation) == "read":
        return
    raise AwsError("AccessDeniedException", "You don't have permissions to access this resource.")


@rule("organizations", "ListAccounts")
def list_accounts(call: Call) -> Response:
    """Twenty accounts a page at most (API_ListAccounts.html), each with its paths (API_Account.html)."""
    organization = organization_of(call.account)
    if organization is None:
        return call.forward()
    accounts = [
        account.describe() | {"Paths": [units.path_of(organization, account)]} for account in organization.accounts
    ]
    size = int(call.params.get("MaxResults") or 20)
    if not 1 <= size <= 20:
        raise AwsError("InvalidInputException", "You specified an invalid value for MaxResults.")
    token = call.params.get("NextToken")
    if token and not token.isdigit():
        raise AwsError("InvalidInputException", "You specified an invalid next token.")
    start = int(token or 0)
    members: dict[str, Any] = {"Accounts": accounts[start : start + size]}
    if start + size < len(accounts):
        members["NextToken"] = str(start + size)
    return call.result(**members)


def _owner(call: Call) -> str:
    organization = organization_of(call.account)
    return str(organization.org.master_account_id) if organization else call.account


@rule("organizations", "CreateAccount")
def create_account(call: Call) -> Response:
    """An address is used once only; the new account's role may do everything (API_CreateAccount.html).

    What a standalone account needs is not collected (API_LeaveOrganization.html): no payment method, no phone.
    moto answers a finished creation at once; AWS is asynchronous.
    """
    organization = organization_of(call.account)
    if organization is None:
        return call.forward()
    email, name = call.params.get("Email", ""), call.params.get("AccountName", "")
    if any(account.email.lower() == email.lower() for account in organization.accounts):
        status = {"Id": "car-0000000000000000000000000000dupe", "AccountName": name, "State": "FAILED"}
        return call.result(CreateAccountStatus=status | {"FailureReason": "EMAIL_ALREADY_EXISTS"})
    response = call.forward()
    if response.ok:
        number = json.loads(response.body)["CreateAccountStatus"]["AccountId"]
        role = call.params.get("RoleName") or "OrganizationAccountAccessRole"
        iam_backends[number]["aws"].attach_role_policy("arn:aws:iam::aws:policy/AdministratorAccess", role)
        call.world.accounts[number] = AccountState(payment_method=False, phone_verified=False, root_password=False)
        call.added = True
    return response


@rule("organizations", "CloseAccount")
def close_account(call: Call) -> Response:
    """The management account cannot be closed this way (API_CloseAccount.html)."""
    if call.params.get("AccountId") == _owner(call):
        raise AwsError(
            "ConstraintViolationException",
            "You can't close the management account.",
            Reason="CANNOT_CLOSE_MANAGEMENT_ACCOUNT",
        )
    return call.forward()
