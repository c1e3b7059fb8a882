#!/usr/bin/python
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: release_readiness
version_added: 0.1.0
short_description: Tell whether an AWS account may be handed back to its owner
description:
  - Asks the gates of a hand-over, all of them, and tells each one's answer with the evidence and what to do.
  - A gate answers V(pass), V(fail) or V(unknown). None passes by default, and what cannot be read is never a V(pass).
  - A gate that does not pass does not make the module fail. C(ready) tells whether all of them passed or were
    overridden with a reason.
  - It calls no operation of AWS that writes.
options:
  request:
    description:
      - The request to hand the account back, as the record has it in C(offboarding).
      - It is checked whole. If anything is wrong with it, the module fails with every fault and calls nothing.
    type: dict
    required: true
  gates:
    description:
      - The gates to ask. If it is empty, these are all.
      - What only other gates need is not read.
    type: list
    elements: str
    choices:
      - balance_current
      - dedicated_payer
      - consent_to_assignment
      - business_hours
      - nearest_date
      - billing_access
      - customer_way_in
      - topic_users
      - leave_organization
    default: []
  topics:
    description:
      - The ARNs of the SNS topics of the account that will be removed.
      - Only the regions of these topics are searched for what still points at them.
    type: list
    elements: str
    default: []
  provider_account_ids:
    description:
      - The IDs of all accounts of the provider. A role that trusts nobody else is no way in of the customer's.
      - O(provider_account_id) is one of them, and so is the management account of the O(organization) unless it is
        kept. The account itself is not.
    type: list
    elements: str
    default: []
  calendar:
    description:
      - When the provider works.
    type: dict
    suboptions:
      country:
        description:
          - The country whose public holidays are kept, an ISO 3166 code.
          - If it is an empty string, only O(calendar.holidays) are.
        type: str
        default: US
      subdivision:
        description:
          - The part of the country whose public holidays are kept as well, for example V(TX).
        type: str
        default: ""
      time_zone:
        description:
          - The IANA name of the time zone in which days begin and end and in which the hours are meant.
        type: str
        default: America/Chicago
      opens:
        description:
          - When work begins, as V(09:00).
        type: str
        default: "09:00"
      closes:
        description:
          - When work ends, as V(17:00).
        type: str
        default: "17:00"
      weekdays:
        description:
          - The days of the week on which people work. Monday is V(0).
        type: list
        elements: int
        default:
          - 0
          - 1
          - 2
          - 3
          - 4
      holidays:
        description:
          - Further days on which nobody works, as V(2026-12-24).
        type: list
        elements: str
        default: []
      workdays:
        description:
          - Days on which people work although it is a holiday, or no day of O(calendar.weekdays).
        type: list
        elements: str
        default: []
  now:
    description:
      - The moment that is taken for the time of the run, for example V(2026-12-15T09:30:00-06:00).
      - It is meant for rehearsals and refused outside check mode. If it is an empty string, the clock is read.
    type: str
    default: ""
  regions:
    description:
      - The regions of the account.
      - Needed only where they cannot be read. O(topics) say which are searched.
      - A region that does not exist, or that the account has not enabled, is an error.
    type: list
    elements: str
    default: []
  account_sector:
    description:
      - The customer's sector. With V(public_sector) a consent to assignment that AWS made is needed.
    type: str
    choices:
      - commercial
      - public_sector
    default: commercial
  account_seller:
    description:
      - The seller of record. With V(aws_india) a consent to assignment that the provider made is needed.
    type: str
    choices:
      - aws_inc
      - aws_india
    default: aws_inc
  account_payer:
    description:
      - The payer that the account is billed under.
      - With V(dedicated) the payment method is entered at the end. A dedicated payer itself, whose O(account_kind) is
        V(payer), is not handed over before the 16th of a month.
    type: str
    choices:
      - shared
      - dedicated
    default: shared
  account_kind:
    description:
      - What the account is in its organization.
    type: str
    choices:
      - member
      - payer
      - standalone
    default: member
  account_model:
    description:
      - Who holds the root credentials. With V(spam) the provider does, and sets the contact information.
    type: str
    choices:
      - spam
      - ecam
    default: spam
attributes:
  check_mode:
    support: full
    details:
      - This action does not modify state.
  diff_mode:
    support: N/A
    details:
      - This action does not modify state.
  idempotent:
    support: full
    details:
      - This action does not modify state. The day and the hour are part of what it answers.
requirements:
  - holidays, where O(calendar.country) is not empty
  - tzdata, where the system has no time zones of its own
notes:
  - C(balance_current), C(dedicated_payer) and C(consent_to_assignment) can never be overridden. C(business_hours) and
    C(nearest_date) can, by name and with a reason in C(overrides) of the O(request). The others can not.
  - What points at a topic is looked for among CloudWatch alarms of every type, Auto Scaling notifications, event
    subscriptions of RDS, Redshift and DMS, ElastiCache clusters, EventBridge rules on every bus, notifications of
    buckets, CloudFormation stacks, and budgets with their actions. Other services are not searched. CloudTrail and
    AWS Config are left out, because M(rackspace.aws_accounts.reverse_assumption) detaches their topics.
  - What cannot be searched makes C(topic_users) V(unknown). It can be accepted by name, as
    C(unknown:<scan>) in C(accept_topic_users) of the O(request).
  - Whether the billing pages open, and whether there is a payment method, is told by no API. It rests on
    confirmations.
seealso:
  - module: rackspace.aws_accounts.account_info
    description: Finds out what a run has to know of an account.
  - name: Removing a member account from an organization
    description: AWS Organizations User Guide, on what an account needs before it can leave.
    link: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_remove.html
author:
  - The rackspace.aws_accounts contributors (@rackspace)
extends_documentation_fragment:
  - rackspace.aws_accounts.account
  - rackspace.aws_accounts.account.provider
  - rackspace.aws_accounts.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
# Note: These examples do not set authentication details, see the AWS Guide for details.

- name: Ask all gates
  rackspace.aws_accounts.release_readiness:
    account_id: "111111111111"
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    organization:
      id: o-exampleorgid
      management_account_id: "333333333333"
    provider_account_ids:
      - "222222222222"
      - "333333333333"
    topics:
      - arn:aws:sns:us-east-1:111111111111:rackspace-support
    request:
      ticket: "261121-00042"
      termination_date: "2026-12-15"
      transfer_date: "2026-12-15"
      new_root_email: owner@customer.example
      authorized_signatory:
        name: Olivia Owner
        email: owner@customer.example
      contact:
        full_name: Olivia Owner
        address_line_1: 1 Main Street
        city: San Antonio
        state_or_region: TX
        postal_code: "78218"
        country_code: US
        phone_number: "+12105550123"
  register: readiness

- name: Show them as a table
  ansible.builtin.debug:
    msg: "{{ readiness.gates | rackspace.aws_accounts.gate_lines }}"

- name: Go no further unless all of them passed or were overridden
  ansible.builtin.assert:
    that: readiness.ready

- name: Ask again, right before anything is removed, whether the customer is current on all balances
  rackspace.aws_accounts.release_readiness:
    account_id: "111111111111"
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    request: "{{ offboarding }}"
    gates:
      - balance_current

- name: Rehearse the day, by the calendar of an office in Munich
  rackspace.aws_accounts.release_readiness:
    account_id: "111111111111"
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    request: "{{ offboarding }}"
    calendar:
      country: DE
      subdivision: BY
      time_zone: Europe/Berlin
      holidays:
        - "2026-12-24"
    now: "2026-12-15T10:00:00+01:00"
  check_mode: true
"""

RETURN = r"""
---
changed:
  description: Whether anything was written, which is never so.
  returned: always
  type: bool
  sample: false
failed:
  description: Whether the module failed. A gate that does not pass is no failure.
  returned: on failure
  type: bool
  sample: true
msg:
  description: What went wrong, with the account, and what to do about it.
  returned: on failure
  type: str
  sample: >-
    account app1-prod (111111111111): offboarding: has no termination_date; add it; offboarding:
    overrides.balance_current cannot be overridden, only business_hours and nearest_date can; take it out
ready:
  description: Whether every gate passed or was overridden with a reason.
  returned: success
  type: bool
  sample: false
gates:
  description: The answers of the gates, in their order.
  returned: success
  type: list
  elements: dict
  contains:
    gate:
      description: The name of the gate.
      returned: always
      type: str
      sample: business_hours
    result:
      description: Its answer, V(pass), V(fail) or V(unknown).
      returned: always
      type: str
      sample: fail
    evidence:
      description: What the answer rests on. A gate that does not apply passes and says so.
      returned: always
      type: str
      sample: "it is Saturday 2026-11-21 10:00 CST (America/Chicago): a Saturday"
    fix:
      description: What to do. It is empty where the gate passes.
      returned: always
      type: str
      sample: >-
        run it from Monday 2026-11-23 09:00 CST on, or override it: offboarding.overrides: {business_hours: <reason>}
    overridable:
      description: Whether it can be overridden with a reason.
      returned: always
      type: bool
      sample: true
    overridden:
      description: The reason with which it was overridden. It is empty where it passes, and where it was not.
      returned: always
      type: str
      sample: agreed with the customer, ticket note 7
topic_users:
  description: What still points at a topic that will be removed. It is empty where that gate is not asked.
  returned: success
  type: list
  elements: dict
  contains:
    topic:
      description: The ARN of the topic.
      returned: always
      type: str
      sample: arn:aws:sns:us-east-1:111111111111:rackspace-support-urgent
    user:
      description: The ARN of what points at it, or its name where AWS gives no ARN.
      returned: always
      type: str
      sample: arn:aws:cloudwatch:us-east-1:111111111111:alarm:orders-latency
    kind:
      description: What it is.
      returned: always
      type: str
      sample: metric_alarm
    region:
      description: Where it is. It is V(global) for budgets.
      returned: always
      type: str
      sample: us-east-1
    accepted:
      description: Why it may go on pointing there, as the request says. It is empty where it says nothing.
      returned: always
      type: str
      sample: the customer points it elsewhere, ticket note 8
support_plan:
  description:
    - The support plan, V(basic), V(developer), V(business), V(enterprise) or V(unknown).
    - AWS does not name it. It is inferred from the severity levels that a case may have. V(basic) may be V(developer),
      and V(enterprise) any plan with the level C(critical).
  returned: success
  type: str
  sample: business
account:
  description: The account that was asked for.
  returned: success
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
      description: The regions that the account has enabled, or O(regions) where they were given.
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
api_calls:
  description: How many calls of AWS's APIs it took, those for the assumed roles among them.
  returned: success
  type: int
  sample: 74
"""

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.release_readiness import ENTRY


def main() -> None:
    """Run as an ordinary module."""
    ENTRY.main()


if __name__ == "__main__":
    main()
