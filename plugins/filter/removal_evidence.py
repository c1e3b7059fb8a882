# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that says what the journal keeps of a cleanup."""

from __future__ import annotations

DOCUMENTATION = r"""
name: removal_evidence
short_description: What a journal keeps of a cleanup
description:
  - What went, what was detached, what stays, each with why, without the states of the targets.
options:
  _input:
    description: The result of M(rackspace.aws_accounts.reverse_assumption).
    type: dict
    required: true
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Show what went
  ansible.builtin.debug:
    msg: "{{ (cleanup | rackspace.aws_accounts.removal_evidence).removed }}"
"""

RETURN = r"""
_value:
  description:
    - C(removed) lists ARNs. C(detached), C(kept), C(to_decide) and C(failed) list targets, each with C(default),
      C(region) and C(why). C(digest) is the plan's, C(out_of_reach) lists regions.
  type: dict
"""

from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.handover import removal_evidence


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"removal_evidence": removal_evidence}
