#!/usr/bin/python
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: regional_topics
version_added: 0.1.0
short_description: Manage the SNS topics of a managed AWS account in every region
description:
  - Creates and repairs the six SNS topics of the account defaults in every region, and subscribes the queue of the
    same
    region in the provider's shared management services account to each.
  - The policy of each topic lets one AWS service publish, for this account only. That is AWS CloudTrail for the trail
    of the region, AWS Config, or CloudWatch for the alarms of the region. It lets the provider's account subscribe
    its
    own queue. Nobody else is admitted.
  - A subscription that is pending confirmation is not a subscription. It is reported as drift and made anew.
  - A topic is V(foreign) if anybody but the provider is subscribed to it, or if nothing in it names the provider, and
    if it lacks the O(ownership_tags). Where it is adopted, everybody else's subscriptions and policy statements stay.
  - The queues have to be there. Where one is not, its topics are V(failed).
options:
  only:
    description:
      - The account defaults to plan and apply. If it is empty, these are all of them.
      - What a chosen one needs and what is not chosen has to be there already.
    type: list
    elements: str
    choices:
      - cloudtrail_topic
      - awsconfig_topic
      - support_topic
      - support_standard_topic
      - support_urgent_topic
      - support_emergency_topic
    default: []
  except:
    description:
      - Account defaults to leave out. Unlike those in O(defaults_disabled), they are not reported.
    type: list
    elements: str
    choices:
      - cloudtrail_topic
      - awsconfig_topic
      - support_topic
      - support_standard_topic
      - support_urgent_topic
      - support_emergency_topic
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
  - By default the owner of the queue subscribes it, because such a subscription needs no confirmation. For this the
    provider's account has to be reachable, see O(provider_access_role).
  - Other people's statements in the policy of a topic stay. One that opens the topic to the world is reported as a
    finding.
  - To a topic that is encrypted a service can publish only if the policy of the key lets it, which is reported as a
    finding.
  - The account default V(awsconfig_topic) is optional. The others are required.
seealso:
  - module: rackspace.aws_accounts.account_defaults
    description: Applies this and all other account defaults in one task, in the order that they need.

  - module: rackspace.aws_accounts.shared_queues
    description: Makes the queues that the topics are subscribed to.
  - module: community.aws.sns_topic
    description: Manages any SNS topic.
  - name: Sending Amazon SNS messages to an Amazon SQS queue in a different account
    description: Amazon SNS Developer Guide, on who has to confirm a subscription.
    link: https://docs.aws.amazon.com/sns/latest/dg/sns-send-message-to-sqs-cross-account.html
  - name: Cross-Region delivery
    description: Amazon SNS Developer Guide, on opt-in regions.
    link: https://docs.aws.amazon.com/sns/latest/dg/sns-cross-region-delivery.html
author:
  - The rackspace.aws_accounts contributors (@rackspace)
extends_documentation_fragment:
  - rackspace.aws_accounts.account
  - rackspace.aws_accounts.account.provider
  - rackspace.aws_accounts.plan
  - rackspace.aws_accounts.plan.regions
  - rackspace.aws_accounts.plan.control_tower
  - rackspace.aws_accounts.plan.writes
  - rackspace.aws_accounts.defaults.topics
  - rackspace.aws_accounts.defaults.queues
  - rackspace.aws_accounts.defaults.subscriptions
  - rackspace.aws_accounts.defaults.trail_name
  - rackspace.aws_accounts.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
# Note: These examples do not set authentication details, see the AWS Guide for details.

- name: Make all topics in every region that the account has enabled
  rackspace.aws_accounts.regional_topics:
    account_id: "111111111111"
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"

- name: Let the owner of the topics subscribe, for a provider whose queues confirm subscriptions themselves
  rackspace.aws_accounts.regional_topics:
    account_id: "111111111111"
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    subscription_owner: account

- name: Work in an opt-in region whose topics are served from another region
  rackspace.aws_accounts.regional_topics:
    account_id: "111111111111"
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    regions:
      - us-east-1
      - af-south-1
    queue_regions:
      af-south-1: eu-west-1

- name: Take over a topic that somebody else is subscribed to, whose subscription stays
  rackspace.aws_accounts.regional_topics:
    account_id: "111111111111"
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    adopt:
      support_topic: the customer's own tickets may go on, see CHG0012345

- name: See what would change in the support topics, without writing anything
  rackspace.aws_accounts.regional_topics:
    account_id: "111111111111"
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    except:
      - cloudtrail_topic
      - awsconfig_topic
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
    account app1-prod (111111111111): support_topic is unknown in eu-west-1: queue rackspace-support in the provider's
    account 222222222222 does not admit this account's topics; run playbooks/shared_services.yml with the inventory of
    all accounts
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
      sample: support_topic
    section:
      description: The section of the guide to account defaults that it belongs to.
      returned: always
      type: str
      sample: support
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
        topic_arn:
          description: The ARN of the topic.
          returned: always
          type: str
          sample: arn:aws:sns:us-east-1:111111111111:rackspace-support
        policy:
          description:
            - The statements of the module in the policy of the topic.
            - In one canonical form, in which lists are sorted and equal statements are equal.
          returned: always
          type: list
          elements: dict
          sample:
            - Action:
                - sns:Subscribe
              Condition:
                StringEquals:
                  sns:Endpoint:
                    - arn:aws:sqs:us-east-1:222222222222:rackspace-support
                  sns:Protocol:
                    - sqs
              Effect: Allow
              Principal:
                AWS:
                  - "222222222222"
              Resource:
                - arn:aws:sns:us-east-1:111111111111:rackspace-support
              Sid: RackspaceSubscribe
        subscription:
          description: The subscription of the provider's queue.
          returned: always
          type: dict
          contains:
            protocol:
              description: The protocol of the subscription.
              returned: always
              type: str
              sample: sqs
            endpoint:
              description: The ARN of the queue.
              returned: always
              type: str
              sample: arn:aws:sqs:us-east-1:222222222222:rackspace-support
            state:
              description: Whether it is V(confirmed), V(pending) confirmation, or V(absent).
              returned: always
              type: str
              sample: confirmed
    reason:
      description: Why the target is V(skipped) or V(foreign).
      returned: when it is skipped or foreign
      type: str
      sample: >-
        topic arn:aws:sns:us-east-1:111111111111:rackspace-support exists and is subscribed by
        arn:aws:sqs:us-east-1:444455556666:tickets; it is left as it is. To take it over: account_adopt:
        {support_topic: <reason>}; to do without: account_defaults_disabled
    error:
      description: Why the target is V(unknown) or V(failed).
      returned: when it is unknown or failed
      type: dict
      contains:
        operation:
          description: The operation of AWS that was refused. It is empty where it was none of AWS's.
          returned: always
          type: str
          sample: Subscribe
        code:
          description: The error code that AWS answered with, or the kind of the exception.
          returned: always
          type: str
          sample: AuthorizationError
        message:
          description: What AWS, or the module, says about it.
          returned: always
          type: str
          sample: >-
            User: arn:aws:sts::222222222222:assumed-role/OrganizationAccountAccessRole/rackspace.aws_accounts is not
            authorized to perform: SNS:Subscribe on resource: arn:aws:sns:us-east-1:111111111111:rackspace-support
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
        - statement everybody of topic arn:aws:sns:us-east-1:111111111111:rackspace-support opens it to the world and
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
      sample: 12
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
      sample: 12
api_calls:
  description: How many calls of AWS's APIs it took, those for the assumed roles among them.
  returned: when the account was reached
  type: int
  sample: 58
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
      sample: app1-prod (111111111111) us-east-1 support_topic
    after_header:
      description: The same.
      returned: always
      type: str
      sample: app1-prod (111111111111) us-east-1 support_topic
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

ENTRY = plan_entry(
    named(
        "cloudtrail_topic",
        "awsconfig_topic",
        "support_topic",
        "support_standard_topic",
        "support_urgent_topic",
        "support_emergency_topic",
    )
)


def main() -> None:
    """Run as an ordinary module."""
    ENTRY.main()


if __name__ == "__main__":
    main()
