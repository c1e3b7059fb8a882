# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The entry of ``account_info``: what a run finds out about an account before it plans anything."""

from __future__ import annotations

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import control_tower
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import Guard
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Entry, Run
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import is_denied
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import GLOBAL, StopFlag, Target
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.onboarding import PLAN_SPEC, check_options
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.reach import ACCOUNT_SPEC, about, reach

SPEC: dict[str, dict[str, Any]] = {
    **aws_argument_spec(),
    **ACCOUNT_SPEC,
    **{name: PLAN_SPEC[name] for name in ("regions", "events_region", "control_tower")},
}
#: key of the result -> key of IAM's GetAccountSummary, where 1 means yes
ROOT_USER = {
    "access_keys_present": "AccountAccessKeysPresent",
    "mfa_enabled": "AccountMFAEnabled",
    "password_present": "AccountPasswordPresent",
    "signing_certificates_present": "AccountSigningCertificatesPresent",
}


def operation(params: dict[str, Any], run: Run) -> dict[str, Any]:
    """Return the facts of one account; what may not be read is null and named in ``unknown``."""
    check_options(params, ())
    guard = Guard(True, StopFlag(run.stopped))  # nothing here writes, whatever the mode
    account, access = reach(params, guard, run.botocore_loader)
    target = Target(account, GLOBAL, access, params, params["events_region"])
    iam = target.client("iam")
    unknown: dict[str, str] = {}

    def read(name: str, ask: Any) -> Any:
        try:
            return ask()
        except Exception as error:
            if not is_denied(error):
                raise
            unknown[name] = str(error)
            return None

    def control_tower_evidence() -> str:
        control_tower.look_for_roles(target)
        return account.control_tower_evidence()

    summary = read("root_user", lambda: iam.get_account_summary()["SummaryMap"])
    facts = about(account, access, guard)
    facts["account"].update(
        alias=read("alias", lambda: next(iter(iam.list_account_aliases()["AccountAliases"]), "")),
        caller_arn=access.account.caller["Arn"],
        control_tower=read("control_tower", control_tower_evidence),
        opt_in_regions=[region.name for region in account.regions if region.opt_in],
        root_user=None if summary is None else {k: bool(summary.get(v)) for k, v in ROOT_USER.items()},
        unknown=unknown,
    )
    return {"changed": False, **facts, "api_calls": sum(guard.calls.values())}


ENTRY = Entry(operation=operation, argument_spec=SPEC)
