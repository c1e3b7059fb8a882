# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How a module reaches the account that it works on, and what its result says of the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import record
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import Guard
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccessError, AccountsError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Account
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.regions import chosen_regions, enabled_regions
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.session import Access

#: options of every module: which account, and how it is reached
ACCOUNT_SPEC: dict[str, dict[str, Any]] = {
    "account_id": {"type": "str", "required": True},
    "account_name": {"type": "str", "default": ""},
    "access_roles": {"type": "list", "elements": "raw", "default": ["Rackspace", "OrganizationAccountAccessRole"]},
    "external_id": {"type": "str", "no_log": True},
    "organization": {
        "type": "dict",
        "options": {
            "id": {"type": "str"},
            "management_account_id": {"type": "str", "required": True},
            "management_role": {"type": "str"},
        },
    },
    "provider_account_id": {"type": "str", "required": True},
    "provider_access_role": {"type": "str", "default": "OrganizationAccountAccessRole"},
    "provider_role_name": {"type": "str", "default": "Rackspace"},
    "credential_cache": {"type": "path", "default": "~/.aws/rackspace.aws_accounts"},
}


def reach(params: Mapping[str, Any], guard: Guard, loader: Any, regions: bool = True) -> tuple[Account, Access]:
    """Return the account behind a verified session, with the regions to work in, and its sessions.

    Args:
        regions: false where nothing that a region holds is looked at; then none is read.
    """
    account = Account(
        id=params["account_id"],
        uuid=params.get("account_uuid") or "",
        name=params["account_name"],
        control_tower=params.get("control_tower", "auto"),
        adopt=params.get("adopt", {}),
    )
    access = Access(params, str(account), guard, loader)
    session = access.account
    account.partition = session.partition
    if not regions:
        return account, access
    region = params.get("events_region") or params.get("region") or "us-east-1"
    try:
        enabled = enabled_regions(
            lambda service: session.client(service, region), session.partition_of, account.partition
        )
        account.enabled = tuple(enabled)
    except AccountsError as error:
        if not params.get("regions"):
            raise AccessError(f"account {account}: {error}") from error
        # the record knows what may not be read; whether a region is opt-in stays unsaid then
        enabled = record.regions_named(params["regions"])
    account.regions = tuple(chosen_regions(enabled, params.get("regions", []), account))
    return account, access


def about(account: Account, access: Access, guard: Guard) -> dict[str, Any]:
    """Return what every result says of the account, the way in, and the calls made."""
    return {
        "account": {
            "id": account.id,
            "name": account.name,
            "partition": account.partition,
            "regions": [region.name for region in account.regions],
            "access_role": access.account_role(),
        },
        "api_calls": sum(guard.calls.values()),
    }
