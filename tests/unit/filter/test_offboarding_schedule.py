# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The schedule of an inventory: which requests wait, in which order, and how it is told (E3)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from jinja2 import StrictUndefined

from ansible_collections.rackspace.aws_accounts.plugins.filter.offboarding_schedule import offboarding_schedule
from ansible_collections.rackspace.aws_accounts.plugins.filter.schedule_lines import schedule_lines

NOW = "2026-11-23T10:00:00-06:00"


def account(number: int, termination: Any = "2026-12-15", **more: Any) -> dict[str, Any]:
    variables = {name: more.pop(name) for name in list(more) if name.startswith("account_")}
    request = {"ticket": f"t{number}", "termination_date": termination, **more}
    return {"account_id": f"{number:012d}", "offboarding": request, **variables}


def schedule(hostvars: dict[str, Any], **arguments: Any) -> list[dict[str, str]]:
    return offboarding_schedule(hostvars, list(hostvars), **{"now": NOW, **arguments})


def days(rows: list[dict[str, str]]) -> dict[str, str]:
    return {row["host"]: row["date"] for row in rows}


def test_a_row_says_all_that_people_ask() -> None:
    assert schedule({"a": account(1)}) == [
        {
            "host": "a",
            "account_id": "000000000001",
            "ticket": "t1",
            "termination_date": "2026-12-15",
            "date": "2026-12-15",
            "reason": "the termination date",
        }
    ]


def test_accounts_without_a_request_and_those_that_are_done_are_left_out() -> None:
    hosts = {
        "a": account(1),
        "b": {"account_id": "2"},
        "c": account(3),
        "d": {"offboarding": None},
        "e": {"offboarding": {}},
    }
    assert list(days(schedule(hosts, done=["c"]))) == ["a"]


def test_only_the_given_hosts_are_looked_at() -> None:
    assert days(offboarding_schedule({"a": account(1), "b": account(2)}, ["b"], now=NOW)) == {"b": "2026-12-15"}


def test_first_come_is_first_served() -> None:
    hosts = {
        "late": account(1, requested_at="2026-11-21T09:00:00-06:00"),
        "day": account(2, requested_at="2026-11-20"),
        "yaml": account(3, requested_at=datetime(2026, 11, 19, tzinfo=UTC)),
        "never": account(4),
    }
    assert days(schedule(hosts, capacity=1)) == {
        "yaml": "2026-12-15",
        "day": "2026-12-14",
        "late": "2026-12-16",
        "never": "2026-12-17",
    }


def test_a_day_that_yaml_made_is_a_day() -> None:
    assert days(schedule({"a": account(1, date(2026, 12, 19), transfer_date=date(2026, 12, 17))})) == {
        "a": "2026-12-17"
    }


def test_a_dedicated_payer_is_known_by_its_record() -> None:
    payer = {"account_payer": "dedicated", "account_kind": "payer"}
    assert days(schedule({"a": account(1, **payer)})) == {"a": "2026-12-16"}
    assert days(schedule({"a": account(1, account_payer="dedicated")})) == {"a": "2026-12-15"}


def test_the_calendar_and_the_capacity_are_by_variable() -> None:
    hosts = {"a": account(1), "b": account(2)}
    calendar = {"country": "", "holidays": ["2026-12-15"]}
    assert days(schedule(hosts, calendar=calendar, capacity=1)) == {"a": "2026-12-14", "b": "2026-12-16"}
    assert days(schedule(hosts, calendar=calendar, capacity="2")) == {"a": "2026-12-14", "b": "2026-12-14"}


def test_today_is_that_of_the_calendars_time_zone() -> None:
    hosts = {"a": account(1, "2026-11-24")}
    at = "2026-11-25T03:00:00+00:00"  # in Chicago still the 24th
    assert days(schedule(hosts, now=at)) == {"a": "2026-11-24"}
    assert days(schedule(hosts, now=at, calendar={"time_zone": "UTC"})) == {"a": "2026-11-25"}


def test_without_a_moment_the_clock_is_read() -> None:
    before = datetime.now(UTC).date()
    found = date.fromisoformat(
        days(schedule({"a": account(1, "2020-01-02")}, now="", calendar={"time_zone": "UTC"}))["a"]
    )
    assert before <= found <= before + timedelta(days=7)


class Broken(dict[str, Any]):
    """Host variables of which a template fails."""

    def get(self, key: str, default: Any = None) -> Any:
        """Fail."""
        raise RuntimeError("vault password is wrong")


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        (Broken(), "the request cannot be read: vault password is wrong"),
        ({"offboarding": "yes"}, "the request cannot be read: offboarding is no mapping"),
        ({"offboarding": {"ticket": "t"}}, "the request has no termination_date"),
        (account(1, "soon"), "the request has no termination_date"),
        ({"offboarding": StrictUndefined(name="x")}, "the request cannot be read: 'x' is undefined"),
    ],
)
def test_a_request_that_cannot_be_read_is_told_and_hides_no_other(variables: Any, reason: str) -> None:
    rows = schedule({"bad": variables, "good": account(2)})
    assert [row["host"] for row in rows] == ["good", "bad"]
    assert (rows[1]["date"], rows[1]["reason"]) == ("", reason)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"now": "tomorrow"}, "now is 'tomorrow'; write a moment"),
        ({"capacity": 0}, "the daily capacity is 0; it is at least 1"),
        ({"calendar": {"weekdays": []}}, "weekdays is to be a list of at least one day"),
    ],
)
def test_wrong_arguments_are_an_error(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=message):
        schedule({"a": account(1)}, **arguments)


def test_the_schedule_is_a_table() -> None:
    hosts = {
        "app1-prod": account(1),
        "b": account(2, "2026-12-19", transfer_date="2026-12-18"),
        "c": {"offboarding": {"ticket": "t3"}},
    }
    assert schedule_lines(schedule(hosts)) == [
        "date            account    id            ticket  termination  why",
        "Tue 2026-12-15  app1-prod  000000000001  t1      2026-12-15   the termination date",
        "Fri 2026-12-18  b          000000000002  t2      2026-12-19   agreed",
        "none            c                        t3                   the request has no termination_date",
        "",
        "3 requests on 2 days",
    ]


def test_a_schedule_of_nothing_says_so() -> None:
    assert schedule_lines([]) == ["no account has a request to be handed back"]
    assert schedule_lines(schedule({"a": account(1)}))[-1] == "1 request on 1 day"
