"""Account Management: the regions of an account, its contact."""

from __future__ import annotations

from typing import Any

from emulator.call import Call
from emulator.documents import CONTACT
from emulator.identity import organization_of
from emulator.protocol import AwsError, Response
from emulator.regions import ALL_REGIONS, DEFAULT_REGIONS
from emulator.rules import rule
from emulator.world import World


def opt_status(world: World, account: str, region: str) -> str:
    if region in DEFAULT_REGIONS:
        return "ENABLED_BY_DEFAULT"
    return "ENABLED" if region in world.opted_in.get(account, ()) else "DISABLED"


def target_account(call: Call) -> str:
    """The account that a call is about: a member's id from the management account, never one's own.

    Account Management reference guide, "AccountId" of each operation: the management account must leave out its own
    id; another account's id only from the organization's management account or a delegated administrator.
    """
    wanted = str(call.params.get("AccountId") or "")
    if not wanted:
        return call.account
    organization = organization_of(call.account)
    owner = organization.org.master_account_id if organization else ""
    if call.account != owner or wanted == owner:
        raise AwsError("AccessDeniedException", f"{call.principal.arn} may not use account {wanted} here.", 403)
    if not any(account.id == wanted for account in organization.accounts):
        raise AwsError("AccessDeniedException", f"Account {wanted} is not in the organization.", 403)
    return wanted


@rule("account", "ListRegions")
def list_regions(call: Call) -> Response:
    """All regions with their status, filtered and in pages (API_ListRegions.html)."""
    account = target_account(call)
    wanted = call.params.get("RegionOptStatusContains") or []
    entries = [{"RegionName": name, "RegionOptStatus": opt_status(call.world, account, name)} for name in ALL_REGIONS]
    entries = [entry for entry in entries if not wanted or entry["RegionOptStatus"] in wanted]
    size = int(call.params.get("MaxResults") or 50)
    if not 1 <= size <= 50:
        raise AwsError("ValidationException", "MaxResults must be between 1 and 50.")
    start = _page(call.params.get("NextToken"), len(entries))
    members: dict[str, Any] = {"Regions": entries[start : start + size]}
    if start + size < len(entries):
        members["NextToken"] = str(start + size)
    return call.result(**members)


def _page(token: str | None, count: int) -> int:
    if not token:
        return 0
    if not token.isdigit() or int(token) >= count:
        raise AwsError("ValidationException", "The NextToken is not valid.")
    return int(token)


@rule("account", "GetRegionOptStatus")
def get_region_opt_status(call: Call) -> Response:
    """One region's status (API_GetRegionOptStatus.html)."""
    account, name = target_account(call), call.params["RegionName"]
    if name not in ALL_REGIONS:
        raise AwsError("ValidationException", f"Region {name} does not exist.")
    return call.result(RegionName=name, RegionOptStatus=opt_status(call.world, account, name))


@rule("account", "GetContactInformation")
def get_contact_information(call: Call) -> Response:
    """The primary contact as it was put (API_GetContactInformation.html)."""
    contact = call.world.documents.get((CONTACT, target_account(call)))
    if contact is None:
        raise AwsError("ResourceNotFoundException", "No contact information found for account.", 404)
    return call.result(ContactInformation=contact)


@rule("account", "PutContactInformation")
def put_contact_information(call: Call) -> Response:
    """Replaces the primary contact whole (API_PutContactInformation.html)."""
    call.world.documents[CONTACT, target_account(call)] = call.params["ContactInformation"]
    return call.result()
