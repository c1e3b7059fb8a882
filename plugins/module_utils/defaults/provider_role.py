# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Roles of the provider that no account default makes, and that go when an account is handed back (E6)."""

from __future__ import annotations

from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import policies, role_removal
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.roles import ServiceRole, trust_policy
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Target


class ProviderRole(ServiceRole):
    """A further role of the provider, named by ``provider_roles``: a reverse assumption removes it."""

    section = "iam"
    requirement = "E6"
    required = False

    def __init__(self, role_name: str) -> None:
        self._role_name = role_name
        self.name = f"provider_role {role_name}"
        self.title = role_name

    def role_name(self, target: Target) -> str:
        """Return the name by which it was named."""
        return self._role_name

    def trust(self, target: Target) -> dict[str, Any]:
        """Return the trust in the provider's accounts, and in nobody else."""
        return trust_policy({"AWS": sorted(role_removal.provider_principals(target))}, {})

    def _is_expected(self, target: Target, principal: str) -> bool:
        """Tell whether it is a principal of any account of the provider."""
        named = target.options.get("provider_trusted_principals") or []
        return role_removal.is_providers(target, principal) or principal in policies.principals(
            trust_policy({"AWS": named}, {})
        )

    def _foreign(self, target: Target, role: dict[str, Any]) -> str:
        """Say that a role which trusts nobody proves nothing; an external id only narrows."""
        return "" if policies.principals(role["AssumeRolePolicyDocument"]) else f"role {role['RoleName']} trusts nobody"
