#!/usr/bin/python
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: service_role
version_added: 0.1.0
short_description: Manage the IAM roles that a provider and its services need in an AWS account
description:
  - Creates and repairs the IAM roles of the account defaults, which are one for the provider's own access, one for
    CloudHealth, one for AWS Config, and one for the response to AWS Health RISK events.
  - The role V(rackspace_role) trusts the provider's account, or O(provider_trusted_principals), with O(external_id).
  - The role V(cloudhealth_role) trusts CloudHealth's account with the external IDs of a tenant. It is skipped where
    these or the policy of the tenant are not given.
  - The role V(config_role) trusts AWS Config for this account, has the AWS managed policy C(AWS_ConfigRole), and may
    deliver to the logs bucket and publish to the AWS Config topics.
  - The role V(dispatcher_role) trusts EventBridge for one rule of this account. A managed policy of the same name
    allows the delivery to the target, and what O(dispatcher_policy) adds.
  - A role that lacks the O(ownership_tags) is V(foreign) if its trust policy names other principals, names none, or
    is
    narrowed by a condition or a statement that the module would not write. So is a managed policy O(dispatcher_name)
    that has another content and lacks the tags.
  - The trust policy of a role that is the provider's is replaced as a whole where it differs. Of its permissions,
    missing ones are added and wrong ones repaired. Policies that other people attached stay, and are reported as
    findings.
options:
  only:
    description:
      - The account defaults to plan and apply. If it is empty, these are all of them.
      - What a chosen one needs and what is not chosen has to be there already.
    type: list
    elements: str
    choices:
      - rackspace_role
      - cloudhealth_role
      - config_role
      - dispatcher_role
    default: []
  except:
    description:
      - Account defaults to leave out. Unlike those in O(defaults_disabled), they are not reported.
    type: list
    elements: str
    choices:
      - rackspace_role
      - cloudhealth_role
      - config_role
      - dispatcher_role
    default: []
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
  - If the trust policy of the very role changes by which the account was reached, that role is assumed once more at
    once. If that is refused, the former trust policy is put back and the account default is V(failed).
  - CloudHealth bills by what its role can read. Drift of the role V(cloudhealth_role) can cause overbilling.
  - IAM is eventually consistent. What uses a new role may be refused for some seconds, which the modules of this
    collection wait for.
  - A managed policy has at most five versions. Where there are five, the oldest one that is not in use is deleted to
    write another one.
  - The account default V(rackspace_role) is required. The others are optional.
seealso:
  - module: rackspace.aws_accounts.account_defaults
    description: Applies this and all other account defaults in one task, in the order that they need.

  - module: amazon.aws.iam_role
    description: Manages any IAM role.
  - name: Permissions for the IAM role assigned to AWS Config
    description: AWS Config Developer Guide.
    link: https://docs.aws.amazon.com/config/latest/developerguide/iamrole-permissions.html
  - name: Confused deputy prevention
    description: AWS Identity and Access Management User Guide, on external IDs and conditions of trust policies.
    link: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
author:
  - The rackspace.aws_accounts contributors (@rackspace)
extends_documentation_fragment:
  - rackspace.aws_accounts.account
  - rackspace.aws_accounts.account.provider
  - rackspace.aws_accounts.plan
  - rackspace.aws_accounts.plan.regions
  - rackspace.aws_accounts.plan.control_tower
  - rackspace.aws_accounts.plan.writes
  - rackspace.aws_accounts.defaults.rackspace_role
  - rackspace.aws_accounts.defaults.cloudhealth
  - rackspace.aws_accounts.defaults.config_role
  - rackspace.aws_accounts.defaults.dispatcher
  - rackspace.aws_accounts.defaults.dispatcher_role
  - rackspace.aws_accounts.defaults.account_uuid
  - rackspace.aws_accounts.defaults.logs_bucket
  - rackspace.aws_accounts.defaults.topics
  - rackspace.aws_accounts.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
# Note: These examples do not set authentication details, see the AWS Guide for details.

- name: Make all roles, the one of CloudHealth with the settings of the tenant
  rackspace.aws_accounts.service_role:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    cloudhealth:
      external_ids:
        - "{{ cloudhealth_external_id }}"
      policy: "{{ lookup('ansible.builtin.file', 'cloudhealth.json') }}"

- name: Let one role of the provider in, with less than administrator access
  rackspace.aws_accounts.service_role:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    only:
      - rackspace_role
    provider_trusted_principals:
      - arn:aws:iam::222222222222:role/engineers
    role_managed_policies:
      - arn:aws:iam::aws:policy/ReadOnlyAccess
    role_policy:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Action: support:*
          Resource: "*"

- name: Take over a role AWSConfig that somebody else made
  rackspace.aws_accounts.service_role:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    only:
      - config_role
    adopt:
      config_role: agreed with the customer in CHG0012345

- name: Do without CloudHealth, and show what would change
  rackspace.aws_accounts.service_role:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    defaults_disabled:
      cloudhealth_role: the customer has its own contract
  check_mode: true
  diff: true
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
    account app1-prod (111111111111): config_role is foreign in global: role AWSConfig exists and trusts
    ec2.amazonaws.com; it is left as it is. To take it over: account_adopt: {config_role: <reason>}; to do without:
    account_defaults_disabled
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
      sample: config_role
    section:
      description: The section of the guide to account defaults that it belongs to.
      returned: always
      type: str
      sample: config
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
        role_name:
          description: The name of the role.
          returned: always
          type: str
          sample: AWSConfig
        trust:
          description:
            - The statements of the trust policy, with fingerprints in place of external IDs.
            - In one canonical form, in which lists are sorted and equal statements are equal.
          returned: always
          type: list
          elements: dict
          sample:
            - Action:
                - sts:AssumeRole
              Condition:
                StringEquals:
                  aws:SourceAccount:
                    - "111111111111"
              Effect: Allow
              Principal:
                Service:
                  - config.amazonaws.com
        managed_policies:
          description: The ARNs of the attached managed policies, those that the role should have and no others.
          returned: always
          type: list
          elements: str
          sample:
            - arn:aws:iam::aws:policy/service-role/AWS_ConfigRole
        inline_policies:
          description: The inline policies by name, each with its statements, those that the role should have and no
            others.
          returned: always
          type: dict
          sample:
            delivery:
              - Action:
                  - sns:Publish
                Effect: Allow
                Resource:
                  - arn:aws:sns:*:111111111111:rackspace-awsconfig
        policy:
          description: The statements of the managed policy of the same name. It is null where there is no such
            policy.
          returned: for the account default V(dispatcher_role)
          type: list
          elements: dict
          sample:
            - Action:
                - sqs:SendMessage
              Effect: Allow
              Resource:
                - arn:aws:sqs:us-east-1:222222222222:rackspace-dispatcher
    reason:
      description: Why the target is V(skipped) or V(foreign), or what can follow from its drift.
      returned: when it is skipped or foreign, and of some that differ
      type: str
      sample: >-
        role AWSConfig exists and trusts ec2.amazonaws.com; it is left as it is. To take it over: account_adopt:
        {config_role: <reason>}; to do without: account_defaults_disabled
    error:
      description: Why the target is V(unknown) or V(failed).
      returned: when it is unknown or failed
      type: dict
      contains:
        operation:
          description: The operation of AWS that was refused. It is empty where it was none of AWS's.
          returned: always
          type: str
          sample: CreateRole
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
            perform: iam:CreateRole on resource: arn:aws:iam::111111111111:role/AWSConfig
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
        - role AWSConfig also has policy arn:aws:iam::aws:policy/ReadOnlyAccess, which is not ours
summary:
  description: How many targets are in each state.
  returned: when the account was reached
  type: dict
  contains:
    compliant:
      description: How many are compliant, those among them that this run changed.
      returned: always
      type: int
      sample: 3
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
      sample: 1
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
      sample: 3
api_calls:
  description: How many calls of AWS's APIs it took, those for the assumed roles among them.
  returned: when the account was reached
  type: int
  sample: 24
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
      sample: app1-prod (111111111111) global config_role
    after_header:
      description: The same.
      returned: always
      type: str
      sample: app1-prod (111111111111) global config_role
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

ENTRY = plan_entry(named("rackspace_role", "cloudhealth_role", "config_role", "dispatcher_role"))


def main() -> None:
    """Run as an ordinary module."""
    ENTRY.main()


if __name__ == "__main__":
    main()
