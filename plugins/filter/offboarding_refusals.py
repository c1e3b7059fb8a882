# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that says why an account may not be handed back now."""

from __future__ import annotations

DOCUMENTATION = r"""
name: offboarding_refusals
short_description: Why an account may not be handed back now
description:
  - Judges the answers of the gates, the plan of removal and the residual access all at once, and the named
    confirmation. A part that is missing or empty is not judged.
  - A gate that is neither passed nor overridden is a reason, and so is each target of the plan that is unknown, each
    way in that nobody accepted by name, and each that could not be read.
options:
  _input:
    description:
      - C(gates), C(plan) and C(residual) are the results of M(rackspace.aws_accounts.release_readiness),
        M(rackspace.aws_accounts.reverse_assumption) in check mode and M(rackspace.aws_accounts.residual_access).
      - C(phases) are the phases of the run. Where one of them writes, and C(check_mode) is not true, C(account_id) has
        to be one of C(confirmed).
    type: dict
    required: true
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Refuse what is not ready
  ansible.builtin.fail:
    msg: "{{ reasons | join('; ') }}"
  when: reasons | length > 0
  vars:
    reasons: "{{ {'gates': readiness, 'residual': scan} | rackspace.aws_accounts.offboarding_refusals }}"
"""

RETURN = r"""
_value:
  description: The reasons, each a sentence with what was found and what to do; empty where there is none.
  type: list
  elements: str
"""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.filter.offboarding_phases import PHASES, WRITING

MOST = 8  # of a kind; the rest is counted, and was shown
LONGEST = 240  # characters of evidence; all of it was shown


def offboarding_refusals(found: Mapping[str, Any]) -> list[str]:
    """Return why the account may not be handed back; [] where nothing is in the way."""
    return [*_gates(found), *_plan(found), *_residual(found), *_order(found), *_confirmation(found)]


def _gates(found: Mapping[str, Any]) -> Iterator[str]:
    for gate in (found.get("gates") or {}).get("gates", ()):
        if gate["result"] != "pass" and not gate["overridden"]:
            evidence = textwrap.shorten(gate["evidence"], LONGEST, placeholder=" ...")
            yield f"gate {gate['gate']} is {gate['result']}: {_sentence(evidence, gate['fix'])}"


def _plan(found: Mapping[str, Any]) -> Iterator[str]:
    message = (found.get("plan") or {}).get("msg")
    if message:
        yield f"the plan is not complete: {message}"


def _residual(found: Mapping[str, Any]) -> Iterator[str]:
    rows = (found.get("residual") or {}).get("residual", ())
    for state, word, advice in (
        ("to_decide", "is a way in that nobody accepted", "remove it, or accept it by name"),
        ("unknown", "could not be read", "let the run read it, or accept that by name"),
    ):
        these = [row for row in rows if row["state"] == state]
        told = [f"{row['resource']}{_where(row)} {word}: {row['reason']}" for row in these[:MOST]]
        if len(these) > MOST:
            told.append(f"{len(these) - MOST} more like these, all shown above")
        if told:
            yield f"{'; '.join(told)} - {advice} (offboarding.accept_residual)"


def _where(row: Mapping[str, Any]) -> str:
    return "" if row["region"] == "global" else f" in {row['region']}"


def _order(found: Mapping[str, Any]) -> Iterator[str]:
    """A phase that is left out has to be done already: what comes after it relies on that."""
    phases = list(found.get("phases") or ())
    rows = (found.get("plan") or {}).get("targets", ())
    later = [phase for phase in phases if PHASES.index(phase) > PHASES.index("cleanup")]
    if any(row["changed"] for row in rows) and "cleanup" not in phases and later:
        yield f"phase cleanup is not done, and {', '.join(later)} would come after it; name cleanup too, or no tag"


def _confirmation(found: Mapping[str, Any]) -> Iterator[str]:
    account_id = found.get("account_id")
    if found.get("check_mode") or WRITING.isdisjoint(found.get("phases") or ()):
        return
    confirmed = [text for text in found.get("confirmed") or () if text]
    if account_id not in confirmed:
        given = f"confirm is {', '.join(confirmed)!r}" if confirmed else "there is no confirmation"
        yield f"{given}: handing an account back needs its id by name; say -e confirm={account_id}"


def _sentence(*parts: str) -> str:
    return "; ".join(part.rstrip(".") for part in parts if part)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"offboarding_refusals": offboarding_refusals}
