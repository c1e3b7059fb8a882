#!/usr/bin/python
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: root_access
version_added: 0.1.0
short_description: Deactivate the MFA of the root user of a member account
description:
  - Deactivates every device for multi-factor authentication (MFA) of the root user, when an account is handed back.
  - It does so in a root session that the management account of the O(organization) opens with C(sts:AssumeRoot). The
    session lasts 15 minutes at most, and the AWS managed policy C(IAMDeleteRootUserCredentials) confines it.
  - Whether the root user has MFA is read in the account first. Where it has none, no root session is opened.
  - AWS opens root sessions in member accounts only, and only where the organization has enabled centralized root
    access. Everywhere else C(manual) is true and C(reason) says why. Then a person has to do it, and nothing is
    written.
  - The module refuses an account whose root user the customer holds. That is every account with O(account_model=ecam)
    except a payer.
options:
  task:
    description:
      - What is done to the root user.
    type: str
    choices:
      - deactivate_mfa
    default: deactivate_mfa
attributes:
  check_mode:
    support: full
    details:
      - It opens no root session. Hardware devices and passkeys, which AWS shows to the root user only, are therefore
        not listed in C(mfa_devices). That there are some is known.
  diff_mode:
    support: full
  idempotent:
    support: full
notes:
  - Where check mode predicts a change because only a hardware device or a passkey is there, that prediction rests on
    C(iam:GetAccountSummary).
  - A virtual device that is deactivated stays in the account and belongs to nobody. The module deletes nothing.
  - The password of the root user, its access keys and its address are left as they are.
seealso:
  - module: rackspace.aws_accounts.account_contacts
    description: Changes the root user's address.
  - module: rackspace.aws_accounts.account_info
    description: Tells how the root user is protected.
  - name: Centrally manage root access for member accounts
    description: AWS Identity and Access Management User Guide.
    link: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html
  - name: AssumeRoot
    description: AWS Security Token Service API Reference.
    link: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html
author:
  - The rackspace.aws_accounts contributors (@rackspace)
extends_documentation_fragment:
  - rackspace.aws_accounts.account
  - rackspace.aws_accounts.account.provider
  - rackspace.aws_accounts.offboarding
  - rackspace.aws_accounts.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
# Note: These examples do not set authentication details, see the AWS Guide for details.

- name: Deactivate the MFA of the root user
  rackspace.aws_accounts.root_access:
    account_id: "111111111111"
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    account_model: spam
    organization:
      management_account_id: "333333333333"
      management_role: offboarding
  register: root

- name: Say what a person has to do
  ansible.builtin.debug:
    msg: "{{ root.reason }}"
  when: root.manual

- name: Show which devices would be deactivated
  rackspace.aws_accounts.root_access:
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
  description: Whether a device was deactivated, or would be in check mode.
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
    account app1-prod (111111111111): account_model is ecam, so the customer holds the root user, and nothing is ever
    done to it. Leave this step out, or correct account_model
mfa_devices:
  description:
    - The serial numbers of the devices that were deactivated, or that are to be.
    - After a failure, those that were deactivated before it.
  returned: when the account was reached
  type: list
  elements: str
  sample:
    - arn:aws:iam::111111111111:mfa/root-account-mfa-device
manual:
  description: Whether the root user has MFA that no API can deactivate.
  returned: when the account was reached
  type: bool
  sample: false
reason:
  description: Why no API can. It is empty where C(manual) is false.
  returned: when the account was reached
  type: str
  sample: the account is a standalone account, and AWS opens root sessions only in member accounts
error:
  description: The answer of AWS that the module failed with.
  returned: when AWS refused a call
  type: dict
  contains:
    operation:
      description: The operation that was refused.
      returned: always
      type: str
      sample: AssumeRoot
    code:
      description: The error code.
      returned: always
      type: str
      sample: AccessDenied
    reason:
      description: The code of the reason, where AWS gives one.
      returned: always
      type: str
      sample: ""
    message:
      description: The message of AWS.
      returned: always
      type: str
      sample: User is not authorized to perform sts:AssumeRoot
    fix:
      description: What to do about it.
      returned: always
      type: str
      sample: allow sts:AssumeRoot to the role in the management account
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
  description: What changed, or in check mode would change. It is empty where nothing does.
  returned: when the account was reached and diff mode is on
  type: list
  elements: dict
  contains:
    before_header:
      description: The account and what of it changes.
      returned: always
      type: str
      sample: app1-prod (111111111111) root user
    after_header:
      description: The same.
      returned: always
      type: str
      sample: app1-prod (111111111111) root user
    before:
      description: What was there.
      returned: always
      type: dict
      sample:
        mfa_enabled: true
        mfa_devices:
          - arn:aws:iam::111111111111:mfa/root-account-mfa-device
    after:
      description: What is there now, or would be.
      returned: always
      type: dict
      sample:
        mfa_enabled: false
        mfa_devices: []
"""

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.root_access import ENTRY


def main() -> None:
    """Run as an ordinary module."""
    ENTRY.main()


if __name__ == "__main__":
    main()
