"""What points at topics, as far as moto has no answer: Auto Scaling, event subscriptions, budgets, composite alarms."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moto.autoscaling.models import autoscaling_backends
from moto.budgets.models import budgets_backends
from moto.cloudwatch.models import cloudwatch_backends

from emulator.call import Call
from emulator.documents import EVENT_SUBSCRIPTIONS, GROUP_NOTIFICATIONS
from emulator.protocol import AwsError, Response
from emulator.rules import rule


def _group(call: Call) -> str:
    name = str(call.params["AutoScalingGroupName"])
    if name not in autoscaling_backends[call.account][call.region].autoscaling_groups:
        raise AwsError("ValidationError", f"AutoScalingGroup name not found - AutoScalingGroup {name} not found")
    return name


def _notifications(call: Call) -> dict[tuple[str, str], list[str]]:
    """Group and topic -> types, of the groups that are there."""
    key = (GROUP_NOTIFICATIONS, f"{call.account}/{call.region}")
    held: dict[tuple[str, str], list[str]] = call.world.documents.setdefault(key, {})
    groups = autoscaling_backends[call.account][call.region].autoscaling_groups
    for gone in [one for one in held if one[0] not in groups]:
        del held[gone]
    return held


@rule("autoscaling", "PutNotificationConfiguration", "DeleteNotificationConfiguration")
def notification_configuration(call: Call) -> Response:
    """One configuration for each group and topic (API_PutNotificationConfiguration.html)."""
    key = (_group(call), str(call.params["TopicARN"]))
    if call.operation == "PutNotificationConfiguration":
        _notifications(call)[key] = list(call.params["NotificationTypes"])
    else:
        _notifications(call).pop(key, None)
    return call.result()


@rule("autoscaling", "DescribeNotificationConfigurations")
def describe_notification_configurations(call: Call) -> Response:
    """One entry for each type (API_DescribeNotificationConfigurations.html)."""
    names = call.params.get("AutoScalingGroupNames") or []
    found = [
        {"AutoScalingGroupName": group, "TopicARN": topic, "NotificationType": kind}
        for (group, topic), kinds in _notifications(call).items()
        for kind in kinds
        if not names or group in names
    ]
    return call.result(NotificationConfigurations=found)


def _subscriptions(call: Call) -> dict[str, dict[str, Any]]:
    key = (EVENT_SUBSCRIPTIONS, f"{call.service}/{call.account}/{call.region}")
    held: dict[str, dict[str, Any]] = call.world.documents.setdefault(key, {})
    return held


def _event_subscription(call: Call) -> Response:
    """Notifications of Redshift and DMS (Redshift API reference, API_CreateEventSubscription.html and the others).

    DMS: API_CreateEventSubscription.html. A name is used once; a missing one is SubscriptionNotFound, in DMS
    ResourceNotFoundFault.
    """
    held, name, redshift = _subscriptions(call), call.params.get("SubscriptionName"), call.service == "redshift"
    missing = AwsError("SubscriptionNotFound" if redshift else "ResourceNotFoundFault", f"{name} does not exist.", 404)
    if call.operation == "DescribeEventSubscriptions":
        if name and name not in held:
            raise missing
        return call.result(EventSubscriptionsList=[one for key, one in held.items() if name in (None, "", key)])
    if call.operation == "DeleteEventSubscription":
        if name not in held:
            raise missing
        gone = held.pop(name)
        return call.result() if redshift else call.result(EventSubscription=gone)
    if name in held:
        code = "SubscriptionAlreadyExist" if redshift else "ResourceAlreadyExistsFault"
        raise AwsError(code, f"{name} exists already.")
    now: Any = datetime.now(UTC)
    made = {
        "CustomerAwsId": call.account,
        "CustSubscriptionId": name,
        "SnsTopicArn": call.params["SnsTopicArn"],
        "Status": "active",
        "SubscriptionCreationTime": now if redshift else now.isoformat(),
        "Enabled": call.params.get("Enabled", True),
    }
    held[str(name)] = made
    return call.result(EventSubscription=made)


for one in ("redshift", "dms"):
    rule(one, "CreateEventSubscription", "DescribeEventSubscriptions", "DeleteEventSubscription")(_event_subscription)


def _budget(call: Call) -> Any:
    account, name = str(call.params["AccountId"]), str(call.params["BudgetName"])
    held = budgets_backends[account]["aws"].budgets[account].get(name)
    if held is None or account != call.account:
        raise AwsError("NotFoundException", f"Unable to get budget: {name} - the budget doesn't exist.")
    return held


@rule("budgets", "DescribeNotificationsForBudget")
def describe_notifications_for_budget(call: Call) -> Response:
    """Of a budget that exists (API_budgets_DescribeNotificationsForBudget.html: NotFoundException)."""
    _budget(call)
    return call.forward()


@rule("budgets", "DescribeSubscribersForNotification")
def describe_subscribers_for_notification(call: Call) -> Response:
    """Who is told by a notification that exists (API_budgets_DescribeSubscribersForNotification.html)."""
    keys = ("NotificationType", "ComparisonOperator", "Threshold")
    wanted = [call.params["Notification"].get(key) for key in keys]
    for notification in _budget(call).notifications:
        if [notification.details.get(key) for key in keys] == wanted:
            return call.result(Subscribers=notification.subscribers)
    raise AwsError("NotFoundException", "Unable to get subscribers - the notification doesn't exist.")


@rule("budgets", "DescribeBudgetActionsForAccount")
def describe_budget_actions_for_account(call: Call) -> Response:
    """None: nothing here makes any (API_budgets_DescribeBudgetActionsForAccount.html)."""
    return call.result(Actions=[])


@rule("cloudwatch", "PutCompositeAlarm")
def put_composite_alarm(call: Call) -> Response:
    """An alarm over the states of others; its rule is not evaluated (API_PutCompositeAlarm.html)."""
    params = call.params
    cloudwatch_backends[call.account][call.region].put_metric_alarm(
        name=params["AlarmName"],
        namespace="",
        metric_name="",
        comparison_operator="",
        statistic="",
        evaluation_periods=0,
        period=0,
        threshold=0.0,
        description=params.get("AlarmDescription", ""),
        dimensions=[],
        alarm_actions=params.get("AlarmActions") or [],
        ok_actions=params.get("OKActions") or [],
        insufficient_data_actions=params.get("InsufficientDataActions") or [],
        actions_enabled=params.get("ActionsEnabled", True),
        rule=params["AlarmRule"],
    )
    return call.result()


@rule("cloudwatch", "DescribeAlarms")
def describe_alarms(call: Call) -> Response:
    """Metric alarms alone, unless AlarmTypes names others (API_DescribeAlarms.html)."""
    types = call.params.get("AlarmTypes") or ["MetricAlarm"]
    backend = cloudwatch_backends[call.account][call.region]
    held = backend.alarms
    shown = {n: a for n, a in held.items() if ("MetricAlarm" if a.rule is None else "CompositeAlarm") in types}
    backend.alarms = shown
    try:
        return call.forward()
    finally:
        backend.alarms = held
