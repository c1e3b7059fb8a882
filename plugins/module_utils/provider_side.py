# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The entry of ``shared_queues``: the same Plan, in the shared management services account."""

from __future__ import annotations

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import record_checks
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.shared_queues import PROVIDER_SIDE
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Entry, Run
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import RecordError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.onboarding import (
    PLAN_SPEC,
    apply_defaults,
    options_of,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.reach import ACCOUNT_SPEC

SPEC: dict[str, dict[str, Any]] = {
    **aws_argument_spec(),
    **{name: ACCOUNT_SPEC[name] for name in ("provider_account_id", "provider_access_role", "credential_cache")},
    **{name: PLAN_SPEC[name] for name in ("regions", "events_region", "ownership_tags", "wait_timeout")},
    **options_of(PROVIDER_SIDE),
}


def operation(params: dict[str, Any], run: Run) -> dict[str, Any]:
    """Plan and apply the provider's queues and the dispatcher's target."""
    if not params["managed_account_ids"]:
        raise RecordError("managed_account_ids: is empty; name the accounts whose topics the queues are to admit")
    wrong = [account for account in params["managed_account_ids"] if record_checks.account_id(account)]
    if wrong:
        raise RecordError(f"managed_account_ids: {', '.join(wrong)}: an account id is a quoted string of 12 digits")
    provider = {
        "account_id": params["provider_account_id"],
        "account_name": "shared management services",
        "access_roles": [{"name": params["provider_access_role"], "via": "base"}],
        "provider_role_name": params["provider_access_role"],
        "defaults_disabled": {},
        "adopt": {},
        "fail_on_foreign": True,
    }
    return apply_defaults(PROVIDER_SIDE, {**params, **provider}, run)


ENTRY = Entry(operation=operation, argument_spec=SPEC)
