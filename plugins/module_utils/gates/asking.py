# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""All gates, asked in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.gates import (
    contract,
    customer_way_in,
    membership,
    topics,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.gates.answer import PASS, Answer
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.gates.facts import Facts
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.offboarding_request import GATES, OVERRIDABLE

_ASKED: dict[str, Callable[[Facts], Answer]] = {
    "balance_current": contract.balance_current,
    "dedicated_payer": contract.dedicated_payer,
    "consent_to_assignment": contract.consent_to_assignment,
    "business_hours": contract.business_hours,
    "nearest_date": contract.nearest_date,
    "billing_access": contract.billing_access,
    "customer_way_in": customer_way_in.customer_way_in,
    "topic_users": topics.topic_users,
    "leave_organization": membership.leave_organization,
}


def answers(facts: Facts, only: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Return the answers of the gates in their order, as plain data.

    Args:
        only: the gates to ask; none: all.
    """
    wanted = set(only) or set(GATES)
    rows = []
    for gate in GATES:
        if gate in wanted:
            answer = _ASKED[gate](facts)
            overridable = gate in OVERRIDABLE
            reason = facts.reasons("overrides").get(gate, "") if overridable and answer.result != PASS else ""
            row = {"gate": gate, "result": answer.result, "evidence": answer.evidence, "fix": answer.fix}
            rows.append({**row, "overridable": overridable, "overridden": reason})
    return rows


def is_ready(rows: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether every gate passed or was set aside with a reason."""
    return all(row["result"] == PASS or row["overridden"] for row in rows)
