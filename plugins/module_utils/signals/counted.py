# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What SNS counted of a topic's deliveries: the second evidence, where a queue's reader was quicker than the look.

SNS counts by topic, not by message or subscriber, and shows it in CloudWatch after a minute or more. So it is an answer
only where nothing but the shared queue is subscribed, or every subscriber got everything.
Source: SNS Developer Guide, "Monitoring Amazon SNS topics using CloudWatch".
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import StopFlag
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signals.arrivals import seconds_of

PUBLISHED, DELIVERED, FAILED = METRICS = (
    "NumberOfMessagesPublished",
    "NumberOfNotificationsDelivered",
    "NumberOfNotificationsFailed",
)
PAUSE = 15.0  # seconds


def counted(
    cloudwatch: Any, paths: Iterable[Mapping[str, Any]], subscribers: Mapping[str, int], timeout: float, stop: StopFlag
) -> dict[str, dict[str, int]]:
    """Wait until SNS has counted the deliveries of some paths of one region, or the time is over.

    Args:
        subscribers: marker -> how many confirmed subscriptions the topic has.
        timeout: seconds since the publication.

    Returns:
        marker -> metric -> sum since the minute of the publication; those that say nothing yet among them.
    """
    waiting = {path["marker"]: path for path in paths}
    found: dict[str, dict[str, int]] = {}
    while waiting:
        sums = _sums(cloudwatch, waiting)
        found |= sums
        answered = [name for name in waiting if verdict(sums[name], subscribers[name]) is not None]
        for name in answered:
            del waiting[name]
        left = max((seconds_of(path["sent_at"]) + timeout - time.time() for path in waiting.values()), default=0)
        if left <= 0 or stop.is_set():
            break
        time.sleep(min(PAUSE, left))
    return found


def verdict(sums: Mapping[str, int], subscribers: int) -> bool | None:
    """Tell whether everything was delivered, or something failed; None where the counts say neither."""
    if sums[FAILED]:
        return False
    return True if sums[PUBLISHED] and sums[DELIVERED] >= sums[PUBLISHED] * subscribers > 0 else None


def _sums(cloudwatch: Any, paths: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    names, queries = list(paths), []
    for number, path in enumerate(paths.values()):
        for metric in METRICS:
            dimension = {"Name": "TopicName", "Value": path["topic_arn"].rsplit(":", 1)[-1]}
            stat = {"Namespace": "AWS/SNS", "MetricName": metric, "Dimensions": [dimension]}
            queries.append(
                {
                    "Id": f"{metric[0].lower()}{metric}{number}",
                    "MetricStat": {"Metric": stat, "Period": 60, "Stat": "Sum"},
                }
            )
    first = min(seconds_of(path["sent_at"]) for path in paths.values())
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries,
        StartTime=datetime.fromtimestamp(first - first % 60, UTC),
        EndTime=datetime.now(UTC) + timedelta(minutes=1),
    )
    totals = {query["Id"]: 0.0 for query in queries}
    for page in pages:
        for result in page["MetricDataResults"]:
            totals[result["Id"]] += sum(result["Values"])
    ids = iter(totals)
    return {name: {metric: int(totals[next(ids)]) for metric in METRICS} for name in names}
