# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One account, in which each path is broken in a way of its own: what arrives, what does not, and why (issue 4)."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import pytest

from emulator.client import Emulator
from tests.integration.onboarding.controller import SHARED, Aws
from tests.integration.signals.conftest import Module

ACCOUNT = "555555555555"  # has af-south-1, which is opt-in
REGIONS = ["af-south-1", "eu-west-1", "us-east-1", "us-west-2"]
QUEUE_REGIONS = {"af-south-1": "eu-west-1"}
SNS = {"Service": "sns.amazonaws.com"}


def topic(name: str, region: str) -> str:
    return f"arn:aws:sns:{region}:{ACCOUNT}:rackspace-{name}"


def queue(name: str, region: str) -> str:
    return f"arn:aws:sqs:{region}:{SHARED}:rackspace-{name}"


class Injuries:
    """Breaks paths as somebody with boto3 would."""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws

    def url(self, name: str, region: str) -> str:
        return str(self.aws(SHARED, "sqs", region).get_queue_url(QueueName=f"rackspace-{name}")["QueueUrl"])

    def set_queue(self, name: str, region: str, **attributes: str) -> None:
        sqs = self.aws(SHARED, "sqs", region)
        sqs.set_queue_attributes(QueueUrl=self.url(name, region), Attributes=attributes)

    def admit(self, name: str, region: str, **condition: Any) -> None:
        """Replace a queue's policy."""
        statement = {"Sid": "Other", "Effect": "Allow", "Principal": SNS, "Action": "sqs:SendMessage"}
        statement |= {"Resource": queue(name, region), "Condition": condition}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        self.set_queue(name, region, Policy=json.dumps(document))

    def unsubscribe(self, name: str, region: str) -> None:
        """End the subscription, as its owner."""
        sns = self.aws(SHARED, "sns", region)
        held = self.aws(ACCOUNT, "sns", region).list_subscriptions_by_topic(TopicArn=topic(name, region))
        for subscription in held["Subscriptions"]:
            sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])

    def filter(self, name: str, region: str, policy: dict[str, Any]) -> None:
        """Give the subscription a filter policy."""
        held = self.aws(ACCOUNT, "sns", region).list_subscriptions_by_topic(TopicArn=topic(name, region))
        self.aws(SHARED, "sns", region).set_subscription_attributes(
            SubscriptionArn=held["Subscriptions"][0]["SubscriptionArn"],
            AttributeName="FilterPolicy",
            AttributeValue=json.dumps(policy),
        )

    def key(self, region: str) -> str:
        """Return the ARN of a key that nobody but its account may use."""
        arn = f"arn:aws:iam::{SHARED}:root"
        statement = {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "kms:*", "Resource": "*"}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        made = self.aws(SHARED, "kms", region).create_key(Policy=json.dumps(document))
        return str(made["KeyMetadata"]["Arn"])


@dataclass
class Broken:
    """What the check of the broken account returned, and what it called."""

    result: dict[str, Any]
    calls: list[dict[str, Any]]
    seconds: float  # that the whole of it took, and one for the clocks

    def path(self, signal: str, region: str) -> dict[str, Any]:
        (found,) = [p for p in self.result["paths"] if (p["signal"], p["region"]) == (signal, region)]
        return dict(found)


@pytest.fixture(scope="module")
def broken(emulator: Emulator, aws: Aws, module: Module) -> Broken:
    """Every path that is not named here is whole."""
    made = module("shared_queues", managed_account_ids=[ACCOUNT], regions=REGIONS, queue_regions=QUEUE_REGIONS)
    assert not made.get("failed"), made["msg"]
    module.onboarded(ACCOUNT, REGIONS, queue_regions=QUEUE_REGIONS)
    injure = Injuries(aws)
    injure.unsubscribe("cloudtrail", "us-east-1")
    aws(ACCOUNT, "sns").subscribe(
        TopicArn=topic("cloudtrail", "us-east-1"), Protocol="sqs", Endpoint=queue("cloudtrail", "us-east-1")
    )
    injure.unsubscribe("cloudtrail", "us-west-2")
    # both regions' topics go to the one queue, which then admits those of the region itself only
    injure.admit("cloudtrail", "eu-west-1", ArnLike={"aws:SourceArn": topic("cloudtrail", "*")})
    injure.admit("awsconfig", "eu-west-1", StringEquals={"aws:SourceAccount": "111111111111"})
    aws(SHARED, "sqs").delete_queue(QueueUrl=injure.url("awsconfig", "us-east-1"))
    injure.set_queue("awsconfig", "us-west-2", KmsMasterKeyId="alias/aws/sqs")
    injure.set_queue("support", "us-west-2", KmsMasterKeyId=injure.key("us-west-2"))
    aws(ACCOUNT, "sns").delete_topic(TopicArn=topic("support", "us-east-1"))
    aws(ACCOUNT, "sns").subscribe(
        TopicArn=topic("support-standard", "us-east-1"), Protocol="sms", Endpoint="+15005550006"
    )
    injure.filter("support-urgent", "us-east-1", {"severity": ["high"]})
    emulator.reset_ledger()
    began = time.time()
    result = module.in_account(
        "signal_check",
        ACCOUNT,
        regions=REGIONS,
        queue_regions=QUEUE_REGIONS,
        marker_filtered=True,
        timeout=10,
        metrics_timeout=1,
    )
    return Broken(result, emulator.ledger(), time.time() - began + 1)


def test_what_is_whole_arrives_after_some_seconds(broken: Broken) -> None:
    """B13: beside what is broken."""
    path = broken.path("support_emergency", "us-east-1")
    assert path["state"] == "arrived"
    assert 0 <= path["seconds"] < broken.seconds


def test_a_path_into_another_regions_queue_arrives_there(broken: Broken) -> None:
    """B13: queue_regions, with the principal of the opt-in region."""
    path = broken.path("support", "af-south-1")
    assert (path["state"], path["queue_arn"]) == ("arrived", queue("support", "eu-west-1"))


@pytest.mark.parametrize(
    ("signal", "region", "cause", "words"),
    [
        ("cloudtrail", "us-east-1", "subscription", "is pending"),
        ("cloudtrail", "us-west-2", "subscription", "is not subscribed by queue rackspace-cloudtrail"),
        ("cloudtrail", "af-south-1", "opt_in", "SNS comes as sns.af-south-1.amazonaws.com"),
        ("awsconfig", "eu-west-1", "queue_policy", "does not admit topic rackspace-awsconfig"),
        ("awsconfig", "us-east-1", "queue", "queue rackspace-awsconfig of account 100000000002 does not exist"),
        ("awsconfig", "us-west-2", "queue_key", "alias/aws/sqs"),
        ("support", "us-west-2", "queue_key", "does not give sns.amazonaws.com kms:GenerateDataKey, kms:Decrypt"),
        ("support", "us-east-1", "topic", "topic rackspace-support does not exist"),
        ("support_urgent", "us-east-1", "filter_policy", "lets only messages with severity through"),
    ],
)
def test_what_is_broken_does_not_arrive_and_the_cause_is_named(
    broken: Broken, signal: str, region: str, cause: str, words: str
) -> None:
    """Issue 4, G5."""
    path = broken.path(signal, region)
    assert (path["state"], path["cause"]) == ("not_arrived", cause), path
    assert words in path["reason"]
    if cause != "topic":
        assert next(piece["piece"] for piece in path["pieces"] if piece["state"] == "wrong") == cause


def test_the_same_queue_admits_the_region_that_is_not_opt_in(broken: Broken) -> None:
    """The opt-in region's principal is what is missing, nothing else."""
    assert broken.path("cloudtrail", "eu-west-1")["state"] == "arrived"


def test_a_topic_with_other_subscribers_is_not_published_to_and_says_so(broken: Broken) -> None:
    path = broken.path("support_standard", "us-east-1")
    assert path["state"] == "skipped"
    assert "+15005550006 would get the marked message too" in path["reason"]
    published = [call["resource"] for call in broken.calls if call["operation"] == "Publish"]
    assert published
    assert not [arn for arn in published if arn and arn.endswith("rackspace-support-standard") and "us-east-1" in arn]


def test_the_check_fails_and_names_every_signal_that_did_not_arrive(broken: Broken) -> None:
    """G5."""
    assert broken.result["failed"] is True
    assert broken.result["changed"] is False
    for words in ("cloudtrail not arrived in us-east-1", "awsconfig not arrived in us-west-2: the key of queue"):
        assert words in broken.result["msg"]
    assert broken.result["summary"]["not_arrived"] == 13


def test_pieces_are_read_only_where_something_did_not_arrive(broken: Broken) -> None:
    """Issue 4: what arrived costs nothing more."""
    attributes = [call["region"] for call in broken.calls if call["operation"] == "GetSubscriptionAttributes"]
    assert set(attributes) <= {"us-east-1", "us-west-2", "eu-west-1", "af-south-1"}
    assert "pieces" not in broken.path("support_emergency", "us-east-1")


def test_nothing_but_marked_messages_is_written(broken: Broken) -> None:
    """G1: what publishes, receives and deletes; every other call reads."""
    writes = {call["operation"] for call in broken.calls if call["kind"] == "write"}
    assert writes <= {"Publish", "ReceiveMessage", "DeleteMessageBatch"}
