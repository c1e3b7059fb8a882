# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What still points at a topic that goes (the gate topic_users): one table of scans, run over all regions at once.

Trails and delivery channels are not among them: the cleanup detaches those. Nearly everything that publishes to a topic
is in the topic's own region, so a region without a topic that goes is not searched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import describe_error, error_code
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import GLOBAL, Target

#: what may point at a topic and is not searched: no list of an API tells it, or nobody has met it with these topics
NOT_SEARCHED = (
    "lifecycle hooks of Auto Scaling groups",
    "notifications of backup vaults",
    "destinations and dead-letter queues of Lambda functions",
    "rules of CodeStar Notifications",
    "what publishes by code of its own",
)
MAX_THREADS = 32
BUCKETS_AT_ONCE = 8

Item = Mapping[str, Any]


@dataclass(frozen=True, order=True)
class TopicUser:
    """Something that points at a topic that goes.

    Attributes:
        names: its ARN where it has one, then its name: it can be accepted by either.
    """

    topic: str
    kind: str
    region: str
    names: tuple[str, ...]

    @property
    def user(self) -> str:
        """Return how it is told: its ARN, or its name."""
        return self.names[0]


@dataclass(frozen=True, order=True)
class Unread:
    """What could not be read: a scan in a region, and why."""

    scan: str
    region: str
    error: str
    fix: str = ""


Found = Iterator[TopicUser | Unread]


@dataclass(frozen=True)
class Search:
    """One place in which a scan looks, and the topics that it looks for."""

    target: Target
    topics: frozenset[str]

    @property
    def region(self) -> str:
        """Return the region; GLOBAL where the service has none."""
        return self.target.region

    def client(self, service: str) -> Any:
        """Return the account's client of a service here."""
        return self.target.client(service)

    def pages(self, service: str, operation: str, **arguments: Any) -> Iterator[Item]:
        """Return every page of an operation's answer."""
        yield from self.client(service).get_paginator(operation).paginate(**arguments)

    def users(self, kind: str, pointed_at: Iterable[str | None], names: Iterable[str]) -> Iterator[TopicUser]:
        """Return a user for each topic that goes among those that something points at."""
        for topic in sorted(self.topics.intersection(filter(None, pointed_at))):
            yield TopicUser(topic, kind, self.region, tuple(names))


@dataclass(frozen=True)
class Scan:
    """One service's things that may point at a topic.

    Attributes:
        name: after ``unknown:`` in what is accepted.
        find: yields what it finds; raises where it cannot list.
        permissions: IAM actions that it needs.
    """

    name: str
    find: Callable[[Search], Found]
    permissions: tuple[str, ...]
    regional: bool = True


@dataclass(frozen=True)
class Listing:
    """A scan of things that one operation lists, each with the topics that it points at.

    Attributes:
        kinds: key of the answer -> what is listed there.
        topics: the fields in which topics are named, a list or one; of a nested one the path with dots.
        names: the fields of its ARN, where it has one, and of its name.
    """

    service: str
    operation: str
    kinds: Mapping[str, str]
    topics: tuple[str, ...]
    names: tuple[str, ...]
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, search: Search) -> Found:
        """Return what points at the topics."""
        for page in search.pages(self.service, self.operation, **self.arguments):
            for key, kind in self.kinds.items():
                for item in page.get(key) or ():
                    pointed_at = [topic for name in self.topics for topic in _values(item, name)]
                    names = [name for field_ in self.names for name in _values(item, field_)]
                    yield from search.users(kind, pointed_at, names)


def find_users(
    target_in: Callable[[str], Target], topics: Iterable[str], scans: Iterable[Scan] | None = None
) -> tuple[list[TopicUser], list[Unread]]:
    """Return everything that points at one of the topics, and what could not be read; both sorted.

    Args:
        target_in: makes the target of a region, and of GLOBAL.
        topics: ARNs of the topics that go.
        scans: None: all of the table.
    """
    wanted = frozenset(topics)
    if not wanted:
        return [], []
    regions = sorted({arn.split(":")[3] for arn in wanted})
    jobs = [
        (scan, Search(target_in(region), wanted))
        for scan in (SCANS if scans is None else scans)
        for region in (regions if scan.regional else [GLOBAL])
    ]
    pool = ThreadPoolExecutor(max_workers=MAX_THREADS)
    try:
        found = {entry for entries in pool.map(lambda job: _run(*job), jobs) for entry in entries}
    except BaseException:  # a task's timeout, for instance
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()
    users = sorted(entry for entry in found if isinstance(entry, TopicUser))
    return users, sorted(entry for entry in found if isinstance(entry, Unread))


def _run(scan: Scan, search: Search) -> list[TopicUser | Unread]:
    """Return what a scan finds; where it cannot read any more, what it found until then stays (G5)."""
    found: list[TopicUser | Unread] = []
    try:
        found.extend(scan.find(search))
    except Exception as error:
        found.append(unread(scan.name, search.region, error))
    return found


def unread(scan: str, region: str, error: Exception, what: str = "") -> Unread:
    """Return what could not be read, in words."""
    told = describe_error(error)
    why = ": ".join(filter(None, [what, " ".join(filter(None, [told["operation"], told["code"]])), told["message"]]))
    return Unread(scan, region, why, told["fix"])


def _values(item: Item, path: str) -> list[str]:
    value: Any = item
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return list(value) if isinstance(value, list) else [value] if value else []


def _rules(search: Search) -> Found:
    """Find rules with a topic as target, on every bus: EventBridge reaches topics of its own region only."""
    events = search.client("events")
    here = sorted(topic for topic in search.topics if topic.split(":")[3] == search.region)
    for bus in _buses(events):
        prefix = "" if bus == "default" else f"{bus}/"
        for topic in here:
            for page in search.pages("events", "list_rule_names_by_target", TargetArn=topic, EventBusName=bus):
                for name in page["RuleNames"]:
                    arn = search.target.arn("events", f"rule/{prefix}{name}")
                    yield from search.users("event_rule", [topic], [arn, name])


def _buses(events: Any) -> Iterator[str]:
    token: dict[str, str] = {}
    while True:
        answer = events.list_event_buses(**token)
        yield from (bus["Name"] for bus in answer["EventBuses"])
        if not answer.get("NextToken"):
            return
        token = {"NextToken": answer["NextToken"]}


def _buckets(search: Search) -> Found:
    """Find buckets that notify a topic: S3 takes topics of the bucket's region only."""
    s3 = search.client("s3")
    owner = search.target.account.id

    def notifications(bucket: str) -> list[TopicUser | Unread]:
        try:
            told = s3.get_bucket_notification_configuration(Bucket=bucket, ExpectedBucketOwner=owner)
        except Exception as error:  # one bucket whose policy hides it hides no other
            return [] if error_code(error) == "NoSuchBucket" else [unread("s3", search.region, error, bucket)]
        topics = [configuration["TopicArn"] for configuration in told.get("TopicConfigurations", ())]
        arn = f"arn:{search.target.account.partition}:s3:::{bucket}"
        return list(search.users("bucket_notification", topics, [arn, bucket]))

    # the size of a page makes S3 list page by page, and say where each bucket is
    pages = search.pages("s3", "list_buckets", BucketRegion=search.region, PaginationConfig={"PageSize": 1000})
    buckets = [
        bucket["Name"] for page in pages for bucket in page.get("Buckets") or () if _is_in(bucket, search.region)
    ]
    with ThreadPoolExecutor(max_workers=BUCKETS_AT_ONCE) as pool:
        for found in pool.map(notifications, buckets):
            yield from found


def _is_in(bucket: Item, region: str) -> bool:
    return bucket.get("BucketRegion", region) == region


def _budgets(search: Search) -> Found:
    """Find budgets that tell a topic, by a notification or by an action."""
    account = search.target.account
    names = [
        budget["BudgetName"]
        for page in search.pages("budgets", "describe_budgets", AccountId=account.id)
        for budget in page.get("Budgets") or ()
    ]
    client = search.client("budgets")
    pointed_at: dict[str, list[str]] = {}
    for name in names:
        for page in search.pages("budgets", "describe_notifications_for_budget", AccountId=account.id, BudgetName=name):
            for notification in page.get("Notifications") or ():
                # what a notification is known by, and not what became of it
                known_by = {key: value for key, value in notification.items() if key != "NotificationState"}
                for answer in client.get_paginator("describe_subscribers_for_notification").paginate(
                    AccountId=account.id, BudgetName=name, Notification=known_by
                ):
                    pointed_at.setdefault(name, []).extend(_addresses(answer["Subscribers"]))
    if names:
        for page in search.pages("budgets", "describe_budget_actions_for_account", AccountId=account.id):
            for action in page["Actions"]:
                pointed_at.setdefault(action["BudgetName"], []).extend(_addresses(action["Subscribers"]))
    for name, topics in pointed_at.items():
        arn = f"arn:{account.partition}:budgets::{account.id}:budget/{name}"
        yield from search.users("budget", topics, [arn, name])


def _addresses(subscribers: Iterable[Item]) -> list[str]:
    return [subscriber["Address"] for subscriber in subscribers if subscriber["SubscriptionType"] == "SNS"]


#: without the types, DescribeAlarms lists metric alarms only
_ALARMS = Listing(
    "cloudwatch",
    "describe_alarms",
    {"MetricAlarms": "metric_alarm", "CompositeAlarms": "composite_alarm", "LogAlarms": "log_alarm"},
    ("AlarmActions", "OKActions", "InsufficientDataActions"),
    ("AlarmArn", "AlarmName"),
    {"AlarmTypes": ["MetricAlarm", "CompositeAlarm", "LogAlarm"]},
)
_GROUPS = Listing(
    "autoscaling",
    "describe_notification_configurations",
    {"NotificationConfigurations": "auto_scaling_group"},
    ("TopicARN",),
    ("AutoScalingGroupName",),
)


def _event_subscriptions(service: str, *names: str) -> Listing:
    return Listing(
        service,
        "describe_event_subscriptions",
        {"EventSubscriptionsList": f"{service}_event_subscription"},
        ("SnsTopicArn",),
        names,
    )


_CLUSTERS = Listing(
    "elasticache",
    "describe_cache_clusters",
    {"CacheClusters": "elasticache_cluster"},
    ("NotificationConfiguration.TopicArn",),
    ("ARN", "CacheClusterId"),
)
_STACKS = Listing(
    "cloudformation", "describe_stacks", {"Stacks": "stack"}, ("NotificationARNs",), ("StackId", "StackName")
)

SCANS = (
    Scan("cloudwatch", _ALARMS, ("cloudwatch:DescribeAlarms",)),
    Scan("autoscaling", _GROUPS, ("autoscaling:DescribeNotificationConfigurations",)),
    # those of Amazon Neptune and Amazon DocumentDB are among them
    Scan(
        "rds",
        _event_subscriptions("rds", "EventSubscriptionArn", "CustSubscriptionId"),
        ("rds:DescribeEventSubscriptions",),
    ),
    Scan("redshift", _event_subscriptions("redshift", "CustSubscriptionId"), ("redshift:DescribeEventSubscriptions",)),
    Scan("dms", _event_subscriptions("dms", "CustSubscriptionId"), ("dms:DescribeEventSubscriptions",)),
    Scan("elasticache", _CLUSTERS, ("elasticache:DescribeCacheClusters",)),
    Scan("events", _rules, ("events:ListEventBuses", "events:ListRuleNamesByTarget")),
    Scan("s3", _buckets, ("s3:ListAllMyBuckets", "s3:GetBucketNotification")),
    Scan("cloudformation", _STACKS, ("cloudformation:DescribeStacks",)),
    Scan("budgets", _budgets, ("budgets:ViewBudget", "budgets:DescribeBudgetActionsForAccount"), regional=False),
)
