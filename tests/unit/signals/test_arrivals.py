# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How the shared queues are looked into: what is found, and what it means for everybody else's messages."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import StopFlag
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signals import arrivals
from tests.unit.signals.queues import ACCOUNT, PROVIDER, QUEUE, START, Clock, Queue, marked, path


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(arrivals, "time", found)
    return found


def look(queue: Queue, paths: Iterable[dict[str, Any]], timeout: float = 60.0) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what arrived in the account, and what was done in the one queue."""
    found = arrivals.collect(lambda region: queue, PROVIDER, paths, timeout, StopFlag())
    (done,) = found["queues"]
    return found["arrivals"].get(ACCOUNT, {}), done


def redrive(receipts: int) -> str:
    return json.dumps({"deadLetterTargetArn": f"{QUEUE}-dead", "maxReceiveCount": receipts})


@pytest.mark.parametrize("raw", [False, True])
def test_a_marked_message_is_found_told_in_seconds_and_deleted(clock: Clock, raw: bool) -> None:
    """With SNS's envelope, or without where the subscription delivers raw."""
    queue = Queue(clock)
    wanted = path()
    mine = queue.add(marked(wanted, raw), after=1.5)
    arrived, done = look(queue, [wanted])
    assert arrived == {"marker0": pytest.approx(3.6, abs=2.1)}
    assert queue.deleted == [mine.id]
    assert (done["wanted"], done["arrived"], done["left_behind"]) == (1, 1, [])
    assert "reason" not in done


def test_an_empty_queue_is_waited_for_until_the_message_comes(clock: Clock) -> None:
    queue = Queue(clock)

    def come() -> None:
        if clock.moment > START + 25 and not queue.messages and not queue.deleted:
            queue.add(marked(path()))

    queue.after_receive = come
    arrived, done = look(queue, [path()])
    assert list(arrived) == ["marker0"]
    assert done["others"]["receipts"] == 0


def test_looking_ends_at_the_timeout(clock: Clock) -> None:
    queue = Queue(clock)
    arrived, done = look(queue, [path()], timeout=30)
    assert arrived == {}
    assert clock.moment == pytest.approx(START + 30, abs=1.5)
    assert done["arrived"] == 0


def test_messages_of_others_stay_and_are_hidden_for_a_second_each_time(clock: Clock) -> None:
    """Issue 4: never lost, and never delayed beyond a second."""
    queue = Queue(clock)
    theirs = [queue.add() for _ in range(25)]
    look(queue, [path()])
    assert queue.messages == theirs
    assert queue.deleted == []
    assert {seconds for message in theirs for seconds in message.hidden_for} == {1}


def test_messages_of_others_are_received_twice_at_most_and_every_receipt_is_told(clock: Clock) -> None:
    """Issue 4: from the third receipt on SQS moves a message to the queue's end."""
    queue = Queue(clock)
    theirs = [queue.add() for _ in range(25)]
    arrived, done = look(queue, [path()], timeout=600)
    assert arrived == {}
    assert {len(message.receipts) for message in theirs} == {2}
    assert (done["others"]["seen"], done["others"]["receipts"], done["others"]["most_receipts"]) == (25, 50, 2)
    assert "received 2 times" in done["reason"]


def test_no_message_is_received_twice_in_one_round(clock: Clock) -> None:
    """What has been received again within a second was hidden from nobody, and counted all the same."""
    queue = Queue(clock)
    theirs = queue.add()
    look(queue, [path()], timeout=600)
    first, second = theirs.receipts
    assert second - first >= arrivals.PAUSE


def test_a_message_behind_others_is_found_in_one_round(clock: Clock) -> None:
    queue = Queue(clock)
    theirs = [queue.add() for _ in range(40)]
    queue.add(marked(path()))
    arrived, done = look(queue, [path()])
    assert list(arrived) == ["marker0"]
    assert {len(message.receipts) for message in theirs} == {1}
    assert "reason" not in done


def test_a_queue_that_is_not_empty_is_looked_into_only_when_the_message_can_be_there(clock: Clock) -> None:
    """Each round costs others a receipt."""
    queue = Queue(clock)
    theirs = queue.add()
    queue.add(marked(path()), after=1.8)
    arrived, _ = look(queue, [path()])
    assert list(arrived) == ["marker0"]
    assert len(theirs.receipts) == 1


@pytest.mark.parametrize(("limit", "receipts"), [(1, 0), (3, 0), (4, 0), (5, 1), (9, 1), (10, 2), (100, 2)])
def test_no_message_loses_more_than_a_fifth_of_what_a_dead_letter_queue_allows(
    clock: Clock, limit: int, receipts: int
) -> None:
    """Issue 4."""
    queue = Queue(clock, RedrivePolicy=redrive(limit))
    theirs = queue.add()
    _, done = look(queue, [path()], timeout=600)
    assert len(theirs.receipts) == receipts
    assert queue.dead == []
    assert done["max_receive_count"] == limit
    assert done["others"]["receipts"] == receipts
    assert "reason" in done


def test_a_queue_whose_dead_letter_queue_would_take_messages_soon_is_not_looked_into(clock: Clock) -> None:
    queue = Queue(clock, RedrivePolicy=redrive(3))
    queue.add(marked(path()))
    arrived, done = look(queue, [path()])
    assert arrived == {}
    assert "ReceiveMessage" not in queue.calls
    assert "after 3 receipts" in done["reason"]


def test_looking_ends_with_a_message_of_others_that_has_used_half_of_its_receipts(clock: Clock) -> None:
    queue = Queue(clock, RedrivePolicy=redrive(20))
    theirs = queue.add()
    theirs.receipts += [START] * 10
    _, done = look(queue, [path()], timeout=600)
    assert len(theirs.receipts) == 11
    assert "comes near the limit" in done["reason"]
    assert done["others"]["highest_receive_count"] == 11


def test_a_message_of_others_whose_last_receipt_was_taken_is_named(clock: Clock) -> None:
    """Issue 4: not counted towards a dead-letter queue's limit without saying so."""
    queue = Queue(clock, RedrivePolicy=redrive(10))
    theirs = queue.add()
    theirs.receipts += [START] * 9
    _, done = look(queue, [path()])
    assert done["others"]["at_limit"] == [theirs.id]
    assert queue.dead == []


@pytest.mark.parametrize("waiting", [101, 5000])
def test_a_queue_with_a_backlog_is_not_looked_into(clock: Clock, waiting: int) -> None:
    queue = Queue(clock, ApproximateNumberOfMessages=str(waiting + 1))
    _, done = look(queue, [path()])
    assert "ReceiveMessage" not in queue.calls
    assert f"about {waiting + 1} messages wait" in done["reason"]


def test_a_fifo_queue_is_not_looked_into(clock: Clock) -> None:
    queue = Queue(clock)
    _, done = look(queue, [path(queue=f"{QUEUE}.fifo")])
    assert "ReceiveMessage" not in queue.calls
    assert "FIFO" in done["reason"]


def test_without_time_no_queue_is_called_at_all(clock: Clock) -> None:
    queue = Queue(clock)
    _, done = look(queue, [path()], timeout=0)
    assert queue.calls == []
    assert "no time" in done["reason"]


def test_a_queue_of_another_account_is_not_called(clock: Clock) -> None:
    """G3: the session leads into the provider's account."""
    queue = Queue(clock)
    _, done = look(queue, [path(queue=QUEUE.replace(PROVIDER, ACCOUNT))])
    assert queue.calls == []
    assert ACCOUNT in done["reason"]


def test_a_queue_that_does_not_exist_is_told(clock: Clock) -> None:
    queue = Queue(clock)
    queue.exists = False
    _, done = look(queue, [path()])
    assert done["exists"] is False
    assert done["reason"] == "it does not exist"


def test_a_queue_that_may_not_be_read_is_told_with_awss_answer(clock: Clock) -> None:
    """G5."""
    queue = Queue(clock)
    queue.refuse = {"ReceiveMessage": "AccessDenied"}
    _, done = look(queue, [path()])
    assert (done["error"]["operation"], done["error"]["code"]) == ("ReceiveMessage", "AccessDenied")


def test_a_message_that_cannot_be_deleted_has_arrived_and_is_told(clock: Clock) -> None:
    queue = Queue(clock)
    queue.refuse = {"DeleteMessageBatch": "AccessDenied"}
    queue.add(marked(path()))
    arrived, done = look(queue, [path()])
    assert list(arrived) == ["marker0"]
    assert done["left_behind"] == ["marker0"]
    assert done["error"]["code"] == "AccessDenied"


def test_a_marked_message_of_another_check_is_somebody_elses(clock: Clock) -> None:
    queue = Queue(clock)
    theirs = queue.add(marked(path(7)))
    _, done = look(queue, [path()])
    assert queue.messages == [theirs]
    assert done["others"]["of_other_checks"] == 1


def test_a_message_that_came_twice_is_deleted_twice(clock: Clock) -> None:
    """SNS and SQS deliver at least once."""
    queue = Queue(clock)
    copies = [queue.add(marked(path())) for _ in range(2)]
    _, done = look(queue, [path()])
    assert queue.deleted == [copy.id for copy in copies]
    assert done["arrived"] == 1


def test_many_accounts_are_looked_for_together_so_that_nothing_is_received_more_often(clock: Clock) -> None:
    """Three hundred accounts, one queue: others are received no more often than for one."""
    queue = Queue(clock)
    queue.pace /= 7  # seven receive side by side, and move one clock
    theirs = [queue.add() for _ in range(20)]
    paths = [path(number, account=f"{number:012}") for number in range(300)]
    for one in paths:
        queue.add(marked(one))
    found = arrivals.collect(lambda region: queue, PROVIDER, paths, 60, StopFlag())
    assert len(found["arrivals"]) == 300
    assert found["arrivals"]["000000000007"].keys() == {"marker7"}
    assert max(len(message.receipts) for message in theirs) <= 2
    assert queue.messages == theirs


def test_a_task_that_was_given_up_receives_nothing_more(clock: Clock) -> None:
    queue = Queue(clock)
    stop = StopFlag()
    stop.set()
    arrivals.collect(lambda region: queue, PROVIDER, [path()], 60, stop)
    assert "ReceiveMessage" not in queue.calls


def test_every_queue_has_the_whole_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """More queues than usual threads: none waits for another one's end."""
    started = threading.Barrier(60)
    monkeypatch.setattr(arrivals.Look, "run", lambda look: started.wait(timeout=30) and None)
    paths = [path(number, queue=f"{QUEUE}{number}") for number in range(60)]
    found = arrivals.collect(lambda region: None, PROVIDER, paths, 60, StopFlag())
    assert len(found["queues"]) == 60
