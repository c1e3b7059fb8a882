#!/usr/bin/python
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: signal_check
version_added: 0.1.0
short_description: Check that signals of a managed AWS account arrive
description:
  - Publishes a marked message to topics of the account, and looks whether it arrives in the provider's shared queue
    of the region, see O(queue_regions). So it proves that a signal gets through, not only that the pieces exist.
  - A path is V(arrived) where the message was seen in its queue. It is V(delivered) where a reader of the queue was
    quicker, or the queue could not be looked into, and Amazon SNS counted the delivery of the message.
  - Where it was neither, the pieces of the path are read, and the likeliest cause is told. These are the topic, its
    subscription, the queue, the policies of the queue and of its key, and the filter of the subscription.
  - Where all of them are right the path is V(not_seen). That is no proof that something is wrong.
  - The path of the dispatcher is checked piece by piece, as AWS lets nobody make an event of AWS Health. Its pieces
    are those that M(rackspace.aws_accounts.dispatcher_rule) and M(rackspace.aws_accounts.service_role) plan.
  - A queue is looked into by receiving its messages, since Amazon SQS has no other way. Only the marked messages of
    this check are deleted. See the notes on everybody else's.
options:
  step:
    description:
      - V(check) does all of it, for one account.
      - V(publish) only publishes, in one account, and checks the path of the dispatcher.
      - V(collect) only looks into the shared queues, once for the O(paths) of many accounts. It works in the account
        O(provider_account_id) alone. O(account_id) is not used then.
      - V(explain) only explains, in one account, what was not seen to arrive.
      - For many accounts, use the three steps one after the other, as the role C(signal_check) does. Looked for one
        by one, each of them would receive the messages of all others.
    type: str
    choices:
      - check
      - publish
      - collect
      - explain
    default: check
  signals:
    description:
      - The signals to check, by the names of their topics, and V(dispatcher). If it is empty, these are all of them.
    type: list
    elements: str
    choices:
      - cloudtrail
      - awsconfig
      - support
      - support_standard
      - support_urgent
      - support_emergency
      - dispatcher
    default: []
  marker_filtered:
    description:
      - Whether the reader of the support queues leaves out messages that carry the marker.
      - Without it the support topics are V(skipped), because a marked message would become a ticket.
      - The marker is the field C(marker) of the message, which is V(rackspace.aws_accounts/signal_check), and the
        message attribute C(rackspace.aws_accounts.signal_check).
    type: bool
    default: false
  allow_other_subscribers:
    description:
      - Whether the marked message may go to subscribers that are not the provider's queues.
      - Without it a topic that has such subscribers is V(skipped), with their names.
    type: bool
    default: false
  timeout:
    description:
      - How many seconds the marked messages are looked for. It ends as soon as all of them were seen.
      - With V(0) no queue is looked into, and the deliveries that Amazon SNS counts are the only evidence.
    type: int
    default: 60
  metrics_timeout:
    description:
      - How many seconds after the publication the deliveries that Amazon SNS counts are asked for, where a message was
        not seen and nothing wrong was found. Amazon CloudWatch shows them after a minute or more.
      - With V(0) they are not asked for.
    type: int
    default: 180
  paths:
    description:
      - What O(step=publish) returned as RV(paths). For V(collect) those of all accounts whose state is V(sent), for
        V(explain) those of the account.
      - Not used by V(check) and V(publish).
    type: list
    elements: dict
    default: []
  arrivals:
    description:
      - What O(step=collect) returned of this account in RV(arrivals). Used by V(explain).
    type: dict
    default: {}
  queues:
    description:
      - What O(step=collect) returned as RV(queues), to tell why a message was not seen. Used by V(explain).
    type: list
    elements: dict
    default: []
  adopt:
    description:
      - Account defaults of the dispatcher that were adopted, each with the reason, as the modules that make them have
        it.
    type: dict
    default: {}
  defaults_disabled:
    description:
      - Account defaults that are switched off, each with the reason. Their paths are V(skipped), with the reason.
    type: dict
    default: {}
  ownership_tags:
    description:
      - The tags by which what the collection made is known again, as the modules that make it have them.
      - They are looked for on the rule and the role of the dispatcher.
    type: dict
    default:
      ManagedBy: rackspace.aws_accounts
attributes:
  check_mode:
    support: full
    details:
      - Nothing is published and no message is received. A path that would be tried is V(untried). What only reads is
        done, as the dispatcher's path.
  diff_mode:
    support: N/A
    details:
      - This action does not modify state.
  idempotent:
    support: full
    details:
      - It leaves nothing changed, so it never says so, although it publishes, receives and deletes its own messages.
notes:
  - A message of others in a queue is received at most twice, and is hidden from its readers for one second each time.
    It stays in the queue. RV(queues.others) tells how many there were, and how often they were received.
  - A receipt counts towards the limit of a dead-letter queue. A message loses at most a fifth of the receipts that it
    has. So a queue with a limit of less than 5 is not looked into at all. Looking ends with the first message that has
    used up half of them.
  - A queue in which more than about 100 messages wait is not looked into, and neither is a FIFO queue. Of these, and
    of the others that are not looked into, the deliveries that Amazon SNS counts are the only evidence.
  - A marked message that a reader of the queue takes is that reader's. One that comes after O(timeout) stays in the
    queue until somebody takes it, or its retention period ends.
  - It makes two calls for each topic, and about four for each queue, where everything arrives.
seealso:
  - module: rackspace.aws_accounts.regional_topics
    description: Makes the topics and their subscriptions.
  - module: rackspace.aws_accounts.shared_queues
    description: Makes the queues.
  - module: rackspace.aws_accounts.dispatcher_rule
    description: Makes the rule of the dispatcher.
author:
  - The rackspace.aws_accounts contributors (@rackspace)
extends_documentation_fragment:
  - rackspace.aws_accounts.account
  - rackspace.aws_accounts.account.provider
  - rackspace.aws_accounts.plan.regions
  - rackspace.aws_accounts.defaults.queues
  - rackspace.aws_accounts.defaults.topics
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

- name: Check all signals of one account, except those that would become tickets
  rackspace.aws_accounts.signal_check:
    account_id: "111111111111"
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"

- name: See which paths would be tried, without publishing anything
  rackspace.aws_accounts.signal_check:
    account_id: "111111111111"
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
  check_mode: true

- name: Check the support topics of two regions, whose reader leaves marked messages out
  rackspace.aws_accounts.signal_check:
    account_id: "111111111111"
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    regions:
      - us-east-1
      - eu-west-1
    signals:
      - support
      - support_emergency
    marker_filtered: true

- name: Check the path of the dispatcher only, which sends nothing
  rackspace.aws_accounts.signal_check:
    account_id: "111111111111"
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    signals:
      - dispatcher

- name: Publish in every account of the play
  rackspace.aws_accounts.signal_check:
    step: publish
    account_id: "{{ account_id }}"
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
  register: published

- name: Look into the shared queues, once for all of them
  rackspace.aws_accounts.signal_check:
    step: collect
    account_id: "222222222222"
    provider_account_id: "222222222222"
    paths: "{{ published | map(attribute='paths') | flatten | selectattr('state', 'eq', 'sent') }}"
  vars:
    published: "{{ ansible_play_batch | map('extract', hostvars, 'published') }}"
  register: collected
  run_once: true

- name: Explain what was not seen
  rackspace.aws_accounts.signal_check:
    step: explain
    account_id: "{{ account_id }}"
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    paths: "{{ published.paths }}"
    arrivals: "{{ collected.arrivals[account_id] | default({}) }}"
    queues: "{{ collected.queues }}"
"""

RETURN = r"""
---
changed:
  description: Whether anything was changed, which is never so. See the attribute idempotent.
  returned: always
  type: bool
  sample: false
failed:
  description: Whether the module failed. It does so after it has done everything that it could.
  returned: on failure
  type: bool
  sample: true
msg:
  description: What went wrong, with the account, the signal, the regions, the cause, and what to do about it.
  returned: on failure
  type: str
  sample: >-
    account app1-prod (111111111111): cloudtrail not arrived in eu-west-1: the subscription of queue
    rackspace-cloudtrail of account 222222222222 is pending: the queue's side must confirm one; run
    playbooks/onboard.yml
account:
  description: The account that was worked in, and how it was reached.
  returned: when the account was reached, which O(step=collect) does not, nor O(step=explain) where everything arrived
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
        - eu-west-1
        - us-east-1
    access_role:
      description: The name of the role that the account was reached by. It is empty where none was assumed.
      returned: always
      type: str
      sample: Rackspace
paths:
  description: One entry for each signal and region, and one for the dispatcher.
  returned: except for O(step=collect), when the account was reached
  type: list
  elements: dict
  contains:
    account_id:
      description: The ID of the account.
      returned: always
      type: str
      sample: "111111111111"
    signal:
      description: The signal, one of O(signals).
      returned: always
      type: str
      sample: cloudtrail
    region:
      description: The region of the topic, or of the rule.
      returned: always
      type: str
      sample: eu-west-1
    topic_arn:
      description: The ARN of the topic. It is null for the dispatcher.
      returned: always
      type: str
      sample: arn:aws:sns:eu-west-1:111111111111:rackspace-cloudtrail
    queue_arn:
      description: The ARN of the shared queue, or of the dispatcher's target.
      returned: always
      type: str
      sample: arn:aws:sqs:eu-west-1:222222222222:rackspace-cloudtrail
    state:
      description:
        - V(arrived), the marked message was seen in the queue, after C(seconds).
        - V(delivered), it was not seen there, and Amazon SNS counted its delivery.
        - V(in_place), every piece of the dispatcher's path is right.
        - V(skipped), it was left out. The C(reason) says why.
        - V(untried), it would be tried. It occurs in check mode only.
        - V(sent), the marked message was published. It occurs after O(step=publish) only.
        - V(not_arrived), it did not arrive, and a piece of the path is wrong. C(cause) and C(reason) say which.
        - V(not_in_place), a piece of the dispatcher's path is wrong.
        - V(not_seen), it was not seen, and nothing wrong was found. C(reason) says what is likely.
        - V(unknown), it could not be tried or read. The C(error) or the C(reason) says why.
      returned: always
      type: str
      sample: arrived
    seconds:
      description: How many seconds after the publication the message was seen in the queue.
      returned: when it arrived
      type: float
      sample: 1.4
    cause:
      description:
        - The piece that is likeliest to blame, as C(pieces) names them, V(topic_key) where the key of the topic serves
          nobody, V(reader) where nothing wrong was found, and V(unknown) where the pieces could not be looked at.
      returned: when it did not arrive, was not seen or is not in place
      type: str
      sample: subscription
    reason:
      description: Why it is in its state, and what to do about it.
      returned: when there is something to say
      type: str
      sample: >-
        the subscription of queue rackspace-cloudtrail of account 222222222222 is pending: the queue's side must
        confirm one; run playbooks/onboard.yml
    error:
      description: What AWS answered.
      returned: when AWS refused something
      type: dict
      contains:
        operation:
          description: The operation of AWS that was refused. It is empty where it was none of AWS's.
          returned: always
          type: str
          sample: Publish
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
            User: arn:aws:sts::111111111111:assumed-role/Rackspace/rackspace.aws_accounts is not authorized to perform:
            SNS:Publish on resource: arn:aws:sns:eu-west-1:111111111111:rackspace-cloudtrail
        fix:
          description: What to do about it. It is empty where that is not known.
          returned: always
          type: str
          sample: >-
            grant this action to the role that the run came in by (docs/permissions.md lists what is needed)
    pieces:
      description: The pieces of the path that were looked at.
      returned: for the dispatcher, and when the message was not seen in its queue
      type: list
      elements: dict
      contains:
        piece:
          description:
            - Which one. Of a topic these are V(topic), V(subscription), V(queue), V(queue_policy), V(opt_in),
              V(queue_key), V(filter_policy) and V(metrics), or V(path) where none could be read.
            - Of the dispatcher these are V(rule), V(rule_enabled), V(rule_pattern), V(rule_target), V(rule_input),
              V(role), V(role_trust), V(role_policy), V(target) and V(target_policy).
          returned: always
          type: str
          sample: subscription
        state:
          description: V(right), V(wrong), V(unknown) where it could not be told, or V(skipped).
          returned: always
          type: str
          sample: wrong
        detail:
          description: What was found.
          returned: always
          type: str
          sample: >-
            the subscription of queue rackspace-cloudtrail of account 222222222222 is pending: the queue's side must
            confirm one; run playbooks/onboard.yml
    marker:
      description: The ID that the marked message carries.
      returned: when a message was to be published
      type: str
      sample: 6c1f0a7be0f94a3f9f0f3b1f4f0a9d11
    message_id:
      description: The ID that Amazon SNS gave the message.
      returned: when a message was published
      type: str
      sample: 8bfb26a2-5e0c-5ba4-9d5c-0c5ee8ea2ef3
    sent_at:
      description: When it was published, by the controller's clock.
      returned: when a message was to be published
      type: str
      sample: "2026-11-21T18:00:00.123Z"
summary:
  description: How many paths are in each state.
  returned: for O(step=check) and O(step=explain)
  type: dict
  contains:
    arrived:
      description: How many messages were seen in their queue.
      returned: always
      type: int
      sample: 34
    delivered:
      description: How many were delivered, as Amazon SNS counted.
      returned: always
      type: int
      sample: 0
    in_place:
      description: Whether the dispatcher's path is, as V(0) or V(1).
      returned: always
      type: int
      sample: 1
    skipped:
      description: How many paths were left out.
      returned: always
      type: int
      sample: 68
    untried:
      description: How many would be tried. It is other than V(0) in check mode only.
      returned: always
      type: int
      sample: 0
    not_arrived:
      description: How many messages did not arrive, for a cause that was found.
      returned: always
      type: int
      sample: 0
    not_in_place:
      description: Whether a piece of the dispatcher's path is wrong, as V(0) or V(1).
      returned: always
      type: int
      sample: 0
    not_seen:
      description: How many messages were not seen, and nothing wrong was found.
      returned: always
      type: int
      sample: 0
    unknown:
      description: How many paths could not be tried or read.
      returned: always
      type: int
      sample: 0
arrivals:
  description: For each account that had any, the markers that were seen, each with the seconds until then.
  returned: for O(step=collect)
  type: dict
  sample:
    "111111111111":
      6c1f0a7be0f94a3f9f0f3b1f4f0a9d11: 1.4
queues:
  description: What was done in each queue.
  returned: for O(step=check) and O(step=collect)
  type: list
  elements: dict
  contains:
    queue_arn:
      description: The ARN of the queue.
      returned: always
      type: str
      sample: arn:aws:sqs:eu-west-1:222222222222:rackspace-cloudtrail
    exists:
      description: Whether it exists. It is null where that is not known.
      returned: always
      type: bool
      sample: true
    waiting:
      description: About how many messages waited in it before it was looked into, marked ones among them.
      returned: always
      type: int
      sample: 3
    in_flight:
      description: About how many messages were with its readers then.
      returned: always
      type: int
      sample: 0
    max_receive_count:
      description: The limit of its dead-letter queue. It is null where there is none.
      returned: always
      type: int
      sample: 10
    wanted:
      description: How many marked messages were looked for in it.
      returned: always
      type: int
      sample: 4
    arrived:
      description: How many of them were seen.
      returned: always
      type: int
      sample: 4
    left_behind:
      description: The markers that were seen and could not be deleted.
      returned: always
      type: list
      elements: str
      sample: []
    others:
      description: What it meant for messages of others, all of which are still there.
      returned: always
      type: dict
      contains:
        seen:
          description: How many were received.
          returned: always
          type: int
          sample: 3
        receipts:
          description: By how much their receive counts rose together.
          returned: always
          type: int
          sample: 3
        most_receipts:
          description: By how much the receive count of one of them rose at most.
          returned: always
          type: int
          sample: 1
        highest_receive_count:
          description: The highest receive count among them afterwards, receipts of their readers among it.
          returned: always
          type: int
          sample: 2
        at_limit:
          description:
            - The IDs of messages that have no receipt left. The next one moves them to the dead-letter queue.
          returned: always
          type: list
          elements: str
          sample: []
        of_other_checks:
          description: How many of them are marked messages of other checks.
          returned: always
          type: int
          sample: 0
    reason:
      description: Why it was not looked into, or no longer.
      returned: when it was not looked into to the end
      type: str
      sample: >-
        not looked into: its dead-letter queue takes a message after 3 receipts, and looking would use up one of them
    error:
      description: What AWS answered, as in C(paths).
      returned: when AWS refused something
      type: dict
      sample:
        code: AccessDenied
        fix: grant this action to the role that the run came in by (docs/permissions.md lists what is needed)
        message: Access to the resource is denied.
        operation: ReceiveMessage
api_calls:
  description: How many calls of AWS's APIs it took, those for the assumed roles among them.
  returned: always
  type: int
  sample: 142
"""

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.signal_check import ENTRY


def main() -> None:
    """Run as an ordinary module."""
    ENTRY.main()


if __name__ == "__main__":
    main()
