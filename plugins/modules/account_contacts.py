#!/usr/bin/python
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: account_contacts
version_added: 0.1.0
short_description: Hand over the contact data and the root user's address of an AWS account
description:
  - Compares the contact information, the alternate contacts and the root user's e-mail address of an account with the
    request for its hand-over, and changes what differs.
  - V(contact_information) is replaced as a whole. A field that the request does not name is emptied, so that nothing
    of the provider's stays in it.
  - V(alternate_contacts) are set where the request names them. Of the others those are removed whose address is in
    O(provider_email_domains). The rest stays, and is listed among the findings.
  - V(primary_email) is the root user's address. It is changed from the management account of the O(organization), in
    two runs. The first one has AWS send a one-time code to the new address, and C(waiting_for_code) is true. The second
    one is given that code in O(email_code).
  - Of a payer and of a standalone account no API changes the address. It is V(skipped) there, with that reason.
  - Where the customer holds the root user, nothing is written. That is every account with O(account_model=ecam) except
    a payer. What differs is a finding.
options:
  request:
    description:
      - The request for the hand-over, as in the field C(offboarding) of the account's record.
      - C(contact) is the contact information with C(full_name), C(company_name), C(address_line_1), C(address_line_2),
        C(address_line_3), C(city), C(district_or_county), C(state_or_region), C(postal_code), C(country_code),
        C(phone_number) and C(website_url).
      - C(alternate_contacts) may have C(billing), C(operations) and C(security), each with C(name), C(title),
        C(email) and C(phone).
      - C(new_root_email) is the new address of the root user.
      - Its other fields are not looked at.
    type: dict
    required: true
  provider_email_domains:
    description:
      - The domains of the provider's own addresses. An alternate contact whose address is in exactly one of them, not
        in a subdomain, is the provider's.
    type: list
    elements: str
    default: []
  email_code:
    description:
      - The one-time code that AWS sent to the new address of the root user, 6 letters and digits.
      - It is never shown.
    type: str
  code_sent:
    description:
      - Whether an earlier run had a code sent. AWS does not tell, so the caller has to remember it.
      - If V(true), no other one is sent.
    type: bool
    default: false
  resend_code:
    description:
      - Whether to have a new code sent, although O(code_sent) says that one was.
    type: bool
    default: false
  wait_timeout:
    description:
      - How many seconds to wait until AWS shows what was written.
    type: int
    default: 120
attributes:
  check_mode:
    support: full
    details:
      - It has no code sent.
  diff_mode:
    support: full
    details:
      - Contact data are a person's. The diff names the fields that differ from the request before and after, and no
        value.
  idempotent:
    support: full
    details:
      - A run that has a code sent changes something. With O(code_sent) the next one changes nothing until it is given
        the code.
notes:
  - No result, message or diff of the module shows a name, an address, a phone number or an e-mail address. Ansible
    itself shows the arguments of a task with C(-vvv), and keeps them in the registered result under C(invocation). Do
    not write that to a log.
  - Contact information and alternate contacts are read and written in the account itself, the root user's address in
    the management account. That one has to trust AWS Account Management.
  - AWS may need hours until a new address of the root user is known everywhere.
seealso:
  - module: rackspace.aws_accounts.root_access
    description: Deactivates the MFA of the root user.
  - module: rackspace.aws_accounts.organization_membership
    description: Takes the account out of its organization, afterwards.
  - name: Update the root user email address
    description: AWS Account Management Reference Guide.
    link: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-update-root-user-email.html
  - name: ContactInformation
    description: AWS Account Management API Reference, the fields and their formats.
    link: https://docs.aws.amazon.com/accounts/latest/reference/API_ContactInformation.html
author:
  - The rackspace.aws_accounts contributors (@rackspace)
extends_documentation_fragment:
  - rackspace.aws_accounts.account
  - rackspace.aws_accounts.account.provider
  - rackspace.aws_accounts.offboarding
  - rackspace.aws_accounts.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
# Note: These examples do not set authentication details, see the AWS Guide for details.

- name: Hand over the account's own data, and have the code sent
  rackspace.aws_accounts.account_contacts:
    account_id: "111111111111"
    account_name: app1-prod
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    organization:
      management_account_id: "333333333333"
      management_role: offboarding
    provider_email_domains:
      - provider.example
    request:
      new_root_email: owner@customer.example
      contact:
        full_name: Olivia Owner
        address_line_1: 1 Main Street
        city: San Antonio
        state_or_region: TX
        postal_code: "78218"
        country_code: US
        phone_number: "+12105550123"
  register: data

- name: Change the root user's address with the code
  rackspace.aws_accounts.account_contacts:
    account_id: "111111111111"
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    organization:
      management_account_id: "333333333333"
      management_role: offboarding
    request: "{{ offboarding }}"
    email_code: "{{ email_code }}"
  when: data.waiting_for_code

- name: Show what differs from the request
  rackspace.aws_accounts.account_contacts:
    account_id: "111111111111"
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    organization:
      management_account_id: "333333333333"
    request: "{{ offboarding }}"
  check_mode: true
  diff: true
"""

RETURN = r"""
---
changed:
  description: Whether anything was written or a code was sent, or would be in check mode.
  returned: always
  type: bool
  sample: true
failed:
  description: Whether the module failed.
  returned: on failure
  type: bool
  sample: true
msg:
  description: What went wrong, with the account, and what to do about it.
  returned: on failure
  type: str
  sample: >-
    account app1-prod (111111111111): primary_email is failed in global: AcceptPrimaryEmailUpdate was refused
    (ValidationException): the one-time code is wrong, has expired, or was sent for another address
waiting_for_code:
  description:
    - Whether a one-time code was sent, now or before, and O(email_code) does not give it. In check mode, whether one
      would be sent.
    - It does not make the module fail.
  returned: when the account was reached
  type: bool
  sample: true
targets:
  description: What came of each part of the account's data.
  returned: when the account was reached
  type: list
  elements: dict
  contains:
    default:
      description: Which part it is, V(contact_information), V(alternate_contacts) or V(primary_email).
      returned: always
      type: str
      sample: primary_email
    section:
      description: Always V(account).
      returned: always
      type: str
      sample: account
    region:
      description: Always V(global).
      returned: always
      type: str
      sample: global
    state:
      description:
        - V(compliant) is as the request wants it, those among them that this run changed. V(drifted) would be changed
          in check mode, or waits for the one-time code.
        - V(skipped) is not the provider's to change, or no API changes it.
        - V(unknown) could not be read, and V(failed) could not be written. Both make the module fail.
      returned: always
      type: str
      sample: drifted
    changed:
      description: Whether it was written, or would be in check mode. Having a code sent counts as written.
      returned: always
      type: bool
      sample: true
    before:
      description: What differed before. It has the keys of RV(targets[].after).
      returned: when it changed
      type: dict
      sample:
        differs:
          - city
          - phone_number
    after:
      description: What differs now, or would. It is null where that could not be read.
      returned: always
      type: dict
      contains:
        differs:
          description:
            - The names of the fields that differ from the request.
            - A field of an alternate contact is named V(billing.email), for example, and a whole one that is missing
              V(billing).
          returned: always
          type: list
          elements: str
          sample: []
        providers:
          description: The alternate contacts that are the provider's own, and go.
          returned: for alternate contacts
          type: list
          elements: str
          sample: []
        code_sent:
          description: Whether a one-time code was sent.
          returned: for the root user's address, while it differs and no code is given
          type: bool
          sample: true
    reason:
      description: Why it is V(skipped), or what it waits for.
      returned: when there is one
      type: str
      sample: "of a standalone account no API changes it: the root user does"
    error:
      description: Why it is V(unknown) or V(failed).
      returned: when it is unknown or failed
      type: dict
      contains:
        operation:
          description: The operation of AWS that was refused. It is empty where the message names it.
          returned: always
          type: str
          sample: ""
        code:
          description: The error code, or the kind of the exception. It is empty where the message names it.
          returned: always
          type: str
          sample: ""
        message:
          description: What AWS, or the module, says about it, without anybody's data, and what to do.
          returned: always
          type: str
          sample: >-
            PutContactInformation was refused (ValidationException): the phone number *** is invalid; correct
            offboarding.contact
        fix:
          description: What to do about it. It is empty where the message says it.
          returned: always
          type: str
          sample: ""
    findings:
      description: What an engineer should know about it and what the module does not change.
      returned: when there are any
      type: list
      elements: str
      sample:
        - "the alternate contact for security stays: its address, at customer.example, is not the provider's"
summary:
  description: How many parts are in each state.
  returned: when the account was reached
  type: dict
  contains:
    compliant:
      description: How many are compliant, those among them that this run changed.
      returned: always
      type: int
      sample: 2
    drifted:
      description: How many would be changed, or wait for the one-time code.
      returned: always
      type: int
      sample: 1
    skipped:
      description: How many are not the provider's to change.
      returned: always
      type: int
      sample: 0
    foreign:
      description: How many are somebody else's, which is none.
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
account:
  description: The account that was worked on.
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
      description: The regions that were worked in, which is none.
      returned: always
      type: list
      elements: str
      sample: []
    access_role:
      description: The name of the role that the account was reached by. It is empty where none was assumed.
      returned: always
      type: str
      sample: Rackspace
api_calls:
  description: How many calls of AWS's APIs it took, those for the assumed roles among them.
  returned: when the account was reached
  type: int
  sample: 9
diff:
  description: What differed from the request before and after, for each part that changes. It holds no values.
  returned: when the account was reached and diff mode is on
  type: list
  elements: dict
  contains:
    before_header:
      description: The account and what of it changes.
      returned: always
      type: str
      sample: app1-prod (111111111111) global contact_information
    after_header:
      description: The same.
      returned: always
      type: str
      sample: app1-prod (111111111111) global contact_information
    before:
      description: What was there.
      returned: always
      type: dict
      sample:
        differs:
          - city
          - phone_number
    after:
      description: What is there now, or would be.
      returned: always
      type: dict
      sample:
        differs: []
"""

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_contacts import ENTRY


def main() -> None:
    """Run as an ordinary module."""
    ENTRY.main()


if __name__ == "__main__":
    main()
