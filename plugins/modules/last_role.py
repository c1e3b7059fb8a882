#!/usr/bin/python
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: last_role
version_added: 0.1.0
short_description: Remove the last roles of the provider from an AWS account, and prove that no way in remains
description:
  - Removes the IAM roles by which the provider comes into an account, when everything else has been handed over. They
    are O(provider_role_name) and those of O(access_roles). The role that the run works through is the last to go.
  - A role is V(deleted) by another principal, which is another of these roles or the credentials that the module was
    given if they are those of the account. It leaves its instance profiles and loses its policies before.
  - Where no other principal is left, a role cannot be deleted, because its session may do nothing any more once it has
    lost its policies. It is V(neutralised). Its trust policy is replaced by one that admits nobody, then its policies
    are removed, and deleting it is tried. C(customer_line) is the command by which the owner of the account deletes
    what is left.
  - Then it tries for O(proof_seconds) to assume every role from every session of the provider. RV(proven) is true if
    each of them is known to let nobody of the provider in. If any still does, the module fails and RV(ways_left) names
    it.
  - A role that trusts anybody but the provider is V(kept), whatever its tags say, and is listed for a decision of its
    owner. With O(keep_organization) so is the role of the organization.
options:
  provider_account_ids:
    description:
      - The IDs of all accounts of the provider. O(provider_account_id) is one of them.
      - The roles may trust any of them and still be the provider's. A role that is assumed from the management account
        may trust that account too.
    type: list
    elements: str
    default: []
  provider_trusted_principals:
    description:
      - Further principals that the roles may trust and still be the provider's, as ARNs or account IDs.
    type: list
    elements: str
    default: []
  keep_organization:
    description:
      - Whether the account stays in its O(organization), because that is the customer's. Then roles that are assumed
        from its management account stay, and their refusal is not asked for there unless the management account is the
        provider's.
      - It needs O(organization).
    type: bool
    default: false
  confirm:
    description:
      - The O(account_id) once more. Without it the module fails and calls nothing, except in check mode.
    type: str
    default: ""
  proof_seconds:
    description:
      - For how many seconds the module tries to assume the roles, 11 times each. Before that it waits up to 60 seconds,
        and no longer than this, until nobody is let in, because changes of IAM are seen late.
      - With V(0) nothing is tried, and nothing is proven by it.
    type: int
    default: 300
  resumed:
    description:
      - Whether a former run began to take the roles away, with the same external id, and was cut off.
      - It tells a role that was shut by then from one that refuses for another reason, a mistyped external id for
        instance. Without it, roles that can neither be assumed nor read are never V(proven).
    type: bool
    default: false
  control_role_arn:
    description:
      - The ARN of a role, in another account, that every session of the provider may assume without an external ID. It
        shows that the refusals are meant for the roles, not for the caller.
      - By default these are the roles of the provider's and of the management account that the run assumed with the
        credentials that the module was given.
    type: str
attributes:
  check_mode:
    support: full
    details:
      - It assumes the roles and reads them, and says what would become of each. Nothing is proven.
  diff_mode:
    support: full
    details:
      - One entry for each role that goes.
  idempotent:
    support: full
    details:
      - Roles that are gone are tried again. That takes O(proof_seconds) each time.
notes:
  - Run it last. Nothing in the account can be read or changed afterwards, unless the organization is kept or the
    account has another role for the provider.
  - It does not trust cached credentials. Every role is assumed anew. Where that is refused and a session from before is
    still open, that session is used only if the role admits nobody because a run of this module was cut off. Otherwise
    the role is V(kept). The credentials of roles that went are taken out of the O(credential_cache).
  - A role that is told to be V(out_of_reach) was shut by a run before, or never existed. That it admits nobody counts
    as proven only with O(resumed).
  - A refusal proves nothing if it comes from a caller that is refused everything. It counts if the same caller assumed
    another role after it, or this role before it was shut.
  - Sessions that were opened before last one hour at most. They may do nothing any more, because their role has no
    policies.
  - The roles are tried with the credentials that the module was given, and from the accounts O(provider_account_id) and
    C(organization.management_account_id) as far as they are reached. Who else could come in is found by
    M(rackspace.aws_accounts.residual_access).
seealso:
  - module: rackspace.aws_accounts.reverse_assumption
    description: Removes the other roles of the provider before.
  - module: rackspace.aws_accounts.residual_access
    description: Finds what else lets the provider in.
  - module: rackspace.aws_accounts.organization_membership
    description: Takes the account out of its organization before.
  - name: Deleting roles or instance profiles
    description: AWS Identity and Access Management User Guide.
    link: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage_delete.html
author:
  - The rackspace.aws_accounts contributors (@rackspace)
extends_documentation_fragment:
  - rackspace.aws_accounts.account
  - rackspace.aws_accounts.account.provider
  - rackspace.aws_accounts.plan.ownership
  - rackspace.aws_accounts.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
# Note: These examples do not set authentication details, see the AWS Guide for details.

- name: Show what would become of the roles
  rackspace.aws_accounts.last_role:
    account_id: "111111111111"
    account_name: app1-prod
    provider_account_id: "222222222222"
    provider_account_ids:
      - "222222222222"
      - "333333333333"
    external_id: "{{ external_id }}"
    organization:
      management_account_id: "333333333333"
      management_role: offboarding
  check_mode: true
  diff: true

- name: Remove them, and prove for five minutes that none of them lets anybody in
  rackspace.aws_accounts.last_role:
    account_id: "111111111111"
    account_name: app1-prod
    provider_account_id: "222222222222"
    provider_account_ids:
      - "222222222222"
      - "333333333333"
    external_id: "{{ external_id }}"
    organization:
      management_account_id: "333333333333"
      management_role: offboarding
    control_role_arn: arn:aws:iam::222222222222:role/ProofOfRefusal
    confirm: "111111111111"
  register: last

- name: Stop where that is not proven
  ansible.builtin.assert:
    that: last.proven

- name: Tell the customer what is left to delete
  ansible.builtin.debug:
    msg: "{{ last.roles | map(attribute='customer_line') | select | list }}"

- name: Remove the provider's own role, and leave the one of the customer's organization
  rackspace.aws_accounts.last_role:
    account_id: "111111111111"
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    organization:
      id: o-exampleorgid
      management_account_id: "444444444444"
      management_role: ProviderBilling
    keep_organization: true
    confirm: "111111111111"
"""

RETURN = r"""
---
changed:
  description: Whether a role was deleted or neutralised, or in check mode would be.
  returned: always
  type: bool
  sample: true
failed:
  description: Whether the module failed.
  returned: on failure
  type: bool
  sample: true
msg:
  description: What went wrong, with the account, and what to do about it.
  returned: on failure
  type: str
  sample: >-
    account app1-prod: the provider still has a way in: Rackspace can be assumed from
    arn:aws:sts::222222222222:assumed-role/OrganizationAccountAccessRole/rackspace.aws_accounts
roles:
  description: One entry for each role by which the provider comes in.
  returned: unless the module refused to begin
  type: list
  elements: dict
  contains:
    role:
      description: The name of the role.
      returned: always
      type: str
      sample: Rackspace
    via:
      description: From which session the role is assumed, V(provider), V(management) or V(base), as in O(access_roles).
      returned: always
      type: str
      sample: provider
    action:
      description:
        - V(deleted), it is gone, or in check mode would be.
        - V(neutralised), it admits nobody and may do nothing, or in check mode would. The owner of the account deletes
          it.
        - V(kept), it stays as it is. The C(reason) says why.
        - V(absent), there is no such role.
        - V(out_of_reach), it cannot be read, because no role of the account lets this run in.
      returned: always
      type: str
      sample: neutralised
    changed:
      description: Whether this run deleted or neutralised it.
      returned: always
      type: bool
      sample: true
    reason:
      description: By whom it was deleted, or why something else became of it. It may be empty.
      returned: always
      type: str
      sample: >-
        no other principal of the provider is left to delete it; it admits nobody, and the account's owner deletes it
    customer_line:
      description: The command by which the owner of the account deletes what is left. It is empty where nothing is.
      returned: always
      type: str
      sample: aws iam delete-role --role-name Rackspace
proof:
  description:
    - What came of trying to assume each role from each session of the provider. It is empty in check mode and with
      O(proof_seconds=0).
  returned: unless the module refused to begin
  type: list
  elements: dict
  contains:
    role:
      description: The name of the role.
      returned: always
      type: str
      sample: Rackspace
    from:
      description: The ARN of the caller that tried.
      returned: always
      type: str
      sample: arn:aws:sts::222222222222:assumed-role/OrganizationAccountAccessRole/rackspace.aws_accounts
    attempts:
      description: How many times it tried.
      returned: always
      type: int
      sample: 11
    refused:
      description: Whether AWS refused every time, for lack of permission.
      returned: always
      type: bool
      sample: true
    let_in:
      description: Whether AWS let it in at least once.
      returned: always
      type: bool
      sample: false
    other_errors:
      description: Codes of answers that say nothing of the role, throttling for instance. They prove nothing.
      returned: always
      type: list
      elements: str
      sample: []
    seconds:
      description: How long it tried.
      returned: always
      type: float
      sample: 300.4
    control:
      description: What shows that the refusals are meant for this role. It is empty where nothing does.
      returned: always
      type: str
      sample: assumed this role before it was shut
    proven:
      description: Whether it was refused every time and there is a C(control).
      returned: always
      type: bool
      sample: true
proven:
  description:
    - Whether each role is known to be shut. It is absent, or was refused to a caller that can assume another role, or
      was read as gone. A role that stays with its owner's organization is none of the provider's. It is V(false) in
      check mode.
  returned: unless the module refused to begin
  type: bool
  sample: true
ways_left:
  description: Which roles can still be assumed, and by whom.
  returned: unless the module refused to begin
  type: list
  elements: str
  sample: []
account:
  description: The account that was worked in.
  returned: unless the module refused to begin
  type: dict
  contains:
    id:
      description: The ID of the account.
      returned: always
      type: str
      sample: "111111111111"
    name:
      description: What messages call the account beside its ID.
      returned: always
      type: str
      sample: app1-prod
api_calls:
  description: How many calls of AWS's APIs it took, those for the assumed roles among them.
  returned: unless the module refused to begin
  type: int
  sample: 74
diff:
  description: What becomes of each role that goes. It is empty where none does.
  returned: when diff mode is on, unless the module refused to begin
  type: list
  elements: dict
  contains:
    before_header:
      description: The account and the role.
      returned: always
      type: str
      sample: app1-prod (111111111111) role Rackspace
    after_header:
      description: The same.
      returned: always
      type: str
      sample: app1-prod (111111111111) role Rackspace
    before:
      description: What was there.
      returned: always
      type: dict
      sample:
        role: Rackspace
    after:
      description: What is left, or would be. It is empty where the role is deleted.
      returned: always
      type: dict
      sample:
        role: Rackspace
        admits: nobody
"""

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.last_role import ENTRY


def main() -> None:
    """Run as an ordinary module."""
    ENTRY.main()


if __name__ == "__main__":
    main()
