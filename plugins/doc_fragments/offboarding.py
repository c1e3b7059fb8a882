# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Whose root user it is (MODEL_SPEC in module_utils/root_access.py)."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of modules that may touch what the holder of the root user decides on."""

    DOCUMENTATION = r"""
options:
  account_model:
    description:
      - Who holds the root user of member accounts. With V(spam) it is the provider, with V(ecam) the customer.
      - Of an account whose root user the customer holds, nothing is changed.
    type: str
    choices:
      - spam
      - ecam
    default: spam
  account_kind:
    description:
      - What the account is in its organization. V(payer) is the management account, V(standalone) is in none.
      - The provider holds the root user of a V(payer) with either O(account_model).
    type: str
    choices:
      - member
      - payer
      - standalone
    default: member
"""
