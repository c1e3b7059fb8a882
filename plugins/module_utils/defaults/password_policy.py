# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The IAM account password policy (B2)."""

from __future__ import annotations

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import (
    AccountDefault,
    Observed,
    Skip,
    State,
    Target,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.naming import found

#: option -> the field of IAM's GetAccountPasswordPolicy and UpdateAccountPasswordPolicy
FIELDS = {
    "minimum_password_length": "MinimumPasswordLength",
    "require_uppercase_characters": "RequireUppercaseCharacters",
    "require_lowercase_characters": "RequireLowercaseCharacters",
    "require_numbers": "RequireNumbers",
    "require_symbols": "RequireSymbols",
    "password_reuse_prevention": "PasswordReusePrevention",
}
REQUIRED = tuple(name for name in FIELDS if name.startswith("require_"))
#: what the guide says nothing of: the customer's, kept in the same call, which has no partial update
KEPT = {
    "allow_users_to_change_password": "AllowUsersToChangePassword",
    "max_password_age": "MaxPasswordAge",
    "hard_expiry": "HardExpiry",
}


class PasswordPolicy(AccountDefault):
    """At least as strict as the guide; what the customer has stricter stays."""

    name = "password_policy"
    service = "iam"
    title = "Account password policy"
    section = "iam"
    requirement = "B2"
    proves_onboarding = False  # every account may have one
    kept_because = "it is the account's own setting"
    options = {
        "minimum_password_length": {"type": "int", "default": 12, "no_log": False},
        "require_uppercase_characters": {"type": "bool", "default": True},
        "require_lowercase_characters": {"type": "bool", "default": True},
        "require_numbers": {"type": "bool", "default": True},
        "require_symbols": {"type": "bool", "default": True},
        "password_reuse_prevention": {"type": "int", "default": 24, "no_log": False},
    }
    permissions = ("iam:GetAccountPasswordPolicy", "iam:UpdateAccountPasswordPolicy")

    def observe(self, target: Target) -> Observed:
        """Return the policy; what it leaves out reads as AWS applies it."""
        answer = found(target.client("iam").get_account_password_policy, "NoSuchEntity")
        if answer is None:
            return Observed()
        policy = answer["PasswordPolicy"]
        state = {name: policy.get(field) or 0 for name, field in FIELDS.items()}
        state |= {name: bool(state[name]) for name in REQUIRED}
        return Observed({**state, **{name: policy[field] for name, field in KEPT.items() if policy.get(field)}})

    def desired(self, target: Target, seen: Observed) -> State | Skip:
        """Return, field by field, the stricter of the option and what is there."""
        before = seen.state or {}
        kept = {name: before[name] for name in KEPT if name in before}
        stricter = {name: max(before.get(name, 0), target.options[name]) for name in FIELDS}
        return {**stricter, **{name: bool(value) for name, value in stricter.items() if name in REQUIRED}, **kept}

    def put(self, target: Target, seen: Observed, after: State) -> State | None:
        """Write the policy whole."""
        names = {**FIELDS, **KEPT}
        # AWS reads an absent number as none, and refuses 0
        arguments = {names[name]: value for name, value in after.items() if name in REQUIRED or value}
        target.client("iam").update_account_password_policy(**arguments)
        return None
