# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Ten ways to drift, each found with its difference, repaired by onboarding, and told over time; nothing is written."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from demo.drift import DRIFTS, STRANGER, Place
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
from tests.integration.onboarding.controller import PLAIN, SHARED, Aws, Controller, Ran

#: where each of the ten drifts; a rule that is disabled and has lost its target is one target of an audit
WHERE = {
    "stopped recorder": "eu-west-1",
    "logging off": "us-west-2",
    "weakened password policy": "global",
    "changed trust": "global",
    "deleted topic": "us-west-2",
    "pending subscription": "eu-west-1",
    "lifecycle removed": "us-west-2",
    "topic policy replaced": "us-east-1",
    "rule disabled": "us-east-1",
    "target gone": "us-east-1",
}
DRIFTED = {(DRIFTS[kind].default, region) for kind, region in WHERE.items()}
OPENED = f"arn:aws:sns:us-west-2:{PLAIN}:rackspace-support"


def differs(before: Any, after: Any) -> dict[str, Any]:
    """Return what of a state differs, as it was found."""
    return {key: value for key, value in before.items() if value != after[key]}


@dataclass
class Runs:
    clean: Ran
    predicted: Ran
    found: Ran
    failing: Ran
    repair: Ran
    after: Ran
    data: dict[str, dict[str, Any]] = field(default_factory=dict)  #: audit.json after each audit

    def audits(self) -> list[Ran]:
        return [self.clean, self.found, self.failing, self.after]

    def row(self, kind: str) -> dict[str, Any]:
        """Return the target that one of the ten drifted in."""
        return self.found.rows(HOST, TASK)[DRIFTS[kind].default, WHERE[kind]]


@pytest.fixture(scope="module")
def inventory(controller: Controller) -> Path:
    return controller.inventory({HOST: RECORD}, account_regions=REGIONS)


@pytest.fixture(scope="module")
def runs(controller: Controller, inventory: Path, aws: Aws) -> Runs:
    onboarded(controller, inventory, REGIONS)
    data = {}
    clean = audit(controller, inventory)
    data["clean"] = written(clean)
    for kind, region in WHERE.items():
        DRIFTS[kind].do(aws, Place(PLAIN, UUID, region, SHARED))
    open_a_topic(aws)
    predicted = controller.onboard("--check", inventories=[inventory])
    found = audit(controller, inventory)
    data["found"] = written(found)
    failing = audit(controller, inventory, account_audit_fail_on="drift")
    data["failing"] = written(failing)
    repair = controller.onboard(inventories=[inventory])
    after = audit(controller, inventory, account_audit_fail_on="drift")
    data["after"] = written(after)
    return Runs(clean, predicted, found, failing, repair, after, data)


def open_a_topic(aws: Aws) -> None:
    """Let everybody publish, as somebody might who tries something."""
    sns = aws(PLAIN, "sns", "us-west-2")
    policy = json.loads(sns.get_topic_attributes(TopicArn=OPENED)["Attributes"]["Policy"])
    policy["Statement"].append(
        {"Sid": "Everybody", "Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": OPENED}
    )
    sns.set_topic_attributes(TopicArn=OPENED, AttributeName="Policy", AttributeValue=json.dumps(policy))


def test_an_account_as_it_was_onboarded_is_compliant_everywhere(runs: Runs) -> None:
    """G7."""
    assert runs.clean.status == 0, runs.clean.output
    assert runs.clean.states(HOST, TASK) == {"compliant": 32}
    assert account_of(runs.data["clean"])["state"] == "compliant"


def test_no_audit_makes_a_write_call(runs: Runs) -> None:
    """G7: by the ledger."""
    for ran in runs.audits():
        assert ran.ledger
        assert ran.written() == {}


def test_an_audit_finds_exactly_what_drifted(runs: Runs) -> None:
    """G7."""
    rows = runs.found.rows(HOST, TASK)
    assert {at for at, row in rows.items() if row["state"] == "drifted"} == DRIFTED
    assert {row["state"] for at, row in rows.items() if at not in DRIFTED} == {"compliant"}
    assert targets(runs.data["found"], "drifted") == DRIFTED


@pytest.mark.parametrize(
    ("kind", "before"),
    [
        ("stopped recorder", {"recording": False}),
        ("logging off", {"is_logging": False}),
        (
            "weakened password policy",
            {
                "minimum_password_length": 8,
                "password_reuse_prevention": 0,
                "require_lowercase_characters": False,
                "require_symbols": False,
                "require_uppercase_characters": False,
            },
        ),
        (
            "pending subscription",
            {
                "subscription": {
                    "protocol": "sqs",
                    "endpoint": f"arn:aws:sqs:eu-west-1:{SHARED}:rackspace-support",
                    "state": "pending",
                }
            },
        ),
        ("lifecycle removed", {"lifecycle": None}),
        ("topic policy replaced", {"policy": []}),
        ("rule disabled", {"enabled": False, "target": None}),
        ("target gone", {"enabled": False, "target": None}),
    ],
)
def test_what_drifted_is_told_with_what_is_there_and_what_should_be(
    runs: Runs, kind: str, before: dict[str, Any]
) -> None:
    """G7: with the difference, and no more than it."""
    row = runs.row(kind)
    assert differs(row["before"], row["after"]) == before


def test_a_topic_that_was_deleted_is_told_with_what_would_be_made(runs: Runs) -> None:
    """G7, B13."""
    row = runs.row("deleted topic")
    assert row["before"] is None
    assert row["after"]["topic_arn"] == f"arn:aws:sns:us-west-2:{PLAIN}:rackspace-support-urgent"


def test_a_changed_trust_of_cloudhealths_role_is_told_with_whom_it_trusts_and_what_can_follow(runs: Runs) -> None:
    """B3: it can cause overbilling, so drift in it is reported as such."""
    row = runs.row("changed trust")
    assert set(differs(row["before"], row["after"])) == {"trust"}
    assert STRANGER.split(":")[4] in json.dumps(row["before"]["trust"])
    assert "overbilling" in row["reason"]
    assert "overbilling" in runs.found.text


def test_the_audit_agrees_with_check_mode_of_onboarding_target_by_target(runs: Runs) -> None:
    """G7: it is the same plan, never applied."""
    told = runs.predicted.rows(HOST)
    rows = runs.found.rows(HOST, TASK)
    assert list(rows) == list(told)
    for at, row in rows.items():
        assert row["state"] == told[at]["state"], at
        assert (row["state"] == "drifted") == told[at]["changed"], at
        if row["state"] == "drifted":
            assert (row["before"], row["after"]) == (told[at]["before"], told[at]["after"]), at
        assert row.get("reason") == told[at].get("reason"), at
        assert [text for text in row.get("findings", []) if "account_regions" not in text] == told[at].get(
            "findings", []
        ), at


def test_drift_alone_does_not_fail_an_audit_unless_it_is_asked_to(runs: Runs) -> None:
    """G5: account_audit_fail_on."""
    assert runs.found.status == 0, runs.found.output
    assert runs.failing.status != 0
    for default, region in DRIFTED:
        assert f"{default} is drifted in {region}" in runs.failing.of(HOST, TASK)["msg"]
    assert ": ;" not in runs.failing.of(HOST, TASK)["msg"]
    assert "not as it should be: minimum_password_length" in runs.failing.of(HOST, TASK)["msg"]


def test_an_audit_that_fails_writes_its_reports_all_the_same(runs: Runs) -> None:
    """G5."""
    assert targets(runs.data["failing"], "drifted") == DRIFTED


def test_onboarding_repairs_all_that_an_audit_found_and_nothing_else(runs: Runs) -> None:
    """G7."""
    assert runs.repair.status == 0, runs.repair.output
    assert {at for at, row in runs.repair.rows(HOST).items() if row["changed"]} == DRIFTED


def test_an_audit_after_the_repair_is_compliant(runs: Runs) -> None:
    """G7: even one that fails on drift."""
    assert runs.after.status == 0, runs.after.output
    assert runs.after.states(HOST, TASK) == {"compliant": 32}


def test_a_statement_of_others_that_opens_to_the_world_is_a_finding_and_stays_one(runs: Runs) -> None:
    """G9: not ours to repair."""
    told = f"statement Everybody of topic {OPENED} opens it to the world and is not ours"
    for ran in (runs.found, runs.after):
        row = ran.rows(HOST, TASK)["support_topic", "us-west-2"]
        assert (row["state"], row["findings"]) == ("compliant", [told])
        assert told in ran.text
    assert "findings" not in runs.clean.rows(HOST, TASK)["support_topic", "us-west-2"]


def test_what_drifted_is_new_once_then_open_since_then_and_at_last_fixed(runs: Runs) -> None:
    """Issue 4, drift over time."""
    first = runs.data["found"]["audited_at"]
    trends = [
        {
            (result["since"], result.get("trend"))
            for result in account_of(data)["results"]
            if result["state"] == "drifted"
        }
        for data in (runs.data["found"], runs.data["failing"])
    ]
    assert trends == [{(first, "new")}, {(first, "open")}]
    fixed = account_of(runs.data["after"])["fixed"]
    assert {(entry["default"], region) for entry in fixed for region in entry["regions"]} == DRIFTED
    assert {entry["since"] for entry in fixed} == {first}


def test_every_audit_is_kept(runs: Runs) -> None:
    """Issue 4, drift over time: as files."""
    kept = [json.loads(path.read_text()) for path in sorted((runs.after.folder / "reports" / "audits").iterdir())]
    assert kept == list(runs.data.values())


def test_every_audit_is_of_the_published_format(runs: Runs) -> None:
    """G7: audit.schema.json."""
    assert [fault for data in runs.data.values() for fault in faults(data)] == []


def test_the_other_reports_are_made_of_the_same_audit(runs: Runs) -> None:
    """G7: as a table, JSON, CSV and a web page; and for CI systems."""
    reports = runs.after.folder / "reports"
    lines = (reports / "audit.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) >= 32
    assert HOST in (reports / "audit.xml").read_text(encoding="utf-8")
    page = (reports / "audit.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert runs.data["after"]["audited_at"] in page


def test_regions_that_the_record_leaves_out_are_one_finding_of_the_account(runs: Runs) -> None:
    """B6: a gap in coverage."""
    found = [text for row in runs.clean.of(HOST, TASK)["targets"] for text in row.get("findings", ())]
    assert len(found) == 1
    assert found[0].startswith("account_regions names 3 of the 17 regions that the account has enabled")
    assert "sa-east-1" in found[0]


def test_an_earlier_audit_can_be_named_to_compare_with(controller: Controller, inventory: Path, runs: Runs) -> None:
    """Issue 4, drift over time: a file, or a folder in which the newest counts."""
    oldest = sorted((runs.after.folder / "reports" / "audits").iterdir())[0]
    ran = audit(controller, inventory, "--tags", "s3", account_audit_previous=str(oldest))
    assert written(ran)["previous_at"] == runs.data["clean"]["audited_at"]
    newest = written(ran)["audited_at"]
    ran = audit(controller, inventory, "--tags", "s3", account_audit_previous=str(oldest.parent))
    assert written(ran)["previous_at"] == newest


def test_a_previous_audit_that_cannot_be_read_costs_the_comparison_only(
    controller: Controller, inventory: Path, runs: Runs
) -> None:
    """G5: what was just read of many accounts is not lost."""
    (runs.after.folder / "reports" / "audit.json").write_text('{"kind": "something else"}')
    ran = audit(controller, inventory, "--tags", "s3")
    assert ran.status == 0, ran.output
    assert "the previous audit cannot be read, so nothing is compared with it" in ran.text
    assert written(ran)["previous_at"] is None
    assert targets(written(ran), "compliant") == {("logs_bucket", "us-west-2"), ("rackspace_bucket", "us-west-2")}


def test_a_previous_audit_that_is_not_there_is_told(controller: Controller, inventory: Path, runs: Runs) -> None:
    """What was open for long must not look new by a mistyped path; and a folder that takes no files loses no result."""
    occupied = controller.folder / "a-file"
    occupied.touch()
    more = {"account_audit_previous": str(controller.folder / "no-such.json"), "account_audit_reports": str(occupied)}
    ran = audit(controller, inventory, "--tags", "s3", **more)
    assert "the previous audit cannot be read, so nothing is compared with it" in ran.text
    assert ran.status != 0
    assert "2 compliant" in ran.text


def test_check_mode_of_an_audit_is_an_audit(controller: Controller, inventory: Path, runs: Runs) -> None:
    """G1: it writes nothing either way, and its reports are files of the controller."""
    ran = audit(controller, inventory, "--check", "--tags", "iam")
    assert (ran.status, ran.written()) == (0, {})
    assert {at[0] for at in targets(written(ran), "compliant")} == {
        "rackspace_role",
        "password_policy",
        "cloudhealth_role",
    }


def test_a_misspelt_tag_is_refused_before_anything_is_called(
    controller: Controller, inventory: Path, runs: Runs
) -> None:
    """G5: it would look at nothing, and look like success."""
    ran = audit(controller, inventory, "--tags", "cloudtrial")
    assert (ran.status != 0, ran.ledger) == (True, [])
    assert "unknown tag cloudtrial" in ran.text
