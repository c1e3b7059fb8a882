# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The paths of an account's signals: one for each topic and region, with what became of it; and their publication."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import naming
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.catalogue import ACCOUNT_DEFAULTS
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.topics import PENDING, Topic
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import (
    describe_error,
    error_code,
    is_denied_by_scp,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Account, Clients, StopFlag, Target
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signals import marker

DISPATCHER = "dispatcher"
#: signals that go through a topic, each with its account default
TOPICS = {default.key: default for default in ACCOUNT_DEFAULTS if isinstance(default, Topic)}
SIGNALS = (*TOPICS, DISPATCHER)
SENT = "sent"  #: published, and not looked for yet; it is in no result of a whole check
STATES = (
    *("arrived", "delivered", "in_place"),
    *("skipped", "untried"),
    *("not_arrived", "not_in_place", "not_seen", "unknown"),
)
ARRIVED, DELIVERED, IN_PLACE, SKIPPED, UNTRIED, NOT_ARRIVED, NOT_IN_PLACE, NOT_SEEN, UNKNOWN = STATES
BAD = (NOT_ARRIVED, NOT_IN_PLACE, NOT_SEEN, UNKNOWN)
MAX_THREADS = 32
#: codes with which Publish says that the topic's own key serves nobody
#: Source: SNS API Reference, Publish
KEY_IS_BROKEN = ("KMSDisabled", "KMSDisabledException", "KMSNotFound", "KMSNotFoundException", "KMSInvalidState")
TICKET = (
    "a marked message on a support topic becomes a ticket unless the reader of the queue filters the marker; where it "
    "does, say signal_check_marker_filtered: true (option marker_filtered)"
)

Path = dict[str, Any]


def paths(account: Account, clients: Clients, params: Mapping[str, Any]) -> list[tuple[Path, Target]]:
    """Return the paths of the wanted topics in the account's regions; the state of those that are left out is set."""
    wanted = params["signals"] or list(SIGNALS)
    found = []
    for region in account.regions:
        target = Target(account, region.name, clients, params, params["events_region"])
        for signal, default in TOPICS.items():
            if signal in wanted:
                path = {
                    "account_id": account.id,
                    "signal": signal,
                    "region": region.name,
                    "topic_arn": target.arn("sns", params["topic_names"][signal]),
                    "queue_arn": naming.queue_arn(target, naming.TOPIC_PURPOSES[signal]),
                }
                found.append((_left_out(path, default, params), target))
    return found


def _left_out(path: Path, default: Topic, params: Mapping[str, Any]) -> Path:
    disabled = params["defaults_disabled"]
    if default.name in disabled:
        settle(path, SKIPPED, f"{default.name} is switched off: {disabled[default.name] or 'no reason given'}")
    elif naming.TOPIC_PURPOSES[path["signal"]] == "support" and not params["marker_filtered"]:
        settle(path, SKIPPED, TICKET)
    return path


def settle(path: Path, state: str, reason: str = "", error: Exception | None = None, **more: Any) -> None:
    """Say what became of a path."""
    path["state"] = state
    if reason:
        path["reason"] = reason
    if error:
        path["error"] = describe_error(error)
    path.update(more)


def fail(path: Path, error: Exception) -> None:
    """Say that a path could not be tried, or looked at."""
    if is_denied_by_scp(error):
        settle(path, SKIPPED, f"a service control policy denies the region: {describe_error(error)['message']}")
    else:
        settle(path, UNKNOWN, error=error)


def publish(found: Iterable[tuple[Path, Target]], params: Mapping[str, Any], check_mode: bool, stop: StopFlag) -> None:
    """Publish a marked message on each path that is not left out, in threads over regions."""
    by_region: dict[str, list[tuple[Path, Target]]] = {}
    for path, target in found:
        if "state" not in path:
            by_region.setdefault(path["region"], []).append((path, target))

    def publish_in(group: list[tuple[Path, Target]]) -> None:
        for path, target in group:
            try:
                _publish(path, target, params, check_mode)
            except Exception as error:  # one path that cannot be tried hides no other (G5)
                fail(path, error)

    in_threads(publish_in, by_region.values(), stop)


def _publish(path: Path, target: Target, params: Mapping[str, Any], check_mode: bool) -> None:
    sns = target.client("sns")
    held = subscriptions(sns, path["topic_arn"])
    if held is None:
        name = path["topic_arn"].rsplit(":", 1)[-1]
        settle(path, NOT_ARRIVED, f"topic {name} does not exist; run playbooks/onboard.yml", cause="topic")
        return
    others = sorted(others_of(held, params["provider_account_id"]))
    if others and not params["allow_other_subscribers"]:
        settle(
            path,
            SKIPPED,
            f"{', '.join(others)} would get the marked message too; where they may, say "
            "signal_check_allow_other_subscribers: true (option allow_other_subscribers)",
        )
        return
    if check_mode:
        settle(path, UNTRIED)
        return
    path |= {"marker": marker.new_id(), "sent_at": now()}
    try:
        path["message_id"] = sns.publish(**marker.publication(path))["MessageId"]
    except Exception as error:
        if error_code(error) in KEY_IS_BROKEN:
            told = describe_error(error)
            why = f"the topic's key serves nobody: {told['code']}: {told['message']}"
            settle(path, NOT_ARRIVED, why, error, cause="topic_key")
            return
        raise
    settle(path, SENT)


def subscriptions(sns: Any, topic_arn: str) -> list[dict[str, Any]] | None:
    """Return the subscriptions of a topic, None where there is no such topic."""

    def read() -> list[dict[str, Any]]:
        pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn)
        return [subscription for page in pages for subscription in page["Subscriptions"]]

    return naming.found(read, "NotFound", "NotFoundException")


def others_of(held: Iterable[Mapping[str, Any]], provider_account_id: str) -> set[str]:
    """Return the endpoints of confirmed subscriptions that are no queues of the provider's."""
    return {
        subscription["Endpoint"]
        for subscription in held
        if subscription["SubscriptionArn"] not in PENDING
        and subscription["Endpoint"].split(":")[2:5:2] != ["sqs", provider_account_id]
    }


def summary(found: Iterable[Path]) -> dict[str, int]:
    """Count paths by their state."""
    counts = Counter(path["state"] for path in found)
    return {state: counts[state] for state in STATES}


def now() -> str:
    """Return the time of this moment, in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def in_threads(act: Callable[[Any], None], groups: Iterable[Any], stop: StopFlag) -> None:
    """Do something with each group, side by side."""
    pool = ThreadPoolExecutor(max_workers=MAX_THREADS)
    try:
        list(pool.map(act, groups))
    except BaseException:  # a task's timeout, for instance: the threads go on, and write no more
        stop.set()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
