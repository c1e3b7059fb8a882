# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The account's own data, its root user, its organization and its billing access, against the embedded AWS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import botocore.loaders
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import (
    account_contacts,
    billing_access,
    organization_membership,
    root_access,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Run
from emulator.client import Emulator
from tests.customer import CONTACT
from tests.integration.embedded import lead_to, seeded

MANAGEMENT, SHARED, CUSTOMER_PAYER = "100000000001", "100000000002", "820000000000"
DEPARTING, KEEPS, STANDALONE = "811111111111", "822222222222", "833333333333"
EXTERNAL_ID = "demo-f3b0c2a49d17"
PROVIDERS = {"id": "o-rackspace01", "management_account_id": MANAGEMENT}
CUSTOMERS = {"id": "o-customer01", "management_account_id": CUSTOMER_PAYER, "management_role": "ProviderBilling"}
RECORDS: dict[str, dict[str, Any]] = {
    DEPARTING: {"organization": PROVIDERS},
    KEEPS: {"organization": CUSTOMERS},
    STANDALONE: {"access_roles": ["Rackspace"]},
}
MODULES: dict[str, Any] = {
    "account_contacts": account_contacts,
    "billing_access": billing_access,
    "organization_membership": organization_membership,
    "root_access": root_access,
}
LOADER = botocore.loaders.create_loader()
#: IAM actions that reaching an account takes, whatever is done there
WAY_IN = {"sts:AssumeRole", "sts:GetCallerIdentity"}


@pytest.fixture
def emulator(running_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """The accounts that are to be offboarded, freshly seeded."""
    seeded(running_emulator, "offboard")
    lead_to(running_emulator, monkeypatch)
    yield running_emulator
    running_emulator.faults([])


def run(module: str, account: str, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    """Return the result of a module."""
    entry = MODULES[module].ENTRY
    given = {
        "account_id": account,
        "account_name": "app1",
        "external_id": EXTERNAL_ID,
        "provider_account_id": SHARED,
        "credential_cache": "",
        **RECORDS[account],
        **options,
    }
    checked = ArgumentSpecValidator(**entry.rules).validate(given)
    assert not checked.error_messages, checked.error_messages
    how = Run(check_mode=check_mode, diff=True, botocore_loader=LOADER)
    return dict(entry.outcome(checked.validated_parameters, how))


def contacts(account: str, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    """Return the result of account_contacts for the new owner."""
    request = {"contact": CONTACT, "new_root_email": f"root@{account}.example"}
    given = {"request": request, "provider_email_domains": ["provider.example"], **options}
    return run("account_contacts", account, check_mode, **given)


def writes(emulator: Emulator) -> list[tuple[str, str]]:
    """Return the account and operation of every call that wrote, and was not refused."""
    return [
        (call["account"], call["operation"])
        for call in emulator.ledger()
        if call["kind"] == "write" and not call["error"]
    ]


def rows(result: dict[str, Any]) -> dict[str, tuple[str, bool]]:
    """Return the state of each part of the data, and whether it changed."""
    return {row["default"]: (row["state"], row["changed"]) for row in result["targets"]}


def code_of(emulator: Emulator) -> str:
    """Return the newest one-time code that AWS sent."""
    return emulator.mail()[-1]["code"]


def test_a_member_is_handed_over_in_two_runs_and_a_third_changes_nothing(emulator: Emulator) -> None:
    predicted = contacts(DEPARTING, check_mode=True)
    assert writes(emulator) == []

    first = contacts(DEPARTING)
    assert not first.get("failed"), first.get("msg")
    assert first["waiting_for_code"]
    assert rows(first) == {
        "contact_information": ("compliant", True),
        "alternate_contacts": ("compliant", False),
        "primary_email": ("drifted", True),
    }
    assert predicted["diff"] == first["diff"]
    mail = emulator.mail()[-1]
    assert (mail["to"], mail["account"]) == (f"root@{DEPARTING}.example", DEPARTING)

    second = contacts(DEPARTING, email_code=mail["code"], code_sent=True)
    assert rows(second)["primary_email"] == ("compliant", True)
    assert sorted(writes(emulator)) == [
        (MANAGEMENT, "AcceptPrimaryEmailUpdate"),
        (MANAGEMENT, "StartPrimaryEmailUpdate"),
        (DEPARTING, "PutContactInformation"),
    ]

    emulator.reset_ledger()
    third = contacts(DEPARTING, code_sent=True)
    assert not third["changed"]
    assert not third["waiting_for_code"]
    assert {state for state, _ in rows(third).values()} == {"compliant"}
    assert writes(emulator) == []


def test_a_wrong_code_changes_nothing_and_is_not_shown(emulator: Emulator) -> None:
    contacts(DEPARTING)
    wrong = "000000" if code_of(emulator) != "000000" else "111111"
    emulator.reset_ledger()

    result = contacts(DEPARTING, email_code=wrong, code_sent=True)

    assert "the one-time code is wrong" in result["msg"]
    assert wrong not in json.dumps({key: value for key, value in result.items() if key != "exception"})
    assert writes(emulator) == []
    assert not contacts(DEPARTING, email_code=code_of(emulator), code_sent=True).get("failed")


def test_an_address_of_another_account_is_refused(emulator: Emulator) -> None:
    request = {"contact": CONTACT, "new_root_email": "aws@customer.example"}

    result = run("account_contacts", DEPARTING, request=request)

    assert "must not be the root user's address of any other AWS account" in result["msg"]
    assert not result["waiting_for_code"]
    assert emulator.mail() == []


def test_a_member_of_the_customers_organization_is_handed_over_from_there(emulator: Emulator) -> None:
    assert contacts(KEEPS)["waiting_for_code"]
    assert not contacts(KEEPS, email_code=code_of(emulator)).get("failed")
    assert (CUSTOMER_PAYER, "AcceptPrimaryEmailUpdate") in writes(emulator)


def test_the_address_of_a_standalone_account_is_a_persons_task(emulator: Emulator) -> None:
    result = contacts(STANDALONE, account_kind="standalone")

    assert rows(result)["primary_email"] == ("skipped", False)
    assert rows(result)["contact_information"] == ("compliant", True)
    assert emulator.mail() == []


def test_what_the_customer_holds_is_not_written(emulator: Emulator) -> None:
    """D1."""
    result = contacts(DEPARTING, account_model="ecam")

    assert {state for state, _ in rows(result).values()} == {"skipped"}
    assert run("root_access", DEPARTING, account_model="ecam")["failed"]
    assert writes(emulator) == []


def test_the_root_user_of_a_member_loses_its_mfa_once(emulator: Emulator) -> None:
    predicted = run("root_access", DEPARTING, check_mode=True)
    assert predicted["changed"]
    assert writes(emulator) == []

    first = run("root_access", DEPARTING)
    assert first["changed"], first
    assert first["mfa_devices"] == predicted["mfa_devices"] != []
    assert writes(emulator) == [(DEPARTING, "DeactivateMFADevice")]

    emulator.reset_ledger()
    second = run("root_access", DEPARTING)
    assert not second["changed"]
    assert not second["manual"]
    assert writes(emulator) == []


@pytest.mark.parametrize(
    ("account", "kind", "told"),
    [(STANDALONE, "standalone", "standalone account"), (KEEPS, "member", "centralized root access")],
)
def test_where_no_root_session_is_possible_it_is_a_persons_task(
    emulator: Emulator, account: str, kind: str, told: str
) -> None:
    """E7."""
    emulator.change_account(account, root_mfa=True)

    result = run("root_access", account, account_kind=kind)

    assert result.get("manual"), result
    assert told in result["reason"] or "does not trust the service IAM" in result["reason"]
    assert writes(emulator) == []


def test_billing_access_is_given_and_taken_back(emulator: Emulator) -> None:
    principals = [f"arn:aws:iam::{DEPARTING}:role/Finance", f"arn:aws:iam::{DEPARTING}:user/customer-admin"]

    assert run("billing_access", DEPARTING, check_mode=True, principals=principals)["changed"]
    assert writes(emulator) == []
    given = run("billing_access", DEPARTING, principals=principals)
    assert given["changed"], given
    assert not run("billing_access", DEPARTING, principals=principals)["changed"]
    taken = run("billing_access", DEPARTING, principals=principals, state="absent")
    assert [row["state"] for row in taken["principals"]] == ["compliant", "compliant"]
    assert not run("billing_access", DEPARTING, principals=principals, state="absent")["changed"]
    assert writes(emulator) == [
        (DEPARTING, "PutRolePolicy"),
        (DEPARTING, "PutUserPolicy"),
        (DEPARTING, "DeleteRolePolicy"),
        (DEPARTING, "DeleteUserPolicy"),
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"payment_method": False}, "no payment method"),
        ({"phone_verified": False}, "phone number of the account is not verified"),
        ({"contact": False}, "phone number of the account is not verified"),
        ({"joined_method": "CREATED", "joined_days_ago": 1}, "four days after its creation"),
    ],
)
def test_what_keeps_the_account_is_told_and_leaving_works_afterwards(
    emulator: Emulator, changes: dict[str, Any], told: str
) -> None:
    emulator.change_account(DEPARTING, **changes)

    refused = run("organization_membership", DEPARTING)
    assert refused["failed"]
    assert told in refused["msg"]
    assert writes(emulator) == []

    emulator.change_account(DEPARTING, payment_method=True, phone_verified=True, contact=True, joined_days_ago=30)
    assert run("organization_membership", DEPARTING)["method"] == "RemoveAccountFromOrganization"
    assert emulator.accounts()[DEPARTING]["organization"] == ""

    emulator.reset_ledger()
    assert not run("organization_membership", DEPARTING)["changed"]
    assert writes(emulator) == []


def test_the_account_leaves_by_itself_where_the_management_account_may_not_remove_it(emulator: Emulator) -> None:
    emulator.faults([{"code": "AccessDeniedException", "operation": "RemoveAccountFromOrganization", "status": 403}])

    assert run("organization_membership", DEPARTING)["method"] == "LeaveOrganization"
    assert writes(emulator) == [(DEPARTING, "LeaveOrganization")]


def test_no_other_organization_than_the_records_is_left(emulator: Emulator) -> None:
    """G3."""
    roles = [{"name": "OrganizationAccountAccessRole", "via": "base"}]
    emulator.change_account(KEEPS, payment_method=True)

    result = run("organization_membership", DEPARTING, organization={**CUSTOMERS, "id": None}, access_roles=roles)

    assert "nothing was left" in result["msg"]
    assert writes(emulator) == []


def test_an_account_in_no_organization_stays_as_it_is(emulator: Emulator) -> None:
    assert not run("organization_membership", STANDALONE)["changed"]


def test_what_is_done_after_leaving_is_told(emulator: Emulator) -> None:
    """E7: a run that is resumed behind the organization says what only the root user can still do."""
    assert run("organization_membership", DEPARTING)["changed"]

    assert rows(contacts(DEPARTING))["primary_email"] == ("skipped", False)
    assert run("root_access", DEPARTING)["manual"]


def test_the_modules_call_what_they_declare_and_nothing_else(emulator: Emulator) -> None:
    """G8."""
    principals = [f"arn:aws:iam::{DEPARTING}:role/Finance", f"arn:aws:iam::{DEPARTING}:user/customer-admin"]
    tasks: dict[str, list[dict[str, Any]]] = {
        "billing_access": [{"principals": principals}, {"principals": principals, "state": "absent"}],
        "account_contacts": [{}, {"code": True}],
        "root_access": [{}],
        "organization_membership": [{}],
    }
    for module, runs in tasks.items():
        emulator.reset_ledger()
        for options in runs:
            if module == "account_contacts":
                contacts(DEPARTING, email_code=code_of(emulator) if options else None)
            else:
                run(module, DEPARTING, **options)
        declared = {
            DEPARTING: set(MODULES[module].PERMISSIONS),
            MANAGEMENT: set(getattr(MODULES[module], "MANAGEMENT_PERMISSIONS", ())),
        }
        if module == "root_access":  # what the task policy of the root session allows
            declared[DEPARTING] |= {"iam:ListMFADevices", "iam:DeactivateMFADevice"}
        called = {(call["account"], f"{call['service']}:{call['operation']}") for call in emulator.ledger()}
        undeclared = {
            (account, action)
            for account, action in called
            if action not in WAY_IN and action not in declared.get(account, set())
        }
        assert undeclared == set(), module
