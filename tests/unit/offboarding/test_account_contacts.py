# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The account's own data: compared first, changed where it is the provider's to change, shown to nobody (E6, D1)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_contacts import ENTRY, same
from tests.unit.offboarding.aws import (
    BILLING,
    CODE,
    CONTACT,
    MANAGEMENT,
    MEMBER,
    NEW_EMAIL,
    ORGANIZATION,
    PROVIDERS_CONTACT,
    REQUEST,
    Aws,
    run,
)

PUT = (MEMBER, "PutContactInformation")
START, ACCEPT = (MANAGEMENT, "StartPrimaryEmailUpdate"), (MANAGEMENT, "AcceptPrimaryEmailUpdate")
DOMAINS = ["provider.example"]
OURS = {"Name": "Ops", "Title": "Ops", "EmailAddress": "Ops@Provider.example", "PhoneNumber": "+15125550199"}
THEIRS = {"Name": "Sec", "Title": "CISO", "EmailAddress": "ciso@sub.provider.example", "PhoneNumber": "+12105550125"}
WANTED = {
    "FullName": "Olivia Owner",
    "CompanyName": "Customer Example Inc.",
    "AddressLine1": "1 Main Street",
    "City": "San Antonio",
    "StateOrRegion": "TX",
    "PostalCode": "78218",
    "CountryCode": "US",
    "PhoneNumber": "+12105550123",
}
#: what nobody but the account's owner and AWS is to see
PERSONAL = {
    *CONTACT.values(),
    *BILLING.values(),
    *PROVIDERS_CONTACT.values(),
    *OURS.values(),
    *THEIRS.values(),
    NEW_EMAIL,
    "aws+app1@provider.example",
    CODE,
} - {"TX", "US", "Ops", "Sec", "CISO", "78701"}


def contacts(check_mode: bool = False, **options: Any) -> dict[str, Any]:
    """Return the module's result; whatever it is, it shows nobody's data."""
    given = {"request": REQUEST, "provider_email_domains": DOMAINS, **options}
    result = run(ENTRY, check_mode, **given)
    told = json.dumps({key: value for key, value in result.items() if key != "exception"})
    assert [value for value in PERSONAL if value in told] == []
    return result


def row(result: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the row of one part of the data."""
    return dict(next(row for row in result["targets"] if row["default"] == name))


def done(aws: Aws) -> None:
    """Let everything be as the request wants it."""
    aws.contact, aws.email = dict(WANTED), NEW_EMAIL


# --- contact information


def test_contact_information_becomes_that_of_the_request(aws: Aws) -> None:
    result = contacts()

    assert aws.contact == WANTED, "whole: the provider's second line of the address is gone too"
    assert row(result, "contact_information")["state"] == "compliant"
    assert row(result, "contact_information")["changed"]


def test_the_row_names_the_fields_that_differ_and_no_value(aws: Aws) -> None:
    found = row(contacts(check_mode=True), "contact_information")

    assert found["before"] == {
        "differs": [
            "full_name",
            "company_name",
            "address_line_1",
            "address_line_2",
            "city",
            "postal_code",
            "phone_number",
        ]
    }
    assert found["after"] == {"differs": []}


def test_the_diff_holds_no_value_either(aws: Aws) -> None:
    (contact, *_) = contacts()["diff"]

    assert contact["before_header"] == f"app1-prod ({MEMBER}) global contact_information"
    assert contact["after"] == {"differs": []}


def test_an_account_without_contact_information_gets_it(aws: Aws) -> None:
    aws.contact = None

    assert row(contacts(), "contact_information")["changed"]
    assert aws.contact == WANTED


@pytest.mark.parametrize(
    ("name", "one", "other", "alike"),
    [
        ("phone_number", "+1 (210) 555-0123", "+12105550123", True),
        ("phone", "+12105550123", "+12105550124", False),
        ("country_code", "us", "US", True),
        ("email", "Owner@Customer.example", "owner@customer.example", True),
        ("city", " San  Antonio ", "San Antonio", True),
        ("city", "san antonio", "San Antonio", False),
        ("company_name", None, "", True),
        ("company_name", None, "Customer", False),
    ],
)
def test_values_are_alike_where_only_their_writing_differs(name: str, one: Any, other: Any, alike: bool) -> None:
    assert same(name, one, other) is alike


def test_an_unverified_phone_number_is_a_finding(aws: Aws) -> None:
    aws.verification = "UNVERIFIED"

    assert "has not verified the phone number" in row(contacts(), "contact_information")["findings"][0]


def test_contact_information_that_aws_refuses_is_told_without_it(aws: Aws) -> None:
    aws.refuse(
        "PutContactInformation", "ValidationException", "The phone number +12105550123 of Olivia Owner is wrong."
    )

    result = contacts()

    assert result["failed"]
    assert row(result, "contact_information")["state"] == "failed"
    assert not row(result, "contact_information")["changed"]
    message = row(result, "contact_information")["error"]["message"]
    assert message.startswith("PutContactInformation was refused (ValidationException): The phone number *** of ***")
    assert message.endswith("correct offboarding.contact")
    assert row(result, "primary_email")["changed"], "one failure does not stop the others (G5)"


def test_contact_information_that_cannot_be_read_is_not_written(aws: Aws) -> None:
    """G5."""
    aws.refuse("GetContactInformation", "AccessDeniedException")

    result = contacts()

    assert result["failed"]
    assert row(result, "contact_information")["state"] == "unknown"
    assert PUT not in aws.writes


# --- alternate contacts


def test_alternate_contacts_of_the_request_are_set(aws: Aws) -> None:
    aws.alternates["BILLING"] = dict(OURS)

    result = contacts(request={**REQUEST, "alternate_contacts": {"billing": BILLING, "operations": BILLING}})

    wanted = {
        "Name": "Bill Payer",
        "Title": "Accountant",
        "EmailAddress": "bill@customer.example",
        "PhoneNumber": "+12105550124",
    }
    assert aws.alternates == {"BILLING": wanted, "OPERATIONS": wanted}
    assert row(result, "alternate_contacts")["before"] == {
        "differs": ["billing.name", "billing.title", "billing.email", "billing.phone", "operations"],
        "providers": [],
    }


def test_only_the_providers_own_alternate_contacts_are_removed(aws: Aws) -> None:
    """G4: a domain is compared whole, so that a customer's subdomain is not taken for the provider's."""
    aws.alternates = {"OPERATIONS": dict(OURS), "SECURITY": dict(THEIRS)}

    result = contacts()

    assert list(aws.alternates) == ["SECURITY"]
    found = row(result, "alternate_contacts")
    assert found["before"] == {"differs": [], "providers": ["operations"]}
    assert found["after"] == {"differs": [], "providers": []}
    assert found["findings"] == [
        "the alternate contact for security stays: its address, at sub.provider.example, is not the provider's"
    ]


def test_without_the_providers_domains_no_alternate_contact_is_removed(aws: Aws) -> None:
    """G4."""
    aws.alternates = {"OPERATIONS": dict(OURS)}

    assert not row(contacts(provider_email_domains=[]), "alternate_contacts")["changed"]
    assert "OPERATIONS" in aws.alternates


def test_an_alternate_contact_of_the_provider_that_the_request_names_is_replaced(aws: Aws) -> None:
    aws.alternates = {"BILLING": dict(OURS)}

    contacts(request={**REQUEST, "alternate_contacts": {"billing": BILLING}})

    assert (MEMBER, "DeleteAlternateContact") not in aws.writes
    assert aws.alternates["BILLING"]["EmailAddress"] == BILLING["email"]


def test_what_is_left_after_a_cut_is_done_by_the_next_run(aws: Aws) -> None:
    """G6."""
    aws.alternates = {"BILLING": dict(OURS), "OPERATIONS": dict(OURS)}
    request = {**REQUEST, "alternate_contacts": {"billing": BILLING}}
    aws.refuse("DeleteAlternateContact", "TooManyRequestsException")

    first = contacts(request=request)
    assert row(first, "alternate_contacts")["state"] == "failed"
    assert row(first, "alternate_contacts")["changed"], "billing was set"

    assert not contacts(request=request, code_sent=True).get("failed")
    assert list(aws.alternates) == ["BILLING"]


# --- the root user's address


def test_without_a_code_one_is_sent_and_the_run_waits(aws: Aws) -> None:
    result = contacts()

    assert not result.get("failed")
    assert result["waiting_for_code"]
    found = row(result, "primary_email")
    assert (found["state"], found["changed"]) == ("drifted", True)
    assert found["before"] == {"differs": ["new_root_email"], "code_sent": False}
    assert found["after"] == {"differs": ["new_root_email"], "code_sent": True}
    assert "run again with it (email_code)" in found["reason"]
    assert aws.arguments("StartPrimaryEmailUpdate") == [{"AccountId": MEMBER, "PrimaryEmail": NEW_EMAIL}]
    assert aws.mails == 1


def test_no_second_code_is_sent_while_one_is_waited_for(aws: Aws) -> None:
    """G2."""
    contacts()
    aws.calls.clear()
    result = contacts(code_sent=True)

    assert result["waiting_for_code"]
    assert not result["changed"]
    assert row(result, "primary_email")["state"] == "drifted", "never compliant: the address is not the customer's yet"
    assert aws.writes == []


def test_a_new_code_is_sent_when_asked_for(aws: Aws) -> None:
    contacts()
    contacts(code_sent=True, resend_code=True)

    assert aws.mails == 2


def test_the_code_changes_the_address(aws: Aws) -> None:
    contacts()
    result = contacts(email_code=CODE, code_sent=True)

    assert aws.email == NEW_EMAIL
    assert not result["waiting_for_code"]
    assert (row(result, "primary_email")["state"], row(result, "primary_email")["changed"]) == ("compliant", True)
    assert aws.mails == 1


def test_an_address_that_aws_shows_late_counts_where_aws_accepted_it(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    contacts()
    monkeypatch.setattr(aws, "AcceptPrimaryEmailUpdate", lambda account, **_: {"Status": "ACCEPTED"})

    assert row(contacts(email_code=CODE), "primary_email")["state"] == "compliant"


def test_an_address_that_aws_neither_accepts_nor_shows_is_a_failure(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    contacts()
    monkeypatch.setattr(aws, "AcceptPrimaryEmailUpdate", lambda account, **_: {"Status": "PENDING"})

    result = contacts(email_code=CODE)

    assert result["failed"]
    assert "does not show it yet" in row(result, "primary_email")["error"]["message"]


def test_a_wrong_code_is_a_clear_error(aws: Aws) -> None:
    contacts()
    result = contacts(email_code="000000", code_sent=True)

    assert result["failed"]
    assert not result["waiting_for_code"]
    assert "the one-time code is wrong, has expired" in result["msg"]
    assert "000000" not in result["msg"]
    assert aws.email != NEW_EMAIL


def test_a_code_that_aws_refuses_in_other_words_is_told_alike(aws: Aws) -> None:
    contacts()
    aws.refuse("AcceptPrimaryEmailUpdate", "AccessDeniedException", "The OTP is expired.")

    assert "the one-time code is wrong, has expired" in contacts(email_code=CODE)["msg"]


def test_a_code_is_not_used_where_the_address_is_the_customers_already(aws: Aws) -> None:
    """G2."""
    done(aws)
    aws.email = NEW_EMAIL.upper()
    result = contacts(email_code=CODE)

    assert not result["changed"]
    assert aws.writes == []


def test_an_address_in_use_is_told_with_what_to_do(aws: Aws) -> None:
    aws.refuse("StartPrimaryEmailUpdate", "ConflictException")

    result = contacts()

    assert not result["waiting_for_code"]
    assert "must not be the root user's address of any other AWS account" in result["msg"]


def test_an_organization_that_does_not_trust_account_management_is_told_with_what_to_do(aws: Aws) -> None:
    message = "(Your organization must first enable trusted access with AWS Account Management.)"
    aws.refuse("GetPrimaryEmail", "AccessDeniedException", message)

    result = contacts()

    assert row(result, "primary_email")["state"] == "unknown"
    assert "--service-principal account.amazonaws.com" in result["msg"]


def test_a_management_account_that_is_not_reached_leaves_the_address_unknown(aws: Aws) -> None:
    """G5."""
    result = contacts(organization={**ORGANIZATION, "management_role": None}, access_roles=["Rackspace"])

    assert result["failed"]
    assert row(result, "primary_email")["state"] == "unknown"
    assert row(result, "contact_information")["state"] == "compliant"
    assert "account_organization: management_role" in result["msg"]


@pytest.mark.parametrize("kind", ["payer", "standalone"])
def test_an_address_that_no_api_changes_is_skipped(aws: Aws, kind: str) -> None:
    """E7."""
    result = contacts(account_kind=kind, organization=None, access_roles=["Rackspace"])

    found = row(result, "primary_email")
    assert (found["state"], found["changed"]) == ("skipped", False)
    assert found["reason"] == f"of a {kind} account no API changes it: the root user does"
    assert not result["waiting_for_code"]
    assert row(result, "contact_information")["changed"]


def test_an_account_that_left_has_its_address_changed_by_its_root_user(aws: Aws) -> None:
    del aws.organizations[MEMBER]

    found = row(contacts(), "primary_email")

    assert found["state"] == "skipped"
    assert "no longer, a member" in found["reason"]


# --- everything


def test_check_mode_predicts_the_same_rows_and_writes_nothing(aws: Aws) -> None:
    """G1."""
    aws.alternates = {"OPERATIONS": dict(OURS)}
    predicted = contacts(check_mode=True)

    assert aws.writes == []
    assert "would send" in row(predicted, "primary_email")["reason"]
    real = contacts()
    assert predicted["diff"] == real["diff"]
    assert predicted["waiting_for_code"] == real["waiting_for_code"]
    for one, other in zip(predicted["targets"], real["targets"], strict=True):
        assert {key: one.get(key) for key in ("default", "changed", "before", "after")} == {
            key: other.get(key) for key in ("default", "changed", "before", "after")
        }


def test_check_mode_predicts_what_the_code_does(aws: Aws) -> None:
    """G1."""
    contacts()
    aws.calls.clear()
    predicted = row(contacts(check_mode=True, email_code=CODE), "primary_email")

    assert (predicted["state"], predicted["changed"], predicted["after"]) == ("drifted", True, {"differs": []})
    assert aws.writes == []


def test_a_second_run_changes_nothing(aws: Aws) -> None:
    """G2."""
    aws.alternates = {"OPERATIONS": dict(OURS), "SECURITY": dict(THEIRS)}
    contacts()
    contacts(email_code=CODE)
    aws.calls.clear()
    result = contacts(code_sent=True)

    assert not result["changed"]
    assert not result["waiting_for_code"]
    assert {found["state"] for found in result["targets"]} == {"compliant"}
    assert aws.writes == []


@pytest.mark.parametrize("kind", ["member", "standalone"])
def test_what_the_customer_holds_is_compared_and_never_written(aws: Aws, kind: str) -> None:
    """D1."""
    aws.alternates = {"OPERATIONS": dict(OURS)}

    result = contacts(account_model="ecam", account_kind=kind)

    assert not result["changed"]
    assert not result.get("failed")
    assert not result["waiting_for_code"]
    assert aws.writes == []
    assert {found["state"] for found in result["targets"]} == {"skipped"}
    assert "it differs from the request in full_name" in row(result, "contact_information")["findings"][0]
    assert "the provider is the alternate contact for operations" in row(result, "alternate_contacts")["findings"][0]


def test_what_the_customer_holds_may_stay_unread(aws: Aws) -> None:
    """D1: nothing depends on it."""
    aws.refuse("GetContactInformation", "AccessDeniedException")

    result = contacts(account_model="ecam", request={})

    assert not result.get("failed")
    assert "could not be compared with the request" in row(result, "contact_information")["findings"][0]


def test_the_provider_holds_a_payer_with_either_model(aws: Aws) -> None:
    """D1."""
    result = contacts(account_model="ecam", account_kind="payer", organization=None, access_roles=["Rackspace"])

    assert row(result, "contact_information")["changed"]


def test_a_task_that_was_given_up_writes_nothing(aws: Aws) -> None:
    result = contacts(stopped=lambda: True)

    assert result["failed"]
    assert aws.contact == PROVIDERS_CONTACT
    assert aws.mails == 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"request": {"new_root_email": NEW_EMAIL}}, ["request: has no contact"]),
        ({"request": {"contact": CONTACT}}, ["request: has no new_root_email"]),
        ({"request": {**REQUEST, "contact": {**CONTACT, "city": ""}}}, ["request: contact has no city"]),
        ({"request": {**REQUEST, "contact": {**CONTACT, "country_code": "DE", "state_or_region": ""}}}, ["DE"]),
        ({"request": {**REQUEST, "alternate_contacts": {"sales": BILLING}}}, ["alternate_contacts has sales"]),
        ({"email_code": "12345"}, ["email_code: is not 6 letters and digits"]),
        ({"email_code": CODE, "resend_code": True}, ["give one of them"]),
        ({"provider_email_domains": ["ops@provider.example"]}, ["provider_email_domains", "is no domain"]),
        ({"request": {}, "email_code": "1"}, ["has no contact", "has no new_root_email", "email_code"]),
    ],
)
def test_every_fault_of_the_options_is_told_before_any_call(aws: Aws, options: dict[str, Any], told: list[str]) -> None:
    result = contacts(**options)

    assert result["failed"]
    assert result["msg"].startswith("account app1-prod: ")
    assert [part for part in told if part not in result["msg"]] == []
    assert aws.calls == []


def test_faults_of_the_request_that_are_no_matter_here_are_not_told(aws: Aws) -> None:
    """The record tells them; this module may also be used alone."""
    assert not contacts(request={**REQUEST, "termination_date": "someday"}).get("failed")


def test_the_code_is_an_option_that_is_never_shown() -> None:
    assert ENTRY.argument_spec["email_code"]["no_log"] is True
