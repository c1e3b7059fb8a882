# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Days proposed for hand-overs: nearest to termination, within capacity, first come, first served (E3)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.calendar import Pending, calendar_of, schedule
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import RecordError

CALENDAR = calendar_of({})
TODAY = date(2026, 11, 23)  # a Monday


def pending(name: str, termination: str, **values: Any) -> Pending:
    return Pending(name, date.fromisoformat(termination), **values)


def at(day: int) -> datetime:
    return datetime(2026, 11, day, 12, tzinfo=UTC)


def planned(*requests: Pending, capacity: int = 5, today: date = TODAY) -> dict[str, str]:
    return {slot.request.name: str(slot.day) for slot in schedule(requests, CALENDAR, capacity, today)}


def reason(*requests: Pending, capacity: int = 5, today: date = TODAY) -> str:
    return schedule(requests, CALENDAR, capacity, today)[-1].reason


def test_the_termination_date_is_proposed_where_it_is_workable() -> None:
    assert planned(pending("a", "2026-12-15")) == {"a": "2026-12-15"}
    assert reason(pending("a", "2026-12-15")) == "the termination date"


def test_of_a_weekend_the_nearest_day_is_proposed() -> None:
    assert planned(pending("a", "2026-12-19"), pending("b", "2026-12-20")) == {"a": "2026-12-18", "b": "2026-12-21"}
    assert reason(pending("a", "2026-12-19")) == "the nearest day: 2026-12-19 is a Saturday"


def test_of_two_days_that_are_as_near_the_earlier_one_is_proposed() -> None:
    assert planned(pending("a", "2026-11-26")) == {"a": "2026-11-25"}


def test_a_full_day_sends_the_next_to_the_nearest_free_one() -> None:
    requests = [pending(name, "2026-12-15") for name in "abcde"]
    assert planned(*requests, capacity=2) == {
        "a": "2026-12-15",
        "b": "2026-12-15",
        "c": "2026-12-14",
        "d": "2026-12-14",
        "e": "2026-12-16",
    }
    assert "2026-12-15 is full (2 of 2); 2026-12-14 is full (2 of 2)" in reason(*requests, capacity=2)


def test_what_is_too_much_flows_across_weekends() -> None:
    requests = [pending(name, "2026-12-18") for name in "abcde"]  # a Friday
    days = ["2026-12-15", "2026-12-16", "2026-12-17", "2026-12-18", "2026-12-21"]
    assert sorted(planned(*requests, capacity=1).values()) == days


def test_who_asked_first_is_served_first_whatever_the_order_of_the_inventory() -> None:
    late, early = pending("a", "2026-12-15", asked=at(20)), pending("b", "2026-12-15", asked=at(10))
    assert planned(late, early, capacity=1) == {"b": "2026-12-15", "a": "2026-12-14"}


def test_who_does_not_say_when_comes_after_the_rest_in_the_given_order() -> None:
    requests = [pending("a", "2026-12-15"), pending("b", "2026-12-15"), pending("c", "2026-12-15", asked=at(20))]
    assert planned(*requests, capacity=1) == {"c": "2026-12-15", "a": "2026-12-14", "b": "2026-12-16"}


def test_an_agreed_day_takes_its_place_before_any_is_proposed() -> None:
    agreed = pending("b", "2026-12-30", agreed=date(2026, 12, 15))
    assert planned(pending("a", "2026-12-15", asked=at(1)), agreed, capacity=1) == {
        "a": "2026-12-14",
        "b": "2026-12-15",
    }


@pytest.mark.parametrize(
    ("day", "doubt"),
    [
        ("2026-12-15", "agreed"),
        ("2026-12-19", "agreed; it is a Saturday"),
        ("2026-11-20", "agreed; it has passed: agree on another day"),
    ],
)
def test_an_agreed_day_stays_and_its_doubts_are_told(day: str, doubt: str) -> None:
    request = pending("a", "2026-12-15", agreed=date.fromisoformat(day))
    assert planned(request) == {"a": day}
    assert reason(request) == doubt


def test_agreed_days_beyond_the_capacity_are_told() -> None:
    requests = [pending(name, "2026-12-15", agreed=date(2026, 12, 15)) for name in "ab"]
    assert reason(*requests, capacity=1) == "agreed; it is over the daily capacity of 1"


def test_no_day_before_today_is_proposed() -> None:
    assert planned(pending("a", "2026-11-02")) == {"a": "2026-11-23"}
    assert reason(pending("a", "2026-11-02")) == "the nearest day: 2026-11-02 has passed"
    assert planned(pending("a", "2026-11-29"), today=date(2026, 11, 28)) == {"a": "2026-11-30"}


@pytest.mark.parametrize(
    ("termination", "day"),
    [("2026-12-15", "2026-12-16"), ("2026-12-16", "2026-12-16"), ("2026-12-01", "2026-11-30")],
)
def test_a_dedicated_payer_is_never_proposed_before_the_16th(termination: str, day: str) -> None:
    assert planned(pending("a", termination, dedicated_payer=True)) == {"a": day}


def test_a_dedicated_payer_agreed_for_the_15th_is_told() -> None:
    request = pending("a", "2026-12-15", agreed=date(2026, 12, 15), dedicated_payer=True)
    assert "a dedicated payer is not handed over before the 16th" in reason(request)


def test_the_schedule_is_sorted_by_day() -> None:
    found = planned(pending("a", "2026-12-31"), pending("b", "2026-12-01"), pending("c", "2026-12-15"))
    assert list(found) == ["b", "c", "a"]


def test_the_same_request_twice_is_scheduled_twice() -> None:
    request = pending("a", "2026-12-15")
    assert [str(slot.day) for slot in schedule([request, request], CALENDAR, 1, TODAY)] == ["2026-12-14", "2026-12-15"]


def test_no_request_needs_no_day() -> None:
    assert planned() == {}


def test_a_capacity_of_nothing_is_an_error() -> None:
    with pytest.raises(RecordError, match="the daily capacity is 0; it is at least 1"):
        planned(pending("a", "2026-12-15"), capacity=0)
