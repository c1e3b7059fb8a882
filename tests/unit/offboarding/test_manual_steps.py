# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What no API does: a task of this account, and done only where somebody confirmed it (E7)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.filter.offboarding_manual_steps import FilterModule
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.manual_steps import STEPS, manual_steps
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.offboarding_request import request_faults

RECORD = {"account_id": "111111111111", "account_name": "app1-prod"}
REQUEST = {
    "new_root_email": "owner@customer.example",
    "transfer_date": "2026-12-15",
    "billing_principals": ["arn:aws:iam::111111111111:role/Finance"],
}
CONFIRMED = {"by": "owner@customer.example", "at": "2026-12-15T09:30:00-06:00", "evidence": "ticket note 5"}


def steps(
    record: dict[str, Any] | None = None,
    request: dict[str, Any] | None = None,
    support_plan: str = "",
    root: dict[str, Any] | None = None,
    confirmations: dict[str, Any] | None = None,
) -> dict[str, dict[str, Any]]:
    """Return the tasks by name."""
    found = manual_steps(
        {**RECORD, **(record or {})}, {**REQUEST, **(request or {})}, support_plan, root, confirmations
    )
    return {step["step"]: step for step in found}


def states(**given: Any) -> dict[str, str]:
    """Return the state of each task."""
    return {name: step["state"] for name, step in steps(**given).items()}


def test_an_ordinary_member_has_these_tasks() -> None:
    assert states() == {
        "contact_information": "not_needed",
        "payment_method": "open",
        "support_plan": "open",
        "root_mfa": "open",
        "root_email": "open",
        "root_password": "open",
        "neutralised_role": "not_needed",
        "organization_role": "not_needed",
    }


def test_what_the_run_did_is_no_task() -> None:
    found = states(record={"email_updated": True}, root={"mfa_enabled": False}, support_plan="basic")

    assert [name for name, state in found.items() if state == "open"] == ["payment_method", "root_password"]


def test_what_is_not_known_stays_a_task() -> None:
    assert states(root={"mfa_enabled": None})["root_mfa"] == "open"
    assert states(support_plan="something new")["support_plan"] == "open"


@pytest.mark.parametrize(
    ("kind", "keeps", "state"),
    [
        ("member", False, "open"),
        ("member", True, "not_needed"),
        ("standalone", False, "open"),
        ("standalone", True, "open"),
        ("payer", True, "open"),
    ],
)
def test_who_is_paid_for_by_its_own_organization_needs_no_payment_method(kind: str, keeps: bool, state: str) -> None:
    found = states(record={"account_kind": kind}, request={"keep_organization": keeps})

    assert found["payment_method"] == state


def test_a_root_user_that_the_customer_held_all_the_time_is_nobodys_task() -> None:
    """D1."""
    found = states(record={"account_model": "ecam", "contact_differs": ["city", "phone_number"]})

    assert [name for name, state in found.items() if state == "open"] == [
        "contact_information",
        "payment_method",
        "support_plan",
    ]


def test_the_providers_payer_is_handed_over_with_its_root_user() -> None:
    """D1."""
    found = states(record={"account_model": "ecam", "account_kind": "payer"})

    assert found["root_password"] == found["root_email"] == found["root_mfa"] == "open"


def test_instructions_are_made_for_this_account() -> None:
    everything = steps(
        record={
            "account_model": "spam",
            "neutralised_roles": ["Rackspace", "Rackspace-Old"],
            "organization_role": "OrganizationAccountAccessRole",
        },
        root={"reason": "the organization has no centralized root access"},
    )
    for name, step in everything.items():
        if step["state"] == "open":
            assert "app1-prod (111111111111)" in " ".join(step["instructions"]), name

    told = {name: " ".join(step["instructions"]) for name, step in everything.items()}
    assert "arn:aws:iam::111111111111:role/Finance, or as its root user" in told["payment_method"]
    assert "https://console.aws.amazon.com/billing/home#/paymentpreferences" in told["payment_method"]
    assert "owner@customer.example" in told["root_password"]
    assert "owner@customer.example" in told["root_email"]
    assert "No API does it here: the organization has no centralized root access." in told["root_mfa"]
    assert "aws iam delete-role --role-name Rackspace" in everything["neutralised_role"]["instructions"]
    assert "aws iam delete-role --role-name Rackspace-Old" in everything["neutralised_role"]["instructions"]
    assert "roles/details/OrganizationAccountAccessRole" in told["organization_role"]


def test_contact_data_are_in_no_instructions() -> None:
    contact = {"full_name": "Olivia Owner", "phone_number": "+12105550123", "city": "San Antonio"}
    found = steps(record={"account_model": "ecam", "contact_differs": list(contact)}, request={"contact": contact})

    text = str(found)
    assert "full name, phone number, city" in text
    assert [value for value in contact.values() if value in text] == []


def test_a_plan_that_only_aws_ends_is_a_case() -> None:
    text = " ".join(steps(support_plan="enterprise")["support_plan"]["instructions"])

    assert "end the plan Enterprise of this account on 2026-12-15" in text
    assert "Review downgrade" not in text


def test_other_plans_are_changed_in_the_console() -> None:
    text = " ".join(steps(support_plan="business")["support_plan"]["instructions"])

    assert "The plan is Business." in text
    assert "choose Review downgrade" in text


def test_pages_are_those_of_the_partition() -> None:
    text = " ".join(steps(record={"partition": "aws-us-gov"})["root_mfa"]["instructions"])

    assert "https://console.amazonaws-us-gov.com/iam/home#/security_credentials" in text


def test_an_organization_that_is_kept_keeps_its_role() -> None:
    found = steps(record={"organization_role": "Org"}, request={"keep_organization": True})["organization_role"]

    assert "check whom it trusts" in " ".join(found["instructions"])
    assert "delete" not in " ".join(found["instructions"])


def test_the_provider_s_role_in_the_customer_s_payer_is_told() -> None:
    """E9: it is not the account's, so nobody of ours takes it away."""
    organization = {"management_account_id": "820000000000", "management_role": "ProviderBilling"}
    record = {"organization_role": "Org", "organization": organization}
    told = " ".join(steps(record=record, request={"keep_organization": True})["organization_role"]["instructions"])

    assert "reaches your management account 820000000000 by the role ProviderBilling" in told
    assert "As an administrator of account 820000000000" in told
    assert "roles/details/ProviderBilling" in told


def test_a_confirmed_task_says_by_whom_when_and_what_was_seen() -> None:
    found = steps(request={"confirmations": {"payment_method": CONFIRMED}})["payment_method"]

    assert found["state"] == "confirmed"
    assert found["confirmed_by"] == "owner@customer.example"
    assert found["confirmed_at"] == "2026-12-15T09:30:00-06:00"
    assert found["evidence"] == "ticket note 5"
    assert found["instructions"], "they stay to be read"


def test_a_confirmation_from_the_journal_counts_and_the_requests_wins() -> None:
    other = {**CONFIRMED, "by": "somebody else"}
    found = steps(
        request={"confirmations": {"payment_method": CONFIRMED}},
        confirmations={"payment_method": other, "root_password": other},
    )

    assert found["payment_method"]["confirmed_by"] == "owner@customer.example"
    assert found["root_password"]["confirmed_by"] == "somebody else"


@pytest.mark.parametrize(
    "confirmation",
    [
        {},
        True,
        "yes",
        {**CONFIRMED, "by": " "},
        {**CONFIRMED, "evidence": ""},
        {**CONFIRMED, "at": "yesterday"},
        {**CONFIRMED, "at": "2026-12-15T09:30:00"},
        {"by": "me", "at": date(2026, 12, 15), "evidence": "seen"},
        {"by": "me", "evidence": "seen"},
    ],
)
def test_half_a_confirmation_is_none(confirmation: Any) -> None:
    """E7: never done without a confirmation."""
    found = steps(request={"confirmations": {"payment_method": confirmation}})["payment_method"]

    assert (found["state"], found["confirmed_by"], found["confirmed_at"]) == ("open", "", "")


def test_yaml_may_have_read_the_moment_already() -> None:
    at = datetime(2026, 12, 15, 9, 30, tzinfo=UTC)
    found = steps(request={"confirmations": {"root_password": {**CONFIRMED, "at": at}}})["root_password"]

    assert found["confirmed_at"] == "2026-12-15T09:30:00+00:00"


def test_a_task_that_is_not_needed_is_not_confirmed_either() -> None:
    found = steps(support_plan="basic", request={"confirmations": {"support_plan": CONFIRMED}})["support_plan"]

    assert (found["state"], found["confirmed_by"], found["instructions"]) == ("not_needed", "", [])


@pytest.mark.parametrize("step", [step.name for step in STEPS])
def test_every_task_can_be_confirmed_in_the_request(step: str) -> None:
    faults = request_faults({"confirmations": {step: CONFIRMED}}, datetime(2027, 1, 1, tzinfo=UTC))

    assert [fault for fault in faults if "confirmations" in fault] == []


def test_every_task_has_the_same_keys_and_somebody_who_does_it() -> None:
    for step in steps().values():
        assert list(step) == [
            "step",
            "title",
            "instructions",
            "who",
            "state",
            "confirmed_by",
            "confirmed_at",
            "evidence",
        ]
        assert step["who"] in {"customer", "provider"}


def test_the_filter_answers_the_same() -> None:
    use = FilterModule().filters()["offboarding_manual_steps"]

    assert use(RECORD, REQUEST) == manual_steps(RECORD, REQUEST)
    assert use(RECORD, REQUEST, "basic", {"mfa_enabled": False}, {"root_password": CONFIRMED}) == manual_steps(
        RECORD, REQUEST, "basic", {"mfa_enabled": False}, {"root_password": CONFIRMED}
    )
