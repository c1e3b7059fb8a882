# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Accounts of an organization as hosts: their names, groups and variables (A4)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import RecordError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.record import BY_NAME, PREFIXES
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.record_checks import meant, shown

ACTIVE = "ACTIVE"
#: what of the record no tag may say: where the account is and how it is reached, for those who may tag it may be others
NEVER_BY_TAG = ("account_id", "account_organization", "account_kind")
#: fields that are mappings, for which a tag's value has no room
MAPPINGS = (
    "account_adopt", "account_defaults_disabled", "account_organization", "cloudhealth", "offboarding",
    "provider_queue_regions", "provider_queues",
)  # fmt: skip
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: names of hosts and groups that mean something else to Ansible
TAKEN = frozenset({"all", "localhost", "ungrouped"})

Account = Mapping[str, Any]


def host_names(
    accounts: Iterable[Account], style: str, hosts: Mapping[str, str] | None = None, groups: Iterable[str] = ()
) -> dict[str, str]:
    """Return each account's host name by its id; no two are alike, whatever their case.

    Args:
        style: ``name``, ``id`` or ``name_and_id``.
        hosts: hosts that other sources made -> the ids of their accounts, "" where they are none. An account that is
            there keeps that name.
        groups: names of groups, which no host should have.

    Names that several accounts share are told apart by the id, for all of them: none is the first.
    """
    hosts = hosts or {}
    known = {number: host for host, number in hosts.items() if number}
    named = {account["id"]: _host_name(account, style) for account in accounts if account["id"] not in known}
    taken = {name.casefold() for name in (*TAKEN, *hosts, *groups)}
    shared = Counter(name.casefold() for name in named.values())
    return {
        number: f"{name}-{number}" if shared[name.casefold()] > 1 or name.casefold() in taken else name
        for number, name in named.items()
    } | {account["id"]: known[account["id"]] for account in accounts if account["id"] in known}


def _host_name(account: Account, style: str) -> str:
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", account["name"]).strip("-.")
    if style == "id" or not name:
        return str(account["id"])
    return f"{name}-{account['id']}" if style == "name_and_id" else name


def unit_groups(accounts: Iterable[Account], prefix: str) -> dict[str, str]:
    """Return the group of each organizational unit that has accounts, and of those above it, by the unit's id."""
    paths = {
        account["ou_ids"][end]: tuple(account["ou_names"][: end + 1])
        for account in accounts
        for end in range(len(account["ou_ids"]))
    }
    named = {unit: group_name(prefix, *names) for unit, names in paths.items()}
    shared = Counter(named.values())
    return {unit: group_name(name, unit) if shared[name] > 1 else name for unit, name in named.items()}


def group_name(*parts: str) -> str:
    """Return a name that Ansible takes for a group."""
    return re.sub(r"[^A-Za-z0-9_]", "_", "_".join(part for part in parts if part))


def below(account: Account, units: Iterable[str]) -> bool:
    """Tell whether an account is in one of the organizational units, each an id or a path of names."""
    names = account["ou_names"]
    paths = {"/".join(names[:end]) for end in range(1, len(names) + 1)}
    return any(unit in account["ou_ids"] or unit.strip("/") in paths for unit in units)


def variables(
    account: Account, organization: Mapping[str, Any], tag_variables: Mapping[str, str], management_role: str = ""
) -> dict[str, Any]:
    """Return an account's host variables: its record as the organization and its tags tell it, and the facts."""
    of = {"id": organization["id"], "management_account_id": organization["management_account_id"]}
    found = {
        "account_id": account["id"],
        "account_name": account["name"],
        "account_email": account["email"],
        "account_kind": account["kind"],
        "account_organization": of | ({"management_role": management_role} if management_role else {}),
        "organization_ou": "/".join(account["ou_names"]),
        "organization_ou_ids": account["ou_ids"],
        "organization_state": account["state"],
        "organization_joined_method": account["joined_method"],
        "organization_joined_at": account["joined_at"],
        "organization_tags": account["tags"],
    }
    for key, variable in tag_variables.items():
        if key in account["tags"]:
            found[variable] = _typed(variable, account["tags"][key])
    return found


def _typed(variable: str, value: str) -> Any:
    """Return a tag's value as the record has it: booleans and lists, whose entries are separated by spaces."""
    default = BY_NAME[variable].default if variable in BY_NAME else None
    if isinstance(default, bool) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    return value.split() if isinstance(default, list) else value


def check_tag_variables(tag_variables: Mapping[str, Any]) -> None:
    """Raise RecordError where a tag is to become what it cannot."""
    for key, name in tag_variables.items():
        if not isinstance(name, str) or not NAME.fullmatch(name):
            fault = f"{shown(name)} is no variable's name"
        elif name in NEVER_BY_TAG or name.startswith("ansible_"):
            fault = (
                f"{name} is never taken from a tag, which others may write; the organization and records_file say it"
            )
        elif name in MAPPINGS:
            fault = f"{name} is a mapping, for which a tag has no room; write it in records_file"
        elif name.startswith(PREFIXES) and name not in BY_NAME:
            fault = f"{name} is no variable of the account record; {meant(name, tuple(BY_NAME))}"
        else:
            continue
        raise RecordError(f"tag_variables: {key}: {fault}")


def records_of(records: Any, accounts: Iterable[Account]) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Return what a file of records says of each account, by id, and its keys that are no account's.

    Args:
        records: account id or name -> variables. What is said by id goes over what is said by name.

    Raises:
        RecordError: it is no such mapping, a name is that of several accounts, or an account_id is another one.
    """
    if not isinstance(records, Mapping):
        raise RecordError(f"is {shown(records)}; write a mapping of account ids or names to variables")
    accounts = list(accounts)
    ids = {account["id"] for account in accounts}
    named: dict[str, list[str]] = {}
    for account in accounts:
        named.setdefault(account["name"], []).append(account["id"])
    found: dict[str, dict[str, Any]] = {}
    unknown = []
    for key, values in sorted(records.items(), key=lambda entry: entry[0] in ids):
        if not isinstance(key, str):
            raise RecordError(f"{key} is a number; write the 12 digits of an account's id in quotes")
        if not isinstance(values, Mapping):
            raise RecordError(f"{key} has {shown(values)}; write a mapping of variables")
        numbers = [key] if key in ids else named.get(key, [])
        if len(numbers) > 1:
            raise RecordError(f"{key} is the name of {', '.join(sorted(numbers))}; write the account's id instead")
        if not numbers:
            unknown.append(key)
            continue
        other = values.get("account_id", numbers[0])
        if other != numbers[0]:
            raise RecordError(f"{key} has account_id {shown(other)}, and is {numbers[0]}; take account_id out")
        found.setdefault(numbers[0], {}).update(values)
    return found, unknown
