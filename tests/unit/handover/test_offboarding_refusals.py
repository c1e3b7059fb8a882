"""Everything that is in the way is told at once, and nothing that is unknown passes (E2, E9)."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.filter.offboarding_refusals import MOST, offboarding_refusals


def gate(name: str, result: str = "pass", **more: Any) -> dict[str, Any]:
    return {"gate": name, "result": result, "evidence": "seen", "fix": "do it", "overridden": "", **more}


def row(resource: str, state: str, region: str = "global") -> dict[str, Any]:
    return {"resource": resource, "state": state, "region": region, "reason": "names 100000000002"}


def ready(**more: Any) -> dict[str, Any]:
    return {
        "account_id": "811111111111",
        "confirmed": ["811111111111"],
        "check_mode": False,
        "phases": ["gates", "residual", "cleanup", "account", "way_in", "leave", "last_role", "handover"],
        "gates": {"gates": [gate("balance_current"), gate("business_hours", "fail", overridden="agreed")]},
        "plan": {"targets": [{"changed": True}]},
        "residual": {"residual": [row("arn:a", "leaving"), row("arn:b", "accepted")]},
        **more,
    }


def test_an_account_that_is_ready_and_confirmed_is_not_refused() -> None:
    assert offboarding_refusals(ready()) == []


@pytest.mark.parametrize("result", ["fail", "unknown"])
def test_a_gate_that_is_not_passed_refuses_with_its_evidence_and_fix(result: str) -> None:
    assert offboarding_refusals(ready(gates={"gates": [gate("balance_current", result)]})) == [
        f"gate balance_current is {result}: seen; do it"
    ]


def test_long_evidence_is_cut_and_its_fix_is_not() -> None:
    (told,) = offboarding_refusals(ready(gates={"gates": [gate("topic_users", "unknown", evidence="word " * 200)]}))
    assert len(told) < 400
    assert told.endswith("; do it")


@pytest.mark.parametrize(
    ("state", "told"),
    [("to_decide", "is a way in that nobody accepted"), ("unknown", "could not be read")],
)
def test_a_way_in_that_nobody_accepted_or_could_read_refuses(state: str, told: str) -> None:
    found = {"residual": [row("arn:aws:sqs:x", state, "us-east-1")]}
    (refusal,) = offboarding_refusals(ready(residual=found))
    assert f"arn:aws:sqs:x in us-east-1 {told}: names 100000000002" in refusal
    assert "offboarding.accept_residual" in refusal


def test_many_ways_in_are_counted() -> None:
    found = {"residual": [row(f"arn:{number}", "to_decide") for number in range(MOST + 3)]}
    (refusal,) = offboarding_refusals(ready(residual=found))
    assert "3 more like these" in refusal
    assert f"arn:{MOST - 1} " in refusal
    assert f"arn:{MOST} " not in refusal


def test_a_plan_that_is_not_complete_refuses() -> None:
    assert offboarding_refusals(ready(plan={"targets": [], "msg": "trail is unknown in us-east-1"})) == [
        "the plan is not complete: trail is unknown in us-east-1"
    ]


@pytest.mark.parametrize("confirmed", [[], [""], ["811111111112"]])
def test_without_the_accounts_id_by_name_nothing_is_written(confirmed: list[str]) -> None:
    (refusal,) = offboarding_refusals(ready(confirmed=confirmed))
    assert "say -e confirm=811111111111" in refusal


def test_reading_needs_no_confirmation() -> None:
    assert offboarding_refusals(ready(confirmed=[], check_mode=True)) == []
    assert offboarding_refusals(ready(confirmed=[], phases=["gates", "residual", "handover"], plan={})) == []


def test_later_phases_need_the_cleanup() -> None:
    phases = ["gates", "residual", "last_role"]
    assert "phase cleanup is not done, and last_role" in offboarding_refusals(ready(phases=phases))[0]
    assert offboarding_refusals(ready(phases=phases, plan={"targets": [{"changed": False}]})) == []
    assert offboarding_refusals(ready(phases=["gates", "residual"], confirmed=[])) == []


def test_everything_is_told_at_once() -> None:
    found = ready(
        gates={"gates": [gate("balance_current", "fail"), gate("customer_way_in", "unknown")]},
        residual={"residual": [row("arn:a", "to_decide"), row("unknown:ram", "unknown")]},
        confirmed=[],
    )
    assert len(offboarding_refusals(found)) == 5
