# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that finds misspelt tags."""

from __future__ import annotations

DOCUMENTATION = r"""
name: selection_fault
short_description: What is wrong with a run's tags
description:
  - A run with a misspelt tag would do nothing and look like success; by this filter the playbooks refuse it once,
    before the play of the accounts.
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
- name: Refuse a misspelt tag
  ansible.builtin.fail:
    msg: "{{ __fault }}"
  when: __fault != ''
  vars:
    __fault: "{{ [] | rackspace.aws_accounts.selection_fault(ansible_run_tags, ansible_skip_tags) }}"
"""

RETURN = r"""
_value:
  description: What is wrong and what there is to choose from, in one sentence; empty where nothing is wrong.
  type: str
"""

from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.filter.selected_defaults import selection_fault


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"selection_fault": selection_fault}
