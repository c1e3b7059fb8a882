# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The topic's owner subscribes: the subscription is pending, and no success, until the queue's side confirms it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.onboarding.controller import PLAIN, SHARED, TOPICS, Aws, Controller, Ran

REGION = "us-east-1"
HOST = "plain"


@pytest.fixture(scope="module")
def inventory(controller: Controller) -> Path:
    record = {"account_id": PLAIN, "account_uuid": "0f8fad5b-d9cb-469f-a165-70867728950e", "account_regions": [REGION]}
    return controller.inventory({HOST: record}, provider_subscription_owner="account", account_defaults_wait_timeout=1)


@pytest.fixture(scope="module")
def pending(controller: Controller, inventory: Path) -> Ran:
    """The first run, before anybody has confirmed anything."""
    controller.shared_services(inventories=[inventory])
    return controller.onboard(inventories=[inventory])


@pytest.fixture(scope="module")
def confirmed(controller: Controller, inventory: Path, pending: Ran, aws: Aws) -> Ran:
    """A run after the queue's side has taken the tokens out of its queues."""
    sqs, sns, tokens = aws(SHARED, "sqs", REGION), aws(SHARED, "sns", REGION), {}
    for queue in set(TOPICS.values()):
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                content = json.loads(message["Body"])
                assert content["Type"] == "SubscriptionConfirmation"
                tokens[content["TopicArn"]] = content["Token"]
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert len(tokens) == len(TOPICS)
    for topic, token in tokens.items():
        sns.confirm_subscription(TopicArn=topic, Token=token)
    return controller.onboard(inventories=[inventory])


def test_a_pending_subscription_is_not_done(pending: Ran) -> None:
    """B7, G5: pending is drift, not a subscription."""
    assert pending.status != 0
    rows = {at: row for at, row in pending.rows(HOST).items() if at[0].endswith("_topic")}
    assert len(rows) == 6
    assert {row["state"] for row in rows.values()} == {"failed"}
    assert pending.account(HOST)["outcome"] == "failed"


def test_the_report_says_who_must_confirm_and_what_to_do_then(pending: Ran) -> None:
    """G5."""
    message = pending.of(HOST)["msg"]
    for part in ("pending", "the queue's side must confirm the subscription", "run again"):
        assert part in message


def test_what_needs_the_topic_and_not_its_subscription_is_made_all_the_same(pending: Ran) -> None:
    """B6, B10, G5: an account must not stay unrecorded until somebody reads a queue."""
    rows = pending.rows(HOST)
    assert {rows[default, REGION]["state"] for default in ("trail", "recorder")} == {"compliant"}


def test_the_shared_account_is_not_asked_by_a_run_that_does_not_need_it(pending: Ran) -> None:
    """docs/permissions.md: none of its permissions is needed then."""
    assert {call["operation"] for call in pending.calls(SHARED)} <= {"GetCallerIdentity", "AssumeRole"}


def test_once_confirmed_a_run_is_compliant(confirmed: Ran) -> None:
    """B7, G6."""
    assert confirmed.status == 0, confirmed.output
    assert {row["state"] for row in confirmed.rows(HOST).values()} <= {"compliant", "skipped"}


def test_a_run_after_that_changes_nothing(controller: Controller, inventory: Path, confirmed: Ran) -> None:
    """G2."""
    again = controller.onboard(inventories=[inventory])
    assert (again.status, again.written()) == (0, {})
