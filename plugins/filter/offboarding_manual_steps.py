# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that says what people still have to do for an account that is handed back."""

from __future__ import annotations

DOCUMENTATION = r"""
name: offboarding_manual_steps
short_description: What no API does when an account is handed back
description:
  - Makes the tasks that only people can do for one account, in the order in which they are done, each with
    instructions for this very account.
  - A task is V(confirmed) only where the request, or O(confirmations), says by whom, when and what was seen. Nothing
    else makes it done.
  - The instructions name the account and the new address of the root user, because they are handed to people. They
    hold no other contact data.
options:
  _input:
    description:
      - What is known of the account.
      - C(account_id), C(account_name), C(account_model) and C(account_kind) are those of its record. C(partition) is
        the one that it belongs to.
      - C(contact_differs) lists the fields of the contact information that the customer is to change, where the
        customer holds the account's data. The module M(rackspace.aws_accounts.account_contacts) names them.
      - C(email_updated) is true where the root user has its new address already.
      - C(neutralised_roles) lists the names of roles that nobody can assume any more, and that only the customer can
        delete. C(organization_role) is the name of the organization's role where it is still there.
    type: dict
    required: true
  request:
    description: The field C(offboarding) of the account's record.
    type: dict
    required: true
  support_plan:
    description:
      - The account's plan with AWS Support. It is V(basic), V(developer), V(business), V(enterprise_on_ramp) or
        V(enterprise).
      - If it is empty, it is not known, and the task stays open.
    type: str
    default: ""
  root:
    description:
      - What is known of the root user.
      - C(mfa_enabled) says whether it has multi-factor authentication, and is null where that is not known. C(reason)
        says why no API can deactivate it, as the module M(rackspace.aws_accounts.root_access) returns it.
    type: dict
    default: {}
  confirmations:
    description:
      - Confirmations from elsewhere than the request, each under the name of its task, with C(by), C(at) (ISO 8601
        with offset) and C(evidence). Those of the request win.
    type: dict
    default: {}
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Name what is still open
  ansible.builtin.debug:
    msg: "{{ item.title }} ({{ item.who }}): {{ item.instructions | join(' ') }}"
  loop: "{{ facts | rackspace.aws_accounts.offboarding_manual_steps(offboarding) | selectattr('state', 'eq', 'open') }}"
  vars:
    facts:
      account_id: "{{ account_id }}"
      account_name: "{{ account_name }}"
      account_kind: standalone
"""

RETURN = r"""
_value:
  description:
    - The tasks, each with C(step), C(title), C(instructions), C(who), C(state), C(confirmed_by), C(confirmed_at) and
      C(evidence).
    - C(who) is V(customer) or V(provider). C(state) is V(open), V(confirmed) or V(not_needed).
  type: list
  elements: dict
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.manual_steps import manual_steps


def offboarding_manual_steps(
    facts: Mapping[str, Any],
    request: Mapping[str, Any],
    support_plan: str = "",
    root: Mapping[str, Any] | None = None,
    confirmations: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Return the tasks of one account."""
    return manual_steps(facts, request, support_plan, root, confirmations)


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"offboarding_manual_steps": offboarding_manual_steps}
