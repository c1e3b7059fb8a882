# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A queue with a clock of its own: receipts, hidden messages and a dead-letter queue, as SQS documents them."""

from __future__ import annotations

import functools
import itertools
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signals import marker

PROVIDER = "999999999999"
ACCOUNT = "123456789012"
QUEUE = f"arn:aws:sqs:eu-west-1:{PROVIDER}:rackspace-cloudtrail"
START = 1_800_000_000.0


class Clock:
    """Stands in for the module ``time``: whoever sleeps, moves it."""

    def __init__(self) -> None:
        self.moment = START

    def time(self) -> float:
        return self.moment

    def monotonic(self) -> float:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.moment += max(0.0, seconds)

    def stamp(self) -> str:
        return datetime.fromtimestamp(self.moment, UTC).isoformat().replace("+00:00", "Z")


def alone(call: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Let no other call of the same queue come between."""

    @functools.wraps(call)
    def locked(queue: Queue, **given: Any) -> dict[str, Any]:
        with queue.lock:
            return call(queue, **given)

    return locked


@dataclass
class Message:
    """One message, with what happened to it."""

    id: str
    body: str
    visible_at: float
    receipts: list[float] = field(default_factory=list)
    hidden_for: list[float] = field(default_factory=list)


class Queue:
    """A client of SQS with one queue in it; every call takes a while."""

    def __init__(self, clock: Clock, **attributes: str) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.attributes = attributes
        self.exists = True
        self.pace = 0.05  # seconds that a call takes
        self.messages: list[Message] = []
        self.deleted: list[str] = []
        self.dead: list[str] = []
        self.calls: list[str] = []
        self.refuse: dict[str, str] = {}  # operation -> code
        self.after_receive: Callable[[], None] = lambda: None
        self._numbers = itertools.count()

    def add(self, body: str = "somebody else's", after: float = 0.0) -> Message:
        """Put a message into the queue, to be seen after some seconds."""
        message = Message(f"m{next(self._numbers)}", body, self.clock.moment + after)
        self.messages.append(message)
        return message

    def _called(self, operation: str) -> None:
        self.calls.append(operation)
        self.clock.moment += self.pace
        if operation in self.refuse:
            error = {"Code": self.refuse[operation], "Message": f"{operation} is refused"}
            raise ClientError({"Error": error}, operation)

    @alone
    def get_queue_url(self, **given: Any) -> dict[str, str]:
        self._called("GetQueueUrl")
        if not self.exists:
            error = {"Code": "AWS.SimpleQueueService.NonExistentQueue", "Message": "none"}
            raise ClientError({"Error": error}, "GetQueueUrl")
        return {"QueueUrl": f"https://sqs.test/{given['QueueName']}"}

    @alone
    def get_queue_attributes(self, **given: Any) -> dict[str, Any]:
        self._called("GetQueueAttributes")
        known = {"ApproximateNumberOfMessages": str(len(self.messages)), **self.attributes}
        return {"Attributes": {name: known[name] for name in given["AttributeNames"] if name in known}}

    @alone
    def receive_message(self, **given: Any) -> dict[str, Any]:
        self._called("ReceiveMessage")
        ends = self.clock.moment + given["WaitTimeSeconds"]
        while not self._visible() and self.clock.moment < ends:
            self.clock.moment += 0.05
        limit = json.loads(self.attributes.get("RedrivePolicy", "{}")).get("maxReceiveCount")
        answer = []
        for message in self._visible()[: given["MaxNumberOfMessages"]]:
            if limit and len(message.receipts) >= limit:
                self.messages.remove(message)
                self.dead.append(message.id)
                continue
            message.receipts.append(self.clock.moment)
            message.hidden_for.append(given["VisibilityTimeout"])
            message.visible_at = self.clock.moment + given["VisibilityTimeout"]
            answer.append(
                {
                    "MessageId": message.id,
                    "ReceiptHandle": f"handle of {message.id}",
                    "Body": message.body,
                    "Attributes": {"ApproximateReceiveCount": str(len(message.receipts))},
                }
            )
        self.after_receive()
        return {"Messages": answer} if answer else {}

    def _visible(self) -> list[Message]:
        return [message for message in self.messages if message.visible_at <= self.clock.moment]

    @alone
    def delete_message_batch(self, **given: Any) -> dict[str, Any]:
        self._called("DeleteMessageBatch")
        for entry in given["Entries"]:
            name = entry["ReceiptHandle"].removeprefix("handle of ")
            self.messages = [message for message in self.messages if message.id != name]
            self.deleted.append(name)
        return {"Successful": [{"Id": entry["Id"]} for entry in given["Entries"]]}


def path(number: int = 0, queue: str = QUEUE, account: str = ACCOUNT, sent_at: str = "") -> dict[str, Any]:
    """Return a path whose marked message was published."""
    return {
        "account_id": account,
        "signal": "cloudtrail",
        "region": "eu-west-1",
        "topic_arn": f"arn:aws:sns:eu-west-1:{account}:rackspace-cloudtrail",
        "queue_arn": queue,
        "marker": f"marker{number}",
        "sent_at": sent_at or datetime.fromtimestamp(START, UTC).isoformat(),
        "state": "sent",
    }


def marked(of: dict[str, Any], raw: bool = False) -> str:
    """Return the body with which a path's marked message comes out of the queue."""
    message = marker.publication(of)["Message"]
    return (
        str(message) if raw else json.dumps({"Type": "Notification", "TopicArn": of["topic_arn"], "Message": message})
    )
