# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What is wrong with a request to hand an account back: every fault with its path and the fix (E1)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import record
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.offboarding_request import (
    GATES,
    as_date,
    as_moment,
    foreign_principals,
    request_faults,
)
from tests.customer import CONTACT

ACCOUNT = "111111111111"
NOW = datetime(2026, 12, 15, 15, tzinfo=UTC)
CONFIRMED = {"by": "owner@customer.example", "at": "2026-12-15T08:30:00-06:00", "evidence": "ticket note 3"}
REQUIRED: dict[str, Any] = {
    "ticket": "261121-00042",
    "termination_date": "2026-12-15",
    "new_root_email": "owner@customer.example",
    "authorized_signatory": {"name": "Olivia Owner", "email": "owner@customer.example"},
    "contact": CONTACT,
}
FULL: dict[str, Any] = {
    **REQUIRED,
    "requested_at": "2026-11-21",
    "transfer_date": "2026-12-15",
    "keep_organization": False,
    "alternate_contacts": {
        "billing": {"name": "B", "title": "CFO", "email": "b@customer.example", "phone": "+1 (210) 555-0123"}
    },
    "billing_principals": [f"arn:aws:iam::{ACCOUNT}:role/team/Finance", f"arn:aws-us-gov:iam::{ACCOUNT}:user/f"],
    "confirmations": {
        "balance_current": CONFIRMED,
        "billing_access": CONFIRMED,
        "payment_method": CONFIRMED,
        "support_plan": CONFIRMED,
        "root_password": CONFIRMED,
        "root_mfa": CONFIRMED,
        "contact_information": CONFIRMED,
        "customer_way_in": {**CONFIRMED, "principal": f"arn:aws:iam::{ACCOUNT}:user/admin"},
        "consent_to_assignment": {
            "generated_by": "aws",
            "provider_signed_at": "2026-12-01",
            "customer_signed_at": "2026-12-02T10:00:00Z",
            "evidence": "document 7",
        },
    },
    "overrides": {"business_hours": "agreed, ticket note 7", "nearest_date": "agreed, ticket note 7"},
    "accept_residual": {"arn:aws:sns:us-east-1:111111111111:x": "the customer keeps it"},
    "accept_topic_users": {"unknown:redshift": "not used"},
}


DAY, MOMENT = "write a day as 2026-12-15", "write a moment as 2026-12-15T09:30:00-06:00"
NAIVE, AHEAD = "which has no offset from UTC; " + MOMENT, "which lies in the future; write when it happened"
CODE = "the country's code"


def faults(**changed: Any) -> list[str]:
    return request_faults({**FULL, **changed}, NOW)


def only(found: list[str]) -> str:
    assert len(found) == 1, found
    return found[0]


def in_contact(**changed: Any) -> str:
    return only(faults(contact={**CONTACT, **changed}))


def in_confirmation(**changed: Any) -> str:
    return only(faults(confirmations={"balance_current": {**CONFIRMED, **changed}}))


def test_a_full_request_has_no_faults() -> None:
    assert faults() == []


def test_a_request_with_what_is_required_has_no_faults() -> None:
    assert request_faults(REQUIRED, NOW) == []


@pytest.mark.parametrize("name", sorted(REQUIRED))
@pytest.mark.parametrize("given", ["absent", None, ""])
def test_what_is_missing_is_named(name: str, given: str | None) -> None:
    request = {**FULL, name: given}
    if given == "absent":
        del request[name]
    assert request_faults(request, NOW) == [f"has no {name}; add it"]


def test_all_faults_are_told_at_once() -> None:
    found = request_faults({"ticket": 7, "contact": {"phone_number": "1"}, "overrides": {"x": ""}}, NOW)
    parts = ["ticket ", "no termination_date", "no new_root_email", "no authorized_signatory", "contact has no city"]
    for part in [*parts, "contact.phone_number ", "overrides has x", "overrides.x has no reason"]:
        assert any(part in fault for fault in found), part


@pytest.mark.parametrize("request_", ["yes", 7, ["x"], True])
def test_a_request_that_is_no_mapping_is_told_with_what_belongs_there(request_: Any) -> None:
    assert "write a mapping of ticket, termination_date" in only(request_faults(request_, NOW))


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"tickets": "x"}, "has tickets, which is unknown; is ticket meant?"),
        ({"transfer_dates": "x"}, "has transfer_dates, which is unknown; is transfer_date meant?"),
        ({"ticket": 26112100042}, "ticket is the number 26112100042; write it in quotes"),
        ({"ticket": "  "}, "ticket is blank; fill it in"),
        ({"termination_date": "15.12.2026"}, f"termination_date is '15.12.2026'; {DAY}"),
        ({"termination_date": "2026-02-30"}, f"termination_date is '2026-02-30'; {DAY}"),
        ({"termination_date": "2027-02-29"}, f"termination_date is '2027-02-29'; {DAY}"),
        ({"termination_date": 20261215}, f"termination_date is the number 20261215; {DAY}"),
        ({"termination_date": "20261215"}, f"termination_date is '20261215'; {DAY}"),
        ({"termination_date": date(2206, 12, 15)}, "termination_date is 2206-12-15; is the year right?"),
        ({"termination_date": NOW}, f"termination_date is {NOW}; {DAY}"),
        ({"transfer_date": "soon"}, f"transfer_date is 'soon'; {DAY}"),
        ({"keep_organization": "no"}, "keep_organization is 'no'; write true or false, without quotes"),
        ({"new_root_email": "owner"}, "new_root_email is 'owner'; it is an e-mail address"),
        ({"authorized_signatory": {"name": "O"}}, "authorized_signatory has no email; add it"),
        (
            {"authorized_signatory": {"name": "O", "email": "o"}},
            "authorized_signatory.email is 'o'; it is an e-mail address",
        ),
        ({"authorized_signatory": "Olivia"}, "authorized_signatory is 'Olivia'; write a mapping of name, email"),
        (
            {"alternate_contacts": {"sales": {}}},
            "alternate_contacts has sales, which is unknown; known are billing, operations, security",
        ),
        (
            {"alternate_contacts": {"billing": {"name": "B", "title": "CFO", "email": "b@c.example"}}},
            "alternate_contacts.billing has no phone; add it",
        ),
        ({"requested_at": "2026-12-17"}, f"requested_at is 2026-12-17T00:00:00+00:00, {AHEAD}"),
    ],
)
def test_a_wrong_field_is_told_with_its_path_and_the_fix(changed: dict[str, Any], fault: str) -> None:
    assert only(faults(**changed)) == fault


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"country_code": "usa"}, ".country_code is 'usa'; it is the two letters of a country, like US (ISO 3166)"),
        ({"country_code": "us"}, ".country_code is 'us'; write it in upper case: US"),
        ({"country_code": False}, ".country_code is false, as YAML reads NO; write it in quotes"),
        (
            {"phone_number": 12105550123},
            f'.phone_number is the number 12105550123; write it in quotes, with + and {CODE}: "+12105550123"',
        ),
        (
            {"phone_number": "210-555-0123"},
            f".phone_number is '210-555-0123'; write + and {CODE} first, at most 20 characters: \"+12105550123\"",
        ),
        ({"postal_code": 78218}, ".postal_code is the number 78218; write it in quotes"),
        ({"city": "x" * 51}, ".city has 51 characters; AWS takes 50"),
        ({"citty": "1"}, " has citty, which is unknown; is city meant?"),
        ({"state_or_region": ""}, " has no state_or_region, which AWS asks for in US; add it"),
    ],
)
def test_a_wrong_contact_is_told(changed: dict[str, Any], fault: str) -> None:
    assert in_contact(**changed) == f"contact{fault}"


def test_a_state_is_asked_for_only_where_aws_asks() -> None:
    assert faults(contact={**CONTACT, "country_code": "FR", "state_or_region": None}) == []


@pytest.mark.parametrize("phone", ["+12105550123", "+1 210 555 0123", "+44 (20) 7946-0018", "+4930123456"])
def test_a_phone_number_is_international(phone: str) -> None:
    assert faults(contact={**CONTACT, "phone_number": phone}) == []


@pytest.mark.parametrize(
    "phone", ["+0210555012", "+1", "+1210555012x", "++12105550123", "+1234567890123456", "+1-2-1-0-5-5-5-0-1-2-3"]
)
def test_a_phone_number_that_aws_does_not_take_is_told(phone: str) -> None:
    assert in_contact(phone_number=phone).startswith(f"contact.phone_number is {phone!r}; write +")


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"by": ""}, " has no by; add it"),
        ({"evidence": None}, " has no evidence; add it"),
        ({"at": "2026-12-15T08:30:00"}, f".at is '2026-12-15T08:30:00', {NAIVE}"),
        ({"at": datetime(2026, 12, 15, 8, 30)}, f".at is 2026-12-15 08:30:00, {NAIVE}"),
        ({"at": "today"}, f".at is 'today'; {MOMENT}"),
        ({"at": date(2026, 12, 15)}, f".at is 2026-12-15; {MOMENT}"),
        ({"at": "2026-12-16T15:00:01+00:00"}, f".at is 2026-12-16T15:00:01+00:00, {AHEAD}"),
        ({"who": "x"}, " has who, which is unknown; known are by, at, evidence"),
    ],
)
def test_a_wrong_confirmation_is_told(changed: dict[str, Any], fault: str) -> None:
    assert in_confirmation(**changed) == f"confirmations.balance_current{fault}"


@pytest.mark.parametrize(
    "at", ["2026-12-16T15:00:00+00:00", "2026-12-15T08:30:00Z", NOW, NOW.astimezone(timezone(timedelta(hours=-6)))]
)
def test_a_confirmation_is_of_the_past_or_of_a_clock_that_is_ahead(at: Any) -> None:
    assert faults(confirmations={"balance_current": {**CONFIRMED, "at": at}}) == []


def test_an_unknown_confirmation_is_told() -> None:
    fault = only(faults(confirmations={"ballance_current": CONFIRMED}))
    assert fault == "confirmations has ballance_current, which is unknown; is balance_current meant?"


def test_a_consent_says_who_made_it() -> None:
    fault = only(faults(confirmations={"consent_to_assignment": {"generated_by": "rackspace"}}))
    assert fault == "confirmations.consent_to_assignment.generated_by is 'rackspace'; it is one of aws, provider"


def test_a_signature_that_is_missing_is_the_gates_business() -> None:
    assert faults(confirmations={"consent_to_assignment": {"generated_by": "aws"}}) == []


@pytest.mark.parametrize("gate", sorted(set(GATES) - {"business_hours", "nearest_date"}))
def test_no_other_gate_can_be_overridden(gate: str) -> None:
    fault = only(faults(overrides={gate: "the boss said so"}))
    assert fault == f"overrides.{gate} cannot be overridden, only business_hours and nearest_date can; take it out"


def test_an_override_names_a_gate_and_has_a_reason() -> None:
    assert only(faults(overrides={"busines_hours": "x"})) == (
        "overrides has busines_hours, which is no gate; is business_hours meant?"
    )
    assert only(faults(overrides={"business_hours": " "})) == (
        "overrides.business_hours has no reason; say why: {business_hours: <reason>}"
    )
    assert only(faults(overrides=["business_hours"])) == (
        "overrides is a list; write a mapping of names to reasons: {<name>: <reason>}"
    )


@pytest.mark.parametrize("name", ["accept_residual", "accept_topic_users"])
@pytest.mark.parametrize("reason", ["", None, True, {}])
def test_what_is_accepted_has_a_reason(name: str, reason: Any) -> None:
    assert only(faults(**{name: {"x": reason}})) == f"{name}.x has no reason; say why: {{x: <reason>}}"


@pytest.mark.parametrize(
    "principal", ["Finance", f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:sts::{ACCOUNT}:assumed-role/x/y", 7]
)
def test_a_principal_is_the_arn_of_a_role_or_user(principal: Any) -> None:
    found = faults(billing_principals=[f"arn:aws:iam::{ACCOUNT}:role/Finance", principal])
    assert only(found).startswith("billing_principals entry 2 is ")
    assert "write the ARN of a role or user" in only(found)


def test_one_principal_without_a_list_is_told() -> None:
    found = faults(billing_principals=f"arn:aws:iam::{ACCOUNT}:role/Finance")
    assert only(found).endswith("write a list, also for one entry: [...]")


def test_principals_of_another_account_are_told() -> None:
    other = "arn:aws:iam::222222222222:role/Finance"
    request = {
        **FULL,
        "billing_principals": [f"arn:aws:iam::{ACCOUNT}:role/Finance", other],
        "confirmations": {"customer_way_in": {**CONFIRMED, "principal": other}},
    }
    assert request_faults(request, NOW) == []
    told = f" is {other!r}, of account 222222222222; this record is of {ACCOUNT}: name one of it"
    paths = ["billing_principals entry 2", "confirmations.customer_way_in.principal"]
    assert foreign_principals(request, ACCOUNT) == [path + told for path in paths]


@pytest.mark.parametrize(
    "request_", [None, "x", {"billing_principals": "x", "confirmations": "y"}, {"billing_principals": [7]}]
)
def test_a_broken_request_has_no_foreign_principals(request_: Any) -> None:
    assert foreign_principals(request_, ACCOUNT) == []


def test_days_and_moments_of_yaml_are_taken_as_they_are() -> None:
    request = yaml.safe_load("{day: 2026-12-15, moment: 2026-12-15T09:30:00-06:00, utc: 2026-12-15T15:30:00Z}")
    assert as_date(request["day"]) == date(2026, 12, 15)
    assert as_moment(request["moment"]) == as_moment(request["utc"]) == datetime(2026, 12, 15, 15, 30, tzinfo=UTC)


def in_record(**request: Any) -> list[str]:
    good = {
        "account_id": ACCOUNT,
        "account_uuid": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "provider_account_id": "100000000002",
        "provider_external_id": "f3b0c2a49d17",
    }
    return record.record_faults({**good, "offboarding": request}, {})


def test_the_record_tells_the_faults_of_its_request() -> None:
    found = in_record(**{**REQUIRED, "ticket": "", "billing_principals": ["arn:aws:iam::222222222222:role/x"]})
    assert [fault.split(";")[0] for fault in found] == [
        "offboarding: has no ticket",
        "offboarding: billing_principals entry 1 is 'arn:aws:iam::222222222222:role/x', of account 222222222222",
    ]


def test_the_record_takes_the_clocks_time() -> None:
    ahead = datetime.now(UTC) + timedelta(days=2)
    found = in_record(**REQUIRED, confirmations={"balance_current": {**CONFIRMED, "at": ahead.isoformat()}})
    assert "which lies in the future" in only(found)


def test_two_requests_with_one_new_address_are_both_told() -> None:
    requests = {host: {"account_id": f"{n:012d}", "offboarding": dict(REQUIRED)} for n, host in enumerate("abc")}
    requests["b"]["offboarding"] = {**REQUIRED, "new_root_email": "OWNER@customer.example"}
    requests["c"]["offboarding"] = {**REQUIRED, "new_root_email": "other@customer.example"}
    found = record.inventory_faults(requests, {})
    told = {host: [fault for fault in faults if "new_root_email" in fault] for host, faults in found.items()}
    assert told["c"] == []
    assert "is also that of b; AWS takes an address for one account only" in only(told["a"])
    assert "is also that of a" in only(told["b"])


def test_the_documentation_tells_every_key_of_a_request() -> None:
    page = (Path(__file__).parents[3] / "docs" / "inventory.md").read_text(encoding="utf-8")
    assert [key for key in FULL if f"| `{key}` |" not in page] == []
    example = page.split("```yaml\noffboarding:", 1)[1].split("```", 1)[0]
    assert request_faults(yaml.safe_load("offboarding:" + example)["offboarding"], NOW) == []
