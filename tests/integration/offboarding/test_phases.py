# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What is done alone before the day, and each phase by its tag, one run after the other."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest

from emulator.client import Emulator
from tests.integration.offboarding.desk import (
    ACCOUNTS,
    DEPARTING,
    Desk,
    Owners,
    Provider,
    plan_of,
    request,
    same_address,
)
from tests.integration.onboarding.controller import MANAGEMENT, ORGANIZATION_ROLE, SHARED, Call, Ran

REGIONS = ["us-east-1", "us-west-2"]
HOST = "departing"
POLICY = "rackspace-billing-access"
SSO_PATH = "/aws-reserved/sso.amazonaws.com/"
SSO_ROLE = f"arn:aws:iam::{DEPARTING}:role{SSO_PATH}AWSReservedSSO_Finance_0123456789abcdef"
SSO_TRUST = {
    "Effect": "Allow",
    "Principal": {"Federated": f"arn:aws:iam::{DEPARTING}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE"},
    "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
    "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
}


@pytest.fixture(scope="module")
def onboarded(desk: Desk, offboarding: Emulator, provider: Provider) -> Desk:
    """One account, onboarded in few regions."""
    offboarding.change_account(DEPARTING, regions=REGIONS)
    provider(DEPARTING, "iam").create_role(
        RoleName=SSO_ROLE.rpartition("/")[2],
        Path=SSO_PATH,
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [SSO_TRUST]}),
    )
    desk.onboard_all([HOST], REGIONS)
    return desk


@pytest.fixture(scope="module")
def owners(provider: Provider) -> Owners:
    """The customer's administrator."""
    return Owners(provider, [DEPARTING])


def record(**changes: Any) -> dict[str, dict[str, Any]]:
    """Return the record whose request needs no one-time code."""
    return {HOST: {"account_regions": REGIONS, "offboarding": request(HOST, **same_address(HOST), **changes)}}


# -- the dates (E3)


@pytest.fixture(scope="module")
def schedule(desk: Desk) -> Ran:
    """Dates for five requests, two a day, seen from a Monday."""
    days: dict[str, dict[str, Any]] = {
        "departing": {"termination_date": "2031-04-16", "requested_at": "2026-03-03"},
        "keeps-organization": {"termination_date": "2031-04-16", "requested_at": "2026-03-01"},
        "only-rackspace": {"termination_date": "2031-04-16", "requested_at": "2026-03-02"},
        "look-alikes-leaving": {"termination_date": "2031-04-12"},
    }
    records = {
        host: {"offboarding": {**request(host, transfer_date=None), **changes}} for host, changes in days.items()
    }
    return desk.offboard(
        "--tags",
        "schedule",
        "--limit",
        "departing,only-rackspace",
        hosts=[],
        records=records,
        confirm=None,
        reverse_assumption_daily_capacity=2,
        reverse_assumption_now="2031-03-31T09:00:00-05:00",
    )


def test_dates_are_proposed_without_calling_anything(schedule: Ran) -> None:
    """E3: for all requests of the inventory, whatever the run is limited to."""
    assert schedule.status == 0, schedule.output
    assert schedule.ledger == []
    for host, number in ACCOUNTS.items():
        assert host in schedule.output
        assert number in schedule.output


def test_the_nearest_days_go_to_who_asked_first(schedule: Ran) -> None:
    """E3: within the capacity; a Saturday goes to the Friday before."""
    lines = [line.split() for line in schedule.output.splitlines() if "261121-0004" in line]
    dates = {line[2]: f"{line[0]} {line[1]}" for line in lines}
    assert dates["keeps-organization"] == dates["only-rackspace"] == "Wed 2031-04-16"
    assert dates["departing"] in {"Tue 2031-04-15", "Thu 2031-04-17"}
    assert dates["look-alikes-leaving"] == "Fri 2031-04-11"
    assert "4 requests on 3 days" in schedule.output


# -- before the day (E4)


@dataclass
class Prepared:
    runs: dict[str, Ran] = field(default_factory=dict)
    policies: dict[str, list[str]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def prepared(onboarded: Desk, owners: Owners) -> Prepared:
    """The preparation in check mode, twice for real, and called off twice."""
    done = Prepared()
    records = record(billing_principals=[f"arn:aws:iam::{DEPARTING}:role/Finance", SSO_ROLE])
    for name, *arguments in (
        ("check", "--check", "--tags", "prepare"),
        ("first", "--tags", "prepare"),
        ("second", "--tags", "prepare"),
        ("off", "--tags", "call_off"),
        ("off again", "--tags", "call_off"),
    ):
        done.runs[name] = onboarded.offboard(*arguments, hosts=[HOST], records=records, confirm=None)
        assert done.runs[name].status == 0, done.runs[name].output
        done.policies[name] = owners(DEPARTING, "iam").list_role_policies(RoleName="Finance")["PolicyNames"]
    return done


def test_the_preparation_gives_the_named_roles_the_billing_permissions(prepared: Prepared) -> None:
    """E4: needs no confirmation; nothing is taken away."""
    assert prepared.policies == {
        "check": [],
        "first": [POLICY],
        "second": [POLICY],
        "off": [],
        "off again": [],
    }
    written = {name: [(call["operation"], call["resource"]) for call in ran.writes()] for name, ran in
               prepared.runs.items()}  # fmt: skip
    assert written == {
        "check": [],
        "first": [("PutRolePolicy", "Finance")],
        "second": [],
        "off": [("DeleteRolePolicy", "Finance")],
        "off again": [],
    }


def test_a_role_of_the_identity_center_is_named_as_not_editable(prepared: Prepared) -> None:
    """E4."""
    for name in ("check", "first"):
        assert SSO_ROLE in prepared.runs[name].text
        assert "adds these actions to its permission set" in prepared.runs[name].text


def test_the_preparation_says_how_it_ended(prepared: Prepared) -> None:
    outcomes = {name: ran.account(HOST)["outcome"] for name, ran in prepared.runs.items()}
    assert outcomes == {
        "check": "prepared",
        "first": "prepared",
        "second": "prepared",
        "off": "called off",
        "off again": "called off",
    }


def test_what_is_done_alone_is_named_alone(onboarded: Desk) -> None:
    ran = onboarded.offboard("--tags", "prepare,cleanup", hosts=[HOST], records=record())
    assert ran.status != 0
    assert "prepare is done alone" in ran.text
    assert ran.ledger == []


# -- one phase after the other

#: the writes of each phase that writes, by operation; what goes in the cleanup is compared with the plan
LAST = {"DeleteRole", "DeleteRolePolicy", "DetachRolePolicy", "UpdateAssumeRolePolicy"}
WRITES: dict[str, set[str]] = {
    "gates": set(),
    "residual": set(),
    "account": {"PutContactInformation", "DeactivateMFADevice"},
    "way_in": set(),
    "leave": {"RemoveAccountFromOrganization"},
    "last_role": LAST,
    "handover": set(),
}
EVENTS = {
    "gates": [],
    "cleanup": ["cleanup_begun", "cleanup_done"],
    "account": ["account_done"],
    "way_in": ["way_in_confirmed"],
    "leave": ["organization_left"],
    "last_role": ["last_role_begun", "last_role_done"],
    "handover": ["handed_over"],
}


@dataclass
class Phases:
    """A run for each phase, and what it wrote down."""

    early: dict[str, Ran] = field(default_factory=dict)
    runs: dict[str, Ran] = field(default_factory=dict)
    events: dict[str, list[str]] = field(default_factory=dict)
    documents: dict[str, bool] = field(default_factory=dict)


@pytest.fixture(scope="module")
def phases(onboarded: Desk, prepared: Prepared) -> Phases:
    """First what is named too early, then every phase in its order."""
    done = Phases()
    for named in ("last_role", "handover"):
        done.early[named] = onboarded.offboard("--tags", named, hosts=[HOST], records=record())
    for phase in EVENTS:
        before = len(onboarded.journal(HOST))
        done.runs[phase] = onboarded.offboard("--tags", phase, hosts=[HOST], records=record())
        done.events[phase] = [entry["event"] for entry in onboarded.journal(HOST)[before:]]
        done.documents[phase] = (onboarded.folder / "handover" / HOST / "handover.md").exists()
        if phase == "cleanup":
            done.early["leave too early"] = onboarded.offboard("--tags", "last_role", hosts=[HOST], records=record())
    return done


@pytest.mark.parametrize("named", ["last_role", "handover"])
def test_a_phase_named_before_the_cleanup_is_refused(phases: Phases, named: str) -> None:
    """The order of the phases."""
    ran = phases.early[named]
    assert ran.status != 0
    assert ran.writes() == []
    message = ran.account(HOST)["message"]
    assert "phase cleanup is not done" in message
    assert named in message
    assert "name cleanup too, or no tag" in message


def test_the_last_role_stays_while_the_account_is_not_handed_over(phases: Phases) -> None:
    """Nobody of the provider could change the root user or take the account out any more."""
    ran = phases.early["leave too early"]
    assert ran.status != 0
    assert ran.writes() == []
    assert "phase account was not named and is not done" in ran.account(HOST)["message"]


@pytest.mark.parametrize("phase", EVENTS)
def test_each_phase_alone_succeeds_and_writes_its_own_part(phases: Phases, phase: str) -> None:
    """Issue 3, 4."""
    ran = phases.runs[phase]
    assert ran.status == 0, ran.output
    operations = {call["operation"] for call in ran.writes()}
    if phase == "cleanup":
        assert not operations & {"PutContactInformation", "DeactivateMFADevice", "RemoveAccountFromOrganization"}
        assert {"DeleteTopic", "DeleteRole", "UpdateTrail"} <= operations
    elif phase == "last_role":
        assert "DeleteRole" in operations
        assert operations <= WRITES[phase]
    else:
        assert operations == WRITES[phase]


@pytest.mark.parametrize("phase", EVENTS)
def test_each_phase_is_written_down(phases: Phases, phase: str) -> None:
    """G6: a phase that was not named is not told as done."""
    events = [event for event in phases.events[phase] if event != "gates_answered"]
    assert events == EVENTS[phase]


def test_documents_are_made_by_the_last_phase_only(phases: Phases) -> None:
    assert [phase for phase, made in phases.documents.items() if made] == ["handover"]


@pytest.mark.parametrize("phase", [phase for phase in EVENTS if phase != "handover"])
def test_a_run_that_left_phases_out_says_so(phases: Phases, phase: str) -> None:
    """G5: it must not look like an account that was handed over."""
    assert phases.runs[phase].account(HOST)["outcome"] == "phases left"


def test_what_the_phases_removed_is_what_was_planned(phases: Phases) -> None:
    """G4."""
    calls: list[Call] = [call for ran in phases.runs.values() for call in ran.writes()]
    gone = Counter(
        {"DeleteRole": f"arn:aws:iam::{DEPARTING}:role/", "DeleteRule": f"arn:aws:events:us-east-1:{DEPARTING}:rule/"}
        .get(call["operation"], "") + call["resource"]
        for call in calls
        if call["operation"] in {"DeleteRole", "DeleteRule", "DeleteTopic", "DeletePolicy", "Unsubscribe"}
        and not call["error"]  # the organization's role tries to delete itself, and may not
    )  # fmt: skip
    planned = plan_of(phases.runs["gates"], HOST)["removes"]
    assert set(gone) == {*planned, f"arn:aws:iam::{DEPARTING}:role/Rackspace"}
    assert set(gone.values()) == {1}


def test_the_account_is_handed_back_as_by_one_run(
    phases: Phases, onboarded: Desk, offboarding: Emulator, owners: Owners
) -> None:
    """G6: resumed phase by phase, by the journal and what is observed."""
    account = phases.runs["handover"].account(HOST)
    assert (account["outcome"], account["proven"]) == ("open manual steps", True)
    state = offboarding.accounts()[DEPARTING]
    assert (state["organization"], state["root_mfa"]) == ("", [])
    document = json.loads(onboarded.handed_over(HOST, "record.json"))
    removed = {(row["kind"], row["name"]) for row in document["removed"]}
    assert {("SNS topic", "rackspace-support"), ("IAM role", "Rackspace"), ("IAM role", "CloudHealth-Role")} <= removed
    assert [role["action"] for role in document["roles"]] == ["deleted", "neutralised"]
    text = onboarded.handed_over(HOST, "handover.md")
    assert f"aws iam delete-role --role-name {ORGANIZATION_ROLE}" in text
    assert "Rackspace" not in {role["RoleName"] for role in owners(DEPARTING, "iam").list_roles()["Roles"]}


def test_nothing_is_written_in_the_provider_s_accounts_but_for_the_account(phases: Phases) -> None:
    for ran in phases.runs.values():
        assert {call["operation"] for call in ran.writes(SHARED)} <= {"Unsubscribe"}
        assert {call["resource"] for call in ran.writes(MANAGEMENT)} <= {DEPARTING}
