#!/usr/bin/python
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: account_info
version_added: 0.1.0
short_description: Gather information about a managed AWS account
description:
  - Finds out what a run has to know of an AWS account before anything is planned there. This is by which role it can
    be
    reached, which regions it has enabled, whether AWS Control Tower manages it, and how its root user is protected.
  - It calls no operation of AWS that writes.
  - What the role by which the account was reached may not read is null, and is named among the C(unknown). It is
    never
    taken for a good answer.
options:
  events_region:
    description:
      - The region in which global services are called.
    type: str
    default: us-east-1
  regions:
    description:
      - The regions to ask for.
      - If it is empty, these are all regions that the account has enabled, as C(account:ListRegions) answers, or
        C(ec2:DescribeRegions) where that is refused.
      - A region that does not exist, or that the account has not enabled, is an error.
    type: list
    elements: str
    default: []
  control_tower:
    description:
      - Whether AWS Control Tower manages the account.
      - V(auto) looks for the roles that only AWS Control Tower makes. With V(true) or V(false) that is the answer.
    type: str
    choices:
      - auto
      - "true"
      - "false"
    default: auto
attributes:
  check_mode:
    support: full
    details:
      - This action does not modify state.
  diff_mode:
    support: N/A
    details:
      - This action does not modify state.
  idempotent:
    support: full
    details:
      - This action does not modify state.
notes:
  - The facts about the root user are those of C(iam:GetAccountSummary). AWS tells nobody but the root user more.
seealso:
  - module: rackspace.aws_accounts.account_defaults
    description: Brings the account to the account defaults.
  - module: amazon.aws.aws_caller_info
    description: Tells which account and which principal credentials belong to.
  - module: amazon.aws.aws_region_info
    description: Gathers information about regions.
author:
  - The rackspace.aws_accounts contributors (@rackspace)
extends_documentation_fragment:
  - rackspace.aws_accounts.account
  - rackspace.aws_accounts.account.provider
  - rackspace.aws_accounts.plan.regions
  - rackspace.aws_accounts.plan.control_tower
  - rackspace.aws_accounts.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
# Note: These examples do not set authentication details, see the AWS Guide for details.

- name: Find out what the account is
  rackspace.aws_accounts.account_info:
    account_id: "111111111111"
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
  register: found

- name: Stop if its root user has access keys, or if that could not be read
  ansible.builtin.assert:
    that:
      - found.account.root_user is not none
      - not found.account.root_user.access_keys_present

- name: Find out whether the account can be reached through the organization's role
  rackspace.aws_accounts.account_info:
    account_id: "111111111111"
    provider_account_id: "222222222222"
    access_roles:
      - OrganizationAccountAccessRole
    organization:
      management_account_id: "333333333333"
      management_role: onboarding

- name: Check that two regions exist and are enabled in the account
  rackspace.aws_accounts.account_info:
    account_id: "111111111111"
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    regions:
      - us-east-1
      - af-south-1
"""

RETURN = r"""
---
changed:
  description: Whether anything was written, which is never so.
  returned: always
  type: bool
  sample: false
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
    account app1-prod (111111111111): account_regions names us-west-9, which does not exist or is not enabled in the
    account; enable it there,
    or take it out. Enabled are us-east-1, us-west-2
account:
  description: What was found out about the account.
  returned: when the account was reached
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
    partition:
      description: The partition that the account belongs to.
      returned: always
      type: str
      sample: aws
    regions:
      description: The regions that the account has enabled, or those asked for.
      returned: always
      type: list
      elements: str
      sample:
        - af-south-1
        - us-east-1
        - us-west-2
    opt_in_regions:
      description: Those among them that somebody had to enable.
      returned: always
      type: list
      elements: str
      sample:
        - af-south-1
    access_role:
      description: The name of the role that the account was reached by. It is empty where none was assumed.
      returned: always
      type: str
      sample: Rackspace
    caller_arn:
      description: The ARN of the session in the account.
      returned: always
      type: str
      sample: arn:aws:sts::111111111111:assumed-role/Rackspace/rackspace.aws_accounts
    alias:
      description: The alias of the account. It is empty where it has none, and null where it may not be read.
      returned: always
      type: str
      sample: app1-prod
    control_tower:
      description:
        - Why the account counts as managed by AWS Control Tower.
        - It is empty where it does not, and null where it may not be read.
      returned: always
      type: str
      sample: role AWSControlTowerExecution
    root_user:
      description: How the root user is protected. It is null where it may not be read.
      returned: always
      type: dict
      contains:
        access_keys_present:
          description: Whether it has access keys.
          returned: always
          type: bool
          sample: false
        mfa_enabled:
          description: Whether it has multi-factor authentication.
          returned: always
          type: bool
          sample: true
        password_present:
          description: Whether it has a password.
          returned: always
          type: bool
          sample: true
        signing_certificates_present:
          description: Whether it has X.509 signing certificates.
          returned: always
          type: bool
          sample: false
    unknown:
      description: What may not be read, each with the answer of AWS.
      returned: always
      type: dict
      sample:
        alias: >-
          An error occurred (AccessDenied) when calling the ListAccountAliases operation. User
          arn:aws:sts::111111111111:assumed-role/Rackspace/rackspace.aws_accounts is not authorized to perform
          iam:ListAccountAliases
api_calls:
  description: How many calls of AWS's APIs it took, those for the assumed roles among them.
  returned: when the account was reached
  type: int
  sample: 11
"""

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.info import ENTRY


def main() -> None:
    """Run as an ordinary module."""
    ENTRY.main()


if __name__ == "__main__":
    main()
