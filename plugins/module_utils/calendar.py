# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""When the provider works, and which day is proposed for the hand-over of an account (E2, E3).

Pure: the day and the moment are always given, in any time zone; what is asked is answered in the calendar's.
"""

from __future__ import annotations

import functools
import re
import zoneinfo
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccountsError, RecordError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.offboarding_request import as_date
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.record_checks import meant, shown

try:
    import holidays

    HAS_HOLIDAYS = True
except ImportError:
    HAS_HOLIDAYS = False

#: the option of a module that takes a calendar
CALENDAR_SPEC: dict[str, Any] = {
    "type": "dict",
    "apply_defaults": True,
    "options": {
        "country": {"type": "str", "default": "US"},
        "subdivision": {"type": "str", "default": ""},
        "time_zone": {"type": "str", "default": "America/Chicago"},
        "opens": {"type": "str", "default": "09:00"},
        "closes": {"type": "str", "default": "17:00"},
        "weekdays": {"type": "list", "elements": "int", "default": [0, 1, 2, 3, 4]},
        "holidays": {"type": "list", "elements": "str", "default": []},
        "workdays": {"type": "list", "elements": "str", "default": []},
    },
}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOUR = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
#: the billing of a month is closed on this day: a dedicated payer is handed over after it (E2)
LAST_BILLING_DAY = 15
#: so far around a day a workable one is looked for; no calendar of people has a longer gap
FARTHEST = timedelta(days=3660)

Allowed = Callable[[date], bool]


def any_day(day: date) -> bool:
    """Allow every day."""
    return True


def after_billing(day: date) -> bool:
    """Allow the days on which a dedicated payer may be handed over: after the 15th of the month (E2)."""
    return day.day > LAST_BILLING_DAY


@dataclass(frozen=True)
class Calendar:
    """The days and hours in which the provider's engineers work.

    Attributes:
        time_zone: an IANA name.
        opens, closes: the hours of every workable day, on the clocks of the time zone.
        weekdays: Monday is 0.
        country: whose public holidays are kept, an ISO 3166 code; "" for none.
        subdivision: and of which of its parts; "" for those of the whole country.
        holidays: further days on which nobody works.
        workdays: days on which people work although they would not.
    """

    time_zone: zoneinfo.ZoneInfo
    opens: time
    closes: time
    weekdays: frozenset[int]
    country: str = ""
    subdivision: str = ""
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    def local(self, moment: datetime) -> datetime:
        """Return a moment as the clocks of the calendar's time zone show it."""
        return moment.astimezone(self.time_zone)

    def day_of(self, moment: datetime) -> date:
        """Return the day that it is then, in the calendar's time zone."""
        return self.local(moment).date()

    def why_closed(self, day: date) -> str:
        """Say why nobody works on a day; "" where people do."""
        if day in self.workdays:
            return ""
        if day.weekday() not in self.weekdays:
            return f"a {WEEKDAYS[day.weekday()]}"
        if day in self.holidays:
            return "a holiday of the calendar"
        name = public_holidays(self.country, self.subdivision, day.year).get(day, "")
        place = "-".join(filter(None, [self.country, self.subdivision]))
        return f"{name}, a public holiday ({place})" if name else ""

    def is_workable(self, day: date) -> bool:
        """Tell whether people work on a day."""
        return not self.why_closed(day)

    def in_business_hours(self, moment: datetime) -> bool:
        """Tell whether people work at a moment; at the time of closing they no longer do."""
        local = self.local(moment)
        return self.is_workable(local.date()) and self.opens <= local.time() < self.closes

    def next_opening(self, moment: datetime) -> datetime:
        """Return when people work next, from this moment on."""
        local = self.local(moment)
        day = local.date() if local.time() < self.opens else local.date() + timedelta(days=1)
        last = day + FARTHEST
        while not self.is_workable(day):
            if day >= last:
                raise AccountsError(f"calendar: no workable day after {local.date()}; check its days")
            day += timedelta(days=1)
        return datetime.combine(day, self.opens, self.time_zone)

    def nearest_workable(self, day: date, allowed: Allowed = any_day) -> tuple[date, ...]:
        """Return the workable day nearest to a day: the day itself, or one; two where both are as near, earlier first.

        Args:
            allowed: which days may be chosen at all.
        """
        for pair in _outwards(day):
            found = tuple(near for near in pair if allowed(near) and self.is_workable(near))
            if found:
                return found
        raise AccountsError(f"calendar: no workable day within {FARTHEST.days} days of {day}; check its days")


def calendar_of(options: Mapping[str, Any] | None) -> Calendar:
    """Return the calendar that options describe; what is not given has CALENDAR_SPEC's default.

    Raises:
        RecordError: an option is wrong; the message names all that are.
        AccountsError: a library that is needed is not installed.
    """
    given = {name: value for name, value in (options or {}).items() if value is not None}
    defaults = {name: option["default"] for name, option in CALENDAR_SPEC["options"].items()}
    values = {**defaults, **given}
    faults = list(_faults(values, tuple(defaults)))
    if faults:
        raise RecordError("calendar: " + "; ".join(faults))
    return Calendar(
        time_zone=_time_zone(values["time_zone"]),
        opens=time.fromisoformat(values["opens"]),
        closes=time.fromisoformat(values["closes"]),
        weekdays=frozenset(int(day) for day in values["weekdays"]),
        country=values["country"],
        subdivision=values["subdivision"],
        holidays=frozenset(_days(values["holidays"])),
        workdays=frozenset(_days(values["workdays"])),
    )


@functools.lru_cache(maxsize=256)
def public_holidays(country: str, subdivision: str, year: int) -> Mapping[date, str]:
    """Return the public holidays of a year with their names; none where no country is given.

    Raises:
        AccountsError: the library holidays is not installed.
        NotImplementedError: it does not know the country, or the part of it.
    """
    if not country:
        return {}
    if not HAS_HOLIDAYS:
        raise AccountsError(
            "the Python library holidays is required for a calendar with a country; install it for the Python that "
            "runs Ansible (pip install holidays), or set the calendar's country to '' and name its holidays"
        )
    return dict(holidays.country_holidays(country, subdiv=subdivision or None, years=year, language="en_US"))


@dataclass(frozen=True)
class Pending:
    """An account that waits for its hand-over.

    Attributes:
        name: whose request it is.
        termination: the day on which the contract ends.
        agreed: the day that was agreed on; None where one is to be proposed.
        asked: when the request came in; None where nobody wrote it down.
        dedicated_payer: it is a dedicated payer itself, which is not handed over before the 16th.
    """

    name: str
    termination: date
    agreed: date | None = None
    asked: datetime | None = None
    dedicated_payer: bool = False

    def allowed(self, day: date) -> bool:
        """Tell whether the hand-over may be on a day, whatever the calendar says."""
        return not self.dedicated_payer or after_billing(day)


@dataclass(frozen=True)
class Slot:
    """The day of a hand-over, and why it is that one."""

    request: Pending
    day: date
    reason: str


def schedule(requests: Iterable[Pending], calendar: Calendar, capacity: int, today: date) -> list[Slot]:
    """Return a day for each request, sorted by day: the nearest to its termination date that is workable and free.

    Agreed days are taken first. The others are proposed first come, first served: in the order in which the requests
    came in, those that do not say when after the rest, in the given order. Of two days that are as near, the earlier
    one is proposed; none before today (E3).

    Args:
        capacity: how many accounts can be handed over in a day.
        today: in the calendar's time zone.
    """
    if capacity < 1:
        raise RecordError(f"the daily capacity is {capacity}; it is at least 1")
    latest = datetime.max.replace(tzinfo=UTC)
    queue = sorted(requests, key=lambda request: request.asked or latest)
    taken: Counter[date] = Counter()
    slots = []
    for request in queue:
        if request.agreed:
            taken[request.agreed] += 1
            reason = _agreed(request, request.agreed, calendar, taken, capacity, today)
            slots.append(Slot(request, request.agreed, reason))
    for request in queue:
        if not request.agreed:
            slots.append(_proposed(request, calendar, taken, capacity, today))
            taken[slots[-1].day] += 1
    return sorted(slots, key=lambda slot: (slot.day, queue.index(slot.request)))


def _proposed(request: Pending, calendar: Calendar, taken: Counter[date], capacity: int, today: date) -> Slot:
    """Return the nearest free day, with why neither the termination date nor a nearer workable day is it."""
    nearer = {}
    impossible = _why_impossible(request, request.termination, calendar, today)
    if impossible:
        nearer[request.termination] = impossible
    middle = max(request.termination, today)  # of a termination date that has passed, today is as near as any day
    for pair in _outwards(middle):
        for day in pair:
            if _why_impossible(request, day, calendar, today):
                continue
            if taken[day] < capacity:
                told = "; ".join(f"{other} {why}" for other, why in nearer.items())
                return Slot(request, day, f"the nearest day: {told}" if told else "the termination date")
            nearer[day] = f"is full ({taken[day]} of {capacity})"
    raise AccountsError(f"calendar: no workable day within {FARTHEST.days} days of {middle}; check its days")


def _why_impossible(request: Pending, day: date, calendar: Calendar, today: date) -> str:
    if day < today:
        return "has passed"
    if not request.allowed(day):
        return f"is not after the {LAST_BILLING_DAY}th, as it must be for a dedicated payer"
    closed = calendar.why_closed(day)
    return f"is {closed}" if closed else ""


def _agreed(request: Pending, day: date, calendar: Calendar, taken: Counter[date], capacity: int, today: date) -> str:
    doubts = []
    if day < today:
        doubts.append("it has passed: agree on another day")
    if not request.allowed(day):
        doubts.append(f"a dedicated payer is not handed over before the {LAST_BILLING_DAY + 1}th: agree on another day")
    if closed := calendar.why_closed(day):
        doubts.append(f"it is {closed}")
    if taken[day] > capacity:
        doubts.append(f"it is over the daily capacity of {capacity}")
    return "; ".join(["agreed", *doubts])


def _outwards(day: date) -> Iterator[tuple[date, ...]]:
    """Return the days around a day, those that are as near together, the earlier first."""
    yield (day,)
    distance = timedelta(days=1)
    while distance <= FARTHEST:
        yield (day - distance, day + distance)
        distance += timedelta(days=1)


def _faults(values: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[str]:
    for name in values:
        if name not in known:
            yield f"has {name}, which is unknown; {meant(str(name), known)}"
    for name in ("opens", "closes"):
        if not isinstance(values[name], str) or not HOUR.fullmatch(values[name]):
            yield f'{name} is {shown(values[name])}; write hours and minutes in quotes: "09:00"'
    if not list(_hour_faults(values)) and values["opens"] >= values["closes"]:
        yield f"opens is {values['opens']}, which is not before closes, {values['closes']}"
    weekdays = values["weekdays"]
    if not isinstance(weekdays, list | tuple) or not weekdays or not set(map(str, weekdays)) <= set("0123456"):
        yield "weekdays is to be a list of at least one day; Monday is 0, Sunday is 6"
    for name in ("holidays", "workdays"):
        days = values[name]
        if isinstance(days, str) or not isinstance(days, Iterable):
            yield f"{name} is {shown(days)}; write a list of days: [2026-12-24]"
            continue
        for day in days:
            if as_date(day) is None:
                yield f"{name} has {shown(day)}; write a day as 2026-12-24"
    yield from _place_faults(values)


def _hour_faults(values: Mapping[str, Any]) -> Iterator[str]:
    return (name for name in ("opens", "closes") if not HOUR.fullmatch(str(values[name])))


def _place_faults(values: Mapping[str, Any]) -> Iterator[str]:
    country, subdivision, zone = (values[name] for name in ("country", "subdivision", "time_zone"))
    if not all(isinstance(value, str) for value in (country, subdivision, zone)):
        yield "country, subdivision and time_zone are texts; write them in quotes (YAML reads NO as false)"
        return
    if subdivision and not country:
        yield f"subdivision is {subdivision!r}, and country is empty; name its country"
    try:
        public_holidays(country, "", 2026)
        public_holidays(country, subdivision, 2026)
    except NotImplementedError as error:
        yield f"{error}; country is an ISO 3166 code in upper case, like US, subdivision a code of its parts, like TX"
    try:
        _time_zone(zone)
    except (ValueError, OSError, KeyError) as error:
        if not zoneinfo.available_timezones():
            raise AccountsError(
                "this system has no time zones; install the Python library tzdata for the Python that runs Ansible "
                "(pip install tzdata)"
            ) from error
        yield f"time_zone is {zone!r}, which is unknown; write an IANA name, like America/Chicago"


def _time_zone(name: str) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(name)


def _days(values: Iterable[Any]) -> Iterator[date]:
    return (day for day in map(as_date, values) if day)
