#!/usr/bin/python
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: shared_queues
version_added: 0.1.0
short_description: Manage the queues that managed AWS accounts report to
description:
  - Creates and repairs the provider's side of the account defaults, in its shared management services account. It has
    a
    queue for the CloudTrail topics, one for the AWS Config topics and one for the support topics in every region, and
    the queue or event bus that the rules for AWS Health RISK events deliver to.
  - The policies admit the topics and the dispatcher roles of O(managed_account_ids) and nobody else's. Run it before
    the first account is onboarded, and again whenever accounts join or leave.
  - A queue whose name is in use in the provider's own account is the provider's. There is nothing that could be
    V(foreign).
  - The module owns one policy statement of each queue and event bus. Everybody else's statements stay. One that opens
    it to the world is reported as a finding. Other attributes of the queues, such as retention and encryption, are
    left
    alone.
  - A region whose topics are served by another region, see O(queue_regions), gets no queues and is V(skipped).
  - The account defaults of this module are V(cloudtrail_queue), V(awsconfig_queue), V(support_queue) and
    V(dispatcher_target).
options:
  admit_by:
    description:
      - How the policies of the queues name the topics of the managed accounts.
      - V(source_arn) names the topics of each account. It is what the documentation of Amazon SNS shows.
      - V(source_account) names the accounts and, apart from them, the topics. It needs less room in a policy.
    type: str
    choices:
      - source_arn
      - source_account
    default: source_arn
  regions:
    description:
      - The regions in which the queues are.
      - If it is empty, these are all regions that the account O(provider_account_id) has enabled.
    type: list
    elements: str
    default: []
  events_region:
    description:
      - The region of the dispatcher's target, which is that of the rules in the managed accounts, because EventBridge
        delivers to
        another account within a region only.
    type: str
    default: us-east-1
  queue_names:
    description:
      - The names of the queues, which are the same in every region.
    type: dict
    suboptions:
      cloudtrail:
        description:
          - The queue of the CloudTrail topics.
        type: str
        default: rackspace-cloudtrail
      awsconfig:
        description:
          - The queue of the AWS Config topics.
        type: str
        default: rackspace-awsconfig
      support:
        description:
          - The queue of the four support topics.
        type: str
        default: rackspace-support
  dispatcher_name:
    description:
      - The name of the role with which the rules in the managed accounts deliver, and of the queue that they deliver
        to by default.
    type: str
    default: rackspace-dispatcher
  dispatcher_target_arn:
    description:
      - The ARN of the SQS queue or the EventBridge event bus that the rules deliver to.
      - By default it is the queue O(dispatcher_name) in O(events_region) of the account O(provider_account_id).
      - One that is in another account or region is V(skipped), as its owner has to admit the accounts.
    type: str
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
  - The module removes no queue.
  - The policy of a queue has at most 8192 bytes, which is room for about 150 accounts, or about 480 with
    O(admit_by=source_account). Beyond that the module fails, and some of the accounts have to be served by queues of
    other names.
  - A topic of an opt-in region that is served by another region sends as C(sns.<region>.amazonaws.com). The policies
    admit that principal where O(queue_regions) asks for it.
  - A queue that was deleted cannot be created again for 60 seconds, which the module waits for.
seealso:
  - module: rackspace.aws_accounts.account_defaults
    description: Brings a managed account to report to these queues.
  - module: rackspace.aws_accounts.regional_topics
    description: Subscribes the queues to the topics of a managed account.
  - module: rackspace.aws_accounts.dispatcher_rule
    description: Makes the rule that delivers to the target.
  - module: community.aws.sqs_queue
    description: Manages any SQS queue.
author:
  - The rackspace.aws_accounts contributors (@rackspace)
extends_documentation_fragment:
  - rackspace.aws_accounts.account.provider
  - rackspace.aws_accounts.plan.regions
  - rackspace.aws_accounts.plan.writes
  - rackspace.aws_accounts.defaults.managed_accounts
  - rackspace.aws_accounts.defaults.queues
  - rackspace.aws_accounts.defaults.topics
  - rackspace.aws_accounts.defaults.dispatcher
  - rackspace.aws_accounts.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
# Note: These examples do not set authentication details, see the AWS Guide for details.

- name: Admit all accounts of the inventory
  rackspace.aws_accounts.shared_queues:
    provider_account_id: "222222222222"
    managed_account_ids: "{{ groups['accounts'] | map('extract', hostvars, 'account_id') | list }}"

- name: See what would change if one account joined, without writing anything
  rackspace.aws_accounts.shared_queues:
    provider_account_id: "222222222222"
    managed_account_ids:
      - "111111111111"
      - "444455556666"
  check_mode: true
  diff: true

- name: Serve an opt-in region from another region, and deliver RISK events to an event bus
  rackspace.aws_accounts.shared_queues:
    provider_account_id: "222222222222"
    managed_account_ids:
      - "111111111111"
    queue_regions:
      af-south-1: eu-west-1
    dispatcher_target_arn: arn:aws:events:us-east-1:222222222222:event-bus/risk-events

- name: Make room for more accounts, with queues of other names, in two regions
  rackspace.aws_accounts.shared_queues:
    provider_account_id: "222222222222"
    managed_account_ids:
      - "111111111111"
    regions:
      - us-east-1
      - us-west-2
    admit_by: source_account
    queue_names:
      cloudtrail: logbook
      support: watchman
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
    - It names every target that is V(unknown) or V(failed).
  returned: on failure
  type: str
  sample: >-
    account the provider's account (222222222222): support_queue is failed in us-east-1: the policy of queue
    rackspace-support would have 8204 bytes and SQS takes 8192; set provider_queues_admit_by: source_account, which
    needs less room for each account, or serve some of the accounts from queues of other names (provider_queues)
account:
  description: The account that was worked in, and how it was reached.
  returned: when the account was reached
  type: dict
  contains:
    id:
      description: The ID of the account.
      returned: always
      type: str
      sample: "222222222222"
    name:
      description: What messages call the account beside its ID.
      returned: always
      type: str
      sample: the provider's account
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
      sample: OrganizationAccountAccessRole
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
      sample: support_queue
    section:
      description: The section of the guide to account defaults that it belongs to.
      returned: always
      type: str
      sample: shared_services
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
        arn:
          description: The ARN of the queue or event bus.
          returned: always
          type: str
          sample: arn:aws:sqs:us-east-1:222222222222:rackspace-support
        policy:
          description:
            - The statement of the module in the policy of the queue or event bus.
            - In one canonical form, in which lists are sorted and equal statements are equal.
          returned: always
          type: list
          elements: dict
          sample:
            - Action:
                - sqs:SendMessage
              Condition:
                ArnLike:
                  aws:SourceArn:
                    - arn:aws:sns:*:111111111111:rackspace-support*
                    - arn:aws:sns:*:444455556666:rackspace-support*
              Effect: Allow
              Principal:
                Service:
                  - sns.amazonaws.com
              Resource:
                - arn:aws:sqs:us-east-1:222222222222:rackspace-support
              Sid: RackspaceTopics
    reason:
      description: Why the target is V(skipped) or V(foreign).
      returned: when it is skipped or foreign
      type: str
      sample: >-
        topics of af-south-1 are served by the queue in eu-west-1
    error:
      description: Why the target is V(unknown) or V(failed).
      returned: when it is unknown or failed
      type: dict
      contains:
        operation:
          description: The operation of AWS that was refused. It is empty where it was none of AWS's.
          returned: always
          type: str
          sample: CreateQueue
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
            User: arn:aws:sts::222222222222:assumed-role/OrganizationAccountAccessRole/rackspace.aws_accounts is not
            authorized to perform: sqs:createqueue on resource: arn:aws:sqs:us-east-1:222222222222:rackspace-support
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
        - statement everybody of queue arn:aws:sqs:us-east-1:222222222222:rackspace-support opens it to the world and
          is not ours
summary:
  description: How many targets are in each state.
  returned: when the account was reached
  type: dict
  contains:
    compliant:
      description: How many are compliant, those among them that this run changed.
      returned: always
      type: int
      sample: 7
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
      sample: 7
api_calls:
  description: How many calls of AWS's APIs it took, those for the assumed roles among them.
  returned: when the account was reached
  type: int
  sample: 36
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
      sample: the provider's account (222222222222) us-east-1 support_queue
    after_header:
      description: The same.
      returned: always
      type: str
      sample: the provider's account (222222222222) us-east-1 support_queue
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

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.provider_side import ENTRY


def main() -> None:
    """Run as an ordinary module."""
    ENTRY.main()


if __name__ == "__main__":
    main()
