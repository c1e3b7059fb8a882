# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The gate leave_organization: what AWS asks before it lets an account go."""

from __future__ import annotations

from datetime import timedelta

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.gates.answer import (
    FAIL,
    PASS,
    UNKNOWN,
    Answer,
    ahead_of,
    does_not_apply,
    how_to_confirm,
    passes,
    told,
    when,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.gates.facts import Facts, Membership
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.topic_users import Unread

#: a created account stays in its organization for so long
#: Source: AWS Organizations API Reference, LeaveOrganization
WAITING_PERIOD = timedelta(days=4)


def leave_organization(facts: Facts) -> Answer:
    """Answer whether AWS would let the account go, with all that stands in the way."""
    if facts.request.get("keep_organization"):
        return does_not_apply("keep_organization is true")
    member = facts.membership
    if member is None:
        return does_not_apply("the account is in no organization")
    if isinstance(member, Unread):
        return Answer(UNKNOWN, f"whether it is in an organization cannot be read: {member.error}", member.fix)
    if member.management_account_id == facts.account_id:
        return does_not_apply(f"it is the management account of {member.organization_id}")
    parts = [
        _recorded(member, facts),
        _contact(facts),
        _payment_method(facts),
        _administers(member),
        _waited(member, facts),
    ]
    worst = next((result for result in (FAIL, UNKNOWN) if any(part.result == result for part in parts)), PASS)
    # what stands in the way comes first
    parts.sort(key=lambda part: (FAIL, UNKNOWN, PASS).index(part.result))
    return Answer(
        worst,
        "; ".join(part.evidence for part in parts),
        "; ".join(part.fix for part in parts if part.fix),
    )


def _recorded(member: Membership, facts: Facts) -> Answer:
    recorded = facts.recorded_organization or {}
    of = f"member of {member.organization_id} of {member.management_account_id}"
    same_id = recorded.get("id") in (None, "", member.organization_id)
    if recorded.get("management_account_id") == member.management_account_id and same_id:
        return passes(of)
    named = recorded.get("id") or recorded.get("management_account_id") or "none"
    return Answer(
        FAIL,
        f"{of}, and the record names {named}",
        "correct account_organization, or set keep_organization where the account stays there",
    )


def _contact(facts: Facts) -> Answer:
    contact = facts.contact
    if isinstance(contact, Unread):
        return Answer(UNKNOWN, f"the contact information cannot be read: {contact.error}", contact.fix)
    if contact is None or not contact.phone:
        what = "no contact information" if contact is None else "no phone number"
        if facts.model == "spam":
            return passes(f"{what} yet, which the phase account sets")
        return Answer(
            FAIL, f"{what}", "have the customer, who holds the root user (ecam), fill in the contact information"
        )
    if contact.verification in {"PENDING", "UNVERIFIED"}:
        return Answer(
            FAIL,
            f"the phone number is not verified ({contact.verification})",
            "have the customer verify it on the page Account of the console, as the root user",
        )
    return passes("contact information with a phone number")


def _payment_method(facts: Facts) -> Answer:
    found = facts.confirmation("payment_method")
    how = "ask the customer whether one is entered, then write it down: " + how_to_confirm("payment_method")
    if not found:
        return Answer(UNKNOWN, "whether it has a payment method of its own, no API tells", how)
    if ahead := ahead_of(facts, found):
        return Answer(FAIL, f"payment method: {ahead}", how)
    return passes(f"payment method confirmed {told(found)}")


def _administers(member: Membership) -> Answer:
    services = member.administers
    if isinstance(services, Unread):
        return Answer(
            UNKNOWN, f"whether it is a delegated administrator cannot be read: {services.error}", services.fix
        )
    if services:
        return Answer(
            FAIL,
            f"it is the delegated administrator of {', '.join(services)}",
            "make another account the delegated administrator: organizations:DeregisterDelegatedAdministrator",
        )
    return passes("no delegated administrator")


def _waited(member: Membership, facts: Facts) -> Answer:
    if isinstance(member.joined_by, Unread):
        return Answer(UNKNOWN, f"when it joined cannot be read: {member.joined_by.error}", member.joined_by.fix)
    if member.joined_by != "CREATED":
        return passes("invited, so no waiting period")
    if member.joined_at is None:
        return Answer(UNKNOWN, "AWS does not say when it was created", "wait until four days after its creation")
    over = member.joined_at + WAITING_PERIOD
    if facts.now < over:
        day = when(facts.calendar.local(over))
        return Answer(
            FAIL,
            f"created {member.joined_at.isoformat()}, less than {WAITING_PERIOD.days} days ago",
            f"AWS lets it leave from {day} on",
        )
    return passes(f"created {member.joined_at.date()}, more than {WAITING_PERIOD.days} days ago")
