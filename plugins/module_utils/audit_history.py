# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What changed between two audits: new, open since, fixed (G7). Pure functions over audit.json's data.

A target is one default in one region of one account. It is in the same trouble as before where its state is the same.
Each finding beside it is one more trouble, the same as before where its words are the same.
What an audit did not read, an account, a region, a default, is neither fixed nor new: what was last seen of it is kept
(``unread`` of the account, ``absent`` of the audit) until it is read again, so that ``since`` survives a limited run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.plan import DRIFTED, FOREIGN, UNKNOWN

FINDING = "finding"  #: what is wrong with a target beside which something was found, whatever its state
TROUBLES = (DRIFTED, FOREIGN, UNKNOWN)
LEFT_OUT = "account_regions names"  #: so begins a finding of the account, told beside whatever default came first
Wrong = tuple[str, ...]  #: a state of TROUBLES alone, or FINDING and its words
Trouble = tuple[str, str, Wrong]  #: default, region, what is wrong there
Seen = dict[Trouble, str]  #: -> since
Time = tuple[str, str]  #: since and trend


class History:
    """What earlier audits saw, by account."""

    def __init__(self, audit: Mapping[str, Any]) -> None:
        self.audited_at: str | None = audit.get("audited_at")
        accounts = (*audit.get("absent", ()), *audit.get("accounts", ()))
        self._accounts = {key(account): account for account in accounts}

    def compare(self, account: dict[str, Any], audited_at: str) -> None:
        """Set since and trend of an account's results, and fixed and unread of the account."""
        before = seen(self._accounts.get(key(account), {}))
        known = {_identity(target): since for target, since in before.items()}
        account["results"] = [told for entry in account["results"] for told in self._told(entry, known, audited_at)]
        now = set(map(_identity, seen(account)))
        states = {
            (entry["default"], region): entry["state"] for entry in account["results"] for region in entry["regions"]
        }
        fixed, unread = {}, {}
        for target, since in before.items():
            if _identity(target) in now:
                continue
            default, region, what = target
            state = states.get((default, region))  # None where it was not looked at
            if _of_account(what) and states:
                fixed[target] = since  # whatever was looked at would have told of it
            elif state is None or (state == UNKNOWN and what[0] != UNKNOWN):
                unread[target] = since
            elif state not in TROUBLES or what[0] == FINDING:
                fixed[target] = since
        account["fixed"] = _folded(fixed)
        if unread:
            account["unread"] = _folded(unread)

    def _told(self, entry: dict[str, Any], known: Seen, audited_at: str) -> list[dict[str, Any]]:
        """Return a result with since and trend: one for all its regions, or several where they differ in that."""
        troubles = wrong(entry)
        if not troubles:
            return [entry]
        groups: dict[tuple[Time, ...], list[str]] = {}
        for region in entry["regions"]:
            found = [known.get(_identity((entry["default"], region, what))) for what in troubles]
            times = tuple((since or audited_at, "open" if since else "new") for since in found)
            groups.setdefault(times, []).append(region)
        return [{**entry, "regions": groups[times], **self._times(troubles, times)} for times in sorted(groups)]

    def _times(self, troubles: list[Wrong], times: Collection[Time]) -> dict[str, Any]:
        """Return since and trend of a result, and of those of its findings for which they are others."""
        told = dict(zip(troubles, times, strict=True))
        trends = {trend for since, trend in times}
        oldest = (min(since for since, trend in times), "new" if "new" in trends else "open")
        own = next((time for what, time in told.items() if what[0] != FINDING), oldest)
        others = {what[1]: self._time(time) for what, time in told.items() if what[0] == FINDING and time != own}
        return {**self._time(own), **({"finding_since": others} if others else {})}

    def _time(self, time: Time) -> dict[str, str]:
        since, trend = time
        return {"since": since, **({"trend": trend} if self.audited_at else {})}

    def absent(self, present: Iterable[str]) -> list[dict[str, Any]]:
        """Return what was last seen wrong of the accounts that an audit did not look at."""
        there = set(present)
        return [
            {**{name: account[name] for name in ("host", "id", "name")}, "unread": _folded(seen(account))}
            for name_or_id, account in self._accounts.items()
            if name_or_id not in there and seen(account)
        ]


def key(account: Mapping[str, Any]) -> str:
    """Return by what an account is known from audit to audit: its id, or where that is not known its host."""
    return str(account["id"] or account["host"])


def wrong(entry: Mapping[str, Any]) -> list[Wrong]:
    """Return what is wrong with a result: its state, and each finding beside it; [] where nothing is."""
    state: list[Wrong] = [(entry["state"],)] if entry["state"] in TROUBLES else []
    return [*state, *((FINDING, text) for text in dict.fromkeys(entry.get("findings", ())))]


def time_of(entry: Mapping[str, Any], what: Wrong) -> Mapping[str, str]:
    """Return what has the since, and the trend if there is one, of what is wrong with a result."""
    found: Mapping[str, str] = entry.get("finding_since", {}).get(what[1], entry) if what[0] == FINDING else entry
    return found


def seen(account: Mapping[str, Any]) -> Seen:
    """Return what is wrong in an account's audit, and what was wrong when its unread targets were last read."""
    found: Seen = {}
    for entry in (*account.get("unread", ()), *account.get("results", ())):
        for what in wrong(entry):
            found |= {(entry["default"], region, what): time_of(entry, what)["since"] for region in entry["regions"]}
    return found


def _of_account(what: Wrong) -> bool:
    """Return whether this is a finding of the account, not of the target beside which it is told."""
    return what[0] == FINDING and what[1].startswith(LEFT_OUT)


def _identity(target: Trouble) -> Trouble:
    """Return by what a trouble is known from audit to audit."""
    return ("", "", target[2]) if _of_account(target[2]) else target


def _folded(targets: Seen) -> list[dict[str, Any]]:
    """Return targets as data: one entry for the regions of a default in which the same is wrong since the same time."""
    entries: dict[tuple[str, Wrong, str], dict[str, Any]] = {}
    for (default, region, what), since in targets.items():
        state, *findings = what
        entry = {"default": default, "state": state, "regions": [], "since": since}
        entries.setdefault((default, what, since), entry | ({"findings": findings} if findings else {}))
        entries[default, what, since]["regions"].append(region)
    return list(entries.values())
