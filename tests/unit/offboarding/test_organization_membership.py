# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Leaving the organization: only the record's, by whichever side may, and what to do where AWS refuses (E6)."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.organization_membership import ENTRY, FIXES
from tests.unit.offboarding.aws import CUSTOMER_PAYER, MANAGEMENT, MEMBER, ORGANIZATION, Aws, run

REMOVED = (MANAGEMENT, "RemoveAccountFromOrganization")
LEFT = (MEMBER, "LeaveOrganization")
DENIED = "AccessDeniedException"


def test_the_management_account_removes_the_account(aws: Aws) -> None:
    result = run(ENTRY)

    assert result["changed"]
    assert result["method"] == "RemoveAccountFromOrganization"
    assert result["organization"] == {"id": "o-rackspace01", "management_account_id": MANAGEMENT}
    assert aws.writes == [REMOVED]
    assert MEMBER not in aws.organizations


def test_the_account_leaves_by_itself_where_the_management_account_is_not_reached(aws: Aws) -> None:
    result = run(ENTRY, organization={**ORGANIZATION, "management_role": None}, access_roles=["Rackspace"])

    assert result["method"] == "LeaveOrganization"
    assert "the account leaves by itself" in result["reason"]
    assert "management_role" in result["reason"]
    assert aws.writes == [LEFT]


def test_the_account_leaves_by_itself_where_the_management_account_may_not_remove_it(aws: Aws) -> None:
    aws.refuse("RemoveAccountFromOrganization", DENIED)

    assert run(ENTRY)["method"] == "LeaveOrganization"
    assert aws.writes == [REMOVED, LEFT]


def test_check_mode_predicts_it_and_writes_nothing(aws: Aws) -> None:
    """G1."""
    predicted = run(ENTRY, check_mode=True)

    assert aws.writes == []
    real = run(ENTRY)
    for key in ("changed", "method", "organization", "reason", "diff"):
        assert predicted[key] == real[key]


def test_a_second_run_changes_nothing(aws: Aws) -> None:
    """G2."""
    run(ENTRY)
    result = run(ENTRY)

    assert not result["changed"]
    assert result["organization"] is None
    assert result["reason"] == "the account is a member of no organization"
    assert result["diff"] == []
    assert len(aws.writes) == 1


def test_an_account_in_no_organization_needs_none_in_its_record(aws: Aws) -> None:
    del aws.organizations[MEMBER]

    result = run(ENTRY, organization=None, access_roles=["Rackspace"])

    assert not result["changed"]
    assert not result.get("failed")


@pytest.mark.parametrize(
    ("organization", "wrong"),
    [
        ({**ORGANIZATION, "id": "o-other00000"}, "id o-other00000"),
        (
            {"management_account_id": CUSTOMER_PAYER, "management_role": "ProviderBilling"},
            f"management_account_id {CUSTOMER_PAYER}",
        ),
    ],
)
def test_another_organization_than_the_record_names_is_never_left(
    aws: Aws, organization: dict[str, Any], wrong: str
) -> None:
    """G3."""
    result = run(ENTRY, organization=organization)

    assert result["failed"]
    assert result["msg"].startswith(f"account app1-prod ({MEMBER}): it is a member of organization o-rackspace01")
    assert wrong in result["msg"]
    assert "nothing was left" in result["msg"]
    assert aws.writes == []


def test_an_organization_that_the_record_does_not_name_is_never_left(aws: Aws) -> None:
    """G3."""
    result = run(ENTRY, organization=None, access_roles=["Rackspace"])

    assert result["failed"]
    assert "account_organization names none" in result["msg"]
    assert aws.writes == []


def test_the_management_account_itself_is_told_that_it_cannot_leave(aws: Aws) -> None:
    aws.managers["o-rackspace01"] = MEMBER

    result = run(ENTRY)

    assert "which cannot leave it: keep the organization" in result["msg"]
    assert aws.writes == []


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED", "the account has no payment method"),
        ("INVALID_PAYMENT_INSTRUMENT", "enters another one"),
        ("ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION", "phone number of the account is not verified"),
        ("ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA", "Customer Agreement was not accepted"),
        ("ACCOUNT_CREATION_NOT_COMPLETE", "completes the registration"),
        ("WAIT_PERIOD_ACTIVE", "four days after its creation"),
        (
            "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
            f"deregister-delegated-administrator --account-id {MEMBER} --service-principal SERVICE",
        ),
        ("SOMETHING_NEW", "completes the registration"),
    ],
)
@pytest.mark.parametrize("where", ["Reason", "message"])
def test_a_refusal_is_told_as_what_to_do(aws: Aws, reason: str, told: str, where: str) -> None:
    more: dict[str, Any] = {"Reason": reason} if where == "Reason" else {}
    message = "You cannot remove the account." if where == "Reason" else f"{reason}: you cannot remove the account."
    aws.refuse("RemoveAccountFromOrganization", "ConstraintViolationException", message, **more)

    result = run(ENTRY)

    assert result["failed"]
    assert not result.get("changed")
    assert result["msg"].startswith(f"account app1-prod ({MEMBER}): RemoveAccountFromOrganization was refused (")
    assert f"(ConstraintViolationException, {reason})" in result["msg"]
    assert told in result["msg"]
    assert result["error"]["reason"] == reason
    assert aws.writes == [REMOVED], "what the organization refuses is not tried from the other side"


def test_a_service_control_policy_that_keeps_the_account_is_told_with_the_way_around_it(aws: Aws) -> None:
    aws.refuse("RemoveAccountFromOrganization", DENIED)
    aws.refuse("LeaveOrganization", DENIED, "explicit deny in a service control policy")

    assert "let the run reach the management account" in run(ENTRY)["msg"]


def test_what_somebody_else_changes_at_the_moment_is_tried_again(aws: Aws) -> None:
    aws.refuse("RemoveAccountFromOrganization", "ConcurrentModificationException", times=2)

    assert run(ENTRY)["changed"]
    assert aws.writes == [REMOVED] * 3


def test_it_is_not_tried_for_ever(aws: Aws) -> None:
    aws.refuse("RemoveAccountFromOrganization", "ConcurrentModificationException", times=100)

    assert "run again" in run(ENTRY)["msg"]
    assert len(aws.writes) == 6


def test_it_is_seen_that_the_account_left(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """G6: what AWS accepted counts as changed, even where nobody sees it yet."""
    monkeypatch.setattr(aws, "RemoveAccountFromOrganization", lambda account, **_: None)

    result = run(ENTRY)

    assert result["failed"]
    assert result["changed"]
    assert "still shows the account as a member; run again" in result["msg"]


def test_the_management_account_is_asked_where_the_account_may_not_ask(aws: Aws) -> None:
    aws.refuse("DescribeOrganization", DENIED)

    assert run(ENTRY, check_mode=True)["organization"] == {
        "id": "o-rackspace01",
        "management_account_id": MANAGEMENT,
    }


def test_an_account_that_neither_side_shows_as_a_member_is_none(aws: Aws) -> None:
    del aws.organizations[MEMBER]
    aws.refuse("DescribeOrganization", DENIED)

    assert not run(ENTRY)["changed"]


def test_a_membership_that_cannot_be_read_is_never_taken_for_none(aws: Aws) -> None:
    """G5."""
    aws.refuse("DescribeOrganization", DENIED)

    result = run(ENTRY, organization={**ORGANIZATION, "management_role": None}, access_roles=["Rackspace"])

    assert result["failed"]
    assert "DescribeOrganization was refused (AccessDeniedException)" in result["msg"]
    assert aws.writes == []


def test_a_task_that_was_given_up_leaves_nothing(aws: Aws) -> None:
    result = run(ENTRY, stopped=lambda: True)

    assert "the task was given up" in result["msg"]
    assert MEMBER in aws.organizations


def test_every_advice_ends_without_a_full_stop() -> None:
    assert [code for code, fix in FIXES.items() if fix.endswith(".")] == []
