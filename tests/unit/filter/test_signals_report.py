# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One report of the signals of all accounts, in which what did not arrive never looks like success (G5)."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.filter.signals_lines import signals_lines
from ansible_collections.rackspace.aws_accounts.plugins.filter.signals_report import signals_report
from ansible_collections.rackspace.aws_accounts.plugins.filter.signals_sent import signals_sent

REGIONS = ["eu-west-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2"]
QUEUE = "arn:aws:sqs:us-east-1:999999999999:rackspace-cloudtrail"


def path(signal: str = "cloudtrail", region: str = "us-east-1", state: str = "arrived", **more: Any) -> dict[str, Any]:
    return {"account_id": "111111111111", "signal": signal, "region": region, "state": state, **more}


def queue(seen: int = 0, receipts: int = 0, **more: Any) -> dict[str, Any]:
    others = {"seen": seen, "receipts": receipts, "most_receipts": min(receipts, 2), "at_limit": []}
    return {"queue_arn": QUEUE, "others": others, "left_behind": [], "max_receive_count": 10, **more}


def variables(*paths: dict[str, Any], msg: str = "", queues: tuple[Any, ...] = ()) -> dict[str, Any]:
    about = {"id": "111111111111", "name": "app1", "regions": REGIONS}
    return {
        "account_id": "111111111111",
        "signal_check_published": {"paths": [], "account": about, "api_calls": 5},
        "signal_check_collected": {"arrivals": {}, "queues": list(queues)},
        "signal_check_result": {"paths": list(paths), "api_calls": 2, **({"msg": msg, "failed": True} if msg else {})},
    }


def report(hosts: dict[str, dict[str, Any]], **more: Any) -> dict[str, Any]:
    return signals_report(hosts, list(hosts), **more)


def text(hosts: dict[str, dict[str, Any]], **more: Any) -> str:
    return "\n".join(signals_lines(report(hosts, **more)))


def test_paths_of_one_signal_that_are_told_alike_are_one_entry_with_their_regions() -> None:
    found = report({"a": variables(*(path(region=region, seconds=1.5) for region in REGIONS))})
    (group,) = found["accounts"][0]["groups"]
    assert (group["regions"], group["seconds"]) == (REGIONS, [1.5] * 5)
    assert found["accounts"][0]["counts"]["arrived"] == found["totals"]["arrived"] == 5
    assert found["accounts"][0]["api_calls"] == 7


@pytest.mark.parametrize("state", ["not_arrived", "not_in_place", "not_seen", "unknown"])
def test_an_account_with_one_path_that_is_not_good_has_failed(state: str) -> None:
    found = report({"a": variables(path(), path("awsconfig", state=state))})
    assert (found["accounts"][0]["outcome"], found["totals"]["failed"]) == ("failed", 1)


@pytest.mark.parametrize("state", ["arrived", "delivered", "in_place", "skipped"])
def test_an_account_with_good_paths_has_passed(state: str) -> None:
    assert report({"a": variables(path(state=state))})["accounts"][0]["outcome"] == "passed"


def test_an_account_of_check_mode_has_not_passed() -> None:
    found = report({"a": variables(path(state="untried"), path("dispatcher", state="in_place"))}, check_mode=True)
    assert found["accounts"][0]["outcome"] == "untried"


def test_a_message_that_nobody_looked_for_is_unknown() -> None:
    """G5: the queues could not be looked into, so that the run ended between two steps."""
    host = variables()
    host["signal_check_published"]["paths"] = [path(state="sent")]
    host["signal_check_collected"] = {"msg": "the provider's account cannot be reached", "failed": True}
    del host["signal_check_result"]
    account = report({"a": host})["accounts"][0]
    assert account["outcome"] == "failed"
    (group,) = account["groups"]
    assert (group["state"], group["reason"]) == ("unknown", "not looked for: the provider's account cannot be reached")


def test_an_account_that_could_not_be_reached_is_in_the_report_with_the_message() -> None:
    host = {"account_id": "1", "signal_check_published": {"failed": True, "msg": "account a (1): no role"}}
    account = report({"a": host})["accounts"][0]
    assert (account["outcome"], account["message"]) == ("failed", "no role")
    assert "failed: no role" in text({"a": host})


def test_a_bad_record_is_in_the_report_with_its_faults() -> None:
    account = report({"a": {"account_id": "1"}}, faults={"a": ["account_id: is too short"]})["accounts"][0]
    assert (account["outcome"], account["message"]) == ("failed", "account_id: is too short")


def test_an_account_whose_turn_is_still_to_come_is_left_out() -> None:
    found = report({"a": variables(path()), "b": {"account_id": "2"}}, reached=["a"])
    assert [account["host"] for account in found["accounts"]] == ["a"]


def test_a_queue_that_serves_several_accounts_is_told_once() -> None:
    hosts = {"a": variables(path(), queues=(queue(2, 2),)), "b": variables(path(), queues=(queue(2, 2),))}
    assert len(report(hosts)["queues"]) == 1


def test_what_did_not_arrive_is_told_first_with_every_region() -> None:
    broken = [path("awsconfig", region, "not_arrived", reason="queue x does not exist") for region in REGIONS]
    told = text({"a": variables(*(path(region=r, seconds=1.0) for r in REGIONS), *broken, msg="account a: awsconfig")})
    assert "not arrived: awsconfig in eu-west-1, us-east-1, us-east-2, us-west-1, us-west-2: queue x does not" in told
    assert told.index("not arrived: awsconfig") < told.index("arrived: cloudtrail in 5 regions: after 1.0 seconds")


def test_signals_that_are_alike_share_a_line_and_seconds_are_a_range() -> None:
    found = [path(signal, region, seconds=s) for signal in ("cloudtrail", "awsconfig")
             for region, s in (("eu-west-1", 2.0), ("us-east-1", 0.5))]  # fmt: skip
    assert "arrived: cloudtrail, awsconfig in eu-west-1, us-east-1: after 0.5 to 2.0 seconds" in text(
        {"a": variables(*found)}
    )


def test_messages_of_others_are_told_with_how_often_they_were_received() -> None:
    """Issue 4: not counted towards a dead-letter queue's limit without saying so."""
    told = text({"a": variables(path(), queues=(queue(3, 5),))})
    assert "messages of others in 1 of the queues: 3 were received 5 times in all" in told


def test_messages_that_have_no_receipt_left_are_told() -> None:
    touched = queue(1, 1)
    touched["others"]["at_limit"] = ["m1"]
    assert "the next receipt moves 1 of them to the dead-letter queue" in text(
        {"a": variables(path(), queues=(touched,))}
    )


def test_a_marked_message_that_stayed_is_told() -> None:
    told = text({"a": variables(path(), queues=(queue(left_behind=["abc"]),))})
    assert "marked message abc could not be deleted" in told


def test_nothing_is_said_of_others_where_there_were_none() -> None:
    assert "messages of others" not in text({"a": variables(path(), queues=(queue(),))})


def test_check_mode_says_that_nothing_was_published() -> None:
    assert "check mode: nothing was published" in text({"a": variables(path(state="untried"))}, check_mode=True)


def test_what_all_accounts_published_is_gathered_and_nothing_else() -> None:
    sent = path(state="sent", queue_arn=QUEUE, marker="m1", sent_at="2026-11-21T18:00:00Z", topic_arn="t")
    hosts = {
        "a": {"signal_check_published": {"paths": [sent, path("support", state="skipped")]}},
        "b": {"signal_check_published": {"failed": True, "msg": "no role"}},
        "c": {"account_id": "3"},
        "d": {"signal_check_published": {"paths": [{**sent, "marker": "m2"}]}},
    }
    found = signals_sent(hosts, ["a", "b", "c"])
    wanted = {"account_id": "111111111111", "queue_arn": QUEUE, "marker": "m1"}
    assert found == [{**wanted, "sent_at": "2026-11-21T18:00:00Z", "state": "sent"}]
