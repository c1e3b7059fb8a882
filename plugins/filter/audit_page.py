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
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.audit_page import (
    embedded,
    page_data,
    parts,
    source,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.audit_report import checked
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.tables import readable


def audit_page(audit: Mapping[str, Any]) -> str:
    """Return the page of an audit, whole: its policy lets nothing but its own parts run."""
    try:
        audit = checked(audit)
    except ValueError as error:
        raise AnsibleFilterError(f"audit_page: {error}") from error
    part = parts()
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(part["template"]).render(
        audit=readable(audit),
        data=Markup(embedded(page_data(audit))),  # noqa: S704 - has no markup left in it
        style=Markup(part["style"]),  # noqa: S704 - our own file
        script=Markup(part["script"]),  # noqa: S704 - our own files
        style_source=source(part["style"]),
        script_source=source(part["script"]),
    )


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"audit_page": audit_page}
