# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that gathers what a hand-over says."""

from __future__ import annotations

DOCUMENTATION = r"""
name: handover_record
short_description: What the customer, AWS and the provider are told of a hand-over
description:
  - Gathers from the account's journal and its request what the documents of the hand-over say, so that all of them say
    the same.
options:
  _input:
    description:
      - Of the account its C(account_id), C(account_name), C(account_ddi), C(account_email), C(account_kind),
        C(account_model) and C(account_payer), its C(organization), and the C(time_zone) in which days are
        counted.
    type: dict
    required: true
  request:
    description: The field C(offboarding) of the account's record.
    type: dict
    required: true
  entries:
    description: What P(rackspace.aws_accounts.offboarding_journal#filter) returns.
    type: list
    elements: dict
    required: true
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Show what is still open
  ansible.builtin.debug:
    msg: "{{ (account | rackspace.aws_accounts.handover_record(offboarding, journal)).open_steps }}"
"""

RETURN = r"""
_value:
  description:
    - C(state) is V(complete) where no manual step is open and the proof holds, else V(open manual steps).
    - C(state_changed) tells whether a manual step is in another state than when the account was handed over last.
    - The rest is what the documents of the role reverse_assumption say, in the shapes of its templates.
  type: dict
"""

from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.handover import handover_record


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"handover_record": handover_record}
