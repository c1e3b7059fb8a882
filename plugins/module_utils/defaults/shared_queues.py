# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The provider's side: what the managed accounts' topics and rules deliver to (B17)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import naming, policies
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccountsError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import (
    AccountDefault,
    Observed,
    Skip,
    State,
    Target,
)

SIDS = ("RackspaceTopics", "RackspaceDispatcher")
MAX_POLICY = 8192  # bytes; SQS Developer Guide, "Amazon SQS policy quotas"
MANAGED: naming.Spec = {
    "managed_account_ids": {"type": "list", "elements": "str", "required": True},
    "remove_accounts": {"type": "bool", "default": False},
}
QUEUE_PERMISSIONS = (
    "sqs:GetQueueUrl",
    "sqs:GetQueueAttributes",
    "sqs:SetQueueAttributes",
    "sqs:CreateQueue",
    "sqs:TagQueue",
)


def check_removed(target: Target, seen: Observed) -> None:
    """Raise where accounts that are admitted now would be cut off, unless that is asked for.

    An inventory of some accounts looks like one from which all others have gone.
    """
    before = set(re.findall(r"(?<!\d)\d{12}(?!\d)", json.dumps(_conditions((seen.state or {}).get("policy", [])))))
    gone = sorted(before - set(target.options["managed_account_ids"]))
    if gone and not target.options["remove_accounts"]:
        raise AccountsError(
            f"accounts {', '.join(gone)} are admitted now and are not in managed_account_ids, so their signals would "
            "be dropped; run with the inventory of all accounts, or, where these have left, say "
            "provider_queues_remove_accounts: true (option remove_accounts)"
        )


def _conditions(statements: list[Mapping[str, Any]]) -> list[Any]:
    return [statement.get("Condition", {}) for statement in statements]


class Queue:
    """A queue of the shared account with one policy statement of ours; other statements stay."""

    def __init__(self, target: Target, name: str) -> None:
        self.sqs = target.client("sqs")
        self.name = name
        self.arn = target.arn("sqs", name)
        self.tags = {tag["Key"]: tag["Value"] for tag in naming.tag_list(target.options)}

    def observe(self) -> Observed:
        """Return our statement on the queue."""
        url = naming.found(
            self.sqs.get_queue_url,
            "AWS.SimpleQueueService.NonExistentQueue",
            "QueueDoesNotExist",
            QueueName=self.name,
        )
        if url is None:
            return Observed()
        answer = self.sqs.get_queue_attributes(QueueUrl=url["QueueUrl"], AttributeNames=["Policy"])
        policy = answer.get("Attributes", {}).get("Policy")
        findings = policies.foreign_findings(policy, SIDS, f"queue {self.arn}")
        state = {"arn": self.arn, "policy": policies.own(policy, SIDS)}
        return Observed(state, findings=findings, raw={"url": url["QueueUrl"], "policy": policy})

    def put(self, seen: Observed, statement: Mapping[str, Any]) -> None:
        """Create the queue with its policy, or replace our statement in it."""
        policy = json.dumps(policies.merge((seen.raw or {}).get("policy"), [dict(statement)], SIDS))
        if len(policy) > MAX_POLICY:
            raise AccountsError(
                f"the policy of queue {self.name} would have {len(policy)} bytes and SQS takes {MAX_POLICY}; "
                "set provider_queues_admit_by (option admit_by): source_account, which needs less room, or serve some "
                "of the accounts from queues of other names (provider_queues)"
            )
        if seen.state is None:
            self.sqs.create_queue(QueueName=self.name, Attributes={"Policy": policy}, tags=self.tags)
        else:
            self.sqs.set_queue_attributes(QueueUrl=seen.raw["url"], Attributes={"Policy": policy})


class SharedQueue(AccountDefault):
    """A queue in every region, which admits the managed accounts' topics of its purpose and nobody else.

    Source: SNS Developer Guide, "Cross-Region delivery" (principals of opt-in regions).
    """

    service = "sqs"
    section = "shared_services"
    requirement = "B17"
    regional = True
    purpose: str
    options = {
        **MANAGED,
        **naming.QUEUES,
        **naming.TOPICS,
        "admit_by": {"type": "str", "choices": ["source_arn", "source_account"], "default": "source_arn"},
    }
    permissions = QUEUE_PERMISSIONS
    not_yet = (
        "AWS.SimpleQueueService.QueueDeletedRecently",
        "QueueDeletedRecently",
        "AWS.SimpleQueueService.NonExistentQueue",
        "QueueDoesNotExist",
    )

    def observe(self, target: Target) -> Observed:
        """Return the queue and our statement in its policy."""
        return self._queue(target).observe()

    def desired(self, target: Target, seen: Observed) -> State | Skip:
        """Return the queue, or by which region it is replaced."""
        served = target.options["queue_regions"].get(target.region)
        if served and served != target.region:
            return Skip(f"topics of {target.region} are served by the queue in {served}")
        check_removed(target, seen)
        return {"arn": self._queue(target).arn, "policy": policies.own({"Statement": [self._statement(target)]}, SIDS)}

    def put(self, target: Target, seen: Observed, after: State) -> State | None:
        """Create the queue, or replace our statement."""
        self._queue(target).put(seen, self._statement(target))
        return None

    def _queue(self, target: Target) -> Queue:
        return Queue(target, target.options["queue_names"][self.purpose])

    def _statement(self, target: Target) -> dict[str, Any]:
        names = [
            target.options["topic_names"][topic]
            for topic, purpose in naming.TOPIC_PURPOSES.items()
            if purpose == self.purpose
        ]
        return {
            "Sid": "RackspaceTopics",
            "Effect": "Allow",
            "Principal": {"Service": self._publishers(target)},
            "Action": "sqs:SendMessage",
            "Resource": self._queue(target).arn,
            "Condition": self._condition(target, names),
        }

    @staticmethod
    def _condition(target: Target, names: list[str]) -> dict[str, Any]:
        """Return what confines SNS to the managed accounts' topics of these names."""
        accounts = sorted(set(target.options["managed_account_ids"]))
        # topics whose names begin alike share one pattern: a policy has room for few
        first = [name for name in names if not any(name != other and name.startswith(other) for other in names)]
        alike = [f"{name}*" if any(n != name and n.startswith(name) for n in names) else name for name in first]
        partition = target.account.partition
        if target.options["admit_by"] == "source_account":
            return {
                "StringEquals": {"aws:SourceAccount": accounts},
                "ArnLike": {"aws:SourceArn": [f"arn:{partition}:sns:*:*:{name}" for name in alike]},
            }
        arns = [f"arn:{partition}:sns:*:{account}:{name}" for account in accounts for name in alike]
        return {"ArnLike": {"aws:SourceArn": arns}}

    def _publishers(self, target: Target) -> list[str]:
        """Return SNS's principals; a delivery between an opt-in and another region comes from the opt-in region's."""
        always_on = {region.name for region in target.account.enabled if not region.opt_in}
        sources = [
            source for source, region in target.options["queue_regions"].items() if region == target.region != source
        ]
        if sources and not always_on:
            raise AccountsError(
                f"whether {', '.join(sources)} is an opt-in region cannot be read, and SNS's principal depends on it; "
                "grant account:ListRegions in the provider's account"
            )
        opt_in = {region for region in sources if region not in always_on}
        if target.region not in always_on and sources:
            if opt_in:
                raise AccountsError(
                    f"provider_queue_regions sends {', '.join(sorted(opt_in))} to {target.region}; SNS does not "
                    "deliver from one opt-in region to another: name a region that is enabled by default"
                )
            opt_in = {target.region}
        return ["sns.amazonaws.com", *(f"sns.{region}.amazonaws.com" for region in sorted(opt_in))]


class CloudTrailQueue(SharedQueue):
    """The queue of the CloudTrail topics; read by Logbook."""

    name = "cloudtrail_queue"
    title = "Queue of the CloudTrail topics"
    purpose = "cloudtrail"


class ConfigQueue(SharedQueue):
    """The queue of the AWS Config topics."""

    name = "awsconfig_queue"
    title = "Queue of the AWS Config topics"
    purpose = "awsconfig"


class SupportQueue(SharedQueue):
    """The queue of the support topics; read by Watchman."""

    name = "support_queue"
    title = "Queue of the support topics"
    purpose = "support"


class DispatcherTarget(AccountDefault):
    """The queue or event bus that the accounts' dispatcher rules deliver to, by their dispatcher role only.

    Source: EventBridge User Guide, "Cross-account targets".
    """

    name = "dispatcher_target"
    service = "events"
    title = "Target of the dispatcher rules"
    section = "shared_services"
    requirement = "B17"
    options = {**MANAGED, **naming.DISPATCHER}
    permissions = (
        *QUEUE_PERMISSIONS,
        "events:DescribeEventBus",
        "events:CreateEventBus",
        "events:PutPermission",
        "events:TagResource",
    )
    not_yet = SharedQueue.not_yet

    def region(self, options: Mapping[str, Any]) -> str:
        """Return the region of the accounts' rules: EventBridge delivers within a region."""
        return str(options["events_region"])

    def observe(self, target: Target) -> Observed:
        """Return the queue or bus with our statement in its policy."""
        service, name = self._service_and_name(target)
        if service == "sqs":
            return Queue(target, name).observe()
        events = target.client("events")
        bus = naming.found(events.describe_event_bus, "ResourceNotFoundException", Name=name)
        if bus is None:
            return Observed()
        policy = bus.get("Policy")
        findings = policies.foreign_findings(policy, SIDS, f"event bus {name}")
        return Observed({"arn": self._arn(target), "policy": policies.own(policy, SIDS)}, findings=findings, raw=policy)

    def desired(self, target: Target, seen: Observed) -> State | Skip:
        """Return the target, or a skip where it is not in the provider's account and region."""
        arn = self._arn(target)
        region, account = arn.split(":")[3:5]
        if (region, account) != (target.region, target.account.id):
            place = f"{target.region} of the provider's account"
            return Skip(f"{arn} is not in {place}: whoever owns it admits the accounts")
        check_removed(target, seen)
        return {"arn": arn, "policy": policies.own({"Statement": [self._statement(target)]}, SIDS)}

    def put(self, target: Target, seen: Observed, after: State) -> State | None:
        """Create the queue or bus, and admit the managed accounts' dispatcher roles."""
        service, name = self._service_and_name(target)
        if service == "sqs":
            Queue(target, name).put(seen, self._statement(target))
            return None
        events = target.client("events")
        if seen.state is None:
            events.create_event_bus(Name=name, Tags=naming.tag_list(target.options))
        policy = policies.merge(seen.raw, [self._statement(target)], SIDS)
        events.put_permission(EventBusName=name, Policy=json.dumps(policy))
        return None

    @staticmethod
    def _arn(target: Target) -> str:
        return naming.dispatcher_target_arn(target.options, target.account.partition)

    def _service_and_name(self, target: Target) -> tuple[str, str]:
        parts = self._arn(target).split(":")
        return parts[2], parts[5].split("/")[-1]

    def _statement(self, target: Target) -> dict[str, Any]:
        service = self._service_and_name(target)[0]
        role = f"arn:{target.account.partition}:iam::*:role/{target.options['dispatcher_name']}"
        return {
            "Sid": "RackspaceDispatcher",
            "Effect": "Allow",
            # a policy naming roles that do not exist yet would be refused: the condition names them
            "Principal": {"AWS": "*"},
            "Action": "sqs:SendMessage" if service == "sqs" else "events:PutEvents",
            "Resource": self._arn(target),
            "Condition": {
                "StringEquals": {"aws:PrincipalAccount": sorted(set(target.options["managed_account_ids"]))},
                "ArnLike": {"aws:PrincipalArn": role},
            },
        }


PROVIDER_SIDE: tuple[AccountDefault, ...] = (CloudTrailQueue(), ConfigQueue(), SupportQueue(), DispatcherTarget())
