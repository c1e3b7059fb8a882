# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that judges the records of all accounts at once."""

from __future__ import annotations

DOCUMENTATION = r"""
name: account_faults
short_description: What is wrong with the account records of an inventory
description:
  - Checks the host variables of every account against the schema of the account record.
  - Looks at all accounts at once, so that an id which two hosts share is found; it is meant to be used with
    C(run_once).
options:
  _input:
    description: The C(hostvars) of the run.
    type: dict
    required: true
  hosts:
    description: The hosts that are accounts.
    type: list
    elements: str
    required: true
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Name every fault of every account
  ansible.builtin.debug:
    msg: "{{ hostvars | rackspace.aws_accounts.account_faults(groups['accounts']) }}"
  run_once: true
"""

RETURN = r"""
_value:
  description: The faults of each host that has any, each with the variable, what was found and the fix.
  type: dict
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jinja2 import Undefined

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import record


def account_faults(hostvars: Mapping[str, Any], hosts: Iterable[str]) -> dict[str, list[str]]:
    """Return the faults of each of ``hosts`` that has any."""
    return record.inventory_faults({str(host): _variables(hostvars[host]) for host in hosts})


def _variables(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return a host's variables; only those of the record are templated."""
    wanted = {*record.BY_NAME, record.LEVELS}
    return {str(name): _value(variables, name) if name in wanted else None for name in variables}


def _value(variables: Mapping[str, Any], name: str) -> Any:
    try:
        return _plain(variables[name])
    except Exception as error:  # whatever a template of the user's raises
        return record.Unreadable(str(error))


def _plain(value: Any) -> Any:
    """Return a value that no longer templates when it is read."""
    if isinstance(value, Undefined):
        raise ValueError(getattr(value, "_undefined_message", None) or f"{value._undefined_name!r} is undefined")
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_plain(entry) for entry in value]
    return value


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"account_faults": account_faults}
