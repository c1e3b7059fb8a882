# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""From validated module options to a Plan over account defaults, and from the Plan to the module's result."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import record
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import Guard
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.catalogue import ACCOUNT_DEFAULTS
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Entry, Run
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import RecordError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import (
    Account,
    AccountDefault,
    Clients,
    StopFlag,
    Target,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.plan import (
    DRIFTED,
    FAILED,
    FOREIGN,
    UNKNOWN,
    Plan,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.reach import ACCOUNT_SPEC, about, reach
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.tables import why

#: options of every module that plans account defaults
PLAN_SPEC: dict[str, dict[str, Any]] = {
    "regions": {"type": "list", "elements": "str", "default": []},
    "control_tower": {"type": "str", "choices": ["auto", "true", "false"], "default": "auto"},
    "events_region": {"type": "str", "default": "us-east-1"},
    "defaults_disabled": {"type": "dict", "default": {}},
    "adopt": {"type": "dict", "default": {}},
    "fail_on_foreign": {"type": "bool", "default": True},
    "ownership_tags": {"type": "dict", "default": {"ManagedBy": "rackspace.aws_accounts"}},
    "wait_timeout": {"type": "int", "default": 120},
}


def plan_entry(defaults: Iterable[AccountDefault]) -> Entry:
    """Return the entry of a module that plans, and applies, these defaults."""
    defaults = tuple(defaults)
    spec = {**aws_argument_spec(), **ACCOUNT_SPEC, **PLAN_SPEC, **options_of(defaults)}
    if len(defaults) > 1:
        spec |= selection_of(defaults)

    def operation(params: dict[str, Any], run: Run) -> dict[str, Any]:
        return apply_defaults(selected(defaults, params), params, run)

    return Entry(operation=operation, argument_spec=spec)


def selection_of(defaults: Iterable[AccountDefault]) -> dict[str, dict[str, Any]]:
    """Return the argument spec by which some of these defaults are chosen."""
    names = [default.name for default in defaults]
    return {name: {"type": "list", "elements": "str", "choices": names, "default": []} for name in ("only", "except")}


def options_of(defaults: Iterable[AccountDefault]) -> dict[str, dict[str, Any]]:
    """Return the argument spec of these defaults; what several name is one option."""
    return {name: dict(option) for default in defaults for name, option in default.options.items()}


def apply_defaults(defaults: Iterable[AccountDefault], params: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """Plan the defaults in one account, apply the plan unless in check mode, and return the module's result."""
    defaults = list(defaults)
    check_options(params, defaults)
    stop = StopFlag(run.stopped)
    guard = Guard(run.check_mode, stop)
    account, access = reach(params, guard, run.botocore_loader)
    plan = planned(defaults, params, account, access, stop)
    diff = plan.diff()
    if not run.check_mode:
        plan.apply(params["wait_timeout"])
    return {**plan.result(), **verdict(plan, params["fail_on_foreign"]), **about(account, access, guard), "diff": diff}


def planned(
    defaults: Iterable[AccountDefault], params: Mapping[str, Any], account: Account, access: Clients, stop: StopFlag
) -> Plan:
    """Return what these defaults want changed in an account that was reached; nothing is written."""

    def target_in(region: str) -> Target:
        return Target(account, region, access, params, params["events_region"])

    regions = [region.name for region in account.regions]
    return Plan.make(defaults, target_in, regions, params["defaults_disabled"], params, stop)


def check_options(params: Mapping[str, Any], defaults: Iterable[AccountDefault]) -> None:
    """Check what the argument spec cannot; raises RecordError with every fault, before anything is called."""
    known = {default.name: default.required for default in (*ACCOUNT_DEFAULTS, *defaults)}
    faults = record.option_faults(params, known)
    if not params.get("ownership_tags", True):
        faults.append("ownership_tags: is empty; what the collection makes could not be told from what others made")
    if faults:
        raise RecordError(f"account {params['account_name'] or params['account_id']}: " + "; ".join(faults))


def selected(defaults: Iterable[AccountDefault], params: Mapping[str, Any]) -> list[AccountDefault]:
    """Return those of the defaults that the options ``only`` and ``except`` leave."""
    only, excluded = params.get("only") or [], params.get("except") or []
    return [default for default in defaults if (not only or default.name in only) and default.name not in excluded]


def verdict(plan: Plan, fail_on_foreign: bool) -> dict[str, Any]:
    """Return failed and msg where a target is in a state that may not look like success (G5)."""
    return failure(plan, [UNKNOWN, FAILED, *([FOREIGN] if fail_on_foreign else [])])


def failure(plan: Plan, bad: Collection[str]) -> dict[str, Any]:
    """Return failed and msg, with every target that is in one of these states; nothing where none is."""
    rows = [change.result() for change in plan.changes if change.state in bad]
    if not rows:
        return {}
    groups: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        groups.setdefault((row["default"], row["state"], _why(row)), []).append(row["region"])
    account = plan.changes[0].target.account
    lines = [
        f"{name} is {state} in {', '.join(where)}" + (f": {why}" if why else "")
        for (name, state, why), where in groups.items()
    ]
    return {"failed": True, "msg": f"account {account}: " + "; ".join(lines)}


def _why(row: Mapping[str, Any]) -> str:
    return why(row) or (_differs(row) if row["state"] == DRIFTED else "")


def _differs(row: Mapping[str, Any]) -> str:
    """Name the settings that are not as they should be."""
    before, after = row.get("before"), row["after"] or {}
    if before is None:
        return "it is not there"
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    return f"not as it should be: {', '.join(names)}"
