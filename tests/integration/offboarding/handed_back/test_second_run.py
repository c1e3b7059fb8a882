# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A second offboarding changes nothing; an account may come back, and be handed back again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.offboarding.desk import ACCOUNTS, KEEPS, confirmed, plan_of, possessions, request
from tests.integration.offboarding.handed_back.accounts import (
    DISABLED,
    ELSEWHERE,
    RECORDS,
    REGIONS,
    HandedBack,
)
from tests.integration.onboarding.belongings import Belongings, lost_or_changed
from tests.integration.onboarding.controller import Ran

DOCUMENTS = ("handover.md", "handover.html", "aws_case.txt", "record.json")
PROOF = re.compile(r"was tried: \d+ times, over up to [\d.]+ seconds")
GONE = ["departing", "only-rackspace", "look-alikes-leaving"]


@dataclass
class Second:
    """A run over accounts that were handed back, and the documents before it."""

    ran: Ran
    documents: dict[tuple[str, str], str]
    journals: dict[str, int]


@pytest.fixture(scope="module")
def second(handed_back: HandedBack) -> Second:
    desk = handed_back.desk
    documents = {(host, name): desk.handed_over(host, name) for host in ACCOUNTS for name in DOCUMENTS}
    journals = {host: len(desk.journal(host)) for host in ACCOUNTS}
    return Second(handed_back.offboard(), documents, journals)


def test_a_second_run_succeeds_and_writes_nothing(second: Second) -> None:
    """G2."""
    assert second.ran.status == 0, second.ran.output
    assert second.ran.writes() == []


@pytest.mark.parametrize("host", GONE)
def test_it_says_that_the_account_was_handed_back(second: Second, host: str) -> None:
    """G2."""
    account = second.ran.account(host)
    assert (account["outcome"], account["removed"]) == ("already handed back", 0)
    assert "already handed back" in second.ran.text
    assert "no role admits the provider" in account["message"]


def test_an_account_that_is_reached_through_its_own_organization_has_nothing_left_to_remove(second: Second) -> None:
    """G2: the customer's payer still lets the provider in, so everything is read again."""
    account = second.ran.account("keeps-organization")
    assert (account["outcome"], account["removed"]) == ("open manual steps", 0)
    plan = plan_of(second.ran, "keeps-organization")
    assert plan["removes"] == []
    assert {row["action"] for row in plan["targets"]} == {"keep", "none"}


@pytest.mark.parametrize("host", ACCOUNTS)
def test_what_was_handed_over_still_says_what_went(handed_back: HandedBack, second: Second, host: str) -> None:
    """E8: also where it is made again; only the proof that nobody comes in may be a newer one."""
    for name in ("handover.md", "handover.html", "aws_case.txt"):
        now, then = (
            PROOF.sub("was tried", text)
            for text in (handed_back.desk.handed_over(host, name), second.documents[host, name])
        )
        assert now == then


@pytest.mark.parametrize("host", GONE)
def test_nothing_is_written_down_where_nothing_was_done(handed_back: HandedBack, second: Second, host: str) -> None:
    assert len(handed_back.desk.journal(host)) == second.journals[host]


def test_check_mode_of_a_second_run_says_so_too(handed_back: HandedBack, second: Second) -> None:
    ran = handed_back.offboard("--check", hosts=["departing"])
    assert (ran.status, ran.writes()) == (0, [])
    assert ran.account("departing")["outcome"] == "already handed back"


def test_with_every_manual_step_confirmed_the_end_state_is_complete(handed_back: HandedBack, second: Second) -> None:
    """E7: by whom and when; the documents are made again, and AWS is not written to."""
    steps = ("support_plan", "root_mfa", "root_email", "root_password", "neutralised_role")
    whole = request(DISABLED, {step: confirmed("olivia@only-rackspace.example") for step in steps})
    records = {DISABLED: {**RECORDS[DISABLED], "offboarding": whole}}
    ran = handed_back.offboard(hosts=[DISABLED], records=records)
    assert (ran.status, ran.writes()) == (0, []), ran.output
    assert ran.account(DISABLED)["open_steps"] == []
    record = json.loads(handed_back.desk.handed_over(DISABLED, "record.json"))
    assert record["state"] == "complete"
    assert {step["state"] for step in record["manual_steps"]} == {"confirmed", "not_needed"}
    text = handed_back.desk.handed_over(DISABLED, "handover.md")
    assert "State: **complete**" in text
    assert "Confirmed by olivia@only-rackspace.example" in text
    assert handed_back.desk.journal(DISABLED)[-1]["data"]["state"] == "complete"


# -- an account that comes back


@dataclass
class Again:
    """The account that keeps its organization, onboarded and handed back once more."""

    onboarded: Ran
    offboarded: Ran
    events: list[str]
    after: Belongings


@pytest.fixture(scope="module")
def again(handed_back: HandedBack, second: Second) -> Again:
    desk = handed_back.desk
    before = len(desk.journal("keeps-organization"))
    onboarded = desk.onboard_all(["keeps-organization"], REGIONS)
    offboarded = handed_back.offboard(hosts=["keeps-organization"])
    events = [entry["event"] for entry in desk.journal("keeps-organization")[before:]]
    return Again(onboarded, offboarded, events, possessions(handed_back.owners, KEEPS, [*REGIONS, ELSEWHERE]))


def test_it_is_onboarded_again(again: Again) -> None:
    """It is done when."""
    rows = again.onboarded.rows("keeps-organization")
    assert {row["state"] for row in rows.values()} <= {"compliant", "skipped"}
    made = again.onboarded.written(KEEPS)
    assert made["CreateTopic"] == 6 * len(REGIONS)
    assert made["CreateBucket"] == made["CreateTrail"] == made["PutConfigurationRecorder"] == 0


def test_it_is_handed_back_again(handed_back: HandedBack, again: Again) -> None:
    """It is done when."""
    assert again.offboarded.status == 0, again.offboarded.output
    account = again.offboarded.account("keeps-organization")
    assert (account["outcome"], account["proven"]) == ("open manual steps", True)
    assert again.events[0] == "gates_answered"
    assert again.events[-3:] == ["last_role_begun", "last_role_done", "handed_over"]
    assert "stopped" not in again.events


def test_the_second_time_takes_what_the_first_took(handed_back: HandedBack, again: Again) -> None:
    """G4: the same resources; subscriptions have new ids."""
    first = plan_of(handed_back.check, "keeps-organization")["removes"]
    second = plan_of(again.offboarded, "keeps-organization")["removes"]
    assert _without_ids(second) == _without_ids(first)
    deleted = again.offboarded.written()
    assert deleted["DeleteTopic"] == deleted["Unsubscribe"] == 6 * len(REGIONS)


def _without_ids(arns: list[str]) -> list[str]:
    return sorted(arn.rpartition(":")[0] if arn.count(":") > 5 else arn for arn in arns)


def test_afterwards_the_account_is_as_it_was_after_the_first_time(handed_back: HandedBack, again: Again) -> None:
    """Clean: nothing more is left behind, and nothing of the customer's is lost."""
    first = handed_back.after["keeps-organization"]
    assert sorted(again.after) == sorted(first)
    assert lost_or_changed(handed_back.seeded["keeps-organization"], again.after) == {}
    changed = lost_or_changed(first, again.after)
    assert {at for at in changed if not _is_renewed(at, changed[at])} == set()


def _is_renewed(at: tuple[str, ...], pair: tuple[Any, Any]) -> bool:
    """Tell whether only the moment at which something was made is another."""
    before, after = pair
    return isinstance(before, Mapping) and isinstance(after, Mapping) and _steady(before) == _steady(after)


def _steady(what: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in what.items() if name not in {"CreateDate", "RoleId"}}


def test_the_hand_over_is_of_the_second_time(handed_back: HandedBack, again: Again) -> None:
    """E8: the journal of the first time is not told again."""
    record = json.loads(handed_back.desk.handed_over("keeps-organization", "record.json"))
    runs = {entry["run"] for entry in handed_back.desk.journal("keeps-organization")[-1:]}
    assert set(record["runs"]) == runs
    assert {"kind": "IAM role", "name": "Rackspace", "regions": []} in record["removed"]
