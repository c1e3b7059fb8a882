"""SNS subscriptions: who owns one, whether it is confirmed, and who sees it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from moto.sns.models import Subscription, sns_backends

from emulator.call import Call
from emulator.protocol import AwsError, Response
from emulator.rules import rule
from emulator.rules.sns import find_topic, not_allowed
from emulator.sns_delivery import ask_for_confirmation, is_pending

PROTOCOLS = ("http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose")
PAGE = 100


@rule("sns", "Subscribe")
def subscribe(call: Call) -> Response:
    """Confirmed at once where the caller owns the queue; else pending, with a token sent to the endpoint.

    API_Subscribe.html (ReturnSubscriptionArn; an equal subscription is returned) and SNS developer guide, "Sending
    Amazon SNS messages to an Amazon SQS queue in a different account" (sns-send-message-to-sqs-cross-account.html).
    """
    topic = find_topic(call.params["TopicArn"])
    assert topic is not None  # the guard has refused otherwise
    protocol, endpoint = call.params.get("Protocol", ""), call.params.get("Endpoint", "")
    if protocol not in PROTOCOLS:
        raise AwsError("InvalidParameter", f"Invalid parameter: Does not support this protocol string: {protocol}")
    if protocol == "sqs" and (len(endpoint.split(":")) != 6 or endpoint.split(":")[2] != "sqs"):
        raise AwsError("InvalidParameter", "Invalid parameter: SQS endpoint ARN")
    backend = topic.sns_backend
    proven = _proven(call, protocol, endpoint)
    existing = _find(backend.subscriptions.values(), topic.arn, protocol, endpoint)
    made = existing or Subscription(call.account, topic, endpoint, protocol)
    if existing is None:
        made.attributes = {
            "SubscriptionArn": made.arn,
            "TopicArn": topic.arn,
            "Owner": call.account,
            "Protocol": protocol,
            "Endpoint": endpoint,
            "PendingConfirmation": not proven,
            "ConfirmationWasAuthenticated": proven,
            "RawMessageDelivery": False,
            "SubscriptionPrincipal": call.principal.identity_arn,
        }
        backend.subscriptions[made.arn] = made
        _set(call, backend, made)
    elif is_pending(made) and proven:
        made.owner = made.account_id = call.account
        made.attributes |= {"PendingConfirmation": False, "ConfirmationWasAuthenticated": True, "Owner": call.account}
    if is_pending(made) and protocol == "sqs":
        ask_for_confirmation(call.world, made)
    shown = not is_pending(made) or call.params.get("ReturnSubscriptionArn")
    return call.result(SubscriptionArn=made.arn if shown else "pending confirmation")


def _proven(call: Call, protocol: str, endpoint: str) -> bool:
    if protocol in ("sqs", "lambda"):
        return endpoint.split(":")[4] == call.account
    return protocol in ("sms", "application", "firehose")


def _find(held: Iterable[Subscription], topic: str, protocol: str, endpoint: str) -> Subscription | None:
    for one in held:
        same = (one.topic.arn, one.protocol, one.endpoint) == (topic, protocol, endpoint)
        if same and not getattr(one, "deleted", False):
            return one
    return None


def _set(call: Call, backend: Any, made: Subscription) -> None:
    attributes = dict(call.params.get("Attributes") or {})
    # moto judges the filter by the scope: the scope first
    for name in sorted(attributes, key=lambda name: name != "FilterPolicyScope"):
        value = attributes[name]
        value = value.lower() == "true" if name == "RawMessageDelivery" else value
        try:
            backend.set_subscription_attributes(made.arn, name, value)
        except Exception:
            del backend.subscriptions[made.arn]
            raise


@rule("sns", "ConfirmSubscription")
def confirm_subscription(call: Call) -> Response:
    """The token proves that the endpoint wants it (API_ConfirmSubscription.html)."""
    arn = call.world.tokens.get(call.params.get("Token", ""))
    found = _by_arn(arn) if arn else None
    if found is None or found.topic.arn != call.params.get("TopicArn"):
        raise AwsError("InvalidParameter", "Invalid parameter: Token")
    found.attributes |= {"PendingConfirmation": False, "ConfirmationWasAuthenticated": False}
    return call.result(SubscriptionArn=found.arn)


def _all(region: str) -> Iterator[Subscription]:
    for account in list(sns_backends):
        if region in sns_backends[account]:
            yield from list(sns_backends[account][region].subscriptions.values())


def _by_arn(arn: str) -> Subscription | None:
    parts = arn.split(":")
    return next((one for one in _all(parts[3]) if one.arn == arn), None) if len(parts) == 7 else None


def _shown(one: Subscription) -> dict[str, str]:
    arn = "Deleted" if getattr(one, "deleted", False) else "PendingConfirmation" if is_pending(one) else one.arn
    members = {"SubscriptionArn": arn, "Owner": one.owner, "Protocol": one.protocol}
    return members | {"Endpoint": one.endpoint, "TopicArn": one.topic.arn}


def _pages(call: Call, found: list[Subscription]) -> Response:
    token = call.params.get("NextToken") or "0"
    if not token.isdigit():
        raise AwsError("InvalidParameter", "Invalid parameter: NextToken")
    start = int(token)
    members: dict[str, Any] = {"Subscriptions": [_shown(one) for one in found[start : start + PAGE]]}
    if start + PAGE < len(found):
        members["NextToken"] = str(start + PAGE)
    return call.result(**members)


@rule("sns", "ListSubscriptions")
def list_subscriptions(call: Call) -> Response:
    """The requester's own subscriptions, to whosever topics (API_ListSubscriptions.html)."""
    return _pages(call, [one for one in _all(call.region) if one.owner == call.account])


@rule("sns", "ListSubscriptionsByTopic")
def list_subscriptions_by_topic(call: Call) -> Response:
    """All subscriptions of a topic, whoever owns them (API_ListSubscriptionsByTopic.html)."""
    topic = find_topic(call.params["TopicArn"])
    assert topic is not None  # the guard has refused otherwise
    return _pages(call, [one for one in topic.sns_backend.subscriptions.values() if one.topic is topic])


@rule("sns", "GetSubscriptionAttributes", "SetSubscriptionAttributes")
def subscription_attributes(call: Call) -> Response:
    """For the owner of the subscription alone (API_GetSubscriptionAttributes.html: AuthorizationError)."""
    found = _by_arn(call.params.get("SubscriptionArn", ""))
    if found is None or getattr(found, "deleted", False):
        raise AwsError("NotFound", "Subscription does not exist", 404)
    if found.owner != call.account:
        raise not_allowed(call, call.operation, found.topic.arn)
    return call.forward(found.topic.account_id)


@rule("sns", "Unsubscribe")
def unsubscribe(call: Call) -> Response:
    """For the subscription's owner and the topic's; by the latter it stays listed as Deleted (API_Unsubscribe.html).

    A pending subscription cannot be deleted: it goes by itself (sns-delete-subscription-topic.html).
    """
    found = _by_arn(call.params.get("SubscriptionArn", ""))
    if found is None:
        return call.result()
    if call.account not in (found.owner, found.topic.account_id):
        raise not_allowed(call, "Unsubscribe", found.topic.arn)
    if is_pending(found):
        text = "Invalid parameter: SubscriptionArn Reason: This subscription is pending confirmation"
        raise AwsError("InvalidParameter", text)
    if call.account == found.owner:
        found.topic.sns_backend.subscriptions.pop(found.arn, None)
    else:
        found.deleted = True  # type: ignore[attr-defined]
    return call.result()
