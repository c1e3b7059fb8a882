# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What cannot be read is unknown, never compliant, and the exit status says so; what does not apply is skipped."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.client import Emulator
from tests.integration.audit.auditing import (
    HOST,
    RECORD,
    REGIONS,
    TASK,
    UUID,
    account_of,
    audit,
    faults,
    onboarded,
    targets,
    written,
)
from tests.integration.onboarding.controller import (
    EXTERNAL_ID,
    MANAGEMENT,
    PLAIN,
    SHARED,
    Controller,
    Ran,
)

#: an account that is not there, and one in which a service control policy denies sa-east-1
GONE = {"account_id": "999999999999", "account_uuid": "5a4c7d3e-9b1f-4c2a-8d6e-7f0a1b2c3d4e"}
DENIED = {
    "account_id": "666666666666",
    "account_uuid": "1b4e28ba-2fa1-41d2-883f-0016d3cca427",
    "account_regions": ["sa-east-1", "us-east-1"],
}


@contextlib.contextmanager
def injected(emulator: Emulator, *entries: dict[str, Any]) -> Iterator[None]:
    emulator.faults(list(entries))
    try:
        yield
    finally:
        emulator.faults([])


@pytest.fixture(scope="module")
def inventory(controller: Controller) -> Path:
    """The plain account, onboarded, beside two others."""
    path = controller.inventory({HOST: {**RECORD, "account_regions": REGIONS}, "gone": GONE, "denied": DENIED})
    onboarded(controller, path, REGIONS, limit=HOST)
    return path


@pytest.fixture(scope="module")
def faulty(controller: Controller, inventory: Path, emulator: Emulator) -> tuple[Ran, dict[str, Any]]:
    """An audit with a region in which AWS Config is denied, and an account that is not there."""
    config = {"account": PLAIN, "region": "us-west-2", "service": "config", "code": "AccessDeniedException"}
    roles = {"account": PLAIN, "operation": "GetRole", "code": "AccessDenied"}
    with injected(emulator, config, roles):
        ran = audit(controller, inventory)
    return ran, written(ran)


def test_what_is_denied_is_unknown_with_the_operation_and_the_fix(faulty: tuple[Ran, dict[str, Any]]) -> None:
    """G5, G7."""
    ran, data = faulty
    unknown = {("recorder", "us-west-2")} | {
        (role, "global") for role in ("rackspace_role", "cloudhealth_role", "config_role", "dispatcher_role")
    }
    assert targets(data, "unknown") == unknown
    row = ran.rows(HOST, TASK)["recorder", "us-west-2"]
    assert (row["error"]["operation"], row["error"]["code"]) == (
        "DescribeConfigurationRecorders",
        "AccessDeniedException",
    )
    assert "grant this action" in row["error"]["fix"]
    assert not {"before", "after"} & set(row)


def test_what_could_be_read_beside_it_is_told(faulty: tuple[Ran, dict[str, Any]]) -> None:
    """G5: one denial hides nothing else."""
    ran, data = faulty
    assert ("recorder", "us-east-1") in targets(data, "compliant")
    assert ran.states(HOST, TASK) == {"compliant": 27, "unknown": 5}


def test_an_account_of_which_something_is_unknown_is_unknown(faulty: tuple[Ran, dict[str, Any]]) -> None:
    """G5: never compliant."""
    ran, data = faulty
    account = account_of(data)
    assert account["state"] == "unknown"
    assert "recorder in us-west-2" in account["message"]
    assert ran.status != 0
    assert "recorder is unknown in us-west-2: DescribeConfigurationRecorders AccessDeniedException" in ran.text


def test_an_account_whose_roles_cannot_be_assumed_is_unknown_with_why(faulty: tuple[Ran, dict[str, Any]]) -> None:
    """G5."""
    ran, data = faulty
    account = account_of(data, "gone")
    assert (account["state"], account["results"], set(account["counts"].values())) == ("unknown", [], {0})
    assert data["totals"]["unreadable"] == 1
    for part in ("none of account_access_roles can be assumed", "Rackspace", "OrganizationAccountAccessRole"):
        assert part in account["message"]
    assert ran.of("gone", TASK)["summary"] == dict.fromkeys(
        ("compliant", "drifted", "skipped", "foreign", "unknown"), 0
    )


def test_an_audit_with_failures_is_of_the_published_format(faulty: tuple[Ran, dict[str, Any]]) -> None:
    """G7: audit.schema.json."""
    assert faults(faulty[1]) == []


def test_the_other_accounts_are_audited(faulty: tuple[Ran, dict[str, Any]]) -> None:
    """G5."""
    assert len(account_of(faulty[1], "denied")["results"]) > 10


def test_a_region_that_a_service_control_policy_denies_is_skipped_with_that_reason(
    faulty: tuple[Ran, dict[str, Any]],
) -> None:
    """Design, states: although its queues are not there either, for nobody needs them."""
    ran, data = faulty
    skipped = [row for row in ran.of("denied", TASK)["targets"] if row["region"] == "sa-east-1"]
    assert len(skipped) == 8
    assert {row["state"] for row in skipped} == {"skipped"}
    assert all("a service control policy denies the region" in row["reason"] for row in skipped)
    assert targets(data, "unknown", "denied") == set()


def test_a_region_that_is_denied_by_a_service_control_policy_fails_no_audit(
    controller: Controller, inventory: Path
) -> None:
    """Design, states: exit status unaffected."""
    ran = audit(controller, inventory, "--limit", "denied")
    assert ran.status == 0, ran.output


def test_an_audit_that_never_fails_tells_the_same(
    controller: Controller, inventory: Path, faulty: tuple[Ran, dict[str, Any]]
) -> None:
    """G5: account_audit_fail_on is of the exit status, not of what is told."""
    ran = audit(controller, inventory, "--limit", "gone", account_audit_fail_on="never")
    assert ran.status == 0, ran.output
    assert account_of(written(ran), "gone")["state"] == "unknown"
    assert "none of account_access_roles can be assumed" in ran.text


def test_a_record_with_faults_fails_also_an_audit_that_never_fails(controller: Controller) -> None:
    """A1: nothing was called, so there is nothing to tell."""
    faulty_record = controller.inventory({HOST: {**RECORD, "account_uuid": "no-uuid"}})
    ran = audit(controller, faulty_record, account_audit_fail_on="never")
    assert (ran.status != 0, ran.ledger) == (True, [])
    assert account_of(written(ran))["state"] == "unknown"
    assert "account_uuid" in account_of(written(ran))["message"]


def task(**options: Any) -> dict[str, Any]:
    """Return a task with the module, which asks twice where AWS throttles and then gives up."""
    given = {
        "account_id": PLAIN,
        "account_uuid": UUID,
        "provider_account_id": SHARED,
        "external_id": EXTERNAL_ID,
        "organization": {"management_account_id": MANAGEMENT},
        "regions": REGIONS,
        "aws_config": {"retries": {"mode": "standard", "total_max_attempts": 2}},
        **options,
    }
    return {"name": TASK, "rackspace.aws_accounts.account_audit": given}


def test_an_api_that_goes_on_throttling_is_unknown_and_the_rest_is_not(
    controller: Controller, inventory: Path, emulator: Emulator
) -> None:
    """G5."""
    throttled = {"account": PLAIN, "region": "eu-west-1", "operation": "ListTopics", "code": "throttling"}
    throttled_trails = {"account": PLAIN, "region": "us-east-1", "operation": "DescribeTrails", "code": "throttling"}
    with injected(emulator, throttled, throttled_trails):
        ran = controller.tasks([task()], "--limit", HOST, inventory=inventory)
    assert ran.status != 0
    rows = ran.rows(HOST, TASK)
    unknown = {at for at, row in rows.items() if row["state"] == "unknown"}
    assert {at for at in unknown if at[0] == "trail"} == {("trail", "us-east-1")}
    assert {at[1] for at in unknown if at[0].endswith("_topic")} == {"eu-west-1"}
    assert len(unknown) == 7
    assert all("Throttl" in rows[at]["error"]["code"] for at in unknown)
    assert rows["trail", "us-east-1"]["error"]["fix"] == "run again, with fewer forks"


def test_a_provider_that_cannot_be_reached_leaves_the_topics_unknown(controller: Controller, inventory: Path) -> None:
    """G5, B17: whether their queues are there is not known."""
    ran = controller.tasks(
        [task(provider_access_role="nobody", access_roles=["OrganizationAccountAccessRole"], fail_on="never")],
        *("--limit", HOST),
        inventory=inventory,
    )
    assert ran.status == 0, ran.output
    unknown = {at for at, row in ran.rows(HOST, TASK).items() if row["state"] == "unknown"}
    assert {at[0] for at in unknown} == {name for name, _ in ran.rows(HOST, TASK) if name.endswith("_topic")}
    assert len(unknown) == 6 * len(REGIONS)
