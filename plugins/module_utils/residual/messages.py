# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Who may send and receive: topics, queues, event buses, log destinations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.residual.scan import Found, Scan, Search


def _topics(search: Search) -> Iterator[Found]:
    for topic in search.pages("list_topics", "Topics"):
        yield search.document(topic["TopicArn"], "topic policy", _topic_policy)


def _topic_policy(sns: Any, arn: str) -> Any:
    return sns.get_topic_attributes(TopicArn=arn)["Attributes"].get("Policy")


def _queues(search: Search) -> Iterator[Found]:
    # without a page size SQS lists a thousand queues and says nothing of the rest (SQS API Reference, ListQueues)
    for url in search.pages("list_queues", "QueueUrls", 1000):
        yield search.document(search.arn(url.rsplit("/", 1)[1]), "queue policy", _queue_policy, url)


def _queue_policy(sqs: Any, url: str) -> Any:
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"]).get("Attributes", {}).get("Policy")


def _event_buses(search: Search) -> Iterator[Found]:
    for bus in search.pages("list_event_buses", "EventBuses"):
        yield search.stated(bus["Arn"], "event bus policy", bus.get("Policy"))


def _log_destinations(search: Search) -> Iterator[Found]:
    for destination in search.pages("describe_destinations", "destinations"):
        yield search.stated(destination["arn"], "log destination policy", destination.get("accessPolicy"))


def _log_policies(search: Search) -> Iterator[Found]:
    for policy in search.pages("describe_resource_policies", "resourcePolicies"):
        arn = search.arn(f"resource-policy:{policy['policyName']}")
        yield search.stated(arn, "log resource policy", policy.get("policyDocument"))


SCANS = (
    Scan("sns", "sns", "the policies of SNS topics", ("sns:ListTopics", "sns:GetTopicAttributes"), _topics),
    Scan("sqs", "sqs", "the policies of SQS queues", ("sqs:ListQueues", "sqs:GetQueueAttributes"), _queues),
    Scan("events", "events", "the policies of EventBridge event buses", ("events:ListEventBuses",), _event_buses),
    Scan(
        "log_destinations",
        "logs",
        "the policies of CloudWatch Logs destinations",
        ("logs:DescribeDestinations",),
        _log_destinations,
    ),
    Scan(
        "log_policies",
        "logs",
        "the resource policies of CloudWatch Logs",
        ("logs:DescribeResourcePolicies",),
        _log_policies,
    ),
)
