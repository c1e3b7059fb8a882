#!/usr/bin/python
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: organization_membership
version_added: 0.1.0
short_description: Take an AWS account out of its organization
description:
  - Takes an account out of the organization that its record names, when the account is handed back.
  - The management account removes it (C(organizations:RemoveAccountFromOrganization)). Where the management account
    cannot be reached or may not do that, the account leaves by itself (C(organizations:LeaveOrganization)).
  - No other organization is ever left. The ID and the management account of the organization that the account is a
    member of are compared with O(organization), and if either differs the module fails and has written nothing.
  - An account that is in no organization stays as it is.
  - What AWS refuses is told as what to do about it. It may be a missing payment method, a phone number that is not
    verified, a delegated administration or the waiting period after the creation of the account.
options:
  state:
    description:
      - Whether the account is to be a member of the organization.
    type: str
    choices:
      - absent
    default: absent
attributes:
  check_mode:
    support: full
    details:
      - It reads the membership and says by which operation the account would leave. What AWS would refuse is not known
        before.
  diff_mode:
    support: full
  idempotent:
    support: full
notes:
  - Nothing that the management account alone can do for its members can be done afterwards. This is the change of the
    root user's address, for example, and root sessions.
  - The tags that the account has in its organization are lost, and so are its cost data of the time as a member. No
    policy of the organization holds for the account any more.
  - The role by which the management account works in the account stays. The module
    M(rackspace.aws_accounts.last_role) removes it.
seealso:
  - module: rackspace.aws_accounts.account_contacts
    description: Hands over the account's own data before.
  - name: Removing a member account from an organization
    description: AWS Organizations User Guide.
    link: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_remove.html
author:
  - The rackspace.aws_accounts contributors (@rackspace)
extends_documentation_fragment:
  - rackspace.aws_accounts.account
  - rackspace.aws_accounts.account.provider
  - rackspace.aws_accounts.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
# Note: These examples do not set authentication details, see the AWS Guide for details.

- name: Leave the organization
  rackspace.aws_accounts.organization_membership:
    account_id: "111111111111"
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    organization:
      id: o-exampleorgid
      management_account_id: "333333333333"
      management_role: offboarding
    state: absent

- name: Show which organization would be left, and how
  rackspace.aws_accounts.organization_membership:
    account_id: "111111111111"
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    organization:
      management_account_id: "333333333333"
  check_mode: true
  diff: true
"""

RETURN = r"""
---
changed:
  description: Whether the account left its organization, or would in check mode.
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
    account app1-prod (111111111111): RemoveAccountFromOrganization was refused (ConstraintViolationException,
    MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED): the account has no payment method; the customer enters one on the page
    Payment preferences of the Billing console
organization:
  description: The organization that the account was a member of. It is null where it was in none.
  returned: when the account was reached
  type: dict
  contains:
    id:
      description: The ID of the organization.
      returned: always
      type: str
      sample: o-exampleorgid
    management_account_id:
      description: The ID of its management account.
      returned: always
      type: str
      sample: "333333333333"
method:
  description: The operation by which the account left, or would. It is empty where it was in no organization.
  returned: when the account was reached
  type: str
  sample: RemoveAccountFromOrganization
reason:
  description: Why nothing was done, or why the account leaves by itself. It is empty otherwise.
  returned: when the account was reached
  type: str
  sample: the account is a member of no organization
error:
  description: The answer of AWS that the module failed with.
  returned: when AWS refused a call
  type: dict
  contains:
    operation:
      description: The operation that was refused.
      returned: always
      type: str
      sample: RemoveAccountFromOrganization
    code:
      description: The error code.
      returned: always
      type: str
      sample: ConstraintViolationException
    reason:
      description: The code of the reason, where AWS gives one.
      returned: always
      type: str
      sample: MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED
    message:
      description: The message of AWS.
      returned: always
      type: str
      sample: You must add a payment method to the account
    fix:
      description: What to do about it.
      returned: always
      type: str
      sample: the customer enters a payment method on the page Payment preferences
account:
  description: The account that was worked on.
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
      description: The regions that were worked in, which is none.
      returned: always
      type: list
      elements: str
      sample: []
    access_role:
      description: The name of the role that the account was reached by. It is empty where none was assumed.
      returned: always
      type: str
      sample: Rackspace
api_calls:
  description: How many calls of AWS's APIs it took, those for the assumed roles among them.
  returned: when the account was reached
  type: int
  sample: 9
diff:
  description: The organization before and after. It is empty where nothing changes.
  returned: when the account was reached and diff mode is on
  type: list
  elements: dict
  contains:
    before_header:
      description: The account and what of it changes.
      returned: always
      type: str
      sample: app1-prod (111111111111) organization
    after_header:
      description: The same.
      returned: always
      type: str
      sample: app1-prod (111111111111) organization
    before:
      description: What was there.
      returned: always
      type: dict
      sample:
        organization:
          id: o-exampleorgid
          management_account_id: "333333333333"
    after:
      description: What is there now, or would be.
      returned: always
      type: dict
      sample:
        organization: null
"""

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.organization_membership import ENTRY


def main() -> None:
    """Run as an ordinary module."""
    ENTRY.main()


if __name__ == "__main__":
    main()
