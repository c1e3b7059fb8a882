# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The entry of ``reverse_assumption``: what goes of the account defaults when an account is handed back (E6, G4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import approval
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import Guard
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.catalogue import ACCOUNT_DEFAULTS
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.provider_role import ProviderRole
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Entry, Run
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccountsError, RecordError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import AccountDefault, StopFlag, Target
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.onboarding import (
    PLAN_SPEC,
    check_options,
    options_of,
    verdict,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.plan import Change
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.reach import ACCOUNT_SPEC, about, reach
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.removal import REMOVE, RemovalPlan

#: roles that are never removed, whoever names them (the guide: instances of the customer may use the first)
NEVER = ("RackspaceDefaultEC2Role", "OrganizationAccountAccessRole")

REMOVAL_SPEC: dict[str, dict[str, Any]] = {
    "account_kind": {"type": "str", "choices": ["member", "payer", "standalone"], "default": "member"},
    "account_protected": {"type": "bool", "default": False},
    "provider_account_ids": {"type": "list", "elements": "str", "default": []},
    "provider_roles": {"type": "list", "elements": "str", "default": []},
    "confirm": {"type": "str", "default": ""},
    "plan": {"type": "path"},
    "plan_digest": {"type": "str", "no_log": False, "default": ""},
}
SPEC: dict[str, dict[str, Any]] = {
    **aws_argument_spec(),
    **ACCOUNT_SPEC,
    **{name: PLAN_SPEC[name] for name in ("regions", "events_region", "adopt", "ownership_tags", "wait_timeout")},
    **options_of(ACCOUNT_DEFAULTS),
    **{name: dict(option) for default in ACCOUNT_DEFAULTS for name, option in default.removal_options.items()},
    **REMOVAL_SPEC,
}


def operation(params: dict[str, Any], run: Run) -> dict[str, Any]:
    """Plan what goes, compare it with what was approved, and do it unless in check mode."""
    who = f"account {params['account_name'] or params['account_id']}"
    defaults = [*ACCOUNT_DEFAULTS, *map(ProviderRole, params["provider_roles"])]
    _check(params, defaults, who, run.check_mode)
    approved = approval.read(params["plan"], params["account_id"]) if params["plan"] else None
    stop = StopFlag(run.stopped)
    guard = Guard(run.check_mode, stop)
    # all regions: topics of those that left the record go too
    account, access = reach({**params, "regions": [], "fresh_credentials": True}, guard, run.botocore_loader)
    enabled = [region.name for region in account.regions]

    def target_in(region: str) -> Target:
        return Target(account, region, access, params, params["events_region"])

    plan = RemovalPlan.make(defaults, target_in, enabled, {}, params, stop)
    planned = plan.result()
    if not any(change.error or _shows_onboarding(change) for change in plan.changes):
        raise AccountsError(
            f"account {account}: nothing is in it that is provably of the provider's account defaults: it was never "
            "onboarded, or account_uuid and the names of the account defaults are another account's"
        )
    diff = plan.diff()
    made = approval.approval(account.id, planned["targets"])
    removes = [arn for row in planned["targets"] if row["action"] == REMOVE for arn in row["resources"]]
    extra = {
        "approval": made,
        "digest": made["digest"],
        "removes": removes,
        "out_of_reach": [region for region in params["regions"] if region not in enabled],
    }
    if not run.check_mode:
        _compare(approved, params["plan_digest"], made, planned["targets"], f"account {account}")
        plan.apply(params["wait_timeout"])
    return {**plan.result(), **extra, **verdict(plan, False), **about(account, access, guard), "diff": diff}


def _check(params: Mapping[str, Any], defaults: list[AccountDefault], who: str, check_mode: bool) -> None:
    """Raise RecordError with every reason why this account may not be touched; before anything is called."""
    check_options({**params, "defaults_disabled": {}}, defaults)
    faults = []
    account_id = params["account_id"]
    if params["account_protected"]:
        faults.append("account_protected is true: nothing is ever removed from it; take that out of its record first")
    providers = {params["provider_account_id"], *params["provider_account_ids"]}
    if account_id in providers and (account_id == params["provider_account_id"] or params["account_kind"] != "payer"):
        faults.append(
            "it is one of provider_account_ids: the provider's own accounts are never a target. A payer that is handed "
            "over is released with account_kind: payer"
        )
    faults += [
        f"provider_roles: {name} is never removed; take it out" for name in params["provider_roles"] if name in NEVER
    ]
    ways = {
        params["provider_role_name"],
        *(way if isinstance(way, str) else way["name"] for way in params["access_roles"]),
    }
    faults += [
        f"provider_roles: {name} is a way in of this run, and goes last by itself; take it out"
        for name in sorted(ways & set(params["provider_roles"]) - set(NEVER))
    ]
    if not check_mode and params["confirm"] != account_id:
        given = f"is {params['confirm']!r}" if params["confirm"] else "is missing"
        faults.append(f"confirm {given}: removing needs the account's id by name; say -e confirm={account_id}")
    if faults:
        raise RecordError(f"{who}: " + "; ".join(faults))


def _shows_onboarding(change: Change) -> bool:
    if change.seen.state is None or not change.default.proves_onboarding:
        return False
    return not change.default.not_removable(change.target, change.seen)


def _compare(
    approved: Mapping[str, Any] | None, shown: str, made: Mapping[str, Any], rows: list[dict[str, Any]], who: str
) -> None:
    """Raise where the account is no longer as it was approved, or as this run has just shown it."""
    found = approval.departures(approved, rows) if approved else []
    if found:
        raise AccountsError(
            f"{who}: the account no longer matches the approved plan: {'; '.join(found)}. Nothing was removed; "
            "make the plan anew with --check, and have it approved"
        )
    if shown and shown != made["digest"]:
        raise AccountsError(
            f"{who}: the account changed after this run showed its plan. Nothing was removed; run again and look again"
        )


ENTRY = Entry(operation=operation, argument_spec=SPEC)
