# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""AWS Organizations as inventory."""

from __future__ import annotations

DOCUMENTATION = r"""
name: organization_accounts
short_description: AWS Organizations as inventory of accounts
version_added: 0.1.0
author:
  - The rackspace.aws_accounts contributors (@rackspace)
description:
  - Makes every active account of an organization a host of the group C(accounts), on which the playbooks of
    this collection run, with the variables of its account record that the organization knows.
  - Accounts are grouped by organizational unit, by tags, and by the options of constructed inventories.
  - What is never a host of C(accounts), are accounts that are not active, the organization's management account
    (unless O(include_management_account=true)) and the accounts of O(provider_account_ids).
  - The source is a YAML file whose name ends with C(organization.yml), C(organization.yaml),
    C(organization_accounts.yml) or C(organization_accounts.yaml). Several organizations are several sources; the same
    name in two of them is told apart by the account's id.
options:
  plugin:
    description: Marks the file as a source for this plugin.
    type: str
    required: true
    choices: [rackspace.aws_accounts.organization_accounts]
  provider_account_ids:
    description:
      - The ids of the provider's own accounts in this organization, the shared management services account for
        instance, in quotes. They are left out, so that nothing is ever done to them by accident.
      - An empty list says that there are none.
    type: list
    elements: str
    required: true
  include_management_account:
    description:
      - Make the organization's management account a host as well, with V(account_kind=payer).
      - One that O(provider_account_ids) names stays left out.
    type: bool
    default: false
  other_states:
    description:
      - What becomes of accounts that are not active (suspended, pending closure, closed, pending activation).
      - V(group) makes them hosts of a group of that name, V(suspended) for instance, and of no other, whatever other
        options say.
      - V(leave_out) leaves them out.
    type: str
    choices: [group, leave_out]
    default: group
  hostname:
    description:
      - What the hosts are called.
      - V(name) is the account's name. Characters other than letters, digits, C(_), C(.) and C(-) become C(-), and
        names that several accounts share, or that a group or a host of another source has, are followed by the id.
      - V(id) is the account's id, V(name_and_id) both.
      - An account that an earlier source has as a host (by its C(account_id)) keeps that host's name.
    type: str
    choices: [name, id, name_and_id]
    default: name
  organizational_units:
    description:
      - Only the accounts in or below these organizational units, each an id (V(ou-rs01-navigator)) or a path of names
        (V(Customers/Navigator)).
      - Empty means all.
    type: list
    elements: str
    default: []
  ou_groups:
    description:
      - Make a group of each organizational unit, below C(accounts) and below the group of the unit that it is in.
        So variables of a unit go over those of the unit above it.
      - Without it and without O(organizational_units), the tree is not read.
    type: bool
    default: true
  ou_group_prefix:
    description:
      - What the names of these groups begin with, before the unit's path joined by C(_).
      - With several organizations, a prefix for each keeps units of the same name apart.
    type: str
    default: ou
  tag_groups:
    description: Keys of tags by whose values groups are made, named C(tag_KEY_VALUE).
    type: list
    elements: str
    default: []
  tag_group_prefix:
    description: What the names of these groups begin with.
    type: str
    default: tag
  tag_variables:
    description:
      - Tag key to variable, so that tags say what the organization does not, C(account_uuid) above all.
      - Values of boolean variables are V(true) or V(false); those of lists are separated by spaces.
      - Not C(account_id), C(account_organization) and C(account_kind), for who may write tags should not choose an
        account, nor variables that are mappings.
    type: dict
    default: {}
  read_tags:
    description:
      - Read the tags although none of O(tag_variables), O(tag_groups), O(compose), O(groups) and O(keyed_groups) names
        them (by C(organization_tags)), for what is done with that variable later.
      - Reading tags costs one call for each account.
    type: bool
    default: false
  records_file:
    description:
      - A YAML file of account ids or names (as in AWS) to variables, which go over all others. It may be encrypted with
        Ansible Vault. Of what it holds for one account by id and by name, that by id counts.
      - A relative path starts at the folder of the source.
      - Name the source with C(-i), not the folder, for Ansible would take this file for an inventory as well.
    type: str
extends_documentation_fragment:
  - inventory_cache
  - constructed
  - amazon.aws.boto3
  - amazon.aws.common.plugins
  - amazon.aws.region.plugins
  - amazon.aws.assume_role.plugins
notes:
  - The credentials are those of the management account or of a delegated administrator; O(assume_role_arn) names a
    role there. Where that role is in the management account, its name becomes C(management_role) of
    C(account_organization), so that the playbooks come in by it too.
  - Besides the record, hosts have the variables C(organization_ou) (path of names), C(organization_ou_ids),
    C(organization_state), C(organization_joined_method), C(organization_joined_at) and C(organization_tags).
  - Variables go over each other in this order - the organization's, tags by O(tag_variables), O(compose),
    O(records_file).
  - What AWS tells is never taken for a template, whatever an account's name or tag holds. What O(records_file) says is.
  - Calls for 300 accounts in 30 organizational units - 1 for the organization, 15 for the accounts, 32 for the tree
    (up to 80 where AWS tells no paths of accounts), and 300 for tags. Without O(ou_groups) and tags, 16. With
    O(cache=true), none until the cache expires. A call that AWS throttles is tried again, ten times at most.
  - It needs C(organizations:DescribeOrganization) and C(organizations:ListAccounts); for the tree
    C(organizations:ListRoots), C(organizations:ListOrganizationalUnitsForParent) and
    C(organizations:ListAccountsForParent); for tags C(organizations:ListTagsForResource).
seealso:
  - plugin: amazon.aws.aws_ec2
    plugin_type: inventory
"""

EXAMPLES = r"""
# customers/organization.yml, the least there is: with the credentials of the management account.
# What the organization does not know, account_uuid for instance, is in host_vars/ or in records_file.
plugin: rackspace.aws_accounts.organization_accounts
provider_account_ids: ["100000000002"]

---
# Tags say what the record needs, a file says the rest.
plugin: rackspace.aws_accounts.organization_accounts
provider_account_ids: ["100000000002"]
tag_variables:
  rackspace:uuid: account_uuid
  rackspace:ddi: account_ddi
  rackspace:service-level: account_service_level
tag_groups: [rackspace:service-level]
records_file: records.yml
# records.yml:
#   "111111111111": {account_regions: [us-east-1, us-west-2]}
#   app1-dev: {account_protected: true}

---
# One of several organizations, by a role in its management account:
# -i first.organization.yml -i second.organization.yml
# What was read is kept for an hour: --flush-cache reads it again.
plugin: rackspace.aws_accounts.organization_accounts
provider_account_ids: []
assume_role_arn: arn:aws:iam::820000000000:role/ProviderInventory
organizational_units: [Workloads/Production, Workloads/Staging]
ou_group_prefix: second
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/rackspace.aws_accounts
cache_timeout: 3600

---
# Constructed groups and variables; an expression that fails is an error.
plugin: rackspace.aws_accounts.organization_accounts
provider_account_ids: ["100000000002"]
strict: true
compose:
  account_payer: "'dedicated' if organization_tags['rackspace:payer'] | default('') == 'own' else 'shared'"
groups:
  joined_by_invitation: organization_joined_method == 'INVITED'
keyed_groups:
  - key: account_ddi
    prefix: ddi
"""

import difflib
import os
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin
from ansible_collections.amazon.aws.plugins.plugin_utils.inventory import AWSInventoryBase

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccountsError, error_code
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.organization_accounts import (
    FIXES,
    read_organization,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.organization_hosts import (
    ACTIVE,
    below,
    check_tag_variables,
    group_name,
    host_names,
    records_of,
    unit_groups,
    variables,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.record_checks import account_id
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.refusals import explained

try:
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:
    BotoCoreError = ClientError = Exception  # amazon.aws says what is missing

#: on which the playbooks run
GROUP = "accounts"
#: the shape of what is cached: raised when it changes
FORMAT = 1
# AWS throttles an organization's callers together: wait and ask again, rather than fail.
RETRIES = {"mode": "standard", "max_attempts": 10}


class InventoryModule(AWSInventoryBase):
    """Accounts as hosts."""

    NAME = "rackspace.aws_accounts.organization_accounts"
    INVENTORY_FILE_SUFFIXES = (
        "organization.yml",
        "organization.yaml",
        "organization_accounts.yml",
        "organization_accounts.yaml",
    )

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Read the source, the organization or its cache, and make hosts of it."""
        # Not AWSInventoryBase's own, which assumes the role before it is known whether anything is asked.
        BaseInventoryPlugin.parse(self, inventory, loader, path)
        self.require_aws_sdk()
        source = self._read_config_data(path)
        try:
            self._check_options(source)
            file, content = self._records_file(path)
            organization = self._organization(path, cache)
            self._populate(organization, self._records(file, content, organization["accounts"]))
        except (ClientError, BotoCoreError) as error:
            raise AnsibleParserError(f"{path}: {_told(error)}") from None  # Ansible would tell it twice
        except AccountsError as error:
            raise AnsibleParserError(f"{path}: {error}") from None

    def _check_options(self, source: Mapping[str, Any]) -> None:
        known = {
            alias for name, about in self.option_definitions.items() for alias in (name, *about.get("aliases", ()))
        }
        for name in sorted(set(source) - known):
            meant = difflib.get_close_matches(name, known, n=1)
            hint = f"; is {meant[0]} meant?" if meant else "; ansible-doc -t inventory tells its options"
            raise AccountsError(f"{name} is no option of {self.NAME}{hint}")
        check_tag_variables(self.get_option("tag_variables"))
        for number in self.get_option("provider_account_ids"):
            for fault in account_id(number):
                raise AccountsError(f"provider_account_ids: {fault}")

    def _organization(self, path: str, cache: bool) -> dict[str, Any]:
        """Return the organization as data, from the cache if what is there was asked for by the same options."""
        units = bool(self.get_option("ou_groups") or self.get_option("organizational_units"))
        asked = {
            "format": FORMAT,
            "units": units,
            "tags": self._wants_tags(),
            "hosts": [
                self.get_option(name)
                for name in (
                    "provider_account_ids",
                    "include_management_account",
                    "other_states",
                    "organizational_units",
                    "assume_role_arn",
                )
            ],
        }
        cached, found = self.get_cached_result(path, cache)
        if cached and found.get("asked") == asked:
            return dict(found["organization"])
        organization = read_organization(self._client(), units=units, tags=self._is_host if asked["tags"] else None)
        if self.get_option("cache"):
            self._cache[self.get_cache_key(path)] = {"asked": asked, "organization": organization}
        return organization

    def _wants_tags(self) -> bool:
        expressions = [self.get_option(name) for name in ("compose", "groups", "keyed_groups")]
        named = any(self.get_option(name) for name in ("read_tags", "tag_variables", "tag_groups"))
        return named or "organization_tags" in str(expressions)

    def _is_host(self, account: Mapping[str, Any]) -> bool:
        """Tell whether an account becomes a host."""
        units = self.get_option("organizational_units")
        return (
            account["id"] not in self.get_option("provider_account_ids")
            and (account["kind"] != "payer" or self.get_option("include_management_account"))
            and (account["state"] == ACTIVE or self.get_option("other_states") == "group")
            and (not units or below(account, units))
        )

    def _client(self) -> Any:
        """Return the client of Organizations, by the role if there is one."""
        here = {"region": self.region or "us-east-1", "config": Config(retries=RETRIES)}
        role = self.get_option("assume_role_arn")
        if not role:
            return self.client("organizations", **here)
        answer = self.client("sts", **here).assume_role(RoleArn=role, RoleSessionName="rackspace.aws_accounts")
        keys = answer["Credentials"]
        self._frozen_credentials = {
            "profile_name": None,
            "aws_access_key_id": keys["AccessKeyId"],
            "aws_secret_access_key": keys["SecretAccessKey"],
            "aws_session_token": keys["SessionToken"],
        }
        return self.client("organizations", **here)

    def _records_file(self, path: str) -> tuple[str, Any]:
        """Return the file of records and what it holds; it is read anew each time, and may hold templates."""
        name = self.get_option("records_file")
        if not name:
            return "", {}
        file = os.path.join(os.path.dirname(os.path.abspath(path)), os.path.expanduser(name))
        if not os.path.exists(file):
            raise AccountsError(f"records_file: {file} does not exist")
        return file, self.loader.load_from_file(file, cache="none", trusted_as_template=True)

    def _records(self, file: str, content: Any, accounts: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """Return what the file of records says of each account, by its id."""
        try:
            found, unknown = records_of(content, accounts)
        except AccountsError as error:
            raise AccountsError(f"records_file: {file}: {error}") from error
        if unknown:
            self.display.warning(f"{file}: no account of the organization has the id or name {', '.join(unknown)}")
        return found

    def _populate(self, organization: dict[str, Any], records: Mapping[str, Mapping[str, Any]]) -> None:
        accounts = [account for account in organization["accounts"] if self._is_host(account)]
        for unit in self.get_option("organizational_units"):
            if not any(below(account, [unit]) for account in accounts):
                self.display.warning(f"organizational_units: no account is in or below {unit}")
        active = [account for account in accounts if account["state"] == ACTIVE]
        self.inventory.add_group(GROUP)
        units = self._add_unit_groups(active) if self.get_option("ou_groups") else {}
        others = {name: str(host.vars.get("account_id", "")) for name, host in self.inventory.hosts.items()}
        hosts = host_names(accounts, self.get_option("hostname"), others, self.inventory.groups)
        role = _management_role(self.get_option("assume_role_arn"), organization["management_account_id"])
        for account in sorted(accounts, key=lambda account: hosts[account["id"]]):
            host = self.inventory.add_host(hosts[account["id"]])
            known = variables(account, organization, self.get_option("tag_variables"), role)
            record = dict(records.get(account["id"], {}))
            self._set(host, {**known, **record})
            self._set_composite_vars(self.get_option("compose"), {**known, **record}, host, self.get_option("strict"))
            self._set(host, record)  # it goes over what was composed
            if account["state"] == ACTIVE:
                self._group(host, account, units)
            else:  # in its own group, and no other
                self.inventory.add_child(self.inventory.add_group(group_name(account["state"].lower())), host)

    def _set(self, host: str, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            self.inventory.set_variable(host, name, value)

    def _add_unit_groups(self, accounts: list[dict[str, Any]]) -> dict[str, str]:
        """Make the groups of the organizational units, each below that of the unit above it; returns their names."""
        groups = unit_groups(accounts, self.get_option("ou_group_prefix"))
        for account in accounts:
            above = GROUP
            for unit in account["ou_ids"]:
                self.inventory.add_group(groups[unit])
                self.inventory.add_child(above, groups[unit])
                above = groups[unit]
        return groups

    def _group(self, host: str, account: Mapping[str, Any], units: Mapping[str, str]) -> None:
        own = units[account["ou_ids"][-1]] if units and account["ou_ids"] else GROUP
        self.inventory.add_child(own, host)
        for key in self.get_option("tag_groups"):
            if value := account["tags"].get(key):
                group = self.inventory.add_group(group_name(self.get_option("tag_group_prefix"), key, value))
                self.inventory.add_child(group, host)
        strict = self.get_option("strict")
        self._add_host_to_composed_groups(self.get_option("groups"), {}, host, strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), {}, host, strict)


def _management_role(role: str | None, management_account_id: str) -> str:
    """Return the name of a role in the management account, "" for one elsewhere or with a path."""
    account, separator, name = (role or "").partition(":role/")
    return name if separator and account.endswith(f":{management_account_id}") and "/" not in name else ""


def _told(error: Exception) -> str:
    """Return what AWS refused, by the name of the IAM action, and what to do."""
    if not error_code(error):
        return f"AWS cannot be asked: {error}. Check profile, AWS's environment variables and the network"
    service = "sts" if getattr(error, "operation_name", "") == "AssumeRole" else "organizations"
    return f"{service}:{explained(error, FIXES)}"
