"""SQS: queue policies and queues of other accounts."""

from __future__ import annotations

import json

import pytest

from tests.integration.processes import until

PLAIN, SHARED = "111111111111", "100000000002"
ARN = f"arn:aws:sqs:us-east-1:{SHARED}:queue"


@pytest.fixture(scope="module")
def url(accounts):
    return accounts(SHARED, "sqs").create_queue(QueueName="queue")["QueueUrl"]


def statement(**changes):
    made = {"Effect": "Allow", "Principal": {"AWS": PLAIN}, "Action": "sqs:SendMessage", "Resource": ARN}
    return made | changes


def put(accounts, url, policy):
    accounts(SHARED, "sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


@pytest.mark.parametrize(
    "text",
    [
        "{",
        [statement(Resource="arn:aws:sqs:us-east-1:100000000002:other")],
        [statement(Action="sns:Publish")],
        [statement(Sid="same"), statement(Sid="same")],
        [statement(Principal={"AWS": "arn:aws:iam::111111111111:role/missing"})],
        [statement(Condition={"ArnLike": {"aws:SourceArn": ["x" * 100] * 90}})],
        [statement(Sid=str(number)) for number in range(21)],
        [statement(Principal={"AWS": [f"{number:012}" for number in range(51)]})],
        [statement(Action=[f"sqs:Action{number}" for number in range(8)])],
        [statement(Condition={"StringEquals": {f"aws:Key{number}": "x" for number in range(11)}})],
    ],
)
def test_a_malformed_or_too_large_policy_is_refused(accounts, policies, url, refused, text):
    text = text if isinstance(text, str) else policies.document(*text)
    assert refused(put, accounts=accounts, url=url, policy=text) == "InvalidAttributeValue"


def test_a_policy_within_the_quotas_is_kept(accounts, policies, url):
    put(accounts, url, policies.document(*(statement(Sid=str(number)) for number in range(20))))
    held = accounts(SHARED, "sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    assert "Policy" in held["Attributes"]


def test_another_account_sends_only_by_the_queues_leave(accounts, policies, url, refused):
    put(accounts, url, policies.document(statement(Action="sqs:GetQueueUrl")))
    guest = accounts(PLAIN, "sqs")
    assert refused(guest.send_message, QueueUrl=url, MessageBody="x") == "AccessDenied"
    assert guest.get_queue_url(QueueName="queue", QueueOwnerAWSAccountId=SHARED)["QueueUrl"] == url
    put(accounts, url, policies.document(statement()))
    guest.send_message(QueueUrl=url, MessageBody="from outside")
    (message,) = accounts(SHARED, "sqs").receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "from outside"


def test_a_queue_of_another_account_is_never_confused_with_ones_own(accounts, policies, url, refused):
    accounts(PLAIN, "sqs").create_queue(QueueName="queue")
    put(accounts, url, policies.document(statement(Action="sqs:GetQueueUrl")))
    assert refused(accounts(PLAIN, "sqs").purge_queue, QueueUrl=url) == "AccessDenied"


def test_a_policy_stays_when_another_attribute_is_set(accounts, policies, url):
    put(accounts, url, policies.document(statement()))
    sqs = accounts(SHARED, "sqs")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "7"})
    held = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy", "VisibilityTimeout"])["Attributes"]
    assert held["VisibilityTimeout"] == "7"
    assert PLAIN in held["Policy"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert "Policy" not in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"]).get("Attributes", {})


def test_a_message_that_is_hidden_for_a_second_comes_again_and_its_receipts_are_counted(accounts, url):
    """What looking into a queue rests on: moto does it as SQS does."""
    sqs = accounts(SHARED, "sqs")
    sqs.purge_queue(QueueUrl=url)
    sqs.send_message(QueueUrl=url, MessageBody="x")
    counts: list[str] = []

    def come(hidden_for):
        look = {"QueueUrl": url, "VisibilityTimeout": hidden_for, "AttributeNames": ["ApproximateReceiveCount"]}
        found = sqs.receive_message(**look).get("Messages", [])
        counts.extend(message["Attributes"]["ApproximateReceiveCount"] for message in found)
        return found

    (message,) = come(600)
    assert come(600) == []
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    assert come(1)
    until(lambda: come(1), "it stays hidden")
    assert counts == ["1", "2", "3"]


def test_a_message_received_as_often_as_its_queue_allows_goes_to_the_dead_letter_queue_next(accounts):
    sqs = accounts(SHARED, "sqs")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
    url = sqs.create_queue(QueueName="source", Attributes={"RedrivePolicy": policy})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="x")
    for _ in range(2):
        assert sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)["Messages"]
    assert "Messages" not in sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)
    assert sqs.receive_message(QueueUrl=dead)["Messages"][0]["Body"] == "x"
