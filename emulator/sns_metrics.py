"""What SNS counts of a topic, as CloudWatch shows it: at once, where AWS takes a minute or more.

SNS developer guide, "Monitoring Amazon SNS topics using CloudWatch" (sns-monitoring-using-cloudwatch.html).
"""

from __future__ import annotations

from datetime import UTC, datetime

from moto.cloudwatch.models import cloudwatch_backends
from moto.sns.models import Topic

PUBLISHED, DELIVERED, FAILED = (
    "NumberOfMessagesPublished",
    "NumberOfNotificationsDelivered",
    "NumberOfNotificationsFailed",
)


def count(topic: Topic, metric: str) -> None:
    """Adds one to a metric of a topic, in the topic's own account and region."""
    region, name = topic.arn.split(":")[3], topic.arn.rsplit(":", 1)[-1]
    datum = {
        "MetricName": metric,
        "Dimensions": [{"Name": "TopicName", "Value": name}],
        "Timestamp": datetime.now(UTC).replace(tzinfo=None),
        "Value": 1.0,
        "Unit": "Count",
    }
    cloudwatch_backends[topic.account_id][region].put_metric_data("AWS/SNS", [datum])
