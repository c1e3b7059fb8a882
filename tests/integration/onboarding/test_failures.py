# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What fails hides and stops nothing else, never looks like success, and is finished by running again."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.client import Emulator
from tests.integration.onboarding.controller import (
    PLAIN,
    PLAYBOOKS,
    SHARED,
    TOPICS,
    Aws,
    Controller,
    Ran,
    new_account,
)
from tests.integration.processes import alive, descendants, until

REGIONS = ["eu-west-1", "us-east-1", "us-west-2"]
OTHER = "666666666666"
UUIDS = {
    "plain": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "other": "1b4e28ba-2fa1-41d2-883f-0016d3cca427",
    "gone": "5a4c7d3e-9b1f-4c2a-8d6e-7f0a1b2c3d4e",
    "cut": "2d9c1f6b-4e8a-4b3d-9c5f-6a7b8c9d0e1f",
    "killed": "6e1f2a3b-7c4d-4e5f-8a9b-0c1d2e3f4a5b",
    "throttled": "8b2d4f6a-1c3e-4a5b-9d7f-2e4c6a8b0d1f",
}


@pytest.fixture(scope="module")
def hosts(aws: Aws) -> dict[str, dict[str, Any]]:
    """Accounts of which one does not exist and three are new."""
    numbers = {"plain": PLAIN, "other": OTHER, "gone": "999999999999"}
    numbers |= {name: new_account(aws, name) for name in ("cut", "killed", "throttled")}
    return {name: {"account_id": numbers[name], "account_uuid": uuid} for name, uuid in UUIDS.items()}


@pytest.fixture(scope="module")
def inventory(controller: Controller, hosts: dict[str, Any]) -> Path:
    path = controller.inventory(hosts, account_regions=REGIONS, account_defaults_wait_timeout=4)
    controller.shared_services(inventories=[path])
    return path


@contextlib.contextmanager
def faults(emulator: Emulator, *entries: dict[str, Any]) -> Iterator[None]:
    emulator.faults(list(entries))
    try:
        yield
    finally:
        emulator.faults([])


@pytest.fixture(scope="module")
def faulty(controller: Controller, inventory: Path, emulator: Emulator) -> Ran:
    """A region in which a trail is refused, one in which Config is denied, and an account that is not there."""
    refused = {"account": PLAIN, "region": "eu-west-1", "operation": "CreateTrail", "code": "TrailNotProvidedException"}
    denied = {"account": PLAIN, "region": "us-west-2", "service": "config", "code": "AccessDeniedException"}
    with faults(emulator, refused, denied):
        return controller.onboard("--limit", "plain,other,gone", inventories=[inventory])


def test_a_failing_account_makes_the_exit_status_non_zero(faulty: Ran) -> None:
    """G5."""
    assert faulty.status != 0


def test_the_other_accounts_are_finished(faulty: Ran) -> None:
    """G5."""
    assert faulty.of("other")["changed"] is True
    assert set(faulty.states("other")) == {"compliant", "skipped"}
    assert faulty.account("other")["outcome"] == "changed"


def test_an_account_that_cannot_be_entered_is_named_with_the_roles_that_were_tried_and_the_fix(faulty: Ran) -> None:
    """G5."""
    message = faulty.of("gone")["msg"]
    for part in ("999999999999", "Rackspace", "OrganizationAccountAccessRole", "account_access_roles", "check that"):
        assert part in message
    assert faulty.account("gone")["outcome"] == "failed"
    assert "999999999999" in faulty.account("gone")["message"]
    assert faulty.writes("999999999999") == []


def test_the_other_regions_of_a_failing_account_are_finished(faulty: Ran) -> None:
    """G5."""
    rows = faulty.rows("plain")
    bad = {at for at, row in rows.items() if row["state"] in ("failed", "unknown", "foreign")}
    assert bad == {("trail", "eu-west-1"), ("recorder", "us-west-2")}
    assert all(row["state"] in ("compliant", "skipped") for at, row in rows.items() if at not in bad)


def test_what_failed_is_shown_with_region_operation_and_code(faulty: Ran) -> None:
    """G5."""
    row = faulty.rows("plain")["trail", "eu-west-1"]
    assert (row["state"], row["changed"]) == ("failed", False)
    assert (row["error"]["operation"], row["error"]["code"]) == ("CreateTrail", "TrailNotProvidedException")
    assert "failed: trail in eu-west-1: CreateTrail TrailNotProvidedException" in faulty.text
    assert "trail is failed in eu-west-1" in faulty.of("plain")["msg"]


def test_what_is_denied_is_unknown_and_never_compliant(faulty: Ran) -> None:
    """G5."""
    row = faulty.rows("plain")["recorder", "us-west-2"]
    assert (row["state"], row["changed"], row["after"]) == ("unknown", False, None)
    assert row["error"]["code"] == "AccessDeniedException"
    assert "grant" in row["error"]["fix"]
    written = {call["region"] for call in faulty.writes(PLAIN) if call["service"] == "config"}
    assert "us-west-2" not in written


def test_the_report_counts_failures_and_none_of_them_as_success(faulty: Ran) -> None:
    """G5."""
    assert faulty.report["totals"] == {"accounts": 3, "failed": 2, "changed": 1, "unchanged": 0}
    counts = faulty.account("plain")["counts"]
    assert (counts["failed"], counts["unknown"]) == (1, 1)


def test_a_run_without_the_faults_finishes_and_writes_only_what_was_left(
    controller: Controller, inventory: Path, faulty: Ran
) -> None:
    """G6."""
    ran = controller.onboard("--limit", "plain,other", inventories=[inventory])
    assert ran.status == 0, ran.output
    assert {(call["region"], call["operation"]) for call in ran.writes()} == {
        ("eu-west-1", "CreateTrail"),
        ("eu-west-1", "StartLogging"),
        ("us-west-2", "PutConfigurationRecorder"),
        ("us-west-2", "PutDeliveryChannel"),
        ("us-west-2", "StartConfigurationRecorder"),
    }
    assert ran.account("other")["outcome"] == "unchanged"


#: run by run, what is refused: the second, third, ... call of everything that takes several
CUTS: tuple[tuple[dict[str, str], ...], ...] = (
    (
        {"operation": "AttachRolePolicy"},
        {"operation": "PutBucketTagging"},
        {"operation": "Subscribe"},
        {"operation": "UpdateAccountPasswordPolicy"},
    ),
    ({"operation": "PutRolePolicy"}, {"operation": "PutBucketPolicy"}, {"operation": "PutTargets"}),
    (
        {"operation": "StartLogging"},
        {"operation": "PutDeliveryChannel", "region": "eu-west-1"},
        {"operation": "StartConfigurationRecorder", "region": "us-east-1"},
    ),
)


def test_a_run_that_was_cut_off_between_any_two_calls_is_finished_by_running_again(
    controller: Controller, inventory: Path, hosts: dict[str, Any], emulator: Emulator, aws: Aws
) -> None:
    """G6: and nothing is made twice, nor taken for somebody else's."""
    number, made = hosts["cut"]["account_id"], Counter[tuple[str, str, str]]()
    for cut in CUTS:
        with faults(emulator, *({**entry, "code": "InvalidParameter"} for entry in cut)):
            ran = controller.onboard("--limit", "cut", inventories=[inventory])
        assert ran.status != 0
        refused = {call["operation"] for call in ran.ledger if call["error"] == "InvalidParameter"}
        assert refused == {entry["operation"] for entry in cut}, "a cut was not reached: it proves nothing"
        assert not ran.states("cut")["foreign"], ran.output
        made.update(creations(ran, number))
    ran = controller.onboard("--limit", "cut", inventories=[inventory])
    assert ran.status == 0, ran.output
    assert set(ran.states("cut")) == {"compliant", "skipped"}
    made.update(creations(ran, number))
    assert len(made) > 6 * len(REGIONS)
    assert {what: times for what, times in made.items() if times > 1} == {}
    assert_whole(aws, number, UUIDS["cut"])


def creations(ran: Ran, account: str) -> list[tuple[str, str, str]]:
    """Return what a run made: operation, region and name."""
    made = [call for call in ran.writes(account) if call["operation"].startswith("Create") and not call["error"]]
    return [(call["operation"], call["region"], call["resource"]) for call in made]


def assert_whole(aws: Aws, account: str, uuid: str) -> None:
    """Look at everything of an account that several calls make."""
    iam = aws(account, "iam")
    for role in ("Rackspace", "AWSConfig", "rackspace-dispatcher"):
        assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"], role
    assert iam.list_role_policies(RoleName="AWSConfig")["PolicyNames"] == ["delivery"]
    s3 = aws(account, "s3", "us-west-2")
    for bucket in (f"{uuid}-logs", f"rackspace-{uuid}"):
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
        assert s3.get_bucket_policy(Bucket=bucket)["Policy"]
        assert len(s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]) == 1
        assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"]
        assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]["BlockPublicPolicy"]
    for region in REGIONS:
        sns = aws(account, "sns", region)
        assert len(sns.list_topics()["Topics"]) == len(TOPICS)
        for topic in TOPICS:
            arn = f"arn:aws:sns:{region}:{account}:{topic}"
            (one,) = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
            assert one["SubscriptionArn"].startswith("arn:"), arn
        cloudtrail, config = aws(account, "cloudtrail", region), aws(account, "config", region)
        (trail,) = cloudtrail.describe_trails()["trailList"]
        assert cloudtrail.get_trail_status(Name=trail["TrailARN"])["IsLogging"]
        assert len(config.describe_delivery_channels()["DeliveryChannels"]) == 1
        (status,) = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
        assert status["recording"]
    assert len(aws(account, "events").list_targets_by_rule(Rule="rackspace-dispatcher")["Targets"]) == 1


def test_throttling_of_a_fifth_of_the_calls_is_survived(
    controller: Controller, inventory: Path, hosts: dict[str, Any], emulator: Emulator, aws: Aws
) -> None:
    """Speed: retries are botocore's, set once."""
    often = {"GetRole": 3, "CreateRole": 1, "AttachRolePolicy": 1, "PutRolePolicy": 1, "HeadBucket": 1}
    often |= {"CreateBucket": 1, "PutBucketPolicy": 1, "PutRule": 1, "PutTargets": 1, "GetCallerIdentity": 1}
    regional = {"ListTopics": 1, "CreateTopic": 2, "Subscribe": 2, "ListQueues": 1, "DescribeTrails": 1}
    regional |= {"CreateTrail": 1, "DescribeConfigurationRecorders": 1, "PutConfigurationRecorder": 1}
    entries = [{"operation": name, "times": times} for name, times in often.items()]
    for region in REGIONS:
        entries += [{"operation": name, "times": times, "region": region} for name, times in regional.items()]
    with faults(emulator, *({**entry, "code": "throttling"} for entry in entries)):
        ran = controller.onboard("--limit", "throttled", inventories=[inventory])
    assert ran.status == 0, ran.output
    throttled = [call for call in ran.ledger if call["error"] and call["error"] in THROTTLED]
    assert len(throttled) / len(ran.ledger) > 0.18
    assert_whole(aws, hosts["throttled"]["account_id"], UUIDS["throttled"])


THROTTLED = {"Throttling", "ThrottlingException", "TooManyRequestsException", "SlowDown", "RequestLimitExceeded"}


def test_a_run_that_was_killed_is_finished_by_running_again(
    controller: Controller, inventory: Path, hosts: dict[str, Any], emulator: Emulator, aws: Aws
) -> None:
    """G6: killed after some writes, and once more after others; and nothing writes on behind it."""
    number, made = hosts["killed"]["account_id"], Counter[tuple[str, str, str]]()
    for writes in (6, 20):
        made.update(creations(killed_after(controller, inventory, emulator, writes), number))
    ran = controller.onboard("--limit", "killed", inventories=[inventory])
    assert ran.status == 0, ran.output
    assert ran.written(number), "there was nothing left to do: the kill came too late"
    made.update(creations(ran, number))
    assert {what: times for what, times in made.items() if times > 1} == {}
    assert_whole(aws, number, UUIDS["killed"])


def killed_after(controller: Controller, inventory: Path, emulator: Emulator, writes: int) -> Ran:
    """Start a run, kill ansible-playbook itself after some writes, and return what was called."""
    emulator.reset_ledger()
    emulator.settings(latency=0.3)  # time to see what was written, and to kill before much more is
    command = controller.command(PLAYBOOKS / "onboard.yml", [inventory], ["--limit", "killed"])
    run = subprocess.Popen(
        command,
        cwd=controller.folder,
        env=controller.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        until(lambda: len(written(emulator)) >= writes, "the run wrote too little", seconds=240)
        workers = descendants(run.pid)
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
        at_once = len(written(emulator))
        until(lambda: not any(map(alive, workers)), "a worker outlives the run")
        # what was under way is answered; nothing is begun
        assert len(written(emulator)) <= at_once + 2 * len(REGIONS) + 5
    finally:
        emulator.settings(latency=0)
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
    return Ran(-9, "", {}, emulator.ledger())


def written(emulator: Emulator) -> list[dict[str, Any]]:
    return [call for call in emulator.ledger() if call["kind"] == "write" and call["account"] != SHARED]
