# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The six SNS topics of every region and their subscriptions to the shared queues (B7, B11, B13)."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import naming, policies
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import (
    REGION_DISABLED,
    AccountsError,
    error_code,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import (
    AccountDefault,
    Observed,
    Removed,
    Skip,
    State,
    Target,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.naming import tag_list
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signals import admission

SIDS = ("RackspaceSubscribe", "RackspacePublish")
PENDING = ("PendingConfirmation", "pending confirmation", "Deleted")


class Topic(AccountDefault):
    """A topic whose policy admits one AWS service and the provider's subscription, and nobody else.

    Source: SNS Developer Guide, "Sending Amazon SNS messages to an Amazon SQS queue in a different account".
    """

    service = "sns"
    regional = True
    on_release = "remove"
    not_yet = ("AuthorizationError", "NotFound")  # to the queue's owner, of a topic that was just made
    patient = False  # a pending subscription is confirmed by the queue's side, or never
    late = "the queue's side must confirm the subscription, within two days; run again then"
    key: str  # of the option topic_names
    publisher: str  # the service that publishes
    options = {
        **naming.TOPICS,
        **naming.QUEUES,
        "subscription_owner": {"type": "str", "choices": ["provider", "account"], "default": "provider"},
    }
    permissions = (
        "sns:ListTopics",
        "sns:GetTopicAttributes",
        "sns:SetTopicAttributes",
        "sns:CreateTopic",
        "sns:TagResource",
        "sns:ListTagsForResource",
        "sns:ListSubscriptionsByTopic",
        "sns:Subscribe",
    )
    provider_permissions = ("sns:Subscribe", "sqs:ListQueues", "sqs:GetQueueAttributes")
    removal_permissions = ("sns:DeleteTopic", "sns:Unsubscribe")
    provider_removal_permissions = ("sns:Unsubscribe",)

    def publisher_condition(self, target: Target) -> dict[str, Any]:
        """Return what confines the publishing service to this account's own resources."""
        return {"StringEquals": {"aws:SourceAccount": target.account.id}}

    def observe(self, target: Target) -> Observed:
        """Return our statements and our subscription; others' are counted, and never touched."""
        sns, arn = target.client("sns"), self._arn(target)
        if arn not in target.memory.once("topics", lambda: _topics(sns)):
            return Observed()
        attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
        policy = attributes.get("Policy")
        subscriptions = [
            subscription
            for page in sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
            for subscription in page["Subscriptions"]
        ]
        queue = naming.queue_arn(target, self._purpose)
        ours = [s["SubscriptionArn"] for s in subscriptions if (s["Protocol"], s["Endpoint"]) == ("sqs", queue)]
        ours.sort(key=lambda subscription: subscription in PENDING)  # a confirmed one beside a pending one counts
        others = sorted(s["Endpoint"] for s in subscriptions if not _is_providers(s["Endpoint"], target))
        subscription = _subscription(queue, ours[0] if ours else None)
        state = {"topic_arn": arn, "policy": policies.own(policy, SIDS), "subscription": subscription}
        foreign = self._foreign(target, arn, policy, subscriptions, others)
        findings = policies.foreign_findings(policy, SIDS, f"topic {arn}")
        findings += tuple(f"topic {arn} is also subscribed by {other}, which is not ours" for other in others)
        if attributes.get("KmsMasterKeyId"):
            findings += (f"topic {arn} is encrypted: {self.publisher} can publish only if the key's policy lets it",)
        raw = {"policy": policy, "subscriptions": subscriptions, "others": others}
        return Observed(state, foreign, findings, raw)

    def desired(self, target: Target, seen: Observed) -> State | Skip:
        """Return the topic with its confirmed subscription."""
        return {
            "topic_arn": self._arn(target),
            "policy": policies.own({"Statement": self._statements(target)}, SIDS),
            "subscription": _subscription(naming.queue_arn(target, self._purpose), "confirmed"),
        }

    def put(self, target: Target, seen: Observed, after: State) -> State | None:
        """Create the topic with its policy and our tag, or repair its policy; then subscribe the queue."""
        sns, arn = target.client("sns"), after["topic_arn"]
        before = seen.state or {}
        subscribe = before.get("subscription") != after["subscription"]
        policy = json.dumps(policies.merge((seen.raw or {}).get("policy"), self._statements(target), SIDS))
        if not before:
            name = target.options["topic_names"][self.key]
            sns.create_topic(Name=name, Attributes={"Policy": policy}, Tags=tag_list(target.options))
        elif before["policy"] != after["policy"]:
            sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
        if seen.foreign:
            sns.tag_resource(ResourceArn=arn, Tags=tag_list(target.options))
        confirmation = self._subscribe(target, arn) if subscribe else "confirmed"
        # AWS's answers prove each part: nothing is left to observe
        return {**after, "subscription": _subscription(after["subscription"]["endpoint"], confirmation)}

    def not_removable(self, target: Target, seen: Observed) -> str:
        """Say what of the topic is somebody else's: a subscription or whom its policy admits, whatever its tags say."""
        others, policy, arn = seen.raw["others"], seen.raw["policy"], self._arn(target)
        if others:
            return f"topic {arn} is subscribed by {', '.join(others)}"
        admitted = self._admitted(target, policy) | self._admitted_by_condition(target, policy)
        if admitted:
            return f"the policy of topic {arn} admits {', '.join(sorted(admitted))}"
        return seen.foreign

    def remains(self, target: Target, seen: Observed) -> State | Skip | None:
        """Return nothing, unless something of the account that was seen sends to the topic."""
        users = target.account.uses.get(self._arn(target))
        return Skip(f"kept: {', '.join(sorted(users))} sends to it") if users else None

    def resources(self, target: Target, seen: Observed) -> list[str]:
        """Return the topic and its confirmed subscriptions."""
        if seen.state is None:
            return []
        subscriptions = [s["SubscriptionArn"] for s in seen.raw["subscriptions"]]
        return [self._arn(target), *sorted(s for s in subscriptions if s not in PENDING)]

    def remove(self, target: Target, seen: Observed, after: State | None) -> Removed:
        """Unsubscribe the queues as their owner, then delete the topic.

        Unsubscribed by somebody else, a subscription would stay as "Deleted" for 72 hours.
        Source: SNS API Reference, Unsubscribe; SNS Developer Guide, "Deleting a subscription and topic".
        """
        for subscription in seen.raw["subscriptions"]:
            if subscription["SubscriptionArn"] not in PENDING:
                self._unsubscribe(target, subscription)
        target.client("sns").delete_topic(TopicArn=self._arn(target))
        return Removed(proven=True)  # SNS answers that it is gone, and also where it was gone before

    @staticmethod
    def _unsubscribe(target: Target, subscription: dict[str, Any]) -> None:
        arn, owner = subscription["SubscriptionArn"], subscription.get("Owner")
        if owner == target.options["provider_account_id"]:
            try:
                naming.found(target.provider_client("sns").unsubscribe, "NotFound", SubscriptionArn=arn)
                return
            except Exception as error:
                if error_code(error) not in REGION_DISABLED:
                    raise
        naming.found(target.client("sns").unsubscribe, "NotFound", SubscriptionArn=arn)

    @property
    def _purpose(self) -> str:
        return naming.TOPIC_PURPOSES[self.key]

    def _arn(self, target: Target) -> str:
        return target.arn("sns", target.options["topic_names"][self.key])

    def _foreign(self, target: Target, arn: str, policy: Any, subscriptions: list[Any], others: list[str]) -> str:
        """Say why the topic is not provably ours: its policy and subscriptions must name the provider, and only it."""
        provider = target.options["provider_account_id"]
        named = provider in json.dumps(policies.own(policy, SIDS)) or len(subscriptions) > len(others)
        admitted = self._admitted(target, policy)
        if named and not others and not admitted:
            return ""
        tags = target.client("sns").list_tags_for_resource(ResourceArn=arn)["Tags"]
        if naming.carries_our_tags(target.options, tags):
            return ""
        if others:
            return f"topic {arn} exists and is subscribed by {', '.join(others)}"
        if admitted:
            return f"topic {arn} exists and its policy admits {', '.join(sorted(admitted))}"
        return f"topic {arn} exists and nothing in it names the provider"

    @staticmethod
    def _admitted(target: Target, policy: Any) -> set[str]:
        """Return whom statements that are not ours admit, beside the account and the provider."""
        theirs = [statement for statement in policies.statements(policy) if statement.get("Sid") not in SIDS]
        # everybody is a finding of its own, and SNS's own first statement confines it to the account
        known = {target.account.id, target.options["provider_account_id"], "*"}
        return policies.principals({"Statement": theirs}) - known

    @staticmethod
    def _admitted_by_condition(target: Target, policy: Any) -> set[str]:
        """Return whom statements of others admit by naming everybody and then confining them."""
        known = {target.account.id, target.options["provider_account_id"]}
        found: set[str] = set()
        for statement in policies.statements(policy):
            if statement.get("Sid") in SIDS or "*" not in policies.principals({"Statement": [statement]}):
                continue
            values = {
                value for keys in statement.get("Condition", {}).values() for names in keys.values() for value in names
            }
            others = {value for value in values if not known & set(value.split(":"))}
            found |= others or (set() if values else {"everybody"})
        return found

    def check(self, target: Target) -> None:
        """Raise where the shared queue is missing or does not admit the topic: SNS would drop messages in silence."""
        options = target.options
        if options["subscription_owner"] != "provider":
            return
        region, name = naming.queue_region(options, target.region), options["queue_names"][self._purpose]
        sqs = target.provider_client("sqs", region)
        where = "" if region == target.region else f" in {region}"
        try:
            queues = target.memory.once("queues", lambda: _queues(sqs))
        except Exception as error:
            if error_code(error) not in REGION_DISABLED:
                raise
            queues = {}
        if name not in queues:
            raise AccountsError(
                f"queue {name} does not exist{where} in the provider's account {options['provider_account_id']}; run "
                "playbooks/shared_services.yml there, with the region enabled, or name in provider_queue_regions the "
                "region whose queue serves this one"
            )
        policy = target.memory.once(f"policy of {name}", lambda: _queue_policy(sqs, queues[name]))
        queue = f"queue {name}{where} in the provider's account {options['provider_account_id']}"
        if not policies.mentions(policy, target.account.id):
            raise AccountsError(
                f"{queue} does not admit this account's topics; run playbooks/shared_services.yml with the inventory "
                "of all accounts"
            )
        arn = naming.queue_arn(target, self._purpose)
        request = admission.of_topic(self._arn(target), target.account.id, "sqs:SendMessage", arn)
        if denied := admission.denied_by(policy, request):
            raise AccountsError(
                f"{queue} does not admit this topic: a statement of its policy denies it ({denied}); take that out, "
                "shared_services.yml leaves it"
            )

    def _subscribe(self, target: Target, arn: str) -> str:
        """Subscribe the queue, by default as its owner: that subscription needs no confirmation.

        Where the provider's account has not enabled the region, only the topic's owner can; the queue's side confirms.
        """
        # without ReturnSubscriptionArn an ARN in the answer means that the subscription is confirmed
        endpoint = {"TopicArn": arn, "Protocol": "sqs", "Endpoint": naming.queue_arn(target, self._purpose)}
        if target.options["subscription_owner"] == "provider":
            try:
                return str(target.provider_client("sns").subscribe(**endpoint)["SubscriptionArn"])
            except Exception as error:
                if error_code(error) not in REGION_DISABLED:
                    raise
        return str(target.client("sns").subscribe(**endpoint)["SubscriptionArn"])

    def _statements(self, target: Target) -> list[dict[str, Any]]:
        arn, account = self._arn(target), target.account
        provider = f"arn:{account.partition}:iam::{target.options['provider_account_id']}:root"
        return [
            {
                "Sid": "RackspacePublish",
                "Effect": "Allow",
                "Principal": {"Service": self.publisher},
                "Action": "sns:Publish",
                "Resource": arn,
                "Condition": self.publisher_condition(target),
            },
            {
                "Sid": "RackspaceSubscribe",
                "Effect": "Allow",
                "Principal": {"AWS": provider},
                "Action": "sns:Subscribe",
                "Resource": arn,
                "Condition": {
                    "StringEquals": {"sns:Protocol": "sqs", "sns:Endpoint": naming.queue_arn(target, self._purpose)}
                },
            },
        ]


class CloudTrailTopic(Topic):
    """Told of every log file that CloudTrail delivers; read by Logbook."""

    name = "cloudtrail_topic"
    title = "Topic of CloudTrail"
    section = "cloudtrail"
    requirement = "B7"
    key = "cloudtrail"
    publisher = "cloudtrail.amazonaws.com"
    options = {**Topic.options, **naming.TRAIL}

    def publisher_condition(self, target: Target) -> dict[str, Any]:
        """Return the trail of this region."""
        trail = target.arn("cloudtrail", f"trail/{target.options['trail_name']}")
        return {"ArnLike": {"aws:SourceArn": trail}}


class ConfigTopic(Topic):
    """Told of every change that AWS Config records."""

    name = "awsconfig_topic"
    title = "Topic of AWS Config"
    section = "config"
    requirement = "B11"
    required = False
    key = "awsconfig"
    publisher = "config.amazonaws.com"


class SupportTopic(Topic):
    """Turns CloudWatch alarms into tickets; read by Watchman."""

    name = "support_topic"
    title = "Topic for alarms"
    section = "support"
    requirement = "B13"
    key = "support"
    publisher = "cloudwatch.amazonaws.com"

    def publisher_condition(self, target: Target) -> dict[str, Any]:
        """Return the alarms of this account and region."""
        return {
            "ArnLike": {"aws:SourceArn": target.arn("cloudwatch", "alarm:*")},
            "StringEquals": {"aws:SourceAccount": target.account.id},
        }


class SupportStandardTopic(SupportTopic):
    """Alarms of standard urgency."""

    name = "support_standard_topic"
    title = "Topic for alarms, standard"
    key = "support_standard"


class SupportUrgentTopic(SupportTopic):
    """Alarms that are urgent."""

    name = "support_urgent_topic"
    title = "Topic for alarms, urgent"
    key = "support_urgent"


class SupportEmergencyTopic(SupportTopic):
    """Alarms that are emergencies."""

    name = "support_emergency_topic"
    title = "Topic for alarms, emergency"
    key = "support_emergency"


def _topics(sns: Any) -> set[str]:
    return {topic["TopicArn"] for page in sns.get_paginator("list_topics").paginate() for topic in page["Topics"]}


def _queues(sqs: Any) -> dict[str, str]:
    pages = sqs.get_paginator("list_queues").paginate(PaginationConfig={"PageSize": 1000})
    return {url.rsplit("/", 1)[-1]: url for page in pages for url in page.get("QueueUrls", [])}


def _queue_policy(sqs: Any, url: str) -> str:
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    return str(answer.get("Attributes", {}).get("Policy", ""))


def _is_providers(endpoint: str, target: Target) -> bool:
    """Tell whether a subscription's endpoint is a queue of the provider's account."""
    parts = endpoint.split(":")
    return len(parts) > 4 and parts[2] == "sqs" and parts[4] == target.options["provider_account_id"]


def _subscription(queue: str, arn: str | None) -> dict[str, Any]:
    """Return a subscription's state: confirmed, pending confirmation (which is drift), or absent."""
    state = "absent" if arn is None else "pending" if arn in PENDING else "confirmed"
    return {"protocol": "sqs", "endpoint": queue, "state": state}
