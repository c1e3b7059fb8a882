"""Late visibility: the owner reads a write at once, other services see it after the delay."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from emulator.world import Settings, World

PLAIN, SHARED = "111111111111", "100000000002"
NEVER = 3600.0  # longer than any test: what is visible in the end is made so by the setting


@pytest.fixture(autouse=True)
def delay(emulator) -> Iterator[None]:
    emulator.settings(visibility_delay=NEVER)
    yield
    emulator.settings(visibility_delay=0)


@pytest.fixture
def becomes(emulator, refused) -> Callable[[Callable[[], Any], str], None]:
    """The call is refused with the code while the write is too young, and works when it is old enough."""

    def check(call: Callable[[], Any], code: str) -> None:
        assert refused(call) == code
        emulator.settings(visibility_delay=0)
        call()
        emulator.settings(visibility_delay=NEVER)

    return check


def test_a_write_is_seen_when_the_delay_is_over():
    visibility = World(Settings(visibility_delay=0.05)).visibility
    visibility.wrote("role", "arn", "old", "new")
    assert visibility.seen("role", "arn", "new") in ("old", "new")
    until = time.monotonic() + 10
    while visibility.seen("role", "arn", "new") != "new":
        assert time.monotonic() < until
    assert visibility.seen("role", "arn", None) is None, "what is gone is gone for all"
    assert visibility.seen("role", "another", "now") == "now"


def test_a_new_role_can_be_read_at_once_and_assumed_later(accounts, policies, becomes):
    iam = accounts(PLAIN, "iam")
    iam.create_role(RoleName="late", AssumeRolePolicyDocument=policies.trust({"AWS": SHARED}))
    arn = iam.get_role(RoleName="late")["Role"]["Arn"]
    sts = accounts(SHARED, "sts")
    becomes(lambda: sts.assume_role(RoleArn=arn, RoleSessionName="test"), "AccessDenied")


def test_a_changed_trust_policy_works_later(accounts, policies, becomes):
    iam, sts = accounts(PLAIN, "iam"), accounts(SHARED, "sts")
    accounts.emulator.settings(visibility_delay=0)
    iam.create_role(RoleName="changed", AssumeRolePolicyDocument=policies.trust({"AWS": PLAIN}))
    accounts.emulator.settings(visibility_delay=NEVER)
    iam.update_assume_role_policy(RoleName="changed", PolicyDocument=policies.trust({"AWS": SHARED}))
    arn = f"arn:aws:iam::{PLAIN}:role/changed"
    becomes(lambda: sts.assume_role(RoleArn=arn, RoleSessionName="test"), "AccessDenied")


def test_config_sees_a_new_role_later(accounts, policies, becomes):
    accounts(PLAIN, "iam").create_role(
        RoleName="recorder", AssumeRolePolicyDocument=policies.trust({"Service": "config.amazonaws.com"})
    )
    recorder = {"name": "default", "roleARN": f"arn:aws:iam::{PLAIN}:role/recorder"}
    put = accounts(PLAIN, "config").put_configuration_recorder
    becomes(lambda: put(ConfigurationRecorder=recorder), "InvalidRoleException")


def test_cloudtrail_sees_a_buckets_policy_later(accounts, policies, becomes):
    s3, cloudtrail = accounts(PLAIN, "s3"), accounts(PLAIN, "cloudtrail")
    s3.create_bucket(Bucket="late-bucket")
    allow = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    text = policies.document(
        {**allow, "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::late-bucket"},
        {**allow, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::late-bucket/*"},
    )
    s3.put_bucket_policy(Bucket="late-bucket", Policy=text)
    assert s3.get_bucket_policy(Bucket="late-bucket")["Policy"] == text
    make = {"Name": "one", "S3BucketName": "late-bucket"}
    becomes(lambda: cloudtrail.create_trail(**make), "InsufficientS3BucketPolicyException")


def test_cloudtrail_sees_a_topics_policy_later(accounts, policies, becomes):
    account, seeded = "333333333333", "own-trail-company-audit"
    sns, cloudtrail = accounts(account, "sns"), accounts(account, "cloudtrail")
    topic = sns.create_topic(Name="late")["TopicArn"]
    allow = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    text = policies.document({**allow, "Action": "sns:Publish", "Resource": topic})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=text)
    make = {"Name": "one", "S3BucketName": seeded, "SnsTopicName": "late"}
    becomes(lambda: cloudtrail.create_trail(**make), "InsufficientSnsTopicPolicyException")


def test_sns_sees_a_queues_policy_later(accounts, policies):
    sns, sqs = accounts(PLAIN, "sns"), accounts(PLAIN, "sqs")
    topic = sns.create_topic(Name="queue")["TopicArn"]
    url = sqs.create_queue(QueueName="late")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{PLAIN}:late"
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    allow = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policies.document({**allow, "Resource": arn})})
    sns.publish(TopicArn=topic, Message="lost")
    accounts.emulator.settings(visibility_delay=0)
    sns.publish(TopicArn=topic, Message="seen")
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [json.loads(message["Body"])["Message"] for message in found] == ["seen"]
