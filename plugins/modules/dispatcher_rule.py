#!/usr/bin/python
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: dispatcher_rule
version_added: 0.1.0
short_description: Manage the EventBridge rule for AWS Health RISK events of a managed AWS account
description:
  - Creates and repairs the EventBridge rule that sends the AWS Health events of O(health_services) to the provider,
    and
    its target, in O(events_region).
  - The rule delivers to a queue or an event bus in the provider's account, with the role O(dispatcher_name) of this
    account.
  - A rule that is disabled, has another pattern or lacks the target is drift. It is enabled and repaired.
  - A rule of this name is V(foreign) if it has targets outside the provider's account, or has no target and another
    pattern, and lacks the O(ownership_tags). Where it is adopted, its other targets stay and are reported as
    findings.
  - The name of the account default is V(dispatcher_rule). It is optional.
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
  - The role O(dispatcher_name) has to be there, and the role that the account was reached by needs C(iam:PassRole)
    for
    it.
  - EventBridge delivers to another account within a region only. O(dispatcher_target_arn) has to be in
    O(events_region).
  - An existing rule keeps its description and takes the pattern of the module as a whole. An existing target keeps
    its
    retries and its dead-letter queue.
  - A rule can have five targets.
  - AWS does not let anybody send events in the name of AWS Health. A delivery can be seen only when AWS Health sends
    an
    event.
seealso:
  - module: rackspace.aws_accounts.account_defaults
    description: Applies this and all other account defaults in one task, in the order that they need.

  - module: rackspace.aws_accounts.service_role
    description: Makes the role with which the rule delivers, and its policy.
  - module: rackspace.aws_accounts.shared_queues
    description: Makes the queue or event bus that the rule delivers to.
  - module: amazon.aws.cloudwatchevent_rule
    description: Manages any EventBridge rule.
  - name: Monitoring events in AWS Health with Amazon EventBridge
    description: AWS Health User Guide.
    link: https://docs.aws.amazon.com/health/latest/ug/cloudwatch-events-health.html
author:
  - The rackspace.aws_accounts contributors (@rackspace)
extends_documentation_fragment:
  - rackspace.aws_accounts.account
  - rackspace.aws_accounts.account.provider
  - rackspace.aws_accounts.plan
  - rackspace.aws_accounts.plan.regions
  - rackspace.aws_accounts.plan.control_tower
  - rackspace.aws_accounts.plan.writes
  - rackspace.aws_accounts.defaults.dispatcher
  - rackspace.aws_accounts.defaults.health_services
  - rackspace.aws_accounts.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
# Note: These examples do not set authentication details, see the AWS Guide for details.

- name: Send AWS Health RISK events to the provider's queue
  rackspace.aws_accounts.dispatcher_rule:
    account_id: "111111111111"
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"

- name: Send them to an event bus
  rackspace.aws_accounts.dispatcher_rule:
    account_id: "111111111111"
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    dispatcher_target_arn: arn:aws:events:us-east-1:222222222222:event-bus/risk-events

- name: Take over a rule of this name that sends to somebody else as well
  rackspace.aws_accounts.dispatcher_rule:
    account_id: "111111111111"
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    adopt:
      dispatcher_rule: the customer's own target stays, see CHG0012345

- name: See what would change, without writing anything
  rackspace.aws_accounts.dispatcher_rule:
    account_id: "111111111111"
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
    account app1-prod (111111111111): dispatcher_rule is failed in us-east-1: PutTargets AccessDeniedException: User:
    arn:aws:sts::111111111111:assumed-role/Rackspace/rackspace.aws_accounts is not authorized to perform: iam:PassRole
    on resource: arn:aws:iam::111111111111:role/rackspace-dispatcher - grant this action to the role that the run came
    in by (docs/permissions.md lists what is needed)
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
      sample: dispatcher_rule
    section:
      description: The section of the guide to account defaults that it belongs to.
      returned: always
      type: str
      sample: risk_events
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
        rule_name:
          description: The name of the rule.
          returned: always
          type: str
          sample: rackspace-dispatcher
        event_pattern:
          description: Which events it matches.
          returned: always
          type: dict
          sample:
            detail:
              service:
                - RISK
            detail-type:
              - AWS Health Event
            source:
              - aws.health
        enabled:
          description: Whether it is in effect.
          returned: always
          type: bool
          sample: true
        target:
          description: The provider's target of the rule. It is null where there is none.
          returned: always
          type: dict
          contains:
            arn:
              description: The ARN of the queue or event bus.
              returned: always
              type: str
              sample: arn:aws:sqs:us-east-1:222222222222:rackspace-dispatcher
            role_arn:
              description: The ARN of the role with which EventBridge delivers. It is empty where there is none.
              returned: always
              type: str
              sample: arn:aws:iam::111111111111:role/rackspace-dispatcher
    reason:
      description: Why the target is V(skipped) or V(foreign).
      returned: when it is skipped or foreign
      type: str
      sample: >-
        rule rackspace-dispatcher exists and sends to arn:aws:sqs:us-east-1:444455556666:incidents; it is left as it
        is. To take it over: account_adopt: {dispatcher_rule: <reason>}; to do without: account_defaults_disabled
    error:
      description: Why the target is V(unknown) or V(failed).
      returned: when it is unknown or failed
      type: dict
      contains:
        operation:
          description: The operation of AWS that was refused. It is empty where it was none of AWS's.
          returned: always
          type: str
          sample: PutTargets
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
            perform: iam:PassRole on resource: arn:aws:iam::111111111111:role/rackspace-dispatcher
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
        - rule rackspace-dispatcher also sends to arn:aws:sqs:us-east-1:444455556666:incidents, which is not ours
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
  sample: 9
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
      sample: app1-prod (111111111111) us-east-1 dispatcher_rule
    after_header:
      description: The same.
      returned: always
      type: str
      sample: app1-prod (111111111111) us-east-1 dispatcher_rule
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

ENTRY = plan_entry(named("dispatcher_rule"))


def main() -> None:
    """Run as an ordinary module."""
    ENTRY.main()


if __name__ == "__main__":
    main()
