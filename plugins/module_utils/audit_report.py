# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An audit of many accounts as data: audit.json, format 1 (G7). Pure functions.

Its schema is roles/account_audit/files/audit.schema.json. What drifts over time is in audit_history.py.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import audit_history
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.catalogue import ACCOUNT_DEFAULTS
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.hostvars import plain, text
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.plan import (
    COMPLIANT,
    DRIFTED,
    FOREIGN,
    SKIPPED,
    UNKNOWN,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.tables import where

KIND, FORMAT = "rackspace.aws_accounts/audit", 1
RESULT = "account_audit_result"
#: an account is in the worst state of its results; what is skipped is as it should be
STATES = (UNKNOWN, DRIFTED, FOREIGN, COMPLIANT)
COUNTS = (COMPLIANT, DRIFTED, SKIPPED, FOREIGN, UNKNOWN)
#: the results of one default are told in this order
WORST_FIRST = (UNKNOWN, DRIFTED, FOREIGN, SKIPPED, COMPLIANT)
NOTHING_YET = "the run ended before this account had a result; its error is above"
NOTHING_READ = "nothing was looked at: no default was selected, or the account has no region to look at"


def audit_data(
    hostvars: Mapping[str, Any],
    hosts: Iterable[str],
    defaults: Iterable[Mapping[str, Any]] | None = None,
    previous: Mapping[str, Any] | None = None,
    faults: Mapping[str, Iterable[str]] | None = None,
    reached: Iterable[str] | None = None,
    now: str | datetime | None = None,
) -> dict[str, Any]:
    """Return the audit of the accounts whose turn has come, the worst first.

    Args:
        hostvars: of each host, with the registered result of the module account_audit.
        hosts: that the run was for.
        defaults: what the report has columns for; by default the catalogue.
        previous: the audit to compare with.
        faults: a host's faults, where its record has any.
        reached: those of ``hosts`` whose turn has come; by default all.
        now: when it was done; by default now. A datetime without a zone is UTC.

    Raises:
        ValueError: ``previous`` is not an audit of this format, or ``now`` not a time.
    """
    hosts, audited_at = [str(host) for host in hosts], timestamp(now)
    come = set(hosts if reached is None else reached) | set(faults or ())
    history = audit_history.History(checked(previous))
    accounts = []
    for host in hosts:
        result = plain(hostvars[host].get(RESULT))
        if host in come or result is not None:
            accounts.append(_account(host, hostvars[host], result, list((faults or {}).get(host, ()))))
    for account in accounts:
        history.compare(account, audited_at)
    accounts.sort(key=lambda account: (bool(account["results"]), STATES.index(account["state"])))
    audit: dict[str, Any] = {
        "format": FORMAT,
        "kind": KIND,
        "audited_at": audited_at,
        "previous_at": history.audited_at,
        "defaults": _defaults(defaults, accounts),
        "totals": _totals(accounts),
        "accounts": accounts,
    }
    absent = history.absent(map(audit_history.key, accounts))
    return {**audit, "absent": absent} if absent else audit


def timestamp(now: str | datetime | None = None) -> str:
    """Return a time as audit.json has it, ``2026-11-21T18:00:00Z``; raises ValueError."""
    if now is None:
        now = datetime.now(UTC)
    elif isinstance(now, str):
        now = datetime.fromisoformat(now)
    now = now.replace(tzinfo=UTC) if now.tzinfo is None else now.astimezone(UTC)
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")


def checked(audit: Any) -> dict[str, Any]:
    """Return an audit as plain data, or {} for none; raises ValueError where it is something else."""
    if not audit:
        return {}
    if not isinstance(audit, Mapping) or audit.get("kind") != KIND:
        raise ValueError(f"this is not an audit: it does not say that it is of the kind {KIND}")
    if audit.get("format") != FORMAT:
        raise ValueError(f"the audit has format {audit.get('format')!r}; this version reads format {FORMAT} only")
    found: dict[str, Any] = plain(audit)
    return found


def left_out(audit: Mapping[str, Any]) -> list[str]:
    """Return the defaults that were not looked at in every account that could be read: those of a limited run."""
    read = [account["results"] for account in audit["accounts"] if account["results"]]
    whole = [{entry["default"] for entry in results} for results in read]
    names = [default["name"] for default in audit["defaults"]]
    return [name for name in names if any(name not in found for found in whole)]


def _account(host: str, variables: Mapping[str, Any], result: Any, faults: list[str]) -> dict[str, Any]:
    result = result or {}
    about, rows = result.get("account") or {}, result.get("targets") or []
    results = _folded(rows, list(about.get("regions") or []))
    worst = [state for state in STATES if any(entry["state"] == state for entry in results)]
    unread = bool(faults) or not rows
    return {
        "host": host,
        "id": str(about.get("id") or text(variables, "account_id")),
        "name": str(about.get("name") or text(variables, "account_name") or host),
        "ddi": text(variables, "account_ddi"),
        "service_level": text(variables, "account_service_level"),
        "state": UNKNOWN if unread else (worst or [COMPLIANT])[0],
        "message": _message(result, results, faults),
        "access_role": str(about.get("access_role") or ""),
        "regions": list(about.get("regions") or []),
        "api_calls": int(result.get("api_calls") or 0),
        "counts": _counts(results),
        "results": results,
        "fixed": [],
    }


def _message(result: Mapping[str, Any], results: list[dict[str, Any]], faults: list[str]) -> str:
    """Return why nothing, or not everything, could be read."""
    if faults:
        return "; ".join(faults)
    if not results:
        told = str(result.get("msg") or (NOTHING_READ if result else NOTHING_YET))
        return re.sub(r"^account [^:]*: ", "", told)
    unread = [entry for entry in results if entry["state"] == UNKNOWN]
    regions = (result.get("account") or {}).get("regions") or []
    targets = dict.fromkeys(f"{entry['default']} {where(entry['regions'], regions)}".strip() for entry in unread)
    return f"not everything could be read: {', '.join(targets)}" if unread else ""


def _folded(rows: Iterable[Mapping[str, Any]], regions: list[str]) -> list[dict[str, Any]]:
    """Fold the targets of each default that were found alike, in the order of the defaults, the worst first."""
    entries: dict[Any, dict[str, Any]] = {}
    order: dict[str, int] = {}
    for row in rows:
        told = {key: row[key] for key in ("reason", "error", "findings") if row.get(key)}
        if row["state"] in {DRIFTED, FOREIGN}:
            told = {"before": row.get("before"), "after": row.get("after"), **told}
        order.setdefault(row["default"], len(order))
        entry = {"default": row["default"], "state": row["state"], "regions": [], **told}
        entries.setdefault((row["default"], row["state"], repr(told)), entry)["regions"].append(row["region"])
    places = {region: number for number, region in enumerate(regions)}
    for entry in entries.values():
        entry["regions"].sort(key=lambda region: places.get(region, -1))
    return sorted(entries.values(), key=lambda e: (order[e["default"]], WORST_FIRST.index(e["state"])))


def _counts(results: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Count targets by state, and what was found beside them: the same words twice in an account are one finding."""
    states: Counter[str] = Counter()
    for entry in results:
        states[entry["state"]] += len(entry["regions"])
    findings = {finding for entry in results for finding in entry.get("findings", ())}
    return {**{state: states[state] for state in COUNTS}, "findings": len(findings)}


def _totals(accounts: list[dict[str, Any]]) -> dict[str, int]:
    totals = {"accounts": len(accounts), "unreadable": sum(not account["results"] for account in accounts)}
    totals |= {name: sum(account["counts"][name] for account in accounts) for name in (*COUNTS, "findings")}
    trends: Counter[str] = Counter()
    for account in accounts:
        for entry in account["results"]:
            for what in audit_history.wrong(entry):
                trends[audit_history.time_of(entry, what).get("trend", "")] += len(entry["regions"])
        for entry in account["fixed"]:
            trends["fixed"] += len(entry["regions"])
    return totals | {trend: trends[trend] for trend in ("new", "open", "fixed")}


def _defaults(defaults: Iterable[Mapping[str, Any]] | None, accounts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what is known of each default: those given, or the catalogue's, and whatever else was found."""
    keys = ("name", "title", "section", "requirement", "regional")
    if defaults is None:
        known = [{key: getattr(default, key) for key in keys} for default in ACCOUNT_DEFAULTS]
    else:
        known = [{key: default[key] for key in keys} for default in plain(defaults)]
    names = {default["name"] for default in known}
    for account in accounts:
        for entry in account["results"]:
            if entry["default"] not in names:
                names.add(entry["default"])
                regional = entry["regions"] != ["global"]
                more = {"title": entry["default"], "section": "", "requirement": "", "regional": regional}
                known.append({"name": entry["default"], **more})
    return known
