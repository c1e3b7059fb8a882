# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The path of AWS Health events, piece by piece: AWS lets nobody make a real one (B14, B15, B17).

The pieces in the account are what the account defaults observe and want, so that no audit can disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import naming
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import SessionClients
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.catalogue import named
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.dispatcher_rule import replaced
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.shared_queues import DispatcherTarget
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Account, StopFlag, Target
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.plan import SKIPPED as LEFT_OUT
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.plan import Change, Plan
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.session import Access
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signals import admission
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signals import paths as signal_paths
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signals.causes import (
    ONBOARD,
    RIGHT,
    SHARED_SERVICES,
    SKIPPED,
    UNKNOWN,
    WRONG,
    Piece,
    piece,
    told_by,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signals.paths import Path, settle

DEFAULTS = named("dispatcher_role", "dispatcher_rule")
REPAIR = f"{ONBOARD} --tags risk_events"
#: piece -> keys of the rule's state
RULE = {"rule_enabled": "enabled", "rule_pattern": "event_pattern", "rule_target": "target"}
#: piece -> keys of the role's state
ROLE = {"role_trust": ("trust",), "role_policy": ("policy", "managed_policies")}


def dispatcher_path(account: Account, access: Access, params: Mapping[str, Any], stop: StopFlag) -> Path:
    """Return the path of the dispatcher with its pieces; nothing is sent and nothing written."""
    arn, region = naming.dispatcher_target_arn(params, account.partition), params["events_region"]
    path: Path = {
        "account_id": account.id,
        "signal": signal_paths.DISPATCHER,
        "region": region,
        "topic_arn": None,
        "queue_arn": arn,
    }

    def target_in(name: str) -> Target:
        return Target(account, name, access, params, region)

    role, rule = Plan.make(DEFAULTS, target_in, (), params["defaults_disabled"], params, stop).changes
    if rule.state == LEFT_OUT and rule.after is None:  # switched off, or in a region that an SCP denies
        settle(path, signal_paths.SKIPPED, rule.reason)
        return path
    path["pieces"] = [*_rule(rule), *_role(role), *_admitted(account, access, params, arn)]
    wrong, unread = ([one for one in path["pieces"] if one["state"] == state] for state in (WRONG, UNKNOWN))
    if wrong:
        settle(path, signal_paths.NOT_IN_PLACE, "; ".join(one["detail"] for one in wrong), cause=wrong[0]["piece"])
    elif unread:
        settle(path, signal_paths.UNKNOWN, "; ".join(one["detail"] for one in unread))
    else:
        settle(path, signal_paths.IN_PLACE, "every piece is right; AWS lets nobody make an event to try it with")
    return path


def _rule(change: Change) -> Iterator[Piece]:
    name = change.target.options["dispatcher_name"]
    if change.error or change.after is None:
        yield piece("rule", UNKNOWN, told_by(change.error) if change.error else change.reason)
        return
    if change.seen.state is None:
        yield piece("rule", WRONG, f"rule {name} does not exist in {change.target.region}; {REPAIR}")
        return
    yield piece("rule", RIGHT, "it exists")
    yield from _compared(change, {key: (value,) for key, value in RULE.items()}, f"rule {name}")
    otherwise = replaced(change.seen.raw["target"])
    if otherwise:  # no account default repairs it: it would take away what somebody wrote
        yield piece("rule_input", WRONG, f"rule {name}: {otherwise}")


def _role(change: Change) -> Iterator[Piece]:
    name = change.target.options["dispatcher_name"]
    if change.default.name in change.target.options["defaults_disabled"]:
        yield piece("role", SKIPPED, change.reason)
        return
    if change.error or change.after is None:
        yield piece("role", UNKNOWN, told_by(change.error) if change.error else change.reason)
        return
    if change.seen.state is None:
        yield piece("role", WRONG, f"role {name} does not exist; {REPAIR}")
        return
    yield piece("role", RIGHT, "it exists")
    yield from _compared(change, ROLE, f"role {name}")


def _compared(change: Change, pieces: Mapping[str, tuple[str, ...]], what: str) -> Iterator[Piece]:
    """Yield a piece for each part of a state, right where the audit finds it compliant."""
    seen, after = change.seen.state or {}, change.after or {}
    for name, keys in pieces.items():
        part = name.split("_", 1)[1]
        if all(seen.get(key) == after.get(key) for key in keys):
            yield piece(name, RIGHT, "as the account default wants it")
        else:
            why = f"{what}: its {part} is not as the account default wants it"
            if part == "enabled":
                why = f"{what} is disabled"
            yield piece(name, WRONG, f"{why}; {change.seen.foreign or REPAIR}")


def _admitted(account: Account, access: Access, params: Mapping[str, Any], arn: str) -> Iterator[Piece]:
    """Yield the pieces on the provider's side: the target, and whether its policy admits this account's role."""
    region, owner = arn.split(":")[3:5]
    if (region, owner) != (params["events_region"], params["provider_account_id"]):
        where = f"{params['events_region']} of the provider's account"
        yield piece("target", SKIPPED, f"{arn} is not in {where}: whoever owns it admits the account")
        return
    try:
        provider = Account(owner, name="shared management services", partition=account.partition)
        target = Target(provider, region, SessionClients(access.provider), params, region)
        seen = DispatcherTarget().observe(target)
    except Exception as error:
        yield piece("target", UNKNOWN, told_by(error))
        return
    if seen.state is None:
        yield piece("target", WRONG, f"{arn} does not exist; {SHARED_SERVICES}")
        return
    yield piece("target", RIGHT, "it exists")
    policy = seen.raw["policy"] if isinstance(seen.raw, dict) else seen.raw
    role = f"arn:{account.partition}:iam::{account.id}:role/{params['dispatcher_name']}"
    action = "sqs:SendMessage" if arn.split(":")[2] == "sqs" else "events:PutEvents"
    context = {
        "aws:principalaccount": account.id,
        "aws:principalarn": role,
        "aws:principalisawsservice": "false",
        "aws:securetransport": "true",
    }
    answer = admission.decide(policy, admission.Request({"AWS": {role, account.id}}, action, arn, context))
    if answer == admission.ALLOWED:
        yield piece("target_policy", RIGHT, "it admits the role")
    elif answer == admission.UNSURE:
        yield piece("target_policy", UNKNOWN, f"whether the policy of {arn} admits {role} cannot be told: only AWS can")
    else:
        yield piece("target_policy", WRONG, f"the policy of {arn} does not admit {role}; {SHARED_SERVICES}")
