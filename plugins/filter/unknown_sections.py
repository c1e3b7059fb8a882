# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that finds misspelt tags."""

from __future__ import annotations

DOCUMENTATION = r"""
name: unknown_sections
short_description: Which of a run's tags are no section of the guide
description:
  - A run with a misspelt tag would do nothing and look like success; this filter is what the playbooks refuse it by.
options:
  _input:
    description: The run's tags, C(ansible_run_tags) and C(ansible_skip_tags) together.
    type: list
    elements: str
    required: true
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Refuse a misspelt tag
  ansible.builtin.assert:
    that: __faults == ''
    fail_msg: "{{ __faults }}"
  vars:
    __faults: "{{ (ansible_run_tags + ansible_skip_tags) | rackspace.aws_accounts.unknown_sections }}"
"""

RETURN = r"""
_value:
  description: The unknown tags and the known ones in one sentence; empty where all are known.
  type: str
"""

from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.filter.selected_defaults import unknown_sections


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"unknown_sections": unknown_sections}
