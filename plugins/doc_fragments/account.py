# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Which account a module works on, and how it is reached (ACCOUNT_SPEC in module_utils/reach.py)."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of the account; use together with the part ``provider``."""

    DOCUMENTATION = r"""
options:
  account_id:
    description:
      - The ID of the AWS account, a string of 12 digits.
      - Quote it in YAML, where a number loses its leading zeros.
      - It is compared with the account that the credentials really lead to, before anything else is called there. If
        they differ, the module fails and has written nothing.
    type: str
    required: true
  account_name:
    description:
      - How messages and the headers of the diff name the account, beside its ID.
      - It does not have to be the name that the account has in AWS.
    type: str
    default: ""
  access_roles:
    description:
      - The IAM roles of the account by which it is reached. They are tried in this order, and the first one that can
        be assumed is used.
      - An entry is the name of a role, or a dictionary of C(name) and C(via). C(via) says from which session the role
        is assumed.
      - V(provider) is a session in the account O(provider_account_id), V(management) one in the management account of
        the O(organization), and V(base) the one of the credentials that the module was given.
      - Without C(via), the role O(provider_role_name) is assumed from V(provider), and any other role from
        V(management) where O(organization) is given and from V(base) where it is not.
      - No role is assumed if the list is empty, or if the credentials that the module was given are those of the
        account itself.
    type: list
    elements: raw
    default:
      - Rackspace
      - OrganizationAccountAccessRole
  external_id:
    description:
      - The external ID with which O(access_roles) are assumed, except from the management account.
      - It is also what the trust policy of the role O(provider_role_name) demands, where a module manages that role.
      - It is never shown. Trust policies in results have a fingerprint in its place.
    type: str
  organization:
    description:
      - The organization that the account is a member of.
      - Needed for roles that only the management account may assume, as C(OrganizationAccountAccessRole) usually is.
    type: dict
    suboptions:
      id:
        description:
          - The ID of the organization, for example V(o-exampleorgid).
          - The account is reached without it.
        type: str
      management_account_id:
        description:
          - The ID of the management account of the organization.
        type: str
        required: true
      management_role:
        description:
          - The name of the IAM role in the management account that is assumed with the credentials that the module
            was given.
          - Needed unless these credentials are those of the management account.
        type: str
  provider_role_name:
    description:
      - The name of the IAM role by which the provider works in the account.
    type: str
    default: Rackspace
"""

    # of every module, also of those that work in the provider's own account
    PROVIDER = r"""
options:
  provider_account_id:
    description:
      - The ID of the provider's shared management services account, a string of 12 digits.
    type: str
    required: true
  provider_access_role:
    description:
      - The name of the IAM role in the account O(provider_account_id) that is assumed with the credentials that the
        module was given.
      - Not used if these credentials are those of that account.
    type: str
    default: OrganizationAccountAccessRole
  credential_cache:
    description:
      - A directory in which the credentials of assumed roles are kept until they expire, in files that only their
        owner can read, as the AWS CLI keeps them.
      - If it is an empty string, credentials are kept in memory, and every task assumes its roles again.
    type: path
    default: ~/.aws/rackspace.aws_accounts
requirements:
  - python >= 3.11
notes:
  - The module runs inside Ansible's own process on the controller where the connection is C(local), which takes a
    fraction of the time of a module in a process of its own. With C(async), C(become), another connection or another
    interpreter it runs as an ordinary module, with the same result.
  - Roles are assumed at the STS endpoint of O(region), or of V(us-east-1) where it is not given. O(region) does not
    choose the regions that the module works in.
seealso:
  - name: Access to AWS accounts owned by third parties
    description: AWS Identity and Access Management User Guide, on roles that are assumed with an external ID.
    link: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
"""
