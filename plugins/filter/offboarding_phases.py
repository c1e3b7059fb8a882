# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter from a run's tags to the phases of a reverse assumption."""

from __future__ import annotations

DOCUMENTATION = r"""
name: offboarding_phases
short_description: The phases of a reverse assumption that a run's tags select
description:
  - The tags of the playbook are the phases. V(gates) and V(residual) only read, and are part of every run, because
    nothing is written without them.
  - V(schedule), V(prepare) and V(call_off) are no phases. Each is done alone, and only when it is named.
  - What is wrong with the tags is told and not raised, so that the playbook can refuse them once, before the play of
    the accounts.
options:
  _input:
    description: The run's tags, as in C(ansible_run_tags).
    type: list
    elements: str
    required: true
  skip_tags:
    description: As in C(ansible_skip_tags).
    type: list
    elements: str
    default: []
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Refuse a misspelt tag
  ansible.builtin.fail:
    msg: "{{ (ansible_run_tags | rackspace.aws_accounts.offboarding_phases(ansible_skip_tags)).fault }}"
  when: (ansible_run_tags | rackspace.aws_accounts.offboarding_phases(ansible_skip_tags)).fault != ''
  run_once: true
"""

RETURN = r"""
_value:
  description: What the run is to do.
  type: dict
  contains:
    phases:
      description: The phases in their order; empty where something is done alone.
      type: list
      elements: str
    alone:
      description: V(schedule), V(prepare) or V(call_off) where that was named, else empty.
      type: str
    writes:
      description: Whether one of the phases could write in the account.
      type: bool
    fault:
      description: What is wrong with the tags, and what there is to choose from; empty where nothing is.
      type: str
"""

from collections.abc import Iterable
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.filter.selected_defaults import ANSIBLES_OWN, EVERYTHING

PHASES = ("gates", "residual", "cleanup", "account", "way_in", "leave", "last_role", "handover")
#: part of every run
READING = ("gates", "residual")
WRITING = frozenset({"cleanup", "account", "leave", "last_role"})
ALONE = ("schedule", "prepare", "call_off")


def offboarding_phases(run_tags: Iterable[str], skip_tags: Iterable[str] = ()) -> dict[str, Any]:
    """Return what the run is to do; see RETURN for its shape."""
    run, skip = set(run_tags), set(skip_tags)
    named = run - ANSIBLES_OWN
    fault = _fault(run, named, skip)
    alone = next((name for name in ALONE if name in named), "")
    phases: list[str] = []
    if not fault and not alone:
        chosen = set(PHASES) if run & EVERYTHING else named
        phases = [phase for phase in PHASES if phase in READING or (phase in chosen and phase not in skip)]
    return {
        "phases": phases,
        "alone": "" if fault else alone,
        "writes": not WRITING.isdisjoint(phases),
        "fault": fault,
    }


def _fault(run: set[str], named: set[str], skip: set[str]) -> str:
    phases, alone = ", ".join(PHASES), ", ".join(ALONE)
    unknown = sorted((named | skip) - set(PHASES) - set(ALONE) - ANSIBLES_OWN)
    if unknown:
        return f"unknown tag {', '.join(unknown)}; the tags are the phases {phases}, and each alone {alone}"
    by_itself = sorted(named & set(ALONE))
    if by_itself and len(named) > 1:
        return f"{by_itself[0]} is done alone; name no other tag beside it"
    needed = sorted(skip & set(READING))
    if needed:
        return f"{', '.join(needed)} cannot be skipped: nothing is written without what they find; they only read"
    if not named and not run & EVERYTHING:
        return f"--tags and --skip-tags leave no phase; the phases are {phases}"
    return ""


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"offboarding_phases": offboarding_phases}
