"""Support: an API for the plans that have one."""

from __future__ import annotations

from emulator.call import Call
from emulator.protocol import AwsError, Response
from emulator.rules import guard, rule

NAMES = {
    "low": "General guidance",
    "normal": "System impaired",
    "high": "Production system impaired",
    "urgent": "Production system down",
    "critical": "Business-critical system down",
}
# Support user guide, "Choosing a severity" (case-management.html#choosing-severity).
LEVELS = {"business": ("low", "normal", "high", "urgent"), "enterprise": tuple(NAMES)}


@guard("support")
def needs_a_plan(call: Call) -> None:
    """Basic and Developer have no API (API_Operations.html, each operation's note: SubscriptionRequiredException)."""
    if call.world.state(call.account).support_plan not in LEVELS:
        text = "Amazon Web Services Premium Support Subscription is required to use this service."
        raise AwsError("SubscriptionRequiredException", text)


@rule("support", "DescribeSeverityLevels")
def describe_severity_levels(call: Call) -> Response:
    """Those of the plan (API_DescribeSeverityLevels.html)."""
    codes = LEVELS[call.world.state(call.account).support_plan]
    return call.result(severityLevels=[{"code": code, "name": NAMES[code]} for code in codes])
