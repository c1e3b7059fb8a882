# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The account's own data, as the customer's request wants it: contacts and the root user's address (E6, D6).

What is there and what is wanted are a person's data. A state therefore names the fields that differ from the request,
and no value of them; neither do messages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import AccountSession, Guard
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Entry, Run
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import RecordError, error_code, is_denied
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import (
    GLOBAL,
    AccountDefault,
    Observed,
    Skip,
    State,
    StopFlag,
    Target,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.naming import found
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.offboarding_request import request_faults
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.onboarding import check_options, verdict
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.organization_membership import is_member
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.plan import COMPLIANT, DRIFTED, Change, Plan
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.reach import ACCOUNT_SPEC, about, reach
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.record_checks import shown
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.refusals import explained
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.root_access import MODEL_SPEC, customers_root

SPEC: dict[str, dict[str, Any]] = {
    **aws_argument_spec(),
    **ACCOUNT_SPEC,
    **MODEL_SPEC,
    "request": {"type": "dict", "required": True},
    "provider_email_domains": {"type": "list", "elements": "str", "default": []},
    "email_code": {"type": "str", "no_log": True},
    "code_sent": {"type": "bool", "default": False},
    "resend_code": {"type": "bool", "default": False},
    "wait_timeout": {"type": "int", "default": 120},
}
#: the request's field -> AWS's. Source: Account Management API Reference, ContactInformation
CONTACT = {
    "full_name": "FullName",
    "company_name": "CompanyName",
    "address_line_1": "AddressLine1",
    "address_line_2": "AddressLine2",
    "address_line_3": "AddressLine3",
    "city": "City",
    "district_or_county": "DistrictOrCounty",
    "state_or_region": "StateOrRegion",
    "postal_code": "PostalCode",
    "country_code": "CountryCode",
    "phone_number": "PhoneNumber",
    "website_url": "WebsiteUrl",
}
#: likewise. Source: Account Management API Reference, PutAlternateContact
ALTERNATE = {"name": "Name", "title": "Title", "email": "EmailAddress", "phone": "PhoneNumber"}
ALTERNATES = ("billing", "operations", "security")
#: what of the request is looked at here
FIELDS = ("contact", "alternate_contacts", "new_root_email")

NOT_FOUND = "ResourceNotFoundException"
ACCEPT = "AcceptPrimaryEmailUpdate"
CODE = re.compile(r"[a-zA-Z0-9]{6}")  # Source: Account Management API Reference, AcceptPrimaryEmailUpdate
DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
HELD_BY_CUSTOMER = (
    "account_model is ecam: the customer holds the root user and the account's own data, and nothing of them is changed"
)
WRONG_CODE = (
    "the one-time code is wrong, has expired, or was sent for another address: copy it again from the newest mail to "
    "offboarding.new_root_email, or have a new one sent (resend_code, without email_code)"
)
#: Source: Account Management API Reference, StartPrimaryEmailUpdate and AcceptPrimaryEmailUpdate
FIXES = {
    "StartPrimaryEmailUpdate:ConflictException": (
        "the address is in use: offboarding.new_root_email must not be the root user's address of any other AWS "
        "account, closed ones included; or an update is under way: run again later"
    ),
    "StartPrimaryEmailUpdate:ValidationException": "correct offboarding.new_root_email: 5 to 64 characters",
    f"{ACCEPT}:ConflictException": (
        "the address was taken in the meantime, or the update is no longer under way: run again with resend_code"
    ),
    f"{ACCEPT}:ValidationException": WRONG_CODE,
    f"{ACCEPT}:{NOT_FOUND}": WRONG_CODE,
    "PutContactInformation:ValidationException": "correct offboarding.contact",
    "PutAlternateContact:ValidationException": "correct offboarding.alternate_contacts",
}
TRUSTED_ACCESS = (
    "AWS Account Management is not trusted in the organization: in its management account, aws organizations "
    "enable-aws-service-access --service-principal account.amazonaws.com"
)
WAITING = (
    "waits for the one-time code that AWS {sent} to offboarding.new_root_email: run again with it (email_code), or "
    "have a new one sent (resend_code)"
)


class AccountData(AccountDefault):
    """A part of the account's own data. Its state is ``{"differs": [names of fields]}``.

    It is no account default: onboarding leaves it alone.
    """

    service = "account"
    section = "account"
    requirement = "E6"
    late = "run again to look again"

    def __init__(self, request: Mapping[str, Any], theirs: bool) -> None:
        """Keep what is wanted.

        Args:
            theirs: the customer holds the root user and all this, so that nothing may be written (D1).
        """
        self.request = request
        self.theirs = theirs

    def observe(self, target: Target) -> Observed:
        """Return which fields differ; what the customer holds may also stay unread."""
        try:
            with refusals(self.request):
                return self.look(target)
        except Exception as error:
            if self.theirs:
                return Observed(findings=(f"it could not be compared with the request: {error}",))
            raise

    def look(self, target: Target) -> Observed:
        """Return which fields differ."""
        raise NotImplementedError

    def desired(self, target: Target, seen: Observed) -> State | Skip:
        """Want no difference; where the customer holds it, tell the differences."""
        if self.theirs:
            return Skip(HELD_BY_CUSTOMER, tuple(self.findings(seen.state or {})))
        return {key: [] for key in seen.state or {}}

    def findings(self, state: State) -> Iterator[str]:
        """Say what differs and is the customer's to change."""
        if state.get("differs"):
            yield f"it differs from the request in {', '.join(state['differs'])}; the customer changes it"


class ContactInformation(AccountData):
    """The primary contact: name, company, address and phone number. PutContactInformation replaces all of it."""

    name = "contact_information"
    title = "Contact information"
    permissions = ("account:GetContactInformation", "account:PutContactInformation")

    def look(self, target: Target) -> Observed:
        answer = found(target.client("account").get_contact_information, NOT_FOUND) or {}
        there, wanted = answer.get("ContactInformation", {}), self._wanted()
        differs = [name for name, key in CONTACT.items() if not same(name, there.get(key), wanted.get(key))]
        findings: tuple[str, ...] = ()
        if answer.get("VerificationStatus") in {"UNVERIFIED", "PENDING"}:
            findings = (
                "AWS has not verified the phone number, and may want that before the account leaves an organization",
            )
        return Observed({"differs": differs}, findings=findings)

    def put(self, target: Target, seen: Observed, after: State) -> State | None:
        with refusals(self.request):
            target.client("account").put_contact_information(ContactInformation=self._wanted())
        return None

    def _wanted(self) -> dict[str, str]:
        contact = self.request.get("contact") or {}
        return {key: str(contact[name]).strip() for name, key in CONTACT.items() if contact.get(name)}


class AlternateContacts(AccountData):
    """Whom AWS tells about billing, operations and security beside the root user.

    Those that the request names are set. Of the others only the provider's own go, known by the domain of their
    address; the rest stays. ``providers`` in the state are those that go.
    """

    name = "alternate_contacts"
    title = "Alternate contacts"
    permissions = ("account:DeleteAlternateContact", "account:GetAlternateContact", "account:PutAlternateContact")

    def __init__(self, request: Mapping[str, Any], theirs: bool, provider_domains: frozenset[str]) -> None:
        super().__init__(request, theirs)
        self.provider_domains = provider_domains

    def look(self, target: Target) -> Observed:
        client = target.client("account")
        differs: list[str] = []
        providers, kept = [], []
        for kind in ALTERNATES:
            answer = found(client.get_alternate_contact, NOT_FOUND, AlternateContactType=kind.upper())
            there = answer["AlternateContact"] if answer else None
            wanted = self._wanted(kind)
            if wanted and there is None:
                differs.append(kind)
            elif wanted and there is not None:
                differs += [f"{kind}.{n}" for n, key in ALTERNATE.items() if not same(n, there.get(key), wanted[key])]
            elif there is not None:
                domain = str(there.get("EmailAddress", "")).strip().rpartition("@")[2].casefold()
                if domain in self.provider_domains:
                    providers.append(kind)
                else:
                    kept.append(
                        f"the alternate contact for {kind} stays: its address, at {domain}, is not the provider's"
                    )
        return Observed({"differs": differs, "providers": providers}, findings=tuple(kept))

    def findings(self, state: State) -> Iterator[str]:
        yield from super().findings(state)
        if state.get("providers"):
            kinds = ", ".join(state["providers"])
            yield f"the provider is the alternate contact for {kinds}; the customer removes it"

    def put(self, target: Target, seen: Observed, after: State) -> State | None:
        client, state = target.client("account"), seen.state or {}
        with refusals(self.request):
            for kind in dict.fromkeys(name.partition(".")[0] for name in state["differs"]):
                client.put_alternate_contact(AlternateContactType=kind.upper(), **self._wanted(kind))
            for kind in state["providers"]:
                found(client.delete_alternate_contact, NOT_FOUND, AlternateContactType=kind.upper())
        return None

    def _wanted(self, kind: str) -> dict[str, str]:
        contact = (self.request.get("alternate_contacts") or {}).get(kind) or {}
        return {key: str(contact[name]).strip() for name, key in ALTERNATE.items()} if contact else {}


class PrimaryEmail(AccountData):
    """The root user's address, changed from the management account in two steps: a code is sent, and comes back.

    ``code_sent`` in the state is there while the address differs and no code is given.
    """

    name = "primary_email"
    title = "Primary e-mail address"
    requirement = "D6"
    #: in the management account
    management_permissions = (
        "account:AcceptPrimaryEmailUpdate",
        "account:GetPrimaryEmail",
        "account:StartPrimaryEmailUpdate",
        "organizations:DescribeAccount",
    )

    def __init__(
        self,
        request: Mapping[str, Any],
        theirs: bool,
        account_kind: str,
        code: str,
        code_sent: bool,
        management: Callable[[], AccountSession],
    ) -> None:
        super().__init__(request, theirs)
        self.account_kind = account_kind
        self.code = code
        self.code_sent = code_sent
        self.management = management

    def look(self, target: Target) -> Observed:
        if self.account_kind != "member":
            return Observed(raw=f"of a {self.account_kind} account no API changes it: the root user does")
        management = self.management()
        try:
            answer = management.client("account", target.home_region).get_primary_email(AccountId=target.account.id)
        except Exception as error:
            if not is_denied(error) and error_code(error) != NOT_FOUND:
                raise
            if is_member(management.client("organizations", target.home_region), target.account.id):
                raise
            return Observed(
                raw="the account is not, or no longer, a member of the organization: the root user changes it"
            )
        if same("email", answer["PrimaryEmail"], self.request.get("new_root_email")):
            return Observed({"differs": []})
        return Observed({"differs": ["new_root_email"], **({} if self.code else {"code_sent": self.code_sent})})

    def desired(self, target: Target, seen: Observed) -> State | Skip:
        if self.theirs:
            return super().desired(target, seen)
        if seen.state is None:
            return Skip(str(seen.raw))
        waits = seen.state["differs"] and not self.code
        return {**seen.state, "code_sent": True} if waits else {"differs": []}

    def put(self, target: Target, seen: Observed, after: State) -> State | None:
        client = self.management().client("account", target.home_region)
        wanted = {"AccountId": target.account.id, "PrimaryEmail": str(self.request["new_root_email"]).strip()}
        with refusals(self.request, self.code):
            if after["differs"]:
                client.start_primary_email_update(**wanted)
                return after
            status = client.accept_primary_email_update(**wanted, Otp=self.code).get("Status")
        # AWS may show the new address hours later. Source: Account Management Guide, "Update the root user email"
        return after if status in {"ACCEPTED", "COMPLETED"} else None


#: IAM actions that it calls in the account, and in the organization's management account
PERMISSIONS = (*ContactInformation.permissions, *AlternateContacts.permissions)
MANAGEMENT_PERMISSIONS = PrimaryEmail.management_permissions


def operation(params: dict[str, Any], run: Run) -> dict[str, Any]:
    """Compare the account's data with the request, and change what differs where the model gives it to the provider."""
    check_options(params, ())
    theirs = customers_root(params["account_model"], params["account_kind"])
    if faults := _faults(params, theirs):
        raise RecordError(f"account {params['account_name'] or params['account_id']}: " + "; ".join(faults))
    stop = StopFlag(run.stopped)
    guard = Guard(run.check_mode, stop)
    account, access = reach(params, guard, run.botocore_loader, regions=False)
    target = Target(account, GLOBAL, access, params, params.get("region") or "us-east-1")
    request = params["request"]
    domains = frozenset(domain.strip().casefold() for domain in params["provider_email_domains"])
    code_sent = params["code_sent"] and not params["resend_code"]
    data = (
        ContactInformation(request, theirs),
        AlternateContacts(request, theirs, domains),
        PrimaryEmail(
            request,
            theirs,
            params["account_kind"],
            params["email_code"] or "",
            code_sent,
            lambda: access.management,
        ),
    )
    plan = Plan.make(data, lambda region: target, [], {}, params, stop)
    diff = plan.diff()
    if not run.check_mode:
        plan.apply(params["wait_timeout"])
    waiting = _wait_for_code(plan.changes[-1], run.check_mode)
    return {
        **plan.result(),
        "waiting_for_code": waiting,
        **verdict(plan, True),
        **about(account, access, guard),
        "diff": diff,
    }


def same(name: str, one: Any, other: Any) -> bool:
    """Tell whether two values of a field mean the same: white space, and what AWS may write otherwise, left aside."""
    values = [" ".join(str(value or "").split()) for value in (one, other)]
    if name in {"phone", "phone_number"}:
        values = [re.sub(r"\D", "", value) for value in values]
    elif name in {"email", "country_code"}:
        values = [value.casefold() for value in values]
    return values[0] == values[1]


@contextmanager
def refusals(request: Mapping[str, Any], code: str = "") -> Iterator[None]:
    """Raise what AWS refuses as an error that says what to do, and shows neither anybody's data nor the code."""
    try:
        yield
    except Exception as error:
        if not error_code(error):
            raise
        fixes = dict(FIXES)
        told = str(error).casefold()
        if "trusted access" in told:
            fixes[error_code(error)] = TRUSTED_ACCESS
        elif "otp" in told or "one-time" in told:  # AWS does not document by which error it refuses a code
            fixes[f"{ACCEPT}:{error_code(error)}"] = WRONG_CODE
        raise explained(error, fixes, hidden=[*_values(request), code]) from error


def _values(request: Mapping[str, Any]) -> Iterator[str]:
    """Return everybody's data of a request."""
    contacts = [request.get("contact"), *(request.get("alternate_contacts") or {}).values()]
    for contact in contacts:
        yield from (str(value).strip() for value in (contact or {}).values())
    yield str(request.get("new_root_email") or "").strip()


def _wait_for_code(change: Change, check_mode: bool) -> bool:
    """Tell whether the address waits for its code; a change that does is no compliant one, even if all was done."""
    waits = change.state in {COMPLIANT, DRIFTED} and bool((change.after or {}).get("code_sent"))
    if waits:
        change.state = DRIFTED
        change.reason = WAITING.format(sent="would send" if check_mode and change.changed else "sent")
    return waits


def _faults(params: Mapping[str, Any], theirs: bool) -> list[str]:
    """Return what is wrong with the options; what the customer holds is only compared, and may be incomplete."""
    request = params["request"]
    faults = []
    if not theirs:
        faults += [f"request: {fault}" for fault in request_faults(request) if _concerns_us(fault)]
    code = params["email_code"]
    if code and not CODE.fullmatch(code):
        faults.append("email_code: is not 6 letters and digits (it is not shown here); copy it again from the mail")
    if code and params["resend_code"]:
        faults.append("resend_code: is given together with email_code; give one of them")
    faults += [
        f"provider_email_domains: {shown(domain)} is no domain, like provider.example"
        for domain in params["provider_email_domains"]
        if not DOMAIN.fullmatch(domain.strip().casefold())
    ]
    return faults


def _concerns_us(fault: str) -> bool:
    """Tell whether a fault of the request is in a field that is looked at here."""
    words = fault.split()
    return words[0].partition(".")[0] in FIELDS or (words[:2] == ["has", "no"] and words[2].strip(";") in FIELDS)


ENTRY = Entry(operation=operation, argument_spec=SPEC)
