# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What filters read of Ansible's ``hostvars``. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def plain(value: Any) -> Any:
    """Return a result as plain data: reading it through Ansible's lazy containers takes ten times as long."""
    copy = getattr(value, "_non_lazy_copy", None)
    return copy() if copy is not None else value


def text(variables: Mapping[str, Any], name: str) -> str:
    """Return a variable that is a text or a number as text; "" where it is neither, or is not there."""
    try:
        value = variables.get(name)
    except Exception:  # a template of the user's; account_faults has told of it
        return ""
    return str(value) if isinstance(value, str | int) else ""
