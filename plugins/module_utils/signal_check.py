# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The entry of ``signal_check``: whether signals get through, not only whether the pieces exist.

Three steps: ``publish`` in each account, ``collect`` once for all of them in the shared queues, ``explain`` in each
account what was not seen. ``check`` does all three for one account.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import naming
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import Guard
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Entry, Run
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import RecordError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import StopFlag
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.onboarding import (
    PLAN_SPEC,
    check_options,
    options_of,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.reach import ACCOUNT_SPEC, about, reach
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.session import Access
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signals import paths as signal_paths
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signals.arrivals import collect
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signals.causes import Explanation
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signals.dispatcher import (
    DEFAULTS,
    dispatcher_path,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signals.paths import Path
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.tables import in_words

SPEC: dict[str, dict[str, Any]] = {
    **aws_argument_spec(),
    **ACCOUNT_SPEC,
    **{name: PLAN_SPEC[name] for name in ("regions", "events_region", "defaults_disabled", "adopt", "ownership_tags")},
    **naming.TOPICS,
    **naming.QUEUES,
    **options_of(DEFAULTS),
    "step": {"type": "str", "choices": ["check", "publish", "collect", "explain"], "default": "check"},
    "signals": {"type": "list", "elements": "str", "choices": list(signal_paths.SIGNALS), "default": []},
    "marker_filtered": {"type": "bool", "default": False},
    "allow_other_subscribers": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 60},
    "metrics_timeout": {"type": "int", "default": 180},
    "paths": {"type": "list", "elements": "dict", "default": []},
    "arrivals": {"type": "dict", "default": {}},
    "queues": {"type": "list", "elements": "dict", "default": []},
}
#: IAM actions: in the account, and in the shared management services account
PERMISSIONS = (
    "sns:ListSubscriptionsByTopic",
    "sns:Publish",
    "sns:GetSubscriptionAttributes",
    "cloudwatch:GetMetricData",
)
PROVIDER_PERMISSIONS = (
    "sqs:GetQueueUrl",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sns:GetSubscriptionAttributes",
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "events:DescribeEventBus",
)


def operation(params: dict[str, Any], run: Run) -> dict[str, Any]:
    """Do the step that was asked for; see the module's documentation."""
    check_options(params, ())
    check(params)
    stop = StopFlag(run.stopped)
    guard = Guard(run.check_mode, stop)
    if params["step"] == "collect":
        access = Access(params, params["account_name"] or params["account_id"], guard, run.botocore_loader)
        # looking receives and deletes, so that it writes
        wanted = [] if run.check_mode else params["paths"]
        return {"changed": False, **_collect(access, params, wanted, stop), "api_calls": guard.calls.total()}
    if params["step"] == "explain":
        return _explain_step(params, run, guard, stop)
    account, access = reach(params, guard, run.botocore_loader)
    found = signal_paths.paths(account, access, params)
    signal_paths.publish(found, params, run.check_mode, stop)
    paths = [path for path, _target in found]
    if signal_paths.DISPATCHER in (params["signals"] or signal_paths.SIGNALS):
        paths.append(dispatcher_path(account, access, params, stop))
    if params["step"] == "publish":
        return {"changed": False, "paths": paths, **about(account, access, guard)}
    collected = _collect(access, params, _sent(paths), stop)
    open_ = _arrived(paths, collected["arrivals"].get(account.id, {}))
    Explanation(account, access, params, collected["queues"], stop).explain(open_)
    return {**_result(paths, str(account)), "queues": collected["queues"], **about(account, access, guard)}


def check(params: Mapping[str, Any]) -> None:
    """Check what the argument spec cannot; raises RecordError, before anything is called."""
    faults = [
        f"{name}: is {params[name]}; say a number of seconds, 0 or more"
        for name in ("timeout", "metrics_timeout")
        if params[name] < 0
    ]
    needed = {
        "collect": {"account_id", "marker", "queue_arn", "sent_at"},
        "explain": {"account_id", "signal", "region", "topic_arn", "queue_arn", "state"},
    }.get(params["step"], set())
    if needed and any(needed - path.keys() for path in params["paths"]):
        faults.append(f"paths: each needs {', '.join(sorted(needed))}; give what the step before returned")
    if faults:
        raise RecordError(f"account {params['account_name'] or params['account_id']}: " + "; ".join(faults))


def _collect(access: Access, params: Mapping[str, Any], paths: list[Path], stop: StopFlag) -> dict[str, Any]:
    if not paths:
        return {"arrivals": {}, "queues": []}
    provider = access.provider
    return collect(
        lambda region: provider.client("sqs", region), params["provider_account_id"], paths, params["timeout"], stop
    )


def _explain_step(params: Mapping[str, Any], run: Run, guard: Guard, stop: StopFlag) -> dict[str, Any]:
    paths = [dict(path) for path in params["paths"] if path["account_id"] == params["account_id"]]
    open_ = _arrived(paths, params["arrivals"])
    name = f"{params['account_name']} ({params['account_id']})" if params["account_name"] else params["account_id"]
    if not open_:
        return {**_result(paths, name), "api_calls": 0}
    account, access = reach(params, guard, run.botocore_loader)
    Explanation(account, access, params, params["queues"], stop).explain(open_)
    return {**_result(paths, name), **about(account, access, guard)}


def _sent(paths: Iterable[Path]) -> list[Path]:
    return [path for path in paths if path["state"] == signal_paths.SENT]


def _arrived(paths: Iterable[Path], arrivals: Mapping[str, float]) -> list[Path]:
    """Settle the paths whose message was seen in its queue; returns those that are still open."""
    open_ = []
    for path in _sent(paths):
        if path["marker"] in arrivals:
            signal_paths.settle(path, signal_paths.ARRIVED, seconds=arrivals[path["marker"]])
        else:
            open_.append(path)
    return open_


def _result(paths: list[Path], account: str) -> dict[str, Any]:
    """Return paths and summary, and failed with msg where a path is in a state that may not look like success (G5)."""
    result = {"changed": False, "paths": paths, "summary": signal_paths.summary(paths)}
    groups: dict[tuple[str, str, str], list[str]] = {}
    for path in paths:
        if path["state"] in signal_paths.BAD:
            why = path.get("reason") or in_words(path.get("error", {}))
            groups.setdefault((path["signal"], path["state"].replace("_", " "), why), []).append(path["region"])
    if groups:
        lines = [f"{name} {state} in {', '.join(where)}: {why}" for (name, state, why), where in groups.items()]
        result |= {"failed": True, "msg": f"account {account}: " + "; ".join(lines)}
    return result


ENTRY = Entry(operation=operation, argument_spec=SPEC)
