"""Leaving an organization: what AWS asks for before, and what is different afterwards."""

from __future__ import annotations

import json

import pytest

from tests.integration.embedded import seeded

MANAGEMENT, SHARED, PAYER = "100000000001", "100000000002", "820000000000"
DEPARTING, KEEPS, STANDALONE, LOOK_ALIKES = "811111111111", "822222222222", "833333333333", "844444444444"


@pytest.fixture
def emulator(running_emulator):
    """The organization anew for each test: none may leave twice."""
    return seeded(running_emulator, "offboard")


@pytest.fixture
def accounts(emulator, accounts_of):
    return accounts_of(emulator)


@pytest.fixture
def reason(refused):
    """Makes a call that is refused by a ConstraintViolationException; returns the reason."""

    def call(function, **arguments):
        with pytest.raises(function.__self__.exceptions.ConstraintViolationException) as caught:
            function(**arguments)
        return caught.value.response["Reason"]

    return call


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"joined_days_ago": 3.9}, "WAIT_PERIOD_ACTIVE"),
        ({"payment_method": False}, "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED"),
        ({"phone_verified": False}, "ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION"),
        ({"contact": False}, "ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION"),
        ({"agreement": False}, "ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA"),
    ],
)
def test_what_a_standalone_account_needs_is_asked_for_from_both_sides(accounts, emulator, reason, changes, expected):
    emulator.change_account(DEPARTING, **changes)
    assert reason(accounts(DEPARTING, "organizations").leave_organization) == expected
    remove = accounts(MANAGEMENT, "organizations").remove_account_from_organization
    assert reason(remove, AccountId=DEPARTING) == expected


def test_an_invited_account_does_not_wait(accounts, emulator):
    emulator.change_account(DEPARTING, joined_days_ago=1, joined_method="INVITED")
    accounts(DEPARTING, "organizations").leave_organization()


def test_a_delegated_administrator_stays_until_it_is_deregistered(accounts, reason, refused):
    management = accounts(MANAGEMENT, "organizations")
    service = {"AccountId": DEPARTING, "ServicePrincipal": "guardduty.amazonaws.com"}
    management.register_delegated_administrator(**service)
    (admin,) = management.list_delegated_administrators()["DelegatedAdministrators"]
    listed = management.list_delegated_services_for_account(AccountId=DEPARTING)["DelegatedServices"]
    assert (admin["Id"], listed[0]["ServicePrincipal"]) == (DEPARTING, "guardduty.amazonaws.com")
    leave = accounts(DEPARTING, "organizations").leave_organization
    assert reason(leave) == "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"
    management.deregister_delegated_administrator(**service)
    services = management.list_delegated_services_for_account
    assert refused(services, AccountId=DEPARTING) == "AccountNotRegisteredException"
    assert refused(services, AccountId=KEEPS) == "AccountNotFoundException"
    leave()


def test_the_management_account_can_neither_leave_nor_be_removed(accounts, refused):
    management = accounts(MANAGEMENT, "organizations")
    assert refused(management.leave_organization) == "MasterCannotLeaveOrganizationException"
    remove = management.remove_account_from_organization
    assert refused(remove, AccountId=MANAGEMENT) == "MasterCannotLeaveOrganizationException"


def test_a_member_removes_nobody_and_a_stranger_is_not_found(accounts, refused):
    remove = accounts(LOOK_ALIKES, "organizations").remove_account_from_organization
    assert refused(remove, AccountId=DEPARTING) == "AccessDeniedException"
    remove = accounts(MANAGEMENT, "organizations").remove_account_from_organization
    assert refused(remove, AccountId=KEEPS) == "AccountNotFoundException"
    assert refused(remove, AccountId=STANDALONE) == "AccountNotFoundException"


@pytest.mark.parametrize("by", [DEPARTING, MANAGEMENT])
def test_an_account_that_left_is_in_no_organization(accounts, emulator, policies, refused, by):
    iam = accounts(DEPARTING, "iam")
    inside = {"StringEquals": {"aws:PrincipalOrgID": "o-rackspace01"}}
    accounts(SHARED, "iam").create_role(
        RoleName="inside", AssumeRolePolicyDocument=policies.trust({"AWS": "*"}, **inside)
    )
    enter = accounts(DEPARTING, "sts").assume_role
    arn = f"arn:aws:iam::{SHARED}:role/inside"
    enter(RoleArn=arn, RoleSessionName="test")
    before = accounts(DEPARTING, "organizations").describe_organization()["Organization"]["Id"]
    client = accounts(by, "organizations")
    client.leave_organization() if by == DEPARTING else client.remove_account_from_organization(AccountId=DEPARTING)

    assert before == "o-rackspace01"
    assert emulator.accounts()[DEPARTING]["organization"] == ""
    mine, management = accounts(DEPARTING, "organizations"), accounts(MANAGEMENT, "organizations")
    for call in (mine.describe_organization, mine.leave_organization, mine.list_accounts):
        assert refused(call) == "AWSOrganizationsNotInUseException"
    assert refused(management.describe_account, AccountId=DEPARTING) == "AccountNotFoundException"
    assert DEPARTING not in [account["Id"] for account in management.list_accounts()["Accounts"]]
    assert refused(enter, RoleArn=arn, RoleSessionName="test") == "AccessDenied"
    iam.get_role(RoleName="OrganizationAccountAccessRole")  # it stays, and trusts the old management account
    arn = f"arn:aws:iam::{DEPARTING}:role/OrganizationAccountAccessRole"
    accounts(MANAGEMENT, "sts").assume_role(RoleArn=arn, RoleSessionName="test")


def test_a_service_control_policy_ends_with_the_membership(accounts, refused):
    management = accounts(MANAGEMENT, "organizations")
    deny = {"Effect": "Deny", "Action": ["sns:*", "organizations:LeaveOrganization"], "Resource": "*"}
    content = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    made = management.create_policy(Name="deny", Description="", Type="SERVICE_CONTROL_POLICY", Content=content)
    management.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=DEPARTING)
    sns = accounts(DEPARTING, "sns")
    assert refused(sns.list_topics) == "AuthorizationError"
    assert refused(accounts(DEPARTING, "organizations").leave_organization) == "AccessDeniedException"
    management.remove_account_from_organization(AccountId=DEPARTING)
    sns.list_topics()


def test_an_account_that_was_just_created_lacks_nearly_everything(accounts, emulator, reason):
    management = accounts(MANAGEMENT, "organizations")
    made = management.create_account(Email="new@example.com", AccountName="new")["CreateAccountStatus"]["AccountId"]
    remove = management.remove_account_from_organization
    assert reason(remove, AccountId=made) == "WAIT_PERIOD_ACTIVE"
    emulator.change_account(made, joined_days_ago=5)
    assert reason(remove, AccountId=made) == "ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION"
    emulator.change_account(made, phone_verified=True, contact=True)
    assert reason(remove, AccountId=made) == "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED"
    emulator.change_account(made, payment_method=True)
    remove(AccountId=made)


def test_unknown_changes_of_an_account_are_refused(emulator):
    with pytest.raises(RuntimeError, match="unknown: plan"):
        emulator.change_account(DEPARTING, plan="basic")
    with pytest.raises(RuntimeError, match="is in no organization"):
        emulator.change_account(STANDALONE, joined_days_ago=1)
