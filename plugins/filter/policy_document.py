# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter from what a record says of a policy to the policy."""

from __future__ import annotations

DOCUMENTATION = r"""
name: policy_document
short_description: The policy document that a variable names or holds
description:
  - A record may hold a policy as a document, as JSON text, or as the path of a JSON file.
options:
  _input:
    description: A document, JSON text, or a path.
    type: raw
    required: true
  folder:
    description: What a path is relative to, commonly C(inventory_dir).
    type: path
    default: "."
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Show the tenant's policy
  ansible.builtin.debug:
    msg: "{{ cloudhealth.policy | rackspace.aws_accounts.policy_document(inventory_dir) }}"
"""

RETURN = r"""
_value:
  description: The document; null where nothing is given.
  type: dict
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleFilterError


def policy_document(policy: Any, folder: str | None = None) -> dict[str, Any] | None:
    """Return the document, or None where nothing is given; a file that is none raises AnsibleFilterError."""
    if not policy:
        return None
    if isinstance(policy, Mapping):
        return dict(policy)
    text, source = str(policy), "the policy"
    if not text.lstrip().startswith("{"):
        path = Path(folder or ".") / Path(text).expanduser()
        source = str(path)
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise AnsibleFilterError(
                f"the policy file {path} cannot be read: {error.strerror}; a relative path starts at the inventory's "
                "folder"
            ) from error
    try:
        document = json.loads(text)
    except ValueError as error:
        raise AnsibleFilterError(f"{source} is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise AnsibleFilterError(f"{source} is not a policy document: a JSON object with Version and Statement")
    return document


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"policy_document": policy_document}
