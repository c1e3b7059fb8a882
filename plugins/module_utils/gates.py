# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The gates of a hand-over (E2): facts in, answers out. Nothing is read here, and none passes by default.

Each gate answers pass, fail or unknown, with its evidence and, unless it passes, what to do. All are told at once. Only
business_hours and nearest_date can be set aside, each by name and with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.calendar import (
    LAST_BILLING_DAY,
    WEEKDAYS,
    Calendar,
    after_billing,
    any_day,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.offboarding_request import (
    GATES,
    OVERRIDABLE,
    as_date,
    as_moment,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.topic_users import (
    NOT_SEARCHED,
    TopicUser,
    Unread,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.way_in import Administrator

PASS, FAIL, UNKNOWN = "pass", "fail", "unknown"
#: so far another clock may be ahead of ours before what it says lies in the future
CLOCKS = timedelta(minutes=15)
#: a created account stays in its organization for so long
#: Source: AWS Organizations API Reference, LeaveOrganization
WAITING_PERIOD = timedelta(days=4)


@dataclass(frozen=True)
class Membership:
    """The organization that an account is a member of, and what AWS asks before it lets the account go.

    Attributes:
        joined_by: CREATED or INVITED; ``joined_at`` is when.
        administers: the services that it is the delegated administrator of.
    """

    organization_id: str
    management_account_id: str
    joined_by: str | Unread = "INVITED"
    joined_at: datetime | None = None
    administers: tuple[str, ...] | Unread = ()


@dataclass(frozen=True)
class Contact:
    """What AWS knows of the owner: the phone number, and whether it is verified ("" where AWS does not say)."""

    phone: str = ""
    verification: str = ""


@dataclass(frozen=True)
class Facts:
    """All that the gates go by.

    Attributes:
        request: the field ``offboarding`` of the account's record, without faults.
        now: the moment of the run.
        sector, seller, payer, kind, model: as the record has them (account_sector and so on).
        provider_accounts: the provider's account ids.
        provider_role: the name of the provider's role, which goes.
        recorded_organization: ``account_organization`` of the record; None where it has none.
        administrator: the principal that the customer named as way in; None where none was.
        topics: ARNs of the topics that go.
        topic_users: what points at them, and ``unread`` what could not be read of that.
        membership: None where the account is in no organization.
        contact: None where the account has no contact information.
    """

    account_id: str
    request: Mapping[str, Any]
    now: datetime
    calendar: Calendar
    sector: str = "commercial"
    seller: str = "aws_inc"
    payer: str = "shared"
    kind: str = "member"
    model: str = "spam"
    provider_accounts: frozenset[str] = frozenset()
    provider_role: str = "Rackspace"
    recorded_organization: Mapping[str, Any] | None = None
    administrator: Administrator | Unread | None = None
    topics: tuple[str, ...] = ()
    topic_users: tuple[TopicUser, ...] = ()
    unread: tuple[Unread, ...] = ()
    membership: Membership | Unread | None = None
    contact: Contact | Unread | None = None

    @property
    def today(self) -> date:
        """Return the day of the run, in the calendar's time zone."""
        return self.calendar.day_of(self.now)

    @property
    def termination(self) -> date:
        """Return the day on which the contract ends."""
        return as_date(self.request["termination_date"]) or date.max  # of a checked request, there is one

    @property
    def is_dedicated_payer(self) -> bool:
        """Tell whether the account is the dedicated payer itself, not one that is billed under it."""
        return self.payer == "dedicated" and self.kind == "payer"

    def confirmation(self, name: str) -> Mapping[str, Any] | None:
        """Return what somebody confirmed, None where nobody did."""
        return (self.request.get("confirmations") or {}).get(name) or None

    def reasons(self, name: str) -> Mapping[str, str]:
        """Return one of the request's mappings of names to reasons."""
        return self.request.get(name) or {}


@dataclass(frozen=True)
class Answer:
    """What a gate says: its result, on what evidence, and what to do where it does not pass."""

    result: str
    evidence: str
    fix: str = ""


def answers(facts: Facts, only: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Return the answers of the gates in their order, as plain data.

    Args:
        only: the gates to ask; none: all.
    """
    wanted = set(only) or set(GATES)
    rows = []
    for gate in GATES:
        if gate in wanted:
            answer = _ASKED[gate](facts)
            overridable = gate in OVERRIDABLE
            reason = facts.reasons("overrides").get(gate, "") if overridable and answer.result != PASS else ""
            row = {"gate": gate, "result": answer.result, "evidence": answer.evidence, "fix": answer.fix}
            rows.append({**row, "overridable": overridable, "overridden": reason})
    return rows


def is_ready(rows: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether every gate passed or was set aside with a reason."""
    return all(row["result"] == PASS or row["overridden"] for row in rows)


def accepted(user: TopicUser, reasons: Mapping[str, str]) -> str:
    """Return why something may go on pointing at a topic that goes; "" where nobody accepted that by its name."""
    return next((reasons[name] for name in user.names if reasons.get(name)), "")


def _passes(evidence: str) -> Answer:
    return Answer(PASS, evidence)


def _does_not_apply(why: str) -> Answer:
    return Answer(PASS, f"does not apply: {why}")


def _balance_current(facts: Facts) -> Answer:
    found = facts.confirmation("balance_current")
    again = "ask billing today, then write it down: " + _how("balance_current")
    if not found:
        return Answer(FAIL, "nobody confirmed that the customer is current on all balances", again)
    if ahead := _ahead(facts, found):
        return Answer(FAIL, ahead, again)
    day = facts.calendar.day_of(_moment(found))
    if day != facts.today:
        return Answer(FAIL, f"confirmed {_told(found)}; that was {day}, and the run is on {facts.today}", again)
    return _passes(f"confirmed {_told(found)}")


def _dedicated_payer(facts: Facts) -> Answer:
    if not facts.is_dedicated_payer:
        return _does_not_apply(f"the account is no dedicated payer ({facts.payer}, {facts.kind})")
    if after_billing(facts.today):
        return _passes(f"{facts.today} is after the {LAST_BILLING_DAY}th, when billing is closed")
    first = facts.calendar.nearest_workable(facts.today, lambda day: day > facts.today and after_billing(day))[0]
    return Answer(
        FAIL,
        f"{facts.today} is not after the {LAST_BILLING_DAY}th: billing of the month is not closed",
        f"hand it over on {first} or later; nothing overrides this",
    )


def _consent_to_assignment(facts: Facts) -> Answer:
    if facts.sector == "public_sector":
        wanted, why = "aws", "of the public sector"
    elif facts.seller == "aws_india":
        wanted, why = "provider", "under AWS India"
    else:
        return _does_not_apply(f"the account is neither of the public sector nor under AWS India ({facts.sector}, "
                               f"{facts.seller})")  # fmt: skip
    generator = "AWS" if wanted == "aws" else "the provider's customer success manager"
    how = f"write it down: offboarding.confirmations.consent_to_assignment.generated_by: {wanted}"
    found = facts.confirmation("consent_to_assignment")
    if not found:
        return Answer(FAIL, f"there is no consent to assignment, and the account is {why}",
                      f"have {generator} make it and both sign it, then {how}")  # fmt: skip
    if found.get("generated_by") != wanted:
        return Answer(
            FAIL,
            f"generated by {found.get('generated_by')}, and the account is {why}",
            f"only {generator} can make it: have it made and signed again, then {how}",
        )
    signatures = {who: found.get(f"{who}_signed_at") for who in ("provider", "customer")}
    missing = [who for who, at in signatures.items() if not _signed(at, facts)]
    if missing:
        return Answer(
            FAIL,
            f"generated by {wanted}; not signed by the {' and the '.join(missing)}",
            "have it signed, then write down when: "
            + ", ".join(f"offboarding.confirmations.consent_to_assignment.{who}_signed_at" for who in missing),
        )
    return _passes(f"generated by {wanted}, signed by the provider {_text(signatures['provider'])} and by the customer "
                   f"{_text(signatures['customer'])}")  # fmt: skip


def _business_hours(facts: Facts) -> Answer:
    calendar, local = facts.calendar, facts.calendar.local(facts.now)
    hours = f"{calendar.opens:%H:%M} to {calendar.closes:%H:%M}"
    now = f"it is {_when(local)} ({calendar.time_zone.key})"
    if calendar.in_business_hours(facts.now):
        return _passes(f"{now}, business hours are {hours}")
    closed = calendar.why_closed(local.date())
    opens = _when(calendar.next_opening(facts.now))
    return Answer(
        FAIL,
        f"{now}: {closed}" if closed else f"{now}, and business hours are {hours}",
        f"run it from {opens} on, or override it: offboarding.overrides: {{business_hours: <reason>}}",
    )


def _nearest_date(facts: Facts) -> Answer:
    termination, agreed = facts.termination, as_date(facts.request.get("transfer_date"))
    allowed = after_billing if facts.is_dedicated_payer else any_day
    nearest = facts.calendar.nearest_workable(termination, allowed)
    days = " or ".join(map(str, nearest))
    faults = []
    if agreed and agreed != facts.today:
        faults.append(f"agreed is {agreed}, and the run is on {facts.today}")
    if facts.today not in nearest:
        faults.append(f"the workable date nearest to the termination date {termination} is {days}, not {facts.today}")
    if not faults:
        return _passes(f"{facts.today} is {'' if agreed else 'not agreed on, and '}the workable date nearest to the "
                       f"termination date {termination}")  # fmt: skip
    override = "override it: offboarding.overrides: {nearest_date: <reason>}"
    if max(nearest) < facts.today:
        return Answer(FAIL, "; ".join(faults), f"that day has passed, so {override}")
    return Answer(FAIL, "; ".join(faults), f"agree on {days} as transfer_date and run it then, or {override}")


def _billing_access(facts: Facts) -> Answer:
    if facts.payer == "dedicated":
        return _does_not_apply("with a dedicated payer, the payment method is a manual step at the end")
    found = facts.confirmation("billing_access")
    how = (
        "run the preparation (--tags prepare), ask the customer to open the page Payment preferences, then write it "
        "down: " + _how("billing_access")
    )
    if not found:
        return Answer(FAIL, "the customer has not confirmed that the payment page opens; no API tells", how)
    if ahead := _ahead(facts, found):
        return Answer(FAIL, ahead, how)
    return _passes(f"confirmed {_told(found)}")


def _customer_way_in(facts: Facts) -> Answer:
    found = facts.confirmation("customer_way_in")
    how = "have the customer sign in without the provider, then write it down: " + _how("customer_way_in")
    if not found:
        return Answer(FAIL, "nobody confirmed a way in of the customer's that does not depend on the provider", how)
    if ahead := _ahead(facts, found):
        return Answer(FAIL, ahead, how)
    if not found.get("principal"):
        root = (
            "which is the customer's already"
            if facts.model == "ecam" and facts.kind != "payer"
            else "by its new address"
        )
        return _passes(f"the root user, {root}; confirmed {_told(found)}")
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
    return _passes(f"{administrator.arn} {why}; confirmed {_told(found)}")


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


def _topic_users(facts: Facts) -> Answer:
    if not facts.topics:
        return _passes("no topic goes")
    reasons = facts.reasons("accept_topic_users")
    open_ = [user for user in facts.topic_users if not accepted(user, reasons)]
    unread = [entry for entry in facts.unread if not reasons.get(f"unknown:{entry.scan}")]
    taken = sorted(
        {f"{user.user} ({accepted(user, reasons)})" for user in facts.topic_users if accepted(user, reasons)}
    )
    taken += sorted({f"unknown:{e.scan} ({reasons[f'unknown:{e.scan}']})" for e in facts.unread if e not in unread})
    evidence, fixes = [], []
    if open_:
        told = sorted({f"{user.kind} {user.user} in {user.region} at {_name(user.topic)}" for user in open_})
        evidence.append(f"{len(told)} still point at a topic that goes: " + ", ".join(told))
        fixes.append(
            "point them elsewhere, or accept each by its name: offboarding.accept_topic_users: {<name>: <reason>}"
        )
    if unread:
        evidence.append(f"not read: {'; '.join(_by_region(unread))}")
        names = ", ".join(sorted({f"unknown:{entry.scan}" for entry in unread}))
        let_read = sorted({entry.fix for entry in unread if entry.fix}) or ["make it readable"]
        fixes += [*let_read, f"or accept that by its name: offboarding.accept_topic_users: {{{names}: <reason>}}"]
    if not evidence:
        number = "1 topic that goes" if len(facts.topics) == 1 else f"{len(facts.topics)} topics that go"
        evidence.append(f"nothing {'else ' if taken else ''}points at the {number}")
    if taken:
        evidence.append("accepted: " + ", ".join(taken))
    evidence.append("not searched: " + ", ".join(NOT_SEARCHED))
    result = FAIL if open_ else UNKNOWN if unread else PASS
    return Answer(result, "; ".join(evidence), "; ".join(fixes))


def _by_region(unread: Iterable[Unread]) -> list[str]:
    """Return what could not be read, regions with one error together."""
    regions: dict[tuple[str, str], list[str]] = {}
    for entry in unread:
        regions.setdefault((entry.scan, entry.error), []).append(entry.region)
    return [f"{scan} in {', '.join(where)} ({error})" for (scan, error), where in regions.items()]


def _leave_organization(facts: Facts) -> Answer:
    if facts.request.get("keep_organization"):
        return _does_not_apply("keep_organization is true")
    member = facts.membership
    if member is None:
        return _does_not_apply("the account is in no organization")
    if isinstance(member, Unread):
        return Answer(UNKNOWN, f"whether it is in an organization cannot be read: {member.error}", member.fix)
    if member.management_account_id == facts.account_id:
        return _does_not_apply(f"it is the management account of {member.organization_id}")
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
        return _passes(of)
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
            return _passes(f"{what} yet, which the phase account sets")
        return Answer(
            FAIL, f"{what}", "have the customer, who holds the root user (ecam), fill in the contact information"
        )
    if contact.verification in {"PENDING", "UNVERIFIED"}:
        return Answer(
            FAIL,
            f"the phone number is not verified ({contact.verification})",
            "have the customer verify it on the page Account of the console, as the root user",
        )
    return _passes("contact information with a phone number")


def _payment_method(facts: Facts) -> Answer:
    found = facts.confirmation("payment_method")
    how = "ask the customer whether one is entered, then write it down: " + _how("payment_method")
    if not found:
        return Answer(UNKNOWN, "whether it has a payment method of its own, no API tells", how)
    if ahead := _ahead(facts, found):
        return Answer(FAIL, f"payment method: {ahead}", how)
    return _passes(f"payment method confirmed {_told(found)}")


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
    return _passes("no delegated administrator")


def _waited(member: Membership, facts: Facts) -> Answer:
    if isinstance(member.joined_by, Unread):
        return Answer(UNKNOWN, f"when it joined cannot be read: {member.joined_by.error}", member.joined_by.fix)
    if member.joined_by != "CREATED":
        return _passes("invited, so no waiting period")
    if member.joined_at is None:
        return Answer(UNKNOWN, "AWS does not say when it was created", "wait until four days after its creation")
    over = member.joined_at + WAITING_PERIOD
    if facts.now < over:
        day = _when(facts.calendar.local(over))
        return Answer(FAIL, f"created {member.joined_at.isoformat()}, less than {WAITING_PERIOD.days} days ago",
                      f"AWS lets it leave from {day} on")  # fmt: skip
    return _passes(f"created {member.joined_at.date()}, more than {WAITING_PERIOD.days} days ago")


_ASKED: dict[str, Callable[[Facts], Answer]] = {
    "balance_current": _balance_current,
    "dedicated_payer": _dedicated_payer,
    "consent_to_assignment": _consent_to_assignment,
    "business_hours": _business_hours,
    "nearest_date": _nearest_date,
    "billing_access": _billing_access,
    "customer_way_in": _customer_way_in,
    "topic_users": _topic_users,
    "leave_organization": _leave_organization,
}


def _moment(confirmation: Mapping[str, Any]) -> datetime:
    return as_moment(confirmation["at"]) or datetime.max.replace(tzinfo=UTC)  # of a checked request, there is one


def _ahead(facts: Facts, confirmation: Mapping[str, Any]) -> str:
    if _moment(confirmation) <= facts.now + CLOCKS:
        return ""
    return f"confirmed {_told(confirmation)}; that lies in the future, the run is at {facts.now.isoformat()}"


def _signed(at: Any, facts: Facts) -> bool:
    """Tell whether a signature has a day or a moment that has come."""
    day, moment = as_date(at), as_moment(at)
    return bool(day and day <= facts.today) or bool(moment and moment <= facts.now + CLOCKS)


def _told(confirmation: Mapping[str, Any]) -> str:
    return f"by {confirmation['by']} at {_text(confirmation['at'])}: {confirmation['evidence']}"


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _how(name: str) -> str:
    return f"offboarding.confirmations.{name}: {{by: ..., at: ..., evidence: ...}}"


def _when(local: datetime) -> str:
    return f"{WEEKDAYS[local.weekday()]} {local:%Y-%m-%d %H:%M %Z}"


def _name(topic: str) -> str:
    return topic.rsplit(":", 1)[-1]
