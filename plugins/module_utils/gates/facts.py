# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the gates go by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.calendar import Calendar
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.offboarding_request import as_date
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.topic_users import TopicUser, Unread
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.way_in import Administrator


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
