# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The accounts of an organization as AWS Organizations tells them, read with few calls (A4).

One call for the organization and one for each twenty accounts; for the tree one for each organizational unit, and a
second one only where AWS does not tell the accounts' paths; for tags one for each account.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

PERMISSIONS = ("organizations:DescribeOrganization", "organizations:ListAccounts")
UNIT_PERMISSIONS = (
    "organizations:ListAccountsForParent",
    "organizations:ListOrganizationalUnitsForParent",
    "organizations:ListRoots",
)
TAG_PERMISSIONS = ("organizations:ListTagsForResource",)
#: what a refusal means, by AWS's code (Organizations API Reference)
FIXES = {
    "AccessDeniedException": (
        "only the organization's management account and its delegated administrators may ask: grant the action to the "
        "caller there, or name a role that has it by assume_role_arn (docs/permissions.md lists the actions)"
    ),
    "ListTagsForResource:AccessDeniedException": (
        "grant the action to the caller, or read no tags: take tag_variables, tag_groups, read_tags and "
        "organization_tags out of the source"
    ),
    "AssumeRole:AccessDenied": (
        "check assume_role_arn, that the role trusts this caller, and that the caller may sts:AssumeRole it"
    ),
    "AWSOrganizationsNotInUseException": (
        "these credentials lead to an account outside any organization: use those of the management account, or name a "
        "role in it by assume_role_arn"
    ),
    "TooManyRequestsException": "others ask Organizations too: try again later, and cache what was read (cache: true)",
}
#: calls at a time for tags and the tree; AWS throttles the whole organization, and retries wait
THREADS = 8
UNIT_ID = re.compile(r"ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}")

Data = dict[str, Any]


def read_organization(client: Any, *, units: bool, tags: Callable[[Data], bool] | None) -> Data:
    """Return the organization and its accounts as plain data, which can be cached.

    Args:
        client: boto3's client of Organizations.
        units: whether each account's organizational units are wanted.
        tags: whose tags are wanted, an account at a time; None: nobody's.

    Returns:
        ``{id, management_account_id, accounts}``, each account ``{id, name, kind, email, state, joined_method,
        joined_at, ou_ids, ou_names, tags}``; without units or tags these are empty.
    """
    organization = client.describe_organization()["Organization"]
    listed = list(pages(client, "list_accounts", "Accounts"))
    accounts = {entry["Id"]: _account(entry, organization["MasterAccountId"]) for entry in listed}
    with ThreadPoolExecutor(THREADS) as threads:
        if units:
            paths = {entry["Id"]: entry["Paths"][0] for entry in listed if entry.get("Paths")}
            _place(client, threads, accounts, paths)
        wanted = [account for account in accounts.values() if tags is not None and tags(account)]
        for account, read in zip(wanted, threads.map(lambda one: _tags(client, one["id"]), wanted), strict=True):
            account["tags"] = read
    return {
        "id": organization["Id"],
        "management_account_id": organization["MasterAccountId"],
        "accounts": list(accounts.values()),
    }


def pages(client: Any, operation: str, key: str, **arguments: Any) -> Iterator[Data]:
    """Yield what an operation lists, over all pages; an empty page is not the last one."""
    for page in client.get_paginator(operation).paginate(**arguments):
        yield from page.get(key, [])


def _account(entry: Data, management_account_id: str) -> Data:
    """Return an account of AWS's answer. Status is retired on 2026-09-09 in favour of State (API_Account.html)."""
    joined = entry.get("JoinedTimestamp")
    return {
        "id": entry["Id"],
        "name": entry.get("Name") or entry["Id"],
        "kind": "payer" if entry["Id"] == management_account_id else "member",
        "email": entry.get("Email", ""),
        "state": entry.get("State") or entry.get("Status") or "UNKNOWN",
        "joined_method": entry.get("JoinedMethod", ""),
        "joined_at": joined.isoformat() if joined else "",
        "ou_ids": [],
        "ou_names": [],
        "tags": {},
    }


def _tags(client: Any, account_id: str) -> dict[str, str]:
    listed = pages(client, "list_tags_for_resource", "Tags", ResourceId=account_id)
    return {tag["Key"]: tag["Value"] for tag in listed}


def _place(client: Any, threads: ThreadPoolExecutor, accounts: Mapping[str, Data], paths: Mapping[str, str]) -> None:
    """Give each account its organizational units, from the top; walks the tree a level at a time."""
    names: dict[str, str] = {}
    above: dict[str, list[str]] = {root["Id"]: [] for root in pages(client, "list_roots", "Roots")}
    held: dict[str, list[str]] = {number: UNIT_ID.findall(path) for number, path in paths.items()}
    level = list(above)
    while level:
        if accounts.keys() - paths.keys():
            for parent, numbers in zip(level, threads.map(lambda one: _children(client, one), level), strict=True):
                held |= {number: above[parent] for number in numbers if number not in paths}
        units = dict(zip(level, threads.map(lambda one: _units(client, one), level), strict=True))
        level = []
        for parent, found in units.items():
            for unit in found:
                names[unit["Id"]] = unit["Name"]
                above[unit["Id"]] = [*above[parent], unit["Id"]]
                level.append(unit["Id"])
    for number, account in accounts.items():
        account["ou_ids"] = held.get(number, [])
        account["ou_names"] = [names.get(unit, unit) for unit in account["ou_ids"]]


def _children(client: Any, parent: str) -> list[str]:
    return [entry["Id"] for entry in pages(client, "list_accounts_for_parent", "Accounts", ParentId=parent)]


def _units(client: Any, parent: str) -> list[Data]:
    return list(pages(client, "list_organizational_units_for_parent", "OrganizationalUnits", ParentId=parent))
