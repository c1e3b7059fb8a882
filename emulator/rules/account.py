"""Account Management: the regions of an account, its contacts."""

from __future__ import annotations

import re
from typing import Any

from emulator.call import Call
from emulator.documents import ALTERNATE_CONTACT, CONTACT
from emulator.identity import organization_of
from emulator.protocol import AwsError, Response
from emulator.regions import ALL_REGIONS, DEFAULT_REGIONS
from emulator.rules import rule
from emulator.world import World

SERVICE = "account.amazonaws.com"
# API_ContactInformation.html: StateOrRegion is required in these countries.
STATE_REQUIRED = {"US", "CA", "GB", "DE", "JP", "IN", "BR"}
LENGTHS = {
    "FullName": 50, "AddressLine1": 60, "AddressLine2": 60, "AddressLine3": 60, "City": 50, "StateOrRegion": 50,
    "DistrictOrCounty": 50, "PostalCode": 20, "CountryCode": 2, "PhoneNumber": 20, "CompanyName": 50,
    "WebsiteUrl": 256,
}  # fmt: skip
TYPES = ("BILLING", "OPERATIONS", "SECURITY")


def opt_status(world: World, account: str, region: str) -> str:
    if not world.enabled(account, region):
        return "DISABLED"
    return "ENABLED_BY_DEFAULT" if region in DEFAULT_REGIONS else "ENABLED"


def target_account(call: Call) -> str:
    """The account that a call is about: a member's id from the management account, never one's own.

    Account Management reference guide, "AccountId" of each operation: the management account must leave out its own
    id; another account's id only from the organization's management account or a delegated administrator, with all
    features and trusted access for Account Management.
    """
    wanted = str(call.params.get("AccountId") or "")
    if not wanted:
        return call.account
    organization = organization_of(call.account)
    owner = organization.org.master_account_id if organization else ""
    if not (call.account == owner or (organization and delegated(organization, call.account, SERVICE))) or (
        wanted in (owner, call.account)
    ):
        raise AwsError("AccessDeniedException", f"{call.principal.arn} may not use account {wanted} here.", 403)
    if not any(account.id == wanted for account in organization.accounts):
        raise AwsError("AccessDeniedException", f"Account {wanted} is not in the organization.", 403)
    if organization.org.feature_set != "ALL" or not trusted(organization, SERVICE):
        text = "The organization must have trusted access enabled for the Account Management service."
        raise AwsError("AccessDeniedException", text, 403)
    return wanted


def trusted(organization: Any, service: str) -> bool:
    """Whether an organization has trusted access for a service (orgs_integrate_services.html)."""
    return any(entry["ServicePrincipal"] == service for entry in organization.services)


def delegated(organization: Any, account: str, service: str) -> bool:
    return any(admin.account.id == account and service in admin.services for admin in organization.admins)


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
    """Replaces the primary contact whole (API_PutContactInformation.html, API_ContactInformation.html)."""
    contact, account = call.params["ContactInformation"], target_account(call)
    wrong = [name for name, limit in LENGTHS.items() if name in contact and not 1 <= len(contact[name]) <= limit]
    if not re.fullmatch(r"[+][\s0-9()-]+", contact["PhoneNumber"]):
        wrong.append("PhoneNumber")
    if contact["CountryCode"] in STATE_REQUIRED and not contact.get("StateOrRegion"):
        wrong.append("StateOrRegion")
    if wrong:
        raise _invalid(wrong)
    call.world.documents[CONTACT, account] = contact
    return call.result()


def _invalid(names: list[str]) -> AwsError:
    fields = [{"name": name, "message": "The value is not valid."} for name in names]
    text = f"The input fails to satisfy the constraints: {', '.join(names)}"
    return AwsError("ValidationException", text, reason="fieldValidationFailed", fieldList=fields)


def _alternate(call: Call) -> tuple[str, str]:
    kind, account = str(call.params["AlternateContactType"]), target_account(call)
    if kind not in TYPES:
        raise _invalid(["AlternateContactType"])
    return ALTERNATE_CONTACT, f"{account}/{kind}"


@rule("account", "PutAlternateContact")
def put_alternate_contact(call: Call) -> Response:
    """Replaces one alternate contact whole (API_PutAlternateContact.html)."""
    names = {"Name": 64, "Title": 50, "EmailAddress": 254, "PhoneNumber": 25}
    key, contact = _alternate(call), {name: str(call.params[name]) for name in names}
    wrong = [name for name, limit in names.items() if not 1 <= len(contact[name]) <= limit]
    if not re.fullmatch(r"[\s0-9()+-]+", contact["PhoneNumber"]):
        wrong.append("PhoneNumber")
    if not re.fullmatch(r"[\s]*[\w+=.#|!&-]+@[\w.-]+\.[\w]+[\s]*", contact["EmailAddress"]):
        wrong.append("EmailAddress")
    if wrong:
        raise _invalid(wrong)
    call.world.documents[key] = {**contact, "AlternateContactType": call.params["AlternateContactType"]}
    return call.result()


@rule("account", "GetAlternateContact", "DeleteAlternateContact")
def alternate_contact(call: Call) -> Response:
    """One that was put (API_GetAlternateContact.html, API_DeleteAlternateContact.html: ResourceNotFoundException)."""
    key = _alternate(call)
    if key not in call.world.documents:
        raise AwsError("ResourceNotFoundException", "No contact of the inputted alternate contact type found.", 404)
    if call.operation == "DeleteAlternateContact":
        del call.world.documents[key]
        return call.result()
    return call.result(AlternateContact=call.world.documents[key])
