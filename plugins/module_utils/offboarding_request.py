# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The request to hand an account back: the field ``offboarding`` of its record, and what is wrong with it (E1).

Pure. Days are written as 2026-12-15, moments as 2026-12-15T09:30:00-06:00; YAML turns both into dates by itself where
they are not quoted, so either is taken.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Union

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.record_checks import (
    EMAIL,
    Check,
    boolean,
    meant,
    one_of,
    shaped,
    shown,
    text,
)

#: the gates of a hand-over, in the order in which they are told (E2)
GATES = (
    "balance_current",
    "dedicated_payer",
    "consent_to_assignment",
    "business_hours",
    "nearest_date",
    "billing_access",
    "customer_way_in",
    "topic_users",
    "leave_organization",
)
#: those that a request may set aside, with a reason
OVERRIDABLE = ("business_hours", "nearest_date")

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
#: years of a contract's end that are no slip of the pen
YEARS = range(2000, 2101)
#: what somebody else's clock, or time zone, may be ahead
AHEAD = timedelta(days=1)
#: E.164: at most 15 digits, none of the codes begins with 0; AWS takes blanks, hyphens and parentheses between them
PHONE = re.compile(r"\+[1-9](?:[ ()-]*\d){6,14}")
COUNTRY = re.compile(r"[A-Z]{2}")
PRINCIPAL = re.compile(r"arn:[a-z-]+:iam::(\d{12}):(role|user)/[\w+=,.@/-]+")
#: countries in which AWS wants a state or region. Source: Account Management API Reference, ContactInformation
WITH_STATES = ("US", "CA", "GB", "DE", "JP", "IN", "BR")


def as_date(value: Any) -> date | None:
    """Return the day that a value is, None where it is none."""
    if isinstance(value, datetime):
        return None
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def as_moment(value: Any) -> datetime | None:
    """Return the moment that a value is, None where it is none or has no offset from UTC."""
    found = value if isinstance(value, datetime) else None
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            return None
    return found if found is not None and found.tzinfo is not None else None


def request_faults(value: Any, now: datetime | None = None) -> list[str]:
    """Return everything that is wrong with a request, each with the path of its field and the fix; [] where nothing is.

    Args:
        now: what counts as the future; None: after the clock's time.
    """
    return list(_request(now or datetime.now(UTC)).faults(value))


def foreign_principals(value: Any, account_id: Any) -> list[str]:
    """Return what is wrong with the principals that a request names: those of another account than the request's."""
    if not isinstance(value, Mapping) or not isinstance(account_id, str):
        return []
    named = [
        (f"billing_principals entry {number}", entry)
        for number, entry in enumerate(_sequence(value.get("billing_principals")), 1)
    ]
    confirmations = value.get("confirmations")
    way_in = confirmations.get("customer_way_in") if isinstance(confirmations, Mapping) else None
    if isinstance(way_in, Mapping) and way_in.get("principal"):
        named.append(("confirmations.customer_way_in.principal", way_in["principal"]))
    faults = []
    for path, arn in named:
        match = PRINCIPAL.fullmatch(arn) if isinstance(arn, str) else None
        if match and match[1] != account_id:
            faults.append(f"{path} is {arn!r}, of account {match[1]}; this record is of {account_id}: name one of it")
    return faults


class _Mapping(ABC):
    """A value with fields of its own."""

    @abstractmethod
    def faults(self, value: Any, path: str = "") -> Iterator[str]:
        """Return what is wrong, each in words that begin with the path of the field."""


_Part = Union[Check, _Mapping]  # noqa: UP007 (sanity's pylint takes Check | _Mapping for a sum)


@dataclass(frozen=True)
class _Table(_Mapping):
    """A mapping with known keys, each with its own check."""

    required: Mapping[str, _Part] = field(default_factory=dict)
    optional: Mapping[str, _Part] = field(default_factory=dict)

    def faults(self, value: Any, path: str = "") -> Iterator[str]:
        known: dict[str, _Part] = {**self.required, **self.optional}
        here = f"{path} " if path else ""
        if not isinstance(value, Mapping):
            yield f"{here}is {shown(value)}; write a mapping of {', '.join(known)}"
            return
        for key in self.required:
            if value.get(key) in (None, ""):
                yield f"{here}has no {key}; add it"
        for key, entry in value.items():
            where = f"{path}.{key}" if path else str(key)
            check = known.get(str(key))
            if check is None:
                yield f"{here}has {key}, which is unknown; {meant(str(key), tuple(known))}"
            elif entry in (None, ""):
                continue
            elif isinstance(check, _Mapping):
                yield from check.faults(entry, where)
            else:
                yield from (f"{where} {fault}" for fault in check(entry))


class _Contact(_Table):
    """The contact information, of which AWS wants more in some countries."""

    def faults(self, value: Any, path: str = "") -> Iterator[str]:
        yield from super().faults(value, path)
        country = value.get("country_code") if isinstance(value, Mapping) else None
        if country in WITH_STATES and value.get("state_or_region") in (None, ""):
            yield f"{path} has no state_or_region, which AWS asks for in {country}; add it"


class _Reasons(_Mapping):
    """A mapping of names to the reasons why something is taken as it is."""

    def faults(self, value: Any, path: str = "") -> Iterator[str]:
        if not isinstance(value, Mapping):
            yield f"{path} is {shown(value)}; write a mapping of names to reasons: {{<name>: <reason>}}"
            return
        for name, reason in value.items():
            if not isinstance(reason, str) or not reason.strip():
                yield f"{path}.{name} has no reason; say why: {{{name}: <reason>}}"


class _Overrides(_Reasons):
    """Gates that are set aside, and why."""

    def faults(self, value: Any, path: str = "") -> Iterator[str]:
        yield from super().faults(value, path)
        for gate in value if isinstance(value, Mapping) else ():
            if gate not in GATES:
                yield f"{path} has {gate}, which is no gate; {meant(str(gate), GATES)}"
            elif gate not in OVERRIDABLE:
                yield f"{path}.{gate} cannot be overridden, only {' and '.join(OVERRIDABLE)} can; take it out"


def _request(now: datetime) -> _Table:
    seen = _moment(now)
    confirmed: dict[str, _Part] = {"by": _text(), "at": seen, "evidence": _text()}
    confirmation = _Table(confirmed)
    signed = _day_or_moment(now)
    contact = {"name": _text(64), "title": _text(50), "email": _email, "phone": _phone}
    return _Table(
        required={
            "ticket": _text(),
            "termination_date": _day,
            "new_root_email": _email,
            "authorized_signatory": _Table({"name": _text(), "email": _email}),
            "contact": _Contact(
                {
                    "full_name": _text(50),
                    "address_line_1": _text(60),
                    "city": _text(50),
                    "postal_code": _text(20),
                    "country_code": _country,
                    "phone_number": _phone,
                },
                {
                    "company_name": _text(50),
                    "address_line_2": _text(60),
                    "address_line_3": _text(60),
                    "state_or_region": _text(50),
                    "district_or_county": _text(50),
                    "website_url": _text(256),
                },
            ),
        },
        optional={
            "requested_at": _day_or_moment(now),
            "transfer_date": _day,
            "keep_organization": boolean,
            "alternate_contacts": _Table(optional={k: _Table(contact) for k in ("billing", "operations", "security")}),
            "billing_principals": _principals,
            "confirmations": _Table(
                optional={
                    "balance_current": confirmation,
                    "billing_access": confirmation,
                    "customer_way_in": _Table(confirmed, {"principal": _principal}),
                    "consent_to_assignment": _Table(
                        {"generated_by": one_of("aws", "provider")},
                        {"provider_signed_at": signed, "customer_signed_at": signed, "evidence": _text()},
                    ),
                    # the manual steps (manual_steps.py)
                    "contact_information": confirmation,
                    "neutralised_role": confirmation,
                    "organization_role": confirmation,
                    "payment_method": confirmation,
                    "root_email": confirmation,
                    "root_mfa": confirmation,
                    "root_password": confirmation,
                    "support_plan": confirmation,
                }
            ),
            "overrides": _Overrides(),
            "accept_residual": _Reasons(),
            "accept_topic_users": _Reasons(),
        },
    )


def _text(longest: int = 0) -> Check:
    """Return the check of a text that says something and is not longer than AWS takes it; 0 is any length."""

    def check(value: Any) -> list[str]:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return [f"is {shown(value)}; write it in quotes"]
        if faults := text(value):
            return faults
        if not value.strip():
            return ["is blank; fill it in"]
        return [f"has {len(value)} characters; AWS takes {longest}"] if longest and len(value) > longest else []

    return check


_email = shaped(EMAIL, "an e-mail address")


def _day(value: Any) -> list[str]:
    found = as_date(value)
    if found is None:
        return [f"is {_told(value)}; write a day as 2026-12-15"]
    return [] if found.year in YEARS else [f"is {found}; is the year right?"]


def _moment(now: datetime) -> Check:
    def check(value: Any) -> list[str]:
        found = as_moment(value)
        if found is None:
            naive = isinstance(value, datetime) or (isinstance(value, str) and _is_naive(value))
            why = ", which has no offset from UTC" if naive else ""
            return [f"is {_told(value)}{why}; write a moment as 2026-12-15T09:30:00-06:00"]
        return _not_ahead(found, now)

    return check


def _day_or_moment(now: datetime) -> Check:
    def check(value: Any) -> list[str]:
        day = as_date(value)
        if day is None:
            return _moment(now)(value)
        return _not_ahead(datetime(day.year, day.month, day.day, tzinfo=UTC), now)

    return check


def _not_ahead(moment: datetime, now: datetime) -> list[str]:
    if moment <= now + AHEAD:
        return []
    return [f"is {moment.isoformat()}, which lies in the future; write when it happened"]


def _is_naive(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is None
    except ValueError:
        return False


def _told(value: Any) -> str:
    return str(value) if isinstance(value, date) else shown(value)


def _country(value: Any) -> list[str]:
    if isinstance(value, bool):
        return [f"is {shown(value)}, as YAML reads {'NO' if not value else 'such a word'}; write it in quotes"]
    if isinstance(value, str) and COUNTRY.fullmatch(value.upper()) and not COUNTRY.fullmatch(value):
        return [f"is {value!r}; write it in upper case: {value.upper()}"]
    return shaped(COUNTRY, "the two letters of a country, like US (ISO 3166)")(value)


def _phone(value: Any) -> list[str]:
    if isinstance(value, int) and not isinstance(value, bool):
        return [f'is {shown(value)}; write it in quotes, with + and the country\'s code: "+{value}"']
    if isinstance(value, str) and len(value) <= 20 and PHONE.fullmatch(value):
        return []
    return [f'is {shown(value)}; write + and the country\'s code first, at most 20 characters: "+12105550123"']


def _principal(value: Any) -> list[str]:
    if isinstance(value, str) and PRINCIPAL.fullmatch(value):
        return []
    return [f"is {shown(value)}; write the ARN of a role or user: arn:aws:iam::111111111111:role/Finance"]


def _principals(value: Any) -> list[str]:
    if isinstance(value, str) or not isinstance(value, list | tuple):
        return [f"is {shown(value)}; write a list, also for one entry: [...]"]
    return [f"entry {number} {fault}" for number, entry in enumerate(value, 1) for fault in _principal(entry)]


def _sequence(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
