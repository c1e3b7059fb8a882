# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The gate customer_way_in: whom the customer comes in by once the provider is gone."""

from __future__ import annotations

import re

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.gates.answer import (
    FAIL,
    PASS,
    UNKNOWN,
    Answer,
    ahead_of,
    how_to_confirm,
    passes,
    told,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.gates.facts import Facts
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.topic_users import Unread
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.way_in import Administrator


def customer_way_in(facts: Facts) -> Answer:
    """Answer whether the customer comes in without the provider, and was seen to."""
    found = facts.confirmation("customer_way_in")
    how = "have the customer sign in without the provider, then write it down: " + how_to_confirm("customer_way_in")
    if not found:
        return Answer(FAIL, "nobody confirmed a way in of the customer's that does not depend on the provider", how)
    if ahead := ahead_of(facts, found):
        return Answer(FAIL, ahead, how)
    if not found.get("principal"):
        root = (
            "which is the customer's already"
            if facts.model == "ecam" and facts.kind != "payer"
            else "by its new address"
        )
        return passes(f"the root user, {root}; confirmed {told(found)}")
    administrator = facts.administrator
    another = (
        "name another role or user as offboarding.confirmations.customer_way_in.principal, or leave it out where the "
        "root user is the way in"
    )
    if administrator is None or isinstance(administrator, Unread):
        why = administrator.error if administrator else "it was not read"
        fix = administrator.fix if administrator else ""
        return Answer(
            UNKNOWN, f"{found['principal']} cannot be read: {why}", "; or ".join(filter(None, [fix, another]))
        )
    result, why = _is_way_in(administrator, facts)
    if result != PASS:
        return Answer(result, f"{administrator.arn} {why}", another)
    return passes(f"{administrator.arn} {why}; confirmed {told(found)}")


def _is_way_in(administrator: Administrator, facts: Facts) -> tuple[str, str]:
    """Judge a named administrator: the result, and why in words that follow its ARN."""
    if not administrator.exists:
        return FAIL, "does not exist"
    if ":role/aws-reserved/sso.amazonaws.com/" in administrator.arn:
        return FAIL, "is a role of IAM Identity Center, which depends on whose Identity Center it is"
    if administrator.is_role and administrator.name == facts.provider_role:
        return FAIL, "is the provider's role, which goes"
    if not administrator.administers_by:
        return FAIL, "is no administrator: no policy of its own allows everything"
    if administrator.boundary:
        return FAIL, f"is limited by the permissions boundary {administrator.boundary}"
    by = f"administers by {administrator.administers_by}"
    if not administrator.is_role:
        if not administrator.signs_in_by:
            return FAIL, "has neither a password nor an active access key"
        return PASS, f"{by}, has {administrator.signs_in_by}"
    return _is_assumable(administrator, facts, by)


def _is_assumable(role: Administrator, facts: Facts, by: str) -> tuple[str, str]:
    accounts = {principal: _account_of(principal) for principal in role.trusts}
    outside = sorted(p for p, a in accounts.items() if a and a not in {*facts.provider_accounts, facts.account_id})
    if outside:
        return PASS, f"{by}, trusts {', '.join(outside)}"
    if "*" in role.trusts:
        return FAIL, "trusts everybody, which is nobody's way in"
    federated = [p for p in role.trusts if ":saml-provider/" in p or ":oidc-provider/" in p]
    if federated:
        return UNKNOWN, f"is assumed through {', '.join(federated)}, and no API tells whose that is"
    inside = sorted(p for p, a in accounts.items() if a == facts.account_id)
    if inside:
        return UNKNOWN, f"is assumed from within the account only ({', '.join(inside)}): who assumes it is the way in"
    return FAIL, f"is assumed by nobody but the provider and services ({', '.join(role.trusts) or 'nobody'})"


def _account_of(principal: str) -> str:
    """Return the account of a principal that is an account, a role, a user or a session; "" of any other."""
    if re.fullmatch(r"\d{12}", principal):
        return principal
    match = re.fullmatch(r"arn:[\w-]+:(?:iam|sts)::(\d{12}):(?:root|role/.+|user/.+|assumed-role/.+)", principal)
    return match[1] if match else ""
