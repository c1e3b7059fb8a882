# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The audit: the plan of onboarding, never applied, so that it cannot disagree with what onboarding would do (G7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import naming
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import Guard, is_read
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.audit_history import LEFT_OUT
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.catalogue import ACCOUNT_DEFAULTS
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Entry, Run
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccessError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Account, AccountDefault, StopFlag
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.onboarding import (
    PLAN_SPEC,
    check_options,
    failure,
    options_of,
    planned,
    selected,
    selection_of,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.plan import (
    COMPLIANT,
    DRIFTED,
    FOREIGN,
    SKIPPED,
    UNKNOWN,
    Change,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.reach import ACCOUNT_SPEC, about, reach

#: an audit writes nothing, so nothing of it can have failed
STATES = (COMPLIANT, DRIFTED, SKIPPED, FOREIGN, UNKNOWN)
#: option fail_on -> the states that make an audit fail
FAIL_ON: dict[str, tuple[str, ...]] = {
    "never": (),
    "unknown": (UNKNOWN,),
    "drift": (UNKNOWN, DRIFTED, FOREIGN),
}
#: options of a plan that only a run which writes can need
WRITING = ("fail_on_foreign", "wait_timeout")

SPEC: dict[str, dict[str, Any]] = {
    **aws_argument_spec(),
    **ACCOUNT_SPEC,
    **{name: option for name, option in PLAN_SPEC.items() if name not in WRITING},
    **options_of(ACCOUNT_DEFAULTS),
    **selection_of(ACCOUNT_DEFAULTS),
    "fail_on": {"type": "str", "choices": list(FAIL_ON), "default": "unknown"},
}


def permissions(defaults: Iterable[AccountDefault]) -> list[str]:
    """Return the IAM actions by which these defaults are observed in the account: what a read-only role needs (G8)."""
    every_run = ("account:ListRegions", "ec2:DescribeRegions")
    declared = {action for default in defaults for action in default.permissions}
    return sorted({*every_run, *(action for action in declared if is_read(action.split(":")[1]))})


def provider_permissions(defaults: Iterable[AccountDefault]) -> list[str]:
    """Return the IAM actions by which these defaults are observed in the shared management services account (G8)."""
    declared = {action for default in defaults for action in default.provider_permissions}
    return sorted(action for action in declared if is_read(action.split(":")[1]))


def operation(params: dict[str, Any], run: Run) -> dict[str, Any]:
    """Return the state of every default in every target of one account; nothing is ever written."""
    check_options(params, ACCOUNT_DEFAULTS)
    stop = StopFlag(run.stopped)
    guard = Guard(True, stop)  # lets no write through, whatever the mode
    try:
        account, access = reach(params, guard, run.botocore_loader)
    except AccessError as error:
        return _unreachable(params, guard, error)
    plan = planned(selected(ACCOUNT_DEFAULTS, params), params, account, access, stop)
    rows = [row_of(change) for change in plan.changes]
    _add_left_out(account, rows)
    return {
        "changed": False,
        **about(account, access, guard),
        "summary": summary(rows),
        "targets": rows,
        **failure(plan, FAIL_ON[params["fail_on"]]),
        "diff": plan.diff(),
    }


def row_of(change: Change) -> dict[str, Any]:
    """Return one target of the audit: its state, and where it differs what is there and what ours would be."""
    row: dict[str, Any] = {
        "default": change.default.name,
        "section": change.default.section,
        "region": change.target.region,
        "state": change.state,
    }
    if change.state in {DRIFTED, FOREIGN}:
        row |= {"before": change.seen.state, "after": change.after}
    told = change.result()
    return row | {key: told[key] for key in ("reason", "error", "findings") if key in told}


def summary(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many targets are in each state."""
    counts = Counter(row["state"] for row in rows)
    return {state: counts[state] for state in STATES}


def _add_left_out(account: Account, rows: list[dict[str, Any]]) -> None:
    """Add the finding that enabled regions are not looked at; it is the account's, and told once."""
    looked_at = {region.name for region in account.regions}
    left_out = [region.name for region in account.enabled if region.name not in looked_at]
    if not left_out or not rows:
        return
    finding = (
        f"{LEFT_OUT} {len(looked_at)} of the {len(account.enabled)} regions that the account has enabled; "
        f"nothing is looked at in {', '.join(left_out)}"
    )
    leading = naming.leading_region(account.partition)
    if leading in left_out:
        finding += f"; events of global services are recorded in {leading}"
    rows[0]["findings"] = [*rows[0].get("findings", ()), finding]


def _unreachable(params: Mapping[str, Any], guard: Guard, error: AccessError) -> dict[str, Any]:
    """Return the result of an account of which nothing is known; it is never a good one."""
    known = {"id": params["account_id"], "name": params["account_name"], "partition": "", "regions": []}
    return {
        "changed": False,
        "account": {**known, "access_role": ""},
        "api_calls": sum(guard.calls.values()),
        "summary": summary(()),
        "targets": [],
        "msg": str(error),
        **({"failed": True} if FAIL_ON[params["fail_on"]] else {}),
    }


ENTRY = Entry(operation=operation, argument_spec=SPEC)
