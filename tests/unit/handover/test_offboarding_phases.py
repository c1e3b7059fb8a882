"""From a run's tags to phases: reading is part of every run, and a misspelt tag is refused."""

from __future__ import annotations

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.filter.offboarding_phases import (
    ALONE,
    PHASES,
    offboarding_phases,
)


def test_without_tags_all_phases_are_run_in_their_order() -> None:
    chosen = offboarding_phases(["all"])
    assert chosen == {"phases": list(PHASES), "alone": "", "writes": True, "fault": ""}


@pytest.mark.parametrize("phase", PHASES)
def test_a_named_phase_brings_the_gates_and_the_scan_with_it(phase: str) -> None:
    chosen = offboarding_phases([phase])
    assert chosen["phases"] == [p for p in PHASES if p in {"gates", "residual", phase}]
    assert chosen["writes"] == (phase in {"cleanup", "account", "leave", "last_role"})


def test_phases_are_in_their_order_whatever_the_order_of_the_tags() -> None:
    assert offboarding_phases(["last_role", "cleanup"])["phases"] == ["gates", "residual", "cleanup", "last_role"]


def test_a_phase_can_be_left_out() -> None:
    assert "leave" not in offboarding_phases(["all"], ["leave"])["phases"]


@pytest.mark.parametrize("phase", ["gates", "residual"])
def test_what_every_write_rests_on_cannot_be_left_out(phase: str) -> None:
    chosen = offboarding_phases(["all"], [phase])
    assert f"{phase} cannot be skipped" in chosen["fault"]
    assert chosen["phases"] == []


@pytest.mark.parametrize("name", ALONE)
def test_what_is_done_alone_is_no_phase_and_only_done_when_it_is_named(name: str) -> None:
    assert offboarding_phases([name]) == {"phases": [], "alone": name, "writes": False, "fault": ""}
    assert name not in offboarding_phases(["all"])["phases"]
    assert f"{name} is done alone" in offboarding_phases([name, "cleanup"])["fault"]
    assert offboarding_phases([name, "cleanup"])["alone"] == ""


@pytest.mark.parametrize(("run", "skip"), [(["clenup"], []), (["all"], ["clenup"])])
def test_a_misspelt_tag_is_told_with_what_there_is(run: list[str], skip: list[str]) -> None:
    fault = offboarding_phases(run, skip)["fault"]
    assert "unknown tag clenup" in fault
    assert all(name in fault for name in (*PHASES, *ALONE))


def test_tags_that_leave_nothing_are_refused() -> None:
    assert "leave no phase" in offboarding_phases(["untagged"])["fault"]


def test_molecules_own_tags_are_none_of_the_runs() -> None:
    assert offboarding_phases(["all"], ["molecule-notest", "notest"])["fault"] == ""
