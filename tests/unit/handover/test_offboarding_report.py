"""One report of all accounts: nothing that failed, was refused or is open can look like success (G5)."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.filter.offboarding_phases import offboarding_phases
from ansible_collections.rackspace.aws_accounts.plugins.filter.offboarding_report import OUTCOMES, offboarding_report
from ansible_collections.rackspace.aws_accounts.plugins.filter.offboarding_report_lines import (
    offboarding_report_lines,
)

ALL = offboarding_phases(["all"])
ROWS = [
    {"resources": ["arn:1", "arn:2"], "changed": True, "action": "remove", "state": "drifted"},
    {"resources": [], "changed": False, "action": "keep", "state": "foreign"},
]


def host(**facts: Any) -> dict[str, Any]:
    named = {f"reverse_assumption_{name}": value for name, value in facts.items()}
    base = {"account_id": "811111111111", "account_name": "departing", "offboarding": {"ticket": "1"}}
    return {**base, "reverse_assumption_run": "run", "reverse_assumption_stop": {}, **named}


def finished(state: str = "complete", **facts: Any) -> dict[str, Any]:
    handover = {"state": state, "proven": True, "open_steps": [] if state == "complete" else ["Payment method"]}
    return host(ended=True, handover=handover, cleanup={"targets": ROWS}, documents="/handover/x", **facts)


def stopped(outcome: str) -> dict[str, Any]:
    return host(ended=True, stop={"outcome": outcome, "phase": "approval", "message": "account x (1): why"})


def outcome(variables: dict[str, Any], chosen: dict[str, Any] = ALL, **more: Any) -> str:
    return str(offboarding_report({"a": variables}, ["a"], chosen, **more)["accounts"][0]["outcome"])


@pytest.mark.parametrize("state", ["complete", "open manual steps"])
def test_an_account_that_was_handed_over_is_in_the_state_of_its_hand_over(state: str) -> None:
    assert outcome(finished(state)) == state


@pytest.mark.parametrize("how", ["failed", "refused", "open manual steps", "already handed back"])
def test_what_stopped_an_account_is_its_outcome(how: str) -> None:
    account = offboarding_report({"a": stopped(how)}, ["a"], ALL)["accounts"][0]
    assert (account["outcome"], account["phase"], account["message"]) == (how, "approval", "why")


def test_an_account_that_ended_in_an_error_failed() -> None:
    assert outcome(host()) == "failed"


def test_a_record_with_faults_is_refused_with_all_of_them() -> None:
    report = offboarding_report({"a": {"account_id": "1"}}, ["a"], ALL, faults={"a": ["one", "two"]}, reached=[])
    assert report["accounts"][0]["message"] == "one; two"
    assert report["totals"]["refused"] == 1


def test_in_check_mode_an_account_is_ready_or_refused_and_never_complete() -> None:
    assert outcome(host(ended=True), check_mode=True) == "ready"
    assert outcome(host(ended=True, refusals=["gate x is fail"]), check_mode=True) == "refused"


def test_a_run_of_some_phases_leaves_phases() -> None:
    assert outcome(host(ended=True), offboarding_phases(["cleanup"])) == "phases left"


@pytest.mark.parametrize(("tag", "told"), [("prepare", "prepared"), ("call_off", "called off")])
def test_what_is_done_alone_is_told(tag: str, told: str) -> None:
    assert outcome(host(ended=True), offboarding_phases([tag])) == told


def test_hosts_whose_turn_has_not_come_are_left_out() -> None:
    hosts = {"a": finished(), "b": {"account_id": "2"}}
    assert [a["host"] for a in offboarding_report(hosts, ["a", "b"], ALL, reached=["a"])["accounts"]] == ["a"]


def test_what_failed_comes_first() -> None:
    hosts = {"a": finished(), "b": stopped("refused"), "c": host(), "d": stopped("already handed back")}
    report = offboarding_report(hosts, list(hosts), ALL)
    assert [account["host"] for account in report["accounts"]] == ["c", "b", "a", "d"]
    assert sum(report["totals"][name] for name in OUTCOMES) == report["totals"]["accounts"] == 4


def test_a_refused_account_removed_nothing_whatever_was_planned() -> None:
    plan = {"targets": ROWS}
    refused = {**stopped("refused"), "reverse_assumption_plan_result": plan}
    assert offboarding_report({"a": refused}, ["a"], ALL)["accounts"][0]["removed"] == 0
    assert offboarding_report({"a": finished()}, ["a"], ALL)["accounts"][0]["removed"] == 2


def test_roles_are_told_only_where_their_phase_was_run() -> None:
    last = {"roles": [{"role": "Rackspace", "action": "neutralised", "customer_line": "aws iam delete-role"}]}
    hosts = {"a": finished(last_role=last)}
    text = "\n".join(offboarding_report_lines(offboarding_report(hosts, ["a"], ALL)))
    assert "roles: Rackspace neutralised" in text
    assert "only the customer can remove: aws iam delete-role" in text
    text = "\n".join(offboarding_report_lines(offboarding_report(hosts, ["a"], offboarding_phases(["cleanup"]))))
    assert "Rackspace" not in text


def test_lines_say_what_is_open_and_where_the_documents_are() -> None:
    lines = offboarding_report_lines(offboarding_report({"a": finished("open manual steps")}, ["a"], ALL))
    assert lines[0] == "1 account: 1 open manual steps"
    assert "  open: Payment method" in lines
    assert "  documents: /handover/x" in lines


def test_lines_of_check_mode_say_that_nothing_was_written() -> None:
    hosts = {"a": host(ended=True, plan_result={"targets": ROWS})}
    lines = offboarding_report_lines(offboarding_report(hosts, ["a"], ALL, check_mode=True))
    assert lines[:2] == ["1 account: 1 ready", "check mode: nothing was written"]
    assert "would go" in lines[3]
