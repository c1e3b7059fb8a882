#!/usr/bin/python
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: regional_trails
version_added: 0.1.0
short_description: Manage an AWS CloudTrail trail in every region of a managed AWS account
description:
  - Creates and repairs an AWS CloudTrail trail in every region that no other trail covers. It logs to the logs
    bucket,
    notifies the CloudTrail topic of the region, and is started.
  - A region is V(skipped) if a trail of somebody else records it, whether that is one of the region itself, a
    multi-region trail of another region, or one of the organization, so that nothing is logged and paid twice. The
    reason names the trail. What it leaves out that the module's own would record is reported as a finding and is not
    repaired.
  - Every region is V(skipped) if AWS Control Tower manages the account, see O(control_tower).
  - A trail of the provider's that does not log is drift, and is started. One that does not record all management
    events
    is drift too, and what it records beside them is kept.
  - A trail O(trail_name) of this region is V(foreign) if it logs to another bucket and lacks the O(ownership_tags).
  - A trail of the provider's that somebody has widened, to all regions or to the events of global services, stays so,
    and log file validation that is on stays on. Where another trail covers the region as well, or deliveries fail,
    that
    is reported as a finding.
  - The name of the account default is V(trail). It is required.
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
  - The logs bucket and the topic O(topic_names.cloudtrail) of the region have to be there, with policies that admit
    the
    trail. AWS looks at both policies when a trail is created. The module waits up to O(wait_timeout) until AWS sees
    them.
  - Events of global services are recorded in the leading region of the partition only, V(us-east-1) for example,
    which
    is where AWS delivers them for trails of one region.
  - What a trail of the organization records can be read in the management account only, which is reported as a
    finding.
  - A region can have five trails, those of other regions and of the organization that cover it counted.
seealso:
  - module: rackspace.aws_accounts.account_defaults
    description: Applies this and all other account defaults in one task, in the order that they need.

  - module: rackspace.aws_accounts.logs_bucket
    description: Makes the bucket that the trails log to.
  - module: rackspace.aws_accounts.regional_topics
    description: Makes the topics that the trails notify.
  - module: amazon.aws.cloudtrail
    description: Manages any AWS CloudTrail trail.
  - name: Understanding multi-Region trails and opt-in Regions
    description: AWS CloudTrail User Guide.
    link: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-multi-region-trails.html
author:
  - The rackspace.aws_accounts contributors (@rackspace)
extends_documentation_fragment:
  - rackspace.aws_accounts.account
  - rackspace.aws_accounts.account.provider
  - rackspace.aws_accounts.plan
  - rackspace.aws_accounts.plan.regions
  - rackspace.aws_accounts.plan.control_tower
  - rackspace.aws_accounts.plan.writes
  - rackspace.aws_accounts.defaults.trail_name
  - rackspace.aws_accounts.defaults.trail
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

- name: Make a trail in every region that is not covered by another one
  rackspace.aws_accounts.regional_trails:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"

- name: Find out which regions are covered by existing trails, without writing anything
  rackspace.aws_accounts.regional_trails:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
  check_mode: true
  diff: true
  register: trails

- name: Show by which trails, and what they leave out
  ansible.builtin.debug:
    msg: "{{ item.region }}: {{ item.reason }}{{ item.findings | default([]) }}"
  loop: "{{ trails.targets | selectattr('state', 'equalto', 'skipped') }}"
  loop_control:
    label: "{{ item.region }}"

- name: Take over a trail of the provider's name that logs to another bucket
  rackspace.aws_accounts.regional_trails:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    adopt:
      trail: left by the former provider, see CHG0012345

- name: Switch trails off where the customer's own contract demands it
  rackspace.aws_accounts.regional_trails:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    defaults_disabled:
      trail: the customer logs with a system of its own, see the contract of 2026
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
    account app1-prod (111111111111): trail is failed in us-east-1, us-west-2: CreateTrail
    InsufficientS3BucketPolicyException: Incorrect S3 bucket policy is detected for bucket:
    0f8fad5b-d9cb-469f-a165-70867728950e-logs
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
      returned: always
      type: dict
      contains:
        trail_name:
          description: The name of the trail.
          returned: always
          type: str
          sample: rackspace-cloudtrail
        s3_bucket_name:
          description: The name of the bucket that it logs to.
          returned: always
          type: str
          sample: 0f8fad5b-d9cb-469f-a165-70867728950e-logs
        sns_topic_arn:
          description: The ARN of the topic that it notifies. It is empty where it notifies none.
          returned: always
          type: str
          sample: arn:aws:sns:us-east-1:111111111111:rackspace-cloudtrail
        is_multi_region_trail:
          description: Whether it records all regions.
          returned: always
          type: bool
          sample: false
        include_global_service_events:
          description: Whether it records the events of global services.
          returned: always
          type: bool
          sample: true
        enable_log_file_validation:
          description: Whether it delivers digest files.
          returned: always
          type: bool
          sample: true
        is_logging:
          description: Whether it is started.
          returned: always
          type: bool
          sample: true
        records_management_events:
          description: Whether its event selectors let all management events through, reads and writes.
          returned: always
          type: bool
          sample: true
    reason:
      description: Why the target is V(skipped) or V(foreign).
      returned: when it is skipped or foreign
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
          sample: CreateTrail
        code:
          description: The error code that AWS answered with, or the kind of the exception.
          returned: always
          type: str
          sample: InsufficientS3BucketPolicyException
        message:
          description: What AWS, or the module, says about it.
          returned: always
          type: str
          sample: >-
            Incorrect S3 bucket policy is detected for bucket: 0f8fad5b-d9cb-469f-a165-70867728950e-logs
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
      sample: 2
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
      sample: 2
api_calls:
  description: How many calls of AWS's APIs it took, those for the assumed roles among them.
  returned: when the account was reached
  type: int
  sample: 14
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

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.catalogue import named
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.onboarding import plan_entry

ENTRY = plan_entry(named("trail"))


def main() -> None:
    """Run as an ordinary module."""
    ENTRY.main()


if __name__ == "__main__":
    main()
