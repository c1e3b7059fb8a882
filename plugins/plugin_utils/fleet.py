# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the screen of many accounts tells, as lines of text. Nothing here knows Ansible; each event costs the same."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.record_checks import REGION
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.tables import table, where, why

#: the guide's order; others follow as they come
SECTIONS = ("iam", "s3", "cloudtrail", "config", "support", "risk_events")
#: what a target counts as -> its sign in the table, worst first
SIGNS = {"failed": "!", "unknown": "!", "foreign": "?", "changed": "+", "skipped": "-", "unchanged": "="}
BAD = frozenset({"failed", "unknown", "foreign"})
NAMED = 5  # as many accounts are named; more are counted
SHORT = 160  # characters of an error while the run goes on; the whole one comes at its end

Row = dict[str, Any]


def rows_of(result: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    """Return the targets of an account's result; None where a result is no account's."""
    targets = result.get("targets")
    if not isinstance(targets, list) or not targets:
        return None
    known = all(isinstance(row, Mapping) and {"default", "section", "region", "state"} <= row.keys() for row in targets)
    return targets if known else None


def unread(result: Mapping[str, Any]) -> str:
    """Return why nothing is known of an account that was not reached; "" where a result is none of such an account."""
    not_reached = isinstance(result.get("account"), Mapping) and result.get("targets") == []
    return str(result.get("msg") or "") if not_reached else ""


def kind_of(row: Mapping[str, Any]) -> str:
    """Return what a target counts as: a key of SIGNS."""
    if row.get("changed") or row["state"] == "drifted":
        return "changed"
    state = str(row["state"])
    return {"compliant": "unchanged"}.get(state, state if state in SIGNS else "failed")


@dataclass
class Account:
    """What is known of one account: that of a host, or one that the host's task worked in."""

    host: str
    name: str
    id: str = ""
    regions: list[str] = field(default_factory=list)
    rows: dict[tuple[str, str], Row] = field(default_factory=dict)  # (default, region) -> the newest
    message: str = ""  # why it was not reached, where it was not

    @property
    def title(self) -> str:
        """Return how headings name it."""
        return f"{self.name} ({self.id})" if self.id else self.name

    def counts(self) -> Counter[str]:
        """Count its targets by what they count as; an account that was not reached is one unknown more."""
        return Counter([*map(kind_of, self.rows.values()), *(["unknown"] if self.message else [])])


@dataclass
class Fleet:
    """What is known of all hosts of a run."""

    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)  # (host, account id)
    #: host -> the errors of its failed tasks: task and message
    errors: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    hosts: set[str] = field(default_factory=set)  # those with accounts
    changed: bool = False  # something was
    drifted: bool = False

    def result(self, host: str, result: Mapping[str, Any]) -> Counter[str] | None:
        """Keep an account's result and count its targets; None where it is no account's."""
        rows, message = rows_of(result) or [], unread(result)
        if not rows and not message:
            return None
        about = result.get("account")
        about = about if isinstance(about, Mapping) else {}
        number = str(about.get("id") or "")
        account = self.accounts.setdefault((host, number), Account(host, str(about.get("name") or host), number))
        account.message = message
        account.regions = list(about.get("regions") or account.regions)
        keys = ("default", "section", "region", "state", "changed", "reason", "error", "findings")
        account.rows |= {
            (str(row["default"]), str(row["region"])): {key: row[key] for key in keys if row.get(key)} for row in rows
        }
        self.hosts.add(host)
        self.changed |= any(row.get("changed") for row in rows)
        self.drifted |= any(row["state"] == "drifted" for row in rows)
        return Counter([*map(kind_of, rows), *(["unknown"] if message else [])])

    @property
    def unread(self) -> list[Account]:
        """Return the accounts that were not reached."""
        return [account for account in self.accounts.values() if account.message]

    def error(self, host: str, task: str, message: str) -> None:
        """Keep the error of a failed task."""
        self.errors.setdefault(host, []).append((task, message))

    def failures(self, failed: Iterable[str]) -> Iterator[str]:
        """Yield the lines that tell what failed: account, region, operation, error and the fix.

        An account that was not reached is among them, whether its host failed or not.

        Args:
            failed: the hosts that failed in the end; a task that failed and was rescued is no failure.
        """
        failed = list(failed)
        of: dict[str, list[Account]] = {}
        for account in self.accounts.values():
            of.setdefault(account.host, []).append(account)
        for host in failed:
            told_of = False
            for account in of.get(host, []):
                targets = list(_groups(row for row in account.rows.values() if row["state"] in BAD))
                yield from [account.title] if targets or account.message else []
                if account.message:
                    told_of = True
                    yield _not_reached(account)
                for state, reason, defaults, regions in targets:
                    told_of = True
                    yield f"  {state}: {', '.join(defaults)}{_blank(where(regions, (), every=True))}"
                    yield from (f"    {line}" for line in reason)
            if not told_of:
                yield of[host][0].title if host in of else host
                for task, message in dict.fromkeys(self.errors.get(host, [])):
                    yield f"  {task}: {without_account(message) or 'failed'}"
        for account in sorted(self.unread, key=lambda one: one.name):  # hosts end in any order
            if account.host not in failed:
                yield account.title
                yield _not_reached(account)

    def table(self, failed: Iterable[str]) -> list[str]:
        """Return the table of accounts by sections, what failed first."""
        failed = set(failed)
        found = {str(row["section"]) for account in self.accounts.values() for row in account.rows.values()}
        sections = [name for name in (*SECTIONS, *sorted(found - {*SECTIONS})) if name in found]
        listed = [*self.accounts.values(), *(Account(host, host) for host in failed - self.hosts)]
        rows = [["  account", *sections]]
        bad = failed | {account.host for account in self.unread}
        for account in sorted(listed, key=lambda one: (one.host not in bad, one.name)):
            cells: dict[str, Counter[str]] = {}
            for row in account.rows.values():
                cells.setdefault(str(row["section"]), Counter())[kind_of(row)] += 1
            mark = "!" if account.host in bad else " "
            rows.append([f"{mark} {account.name}", *(_cell(cells.get(section, Counter())) for section in sections)])
        return list(table(rows))

    def notes(self, word: str) -> Iterator[str]:
        """Yield what was changed, skipped and found, and why: what is alike once, with its accounts.

        Args:
            word: what a change is called.
        """
        found: dict[tuple[str, str, str, str], dict[str, str]] = {}  # kind, place, why, default -> account -> its words
        for account in sorted(self.accounts.values(), key=lambda one: one.name):
            for (kind, text, default), (regions, own) in _told_of(account).items():
                key = (word if kind == "changed" else kind, _place(regions, account.regions), text, default)
                found.setdefault(key, {})[account.name] = own
        merged: dict[tuple[str, str, str, tuple[str, ...]], list[str]] = {}
        for (kind, place, text, default), told_by in found.items():
            only = set(told_by.values())
            merged.setdefault((kind, place, only.pop() if len(only) == 1 else text, tuple(told_by)), []).append(default)
        order = {kind: number for number, kind in enumerate(("foreign", word, "skipped", "finding"))}
        for (kind, place, text, accounts), defaults in sorted(merged.items(), key=lambda entry: order[entry[0][0]]):
            what = f"{', '.join(defaults)}{_blank(place)}" + (f": {text}" if text else "")
            yield f"{kind}{self._where(accounts)}: {what}"

    def _where(self, accounts: Sequence[str]) -> str:
        if len(self.accounts) == 1:
            return ""
        if len(accounts) == len(self.accounts):
            return f" in all {len(accounts)} accounts"
        return (
            f" in {names(accounts)}" if len(accounts) <= NAMED else f" in {len(accounts)} accounts ({names(accounts)})"
        )

    def word(self, would: bool) -> str:
        """Return what a change is called: an audit, which changes nothing, says drifted."""
        if would:
            return "would change"
        return "drifted" if self.drifted and not self.changed else "changed"

    def heading(self, failed: Iterable[str], word: str) -> str:
        """Return how many accounts failed, changed, stayed as they were and are unknown.

        An audit fails where accounts drifted: there these and the unknown ones are counted whether they failed or not.
        """
        failed = set(failed)
        audit = self.drifted and not self.changed
        kinds: Counter[str] = Counter()
        for account in self.accounts.values():
            counts, failure = account.counts(), account.host in failed
            kind = next((kind for kind in ("changed", "unknown") if counts[kind]), "unchanged")
            kinds["failed"] += failure
            kinds[kind] += not failure or (audit and kind != "unchanged")
        number = len(self.accounts) + len(failed - self.hosts)
        words = f"{kinds['failed'] + len(failed - self.hosts)} failed, {kinds['changed']} {word}, "
        words += f"{kinds['unchanged']} unchanged" + (f", {kinds['unknown']} unknown" if kinds["unknown"] else "")
        return f"{counted(number, 'account')}: {words}"


def legend(word: str) -> str:
    """Return what the signs of the table mean."""
    return f"+ {word}  = unchanged  - skipped  ? foreign  ! failed or unknown"


def told(counts: Mapping[str, int], word: str) -> str:
    """Return what an account's targets came to, in words."""
    return ", ".join(f"{counts[kind]} {word if kind == 'changed' else kind}" for kind in SIGNS if counts.get(kind))


def counted(number: int, what: str) -> str:
    """Return a number of things."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def names(hosts: Iterable[str]) -> str:
    """Return some hosts by name, and the others counted."""
    hosts = list(hosts)
    named = NAMED if len(hosts) > NAMED + 1 else len(hosts)
    return ", ".join(hosts[:named]) + (f" and {len(hosts) - named} more" if len(hosts) > named else "")


def without_account(message: str) -> str:
    """Return a message without the account that it begins with, where a heading names it already."""
    return re.sub(r"^account [^:]*: ", "", message)


def shortened(message: str) -> str:
    """Return an error's first words, for the time being."""
    line = " ".join(without_account(message).split())
    return line if len(line) <= SHORT else line[: SHORT - 3] + "..."


def duration(seconds: float) -> str:
    """Return a time in minutes and seconds, or hours."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def folded(diffs: Any) -> list[Any]:
    """Return the entries of a diff with those that differ by their region alone as one, which names the regions.

    Ours are headed by account, region and account default; what is headed otherwise stays as it is. What stands for the
    region in a folded entry is ``<region>``.
    """
    groups: dict[Any, tuple[Any, dict[str, None]]] = {}
    for number, diff in enumerate(diffs if isinstance(diffs, list) else [diffs]):
        header = diff.get("before_header") if isinstance(diff, Mapping) else None
        words = str(header or "").split()
        region = words[-2] if len(words) > 2 and REGION.fullmatch(words[-2]) else ""
        if not region or diff.get("after_header") != header:
            groups[number] = (diff, {})
            continue
        text = json.dumps([diff.get("before"), diff.get("after")], sort_keys=True, default=str)
        key = (" ".join([*words[:-2], words[-1]]), text.replace(region, "<region>"))
        groups.setdefault(key, (diff, {}))[1][region] = None
    return [diff if len(regions) < 2 else _folded(key, regions) for key, (diff, regions) in groups.items()]


def _folded(key: tuple[str, str], regions: Iterable[str]) -> dict[str, Any]:
    before, after = json.loads(key[1])
    regions = list(regions)
    title = f"{key[0]} in {len(regions)} regions: {', '.join(regions)}"
    return {"before_header": title, "after_header": title, "before": before, "after": after}


def _groups(rows: Iterable[Row]) -> Iterator[tuple[str, list[str], list[str], list[str]]]:
    """Yield targets that are told in the same words: state, what is wrong with the fix, defaults, regions."""
    found: dict[tuple[str, tuple[str, ...], str], list[str]] = {}
    for row in rows:
        found.setdefault((row["state"], tuple(_reason(row)), row["default"]), []).append(row["region"])
    merged: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for (state, reason, default), regions in found.items():
        merged.setdefault((state, reason, tuple(regions)), []).append(default)
    for (state, reason, places), defaults in merged.items():
        yield state, list(reason), defaults, list(places)


def _not_reached(account: Account) -> str:
    return f"  unknown: {without_account(account.message)}"


def _reason(row: Row) -> Iterator[str]:
    error = row.get("error")
    if not isinstance(error, Mapping):
        yield str(row.get("reason") or "no reason is told")
        return
    called = " ".join(filter(None, [error.get("operation"), error.get("code")]))
    yield f"{called + ': ' if called else ''}{error.get('message', '')}"
    if error.get("fix"):
        yield f"fix: {error['fix']}"


def _told_of(account: Account) -> dict[tuple[str, str, str], tuple[list[str], str]]:
    """Return what there is to tell of an account's targets: (kind, why, default) -> regions, why in its own words.

    What the keys say of why has no region where that is all that differs, and no account id.
    """
    alike: dict[tuple[str, str, str], list[str]] = {}
    for row in account.rows.values():
        kind = kind_of(row)
        entries = [("finding", text) for text in row.get("findings", ())]
        if kind in {"changed", "skipped", "foreign"}:
            entries.append((kind, why(row)))
        for word, text in entries:
            alike.setdefault((word, text, row["default"]), []).append(row["region"])
    found: dict[tuple[str, str, str], tuple[list[str], list[str]]] = {}
    for (word, text, default), regions in alike.items():
        folds = text.replace(regions[0], "<region>") if len(regions) == 1 else text
        places, texts = found.setdefault((word, folds, default), ([], []))
        places += regions
        texts.append(text)
    told_of = {}
    for (word, text, default), (regions, texts) in found.items():
        own = texts[0] if len(texts) == 1 else text
        key = own.replace(account.id, "<account_id>") if account.id else own
        told_of[word, key, default] = (regions, own)
    return told_of


def _place(regions: Sequence[str], of: Sequence[str]) -> str:
    return "in every region" if len(regions) > 1 and len(regions) == len(of) else where(regions, of)


def _cell(counts: Mapping[str, int]) -> str:
    signs: Counter[str] = Counter()
    for kind, sign in SIGNS.items():
        signs[sign] += counts.get(kind, 0)
    return " ".join(f"{sign}{number}" for sign, number in signs.items() if number)


def _blank(text: str) -> str:
    return f" {text}" if text else ""
