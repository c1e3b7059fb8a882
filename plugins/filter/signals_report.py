# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that makes one report of the signals of all accounts."""

from __future__ import annotations

DOCUMENTATION = r"""
name: signals_report
short_description: Which signals of all accounts arrived, as data
description:
  - Folds the results of M(rackspace.aws_accounts.signal_check) of all accounts into one report.
  - Accounts that failed before the module could say anything are in it too, with why.
options:
  _input:
    description:
      - The C(hostvars) of the run, with the registered variables C(signal_check_published), C(signal_check_collected)
        and C(signal_check_result).
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
    description: Whether nothing was published.
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
    report: "{{ hostvars | rackspace.aws_accounts.signals_report(ansible_play_hosts_all) }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: The report.
  type: dict
  contains:
    format:
      description: The version of this shape.
      type: int
    kind:
      description: V(rackspace.aws_accounts/signals).
      type: str
    check_mode:
      description: Whether nothing was published.
      type: bool
    totals:
      description: How many accounts there are, how many of them failed, and how many paths are in each state.
      type: dict
    queues:
      description: What was done in each shared queue, as the module returns it.
      type: list
      elements: dict
    accounts:
      description:
        - One entry for each account, those that failed first.
        - Each with C(host), C(id), C(name), C(outcome), C(message), C(regions), C(api_calls), C(counts) of paths and
          C(groups), where a signal's paths of equal state and reason are one entry with their regions, the C(seconds)
          of each among them.
      type: list
      elements: dict
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.hostvars import plain, text
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signals.paths import BAD, SENT, STATES, UNKNOWN

OUTCOMES = ("failed", "passed", "untried")


def signals_report(
    hostvars: Mapping[str, Any],
    hosts: Iterable[str],
    faults: Mapping[str, Iterable[str]] | None = None,
    check_mode: bool = False,
    reached: Iterable[str] | None = None,
) -> dict[str, Any]:
    """Return the report; see RETURN for its shape."""
    hosts = [str(host) for host in hosts]
    come = set(hosts if reached is None else reached) | set(faults or ())
    accounts: list[dict[str, Any]] = []
    queues: dict[str, Any] = {}
    for host in hosts:
        published, collected, result = (
            plain(hostvars[host].get(f"signal_check_{step}")) for step in ("published", "collected", "result")
        )
        if host in come or published is not None:
            accounts.append(_account(host, hostvars[host], published, collected, result, (faults or {}).get(host, ())))
        queues |= {queue["queue_arn"]: queue for queue in (collected or {}).get("queues", [])}
    accounts.sort(key=lambda account: OUTCOMES.index(account["outcome"]))
    counts: Counter[str] = sum((Counter(account["counts"]) for account in accounts), Counter())
    failed = sum(account["outcome"] == "failed" for account in accounts)
    return {
        "format": 1,
        "kind": "rackspace.aws_accounts/signals",
        "check_mode": bool(check_mode),
        "totals": {"accounts": len(accounts), "failed": failed, **{state: counts[state] for state in STATES}},
        "queues": [queues[arn] for arn in sorted(queues)],
        "accounts": accounts,
    }


def _account(
    host: str, variables: Mapping[str, Any], published: Any, collected: Any, result: Any, faults: Iterable[str]
) -> dict[str, Any]:
    faults, published, result = list(faults), published or {}, result or {}
    paths = result.get("paths") or published.get("paths") or []
    message = "; ".join(faults) or str(result.get("msg") or published.get("msg") or "")
    if not message and not result:
        message = str((collected or {}).get("msg") or "the run ended before this account had a result")
    paths = [_ended(path, message) for path in paths]
    about = published.get("account") or {}
    bad = bool(message) or any(path["state"] in BAD for path in paths)
    tried = any(path["state"] not in ("untried", "skipped", "in_place") for path in paths)
    counts = Counter(path["state"] for path in paths)
    return {
        "host": host,
        "id": str(about.get("id") or text(variables, "account_id")),
        "name": str(about.get("name") or text(variables, "account_name") or host),
        "outcome": "failed" if bad else "untried" if counts["untried"] and not tried else "passed",
        "message": re.sub(r"^account [^:]*: ", "", message),
        "regions": list(about.get("regions") or []),
        "api_calls": int(published.get("api_calls") or 0) + int(result.get("api_calls") or 0),
        "counts": {state: counts[state] for state in STATES},
        "groups": _groups(paths),
    }


def _ended(path: Mapping[str, Any], message: str) -> dict[str, Any]:
    """Return a path; one whose message nobody looked for is unknown, never a success (G5)."""
    found = dict(path)
    return {**found, "state": UNKNOWN, "reason": f"not looked for: {message}"} if found["state"] == SENT else found


def _groups(paths: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Fold the paths of one signal that are told in the same words."""
    groups: dict[Any, dict[str, Any]] = {}
    for path in paths:
        told = {key: path[key] for key in ("signal", "state")}
        told |= {key: path[key] for key in ("cause", "reason", "error", "pieces") if path.get(key)}
        group = groups.setdefault(repr(told), {**told, "regions": []})
        group["regions"].append(path["region"])
        if "seconds" in path:
            group.setdefault("seconds", []).append(path["seconds"])
    return list(groups.values())


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"signals_report": signals_report}
