# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that makes one report of what an offboarding did in all its accounts."""

from __future__ import annotations

DOCUMENTATION = r"""
name: offboarding_report
short_description: What an offboarding did in all its accounts, as data
description:
  - Folds what the role reverse_assumption found and did in all accounts into one report.
  - Accounts that failed before the role could say anything are in it too, with why.
options:
  _input:
    description: The C(hostvars) of the run, with the facts that the role sets.
    type: dict
    required: true
  hosts:
    description: The hosts that the run was for, as in C(ansible_play_hosts_all).
    type: list
    elements: str
    required: true
  chosen:
    description: What P(rackspace.aws_accounts.offboarding_phases#filter) returns.
    type: dict
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
      - Those of O(hosts) that are not in it, did not begin and have no faults are still to come, and are left out.
    type: list
    elements: str
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Make the report
  ansible.builtin.set_fact:
    report: "{{ hostvars | rackspace.aws_accounts.offboarding_report(ansible_play_hosts_all, chosen) }}"
  vars:
    chosen: "{{ ansible_run_tags | rackspace.aws_accounts.offboarding_phases(ansible_skip_tags) }}"
"""

RETURN = r"""
_value:
  description: The report.
  type: dict
  contains:
    check_mode:
      description: Whether the run was only a prediction.
      type: bool
    phases:
      description: The phases of the run, or what it did alone.
      type: list
      elements: str
    totals:
      description: How many accounts there are, and how many of each outcome.
      type: dict
    accounts:
      description:
        - One entry for each account, those that failed or were refused first.
        - Each with C(host), C(id), C(name), C(ticket), C(outcome), C(phase) and C(message) of what stopped it,
          C(removed) and C(kept) as numbers, C(roles), C(proven), C(open_steps) and C(documents).
      type: list
      elements: dict
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.hostvars import plain, text

#: in the order in which accounts are told
OUTCOMES = (
    "failed",
    "refused",
    "open manual steps",
    "phases left",
    "ready",
    "prepared",
    "called off",
    "complete",
    "already handed back",
)
ALONE = {"prepare": "prepared", "call_off": "called off"}


def offboarding_report(
    hostvars: Mapping[str, Any],
    hosts: Iterable[str],
    chosen: Mapping[str, Any],
    faults: Mapping[str, Iterable[str]] | None = None,
    check_mode: bool = False,
    reached: Iterable[str] | None = None,
) -> dict[str, Any]:
    """Return the report; see RETURN for its shape."""
    hosts = [str(host) for host in hosts]
    come = set(hosts if reached is None else reached) | set(faults or ())
    accounts = [
        _account(host, hostvars[host], chosen, list((faults or {}).get(host, ())), bool(check_mode))
        for host in hosts
        if host in come or "reverse_assumption_run" in hostvars[host]
    ]
    accounts.sort(key=lambda account: OUTCOMES.index(account["outcome"]))
    counts = Counter(account["outcome"] for account in accounts)
    return {
        "check_mode": bool(check_mode),
        "phases": [chosen["alone"]] if chosen["alone"] else list(chosen["phases"]),
        "totals": {"accounts": len(accounts), **{outcome: counts[outcome] for outcome in OUTCOMES}},
        "accounts": accounts,
    }


def _account(
    host: str, variables: Mapping[str, Any], chosen: Mapping[str, Any], faults: list[str], check_mode: bool
) -> dict[str, Any]:
    facts = {name: _fact(variables, f"reverse_assumption_{name}") for name in ("stop", "handover", "last_role")}
    facts |= {name: _fact(variables, f"reverse_assumption_{name}") for name in ("plan_result", "cleanup", "billing")}
    stop, handover = facts["stop"], facts["handover"]
    # where the phase was not named, its module only looked what it would do
    last = facts["last_role"] if "last_role" in chosen["phases"] else {}
    done = facts["cleanup"] or facts["plan_result"]
    rows = done.get("targets") or []
    outcome, message = _outcome(variables, chosen, faults, check_mode, stop, handover)
    return {
        "host": host,
        "id": text(variables, "account_id"),
        "name": text(variables, "account_name") or host,
        "ticket": str(_fact(variables, "offboarding").get("ticket", "")),
        "outcome": outcome,
        "phase": str(stop.get("phase", "")),
        "message": re.sub(r"^account [^:]*: ", "", message),
        "removed": sum(len(row["resources"]) for row in rows if row["changed"])
        if check_mode or facts["cleanup"]
        else 0,
        "kept": sum(row["action"] == "keep" for row in rows),
        "to_decide": sum(row["state"] == "foreign" for row in rows),
        "roles": [f"{role['role']} {role['action']}" for role in last.get("roles") or []],
        "proven": bool(handover.get("proven")),
        "open_steps": list(handover.get("open_steps") or []),
        "customer_lines": [role["customer_line"] for role in last.get("roles") or [] if role["customer_line"]],
        "documents": text(variables, "reverse_assumption_documents"),
    }


def _outcome(
    variables: Mapping[str, Any],
    chosen: Mapping[str, Any],
    faults: list[str],
    check_mode: bool,
    stop: Mapping[str, Any],
    handover: Mapping[str, Any],
) -> tuple[str, str]:
    """Return how it ended, and why where that is not the good end."""
    if faults:
        return "refused", "; ".join(faults)
    if stop:
        return str(stop["outcome"]), str(stop["message"])
    refusals = variables.get("reverse_assumption_refusals")
    if check_mode and refusals:
        return "refused", "; ".join(refusals)
    if not variables.get("reverse_assumption_ended"):
        return "failed", "the run ended before this account had a result; its error is above"
    if chosen["alone"]:
        return ALONE[chosen["alone"]], ""
    if check_mode:
        return "ready", ""
    if "handover" in chosen["phases"]:
        return str(handover["state"]), ""
    return "phases left", ""


def _fact(variables: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a fact as plain data; {} where it is not there."""
    try:
        value = variables.get(name)
    except Exception:  # a template of the user's; account_faults has told of it
        return {}
    value = plain(value)
    return value if isinstance(value, dict) else {}


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"offboarding_report": offboarding_report}
