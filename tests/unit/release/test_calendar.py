# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""When the provider works: days, hours, holidays, in any time zone (E2)."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import calendar as calendar_module
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.calendar import (
    CALENDAR_SPEC,
    Calendar,
    after_billing,
    calendar_of,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccountsError, RecordError


def office(**options: Any) -> Calendar:
    return calendar_of(options)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def fault(**options: Any) -> str:
    with pytest.raises(RecordError) as caught:
        calendar_of(options)
    return str(caught.value)


def test_without_options_it_is_an_office_in_chicago() -> None:
    office_ = calendar_of(None)
    assert (office_.time_zone.key, office_.country, office_.weekdays) == ("America/Chicago", "US", frozenset(range(5)))
    assert (f"{office_.opens:%H:%M}", f"{office_.closes:%H:%M}") == ("09:00", "17:00")


def test_what_is_null_has_its_default() -> None:
    assert calendar_of({"country": None, "holidays": None}) == calendar_of({})


@pytest.mark.parametrize("day", ["2026-11-23", "2026-11-27", "2028-02-29"])
def test_a_weekday_is_workable(day: str) -> None:
    assert office().is_workable(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2026-11-21", "a Saturday"),
        ("2026-11-22", "a Sunday"),
        ("2026-11-26", "Thanksgiving Day, a public holiday (US)"),
        ("2026-07-03", "Independence Day (observed), a public holiday (US)"),
        ("2026-12-25", "Christmas Day, a public holiday (US)"),
    ],
)
def test_a_closed_day_is_told_with_why(day: str, why: str) -> None:
    assert office().why_closed(date.fromisoformat(day)) == why


def test_the_leap_day_is_a_day_like_others() -> None:
    assert office().why_closed(date(2032, 2, 29)) == "a Sunday"
    assert office().nearest_workable(date(2032, 2, 29)) == (date(2032, 3, 1),)
    assert office().nearest_workable(date(2028, 2, 29)) == (date(2028, 2, 29),)


def test_holidays_are_those_of_the_country() -> None:
    unity = date(2028, 10, 3)
    assert not office(country="DE").is_workable(unity)
    assert office(country="US").is_workable(unity)
    assert office(country="").is_workable(unity)


def test_holidays_of_a_part_of_the_country_are_kept_only_there() -> None:
    epiphany = date(2026, 1, 6)
    assert office(country="DE", subdivision="BY").why_closed(epiphany) == "Epiphany, a public holiday (DE-BY)"
    assert office(country="DE").is_workable(epiphany)


def test_further_holidays_and_workdays_are_by_option() -> None:
    closed = office(holidays=["2026-12-24", date(2026, 12, 31)], workdays=["2026-12-25", "2026-12-26"])
    assert closed.why_closed(date(2026, 12, 24)) == "a holiday of the calendar"
    assert not closed.is_workable(date(2026, 12, 31))
    assert closed.is_workable(date(2026, 12, 25))
    assert closed.is_workable(date(2026, 12, 26))


def test_weekdays_are_by_option() -> None:
    gulf = office(country="", weekdays=[6, 0, 1, 2, 3])
    assert gulf.is_workable(date(2026, 11, 22))
    assert gulf.why_closed(date(2026, 11, 20)) == "a Friday"


@pytest.mark.parametrize(
    ("at", "open_"),
    [
        ("2026-12-15T08:59:59-06:00", False),
        ("2026-12-15T09:00:00-06:00", True),
        ("2026-12-15T16:59:59-06:00", True),
        ("2026-12-15T17:00:00-06:00", False),
        ("2026-12-15T22:30:00+00:00", True),  # 16:30 in Chicago
        ("2026-12-15T10:00:00+00:00", False),  # 04:00
        ("2026-12-19T10:00:00-06:00", False),  # Saturday
        ("2026-12-25T10:00:00-06:00", False),  # holiday
    ],
)
def test_hours_are_those_of_the_time_zone_and_end_when_it_closes(at: str, open_: bool) -> None:
    assert office().in_business_hours(moment(at)) is open_


@pytest.mark.parametrize(
    ("at", "open_"),
    [
        ("2026-03-06T14:30:00+00:00", False),  # before the clocks go forward: 08:30
        ("2026-03-09T14:30:00+00:00", True),  # after: 09:30
        ("2026-10-30T21:30:00+00:00", True),  # before they go back: 16:30
        ("2026-11-02T22:30:00+00:00", True),  # after: 16:30
        ("2026-11-02T14:30:00+00:00", False),  # 08:30
    ],
)
def test_hours_follow_daylight_saving_time(at: str, open_: bool) -> None:
    assert office().in_business_hours(moment(at)) is open_


def test_the_day_is_that_of_the_time_zone() -> None:
    at = moment("2026-12-16T03:00:00+00:00")
    assert office().day_of(at) == date(2026, 12, 15)
    assert office(country="JP", time_zone="Asia/Tokyo").day_of(at) == date(2026, 12, 16)


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-12-15T08:00:00-06:00", "2026-12-15T09:00:00-06:00"),
        ("2026-12-15T18:00:00-06:00", "2026-12-16T09:00:00-06:00"),
        ("2026-12-18T18:00:00-06:00", "2026-12-21T09:00:00-06:00"),  # over a weekend
        ("2026-03-06T20:00:00-06:00", "2026-03-09T09:00:00-05:00"),  # and a change of the clocks
    ],
)
def test_the_next_opening_is_found(at: str, opens: str) -> None:
    assert office().next_opening(moment(at)).isoformat() == opens


@pytest.mark.parametrize(
    ("day", "nearest"),
    [
        ("2026-12-15", ["2026-12-15"]),
        ("2026-12-19", ["2026-12-18"]),  # Saturday: Friday
        ("2026-12-20", ["2026-12-21"]),  # Sunday: Monday
        ("2026-11-26", ["2026-11-25", "2026-11-27"]),  # Thanksgiving: both are as near
        ("2026-07-04", ["2026-07-02", "2026-07-06"]),  # Saturday, and its Friday is kept
    ],
)
def test_the_nearest_workable_days_are_one_or_two(day: str, nearest: list[str]) -> None:
    assert [str(found) for found in office().nearest_workable(date.fromisoformat(day))] == nearest


def test_the_nearest_day_may_be_limited_to_some() -> None:
    assert office().nearest_workable(date(2026, 12, 10), after_billing) == (date(2026, 12, 16),)
    # 2 January: the last days of December are after the 15th, too
    assert office().nearest_workable(date(2027, 1, 2), after_billing) == (date(2026, 12, 31),)


def test_no_day_at_all_is_an_error() -> None:
    with pytest.raises(AccountsError, match="no workable day within 3660 days"):
        office().nearest_workable(date(2026, 12, 10), lambda _: False)
    closed = office(country="", holidays=[str(date(2026, 12, 15) + timedelta(days=day)) for day in range(3700)])
    with pytest.raises(AccountsError, match="no workable day after 2026-12-15"):
        closed.next_opening(moment("2026-12-15T09:30:00-06:00"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cuontry": "US"}, "has cuontry, which is unknown; is country meant?"),
        ({"opens": 540}, 'opens is the number 540; write hours and minutes in quotes: "09:00"'),
        ({"closes": "24:00"}, "closes is '24:00'; write hours and minutes in quotes: \"09:00\""),
        ({"opens": "17:00"}, "opens is 17:00, which is not before closes, 17:00"),
        ({"weekdays": []}, "weekdays is to be a list of at least one day; Monday is 0, Sunday is 6"),
        ({"weekdays": [7]}, "weekdays is to be a list of at least one day"),
        ({"weekdays": "Monday"}, "weekdays is to be a list of at least one day"),
        ({"holidays": ["24.12.2026"]}, "holidays has '24.12.2026'; write a day as 2026-12-24"),
        ({"workdays": "2026-12-24"}, "workdays is '2026-12-24'; write a list of days"),
        ({"country": "XX"}, "Country XX not available; country is an ISO 3166 code in upper case"),
        ({"country": False}, "write them in quotes (YAML reads NO as false)"),
        ({"subdivision": "ZZ"}, "does not have subdivision ZZ"),
        ({"country": "", "subdivision": "TX"}, "subdivision is 'TX', and country is empty"),
        ({"time_zone": "Chicago"}, "time_zone is 'Chicago', which is unknown; write an IANA name"),
        ({"time_zone": "../etc/passwd"}, "time_zone is '../etc/passwd', which is unknown"),
        ({"time_zone": "America"}, "time_zone is 'America', which is unknown"),
    ],
)
def test_a_wrong_option_is_told_with_the_fix(options: dict[str, Any], message: str) -> None:
    assert message in fault(**options)


def test_all_faults_are_told_at_once() -> None:
    told = fault(opens="9", weekdays=[], time_zone="x", holidays=["y"])
    assert told.startswith("calendar: ")
    assert all(name in told for name in ("opens", "weekdays", "time_zone", "holidays"))


def test_without_the_library_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar_module, "HAS_HOLIDAYS", False)
    calendar_module.public_holidays.cache_clear()
    with pytest.raises(AccountsError, match="the Python library holidays is required"):
        calendar_of({})
    assert not calendar_of({"country": ""}).is_workable(date(2026, 11, 21))
    calendar_module.public_holidays.cache_clear()


def test_without_time_zones_the_error_names_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar_module.zoneinfo, "available_timezones", set)
    with pytest.raises(AccountsError, match="install the Python library tzdata"):
        calendar_of({"time_zone": "Somewhere/Else"})


def test_modules_and_filters_are_imported_without_the_library() -> None:
    names = [
        "module_utils.calendar",
        "modules.release_readiness",
        "filter.offboarding_schedule",
        "filter.account_faults",
    ]
    imports = "; ".join(f"import ansible_collections.rackspace.aws_accounts.plugins.{name}" for name in names)
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.modules['holidays'] = None; {imports}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_option_of_the_module_is_what_the_calendar_knows() -> None:
    defaults = {name: option["default"] for name, option in CALENDAR_SPEC["options"].items()}
    assert calendar_of(defaults) == calendar_of({})
