# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a gate says, and how it tells of what somebody confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.calendar import WEEKDAYS
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.gates.facts import Facts
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.offboarding_request import as_moment

PASS, FAIL, UNKNOWN = "pass", "fail", "unknown"
#: so far another clock may be ahead of ours before what it says lies in the future
CLOCKS = timedelta(minutes=15)


@dataclass(frozen=True)
class Answer:
    """What a gate says: its result, on what evidence, and what to do where it does not pass."""

    result: str
    evidence: str
    fix: str = ""


def passes(evidence: str) -> Answer:
    """Return that a gate passes."""
    return Answer(PASS, evidence)


def does_not_apply(why: str) -> Answer:
    """Return that a gate asks nothing of this account."""
    return Answer(PASS, f"does not apply: {why}")


def moment_of(confirmation: Mapping[str, Any]) -> datetime:
    """Return when something was confirmed."""
    return as_moment(confirmation["at"]) or datetime.max.replace(tzinfo=UTC)  # of a checked request, there is one


def ahead_of(facts: Facts, confirmation: Mapping[str, Any]) -> str:
    """Return that a confirmation is of the future; "" where it is not."""
    if moment_of(confirmation) <= facts.now + CLOCKS:
        return ""
    return f"confirmed {told(confirmation)}; that lies in the future, the run is at {facts.now.isoformat()}"


def told(confirmation: Mapping[str, Any]) -> str:
    """Return who confirmed something, when, and on what evidence."""
    return f"by {confirmation['by']} at {text(confirmation['at'])}: {confirmation['evidence']}"


def text(value: Any) -> str:
    """Return a day or moment as it is written."""
    return value.isoformat() if isinstance(value, date) else str(value)


def how_to_confirm(name: str) -> str:
    """Return how a confirmation is written down."""
    return f"offboarding.confirmations.{name}: {{by: ..., at: ..., evidence: ...}}"


def when(local: datetime) -> str:
    """Return a moment with its weekday and time zone."""
    return f"{WEEKDAYS[local.weekday()]} {local:%Y-%m-%d %H:%M %Z}"
