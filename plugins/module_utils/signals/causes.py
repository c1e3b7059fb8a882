# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Why a marked message did not arrive: the pieces of its path, each read only now."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import naming
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.topics import PENDING
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import describe_error
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Account, Memory, StopFlag
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.session import Access
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signals import admission, counted, marker
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signals import paths as signal_paths
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signals.arrivals import ABSENT
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signals.paths import Path, settle
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.tables import in_words

RIGHT, WRONG, UNKNOWN, SKIPPED = "right", "wrong", "unknown", "skipped"
SHARED_SERVICES = "run playbooks/shared_services.yml with the inventory of all accounts"
ONBOARD = "run playbooks/onboard.yml"
#: AWS's own key of SQS, whose policy nobody can change and which SNS may not use
#: Source: SNS Developer Guide, "Configuring Amazon SNS topic encryption with encrypted Amazon SQS queue subscription"
OWN_KEY = "alias/aws/sqs"
KEY_ACTIONS = ("kms:GenerateDataKey", "kms:Decrypt")

Piece = dict[str, str]


def piece(name: str, state: str, detail: str) -> Piece:
    """Return what was found of one piece of a path."""
    return {"piece": name, "state": state, "detail": detail}


def queue_of(path: Path) -> str:
    """Return how a message names a path's queue; the region only where it is not the topic's, which is told beside."""
    region, account, name = path["queue_arn"].split(":")[3:6]
    return f"queue {name} of account {account}" + ("" if region == path["region"] else f" in {region}")


def topic_of(path: Path) -> str:
    """Return how a message names a path's topic."""
    return f"topic {path['topic_arn'].rsplit(':', 1)[-1]}"


class Explanation:
    """Explains the paths of one account that were not seen to arrive."""

    def __init__(
        self,
        account: Account,
        access: Access,
        params: Mapping[str, Any],
        queues: Iterable[Mapping[str, Any]],
        stop: StopFlag,
    ) -> None:
        self._account, self._access, self._params, self._stop = account, access, params, stop
        self._looks = {queue["queue_arn"]: queue for queue in queues}
        self._memories: dict[str, Memory] = {}

    def explain(self, found: Iterable[Path]) -> None:
        """Set the state of each path, with the pieces that were looked at, in threads over regions."""
        by_region: dict[str, list[Path]] = {}
        for path in found:
            by_region.setdefault(path["region"], []).append(path)
        signal_paths.in_threads(self._explain_in_region, by_region.values(), self._stop)

    def _explain_in_region(self, found: list[Path]) -> None:
        open_, subscribers = [], {}
        for path in found:
            try:
                pieces, confirmed = self._pieces(path)
            except Exception as error:  # one path that cannot be explained hides no other (G5)
                path["pieces"] = [piece("path", UNKNOWN, told_by(error))]
                settle(path, signal_paths.NOT_SEEN, self._not_seen(path), error, cause="unknown")
                continue
            path["pieces"] = pieces
            wrong = next((one for one in pieces if one["state"] == WRONG), None)
            if wrong:
                settle(path, signal_paths.NOT_ARRIVED, wrong["detail"], cause=wrong["piece"])
            else:
                open_.append(path)
                subscribers[path["marker"]] = confirmed
        if open_:
            self._count(open_, subscribers)

    def _count(self, found: list[Path], subscribers: Mapping[str, int]) -> None:
        """Ask what SNS counted of paths whose pieces are all right."""
        region, timeout = found[0]["region"], self._params["metrics_timeout"]
        sums: dict[str, dict[str, int]] = {}
        nothing = piece("metrics", SKIPPED, "not asked: metrics_timeout is 0")
        if timeout:
            try:
                sums = counted.counted(
                    self._access.client("cloudwatch", region), found, subscribers, timeout, self._stop
                )
            except Exception as error:
                nothing = piece("metrics", UNKNOWN, told_by(error))
        for path in found:
            self._settle_by_count(path, sums.get(path["marker"]), subscribers[path["marker"]], nothing)

    def _settle_by_count(self, path: Path, sums: Mapping[str, int] | None, subscribers: int, nothing: Piece) -> None:
        verdict = None if sums is None else counted.verdict(sums, subscribers)
        if sums is None:
            path["pieces"].append(nothing)
        else:
            told = (
                f"since the minute of the publication SNS counted {sums[counted.PUBLISHED]} published, "
                f"{sums[counted.DELIVERED]} delivered and {sums[counted.FAILED]} failed"
            )
            state = {True: RIGHT, False: WRONG, None: UNKNOWN}[verdict]
            path["pieces"].append(piece("metrics", state, told))
        if verdict:
            how = self._looked(path) or "a reader of the queue was quicker"
            why = f"not seen in the queue, but SNS counted its delivery: {how}"
            settle(path, signal_paths.DELIVERED, why)
        elif verdict is False:
            why = f"SNS could not deliver: {path['pieces'][-1]['detail']}"
            settle(path, signal_paths.NOT_ARRIVED, why, cause="metrics")
        else:
            settle(path, signal_paths.NOT_SEEN, self._not_seen(path), cause="reader")

    def _looked(self, path: Path) -> str:
        """Say why the queue was not looked into, or no longer; "" where it was, to the end."""
        look = self._looks.get(path["queue_arn"], {})
        if look.get("reason"):
            return f"the queue was {look['reason']}"
        return f"the queue could not be looked into: {look['error']['message']}" if look.get("error") else ""

    def _not_seen(self, path: Path) -> str:
        """Say what is likely where nothing wrong was found: that is no proof that something is."""
        unread = [one["detail"] for one in path["pieces"] if one["state"] == UNKNOWN and one["piece"] != "metrics"]
        likely = [self._looked(path), "a reader of the queue took it first, or it comes later", *unread]
        return f"not seen, and nothing wrong was found: {'; '.join(filter(None, likely))}"

    def _pieces(self, path: Path) -> tuple[list[Piece], int]:
        """Return the pieces of a path from the topic to the queue, and how many subscriptions are confirmed."""
        held = signal_paths.subscriptions(self._access.client("sns", path["region"]), path["topic_arn"])
        if held is None:
            return [piece("topic", WRONG, f"{topic_of(path)} does not exist; {ONBOARD}")], 0
        ours = [one for one in held if (one["Protocol"], one["Endpoint"]) == ("sqs", path["queue_arn"])]
        confirmed = [one for one in ours if one["SubscriptionArn"] not in PENDING]
        pieces = [
            piece("topic", RIGHT, "it exists"),
            _subscription(path, held, ours, bool(confirmed)),
            *self._queue_pieces(path),
        ]
        if confirmed:
            pieces.append(self._unread("filter_policy", lambda: self._filter(path, confirmed[0])))
        return pieces, sum(one["SubscriptionArn"] not in PENDING for one in held)

    def _queue_pieces(self, path: Path) -> list[Piece]:
        arn = path["queue_arn"]
        # the queue of a region serves several topics, and of some regions several regions
        memory = self._memories.setdefault(arn, Memory())
        try:
            attributes = memory.once("attributes", lambda: self._queue(arn))
        except Exception as error:
            return [piece("queue", UNKNOWN, told_by(error))]
        if attributes is None:
            return [piece("queue", WRONG, f"{queue_of(path)} does not exist; {SHARED_SERVICES}")]
        found = [piece("queue", RIGHT, "it exists"), self._queue_policy(path, attributes.get("Policy"))]
        key = attributes.get("KmsMasterKeyId")
        if key:
            found.append(self._unread("queue_key", lambda: memory.once("key", lambda: self._key(path, key))))
        return found

    def _queue(self, arn: str) -> dict[str, str] | None:
        region, account, name = arn.split(":")[3:6]
        sqs = self._access.provider_client("sqs", region)
        answer = naming.found(sqs.get_queue_url, *ABSENT, QueueName=name, QueueOwnerAWSAccountId=account)
        if answer is None:
            return None
        names = ["Policy", "KmsMasterKeyId"]
        found = sqs.get_queue_attributes(QueueUrl=answer["QueueUrl"], AttributeNames=names)
        return dict(found.get("Attributes", {}))

    def _queue_policy(self, path: Path, policy: str | None) -> Piece:
        """Tell whether the queue's policy admits what SNS sends for the topic (sns-cross-region-delivery)."""
        services = self._publishers(path["region"], path["queue_arn"].split(":")[3])
        if not services:
            why = "SNS does not deliver from one opt-in region to another; name another one in provider_queue_regions"
            return piece("opt_in", WRONG, why)

        def sent_by(service: str) -> admission.Request:
            return self._request(path, "sqs:SendMessage", path["queue_arn"], service)

        answers = {service: admission.decide(policy, sent_by(service)) for service in services}
        if all(answer == admission.ALLOWED for answer in answers.values()):
            return piece("queue_policy", RIGHT, f"it admits the topic by {', '.join(answers)}")
        refused = [
            service for service, answer in answers.items() if answer in (admission.DENIED, admission.NOT_ALLOWED)
        ]
        if len(refused) < len(answers):
            why = "whether it admits the topic cannot be told: it has conditions that only AWS can judge"
            return piece("queue_policy", UNKNOWN, why)
        for service in refused:
            if answers[service] == admission.DENIED:
                by = admission.denied_by(policy, sent_by(service))
                why = f"a statement of the queue's policy denies it ({by}); take it out, shared_services.yml leaves it"
                return piece("queue_policy", WRONG, f"{queue_of(path)} does not admit {topic_of(path)}: {why}")
        name = refused[0]
        if name != admission.SNS and admission.decide(policy, sent_by(admission.SNS)) == admission.ALLOWED:
            why = f"it admits sns.amazonaws.com, and from or to an opt-in region SNS comes as {name}; {SHARED_SERVICES}"
            return piece("opt_in", WRONG, f"the policy of {queue_of(path)}: {why}")
        why = f"the policy of {queue_of(path)} does not admit {topic_of(path)} by {name}; {SHARED_SERVICES}"
        return piece("queue_policy", WRONG, why)

    def _publishers(self, topic_region: str, queue_region: str) -> list[str]:
        """Return as whom SNS may deliver; [] between two opt-in regions, several where it cannot be known."""
        if topic_region == queue_region:
            return [admission.SNS]
        opt_in = {region.name: region.opt_in for region in self._account.enabled}
        regional = [f"sns.{region}.amazonaws.com" for region in (topic_region, queue_region)]
        known = [opt_in.get(region) for region in (topic_region, queue_region)]
        if known == [True, True]:
            return []
        if True in known:
            return [regional[known.index(True)]]
        return [admission.SNS] if None not in known else [admission.SNS, *regional]

    def _request(self, path: Path, action: str, resource: str, service: str = admission.SNS) -> admission.Request:
        return admission.of_topic(path["topic_arn"], self._account.id, action, resource, service)

    def _key(self, path: Path, key: str) -> Piece:
        """Tell whether SNS may use the key with which the queue is encrypted."""
        if key.endswith(OWN_KEY):
            why = f"it is {OWN_KEY}, which SNS cannot use; encrypt the queue with SQS's own keys or one of yours"
            return piece("queue_key", WRONG, f"the key of {queue_of(path)}: {why}")
        kms = self._access.provider_client("kms", path["queue_arn"].split(":")[3])
        found = kms.describe_key(KeyId=key)["KeyMetadata"]
        if not found.get("Enabled"):
            why = f"the key of {queue_of(path)} is {found.get('KeyState', 'disabled')}"
            return piece("queue_key", WRONG, why)
        policy = kms.get_key_policy(KeyId=found["KeyId"], PolicyName="default")["Policy"]
        answers = {
            action: admission.decide(policy, self._request(path, action, found["Arn"])) for action in KEY_ACTIONS
        }
        refused = [a for a, answer in answers.items() if answer in (admission.DENIED, admission.NOT_ALLOWED)]
        if refused:
            why = f"its policy does not give sns.amazonaws.com {', '.join(refused)}"
            return piece("queue_key", WRONG, f"the key of {queue_of(path)}: {why}")
        if admission.UNSURE in answers.values():
            return piece("queue_key", UNKNOWN, "whether its policy admits SNS cannot be told: only AWS can judge it")
        return piece("queue_key", RIGHT, "its policy admits SNS")

    def _filter(self, path: Path, subscription: Mapping[str, Any]) -> Piece:
        """Tell whether the subscription's filter policy lets the marked message through."""
        provider = subscription.get("Owner") == self._params["provider_account_id"]
        client = self._access.provider_client if provider else self._access.client
        sns = client("sns", path["region"])
        attributes = sns.get_subscription_attributes(SubscriptionArn=subscription["SubscriptionArn"])["Attributes"]
        policy = json.loads(attributes.get("FilterPolicy") or "{}")
        if not policy:
            return piece("filter_policy", RIGHT, "the subscription has none")
        if attributes.get("FilterPolicyScope", "MessageAttributes") == "MessageAttributes":
            # an attribute that a message does not have matches nothing but {"exists": false}
            needed = [n for n, rules in policy.items() if n != marker.ATTRIBUTE and {"exists": False} not in rules]
            if needed:
                why = f"the subscription's filter policy lets only messages with {', '.join(sorted(needed))} through"
                return piece("filter_policy", WRONG, why)
        return piece("filter_policy", UNKNOWN, "the subscription has one, and whether the message passes is not known")

    @staticmethod
    def _unread(name: str, look: Callable[[], Piece]) -> Piece:
        try:
            return look()
        except Exception as error:  # what cannot be read is no cause, and no proof either
            return piece(name, UNKNOWN, told_by(error))


def _subscription(path: Path, held: list[dict[str, Any]], ours: list[dict[str, Any]], confirmed: bool) -> Piece:
    if confirmed:
        return piece("subscription", RIGHT, "it is confirmed")
    if ours:
        state = "was deleted by somebody else" if ours[0]["SubscriptionArn"] == "Deleted" else "is pending"
        why = f"the subscription of {queue_of(path)} {state}: the queue's side must confirm one; {ONBOARD}"
        return piece("subscription", WRONG, why)
    instead = f", but {', '.join(sorted(one['Endpoint'] for one in held))}" if held else ""
    why = f"{topic_of(path)} is not subscribed by {queue_of(path)}{instead}; {ONBOARD}"
    return piece("subscription", WRONG, why)


def told_by(error: Exception) -> str:
    """Return what AWS answered, and what to do about it."""
    return in_words(describe_error(error))
