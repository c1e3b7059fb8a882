# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The entry of ``release_readiness``: reads what the gates of a hand-over go by, and writes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import topic_users, way_in
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import Guard
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.calendar import (
    CALENDAR_SPEC,
    Calendar,
    calendar_of,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Entry, Run
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import (
    AccountsError,
    RecordError,
    error_code,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.gates.asking import answers, is_ready
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.gates.facts import Contact, Facts, Membership
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.gates.topics import accepted
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import GLOBAL, Account, StopFlag, Target
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.naming import leading_region
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.offboarding_request import (
    GATES,
    as_moment,
    foreign_principals,
    request_faults,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.onboarding import check_options
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.reach import ACCOUNT_SPEC, about, reach
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.record_checks import account_id, list_of
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.session import Access

T = TypeVar("T")

#: IAM actions that it calls in the account, and in the organization's management account
PERMISSIONS = tuple(
    sorted(
        {
            "account:GetContactInformation",
            "organizations:DescribeOrganization",
            "support:DescribeSeverityLevels",
            *way_in.PERMISSIONS,
            *(action for scan in topic_users.SCANS for action in scan.permissions),
        }
    )
)
MANAGEMENT_PERMISSIONS = ("organizations:DescribeAccount", "organizations:ListDelegatedServicesForAccount")

SPEC: dict[str, dict[str, Any]] = {
    **aws_argument_spec(),
    **ACCOUNT_SPEC,
    "regions": {"type": "list", "elements": "str", "default": []},
    "request": {"type": "dict", "required": True},
    "account_sector": {"type": "str", "choices": ["commercial", "public_sector"], "default": "commercial"},
    "account_seller": {"type": "str", "choices": ["aws_inc", "aws_india"], "default": "aws_inc"},
    "account_payer": {"type": "str", "choices": ["shared", "dedicated"], "default": "shared"},
    "account_kind": {"type": "str", "choices": ["member", "payer", "standalone"], "default": "member"},
    "account_model": {"type": "str", "choices": ["spam", "ecam"], "default": "spam"},
    "calendar": CALENDAR_SPEC,
    "topics": {"type": "list", "elements": "str", "default": []},
    "provider_account_ids": {"type": "list", "elements": "str", "default": []},
    "now": {"type": "str", "default": ""},
    "gates": {"type": "list", "elements": "str", "choices": list(GATES), "default": []},
}
TOPIC = re.compile(r"arn:[a-z-]+:sns:([a-z0-9-]+):(\d{12}):[A-Za-z0-9_.-]+")
NO_ORGANIZATION = "AWSOrganizationsNotInUseException"
NO_ADMINISTRATOR = "AccountNotRegisteredException"
NO_CONTACT = "ResourceNotFoundException"
#: what support answers on a plan without its API. Source: AWS Support API Reference, DescribeSeverityLevels
NO_SUPPORT_API = "SubscriptionRequiredException"
#: a severity level -> the lowest plan that has it, the highest plan first
PLANS = {"critical": "enterprise", "urgent": "business", "high": "business", "normal": "developer", "low": "developer"}
SUPPORT_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}


def operation(params: dict[str, Any], run: Run) -> dict[str, Any]:
    """Return the gates' answers, all of them, and the facts that the role shows beside them."""
    check_options(params, ())
    calendar = _checked(params, run.check_mode)
    now = as_moment(params["now"]) or datetime.now(UTC)
    guard = Guard(True, StopFlag(run.stopped))  # nothing here writes, whatever the mode
    account, access = reach(params, guard, run.botocore_loader)
    facts = Reader(params, account, access).facts(calendar, now)
    rows = answers(facts, params["gates"])
    reasons = facts.reasons("accept_topic_users")
    return {
        "changed": False,
        "gates": rows,
        "ready": is_ready(rows),
        "topic_users": [
            {
                "topic": user.topic,
                "user": user.user,
                "kind": user.kind,
                "region": user.region,
                "accepted": accepted(user, reasons),
            }
            for user in facts.topic_users
        ],
        "support_plan": support_plan(access, account.partition),
        **about(account, access, guard),
    }


class Reader:
    """Reads what the wanted gates go by; what cannot be read is a fact as well (Unread), never an exception."""

    def __init__(self, params: Mapping[str, Any], account: Account, access: Access) -> None:
        self._params = params
        self._account = account
        self._access = access
        self._home = leading_region(account.partition) or params.get("region") or "us-east-1"
        self._gates = params["gates"] or GATES

    def facts(self, calendar: Calendar, now: datetime) -> Facts:
        """Return all facts."""
        params = self._params
        request = params["request"]
        users, unread = self._topic_users() if "topic_users" in self._gates else ([], [])
        leaves = "leave_organization" in self._gates and not request.get("keep_organization")
        membership = self._membership() if leaves else None
        return Facts(
            account_id=params["account_id"],
            request=request,
            now=now,
            calendar=calendar,
            sector=params["account_sector"],
            seller=params["account_seller"],
            payer=params["account_payer"],
            kind=params["account_kind"],
            model=params["account_model"],
            provider_accounts=self._provider_accounts(),
            provider_role=params["provider_role_name"],
            recorded_organization=params["organization"],
            administrator=self._administrator() if "customer_way_in" in self._gates else None,
            topics=tuple(params["topics"]),
            topic_users=tuple(users),
            unread=tuple(unread),
            membership=membership,
            contact=self._contact() if membership is not None else None,
        )

    def _provider_accounts(self) -> frozenset[str]:
        """Return the provider's accounts; a payer that is handed over is one of them no more."""
        found = {*self._params["provider_account_ids"], self._params["provider_account_id"]}
        organization = self._params["organization"]
        if organization and not self._params["request"].get("keep_organization"):
            found.add(organization["management_account_id"])
        return frozenset(found - {self._params["account_id"]})

    def _client(self, service: str) -> Any:
        return self._access.client(service, self._home)

    def _topic_users(self) -> tuple[list[topic_users.TopicUser], list[topic_users.Unread]]:
        def target_in(region: str) -> Target:
            return Target(self._account, region, self._access, self._params, self._home)

        return topic_users.find_users(target_in, self._params["topics"])

    def _administrator(self) -> way_in.Administrator | topic_users.Unread | None:
        confirmation = (self._params["request"].get("confirmations") or {}).get("customer_way_in") or {}
        arn = confirmation.get("principal")
        return self._read("iam", lambda: way_in.read_administrator(self._client("iam"), arn)) if arn else None

    def _membership(self) -> Membership | topic_users.Unread | None:
        def describe() -> Membership | None:
            try:
                found = self._client("organizations").describe_organization()["Organization"]
            except Exception as error:
                if error_code(error) == NO_ORGANIZATION:
                    return None
                raise
            return Membership(found["Id"], found["MasterAccountId"])

        member = self._read("organizations", describe)
        if not isinstance(member, Membership) or member.management_account_id == self._params["account_id"]:
            return member
        joined = self._read("organizations", lambda: self._managed("describe_account")["Account"])
        unread = isinstance(joined, topic_users.Unread)
        return Membership(
            member.organization_id,
            member.management_account_id,
            joined_by=joined if unread else joined.get("JoinedMethod", "CREATED"),
            joined_at=None if unread else joined.get("JoinedTimestamp"),
            administers=self._read("organizations", self._administers),
        )

    def _administers(self) -> tuple[str, ...]:
        try:
            found = self._managed("list_delegated_services_for_account")["DelegatedServices"]
        except Exception as error:
            if error_code(error) == NO_ADMINISTRATOR:
                return ()
            raise
        return tuple(sorted(service["ServicePrincipal"] for service in found))

    def _managed(self, name: str) -> Any:
        """Return what the organization's management account says of this account."""
        client = self._access.management.client("organizations", self._home)
        return getattr(client, name)(AccountId=self._params["account_id"])

    def _contact(self) -> Contact | topic_users.Unread | None:
        def get() -> Contact | None:
            try:
                found = self._client("account").get_contact_information()
            except Exception as error:
                if error_code(error) == NO_CONTACT:
                    return None
                raise
            information = found["ContactInformation"]
            return Contact(information.get("PhoneNumber", ""), found.get("VerificationStatus", ""))

        return self._read("account", get)

    @staticmethod
    def _read(what: str, ask: Callable[[], T]) -> T | Any:
        """Return what ``ask`` returns, or Unread; Any, because mypy cannot tell which."""
        try:
            return ask()
        except Exception as error:
            return topic_users.unread(what, GLOBAL, error)


def support_plan(access: Access, partition: str) -> str:
    """Return the support plan that the severity levels tell: basic, developer, business, enterprise or unknown (E6).

    AWS has no operation that names it. Where the API is refused for want of a plan, that is basic; accounts with the
    developer plan may be answered so too.
    """
    try:
        support = access.client("support", SUPPORT_REGIONS.get(partition, "us-east-1"))
        levels = {level["code"] for level in support.describe_severity_levels()["severityLevels"]}
    except Exception as error:
        return "basic" if error_code(error) == NO_SUPPORT_API else "unknown"
    return next((plan for level, plan in PLANS.items() if level in levels), "unknown")


def _checked(params: Mapping[str, Any], check_mode: bool) -> Calendar:
    """Check what the argument spec cannot, and return the calendar.

    Raises:
        RecordError: with every fault, before anything is called.
        AccountsError: a library is missing.
    """
    account = Account(params["account_id"], name=params["account_name"])
    faults = list(_faults(params, check_mode))
    try:
        calendar = calendar_of(params["calendar"])
    except RecordError as error:
        faults.append(str(error))
    except AccountsError as error:
        raise AccountsError(f"account {account}: {error}") from error
    if faults:
        raise RecordError(f"account {account}: " + "; ".join(faults))
    return calendar


def _faults(params: Mapping[str, Any], check_mode: bool) -> Iterator[str]:
    # the offboarding date itself may be rehearsed, the confirmations of that day with it
    rehearsed = as_moment(params["now"])
    for fault in request_faults(params["request"], rehearsed and max(rehearsed, datetime.now(UTC))):
        yield f"offboarding: {fault}"
    for fault in foreign_principals(params["request"], params["account_id"]):
        yield f"offboarding: {fault}"
    for fault in list_of(account_id)(params["provider_account_ids"]):
        yield f"provider_account_ids: {fault}"
    for topic in params["topics"]:
        match = TOPIC.fullmatch(topic)
        if not match or match[2] != params["account_id"]:
            yield f"topics: {topic!r} is no ARN of a topic of this account"
    if params["now"] and rehearsed is None:
        yield f"now: is {params['now']!r}; write a moment as 2026-12-15T09:30:00-06:00"
    if params["now"] and not check_mode:
        yield "now: another time than the clock's is for rehearsals; take it out, or run with --check"


ENTRY = Entry(operation=operation, argument_spec=SPEC)
