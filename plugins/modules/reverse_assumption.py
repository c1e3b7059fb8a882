#!/usr/bin/python
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: reverse_assumption
version_added: 0.1.0
short_description: Remove what the provider set up in an AWS account that is handed back
description:
  - Takes back the account defaults of an account that is handed back to its owner, in every region that the account has
    enabled, in one task. It undoes what M(rackspace.aws_accounts.account_defaults) made, and nothing else.
  - What goes are the roles V(cloudhealth_role), V(dispatcher_role) with its managed policy, V(config_role) unless a
    recorder uses it, and those of O(provider_roles). The rule V(dispatcher_rule) goes, and so do the topics
    V(cloudtrail_topic), V(awsconfig_topic), V(support_topic), V(support_standard_topic), V(support_urgent_topic) and
    V(support_emergency_topic) with their subscriptions.
  - A V(trail) and the delivery channel of a V(recorder) are detached from a topic that goes, so that AWS CloudTrail and
    AWS Config go on for the owner of the account without errors.
  - V(password_policy), V(logs_bucket) and V(rackspace_bucket) stay. So does V(rackspace_role), which the run works
    through. M(rackspace.aws_accounts.last_role) removes it at the very end.
  - It plans everything first, in all regions at the same time. In check mode it stops there, so that what it predicts
    is what a real run does. A real run needs O(confirm), and refuses to write if the account is no longer as it was
    approved (O(plan)) or shown (O(plan_digest)).
  - Only what is provably the provider's alone goes. Anything else is V(foreign), is kept as it is and is listed for a
    decision of its owner. It does not make the module fail.
  - A target that cannot be read or written stops only those that depend on it. The others are completed, and the module
    fails at the end with the whole result. It is enough to run it again. A run that was cut off is finished in the same
    way.
options:
  regions:
    description:
      - The regions that the record of the account names. Those among them that the account has not enabled are listed
        in RV(out_of_reach).
      - They limit nothing. Topics go in all regions that the account has enabled, as C(account:ListRegions) answers, or
        C(ec2:DescribeRegions) where that is refused.
    type: list
    elements: str
    default: []
  adopt:
    description:
      - The account defaults that were taken over when the account was onboarded, each with the reason.
      - They were there before, so they are V(foreign) and are kept.
      - The reason must not be empty.
    type: dict
    default: {}
  account_kind:
    description:
      - What the account is in its organization.
      - With V(payer) an account of O(provider_account_ids) may be handed over. No other account of the provider is ever
        a target, and the account O(provider_account_id) never is.
    type: str
    choices:
      - member
      - payer
      - standalone
    default: member
  account_protected:
    description:
      - Whether nothing may ever be removed from the account. Then the module fails and calls nothing.
    type: bool
    default: false
  provider_account_ids:
    description:
      - The IDs of all accounts of the provider. O(provider_account_id) is one of them.
      - The role O(provider_role_name) and those of O(provider_roles) may trust any of them and still be the provider's.
    type: list
    elements: str
    default: []
  provider_roles:
    description:
      - The names of further roles of the provider that go. They are given without their path.
      - A role that trusts anybody but the accounts of the provider and O(provider_trusted_principals), or nobody, is
        V(foreign).
      - C(RackspaceDefaultEC2Role) and C(OrganizationAccountAccessRole) are refused.
    type: list
    elements: str
    default: []
  recorder_role:
    description:
      - Which role a recorder uses that recorded with the role O(config_role_name).
      - With V(keep) it goes on with that role, which then stays with the account.
      - With V(service_linked) it is moved to the service-linked role of AWS Config, which is created where it is
        missing. Then the role O(config_role_name) goes.
    type: str
    choices:
      - keep
      - service_linked
    default: keep
  confirm:
    description:
      - The O(account_id) once more. Without it the module fails and calls nothing, except in check mode.
    type: str
    default: ""
  plan:
    description:
      - The file of an approved plan, which is the RV(approval) of a run in check mode as JSON.
      - The account is planned anew. If anything would be removed or detached that was not approved, or that changed
        since, the module fails and writes nothing. What was approved and is done already is no difference.
      - It fails as well if the file is another account's, or was edited.
    type: path
  plan_digest:
    description:
      - The RV(digest) of the plan that the same run has shown. If the plan is another one by now, the module fails and
        writes nothing.
    type: str
    default: ""
  wait_timeout:
    description:
      - How many seconds to wait, for each change, until AWS shows what was written.
    type: int
    default: 120
attributes:
  check_mode:
    support: full
    details:
      - It reads what a real run reads and writes nothing. The changes that it predicts are those of a real run.
        O(confirm) is not needed.
  diff_mode:
    support: full
    details:
      - One entry for each target that changes.
  idempotent:
    support: full
notes:
  - The options of the account defaults are those of M(rackspace.aws_accounts.account_defaults). Give them the values
    with which the account was onboarded. They say by which names and contents the provider's own is known again.
  - The O(ownership_tags) alone prove nothing, because tags are copied and because adopting writes them. A role is kept
    that trusts anybody else, a topic that is subscribed by anybody else or whose policy admits anybody else, a managed
    policy that is attached to anything else, and a rule that also sends elsewhere.
  - Service-linked roles and those of IAM Identity Center are never removed. A role is kept while an instance runs with
    it, and a topic while a trail or a delivery channel that stays sends to it.
  - Other things that send to a topic do not keep it. M(rackspace.aws_accounts.release_readiness) lists them before.
  - Subscriptions go before their topics. Those of the account O(provider_account_id) are ended by that account, their
    owner.
  - AWS Config keeps the topic of a delivery channel that is written without one. Then the channel is made anew. The
    recorder stops meanwhile, and the findings of the target say for how many seconds. Until that is done, a tag of the
    recorder says how both were, so that the next run finishes what was cut off.
  - An account in which nothing is provably the provider's was never onboarded, or the names are another account's. That
    is an error.
  - Subscriptions that are still pending are not listed in the plan. They go with their topic.
seealso:
  - module: rackspace.aws_accounts.account_defaults
    description: Makes what this module removes.
  - module: rackspace.aws_accounts.release_readiness
    description: Tells whether the account may be handed back, and what still points at the topics.
  - module: rackspace.aws_accounts.residual_access
    description: Finds what else lets the provider in.
  - module: rackspace.aws_accounts.last_role
    description: Removes the roles by which the provider comes in, at the end.
  - module: rackspace.aws_accounts.shared_queues
    description: Cuts the account off from the shared queues afterwards.
author:
  - The rackspace.aws_accounts contributors (@rackspace)
extends_documentation_fragment:
  - rackspace.aws_accounts.account
  - rackspace.aws_accounts.account.provider
  - rackspace.aws_accounts.plan.regions
  - rackspace.aws_accounts.plan.ownership
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

- name: Show what goes and what stays, without writing anything
  rackspace.aws_accounts.reverse_assumption:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    account_name: app1-prod
    provider_account_id: "222222222222"
    provider_account_ids:
      - "222222222222"
      - "333333333333"
    external_id: "{{ external_id }}"
    cloudhealth:
      external_ids: "{{ cloudhealth_external_ids }}"
  check_mode: true
  diff: true
  register: planned

- name: Write the plan down, for approval
  ansible.builtin.copy:
    content: "{{ planned.approval | ansible.builtin.to_nice_json }}"
    dest: app1-prod-plan.json
    mode: "0600"
  delegate_to: localhost

- name: Do what was approved, and nothing else
  rackspace.aws_accounts.reverse_assumption:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    account_name: app1-prod
    provider_account_id: "222222222222"
    provider_account_ids:
      - "222222222222"
      - "333333333333"
    external_id: "{{ external_id }}"
    cloudhealth:
      external_ids: "{{ cloudhealth_external_ids }}"
    plan: app1-prod-plan.json
    plan_digest: "{{ planned.digest }}"
    confirm: "111111111111"
  register: cleanup

- name: Show what its owner has to decide on
  ansible.builtin.debug:
    msg: "{{ cleanup.targets | selectattr('state', 'equalto', 'foreign') | map(attribute='reason') }}"

- name: Remove further roles of the provider, and let AWS Config use its own role
  rackspace.aws_accounts.reverse_assumption:
    account_id: "111111111111"
    account_uuid: 0f8fad5b-d9cb-469f-a165-70867728950e
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    provider_roles:
      - RackspaceBackup
    recorder_role: service_linked
    adopt:
      support_topic: handed over by the former provider, see CHG0012345
    confirm: "111111111111"
"""

RETURN = r"""
---
changed:
  description: Whether anything was removed or detached, or in check mode would be.
  returned: always
  type: bool
  sample: true
failed:
  description:
    - Whether the module failed. Unless it refused to begin, it does so after it has done everything that it could.
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
    account app1-prod (111111111111): the account no longer matches the approved plan: support_topic in us-east-1
    changed since. Nothing was removed; make the plan anew with --check, and have it approved
no_way_in:
  description: Whether no role of the account admits the provider any more, for example because it was handed back.
  returned: when no role of O(access_roles) could be assumed
  type: bool
  sample: true
account:
  description: The account that was worked in, and how it was reached.
  returned: unless the module refused to begin
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
      description: The regions that were worked in, which are all that the account has enabled.
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
    - One entry for each account default and region, in the order in which they were applied. They are undone in the
      reverse order.
  returned: unless the module refused to begin
  type: list
  elements: dict
  contains:
    default:
      description: The name of the account default. A role of O(provider_roles) is called C(provider_role) and its name.
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
    action:
      description:
        - V(remove), it goes, or went.
        - V(detach), it stays and lets go of something that goes.
        - V(keep), all of it stays as it is.
        - V(none), nothing is there.
      returned: always
      type: str
      sample: detach
    resources:
      description: The ARNs of what goes, confirmed subscriptions of a topic among them.
      returned: always
      type: list
      elements: str
      sample: []
    state:
      description:
        - V(compliant), nothing is left to do, because nothing is there or because this run removed or detached it.
        - V(drifted), it would be removed or detached. It occurs in check mode only.
        - V(skipped), it stays with the account, or is kept for now. The C(reason) says why.
        - V(foreign), it is not provably the provider's alone, and was kept as it is.
        - V(unknown), it could not be read. The C(error) says why.
        - V(failed), it could not be removed or detached. The C(error) says why.
      returned: always
      type: str
      sample: compliant
    changed:
      description: Whether the target was removed or detached, or in check mode would be.
      returned: always
      type: bool
      sample: true
    before:
      description: What was there, in the shape of C(after).
      returned: when the target was written, or in check mode would be
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
    after:
      description:
        - What is left, in check mode what would be left.
        - It is null where nothing is, and where the target was not read.
        - Its keys are those that the module of the account default documents, see
          RV(rackspace.aws_accounts.account_defaults#module:targets[].after).
      returned: always
      type: dict
      sample:
        trail_name: rackspace-cloudtrail
        s3_bucket_name: 0f8fad5b-d9cb-469f-a165-70867728950e-logs
        sns_topic_arn: ""
        is_multi_region_trail: false
        include_global_service_events: true
        enable_log_file_validation: true
        is_logging: true
        records_management_events: true
    reason:
      description: Why the target is V(skipped) or V(foreign).
      returned: when it is skipped or foreign
      type: str
      sample: >-
        topic arn:aws:sns:us-east-1:111111111111:rackspace-support is subscribed by operations@customer.example; it is
        kept as it is. Whether it goes is its owner's decision
    error:
      description: Why the target is V(unknown) or V(failed).
      returned: when it is unknown or failed
      type: dict
      contains:
        operation:
          description: The operation of AWS that was refused. It is empty where it was none of AWS's.
          returned: always
          type: str
          sample: DeleteTopic
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
            SNS:DeleteTopic on resource: arn:aws:sns:us-east-1:111111111111:rackspace-support
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
        - "recorder default stopped for 2.1 s: AWS Config keeps a channel's topic unless it is made anew"
summary:
  description: How many targets are in each state.
  returned: unless the module refused to begin
  type: dict
  contains:
    compliant:
      description: How many are compliant, those among them that this run changed.
      returned: always
      type: int
      sample: 137
    drifted:
      description: How many would be changed. It is other than V(0) in check mode only.
      returned: always
      type: int
      sample: 0
    skipped:
      description: How many stay with the account, or are kept for now.
      returned: always
      type: int
      sample: 5
    foreign:
      description: How many are not provably the provider's alone, and were kept as they are.
      returned: always
      type: int
      sample: 2
    unknown:
      description: How many could not be read.
      returned: always
      type: int
      sample: 0
    failed:
      description: How many could not be removed or detached.
      returned: always
      type: int
      sample: 0
    changed:
      description: How many were removed or detached, or in check mode would be.
      returned: always
      type: int
      sample: 137
removes:
  description: The C(resources) of all targets, as they were planned. Nothing else goes.
  returned: unless the module refused to begin
  type: list
  elements: str
  sample:
    - arn:aws:iam::111111111111:role/rackspace-dispatcher
    - arn:aws:iam::111111111111:policy/rackspace-dispatcher
    - arn:aws:sns:us-east-1:111111111111:rackspace-support
    - arn:aws:sns:us-east-1:111111111111:rackspace-support:4ae435a2-87ac-47ee-9be6-0f74a079bfd0
out_of_reach:
  description: The regions of O(regions) that the account has not enabled. What is left there was not looked at.
  returned: unless the module refused to begin
  type: list
  elements: str
  sample:
    - af-south-1
approval:
  description: What to write to the file that O(plan) takes, once somebody approved it. It holds no secret.
  returned: unless the module refused to begin
  type: dict
  contains:
    format:
      description: The version of its form.
      returned: always
      type: int
      sample: 1
    account_id:
      description: The ID of the account.
      returned: always
      type: str
      sample: "111111111111"
    targets:
      description: One entry for each target.
      returned: always
      type: list
      elements: dict
      contains:
        default:
          description: The name of the account default.
          returned: always
          type: str
          sample: support_topic
        region:
          description: The region of the target.
          returned: always
          type: str
          sample: us-east-1
        action:
          description: What is done, as in RV(targets[].action).
          returned: always
          type: str
          sample: remove
        resources:
          description: The ARNs of what goes.
          returned: always
          type: list
          elements: str
          sample:
            - arn:aws:sns:us-east-1:111111111111:rackspace-support
        before:
          description: What was there. It is V(null) where there was nothing.
          returned: always
          type: dict
          sample:
            subscriptions: []
        after:
          description: What is to be left. It is V(null) where nothing is.
          returned: always
          type: dict
    digest:
      description: A digest of all this.
      returned: always
      type: str
      sample: sha256:4831a7b5cbb5ced2dd8722acc88d31fa828480375274e289a6b80a249dc10728
digest:
  description: The digest of the plan and of what was there when it was made, for O(plan_digest).
  returned: unless the module refused to begin
  type: str
  sample: sha256:4831a7b5cbb5ced2dd8722acc88d31fa828480375274e289a6b80a249dc10728
api_calls:
  description: How many calls of AWS's APIs it took, those for the assumed roles among them.
  returned: unless the module refused to begin
  type: int
  sample: 894
diff:
  description: What changed, or in check mode would change. One entry for each such target.
  returned: when diff mode is on, unless the module refused to begin
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
      description: What was there.
      returned: always
      type: dict
      sample:
        topic_arn: arn:aws:sns:us-east-1:111111111111:rackspace-support
    after:
      description: What is left, or would be. It is empty where nothing is.
      returned: always
      type: dict
      sample: {}
"""

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.reverse_assumption import ENTRY


def main() -> None:
    """Run as an ordinary module."""
    ENTRY.main()


if __name__ == "__main__":
    main()
