# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that makes one report of what a run did in all its accounts."""

from __future__ import annotations

DOCUMENTATION = r"""
name: onboarding_report
short_description: What a run did in all its accounts, as data
description:
  - Folds the results of M(rackspace.aws_accounts.account_defaults) of all accounts into one report.
  - Accounts that failed before the module could say anything are in it too, with why.
options:
  _input:
    description: The C(hostvars) of the run, with the registered variable C(account_defaults_result).
    type: dict
    required: true
  hosts:
    description: The hosts that the run was for, as in C(ansible_play_hosts_all).
    type: list
    elements: str
    required: true
  faults:
    description: What the filter P(rackspace.aws_accounts.account_faults#filter) found.
    type: dict
    default: {}
  check_mode:
    description: Whether the run was only a prediction.
    type: bool
    default: false
  reached:
    description:
      - The hosts whose turn has come, as in C(ansible_play_batch).
      - Those of O(hosts) that are not in it, have no result and no faults are still to come, and are left out.
    type: list
    elements: str
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Make the report
  ansible.builtin.set_fact:
    report: "{{ hostvars | rackspace.aws_accounts.onboarding_report(ansible_play_hosts_all) }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: The report.
  type: dict
  contains:
    check_mode:
      description: Whether the run was only a prediction.
      type: bool
    totals:
      description: How many accounts failed, changed and stayed as they were.
      type: dict
    accounts:
      description:
        - One entry for each account, those that failed first.
        - Each with C(host), C(id), C(name), C(outcome), C(message), C(counts) of targets, C(regions), C(api_calls) and
          C(groups), where a default's targets of equal state and reason are one entry with their regions.
      type: list
      elements: dict
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.hostvars import plain, text

OUTCOMES = ("failed", "changed", "unchanged")
COUNTS = ("changed", "unchanged", "skipped", "foreign", "unknown", "failed")
RESULT = "account_defaults_result"


def onboarding_report(
    hostvars: Mapping[str, Any],
    hosts: Iterable[str],
    faults: Mapping[str, Iterable[str]] | None = None,
    check_mode: bool = False,
    reached: Iterable[str] | None = None,
) -> dict[str, Any]:
    """Return the report; see RETURN for its shape."""
    hosts = [str(host) for host in hosts]
    come = set(hosts if reached is None else reached) | set(faults or ())
    accounts = []
    for host in hosts:
        result = plain(hostvars[host].get(RESULT))
        if host in come or result is not None:
            accounts.append(_account(host, hostvars[host], result, (faults or {}).get(host, ())))
    accounts.sort(key=lambda account: OUTCOMES.index(account["outcome"]))
    outcomes = Counter(account["outcome"] for account in accounts)
    return {
        "check_mode": bool(check_mode),
        "totals": {"accounts": len(accounts), **{outcome: outcomes[outcome] for outcome in OUTCOMES}},
        "accounts": accounts,
    }


def _account(host: str, variables: Mapping[str, Any], result: Any, faults: Iterable[str]) -> dict[str, Any]:
    result = result or {}
    about, rows = result.get("account") or {}, result.get("targets") or []
    faults = list(faults)
    message = "; ".join(faults) or str(result.get("msg") or "")
    if not result and not faults:
        message = "the run ended before this account had a result; its error is above"
    outcome = "changed" if result.get("changed") else "unchanged"
    if message or result.get("failed"):  # a result has a message only where something went wrong
        outcome = "failed"
    return {
        "host": host,
        "id": str(about.get("id") or text(variables, "account_id")),
        "name": str(about.get("name") or text(variables, "account_name") or host),
        "outcome": outcome,
        "message": re.sub(r"^account [^:]*: ", "", message) if outcome == "failed" else "",
        "access_role": str(about.get("access_role") or ""),
        "regions": list(about.get("regions") or []),
        "api_calls": int(result.get("api_calls") or 0),
        "counts": _counts(rows),
        "groups": _groups(rows),
    }


def _counts(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    states = Counter("changed" if row["changed"] else row["state"] for row in rows)
    return {name: states["compliant" if name == "unchanged" else name] for name in COUNTS}


def _groups(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Fold the targets of one default that are told in the same words."""
    groups: dict[Any, dict[str, Any]] = {}
    for row in rows:
        told = {key: row[key] for key in ("default", "section", "state", "changed")}
        told |= {key: row[key] for key in ("reason", "error", "findings") if row.get(key)}
        groups.setdefault(repr(told), {**told, "regions": []})["regions"].append(row["region"])
    return list(groups.values())


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"onboarding_report": onboarding_report}
