# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What changed between two audits: new, open since, fixed (G7). Pure functions over audit.json's data.

A target is one default in one region of one account. It is in the same trouble as before where its state is the same.
What an audit did not read, an account, a region, a default, is neither fixed nor new: what was last seen of it is kept
(``unread`` of the account, ``absent`` of the audit) until it is read again, so that ``since`` survives a limited run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.plan import DRIFTED, FOREIGN, UNKNOWN

FINDING = "finding"  #: what is wrong with a target beside which something was found, whatever its state
TROUBLES = (DRIFTED, FOREIGN, UNKNOWN)
Wrong = tuple[str, ...]  #: a state of TROUBLES alone, or FINDING and the findings
Seen = dict[tuple[str, str, Wrong], str]  #: default, region, what is wrong there -> since


class History:
    """What earlier audits saw, by account."""

    def __init__(self, audit: Mapping[str, Any]) -> None:
        self.audited_at: str | None = audit.get("audited_at")
        accounts = (*audit.get("absent", ()), *audit.get("accounts", ()))
        self._accounts = {key(account): account for account in accounts}

    def compare(self, account: dict[str, Any], audited_at: str) -> None:
        """Set since and trend of an account's results, and fixed and unread of the account."""
        before = seen(self._accounts.get(key(account), {}))
        account["results"] = [told for entry in account["results"] for told in self._told(entry, before, audited_at)]
        now = seen(account)
        states = {
            (entry["default"], region): entry["state"] for entry in account["results"] for region in entry["regions"]
        }
        fixed, unread = {}, {}
        for target, since in before.items():
            default, region, what = target
            state = states.get((default, region), UNKNOWN)
            if target in now or (state in TROUBLES and what[0] == UNKNOWN):
                continue
            if state == UNKNOWN:
                unread[target] = since
            elif state not in TROUBLES or what[0] == FINDING:
                fixed[target] = since
        account["fixed"] = _folded(fixed)
        if unread:
            account["unread"] = _folded(unread)

    def _told(self, entry: dict[str, Any], before: Seen, audited_at: str) -> list[dict[str, Any]]:
        """Return a result with since and trend: one for all its regions, or several where they differ in that."""
        if not wrong(entry):
            return [entry]
        groups: dict[tuple[str, str], list[str]] = {}
        for region in entry["regions"]:
            since = before.get((entry["default"], region, wrong(entry)[0]))
            groups.setdefault((since or audited_at, "open" if since else "new"), []).append(region)
        return [
            {**entry, "regions": regions, "since": since, **({"trend": trend} if self.audited_at else {})}
            for (since, trend), regions in sorted(groups.items())
        ]

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
    """Return what is wrong with a result: its state, and what was found beside it; [] where nothing is."""
    state: list[Wrong] = [(entry["state"],)] if entry["state"] in TROUBLES else []
    return [*state, (FINDING, *sorted(entry["findings"]))] if entry.get("findings") else state


def seen(account: Mapping[str, Any]) -> Seen:
    """Return what is wrong in an account's audit, and what was wrong when its unread targets were last read."""
    found: Seen = {}
    for entry in (*account.get("unread", ()), *account.get("results", ())):
        for what in wrong(entry):
            found |= {(entry["default"], region, what): entry["since"] for region in entry["regions"]}
    return found


def _folded(targets: Seen) -> list[dict[str, Any]]:
    """Return targets as data: one entry for the regions of a default in which the same is wrong since the same time."""
    entries: dict[tuple[str, Wrong, str], dict[str, Any]] = {}
    for (default, region, what), since in targets.items():
        state, *findings = what
        entry = {"default": default, "state": state, "regions": [], "since": since}
        entries.setdefault((default, what, since), entry | ({"findings": findings} if findings else {}))
        entries[default, what, since]["regions"].append(region)
    return list(entries.values())
