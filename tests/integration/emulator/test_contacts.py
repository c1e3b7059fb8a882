"""Contacts and the primary e-mail address of an account."""

from __future__ import annotations

import pytest

from tests.integration.embedded import seeded

MANAGEMENT, PAYER = "100000000001", "820000000000"
DEPARTING, KEEPS, STANDALONE, LOOK_ALIKES = "811111111111", "822222222222", "833333333333", "844444444444"
CONTACT = {
    "FullName": "Olivia Owner",
    "AddressLine1": "1 Main Street",
    "City": "San Antonio",
    "StateOrRegion": "TX",
    "PostalCode": "78218",
    "CountryCode": "US",
    "PhoneNumber": "+12105550123",
}


@pytest.fixture(scope="module")
def emulator(running_emulator):
    return seeded(running_emulator, "offboard")


@pytest.fixture
def account(accounts):
    """Account Management as the management account calls it."""
    return accounts(MANAGEMENT, "account")


def test_the_contact_is_replaced_by_the_account_itself_or_from_the_management_account(accounts, account):
    own = accounts(DEPARTING, "account")
    assert own.get_contact_information()["ContactInformation"]["FullName"] == "Provider Operations"
    own.put_contact_information(ContactInformation=CONTACT)
    assert account.get_contact_information(AccountId=DEPARTING)["ContactInformation"] == CONTACT
    account.put_contact_information(AccountId=DEPARTING, ContactInformation={**CONTACT, "City": "Austin"})
    assert own.get_contact_information()["ContactInformation"]["City"] == "Austin"


@pytest.mark.parametrize(
    "change", [{"PhoneNumber": "210-555"}, {"StateOrRegion": None}, {"FullName": "x" * 51}, {"CountryCode": "USA"}]
)
def test_a_contact_that_is_not_valid_is_refused(accounts, refused, change):
    contact = {name: value for name, value in {**CONTACT, **change}.items() if value is not None}
    put = accounts(DEPARTING, "account").put_contact_information
    assert refused(put, ContactInformation=contact) == "ValidationException"


def test_alternate_contacts_are_put_read_and_deleted_one_by_one(accounts, refused):
    own = accounts(STANDALONE, "account")
    security = {"Name": "Sam", "Title": "CISO", "EmailAddress": "sam@example.com", "PhoneNumber": "+1 210"}
    kind = {"AlternateContactType": "SECURITY"}
    assert refused(own.get_alternate_contact, **kind) == "ResourceNotFoundException"
    own.put_alternate_contact(**security, **kind)
    assert own.get_alternate_contact(**kind)["AlternateContact"] == security | kind
    assert refused(own.get_alternate_contact, AlternateContactType="BILLING") == "ResourceNotFoundException"
    own.delete_alternate_contact(**kind)
    assert refused(own.delete_alternate_contact, **kind) == "ResourceNotFoundException"
    put = own.put_alternate_contact
    assert refused(put, **{**security, "EmailAddress": "nobody"}, **kind) == "ValidationException"
    assert refused(put, **security, AlternateContactType="OTHER") == "ValidationException"


def test_the_address_is_changed_with_the_code_that_was_sent_to_it(account, accounts, emulator, refused):
    email = "aws-root@departing.example"
    call = {"AccountId": DEPARTING, "PrimaryEmail": email}
    assert account.get_primary_email(AccountId=DEPARTING)["PrimaryEmail"] == "aws+departing@example.com"
    accept = account.accept_primary_email_update
    assert refused(accept, **call, Otp="ABC123") == "ResourceNotFoundException"
    assert account.start_primary_email_update(**call)["Status"] == "PENDING"
    (message,) = emulator.mail()
    assert (message["to"], message["account"]) == (email, DEPARTING)
    wrong = "ABC123" if message["code"] != "ABC123" else "ABC124"
    assert refused(accept, **call, Otp=wrong) == "ValidationException"
    other = {**call, "PrimaryEmail": "other@departing.example"}
    assert refused(accept, **other, Otp=message["code"]) == "ValidationException"
    assert accept(**call, Otp=message["code"])["Status"] == "ACCEPTED"
    assert account.get_primary_email(AccountId=DEPARTING)["PrimaryEmail"] == email
    described = accounts(MANAGEMENT, "organizations").describe_account(AccountId=DEPARTING)["Account"]
    assert described["Email"] == email
    assert refused(accept, **call, Otp=message["code"]) == "ResourceNotFoundException"


def test_a_later_start_replaces_the_code(account, emulator, refused):
    call = {"AccountId": LOOK_ALIKES, "PrimaryEmail": "aws-root@look-alikes.example"}
    account.start_primary_email_update(**call)
    account.start_primary_email_update(**call)
    first, second = [message["code"] for message in emulator.mail() if message["account"] == LOOK_ALIKES]
    if first != second:
        assert refused(account.accept_primary_email_update, **call, Otp=first) == "ValidationException"
    account.accept_primary_email_update(**call, Otp=second)


@pytest.mark.parametrize("email", ["aws+only-rackspace@example.com", "AWS@customer.example"])
def test_an_address_that_an_account_has_is_refused(account, refused, email):
    call = account.start_primary_email_update
    assert refused(call, AccountId=LOOK_ALIKES, PrimaryEmail=email) == "ConflictException"


def test_an_address_that_is_none_is_refused(account, refused):
    call = account.start_primary_email_update
    for email in ("nobody", f"{'x' * 60}@a.example"):
        assert refused(call, AccountId=LOOK_ALIKES, PrimaryEmail=email) == "ValidationException"


@pytest.mark.parametrize(
    ("caller", "target"),
    [
        (MANAGEMENT, MANAGEMENT),
        (MANAGEMENT, KEEPS),
        (MANAGEMENT, STANDALONE),
        (DEPARTING, DEPARTING),
        (DEPARTING, LOOK_ALIKES),
        (STANDALONE, STANDALONE),
        (PAYER, DEPARTING),
    ],
)
def test_it_is_for_members_and_from_their_management_account_only(accounts, refused, caller, target):
    assert refused(accounts(caller, "account").get_primary_email, AccountId=target) == "AccessDeniedException"


def test_a_delegated_administrator_may_too(accounts):
    management = accounts(MANAGEMENT, "organizations")
    service = {"AccountId": LOOK_ALIKES, "ServicePrincipal": "account.amazonaws.com"}
    management.register_delegated_administrator(**service)
    accounts(LOOK_ALIKES, "account").get_primary_email(AccountId=DEPARTING)
    management.deregister_delegated_administrator(**service)


def test_it_needs_trusted_access(accounts, refused):
    payer, service = accounts(PAYER, "organizations"), {"ServicePrincipal": "account.amazonaws.com"}
    call = accounts(PAYER, "account").get_primary_email
    assert call(AccountId=KEEPS)["PrimaryEmail"] == "aws+keeps-organization@example.com"
    payer.disable_aws_service_access(**service)
    assert refused(call, AccountId=KEEPS) == "AccessDeniedException"
    payer.enable_aws_service_access(**service)
