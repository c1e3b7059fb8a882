#!/usr/bin/python
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: account_defaults
version_added: 0.1.0
short_description: Bring an AWS account to all account defaults of its provider, in every region
description:
  - Applies all account defaults to one AWS account, in every region that it has enabled, in one task. They are the
    roles of the provider and of the services, the password policy, two buckets, SNS topics with their subscriptions,
    AWS CloudTrail, AWS Config, and the rule for AWS Health RISK events.
  - It reads everything first, in all regions at the same time, and decides from that what differs. Then it writes
    what
    differs and nothing else, what others need before those that need it. In check mode it stops before the first
    write,
    so that what it predicts is what a real run does.
  - A setting that cannot be read or written stops only those that need it. The others are completed, and the module
    fails at the end with the whole result. It is enough to run it again.
  - A setting that does not apply is V(skipped) with the reason. A trail or a recorder is, where the customer has its
    own or AWS Control Tower manages the account. A region that a service control policy denies is skipped as a whole.
  - The account defaults V(rackspace_role), V(password_policy), V(logs_bucket), V(rackspace_bucket),
    V(cloudtrail_topic), V(support_topic), V(support_standard_topic), V(support_urgent_topic),
    V(support_emergency_topic) and V(trail) are required. V(cloudhealth_role), V(config_role), V(dispatcher_role),
    V(awsconfig_topic), V(recorder) and V(dispatcher_rule) are optional.
options:
  only:
    description:
      - The account defaults to plan and apply. If it is empty, these are all of them.
      - What a chosen one needs and what is not chosen has to be there already.
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
  - The queues and the target that the account reports to belong to the provider's account.
    M(rackspace.aws_accounts.shared_queues) makes them first, and again when accounts join.
  - One task with this module takes a fraction of the time and of the calls of one task for each of the other modules,
    which share what they read in no other way.
seealso:
  - module: rackspace.aws_accounts.account_info
    description: Tells what an account is before anything is applied.
  - module: rackspace.aws_accounts.shared_queues
    description: Makes the provider's side, in the shared management services account.
  - module: rackspace.aws_accounts.reverse_assumption
    description: Takes all of it back when the account is handed back to its owner.
  - module: rackspace.aws_accounts.service_role
    description: Says more of the roles.
  - module: rackspace.aws_accounts.password_policy
    description: Says more of the password policy.
  - module: rackspace.aws_accounts.logs_bucket
    description: Says more of the buckets.
  - module: rackspace.aws_accounts.regional_topics
    description: Says more of the topics and their subscriptions.
  - module: rackspace.aws_accounts.regional_trails
    description: Says more of the trails.
  - module: rackspace.aws_accounts.regional_config
    description: Says more of AWS Config.
  - module: rackspace.aws_accounts.dispatcher_rule
    description: Says more of the rule for AWS Health RISK events.
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

- name: Apply all account defaults in every region that the account has enabled
  rackspace.aws_accounts.account_defaults:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"

- name: See what would change, without writing anything
  rackspace.aws_accounts.account_defaults:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
  check_mode: true
  diff: true
  register: onboarding

- name: Show what is not as it should be, and why
  ansible.builtin.debug:
    msg: "{{ onboarding.targets | rejectattr('state', 'equalto', 'compliant') }}"

- name: Reach a member account through the management account of its organization, for the first time
  rackspace.aws_accounts.account_defaults:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    access_roles:
      - Rackspace
      - name: OrganizationAccountAccessRole
        via: management
    organization:
      management_account_id: "333333333333"
      management_role: onboarding

- name: Switch off what the customer has not subscribed to
  rackspace.aws_accounts.account_defaults:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    defaults_disabled:
      cloudhealth_role: not part of the service level
      config_role: not part of the service level
      awsconfig_topic: not part of the service level
      recorder: not part of the service level
      password_policy: the customer's identity provider has no IAM users

- name: Take over what a former provider left, in one region, and only report what else is foreign
  rackspace.aws_accounts.account_defaults:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    regions:
      - us-east-1
    adopt:
      cloudhealth_role: handed over, see CHG0012345
      support_topic: handed over, see CHG0012345
    fail_on_foreign: false

- name: Repair the topics only, subscribed by their owner
  rackspace.aws_accounts.account_defaults:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    only:
      - support_topic
      - support_standard_topic
      - support_urgent_topic
      - support_emergency_topic
    subscription_owner: account
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
        - Its keys are those that the module of the account default documents, see
          RV(rackspace.aws_accounts.service_role#module:targets[].after),
          RV(rackspace.aws_accounts.password_policy#module:targets[].after),
          RV(rackspace.aws_accounts.logs_bucket#module:targets[].after),
          RV(rackspace.aws_accounts.regional_topics#module:targets[].after),
          RV(rackspace.aws_accounts.regional_trails#module:targets[].after),
          RV(rackspace.aws_accounts.regional_config#module:targets[].after) and
          RV(rackspace.aws_accounts.dispatcher_rule#module:targets[].after).
      returned: always
      type: dict
      sample:
        trail_name: rackspace-cloudtrail
        s3_bucket_name: 0f8fad5b-d9cb-469f-a165-70867728950e-logs
        sns_topic_arn: arn:aws:sns:us-east-1:111111111111:rackspace-cloudtrail
        is_multi_region_trail: false
        include_global_service_events: true
        enable_log_file_validation: true
        is_logging: true
        records_management_events: true
    reason:
      description: Why the target is V(skipped) or V(foreign), or what can follow from its drift.
      returned: when it is skipped or foreign, and of some that differ
      type: str
      sample: >-
        the region is covered by trail company-audit (multi-region, home region eu-west-1)
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
        - trail company-audit (multi-region, home region eu-west-1) logs to company-audit-logs, not to
          0f8fad5b-d9cb-469f-a165-70867728950e-logs
summary:
  description: How many targets are in each state.
  returned: when the account was reached
  type: dict
  contains:
    compliant:
      description: How many are compliant, those among them that this run changed.
      returned: always
      type: int
      sample: 22
    drifted:
      description: How many would be changed. It is other than V(0) in check mode only.
      returned: always
      type: int
      sample: 0
    skipped:
      description: How many do not apply.
      returned: always
      type: int
      sample: 1
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
      sample: 22
api_calls:
  description: How many calls of AWS's APIs it took, those for the assumed roles among them.
  returned: when the account was reached
  type: int
  sample: 118
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
      description: What is there now, or would be.
      returned: always
      type: dict
"""

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.catalogue import ACCOUNT_DEFAULTS
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.onboarding import plan_entry

ENTRY = plan_entry(ACCOUNT_DEFAULTS)


def main() -> None:
    """Run as an ordinary module."""
    ENTRY.main()


if __name__ == "__main__":
    main()
