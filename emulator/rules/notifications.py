"""What may point at a topic and moto has no operation to make: nobody has any.

What moto can make points nowhere else, so the empty list is the truth.
"""

from __future__ import annotations

from emulator.call import Call
from emulator.protocol import Response
from emulator.rules import rule


@rule("autoscaling", "DescribeNotificationConfigurations")
def notification_configurations(call: Call) -> Response:
    """Of no group (Auto Scaling API Reference, API_DescribeNotificationConfigurations.html)."""
    return call.result(NotificationConfigurations=[])


@rule("redshift", "DescribeEventSubscriptions")
@rule("dms", "DescribeEventSubscriptions")
def event_subscriptions(call: Call) -> Response:
    """None (API_DescribeEventSubscriptions.html of either service)."""
    return call.result(EventSubscriptionsList=[])


@rule("budgets", "DescribeBudgetActionsForAccount")
def budget_actions(call: Call) -> Response:
    """None (AWS Budgets API Reference, API_budgets_DescribeBudgetActionsForAccount.html)."""
    return call.result(Actions=[])
