#!/usr/bin/python
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: logs_bucket
version_added: 0.1.0
short_description: Manage the buckets for logs and for the provider in a managed AWS account
description:
  - Creates and repairs the two S3 buckets of the account defaults, the bucket that AWS CloudTrail and AWS Config
    deliver to and the provider's own.
  - Both are versioned, encrypted and closed to the public, admit TLS only, and have a lifecycle rule that expires
    objects after O(expiration_days) and removes deleted ones after O(noncurrent_expiration_days).
  - The policy of the logs bucket lets AWS CloudTrail and AWS Config deliver for this account and for no other.
  - The module owns one lifecycle rule and the policy statements whose IDs begin with C(Rackspace). Everybody else's
    rules and statements stay. A statement that opens the bucket to the world is reported as a finding.
  - A bucket that exists, holds something, and lacks the O(ownership_tags) is treated with care. The lifecycle rule
    and
    the statement on TLS cover C(AWSLogs/<account_id>/) only, and its public access block, object ownership and tags
    stay. Name it in O(adopt) to have it managed as if the module had created it.
  - Nobody's objects expire earlier than before. Days that somebody raised in the lifecycle rule of the module stay,
    and
    where another rule keeps objects longer, the one of the module is not added, which is reported as a finding.
  - A bucket that exists in another region than O(bucket_region) is V(foreign), because a bucket cannot be moved.
options:
  only:
    description:
      - The account defaults to plan and apply. If it is empty, these are all of them.
      - What a chosen one needs and what is not chosen has to be there already.
    type: list
    elements: str
    choices:
      - logs_bucket
      - rackspace_bucket
    default: []
  except:
    description:
      - Account defaults to leave out. Unlike those in O(defaults_disabled), they are not reported.
    type: list
    elements: str
    choices:
      - logs_bucket
      - rackspace_bucket
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
  - Names of buckets are unique in all of AWS. A bucket of this name that belongs to another account is an error, and
    nothing is written to it.
  - An encryption that the customer has set stays. With a key of AWS KMS, the policy of the key has to admit what is
    delivered, which is reported as a finding.
  - Existing lifecycle rules and policies are read and written back as a whole, because AWS has no way to change a
    part
    of them.
  - Object ownership V(BucketOwnerEnforced) takes access from whom only an ACL grants it. It is set on buckets that
    the
    module created or adopted, and on no others.
  - AWS Config cannot deliver to a bucket that has object lock with a default retention.
  - Both account defaults are required.
seealso:
  - module: rackspace.aws_accounts.account_defaults
    description: Applies this and all other account defaults in one task, in the order that they need.

  - module: amazon.aws.s3_bucket
    description: Manages any S3 bucket.
  - name: Amazon S3 bucket policy for CloudTrail
    description: AWS CloudTrail User Guide.
    link: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
  - name: Permissions for the Amazon S3 bucket for the AWS Config delivery channel
    description: AWS Config Developer Guide.
    link: https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html
author:
  - The rackspace.aws_accounts contributors (@rackspace)
extends_documentation_fragment:
  - rackspace.aws_accounts.account
  - rackspace.aws_accounts.account.provider
  - rackspace.aws_accounts.plan
  - rackspace.aws_accounts.plan.regions
  - rackspace.aws_accounts.plan.control_tower
  - rackspace.aws_accounts.plan.writes
  - rackspace.aws_accounts.defaults.account_uuid
  - rackspace.aws_accounts.defaults.logs_bucket
  - rackspace.aws_accounts.defaults.rackspace_bucket
  - rackspace.aws_accounts.defaults.buckets
  - rackspace.aws_accounts.defaults.deliveries
  - rackspace.aws_accounts.defaults.trail_name
  - rackspace.aws_accounts.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
# Note: These examples do not set authentication details, see the AWS Guide for details.

- name: Make both buckets
  rackspace.aws_accounts.logs_bucket:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"

- name: See what would change in a bucket that the customer made, rule by rule
  rackspace.aws_accounts.logs_bucket:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    only:
      - logs_bucket
  check_mode: true
  diff: true

- name: Manage that bucket as a whole from now on
  rackspace.aws_accounts.logs_bucket:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    only:
      - logs_bucket
    adopt:
      logs_bucket: made by the customer for us, see CHG0012345

- name: Keep logs in Frankfurt for two years, without AWS Config
  rackspace.aws_accounts.logs_bucket:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    bucket_region: eu-central-1
    expiration_days: 730
    allow_config_delivery: false
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
    account app1-prod (111111111111): logs_bucket is unknown in us-west-2: bucket
    0f8fad5b-d9cb-469f-a165-70867728950e-logs belongs to another AWS account, or this role may not read it; check
    account_uuid, or name another bucket by logs_bucket_name or rackspace_bucket_name
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
      sample: logs_bucket
    section:
      description: The section of the guide to account defaults that it belongs to.
      returned: always
      type: str
      sample: s3
    region:
      description: The region of the target. It is V(global) for what has no region.
      returned: always
      type: str
      sample: us-west-2
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
        bucket:
          description: The name of the bucket.
          returned: always
          type: str
          sample: 0f8fad5b-d9cb-469f-a165-70867728950e-logs
        region:
          description: The region of the bucket.
          type: str
          returned: always
          sample: us-west-2
        versioning:
          description: The state of versioning, V(Enabled), V(Suspended) or V(Disabled).
          returned: always
          type: str
          sample: Enabled
        lifecycle:
          description: The lifecycle rule of the module. It is null where the bucket does not have it, and should not.
          returned: always
          type: dict
          contains:
            prefix:
              description: The beginning of the names of the objects that it covers. It is empty where it covers all.
              returned: always
              type: str
              sample: ""
            enabled:
              description: Whether it is in effect.
              returned: always
              type: bool
              sample: true
            expiration_days:
              description: After how many days objects expire.
              returned: always
              type: int
              sample: 365
            noncurrent_expiration_days:
              description: After how many days deleted objects are permanently removed.
              returned: always
              type: int
              sample: 90
        policy:
          description:
            - The statements of the module in the policy of the bucket.
            - In one canonical form, in which lists are sorted and equal statements are equal.
          returned: always
          type: list
          elements: dict
          sample:
            - Action:
                - s3:GetBucketAcl
              Condition:
                ArnLike:
                  aws:SourceArn:
                    - arn:aws:cloudtrail:*:111111111111:trail/rackspace-cloudtrail
              Effect: Allow
              Principal:
                Service:
                  - cloudtrail.amazonaws.com
              Resource:
                - arn:aws:s3:::0f8fad5b-d9cb-469f-a165-70867728950e-logs
              Sid: RackspaceCloudTrailAcl
        encryption:
          description: The algorithm by which objects are encrypted by default.
          returned: always
          type: str
          sample: AES256
        tagged:
          description: Whether the bucket carries the O(ownership_tags).
          returned: on a bucket that the module created or adopted
          type: bool
          sample: true
        public_access_blocked:
          description: Whether all four settings of the public access block are on.
          returned: on a bucket that the module created or adopted
          type: bool
          sample: true
        ownership:
          description: Who owns objects that other accounts put there.
          returned: on a bucket that the module created or adopted
          type: str
          sample: BucketOwnerEnforced
    reason:
      description: Why the target is V(skipped) or V(foreign).
      returned: when it is skipped or foreign
      type: str
      sample: >-
        bucket 0f8fad5b-d9cb-469f-a165-70867728950e-logs exists in eu-west-1, not in us-west-2, and a bucket cannot be
        moved; it is left as it is. To take it over: account_adopt: {logs_bucket: <reason>}; to do without:
        account_defaults_disabled
    error:
      description: Why the target is V(unknown) or V(failed).
      returned: when it is unknown or failed
      type: dict
      contains:
        operation:
          description: The operation of AWS that was refused. It is empty where it was none of AWS's.
          returned: always
          type: str
          sample: PutBucketPolicy
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
            perform: s3:PutBucketPolicy on resource: arn:aws:s3:::0f8fad5b-d9cb-469f-a165-70867728950e-logs
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
        - statement PublicRead of bucket 0f8fad5b-d9cb-469f-a165-70867728950e-logs opens it to the world and is not
          ours
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
  sample: 22
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
      sample: app1-prod (111111111111) us-west-2 logs_bucket
    after_header:
      description: The same.
      returned: always
      type: str
      sample: app1-prod (111111111111) us-west-2 logs_bucket
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

ENTRY = plan_entry(named("logs_bucket", "rackspace_bucket"))


def main() -> None:
    """Run as an ordinary module."""
    ENTRY.main()


if __name__ == "__main__":
    main()
