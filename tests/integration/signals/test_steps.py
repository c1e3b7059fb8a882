# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The steps one by one: a reader that is quicker, what AWS refuses, what is called, and what is returned."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import signal_check
from emulator.client import Emulator
from tests.integration.offboarding.test_removal_contract import undocumented
from tests.integration.onboarding.controller import PLAIN, SHARED, Aws
from tests.integration.onboarding.test_drift import EVERY_RUN, actions
from tests.integration.processes import until
from tests.integration.signals.conftest import MODULES, Module

REGIONS = ["eu-west-1", "us-east-1"]
DENIED_REGION, DENIED_ACCOUNT = "sa-east-1", "666666666666"
QUEUE = f"arn:aws:sqs:us-east-1:{SHARED}:rackspace-cloudtrail"
RESULTS: list[tuple[str, dict[str, Any]]] = []  # of every step that a test here took


@pytest.fixture(scope="module", autouse=True)
def onboarded(module: Module) -> None:
    """Two accounts whose topics report in two regions."""
    regions = [*REGIONS, DENIED_REGION]
    made = module("shared_queues", managed_account_ids=[PLAIN, DENIED_ACCOUNT], regions=regions)
    assert not made.get("failed"), made["msg"]
    module.onboarded(PLAIN, REGIONS)
    module.onboarded(DENIED_ACCOUNT, ["us-east-1"])


@pytest.fixture
def faults(emulator: Emulator) -> Iterator[Emulator]:
    """The embedded AWS, which refuses nothing any more afterwards."""
    yield emulator
    emulator.faults([])


@pytest.fixture(autouse=True)
def empty(aws: Aws) -> None:
    """No test finds another one's messages."""
    for region in REGIONS:
        for name in ("cloudtrail", "awsconfig", "support"):
            take(aws, region, name)


def take(aws: Aws, region: str, name: str) -> list[str]:
    """Take every message out of a queue, as its reader does."""
    sqs = aws(SHARED, "sqs", region)
    url = sqs.get_queue_url(QueueName=f"rackspace-{name}")["QueueUrl"]
    found = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            found.append(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def step(module: Module, name: str, account: str = PLAIN, **options: Any) -> dict[str, Any]:
    """Take one step of a check of the CloudTrail topic in us-east-1; what arrives ends its wait."""
    given = {"regions": ["us-east-1"], "signals": ["cloudtrail"], "timeout": 60, "metrics_timeout": 1, **options}
    result = module.in_account("signal_check", account, step=name, **given)
    RESULTS.append((name, result))
    return result


def explained(module: Module, published: dict[str, Any], collected: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Return the one path after the last step."""
    result = step(
        module,
        "explain",
        paths=published["paths"],
        arrivals=collected["arrivals"].get(PLAIN, {}),
        queues=collected["queues"],
        **options,
    )
    (path,) = result["paths"]
    return {**path, "failed": bool(result.get("failed"))}


def test_the_three_steps_find_what_one_finds(module: Module) -> None:
    published = step(module, "publish")
    assert [path["state"] for path in published["paths"]] == ["sent"]
    collected = step(module, "collect", paths=published["paths"])
    assert collected["arrivals"][PLAIN].keys() == {published["paths"][0]["marker"]}
    path = explained(module, published, collected)
    assert (path["state"], path["failed"]) == ("arrived", False)


def test_what_arrived_needs_no_call_to_be_explained(module: Module, emulator: Emulator) -> None:
    """Issue 4: costs."""
    published = step(module, "publish")
    collected = step(module, "collect", paths=published["paths"])
    emulator.reset_ledger()
    assert explained(module, published, collected)["state"] == "arrived"
    assert emulator.ledger() == []


def test_a_check_costs_few_calls(module: Module) -> None:
    """A topic costs two calls, its queue four; the rest is the way in and the regions."""
    one = step(module, "check", regions=["us-east-1"])
    two = step(module, "check", regions=REGIONS)
    assert two["api_calls"] - one["api_calls"] <= 6


def test_a_message_that_its_reader_took_first_is_delivered_as_sns_counted(module: Module, aws: Aws) -> None:
    """Issue 4: a live reader is no reason to call anything broken."""
    published = step(module, "publish")
    (body,) = take(aws, "us-east-1", "cloudtrail")
    assert json.loads(json.loads(body)["Message"])["marker"] == "rackspace.aws_accounts/signal_check"
    collected = step(module, "collect", paths=published["paths"], timeout=1)
    path = explained(module, published, collected)
    assert (path["state"], path["failed"]) == ("delivered", False)
    assert "a reader of the queue was quicker" in path["reason"]
    assert {piece["state"] for piece in path["pieces"]} == {"right"}


def test_without_sns_counts_it_is_not_seen_and_nobody_says_broken(module: Module, aws: Aws, faults: Emulator) -> None:
    """G5: neither success nor a wrong accusation."""
    published = step(module, "publish")
    take(aws, "us-east-1", "cloudtrail")
    collected = step(module, "collect", paths=published["paths"], timeout=1)
    faults.faults([{"code": "AccessDenied", "operation": "GetMetricData"}])
    path = explained(module, published, collected)
    assert (path["state"], path["cause"], path["failed"]) == ("not_seen", "reader", True)
    assert "a reader of the queue took it first" in path["reason"]
    assert {piece["piece"]: piece["state"] for piece in path["pieces"]}["metrics"] == "unknown"


def test_without_time_no_queue_is_looked_into_and_sns_count_is_the_evidence(module: Module, emulator: Emulator) -> None:
    emulator.reset_ledger()
    result = step(module, "check", timeout=0)
    assert result["summary"]["delivered"] == 1
    assert not [call for call in emulator.ledger() if call["operation"] == "ReceiveMessage"]
    assert "no time" in result["queues"][0]["reason"]


def test_a_publication_that_is_denied_is_unknown_with_the_fix(module: Module, faults: Emulator) -> None:
    """G5."""
    faults.faults([{"code": "AuthorizationError", "account": PLAIN, "operation": "Publish", "status": 403}])
    result = step(module, "check")
    (path,) = result["paths"]
    assert (path["state"], path["error"]["operation"], path["error"]["code"]) == (
        "unknown", "Publish", "AuthorizationError",
    )  # fmt: skip
    assert "grant this action" in result["msg"]


def test_a_region_that_an_scp_denies_is_skipped_with_that_reason(module: Module) -> None:
    """B8's rule for regions; the other region is checked."""
    result = step(module, "check", DENIED_ACCOUNT, regions=["us-east-1", DENIED_REGION])
    found = {path["region"]: path for path in result["paths"]}
    assert found["us-east-1"]["state"] == "arrived"
    assert found[DENIED_REGION]["state"] == "skipped"
    assert "service control policy denies the region" in found[DENIED_REGION]["reason"]
    assert not result.get("failed")


def test_a_queue_that_may_not_be_read_is_told_and_counts_are_the_evidence(module: Module, faults: Emulator) -> None:
    faults.faults([{"code": "AccessDenied", "account": SHARED, "operation": "ReceiveMessage"}])
    result = step(module, "check")
    (path,), (queue,) = result["paths"], result["queues"]
    assert path["state"] == "delivered"
    assert "could not be looked into" in path["reason"]
    assert queue["error"]["operation"] == "ReceiveMessage"


def test_a_delivery_that_sns_counted_as_failed_did_not_arrive(module: Module, aws: Aws) -> None:
    """Where every piece looks right now, and did not at the time."""
    sqs = aws(SHARED, "sqs")
    url = sqs.get_queue_url(QueueName="rackspace-cloudtrail")["QueueUrl"]
    policy = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    deny = {"Sid": "X", "Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": QUEUE}
    closed = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": closed})
    published = step(module, "publish")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    path = explained(module, published, {"arrivals": {}, "queues": []})
    assert (path["state"], path["cause"]) == ("not_arrived", "metrics")
    assert "1 failed" in path["reason"]


def test_a_check_that_was_cut_off_is_run_again(module: Module, aws: Aws) -> None:
    """G6: its message is somebody else's then, and stays."""
    step(module, "publish")
    result = step(module, "check")
    assert result["summary"]["arrived"] == 1
    assert result["queues"][0]["others"]["of_other_checks"] == 1
    found: list[str] = []

    def comes() -> bool:
        found.extend(take(aws, "us-east-1", "cloudtrail"))
        return bool(found)

    until(comes, "it stays hidden")
    assert len(found) == 1


def test_only_the_account_of_the_provider_is_looked_into(module: Module, emulator: Emulator) -> None:
    """G3."""
    published = step(module, "publish")
    emulator.reset_ledger()
    step(module, "collect", paths=published["paths"])
    assert {call["account"] for call in emulator.ledger() if call["service"] == "sqs"} == {SHARED}


def test_check_mode_of_each_step_writes_nothing(module: Module, emulator: Emulator) -> None:
    """G1."""
    published = step(module, "publish")
    emulator.reset_ledger()
    assert step(module, "check", check_mode=True)["summary"]["untried"] == 1
    assert step(module, "collect", check_mode=True, paths=published["paths"])["queues"] == []
    assert [call for call in emulator.ledger() if call["kind"] == "write"] == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"step": "collect", "paths": [{"account_id": PLAIN}]}, "paths: each needs account_id, marker"),
        ({"step": "explain", "paths": [{"state": "sent"}]}, "give what the step before returned"),
        ({"timeout": -1}, "timeout: is -1"),
        ({"account_id": "111"}, "account_id"),
    ],
)
def test_wrong_options_are_told_before_anything_is_called(
    module: Module, emulator: Emulator, options: dict[str, Any], words: str
) -> None:
    emulator.reset_ledger()
    result = module("signal_check", **{"account_id": PLAIN, **options})
    assert result["failed"] is True
    assert words in result["msg"]
    assert emulator.ledger() == []


def test_nothing_is_called_that_is_not_declared_and_nothing_declared_that_is_not_called(
    module: Module, aws: Aws, emulator: Emulator
) -> None:
    """G8: minimal and enough. The keys of queues and topics are tested with what is broken."""
    emulator.reset_ledger()
    step(module, "check", signals=["cloudtrail", "dispatcher"], regions=[])
    published = step(module, "publish")
    take(aws, "us-east-1", "cloudtrail")
    step(module, "explain", paths=published["paths"])
    calls = emulator.ledger()
    called = {
        account: {action.replace("DeleteMessageBatch", "DeleteMessage")
                  for action in actions([call for call in calls if call["account"] == account])}
        for account in (PLAIN, SHARED)
    }  # fmt: skip
    reads = {action for default in signal_check.DEFAULTS for action in default.permissions
             if action.split(":")[1].startswith(("Get", "List", "Describe"))}  # fmt: skip
    assert called[PLAIN] - set(signal_check.PERMISSIONS) - reads - EVERY_RUN == set()
    assert called[SHARED] - set(signal_check.PROVIDER_PERMISSIONS) == set()
    # the subscription's filter is read by its owner, which is the account where it made the subscription
    assert set(signal_check.PERMISSIONS) - called[PLAIN] == {"sns:GetSubscriptionAttributes"}
    elsewhere = {"kms:DescribeKey", "kms:GetKeyPolicy", "events:DescribeEventBus"}
    assert set(signal_check.PROVIDER_PERMISSIONS) - called[SHARED] == elsewhere


def test_results_have_the_keys_that_are_documented_and_no_others() -> None:
    """Of every step that was taken here."""
    documented = yaml.safe_load(importlib.import_module(f"{MODULES}.signal_check").RETURN)
    told = {
        "check": {"changed", "paths", "summary", "queues", "account", "api_calls"},
        "publish": {"changed", "paths", "account", "api_calls"},
        "collect": {"changed", "arrivals", "queues", "api_calls"},
        "explain": {"changed", "paths", "summary", "api_calls"},
    }
    assert {name for name, _ in RESULTS} == told.keys()
    for name, result in RESULTS:
        assert set(undocumented(result, documented)) == set()
        assert told[name] - result.keys() == set()
        assert result.keys() - told[name] <= {"failed", "msg", "account", "exception"}
