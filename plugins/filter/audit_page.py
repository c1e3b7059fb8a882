# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that makes a web page of an audit."""

from __future__ import annotations

DOCUMENTATION = r"""
name: audit_page
short_description: An audit of many accounts as a web page
description:
  - One HTML file that holds everything it needs and loads nothing, whatever the accounts are called.
  - It shows the accounts by defaults, with filters, and each account with its differences region by region.
options:
  _input:
    description: What P(rackspace.aws_accounts.audit_report#filter) returns.
    type: dict
    required: true
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Write the page
  ansible.builtin.copy:
    content: "{{ audit | rackspace.aws_accounts.audit_page }}"
    dest: reports/audit.html
    mode: "0644"
  run_once: true
"""

RETURN = r"""
_value:
  description: The text of the file.
  type: str
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.audit_page import page


def audit_page(audit: Mapping[str, Any]) -> str:
    """Return the page of an audit."""
    try:
        return page(audit)
    except ValueError as error:
        raise AnsibleFilterError(f"audit_page: {error}") from error


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"audit_page": audit_page}
