# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that makes one audit of what was found in all accounts."""

from __future__ import annotations

DOCUMENTATION = r"""
name: audit_report
short_description: What an audit found in all its accounts, as data
description:
  - Folds the results of M(rackspace.aws_accounts.account_audit) of all accounts into one audit, which is what
    C(audit.json) holds and every other report is made of.
  - Accounts that could not be read are in it too, with why, and are never compliant.
  - Compared with an earlier audit it says what is new, what is open and since when, and what is fixed.
  - The same account, default and region in the same state is the same trouble, and so is each finding in the same
    words. What is not read is neither fixed nor new.
  - An audit that leaves accounts, regions or defaults out keeps what was last seen wrong there, so that a later one
    still knows since when.
options:
  _input:
    description: The C(hostvars) of the run, with the registered variable C(account_audit_result).
    type: dict
    required: true
  hosts:
    description: The hosts that the run was for, as in C(ansible_play_hosts_all).
    type: list
    elements: str
    required: true
  defaults:
    description:
      - What the audit has columns for, each with C(name), C(title), C(section), C(requirement) and C(regional).
      - Without it, every account default of this collection.
    type: list
    elements: dict
  previous:
    description: The audit to compare with, as this filter made it. Without it, or empty, nothing is compared.
    type: dict
  faults:
    description: What the filter P(rackspace.aws_accounts.account_faults#filter) found.
    type: dict
    default: {}
  reached:
    description:
      - The hosts whose turn has come, as in C(ansible_play_batch).
      - Those of O(hosts) that are not in it, have no result and no faults are still to come, and are left out.
    type: list
    elements: str
  now:
    description: When the audit was done, in ISO 8601; without a zone it is UTC. By default now.
    type: str
author:
  - Contributors to the rackspace.aws_accounts project
"""

EXAMPLES = r"""
- name: Compare with the last audit
  ansible.builtin.set_fact:
    audit: >-
      {{ hostvars | rackspace.aws_accounts.audit_report(ansible_play_hosts_all,
      previous=lookup('ansible.builtin.file', 'reports/audit.json') | from_json) }}
  run_once: true
"""

RETURN = r"""
_value:
  description:
    - The audit, in format 1 of C(audit.json).
    - Its JSON Schema is C(roles/account_audit/files/audit.schema.json).
  type: dict
  contains:
    format:
      description: The version of the format.
      type: int
    kind:
      description: What the file is.
      type: str
    audited_at:
      description: When the audit was done, in UTC.
      type: str
    previous_at:
      description: When the audit that it is compared with was done, or none.
      type: str
    defaults:
      description: Each account default, with C(name), C(title), C(section), C(requirement) and C(regional).
      type: list
      elements: dict
    totals:
      description:
        - How many C(accounts) there are and how many of them are C(unreadable).
        - How many targets (a default in a region of an account) are C(compliant), C(drifted), C(skipped), C(foreign)
          and C(unknown). How many C(findings) there are.
        - How many of the targets that are not as they should be, and of the findings of each target, are C(new) and
          C(open), and how many are C(fixed).
      type: dict
    accounts:
      description:
        - One entry for each account, those that could not be read first, then the worst.
        - Each with C(host), C(id), C(name), C(ddi), C(service_level), C(state), C(message), C(access_role), C(regions),
          C(api_calls), C(counts), C(results) and C(fixed).
        - A result is one default in all regions in which it was found alike, with C(default), C(state), C(regions) and,
          where there is one, C(before), C(after), C(reason), C(error), C(findings), C(since) and C(trend).
        - C(finding_since) has C(since) and C(trend) of each finding for which they are not those of the result.
        - C(unread) is what was last seen wrong and not read this time.
      type: list
      elements: dict
    absent:
      description: The accounts that only earlier audits looked at, with what was wrong there.
      type: list
      elements: dict
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.audit_report import audit_data


def audit_report(
    hostvars: Mapping[str, Any],
    hosts: Iterable[str],
    defaults: Iterable[Mapping[str, Any]] | None = None,
    previous: Mapping[str, Any] | None = None,
    faults: Mapping[str, Iterable[str]] | None = None,
    reached: Iterable[str] | None = None,
    now: str | datetime | None = None,
) -> dict[str, Any]:
    """Return the audit; see RETURN for its shape."""
    try:
        return audit_data(hostvars, hosts, defaults, previous, faults, reached, now)
    except ValueError as error:
        raise AnsibleFilterError(f"audit_report: {error}") from error


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by name."""
        return {"audit_report": audit_report}
