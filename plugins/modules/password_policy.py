#!/usr/bin/python
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: password_policy
version_added: 0.1.0
short_description: Manage the IAM password policy of a managed AWS account
description:
  - Makes the password policy of an AWS account at least as strict as its options say.
  - Each requirement is compared on its own. What the account demands more of stays, so that a policy is never
    weakened.
    For the same reason a requirement whose option is V(false) is not taken away.
  - An account has one password policy, without a name or tags. There is nothing that could be V(foreign).
  - The name of the account default is V(password_policy). It is required.
attributes:
  check_mode:
    support: full
    details:
      - It reads what a real run reads and writes nothing. The changes that it predicts are those of a real run.
  diff_mode:
    support: full
    details:
      - One entry for each target that changes.
  idempotent:
    support: full
notes:
  - AWS changes a password policy as a whole. The maximum age of passwords, whether users may change their own, and
    whether an expired password needs an administrator are kept as they are.
  - The policy is for the passwords of IAM users. It says nothing of the root user, of roles and of federated users.
seealso:
  - module: rackspace.aws_accounts.account_defaults
    description: Applies this and all other account defaults in one task, in the order that they need.

  - module: amazon.aws.iam_password_policy
    description: Manages all parts of a password policy, and can weaken it.
  - name: Password policy for IAM users
    description: AWS Identity and Access Management User Guide.
    link: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
author:
  - The rackspace.aws_accounts contributors (@rackspace)
extends_documentation_fragment:
  - rackspace.aws_accounts.account
  - rackspace.aws_accounts.account.provider
  - rackspace.aws_accounts.plan
  - rackspace.aws_accounts.plan.regions
  - rackspace.aws_accounts.plan.control_tower
  - rackspace.aws_accounts.plan.writes
  - rackspace.aws_accounts.defaults.password_policy
  - rackspace.aws_accounts.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
# Note: These examples do not set authentication details, see the AWS Guide for details.

- name: Demand at least what the guide to account defaults asks for
  rackspace.aws_accounts.password_policy:
    account_id: "111111111111"
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"

- name: Demand longer passwords
  rackspace.aws_accounts.password_policy:
    account_id: "111111111111"
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    minimum_password_length: 16

- name: See what would change, without writing anything
  rackspace.aws_accounts.password_policy:
    account_id: "111111111111"
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
  check_mode: true
  diff: true
  register: password_policy

- name: Show what is demanded now
  ansible.builtin.debug:
    var: password_policy.targets[0].before
"""

RETURN = r"""
---
changed:
  description: Whether anything was written, or in check mode would be.
  returned: always
  type: bool
  sample: true
failed:
  description: Whether the module failed. It does so after it has done everything that it could.
  returned: on failure
  type: bool
  sample: true
msg:
  description:
    - What went wrong, with the account, the account default, the regions, and what to do about it.
    - It names every target that is V(unknown) or V(failed), and every V(foreign) one unless O(fail_on_foreign=false).
  returned: on failure
  type: str
  sample: >-
    account app1-prod (111111111111): password_policy is unknown in global: GetAccountPasswordPolicy AccessDenied:
    User: arn:aws:sts::111111111111:assumed-role/Rackspace/rackspace.aws_accounts is not authorized to perform:
    iam:GetAccountPasswordPolicy on resource: * - grant this action to the role that the run came in by
    (docs/permissions.md lists what is needed)
account:
  description: The account that was worked in, and how it was reached.
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
      description: The regions that were worked in.
      returned: always
      type: list
      elements: str
      sample:
        - us-east-1
        - us-west-2
    access_role:
      description: The name of the role that the account was reached by. It is empty where none was assumed.
      returned: always
      type: str
      sample: Rackspace
targets:
  description: One entry for each account default and region, in the order in which they are applied.
  returned: when the account was reached
  type: list
  elements: dict
  contains:
    default:
      description: The name of the account default.
      returned: always
      type: str
      sample: password_policy
    section:
      description: The section of the guide to account defaults that it belongs to.
      returned: always
      type: str
      sample: iam
    region:
      description: The region of the target. It is V(global) for what has no region.
      returned: always
      type: str
      sample: global
    state:
      description:
        - V(compliant), what is there is what should be there, before or after this run.
        - V(drifted), it differs and would be written. It occurs in check mode only.
        - V(skipped), it does not apply, or something that it needs is missing. The C(reason) says which.
        - V(foreign), something is there that is not provably the provider's. It was left as it is.
        - V(unknown), it could not be read. The C(error) says why.
        - V(failed), it could not be written. The C(error) says why.
      returned: always
      type: str
      sample: compliant
    changed:
      description: Whether the target was written, or in check mode would be.
      returned: always
      type: bool
      sample: true
    before:
      description: What was there, in the shape of C(after). It is null where there was nothing.
      returned: when the target was written, or in check mode would be
      type: dict
      sample: null
    after:
      description:
        - What is there, in check mode what would be there.
        - It is null where there is nothing, and where the target was not read.
      returned: always
      type: dict
      contains:
        minimum_password_length:
          description: The least number of characters.
          returned: always
          type: int
          sample: 12
        require_uppercase_characters:
          description: Whether an uppercase letter is required.
          returned: always
          type: bool
          sample: true
        require_lowercase_characters:
          description: Whether a lowercase letter is required.
          returned: always
          type: bool
          sample: true
        require_numbers:
          description: Whether a digit is required.
          returned: always
          type: bool
          sample: true
        require_symbols:
          description: Whether a symbol is required.
          returned: always
          type: bool
          sample: true
        password_reuse_prevention:
          description: How many previous passwords cannot be used again.
          returned: always
          type: int
          sample: 24
        allow_users_to_change_password:
          description: Whether users may change their own password. It stays as it was.
          returned: when the policy of the account allows it
          type: bool
          sample: true
        max_password_age:
          description: After how many days a password expires. It stays as it was.
          returned: when passwords of the account expire
          type: int
          sample: 90
        hard_expiry:
          description: Whether an expired password can be renewed by an administrator only. It stays as it was.
          returned: when the policy of the account says so
          type: bool
          sample: true
    reason:
      description: Why the target is V(skipped) or V(foreign).
      returned: when it is skipped or foreign
      type: str
      sample: >-
        switched off: the identity provider of the customer has no IAM users
    error:
      description: Why the target is V(unknown) or V(failed).
      returned: when it is unknown or failed
      type: dict
      contains:
        operation:
          description: The operation of AWS that was refused. It is empty where it was none of AWS's.
          returned: always
          type: str
          sample: GetAccountPasswordPolicy
        code:
          description: The error code that AWS answered with, or the kind of the exception.
          returned: always
          type: str
          sample: AccessDenied
        message:
          description: What AWS, or the module, says about it.
          returned: always
          type: str
          sample: >-
            User: arn:aws:sts::111111111111:assumed-role/Rackspace/rackspace.aws_accounts is not authorized to
            perform: iam:GetAccountPasswordPolicy on resource: *
        fix:
          description: What to do about it. It is empty where that is not known.
          returned: always
          type: str
          sample: >-
            grant this action to the role that the run came in by (docs/permissions.md lists what is needed)
    findings:
      description: What an engineer should know about the target and what the module does not change.
      returned: when there are any
      type: list
      elements: str
      sample:
        - the policy lets users change their own password
summary:
  description: How many targets are in each state.
  returned: when the account was reached
  type: dict
  contains:
    compliant:
      description: How many are compliant, those among them that this run changed.
      returned: always
      type: int
      sample: 1
    drifted:
      description: How many would be changed. It is other than V(0) in check mode only.
      returned: always
      type: int
      sample: 0
    skipped:
      description: How many do not apply.
      returned: always
      type: int
      sample: 0
    foreign:
      description: How many are not provably the provider's, and were left as they are.
      returned: always
      type: int
      sample: 0
    unknown:
      description: How many could not be read.
      returned: always
      type: int
      sample: 0
    failed:
      description: How many could not be written.
      returned: always
      type: int
      sample: 0
    changed:
      description: How many were written, or in check mode would be.
      returned: always
      type: int
      sample: 1
api_calls:
  description: How many calls of AWS's APIs it took, those for the assumed roles among them.
  returned: when the account was reached
  type: int
  sample: 5
diff:
  description: What changed, or in check mode would change. One entry for each such target.
  returned: when the account was reached and diff mode is on
  type: list
  elements: dict
  contains:
    before_header:
      description: The account, the region and the account default.
      returned: always
      type: str
      sample: app1-prod (111111111111) global password_policy
    after_header:
      description: The same.
      returned: always
      type: str
      sample: app1-prod (111111111111) global password_policy
    before:
      description: What was there. It is empty where there was nothing.
      returned: always
      type: dict
      sample: {}
    after:
      description: What is there now, or would be.
      returned: always
      type: dict
"""

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.catalogue import named
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.onboarding import plan_entry

ENTRY = plan_entry(named("password_policy"))


def main() -> None:
    """Run as an ordinary module."""
    ENTRY.main()


if __name__ == "__main__":
    main()
