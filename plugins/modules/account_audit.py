#!/usr/bin/python
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: account_audit
version_added: 0.1.0
short_description: Compare an AWS account with all account defaults of its provider, in every region
description:
  - Reads every account default of one AWS account, in every region that it has enabled, in one task, and says for each
    whether it is as it should be.
  - It makes the plan that M(rackspace.aws_accounts.account_defaults) makes, and never applies it. So it cannot disagree
    with what onboarding would do.
  - It calls no operation of AWS that writes, and works with a role that may only read.
    C(docs/permissions.md) has the policy of such a role.
  - What could not be read is V(unknown), never V(compliant), and by default makes the module fail after it has read
    everything else.
  - A stopped recorder, a trail that does not log and a subscription that waits for its confirmation are V(drifted).
  - So is a changed trust policy. That of the role of V(cloudhealth_role) can cause overbilling, and the C(reason) says
    so.
options:
  only:
    description:
      - The account defaults to look at. If it is empty, these are all of them.
    type: list
    elements: str
    choices:
      - rackspace_role
      - password_policy
      - cloudhealth_role
      - logs_bucket
      - rackspace_bucket
      - config_role
      - dispatcher_role
      - cloudtrail_topic
      - awsconfig_topic
      - support_topic
      - support_standard_topic
      - support_urgent_topic
      - support_emergency_topic
      - trail
      - recorder
      - dispatcher_rule
    default: []
  except:
    description:
      - Account defaults to leave out. Unlike those in O(defaults_disabled), they are not reported.
    type: list
    elements: str
    choices:
      - rackspace_role
      - password_policy
      - cloudhealth_role
      - logs_bucket
      - rackspace_bucket
      - config_role
      - dispatcher_role
      - cloudtrail_topic
      - awsconfig_topic
      - support_topic
      - support_standard_topic
      - support_urgent_topic
      - support_emergency_topic
      - trail
      - recorder
      - dispatcher_rule
    default: []
  fail_on:
    description:
      - What makes the module fail, after it has read everything.
      - If V(never), the result alone tells what was found, also where the account could not be reached.
      - If V(unknown), the module fails where something could not be read.
      - If V(drift), the module also fails where something is V(drifted) or V(foreign).
    type: str
    choices:
      - never
      - unknown
      - drift
    default: unknown
  defaults_disabled:
    description:
      - Account defaults that are switched off, each with the reason.
      - They are not read. They are reported as V(skipped), with the reason.
      - A required account default needs a reason that is not empty. An optional one does without.
    type: dict
    default: {}
  adopt:
    description:
      - Account defaults whose existing resources onboarding may take over although they are not provably the
        provider's, each with the reason.
      - They are then V(drifted) rather than V(foreign).
      - The reason must not be empty.
    type: dict
    default: {}
  ownership_tags:
    description:
      - The tags that the collection put on what it created or adopted, and by which it knows it again.
      - A resource carries them only if it has all of them with these values.
    type: dict
    default:
      ManagedBy: rackspace.aws_accounts
attributes:
  check_mode:
    support: full
    details:
      - This action does not modify state.
  diff_mode:
    support: full
    details:
      - One entry for each target that is V(drifted), with what onboarding would make of it.
  idempotent:
    support: full
    details:
      - This action does not modify state.
notes:
  - The options are those of M(rackspace.aws_accounts.account_defaults). Give both modules the same values, or the audit
    is one of other defaults than the account has.
  - It needs at most 450 calls of AWS's APIs for an account with 17 regions.
seealso:
  - module: rackspace.aws_accounts.account_defaults
    description: Repairs what is drifted.
  - module: rackspace.aws_accounts.account_info
    description: Tells what an account is, and how it is reached.
author:
  - The rackspace.aws_accounts contributors (@rackspace)
extends_documentation_fragment:
  - rackspace.aws_accounts.account
  - rackspace.aws_accounts.account.provider
  - rackspace.aws_accounts.plan.regions
  - rackspace.aws_accounts.plan.control_tower
  - rackspace.aws_accounts.defaults.rackspace_role
  - rackspace.aws_accounts.defaults.password_policy
  - rackspace.aws_accounts.defaults.cloudhealth
  - rackspace.aws_accounts.defaults.account_uuid
  - rackspace.aws_accounts.defaults.logs_bucket
  - rackspace.aws_accounts.defaults.rackspace_bucket
  - rackspace.aws_accounts.defaults.buckets
  - rackspace.aws_accounts.defaults.deliveries
  - rackspace.aws_accounts.defaults.trail_name
  - rackspace.aws_accounts.defaults.trail
  - rackspace.aws_accounts.defaults.config_role
  - rackspace.aws_accounts.defaults.recorder
  - rackspace.aws_accounts.defaults.topics
  - rackspace.aws_accounts.defaults.queues
  - rackspace.aws_accounts.defaults.subscriptions
  - rackspace.aws_accounts.defaults.dispatcher
  - rackspace.aws_accounts.defaults.dispatcher_role
  - rackspace.aws_accounts.defaults.health_services
  - rackspace.aws_accounts.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
# Note: These examples do not set authentication details, see the AWS Guide for details.

- name: Say what is not as it should be
  rackspace.aws_accounts.account_audit:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
  register: audit

- name: Show it
  ansible.builtin.debug:
    msg: "{{ audit.targets | rejectattr('state', 'equalto', 'compliant') }}"

- name: Fail where anything has drifted, and show the differences
  rackspace.aws_accounts.account_audit:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    fail_on: drift
  diff: true

- name: Come in by a role that may only read
  rackspace.aws_accounts.account_audit:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    access_roles:
      - name: account-audit
        via: provider

- name: Look at the trails of two regions only
  rackspace.aws_accounts.account_audit:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    only:
      - trail
    regions:
      - us-east-1
      - us-west-2
"""

RETURN = r"""
---
changed:
  description: Always V(false).
  returned: always
  type: bool
  sample: false
failed:
  description: Whether the module failed, as O(fail_on) says.
  returned: on failure
  type: bool
  sample: true
msg:
  description:
    - What made the module fail, with the account, the account default, the regions, and what to do about it.
    - Where the account could not be reached, why, also if O(fail_on=never).
  returned: on failure, and when the account was not reached
  type: str
  sample: >-
    account app1-prod (111111111111): recorder is unknown in eu-west-1: DescribeConfigurationRecorders
    AccessDeniedException: not allowed - grant this action to the role that the run came in by
account:
  description: The account that was looked at, and how it was reached.
  returned: when the options were good
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
      description: The partition that the account belongs to. It is empty where the account was not reached.
      returned: always
      type: str
      sample: aws
    regions:
      description: The regions that were looked at. It is empty where the account was not reached.
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
  description:
    - One entry for each account default and region, in the order in which they are applied.
    - It is empty where the account was not reached.
  returned: when the options were good
  type: list
  elements: dict
  contains:
    default:
      description: The name of the account default.
      returned: always
      type: str
      sample: trail
    section:
      description: The section of the guide to account defaults that it belongs to.
      returned: always
      type: str
      sample: cloudtrail
    region:
      description: The region of the target. It is V(global) for what has no region.
      returned: always
      type: str
      sample: us-east-1
    state:
      description:
        - V(compliant), what is there is what should be there.
        - V(drifted), it differs, and onboarding would repair it.
        - V(skipped), it does not apply, or something that it needs is missing. The C(reason) says which.
        - V(foreign), something is there that is not provably the provider's, and that onboarding leaves as it is.
        - V(unknown), it could not be read. The C(error) says why.
      returned: always
      type: str
      sample: drifted
    before:
      description: What is there, in the shape of C(after). It is null where there is nothing.
      returned: when it is drifted or foreign
      type: dict
      sample:
        minimum_password_length: 8
    after:
      description:
        - What onboarding would make of it, where it is foreign only if it is adopted.
        - Its keys are those that the module of the account default documents, see
          RV(rackspace.aws_accounts.account_defaults#module:targets[].after).
      returned: when it is drifted or foreign
      type: dict
      sample:
        minimum_password_length: 12
    reason:
      description: Why the target is V(skipped) or V(foreign), or what can follow from its drift.
      returned: when it is skipped or foreign, and of some that differ
      type: str
      sample: >-
        the region is covered by trail company-audit (multi-region, home region eu-west-1)
    error:
      description: Why the target is V(unknown).
      returned: when it is unknown
      type: dict
      contains:
        operation:
          description: The operation of AWS that was refused. It is empty where it was none of AWS's.
          returned: always
          type: str
          sample: GetRole
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
            perform: iam:GetRole on resource: role AWSConfig
        fix:
          description: What to do about it. It is empty where that is not known.
          returned: always
          type: str
          sample: >-
            grant this action to the role that the run came in by (docs/permissions.md lists what is needed)
    findings:
      description: What an engineer should know about the target and what onboarding does not change.
      returned: when there are any
      type: list
      elements: str
      sample:
        - trail company-audit (multi-region, home region eu-west-1) logs to company-audit-logs, not to
          0f8fad5b-d9cb-469f-a165-70867728950e-logs
summary:
  description: How many targets are in each state.
  returned: when the options were good
  type: dict
  contains:
    compliant:
      description: How many are as they should be.
      returned: always
      type: int
      sample: 141
    drifted:
      description: How many differ, and would be repaired by onboarding.
      returned: always
      type: int
      sample: 1
    skipped:
      description: How many do not apply.
      returned: always
      type: int
      sample: 1
    foreign:
      description: How many are not provably the provider's.
      returned: always
      type: int
      sample: 1
    unknown:
      description: How many could not be read.
      returned: always
      type: int
      sample: 0
api_calls:
  description: How many calls of AWS's APIs it took, those for the assumed roles among them.
  returned: when the options were good
  type: int
  sample: 432
diff:
  description: What onboarding would change. One entry for each target that is drifted.
  returned: when the account was reached and diff mode is on
  type: list
  elements: dict
  contains:
    before_header:
      description: The account, the region and the account default.
      returned: always
      type: str
      sample: app1-prod (111111111111) us-east-1 trail
    after_header:
      description: The same.
      returned: always
      type: str
      sample: app1-prod (111111111111) us-east-1 trail
    before:
      description: What was there. It is empty where there was nothing.
      returned: always
      type: dict
      sample: {}
    after:
      description: What onboarding would make of it.
      returned: always
      type: dict
"""

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.audit import ENTRY


def main() -> None:
    """Run as an ordinary module."""
    ENTRY.main()


if __name__ == "__main__":
    main()
