"""From a topic to its subscribers' queues, in other accounts and regions too.

SNS developer guide: "Fanout to Amazon SQS queues" (sns-sqs-as-subscriber.html), "Sending Amazon SNS messages to an
Amazon SQS queue in a different account" (sns-send-message-to-sqs-cross-account.html) and "... in a different Region"
(sns-cross-region-delivery.html). moto would sign each message with a new RSA key and look in one account only.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from moto.sns.models import Subscription, Topic

from emulator import queues, sns_metrics
from emulator.identity import organization_id
from emulator.ledger import timestamp
from emulator.policy import Principal
from emulator.regions import OPT_IN_REGIONS
from emulator.world import World


def install(world: World) -> None:
    """Lets moto's Publish, of whatever origin, deliver by these rules."""

    def publish(subscription: Subscription, message: str, message_id: str, **options: Any) -> None:
        deliver(world, subscription, message, message_id, **options)

    Subscription.publish = publish  # type: ignore[method-assign,assignment]


def service_principals(topic_region: str, queue_region: str) -> list[str]:
    """As whom SNS sends: regional where one of two regions is opt-in; none between two opt-in regions."""
    opt_in = [region for region in (topic_region, queue_region) if region in OPT_IN_REGIONS]
    if topic_region == queue_region or not opt_in:
        return ["sns.amazonaws.com"]
    return [f"sns.{opt_in[0]}.amazonaws.com"] if len(opt_in) == 1 else []


def deliver(
    world: World,
    subscription: Subscription,
    message: str,
    message_id: str,
    subject: str | None = None,
    message_attributes: dict[str, Any] | None = None,
    group_id: str | None = None,
    deduplication_id: str | None = None,
    message_structure: str | None = None,
) -> None:
    """Delivers to a confirmed queue whose policy admits it; anything else is dropped, as AWS does."""
    if subscription.protocol != "sqs" or is_pending(subscription) or getattr(subscription, "deleted", False):
        return
    matcher = subscription._filter_policy_matcher
    if matcher is not None and not matcher.matches(message_attributes, message):
        return
    if message_structure == "json":
        message = subscription._parse_message_structure(message, subscription.protocol)
    options = {"group_id": group_id, "deduplication_id": deduplication_id}
    if subscription.attributes.get("RawMessageDelivery") in (True, "true"):
        raw = {name: _raw(value) for name, value in (message_attributes or {}).items()}
        _send(world, subscription, message, raw, **options)
        return
    content: dict[str, Any] = {
        "Type": "Notification",
        "MessageId": message_id,
        "TopicArn": subscription.topic.arn,
        "Message": message,
        "Timestamp": timestamp(),
        "SignatureVersion": "1",
        "Signature": "not-signed-by-the-emulator",
        "UnsubscribeURL": f"https://sns.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={subscription.arn}",
    }
    if subject:
        content["Subject"] = subject
    if message_attributes:
        content["MessageAttributes"] = message_attributes
    _send(world, subscription, json.dumps(content, indent=2), None, **options)


def _raw(value: dict[str, Any]) -> dict[str, Any]:
    kind = "BinaryValue" if value["Type"].startswith("Binary") else "StringValue"
    return {"DataType": value["Type"], kind: value["Value"]}


def is_pending(subscription: Subscription) -> bool:
    return subscription.attributes.get("PendingConfirmation") in (True, "true")


def ask_for_confirmation(world: World, subscription: Subscription) -> str:
    """Sends the token to the queue, if its policy admits SNS; returns it (valid until it is used)."""
    token = uuid.uuid4().hex + uuid.uuid4().hex
    world.tokens[token] = subscription.arn
    arn = subscription.topic.arn
    content = {
        "Type": "SubscriptionConfirmation",
        "MessageId": str(uuid.uuid4()),
        "Token": token,
        "TopicArn": arn,
        "Message": f"You have chosen to subscribe to the topic {arn}; confirm it with the token or the URL.",
        "SubscribeURL": f"https://sns.amazonaws.com/?Action=ConfirmSubscription&TopicArn={arn}&Token={token}",
        "Timestamp": timestamp(),
        "SignatureVersion": "1",
        "Signature": "not-signed-by-the-emulator",
    }
    _to_queue(world, subscription.topic, subscription.endpoint, json.dumps(content, indent=2), None)
    return token


def _send(
    world: World, subscription: Subscription, body: str, attributes: dict[str, Any] | None, **options: Any
) -> None:
    topic = subscription.topic
    delivered = _to_queue(world, topic, subscription.endpoint, body, attributes, **options)
    sns_metrics.count(topic, sns_metrics.DELIVERED if delivered else sns_metrics.FAILED)


def _to_queue(
    world: World, topic: Topic, endpoint: str, body: str, attributes: dict[str, Any] | None, **options: Any
) -> bool:
    queue = queues.find_queue(endpoint)
    if queue is None:
        return False
    context = {
        "aws:SourceArn": topic.arn,
        "aws:SourceAccount": topic.account_id,
        "aws:SourceOrgID": organization_id(topic.account_id),
        "aws:PrincipalIsAWSService": "true",
        "aws:SecureTransport": "true",
    }
    for service in service_principals(topic.arn.split(":")[3], queue.region):
        principal = Principal(service=service)
        if queues.admits(world, queue, principal, context) and queues.can_encrypt(queue, principal, context):
            queues.put(queue, body, attributes, **options)
            return True
    return False
