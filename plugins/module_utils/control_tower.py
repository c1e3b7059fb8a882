# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What only AWS Control Tower makes in an account (B8, B12).

Source: AWS Control Tower User Guide, "Resources created in the shared accounts" and "Roles and accounts".
"""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Account, Target
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.naming import found

NAMES = frozenset({"aws-controltower-BaselineCloudTrail", "aws-controltower-BaselineConfigRecorder"})
#: in a member account, and in the management account, which has no execution role
ROLES = ("AWSControlTowerExecution", "AWSControlTowerAdmin")


def note(account: Account, names: Iterable[str]) -> None:
    """Keep those names of trails and recorders that are Control Tower's."""
    account.control_tower_signs.update(NAMES.intersection(names))


def look_for_roles(target: Target) -> None:
    """Look once an account for Control Tower's roles, unless the record says whether it manages the account."""
    account = target.account
    if account.control_tower == "auto":

        def read() -> None:
            iam = target.clients.client("iam", target.home_region)
            for role in ROLES:
                if found(iam.get_role, "NoSuchEntity", RoleName=role):
                    account.control_tower_signs.add(f"role {role}")

        account.memory.once("control tower's roles", read)
