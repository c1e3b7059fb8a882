# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter from a run's tags to the account defaults that it is about."""

from __future__ import annotations

DOCUMENTATION = r"""
name: selected_defaults
short_description: The account defaults that a run's tags select
description:
  - The tags of the playbooks are the sections of the guide's account defaults.
  - Given a run's tags, it returns the names for the option O(rackspace.aws_accounts.account_defaults#module:only).
options:
  _input:
    description: Names of account defaults to choose from; empty for all.
    type: list
    elements: str
    required: true
  run_tags:
    description: As in C(ansible_run_tags).
    type: list
    elements: str
    default: [all]
  skip_tags:
    description: As in C(ansible_skip_tags).
    type: list
    elements: str
    default: []
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Set what the guide's section on IAM asks for
  rackspace.aws_accounts.account_defaults:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    provider_account_id: "100000000002"
    only: "{{ [] | rackspace.aws_accounts.selected_defaults(['iam']) }}"
"""

RETURN = r"""
_value:
  description: Names of account defaults in the order in which they are applied; empty where nothing narrows them.
  type: list
  elements: str
"""

from collections.abc import Collection, Iterable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.catalogue import ACCOUNT_DEFAULTS

SECTIONS = tuple(dict.fromkeys(default.section for default in ACCOUNT_DEFAULTS))
EVERYTHING = {"all", "tagged"}
#: tags that Ansible and molecule (which skips its own in every run) give a meaning of their own
ANSIBLES_OWN = {*EVERYTHING, "always", "never", "untagged"}
ANSIBLES_OWN |= {"notest", "molecule-notest", "molecule-idempotence-notest"}


def selected_defaults(
    only: Iterable[str], run_tags: Iterable[str] = ("all",), skip_tags: Iterable[str] = ()
) -> list[str]:
    """Return the names of the account defaults that the tags leave of ``only`` (empty: of all of them)."""
    only, run, skip = _names(only), set(run_tags), set(skip_tags)
    fault = selection_fault(only, run, skip)
    if fault:
        raise AnsibleFilterError(fault)
    names = _selected(only, run, skip)
    return [] if len(names) == len(ACCOUNT_DEFAULTS) else names


def selection_fault(only: Iterable[str], run_tags: Iterable[str] = ("all",), skip_tags: Iterable[str] = ()) -> str:
    """Say what is wrong with a selection: an unknown name or tag, or that nothing is left; "" where it is good."""
    only, run, skip = _names(only), set(run_tags), set(skip_tags)
    tags = sorted((run | skip) - set(SECTIONS) - ANSIBLES_OWN)
    if tags:
        return f"unknown tag {', '.join(tags)}; the tags are the guide's sections: {', '.join(SECTIONS)}"
    known = [default.name for default in ACCOUNT_DEFAULTS]
    names = [name for name in only if name not in known]
    if names:
        return f"account_defaults_only: {', '.join(names)} is no account default; known are {', '.join(known)}"
    if not _selected(only, run, skip):
        sections = ", ".join(SECTIONS)
        return f"--tags, --skip-tags and account_defaults_only leave no account default; the sections are {sections}"
    return ""


def _names(only: Iterable[str]) -> list[str]:
    """Return the names; on the command line (``-e``) they are a text with commas."""
    return [name.strip() for name in only.split(",")] if isinstance(only, str) else list(only)


def _selected(only: Collection[str], run: set[str], skip: set[str]) -> list[str]:
    return [
        default.name
        for default in ACCOUNT_DEFAULTS
        if (not only or default.name in only)
        and (run & EVERYTHING or default.section in run)
        and default.section not in skip
    ]


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"selected_defaults": selected_defaults}
