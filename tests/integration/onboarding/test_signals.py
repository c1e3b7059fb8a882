# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Onboarded while other services see roles and policies only after three seconds; then signals find their way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.client import Emulator
from tests.integration.onboarding.controller import (
    DEFAULT_REGIONS,
    MANAGEMENT,
    PLAIN,
    SHARED,
    TOPICS,
    Aws,
    Controller,
    Ran,
)

HOST = "app1-prod"
#: what needs a policy or a role -> how AWS refuses it while that is not visible yet
LATE = {
    "CreateTrail": "InsufficientS3BucketPolicyException",
    "PutDeliveryChannel": "InsufficientDeliveryPolicyException",
    "PutConfigurationRecorder": "InvalidRoleException",
}
MAKING = {"CreateRole", "CreatePolicy", "CreateBucket", "CreateTopic", "CreateTrail", "PutRule"}


@pytest.fixture(scope="module")
def first_run(controller: Controller, emulator: Emulator) -> Ran:
    """The first run of all, with policies and roles visible only after three seconds.

    A slow machine takes longer than that to ask for what needs them: each kind of it is refused twice in any case.
    """
    emulator.settings(visibility_delay=3)
    controller.shared_services()
    emulator.faults([{"operation": operation, "code": code, "times": 2} for operation, code in LATE.items()])
    ran = controller.onboard("--limit", HOST)
    emulator.faults([])
    emulator.settings(visibility_delay=0)
    return ran


@pytest.fixture(scope="module")
def onboarded(first_run: Ran, aws: Aws) -> Aws:
    assert first_run.status == 0, first_run.output
    return aws


def test_one_run_is_enough_where_policies_and_roles_become_visible_late(first_run: Ran) -> None:
    """B4 to B15: what depends on something else waits for it."""
    assert first_run.status == 0, first_run.output
    assert first_run.states(HOST) == {"compliant": 144}
    refused = {call["operation"]: call["error"] for call in first_run.ledger if call["error"] in LATE.values()}
    assert refused == LATE


def test_waiting_makes_nothing_twice(first_run: Ran) -> None:
    """What was refused is tried again, and only that."""
    calls = [call for call in first_run.writes(PLAIN) if call["operation"] in MAKING and not call["error"]]
    made = [(call["operation"], call["region"], call["resource"]) for call in calls]
    assert len(made) > 100
    assert len(made) == len(set(made))


def test_a_run_after_the_late_one_changes_nothing(controller: Controller, onboarded: Aws) -> None:
    """G2."""
    again = controller.onboard("--limit", HOST)
    assert (again.status, again.written()) == (0, {})


def test_a_message_to_each_topic_of_each_region_arrives_in_the_regions_queue(onboarded: Aws) -> None:
    """B7, B11, B13, B17: six topics in seventeen regions."""
    expected, arrived = set(), set()
    for region in DEFAULT_REGIONS:
        for topic, queue in TOPICS.items():
            arn = f"arn:aws:sns:{region}:{PLAIN}:{topic}"
            onboarded(PLAIN, "sns", region).publish(TopicArn=arn, Message=f"to {arn}")
            expected.add((region, queue, arn, f"to {arn}"))
        for queue in set(TOPICS.values()):
            for message in receive(onboarded, region, queue):
                arrived.add((region, queue, message["TopicArn"], message["Message"]))
    assert len(expected) == 102
    assert arrived == expected


@pytest.mark.parametrize(
    ("account", "topic"), [(MANAGEMENT, "rackspace-support"), (PLAIN, "customers-own"), (SHARED, "rackspace-support")]
)
def test_no_other_topic_reaches_a_shared_queue(onboarded: Aws, account: str, topic: str) -> None:
    """B17: not from an account that is not managed, nor from another topic of one that is."""
    sns, queue = onboarded(account, "sns"), f"arn:aws:sqs:us-east-1:{SHARED}:rackspace-support"
    arn = sns.create_topic(Name=topic)["TopicArn"]
    statement = {"Effect": "Allow", "Principal": {"AWS": SHARED}, "Action": "sns:Subscribe", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    onboarded(SHARED, "sns").subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue)
    sns.publish(TopicArn=arn, Message="from somebody else")
    assert receive(onboarded, "us-east-1", "rackspace-support") == []


def test_a_health_risk_event_arrives_at_the_dispatchers_target(onboarded: Aws, emulator: Emulator) -> None:
    """B14, B15, B17."""
    sent = emulator.health_event(PLAIN, entities=["AKIAIOSFODNN7EXAMPLE"])
    assert [delivery["delivered"] for delivery in sent["deliveries"]] == [True], sent["deliveries"]
    (event,) = receive(onboarded, "us-east-1", "rackspace-dispatcher")
    assert event["id"] == sent["event"]["id"]
    assert (event["account"], event["detail"]["service"]) == (PLAIN, "RISK")


def test_a_health_event_of_another_service_does_not(onboarded: Aws, emulator: Emulator) -> None:
    """B15."""
    sent = emulator.health_event(PLAIN, service="EC2", event_type_code="AWS_EC2_INSTANCE_STOP_SCHEDULED")
    assert sent["deliveries"] == []
    assert receive(onboarded, "us-east-1", "rackspace-dispatcher") == []


def test_an_account_that_is_not_managed_cannot_put_a_risk_event_into_the_target(
    onboarded: Aws, emulator: Emulator
) -> None:
    """B17: with a rule and a role of the same names."""
    iam, events = onboarded(MANAGEMENT, "iam"), onboarded(MANAGEMENT, "events")
    target = f"arn:aws:sqs:us-east-1:{SHARED}:rackspace-dispatcher"
    trust = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}
    allow = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": target}
    iam.create_role(RoleName="rackspace-dispatcher", AssumeRolePolicyDocument=document(trust))
    iam.put_role_policy(RoleName="rackspace-dispatcher", PolicyName="send", PolicyDocument=document(allow))
    events.put_rule(Name="rackspace-dispatcher", EventPattern=json.dumps({"source": ["aws.health"]}))
    role = f"arn:aws:iam::{MANAGEMENT}:role/rackspace-dispatcher"
    events.put_targets(Rule="rackspace-dispatcher", Targets=[{"Id": "1", "Arn": target, "RoleArn": role}])
    (delivery,) = emulator.health_event(MANAGEMENT)["deliveries"]
    assert delivery["delivered"] is False
    assert "policy does not allow" in delivery["reason"]


def document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def receive(aws: Aws, region: str, queue: str) -> list[dict[str, Any]]:
    """Take every message out of a shared queue."""
    sqs = aws(SHARED, "sqs", region)
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    found = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(message["Body"]) for message in messages]
        entries = [{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(messages)]
        sqs.delete_message_batch(QueueUrl=url, Entries=entries)
    return found
