"""Late visibility: the owner reads a write at once, other services see it after the delay."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from botocore.exceptions import ClientError

PLAIN, SHARED, DELAY = "111111111111", "100000000002", 0.8


@pytest.fixture(autouse=True)
def delay(emulator) -> Iterator[None]:
    emulator.settings(visibility_delay=DELAY)
    yield
    emulator.settings(visibility_delay=0)


def becomes(call: Callable[[], object], code: str) -> None:
    """The call is refused with the code first and works in the end."""
    codes = []
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            call()
            break
        except ClientError as error:
            codes.append(error.response["Error"]["Code"])
            time.sleep(0.1)
    else:
        pytest.fail(f"still refused: {codes[-1]}")
    assert set(codes) == {code}


def test_a_new_role_can_be_read_at_once_and_assumed_later(accounts, policies):
    iam = accounts(PLAIN, "iam")
    iam.create_role(RoleName="late", AssumeRolePolicyDocument=policies.trust({"AWS": SHARED}))
    arn = iam.get_role(RoleName="late")["Role"]["Arn"]
    sts = accounts(SHARED, "sts")
    becomes(lambda: sts.assume_role(RoleArn=arn, RoleSessionName="test"), "AccessDenied")


def test_a_changed_trust_policy_works_later(accounts, policies):
    iam, sts = accounts(PLAIN, "iam"), accounts(SHARED, "sts")
    accounts.emulator.settings(visibility_delay=0)
    iam.create_role(RoleName="changed", AssumeRolePolicyDocument=policies.trust({"AWS": PLAIN}))
    accounts.emulator.settings(visibility_delay=DELAY)
    iam.update_assume_role_policy(RoleName="changed", PolicyDocument=policies.trust({"AWS": SHARED}))
    arn = f"arn:aws:iam::{PLAIN}:role/changed"
    becomes(lambda: sts.assume_role(RoleArn=arn, RoleSessionName="test"), "AccessDenied")


def test_config_sees_a_new_role_later(accounts, policies):
    accounts(PLAIN, "iam").create_role(
        RoleName="recorder", AssumeRolePolicyDocument=policies.trust({"Service": "config.amazonaws.com"})
    )
    recorder = {"name": "default", "roleARN": f"arn:aws:iam::{PLAIN}:role/recorder"}
    put = accounts(PLAIN, "config").put_configuration_recorder
    becomes(lambda: put(ConfigurationRecorder=recorder), "InvalidRoleException")


def test_cloudtrail_sees_bucket_and_topic_policies_later(accounts, policies):
    s3, sns = accounts(PLAIN, "s3"), accounts(PLAIN, "sns")
    cloudtrail = accounts(PLAIN, "cloudtrail")
    topic = sns.create_topic(Name="late")["TopicArn"]
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
    text = policies.document({**allow, "Action": "sns:Publish", "Resource": topic})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=text)
    make |= {"Name": "two", "SnsTopicName": "late"}
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
    until = time.monotonic() + 10
    while not (found := sqs.receive_message(QueueUrl=url).get("Messages")) and time.monotonic() < until:
        time.sleep(0.2)
        sns.publish(TopicArn=topic, Message="seen")
    assert found
    assert "lost" not in found[0]["Body"]
