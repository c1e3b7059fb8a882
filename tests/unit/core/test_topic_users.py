# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What still points at a topic that goes: each scan, over all regions, and what cannot be read (topic_users)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import topic_users
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Target
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.topic_users import SCANS, TopicUser, Unread
from tests.unit.core.places import ACCOUNT, STRANGER, Place

US, EU = (f"arn:aws:sns:{region}:{ACCOUNT}:rackspace-support" for region in ("us-east-1", "eu-west-1"))
URGENT = f"{US}-urgent"
OTHER = f"arn:aws:sns:us-east-1:{ACCOUNT}:the-customers-own"
#: what moto has not: the operation, and what it answers where there is nothing
MISSING: dict[str, dict[str, Any]] = {
    "DescribeNotificationConfigurations": {"NotificationConfigurations": []},
    "DescribeSubscribersForNotification": {"Subscribers": []},
    "DescribeBudgetActionsForAccount": {"Actions": []},
}


@pytest.fixture
def place(aws: None) -> Place:
    """An account whose services answer, where moto has none."""
    found = Place()
    for operation, answer in MISSING.items():
        found.aws.answer(operation, answer)
    return found


def find(place: Place, *scans: str, topics: Iterable[str] = (US, URGENT, EU)) -> tuple[list[TopicUser], list[Unread]]:
    def target_in(region: str) -> Target:
        return Target(place.account, region, place, {}, "us-east-1")

    wanted = [scan for scan in SCANS if scan.name in scans]
    assert len(wanted) == len(scans)
    return topic_users.find_users(target_in, topics, wanted)


def users(place: Place, *scans: str, **arguments: Any) -> list[TopicUser]:
    found, unread = find(place, *scans, **arguments)
    assert unread == []
    return found


def only(place: Place, scan: str) -> TopicUser:
    found = users(place, scan)
    assert len(found) == 1, found
    return found[0]


def alarm(place: Place, name: str, region: str = "us-east-1", **actions: Any) -> None:
    place.own("cloudwatch", region).put_metric_alarm(
        AlarmName=name,
        MetricName="m",
        Namespace="n",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        Statistic="Sum",
        ComparisonOperator="GreaterThanThreshold",
        **actions,
    )


@pytest.mark.parametrize("actions", ["AlarmActions", "OKActions", "InsufficientDataActions"])
def test_a_metric_alarm_is_found_by_each_of_its_actions(place: Place, actions: str) -> None:
    pointing: dict[str, Any] = {actions: [OTHER, US]}
    alarm(place, "orders", **pointing)
    arn = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:orders"
    assert only(place, "cloudwatch") == TopicUser(US, "metric_alarm", "us-east-1", (arn, "orders"))
    assert only(place, "cloudwatch").user == arn


@pytest.mark.parametrize(
    ("key", "kind"),
    [("MetricAlarms", "metric_alarm"), ("CompositeAlarms", "composite_alarm"), ("LogAlarms", "log_alarm")],
)
def test_alarms_of_every_type_are_asked_for_and_found(place: Place, key: str, kind: str) -> None:
    found = {"AlarmName": "errors", "AlarmArn": "arn:aws:cloudwatch:x", "OKActions": [US]}
    place.aws.answer("DescribeAlarms", {key: [found]})
    assert users(place, "cloudwatch", topics=[US])[0].kind == kind
    assert place.aws.arguments("DescribeAlarms")[0]["AlarmTypes"] == ["MetricAlarm", "CompositeAlarm", "LogAlarm"]


def test_alarms_of_every_region_are_found(place: Place) -> None:
    alarm(place, "us", AlarmActions=[US])
    alarm(place, "eu", "eu-west-1", AlarmActions=[EU])
    assert [(user.region, user.names[1]) for user in users(place, "cloudwatch")] == [
        ("eu-west-1", "eu"),
        ("us-east-1", "us"),
    ]


def test_one_that_points_at_two_topics_is_told_for_each(place: Place) -> None:
    alarm(place, "orders", AlarmActions=[US], OKActions=[URGENT, US])
    assert [user.topic for user in users(place, "cloudwatch")] == [US, URGENT]


def test_many_alarms_are_read_page_by_page(place: Place) -> None:
    for number in range(120):
        alarm(place, f"alarm-{number}", AlarmActions=[US])
    assert len(users(place, "cloudwatch")) == 120


def test_a_topic_is_never_matched_by_its_name_or_a_part_of_it(place: Place) -> None:
    alarm(place, "orders", AlarmActions=[f"arn:aws:sns:us-east-1:{STRANGER}:rackspace-support", f"{US}-2", OTHER])
    assert users(place, "cloudwatch") == []


def test_a_region_without_a_topic_that_goes_is_not_searched(place: Place) -> None:
    alarm(place, "us", AlarmActions=[US])
    assert len(users(place, "cloudwatch", "rds", "events", "s3", topics=[US])) == 1
    assert {region for _, region in place.aws.regions} == {"us-east-1"}


def test_where_no_topic_goes_nothing_is_called(place: Place) -> None:
    assert topic_users.find_users(lambda region: pytest.fail(region), []) == ([], [])
    assert place.aws.calls == []


def test_an_auto_scaling_group_is_found_once_by_its_name(place: Place) -> None:
    rows = [
        {"AutoScalingGroupName": "web", "TopicARN": US, "NotificationType": kind}
        for kind in ("autoscaling:EC2_INSTANCE_LAUNCH", "autoscaling:EC2_INSTANCE_TERMINATE")
    ]
    other = {"AutoScalingGroupName": "batch", "TopicARN": OTHER, "NotificationType": "x"}
    place.aws.answer("DescribeNotificationConfigurations", {"NotificationConfigurations": [*rows, other]})
    assert users(place, "autoscaling", topics=[US]) == [TopicUser(US, "auto_scaling_group", "us-east-1", ("web",))]


def test_an_event_subscription_of_rds_is_found(place: Place) -> None:
    place.own("rds").create_event_subscription(SubscriptionName="failures", SnsTopicArn=US)
    place.own("rds").create_event_subscription(SubscriptionName="mine", SnsTopicArn=OTHER)
    found = only(place, "rds")
    assert (found.kind, found.names[-1]) == ("rds_event_subscription", "failures")


@pytest.mark.parametrize("scan", ["redshift", "dms"])
def test_event_subscriptions_of_other_services_are_found(place: Place, scan: str) -> None:
    rows = [{"CustSubscriptionId": "failures", "SnsTopicArn": US}, {"CustSubscriptionId": "x", "SnsTopicArn": OTHER}]
    place.aws.answer("DescribeEventSubscriptions", {"EventSubscriptionsList": rows})
    found = users(place, scan, topics=[US])
    assert found == [TopicUser(US, f"{scan}_event_subscription", "us-east-1", ("failures",))]


def test_a_cache_cluster_is_found(place: Place) -> None:
    arn = f"arn:aws:elasticache:us-east-1:{ACCOUNT}:cluster:sessions"
    ours = {"CacheClusterId": "sessions", "ARN": arn, "NotificationConfiguration": {"TopicArn": US}}
    theirs = {"CacheClusterId": "other", "NotificationConfiguration": {"TopicArn": OTHER}}
    place.aws.answer("DescribeCacheClusters", {"CacheClusters": [ours, theirs, {"CacheClusterId": "quiet"}]})
    found = users(place, "elasticache", topics=[US])
    assert found == [TopicUser(US, "elasticache_cluster", "us-east-1", (arn, "sessions"))]


def rule(place: Place, name: str, target: str, bus: str = "default") -> None:
    events = place.own("events")
    if bus != "default":
        events.create_event_bus(Name=bus)
    events.put_rule(Name=name, EventPattern=json.dumps({"source": ["aws.ec2"]}), EventBusName=bus)
    events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "1", "Arn": target}])


def test_rules_are_found_on_every_bus(place: Place) -> None:
    rule(place, "orders", US)
    rule(place, "deliveries", URGENT, bus="shop")
    rule(place, "mine", OTHER)
    assert [(user.topic, user.user) for user in users(place, "events")] == [
        (US, f"arn:aws:events:us-east-1:{ACCOUNT}:rule/orders"),
        (URGENT, f"arn:aws:events:us-east-1:{ACCOUNT}:rule/shop/deliveries"),
    ]


def test_buses_are_listed_to_the_end(place: Place) -> None:
    pages: list[dict[str, Any]] = [
        {"EventBuses": [{"Name": "default"}], "NextToken": "more"},
        {"EventBuses": [{"Name": "shop"}]},
    ]
    place.aws.edit("ListEventBuses", lambda parsed: parsed.update(pages.pop(0)))
    place.own("events").create_event_bus(Name="shop")
    assert users(place, "events", topics=[US]) == []
    assert place.aws.arguments("ListEventBuses") == [{}, {"NextToken": "more"}]
    assert [call["EventBusName"] for call in place.aws.arguments("ListRuleNamesByTarget")] == ["default", "shop"]


def bucket(place: Place, name: str, topic: str = "", region: str = "us-east-1") -> None:
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    place.own("s3", region).create_bucket(Bucket=name, **where)
    if topic:
        told = {"TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}]}
        place.own("s3", region).put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=told)


@pytest.fixture
def topics(place: Place) -> None:
    """The topics themselves, which S3 wants to exist."""
    for arn in (US, URGENT, EU, OTHER):
        place.own("sns", arn.split(":")[3]).create_topic(Name=arn.split(":")[-1])


@pytest.mark.usefixtures("topics")
def test_buckets_are_found_in_their_region(place: Place) -> None:
    bucket(place, "orders", US)
    bucket(place, "quiet")
    bucket(place, "mine", OTHER)
    bucket(place, "bestellungen", EU, "eu-west-1")
    assert [(user.region, user.user) for user in users(place, "s3")] == [
        ("eu-west-1", "arn:aws:s3:::bestellungen"),
        ("us-east-1", "arn:aws:s3:::orders"),
    ]
    assert {call["ExpectedBucketOwner"] for call in place.aws.arguments("GetBucketNotificationConfiguration")} == {
        ACCOUNT
    }
    assert {call["BucketRegion"] for call in place.aws.arguments("ListBuckets")} == {"us-east-1", "eu-west-1"}
    # each is read in its own region only
    assert len(place.aws.arguments("GetBucketNotificationConfiguration")) == 4


@pytest.mark.usefixtures("topics")
def test_a_bucket_whose_policy_hides_it_is_named_and_hides_no_other(place: Place) -> None:
    bucket(place, "orders", US)
    bucket(place, "returns", US)
    place.aws.refuse("GetBucketNotificationConfiguration", "AccessDenied")  # to the first that is asked for
    found, unread = find(place, "s3", topics=[US])
    assert [entry.scan for entry in unread] == ["s3"]
    name, _, why = unread[0].error.partition(": ")
    assert {name, found[0].names[1]} == {"orders", "returns"}
    assert why == "GetBucketNotificationConfiguration AccessDenied: refused by the test"


def test_a_bucket_that_is_gone_since_it_was_listed_is_no_gap(place: Place) -> None:
    bucket(place, "orders")
    place.aws.refuse("GetBucketNotificationConfiguration", "NoSuchBucket")
    assert find(place, "s3", topics=[US]) == ([], [])


NOTIFICATION = {
    "NotificationType": "ACTUAL",
    "ComparisonOperator": "GREATER_THAN",
    "Threshold": 80.0,
    "ThresholdType": "PERCENTAGE",
}


def budget(place: Place, name: str = "monthly") -> None:
    place.own("budgets").create_budget(
        AccountId=ACCOUNT,
        Budget={
            "BudgetName": name,
            "BudgetLimit": {"Amount": "1", "Unit": "USD"},
            "TimeUnit": "MONTHLY",
            "BudgetType": "COST",
        },
        NotificationsWithSubscribers=[
            {"Notification": NOTIFICATION, "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "x@y.example"}]}
        ],
    )


def test_a_budget_is_found_by_the_subscribers_of_its_notifications(place: Place) -> None:
    budget(place)
    told = [{"SubscriptionType": "EMAIL", "Address": "x@y.example"}, {"SubscriptionType": "SNS", "Address": EU}]
    place.aws.answer("DescribeSubscribersForNotification", {"Subscribers": told})
    arn = f"arn:aws:budgets::{ACCOUNT}:budget/monthly"
    assert only(place, "budgets") == TopicUser(EU, "budget", "global", (arn, "monthly"))
    asked = place.aws.arguments("DescribeSubscribersForNotification")
    assert asked == [{"AccountId": ACCOUNT, "BudgetName": "monthly", "Notification": NOTIFICATION}]


def test_a_budget_is_found_by_the_subscribers_of_its_actions(place: Place) -> None:
    budget(place)
    action = {"BudgetName": "monthly", "Subscribers": [{"SubscriptionType": "SNS", "Address": US}]}
    place.aws.answer("DescribeBudgetActionsForAccount", {"Actions": [action]})
    assert only(place, "budgets").user.endswith(":budget/monthly")


def test_an_account_without_budgets_is_asked_for_no_more(place: Place) -> None:
    assert users(place, "budgets") == []
    assert place.aws.names == ["DescribeBudgets"]


@pytest.mark.usefixtures("topics")
def test_a_stack_is_found_by_its_arn_and_by_its_name(place: Place) -> None:
    template = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})
    cloudformation = place.own("cloudformation")
    cloudformation.create_stack(StackName="shop", TemplateBody=template, NotificationARNs=[US])
    cloudformation.create_stack(StackName="mine", TemplateBody=template, NotificationARNs=[OTHER])
    found = only(place, "cloudformation")
    assert (found.kind, found.names[1]) == ("stack", "shop")
    assert found.user.startswith(f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/shop/")


LISTS = {
    "cloudwatch": "DescribeAlarms",
    "autoscaling": "DescribeNotificationConfigurations",
    "rds": "DescribeEventSubscriptions",
    "redshift": "DescribeEventSubscriptions",
    "dms": "DescribeEventSubscriptions",
    "elasticache": "DescribeCacheClusters",
    "events": "ListEventBuses",
    "s3": "ListBuckets",
    "cloudformation": "DescribeStacks",
    "budgets": "DescribeBudgets",
}


@pytest.mark.parametrize("scan", [scan.name for scan in SCANS])
def test_a_scan_that_is_refused_is_unread_in_that_region(place: Place, scan: str) -> None:
    place.aws.refuse(LISTS[scan], "AccessDenied", message="no permission")
    found, unread = find(place, scan, topics=[US])
    region = "global" if scan == "budgets" else "us-east-1"
    assert found == []
    assert [(entry.scan, entry.region, entry.error) for entry in unread] == [
        (scan, region, f"{LISTS[scan]} AccessDenied: no permission")
    ]
    assert unread[0].fix.startswith("grant this action")


def test_one_scan_that_is_refused_hides_no_other_and_no_other_region(place: Place) -> None:
    alarm(place, "us", AlarmActions=[US])
    alarm(place, "eu", "eu-west-1", AlarmActions=[EU])
    place.aws.refuse("DescribeCacheClusters", "AccessDenied", times=2)
    found, unread = find(place, "cloudwatch", "elasticache")
    assert len(found) == 2
    assert [(entry.scan, entry.region) for entry in unread] == [
        ("elasticache", "eu-west-1"),
        ("elasticache", "us-east-1"),
    ]


def test_what_was_found_before_a_refusal_stays(place: Place) -> None:
    rule(place, "orders", US)
    place.aws.refuse_if("ListRuleNamesByTarget", lambda body: URGENT.encode() in body)
    found, unread = find(place, "events", topics=[US, URGENT])
    assert [user.names[1] for user in found] == ["orders"]
    assert [entry.scan for entry in unread] == ["events"]


def test_nothing_is_written(place: Place) -> None:
    budget(place)
    bucket(place, "quiet")
    place.aws.answer("DescribeEventSubscriptions", {"EventSubscriptionsList": []})
    assert find(place, *[scan.name for scan in SCANS]) == ([], [])
    assert place.aws.writes == []


def test_every_scan_declares_what_it_calls(place: Place) -> None:
    budget(place)
    bucket(place, "quiet")
    place.aws.answer("DescribeEventSubscriptions", {"EventSubscriptionsList": []})
    actions = {
        "ListBuckets": "ListAllMyBuckets",
        "GetBucketNotificationConfiguration": "GetBucketNotification",
        "DescribeBudgets": "ViewBudget",
        "DescribeNotificationsForBudget": "ViewBudget",
        "DescribeSubscribersForNotification": "ViewBudget",
    }
    for scan in SCANS:
        place.aws.calls.clear()
        assert find(place, scan.name, topics=[US]) == ([], [])
        called = {actions.get(name, name) for name in place.aws.names}
        assert called == {permission.split(":")[1] for permission in scan.permissions}, scan.name


def test_a_task_that_is_given_up_searches_no_further(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(*_: Any) -> list[Any]:
        raise KeyboardInterrupt

    run: Callable[..., Any] = give_up
    monkeypatch.setattr(topic_users, "_run", run)
    with pytest.raises(KeyboardInterrupt):
        find(place, "cloudwatch")
