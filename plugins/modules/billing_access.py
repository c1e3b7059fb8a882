#!/usr/bin/python
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: billing_access
version_added: 0.1.0
short_description: Let the customer's own roles and users enter a payment method
description:
  - Before an account is handed back, gives the customer's roles and users that O(principals) names the permissions
    to open the page C(Payment preferences) of the Billing console and to add a payment method there.
  - Each of them gets one inline policy of its own, O(policy_name), whose statement has the ID
    C(RackspaceBillingAccess). Nothing else of a principal is touched.
  - With O(state=absent) that policy is removed again, so that a principal is as it was. A policy that has any other
    statement is not the provider's. It is V(foreign), and is neither overwritten nor removed.
  - A role that IAM Identity Center made, and a service-linked role, cannot be edited in the account. They are
    V(skipped) and listed in C(not_editable), with what to do instead.
options:
  principals:
    description:
      - The ARNs of IAM roles and users of the account, with their path.
    type: list
    elements: str
    required: true
  state:
    description:
      - Whether they are to have the policy.
    type: str
    choices:
      - present
      - absent
    default: present
  policy_name:
    description:
      - The name of the inline policy.
    type: str
    default: rackspace-billing-access
  actions:
    description:
      - The IAM actions that the policy allows.
    type: list
    elements: str
    default:
      - account:GetAccountInformation
      - account:GetContactInformation
      - billing:GetSellerOfRecord
      - payments:CreatePaymentInstrument
      - payments:GetPaymentInstrument
      - payments:GetPaymentStatus
      - payments:ListPaymentInstruments
      - payments:ListPaymentPreferences
      - payments:MakePayment
      - payments:UpdatePaymentPreferences
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
notes:
  - The permissions are of use only where the account has activated access of IAM users and roles to billing
    information. It is active in accounts that an organization created. Elsewhere the root user activates it, and no
    API of AWS tells whether it did. Only the customer can confirm that the page opens.
  - A service control policy or a permissions boundary may still deny what the policy allows.
seealso:
  - module: rackspace.aws_accounts.release_readiness
    description: Asks for the customer's confirmation.
  - name: Managing your AWS payments
    description: AWS Billing User Guide.
    link: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/manage-payments.html
  - name: Mapping fine-grained IAM actions reference
    description: AWS Billing User Guide, which actions are for payment methods.
    link: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/migrate-granularaccess-iam-mapping-reference.html
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

- name: Let the finance role enter a payment method
  rackspace.aws_accounts.billing_access:
    account_id: "111111111111"
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    principals:
      - arn:aws:iam::111111111111:role/Finance

- name: Take it back, because the hand-over is called off
  rackspace.aws_accounts.billing_access:
    account_id: "111111111111"
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    principals: "{{ offboarding.billing_principals }}"
    state: absent

- name: Show what would be given
  rackspace.aws_accounts.billing_access:
    account_id: "111111111111"
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    principals:
      - arn:aws:iam::111111111111:user/people/owner
  check_mode: true
  diff: true
"""

RETURN = r"""
---
changed:
  description: Whether a policy was written or removed, or would be in check mode.
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
    account app1-prod (111111111111): arn:aws:iam::111111111111:role/Finanze is failed: there is no such role; correct
    offboarding.billing_principals
principals:
  description: What came of each principal.
  returned: when the account was reached
  type: list
  elements: dict
  contains:
    principal:
      description: Its ARN, as it was given.
      returned: always
      type: str
      sample: arn:aws:iam::111111111111:role/Finance
    state:
      description:
        - V(compliant) is as wanted, those among them that this run changed. V(drifted) would be changed, in check mode.
        - V(skipped) cannot be edited in the account. V(foreign) has another policy of that name.
        - V(unknown) could not be read, and V(failed) is wrong or could not be written. Both make the module fail, and
          so does V(foreign) with O(state=present).
      returned: always
      type: str
      sample: compliant
    changed:
      description: Whether its policy was written or removed, or would be in check mode.
      returned: always
      type: bool
      sample: true
    reason:
      description: Why it is in another state than wanted, and what to do. It is empty otherwise.
      returned: always
      type: str
      sample: there is no such role; correct offboarding.billing_principals
not_editable:
  description: The principals that are V(skipped).
  returned: when the account was reached
  type: list
  elements: str
  sample:
    - arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Billing_0123456789abcdef
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
  description: The policy of each principal before and after, for those that change.
  returned: when the account was reached and diff mode is on
  type: list
  elements: dict
  contains:
    before_header:
      description: The account and what of it changes.
      returned: always
      type: str
      sample: app1-prod (111111111111) arn:aws:iam::111111111111:role/Finance
    after_header:
      description: The same.
      returned: always
      type: str
      sample: app1-prod (111111111111) arn:aws:iam::111111111111:role/Finance
    before:
      description: What was there.
      returned: always
      type: dict
      sample:
        policy: null
    after:
      description: What is there now, or would be.
      returned: always
      type: dict
      sample:
        policy:
          - Action:
              - payments:ListPaymentPreferences
            Effect: Allow
            Resource:
              - "*"
            Sid: RackspaceBillingAccess
"""

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.billing_access import ENTRY


def main() -> None:
    """Run as an ordinary module."""
    ENTRY.main()


if __name__ == "__main__":
    main()
