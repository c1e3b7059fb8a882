# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that proposes the days of hand-overs (E3)."""

from __future__ import annotations

DOCUMENTATION = r"""
name: offboarding_schedule
short_description: The days on which the accounts of an inventory are handed back
description:
  - Looks at the requests of all accounts at once, so it is meant to be used with C(run_once).
  - An agreed C(transfer_date) stays, and takes its place first. The others are proposed first come, first served. That
    is the order of C(requested_at), and of the hosts where a request does not have it.
  - Proposed is the day nearest to the C(termination_date) that is workable and has a free place. Of two that are as
    near it is the earlier one, none is before today, and for a dedicated payer none before the 16th of a month.
  - The Python library C(holidays) is needed where the calendar has a country.
options:
  _input:
    description: The C(hostvars) of the run.
    type: dict
    required: true
  hosts:
    description: The hosts that are accounts. Those without a request are left out.
    type: list
    elements: str
    required: true
  calendar:
    description:
      - When the provider works, as the option C(calendar) of M(rackspace.aws_accounts.release_readiness) takes it.
    type: dict
    default: {}
  capacity:
    description: How many accounts can be handed back in a day.
    type: int
    default: 5
  now:
    description: The moment that is taken for now, ISO 8601 with offset. If it is an empty string, the clock is read.
    type: str
    default: ""
  done:
    description: Hosts among O(hosts) that have been handed back. They are left out.
    type: list
    elements: str
    default: []
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Propose days for all pending requests
  ansible.builtin.debug:
    msg: "{{ hostvars | rackspace.aws_accounts.offboarding_schedule(groups['accounts'], capacity=3) }}"
  run_once: true
"""

RETURN = r"""
_value:
  description:
    - One entry for each request, sorted by day; those that cannot be scheduled come last.
    - Each with C(host), C(account_id), C(ticket), C(termination_date), C(date) and C(reason), all of them strings.
      C(date) is empty where the request cannot be read, and C(reason) says why then.
  type: list
  elements: dict
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.calendar import (
    Calendar,
    Pending,
    calendar_of,
    schedule,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccountsError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.offboarding_request import as_date, as_moment


def offboarding_schedule(
    hostvars: Mapping[str, Any],
    hosts: Iterable[str],
    calendar: Mapping[str, Any] | None = None,
    capacity: int = 5,
    now: str = "",
    done: Iterable[str] = (),
) -> list[dict[str, str]]:
    """Return a row for each pending request; see RETURN for its shape."""
    over = {str(host) for host in done}
    rows: dict[str, dict[str, str]] = {}
    pending = []
    moment = as_moment(now) if now else datetime.now(UTC)
    if moment is None:
        raise AnsibleFilterError(f"offboarding_schedule: now is {now!r}; write a moment as 2026-12-15T09:30:00-06:00")
    try:
        days = calendar_of(calendar)
        for host in (str(host) for host in hosts):
            if host in over:
                continue
            try:
                request = _request(host, hostvars[host], days, rows)
            except Exception as error:  # whatever a template of the user's raises: this account's fault, not the run's
                rows[host] = _row(host, reason=f"the request cannot be read: {error}")
            else:
                pending += [request] if request else []
        slots = schedule(pending, days, int(capacity), days.day_of(moment))
    except AccountsError as error:
        raise AnsibleFilterError(f"offboarding_schedule: {error}") from error
    for slot in slots:
        rows[slot.request.name] |= {"date": slot.day.isoformat(), "reason": slot.reason}
    order = [slot.request.name for slot in slots]
    return [rows[host] for host in [*order, *(host for host in rows if host not in order)]]


def _request(
    host: str, variables: Mapping[str, Any], calendar: Calendar, rows: dict[str, dict[str, str]]
) -> Pending | None:
    """Return what waits, None where nothing does or it says no day; its row is made either way."""
    request = variables.get("offboarding")
    if not request:
        return None
    if not isinstance(request, Mapping):
        raise TypeError("offboarding is no mapping")
    termination = as_date(request.get("termination_date"))
    account, ticket = str(variables.get("account_id", "")), str(request.get("ticket", ""))
    rows[host] = _row(host, account_id=account, ticket=ticket, termination_date=str(termination or ""))
    if termination is None:
        rows[host]["reason"] = "the request has no termination_date"
        return None
    return Pending(
        host,
        termination,
        agreed=as_date(request.get("transfer_date")),
        asked=_asked(request.get("requested_at"), calendar),
        dedicated_payer=variables.get("account_payer") == "dedicated" and variables.get("account_kind") == "payer",
    )


def _asked(value: Any, calendar: Calendar) -> datetime | None:
    day: date | None = as_date(value)
    return datetime.combine(day, time(), calendar.time_zone) if day else as_moment(value)


def _row(host: str, **values: str) -> dict[str, str]:
    return {"host": host, "account_id": "", "ticket": "", "termination_date": "", "date": "", "reason": "", **values}


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"offboarding_schedule": offboarding_schedule}
