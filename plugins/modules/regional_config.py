#!/usr/bin/python
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: regional_config
version_added: 0.1.0
short_description: Manage AWS Config in every region of a managed AWS account
description:
  - Creates and repairs a configuration recorder and a delivery channel of AWS Config in every region, and starts the
    recorder. It records all resource types, delivers to the logs bucket and notifies the AWS Config topic of the
    region.
  - A region is V(skipped) if somebody else has a recorder there, which is one that records with another role than
    O(config_role_name) or delivers to another bucket. What it leaves out is reported as a finding. It is taken over
    where O(adopt) names V(recorder).
  - A region is V(skipped) as well if AWS Control Tower manages the account, see O(control_tower).
  - A recorder of the provider's that is stopped is drift, and is started. One that reports a failure is a finding.
  - A delivery channel without a recorder that delivers to another bucket is V(foreign).
  - The name of the account default is V(recorder). It is optional.
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
  - The role O(config_role_name), the logs bucket and the topic O(topic_names.awsconfig) of the region have to be
    there.
    AWS checks them when the recorder and the channel are written. The module waits up to O(wait_timeout) until AWS
    sees
    them.
  - A region has one recorder of the customer's and one delivery channel, which cannot be renamed. Recorders that
    belong
    to an AWS service stand beside it and are left alone.
  - Global resource types are recorded in one region, so that they are recorded and paid once. It is the leading
    region
    of the partition, V(us-east-1) for example, or the first of O(regions) where the leading one is not among them.
  - An existing delivery channel keeps its prefix, its encryption key and its delivery frequency, and an existing
    recorder how often it records.
  - AWS Config is paid by the number of configuration items that it records.
seealso:
  - module: rackspace.aws_accounts.account_defaults
    description: Applies this and all other account defaults in one task, in the order that they need.

  - module: rackspace.aws_accounts.service_role
    description: Makes the role that AWS Config assumes.
  - module: rackspace.aws_accounts.logs_bucket
    description: Makes the bucket that AWS Config delivers to.
  - module: rackspace.aws_accounts.regional_topics
    description: Makes the topics that AWS Config notifies.
  - module: community.aws.config_recorder
    description: Manages one configuration recorder.
  - module: community.aws.config_delivery_channel
    description: Manages one delivery channel.
  - name: Managing the configuration recorder
    description: AWS Config Developer Guide.
    link: https://docs.aws.amazon.com/config/latest/developerguide/stop-start-recorder.html
author:
  - The rackspace.aws_accounts contributors (@rackspace)
extends_documentation_fragment:
  - rackspace.aws_accounts.account
  - rackspace.aws_accounts.account.provider
  - rackspace.aws_accounts.plan
  - rackspace.aws_accounts.plan.regions
  - rackspace.aws_accounts.plan.control_tower
  - rackspace.aws_accounts.plan.writes
  - rackspace.aws_accounts.defaults.config_role
  - rackspace.aws_accounts.defaults.account_uuid
  - rackspace.aws_accounts.defaults.logs_bucket
  - rackspace.aws_accounts.defaults.topics
  - rackspace.aws_accounts.defaults.recorder
  - rackspace.aws_accounts.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
# Note: These examples do not set authentication details, see the AWS Guide for details.

- name: Set up AWS Config in every region that has no recorder yet
  rackspace.aws_accounts.regional_config:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"

- name: Set it up in three regions, in an account that AWS Control Tower is known not to manage
  rackspace.aws_accounts.regional_config:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    control_tower: "false"
    regions:
      - us-east-1
      - us-west-2
      - eu-central-1

- name: Take over recorders that the customer has already
  rackspace.aws_accounts.regional_config:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    adopt:
      recorder: the customer hands AWS Config over, see CHG0012345

- name: See what would change, without writing anything
  rackspace.aws_accounts.regional_config:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
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
    account app1-prod (111111111111): recorder is failed in us-east-1, us-west-2: PutDeliveryChannel
    InsufficientDeliveryPolicyException: Insufficient delivery policy to s3 bucket:
    0f8fad5b-d9cb-469f-a165-70867728950e-logs, unable to write to bucket
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
      sample: recorder
    section:
      description: The section of the guide to account defaults that it belongs to.
      returned: always
      type: str
      sample: config
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
        recorder_name:
          description: The name of the recorder.
          returned: always
          type: str
          sample: default
        role_arn:
          description: The ARN of the role that it records with.
          returned: always
          type: str
          sample: arn:aws:iam::111111111111:role/AWSConfig
        all_supported:
          description: Whether it records all resource types of the region.
          returned: always
          type: bool
          sample: true
        include_global_resource_types:
          description: Whether it records global resource types, those of IAM for example.
          returned: always
          type: bool
          sample: true
        recording:
          description: Whether it is started.
          returned: always
          type: bool
          sample: true
        delivery_channel:
          description: The delivery channel of the region. It is null where there is none.
          returned: always
          type: dict
          contains:
            name:
              description: The name of the delivery channel.
              returned: always
              type: str
              sample: default
            s3_bucket_name:
              description: The name of the bucket that it delivers to.
              returned: always
              type: str
              sample: 0f8fad5b-d9cb-469f-a165-70867728950e-logs
            sns_topic_arn:
              description: The ARN of the topic that it notifies. It is empty where it notifies none.
              returned: always
              type: str
              sample: arn:aws:sns:us-east-1:111111111111:rackspace-awsconfig
    reason:
      description: Why the target is V(skipped) or V(foreign).
      returned: when it is skipped or foreign
      type: str
      sample: >-
        recorder company-recorder exists (role company-config)
    error:
      description: Why the target is V(unknown) or V(failed).
      returned: when it is unknown or failed
      type: dict
      contains:
        operation:
          description: The operation of AWS that was refused. It is empty where it was none of AWS's.
          returned: always
          type: str
          sample: PutConfigurationRecorder
        code:
          description: The error code that AWS answered with, or the kind of the exception.
          returned: always
          type: str
          sample: AccessDeniedException
        message:
          description: What AWS, or the module, says about it.
          returned: always
          type: str
          sample: >-
            User: arn:aws:sts::111111111111:assumed-role/Rackspace/rackspace.aws_accounts is not authorized to
            perform: config:PutConfigurationRecorder on resource:
            arn:aws:config:us-east-1:111111111111:configuration-recorder/default
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
        - recorder company-recorder is stopped
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
  sample: 18
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
      sample: app1-prod (111111111111) us-east-1 recorder
    after_header:
      description: The same.
      returned: always
      type: str
      sample: app1-prod (111111111111) us-east-1 recorder
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

ENTRY = plan_entry(named("recorder"))


def main() -> None:
    """Run as an ordinary module."""
    ENTRY.main()


if __name__ == "__main__":
    main()
