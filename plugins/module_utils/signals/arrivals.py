# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Looking for marked messages in the shared queues, once for many accounts, so that nobody else's message suffers.

A message is looked at by receiving it. SQS knows no other way, and each receipt counts: towards the limit of a
dead-letter queue, and from the third on towards a place at the queue's end. So each message of others is received at
most twice, is hidden for one second each time, and every receipt is told.

Source: SQS API Reference, ReceiveMessage and SetQueueAttributes (RedrivePolicy); SQS Developer Guide, "Available
CloudWatch metrics for Amazon SQS" (ApproximateAgeOfOldestMessage, on messages that are received three times).
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import naming
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import describe_error
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import StopFlag
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signals import marker

RECEIVERS = 8  # that empty one queue side by side, one for each 50 messages that are looked for
HIDDEN = 1  # seconds; with 0 one answer of SQS can hold a message several times, and each time counts
ROUND = 0.7  # seconds; so much shorter than HIDDEN that no message is received twice in one round
MOST_RECEIPTS = 2  # of a message of others: the third would move it to the queue's end
SHARE = 5  # no message of others loses more than a fifth of the receipts that a dead-letter queue allows
MOST_WAITING = 100  # messages; among more of them one that came last is not found in a few rounds
SETTLING = 2.0  # seconds after the last publication until a queue that is not empty is looked into
PAUSE = 8.0  # seconds between rounds in a queue that is not empty
LONG_POLL = 20  # seconds; the most that SQS allows
ABSENT = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
ATTRIBUTES = ["RedrivePolicy", "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]


def collect(
    sqs_in: Callable[[str], Any],
    provider_account_id: str,
    messages: Iterable[Mapping[str, Any]],
    timeout: float,
    stop: StopFlag,
) -> dict[str, Any]:
    """Look for messages in their queues, in threads over queues, until all are found or the time is over.

    Args:
        sqs_in: makes the provider's client of a region.
        messages: each with ``marker``, ``account_id``, ``queue_arn`` and ``sent_at``.
        timeout: seconds from now.

    Returns:
        ``arrivals``: account id -> marker -> seconds until it was seen; ``queues``: what was done in each.
    """
    wanted: dict[str, list[Mapping[str, Any]]] = {}
    for message in messages:
        wanted.setdefault(message["queue_arn"], []).append(message)
    deadline = time.monotonic() + timeout
    looks = [Look(sqs_in, provider_account_id, arn, group, deadline, stop) for arn, group in sorted(wanted.items())]
    # one for each: a queue that waits for another one's end would have no time left
    pool = ThreadPoolExecutor(max_workers=max(1, len(looks)))
    try:
        list(pool.map(Look.run, looks))
    except BaseException:  # a task's timeout, for instance
        stop.set()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    arrivals: dict[str, dict[str, float]] = {}
    for look in looks:
        for found, seconds in look.arrived.items():
            arrivals.setdefault(look.wanted[found]["account_id"], {})[found] = seconds
    return {"arrivals": arrivals, "queues": [look.result() for look in looks]}


class Look:
    """What is done in one queue; its arguments are those of ``collect``."""

    def __init__(
        self,
        sqs_in: Callable[[str], Any],
        provider_account_id: str,
        arn: str,
        messages: Iterable[Mapping[str, Any]],
        deadline: float,
        stop: StopFlag,
    ) -> None:
        self.arn = arn
        self.wanted = {message["marker"]: message for message in messages}
        self.arrived: dict[str, float] = {}  # marker -> seconds until it was seen
        self._sqs_in, self._provider = sqs_in, provider_account_id
        self._deadline, self._stop = deadline, stop
        self._sqs: Any = None
        self._url = ""
        self._exists: bool | None = None
        self._attributes: dict[str, str] = {}
        self._limit = 0  # receipts that the dead-letter queue allows; 0 where there is none
        self._ended = ""  # why it was not looked into, or no longer
        self._error: Exception | None = None
        self._receipts: Counter[str] = Counter()  # ours, of others' messages
        self._counts: dict[str, int] = {}  # everybody's, as SQS told them last
        self._other_checks: set[str] = set()
        self._left: set[str] = set()
        self._lock = threading.Lock()

    def run(self) -> None:
        """Look until all are found; what goes wrong here concerns this queue only (G5)."""
        try:
            if self._open():
                self._look()
        except Exception as error:
            self._error = error

    def result(self) -> dict[str, Any]:
        """Return what was done here."""
        found: dict[str, Any] = {
            "queue_arn": self.arn,
            "exists": self._exists,
            "waiting": self._number("ApproximateNumberOfMessages"),
            "in_flight": self._number("ApproximateNumberOfMessagesNotVisible"),
            "max_receive_count": self._limit or None,
            "wanted": len(self.wanted),
            "arrived": len(self.arrived),
            "left_behind": sorted(self._left),
            "others": {
                "seen": len(self._receipts),
                "receipts": sum(self._receipts.values()),
                "most_receipts": max(self._receipts.values(), default=0),
                "highest_receive_count": max(self._counts.values(), default=0),
                "at_limit": sorted(i for i, count in self._counts.items() if self._limit and count >= self._limit),
                "of_other_checks": len(self._other_checks),
            },
        }
        if self._ended:
            found["reason"] = self._ended
        if self._error:
            found["error"] = describe_error(self._error)
        return found

    def _number(self, attribute: str) -> int:
        return int(self._attributes.get(attribute, 0))

    def _open(self) -> bool:
        """Tell whether the queue may be looked into; where not, ``_ended`` says why."""
        region, account, name = self.arn.split(":")[3:6]
        if time.monotonic() >= self._deadline:
            self._ended = "not looked into: there was no time for it (timeout)"
            return False
        if account != self._provider:
            self._ended = f"not looked into: it belongs to account {account}, which is not provider_account_id"
            return False
        self._sqs = self._sqs_in(region)
        answer = naming.found(self._sqs.get_queue_url, *ABSENT, QueueName=name)
        self._exists = answer is not None
        if answer is None:
            self._ended = "it does not exist"
            return False
        self._url = answer["QueueUrl"]
        self._attributes = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=ATTRIBUTES)["Attributes"]
        self._limit = int(json.loads(self._attributes.get("RedrivePolicy") or "{}").get("maxReceiveCount", 0))
        waiting = self._number("ApproximateNumberOfMessages")
        if name.endswith(".fifo"):
            self._ended = "not looked into: it is a FIFO queue, whose message groups would be held up"
        elif not self._allowed():
            self._ended = (
                f"not looked into: its dead-letter queue takes a message after {self._limit} receipts, and looking "
                "would use up one of them"
            )
        elif waiting > MOST_WAITING + len(self.wanted):
            self._ended = f"not looked into: about {waiting} messages wait in it, among which one would not be found"
        return not self._ended

    def _allowed(self) -> int:
        """Return how often a message of others may be received."""
        return min(MOST_RECEIPTS, self._limit // SHARE) if self._limit else MOST_RECEIPTS

    def _look(self) -> None:
        if self._number("ApproximateNumberOfMessages"):
            # a round costs others a receipt: not before ours can be there
            last = max(seconds_of(message["sent_at"]) for message in self.wanted.values())
            self._sleep(last + SETTLING - time.time())
        while self._goes_on():
            before = self._receipts.total()
            self._round()
            if self._receipts.total() == before or not self._goes_on():
                continue
            if max(self._receipts.values()) >= self._allowed():
                self._ended = f"no longer looked into: messages of others were received {self._allowed()} times"
            elif self._limit and max(self._counts.values()) > self._limit // 2:
                self._ended = "no longer looked into: a message of others comes near the limit of the dead-letter queue"
            if self._ended:
                return
            self._sleep(PAUSE)

    def _goes_on(self) -> bool:
        return len(self.arrived) < len(self.wanted) and time.monotonic() < self._deadline and not self._stop.is_set()

    def _round(self) -> None:
        """Receive what is there, each message once; an empty queue is waited for, which costs nobody anything."""
        wait = int(max(0, min(LONG_POLL, self._deadline - time.monotonic())))
        asked = time.monotonic()
        received = self._receive(wait)
        if not received:
            # SQS may answer at once all the same
            self._sleep(min(0.5, wait - (time.monotonic() - asked)))
            return
        ends = time.monotonic() + ROUND
        receivers = min(RECEIVERS, 1 + len(self.wanted) // 50)
        with ThreadPoolExecutor(max_workers=receivers) as pool:
            list(pool.map(self._drain, [ends] * receivers))

    def _drain(self, ends: float) -> None:
        while self._goes_on() and time.monotonic() < ends:
            if not self._receive(0):
                return

    def _receive(self, wait: int) -> int:
        """Receive up to ten messages and delete ours; returns how many came."""
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=HIDDEN,
            WaitTimeSeconds=wait,
            AttributeNames=["ApproximateReceiveCount"],
        )
        now, ours = time.time(), {}
        messages = answer.get("Messages", [])
        with self._lock:
            for message in messages:
                found = marker.id_of(message["Body"]) or ""
                if found in self.wanted:
                    ours[message["ReceiptHandle"]] = found
                    self.arrived.setdefault(found, round(max(0.0, now - seconds_of(self.wanted[found]["sent_at"])), 1))
                else:
                    self._note(message, bool(found))
        if ours:
            self._delete(ours)
        return len(messages)

    def _note(self, message: Mapping[str, Any], marked: bool) -> None:
        """Count the receipt of a message of others."""
        name = message["MessageId"]
        self._receipts[name] += 1
        self._counts[name] = int(message.get("Attributes", {}).get("ApproximateReceiveCount", 1))
        if marked:
            self._other_checks.add(name)

    def _delete(self, ours: Mapping[str, str]) -> None:
        """Delete our own messages; one that cannot be deleted has arrived all the same."""
        handles = list(ours)
        entries = [{"Id": str(number), "ReceiptHandle": handle} for number, handle in enumerate(handles)]
        try:
            answer = self._sqs.delete_message_batch(QueueUrl=self._url, Entries=entries)
            failed = [handles[int(failure["Id"])] for failure in answer.get("Failed", [])]
        except Exception as error:
            self._error, failed = error, handles
        with self._lock:
            self._left |= {ours[handle] for handle in failed}

    def _sleep(self, seconds: float) -> None:
        time.sleep(max(0.0, min(seconds, self._deadline - time.monotonic())))


def seconds_of(moment: str) -> float:
    """Return a time like 2026-11-21T18:00:00.123Z as seconds since 1970."""
    return datetime.fromisoformat(moment).timestamp()
