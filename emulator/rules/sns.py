"""SNS topics: policies, attributes that differ, topics of other accounts."""

from __future__ import annotations

import json
from typing import Any

from moto.sns.models import Topic, sns_backends

from emulator import sns_metrics
from emulator.call import Call
from emulator.documents_check import TOPIC, check_document
from emulator.identity import organization_id
from emulator.policy import as_list, evaluate, statements
from emulator.protocol import AwsError, Response
from emulator.rules import guard, rule
from emulator.sns_delivery import is_pending
from emulator.world import World

# What a topic's policy may grant (SNS developer guide, "Amazon SNS policy keys and actions",
# sns-access-policy-language-api-permissions-reference.html); a wildcard is out of scope as well.
SCOPE = {
    "sns:addpermission", "sns:deletetopic", "sns:getdataprotectionpolicy", "sns:gettopicattributes",
    "sns:listsubscriptionsbytopic", "sns:listtagsforresource", "sns:publish", "sns:putdataprotectionpolicy",
    "sns:receive", "sns:removepermission", "sns:settopicattributes", "sns:subscribe",
}  # fmt: skip


def find_topic(arn: str) -> Topic | None:
    parts = arn.split(":")
    if len(parts) != 6 or parts[4] not in sns_backends or parts[3] not in sns_backends[parts[4]]:
        return None
    return sns_backends[parts[4]][parts[3]].topics.get(arn)


def visible_policy(world: World, topic: Topic) -> Any:
    """A topic's policy as other services see it by now."""
    return world.visibility.seen("topic", topic.arn, topic.policy)


def not_allowed(call: Call, action: str, resource: str) -> AwsError:
    text = f"User: {call.principal.arn} is not authorized to perform: SNS:{action} on resource: {resource}"
    return AwsError(
        "AuthorizationError", f"{text} because no resource-based policy allows the SNS:{action} action", 403
    )


@guard("sns")
def access(call: Call) -> None:
    """A topic is used in its region; another account's topic only by its policy's leave; denials bind the owner too.

    SNS developer guide, "Amazon SNS access control use cases" (sns-access-policy-use-cases.html); condition keys
    sns:Protocol and sns:Endpoint (sns-using-identity-based-policies.html).
    """
    arn = call.params.get("TopicArn") or ""
    if not arn or call.operation == "ConfirmSubscription":
        return
    parts = arn.split(":")
    if len(parts) != 6 or parts[3] != call.region:
        raise AwsError("InvalidParameter", "Invalid parameter: TopicArn")
    topic = find_topic(arn)
    if topic is None:
        if call.operation == "DeleteTopic" and parts[4] == call.account:
            return
        raise AwsError("NotFound", "Topic does not exist", 404)
    context = {
        "aws:PrincipalArn": call.principal.identity_arn,
        "aws:PrincipalAccount": call.account,
        "aws:PrincipalOrgID": organization_id(call.account),
        "aws:SourceOwner": call.account,
        "aws:SecureTransport": "true",
        "sns:Protocol": call.params.get("Protocol"),
        "sns:Endpoint": call.params.get("Endpoint"),
    }
    decision = evaluate(topic.policy, call.principal, f"sns:{call.operation}", arn, context)
    if decision == "deny" or (topic.account_id != call.account and decision != "allow"):
        raise not_allowed(call, call.operation, arn)
    call.acts_in = topic.account_id


def check_policy(text: str, arn: str) -> None:
    """Refuses a topic's policy that AWS refuses (API_SetTopicAttributes.html: InvalidParameter)."""
    problem = check_document(text, TOPIC, [arn])
    actions = [str(a).lower() for entry in statements(text) for a in as_list(entry.get("Action"))]
    if not problem and any(action not in SCOPE for action in actions):
        problem = "Policy statement action out of service scope!"
    if problem:
        raise AwsError("InvalidParameter", f"Invalid parameter: Policy Error: {problem}")


@rule("sns", "SetTopicAttributes", "AddPermission", "RemovePermission")
def write_policy(call: Call) -> Response:
    arn = call.params["TopicArn"]
    if call.params.get("AttributeName") == "Policy":
        check_policy(call.params.get("AttributeValue") or "", arn)
    topic = find_topic(arn)
    before = topic.policy if topic else None
    response = call.forward()
    if response.ok and topic is not None:
        call.world.visibility.wrote("topic", arn, before, topic.policy)
    return response


@rule("sns", "CreateTopic")
def create_topic(call: Call) -> Response:
    """An existing topic is returned, unless attributes or tags differ from its own (API_CreateTopic.html)."""
    arn = f"arn:aws:sns:{call.region}:{call.account}:{call.params.get('Name', '')}"
    attributes = call.params.get("Attributes") or {}
    if attributes.get("Policy"):
        check_policy(attributes["Policy"], arn)
    topic = find_topic(arn)
    if topic is None:
        response = call.forward()
        made = find_topic(arn)
        if response.ok and made is not None:
            call.world.visibility.wrote("topic", arn, "{}", made.policy)
        return response
    if any(not _same(topic, name, value) for name, value in attributes.items()):
        text = "Invalid parameter: Attributes Reason: Topic already exists with different attributes"
        raise AwsError("InvalidParameter", text)
    tags = {tag["Key"]: tag["Value"] for tag in call.params.get("Tags") or []}
    if tags and tags != topic._tags:
        raise AwsError("InvalidParameter", "Invalid parameter: Tags Reason: Topic already exists with different tags")
    return call.forward()


def _same(topic: Topic, name: str, value: str) -> bool:
    if name == "Policy":
        return bool(json.loads(value) == json.loads(topic.policy))
    held = {
        "DisplayName": topic.display_name,
        "DeliveryPolicy": topic.delivery_policy,
        "KmsMasterKeyId": topic.kms_master_key_id,
        "FifoTopic": str(topic.fifo_topic).lower(),
    }
    return held.get(name, value) == value


@rule("sns", "GetTopicAttributes")
def get_topic_attributes(call: Call) -> Response:
    """The attributes that are set, with the numbers of subscriptions (API_GetTopicAttributes.html)."""
    topic = find_topic(call.params["TopicArn"])
    assert topic is not None  # the guard has refused otherwise
    subscriptions = [sub for sub in topic.sns_backend.subscriptions.values() if sub.topic is topic]
    deleted = sum(getattr(sub, "deleted", False) for sub in subscriptions)
    pending = sum(is_pending(sub) for sub in subscriptions)
    attributes = {
        "TopicArn": topic.arn,
        "Owner": topic.account_id,
        "Policy": topic.policy,
        "DisplayName": topic.display_name,
        "SubscriptionsConfirmed": str(len(subscriptions) - deleted - pending),
        "SubscriptionsPending": str(pending),
        "SubscriptionsDeleted": str(deleted),
        "EffectiveDeliveryPolicy": topic.effective_delivery_policy,
    }
    optional = {"DeliveryPolicy": topic.delivery_policy, "KmsMasterKeyId": topic.kms_master_key_id}
    attributes |= {name: value for name, value in optional.items() if value}
    if topic.fifo_topic:
        attributes["FifoTopic"] = "true"
        attributes["ContentBasedDeduplication"] = str(topic.content_based_deduplication).lower()
    return call.result(Attributes=attributes)


@rule("sns", "Publish")
def publish(call: Call) -> Response:
    """Counted, as CloudWatch shows it (sns-monitoring-using-cloudwatch.html)."""
    topic = find_topic(call.params.get("TopicArn") or call.params.get("TargetArn") or "")
    if topic is not None:
        sns_metrics.count(topic, sns_metrics.PUBLISHED)
    return call.forward()
