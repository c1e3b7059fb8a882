# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The marked message, and what SNS's counts say of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import StopFlag
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signals import counted, marker
from tests.unit.signals.queues import START, Clock, marked, path


def test_the_message_says_that_it_is_a_test_of_what_and_where_it_comes_from() -> None:
    """Issue 4: a clear marker."""
    sent = marker.publication(path())
    content = json.loads(sent["Message"])
    assert content["marker"] == "rackspace.aws_accounts/signal_check"
    assert (content["id"], content["account_id"], content["region"]) == ("marker0", "123456789012", "eu-west-1")
    assert content["topic_arn"] == sent["TopicArn"]
    assert "This is a test of rackspace.aws_accounts" in content["text"]
    assert "rackspace.aws_accounts" in sent["Subject"]


def test_the_message_has_an_attribute_by_which_readers_and_filters_know_it() -> None:
    attributes = marker.publication(path())["MessageAttributes"]
    assert attributes == {"rackspace.aws_accounts.signal_check": {"DataType": "String", "StringValue": "marker0"}}


def test_no_two_messages_have_one_id() -> None:
    assert len({marker.new_id() for _ in range(1000)}) == 1000


@pytest.mark.parametrize("raw", [True, False])
def test_it_is_known_again_in_the_queue(raw: bool) -> None:
    assert marker.id_of(marked(path(), raw)) == "marker0"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no JSON",
        "[]",
        "null",
        '{"Message": "no JSON"}',
        '{"Message": {"marker": "rackspace.aws_accounts/signal_check", "id": "x"}}',
        '{"marker": "another", "id": "x"}',
        '{"marker": "rackspace.aws_accounts/signal_check", "id": 7}',
        json.dumps({"Type": "Notification", "Message": json.dumps({"s3Bucket": "b", "s3ObjectKey": ["k"]})}),
    ],
)
def test_any_other_message_is_somebody_elses(body: str) -> None:
    assert marker.id_of(body) is None


class CloudWatch:
    """A client of CloudWatch whose counts come late."""

    def __init__(self, clock: Clock, counts: dict[str, float], after: float = 0) -> None:
        self.clock, self.counts, self.shown_at = clock, counts, START + after
        self.asked: list[dict[str, Any]] = []

    def get_paginator(self, operation: str) -> CloudWatch:
        assert operation == "get_metric_data"
        return self

    def paginate(self, **arguments: Any) -> list[dict[str, Any]]:
        self.asked.append(arguments)
        shown = self.clock.moment >= self.shown_at
        results = [
            {
                "Id": query["Id"],
                "Values": [self.counts.get(query["MetricStat"]["Metric"]["MetricName"], 0.0)] if shown else [],
            }
            for query in arguments["MetricDataQueries"]
        ]
        return [{"MetricDataResults": results[:1]}, {"MetricDataResults": results[1:]}]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(counted, "time", found)
    return found


def ask(cloudwatch: CloudWatch, subscribers: int = 1, timeout: float = 180) -> bool | None:
    sums = counted.counted(cloudwatch, [path()], {"marker0": subscribers}, timeout, StopFlag())
    return counted.verdict(sums["marker0"], subscribers)


def counts(published: int, delivered: int, failed: int = 0) -> dict[str, float]:
    return dict(zip(counted.METRICS, map(float, (published, delivered, failed)), strict=True))


def test_what_sns_counted_as_delivered_to_the_only_subscriber_was_delivered(clock: Clock) -> None:
    assert ask(CloudWatch(clock, counts(2, 2))) is True


def test_counts_that_come_late_are_waited_for(clock: Clock) -> None:
    cloudwatch = CloudWatch(clock, counts(1, 1), after=90)
    assert ask(cloudwatch) is True
    assert clock.moment == pytest.approx(START + 90, abs=counted.PAUSE)


def test_a_failed_delivery_is_an_answer(clock: Clock) -> None:
    assert ask(CloudWatch(clock, counts(1, 0, 1))) is False


@pytest.mark.parametrize(("published", "delivered", "subscribers"), [(0, 0, 1), (2, 1, 1), (1, 1, 2), (1, 1, 0)])
def test_counts_that_leave_it_open_are_no_answer(
    clock: Clock, published: int, delivered: int, subscribers: int
) -> None:
    """SNS counts by topic: of several subscribers, another one may have got it."""
    assert ask(CloudWatch(clock, counts(published, delivered)), subscribers) is None
    assert clock.moment == pytest.approx(START + 180, abs=1)


def test_the_counts_are_those_of_the_topic_since_the_minute_of_the_publication(clock: Clock) -> None:
    cloudwatch = CloudWatch(clock, counts(1, 1))
    ask(cloudwatch)
    (asked,) = cloudwatch.asked
    metrics = [query["MetricStat"]["Metric"] for query in asked["MetricDataQueries"]]
    assert {metric["Dimensions"][0]["Value"] for metric in metrics} == {"rackspace-cloudtrail"}
    assert asked["StartTime"].timestamp() == START - START % 60
