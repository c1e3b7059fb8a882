#!/usr/bin/python
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: account_journal
version_added: 0.1.0
short_description: Write down what was done with an AWS account
description:
  - Appends one line of JSON to the journal of an account, a file of the controller that only its owner can read.
  - The journal holds evidence and people's confirmations. Nothing in the account depends on it.
  - Nothing is called. The options by which an account is reached are taken, and not used, so that the defaults of the
    action group C(rackspace.aws_accounts.accounts) can be set once for all modules.
options:
  path:
    description:
      - The journal's file. Its folder is made where it is missing.
    type: path
    required: true
  run:
    description:
      - The id of the run, the same in all its entries.
    type: str
    required: true
  ticket:
    description:
      - The ticket that the run is for.
    type: str
    default: ''
  phase:
    description:
      - The phase of the run.
    type: str
    required: true
  event:
    description:
      - What happened, in one word.
    type: str
    required: true
  data:
    description:
      - What there is to know of it. It must not hold a secret.
    type: dict
    default: {}
attributes:
  check_mode:
    support: full
    details:
      - Nothing is written, and the entry is returned.
  diff_mode:
    support: none
  idempotent:
    support: none
    details:
      - Each run adds a line.
notes:
  - A line is no change of the account, so RV(ignore:changed) is V(false).
seealso:
  - module: rackspace.aws_accounts.account_lock
    description: Keeps other runs away while this one works.
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
- name: Write down that the organization was left
  rackspace.aws_accounts.account_journal:
    account_id: "111111111111"
    account_name: app1-prod
    provider_account_id: "100000000002"
    path: /srv/offboarding/journal/111111111111.jsonl
    run: 20261215T140211Z-481205
    ticket: "261121-00042"
    phase: leave
    event: organization_left
    data:
      organization: o-exampleorgid
      method: RemoveAccountFromOrganization

- name: Write down who confirmed the payment method
  rackspace.aws_accounts.account_journal:
    account_id: "111111111111"
    provider_account_id: "100000000002"
    path: journal/111111111111.jsonl
    run: by-hand
    ticket: "261121-00042"
    phase: handover
    event: confirmed
    data:
      step: payment_method
      by: owner@customer.example
"""

RETURN = r"""
account:
  description: The account.
  returned: success
  type: dict
  contains:
    id:
      description: Its id.
      returned: always
      type: str
      sample: '111111111111'
    name:
      description: Its name.
      returned: always
      type: str
      sample: app1-prod
api_calls:
  description: How many calls were made, which is none.
  returned: success
  type: int
  sample: 0
changed:
  description: Always V(false).
  returned: always
  type: bool
  sample: false
failed:
  description: Whether the module failed.
  returned: on failure
  type: bool
  sample: true
msg:
  description: What went wrong, with the account and what to do about it.
  returned: on failure
  type: str
  sample: >-
    account app1-prod: the journal /srv/journal/111111111111.jsonl cannot be written (No space left on device); make
    room, or name another place
entry:
  description: The line, as data.
  returned: success
  type: dict
  contains:
    at:
      description: When it was written, in UTC.
      returned: always
      type: str
      sample: '2026-12-15T14:06:40Z'
    run:
      description: The run's id.
      returned: always
      type: str
      sample: 20261215T140211Z-481205
    ticket:
      description: The ticket.
      returned: always
      type: str
      sample: 261121-00042
    phase:
      description: The phase.
      returned: always
      type: str
      sample: leave
    event:
      description: What happened.
      returned: always
      type: str
      sample: organization_left
    data:
      description: What there is to know of it.
      returned: always
      type: dict
      sample: {method: RemoveAccountFromOrganization}
"""

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_journal import ENTRY


def main() -> None:
    """Run as an ordinary module."""
    ENTRY.main()


if __name__ == "__main__":
    main()
