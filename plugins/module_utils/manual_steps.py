# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What no API of AWS does when an account is handed back, as tasks for people (E7). Pure.

A task counts as done only where somebody confirmed it: by whom, when, and what was seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.offboarding_request import as_moment
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.organization_membership import REGISTRATION
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.root_access import customers_root

CUSTOMER, PROVIDER = "customer", "provider"
OPEN, CONFIRMED, NOT_NEEDED = "open", "confirmed", "not_needed"

#: partition -> the console's host. Source: AWS General Reference, AWS Management Console endpoints
CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
#: plans that only AWS itself can end. Source: AWS Support User Guide, "Changing AWS Support plans"
BY_AWS_ONLY = ("enterprise", "enterprise_on_ramp")
PLANS = {
    "basic": "Basic",
    "developer": "Developer",
    "business": "Business",
    "enterprise_on_ramp": "Enterprise On-Ramp",
    "enterprise": "Enterprise",
}


@dataclass(frozen=True)
class Facts:
    """What the tasks of one account are made from.

    Attributes:
        record: account_id, account_name, account_model, account_kind, account_email; beside them what the run found
            out: partition, contact_differs (fields of the contact information that the customer is to change),
            email_updated (the root user's address is the customer's already), neutralised_roles (names),
            organization_role (name of the organization's role where it is still there), organization (where the account
            stays in it: management_account_id, and management_role, by which the provider reaches that account).
        request: the offboarding record.
        support_plan: a key of ``PLANS``; "" where it is not known.
        root: mfa_enabled (None where it is not known), reason (why no API can deactivate it).
    """

    record: Mapping[str, Any]
    request: Mapping[str, Any]
    support_plan: str
    root: Mapping[str, Any]

    @property
    def account(self) -> str:
        """The account, as a sentence names it."""
        name = self.record.get("account_name")
        return f"{name} ({self.record['account_id']})" if name else str(self.record["account_id"])

    @property
    def kind(self) -> str:
        """What it is in its organization: member, payer or standalone."""
        return str(self.record.get("account_kind") or "member")

    @property
    def customers_root(self) -> bool:
        """Whether the customer held the root user all the time."""
        return customers_root(str(self.record.get("account_model") or "spam"), self.kind)

    @property
    def keeps_organization(self) -> bool:
        """Whether it stays in its organization."""
        return bool(self.request.get("keep_organization"))

    @property
    def new_address(self) -> str:
        """The root user's address after the hand-over."""
        return str(self.request.get("new_root_email") or "")

    def console(self, page: str) -> str:
        """Return the address of a page of AWS's console."""
        return f"https://{CONSOLES.get(str(self.record.get('partition') or 'aws'), CONSOLES['aws'])}/{page}"


@dataclass(frozen=True)
class Step:
    """One task: whether it is needed, how it is done, and by whom."""

    name: str
    title: str
    who: str
    needed: Callable[[Facts], bool]
    instructions: Callable[[Facts], list[str]]


def manual_steps(
    record: Mapping[str, Any],
    request: Mapping[str, Any],
    support_plan: str | None = None,
    root: Mapping[str, Any] | None = None,
    confirmations: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Return the tasks of one account, in the order in which they are done.

    Each is ``step``, ``title``, ``instructions`` (sentences), ``who`` (customer or provider), ``state`` (open,
    confirmed or not_needed), ``confirmed_by``, ``confirmed_at`` (ISO 8601) and ``evidence`` ("" where there is none).

    Args:
        record, request, support_plan, root: as in ``Facts``.
        confirmations: step -> by, at, evidence, from elsewhere than the request, whose own win.
    """
    facts = Facts(record, request, support_plan or "", root or {})
    sources = (request.get("confirmations") or {}, confirmations or {})
    return [
        _row(step, facts, next((source[step.name] for source in sources if source.get(step.name)), None))
        for step in STEPS
    ]


def _row(step: Step, facts: Facts, confirmation: Any) -> dict[str, Any]:
    row = {
        "step": step.name,
        "title": step.title,
        "instructions": [],
        "who": step.who,
        "state": NOT_NEEDED,
        "confirmed_by": "",
        "confirmed_at": "",
        "evidence": "",
    }
    if not step.needed(facts):
        return row
    row.update(state=OPEN, instructions=step.instructions(facts))
    if _is_confirmed(confirmation):
        row.update(
            state=CONFIRMED,
            confirmed_by=str(confirmation["by"]).strip(),
            confirmed_at=as_moment(confirmation["at"]).isoformat(),  # type: ignore[union-attr]
            evidence=str(confirmation["evidence"]).strip(),
        )
    return row


def _is_confirmed(confirmation: Any) -> bool:
    """Tell whether somebody said by whom, when and by what it was seen."""
    if not isinstance(confirmation, Mapping) or as_moment(confirmation.get("at")) is None:
        return False
    return all(str(confirmation.get(key) or "").strip() for key in ("by", "evidence"))


def _payment_method(facts: Facts) -> list[str]:
    principals = ", ".join(facts.request.get("billing_principals") or [])
    who = f"as {principals}, or " if principals and facts.kind != "payer" else ""
    steps = [
        f"Sign in to account {facts.account} {who}as its root user.",
        f"Open {facts.console('billing/home#/paymentpreferences')} and choose Add payment method.",
        "Enter the payment method, make it the default, and remove none before the new one is shown as valid.",
    ]
    if who:
        steps.append(
            "If the page is denied, the root user activates IAM user and role access to billing information at "
            f"{facts.console('billing/home#/account')}."
        )
    if facts.kind == "member":
        steps.append(
            "If the account still lacks something that it needs outside of its organization, complete its "
            f"registration: {REGISTRATION}"
        )
    return [*steps, "Tell the provider when the page showed the new payment method as the default."]


def _support_plan(facts: Facts) -> list[str]:
    page, case = facts.console("support/plans/home"), facts.console("support/home#/case/create")
    if facts.support_plan in BY_AWS_ONLY:
        return [
            f"Open a case with AWS Support for account {facts.account}: {case}",
            f"Ask to end the plan {PLANS[facts.support_plan]} of this account on {_day_of(facts)}.",
            f"Check in the account, at {page}, that the plan is Basic, or the one that the customer ordered.",
        ]
    plan = PLANS.get(facts.support_plan)
    return [
        f"The plan is {plan}." if plan else "Which plan the account has is not known.",
        f"Sign in to account {facts.account}, open {page} and, if the plan is not Basic, choose Review downgrade.",
        f"If it is an Enterprise plan, which only AWS can end, open a case with AWS Support instead: {case}",
        "Leave the plan as it is if the customer ordered it for the time afterwards.",
    ]


def _day_of(facts: Facts) -> str:
    day = facts.request.get("transfer_date") or facts.request.get("termination_date")
    return str(day) if day else "the day of the transfer"


def _as_root(facts: Facts) -> str:
    return (
        f"Sign in as the root user of account {facts.account}, with the password and the device that the provider has."
    )


def _root_mfa(facts: Facts) -> list[str]:
    why = facts.root.get("reason")
    page = facts.console("iam/home#/security_credentials")
    return [
        *([f"No API does it here: {why}."] if why else []),
        _as_root(facts),
        f"Open {page} and remove every device of the provider's under Multi-factor authentication (MFA).",
    ]


def _root_email(facts: Facts) -> list[str]:
    return [
        _as_root(facts),
        (
            f"Open {facts.console('billing/home#/account')}, choose Actions beside Account details, then Update email "
            "address and password."
        ),
        f"Choose Edit beside Email address, enter {facts.new_address} and the current password, and save.",
        f"Ask the owner of {facts.new_address} for the code that AWS sends there, and enter it on the same page.",
    ]


def _root_password(facts: Facts) -> list[str]:
    first = []
    if facts.kind == "member" and not facts.keeps_organization:
        first = ["Wait until the account has left the provider's organization: before, AWS may refuse a new password."]
    page = facts.console("iam/home#/security_credentials")
    return [
        *first,
        f"Open {facts.console('')}, choose Root user, enter {facts.new_address}, and choose Forgot password.",
        f"Follow the link in the mail that AWS sends to {facts.new_address}, and choose a password that only you know.",
        f"Sign in as the root user of account {facts.account}, open {page}, and assign an MFA device of your own.",
        "Tell the provider, which then destroys its copy of the former password and keeps the evidence of that.",
    ]


def _contact_information(facts: Facts) -> list[str]:
    fields = ", ".join(str(field).replace("_", " ") for field in facts.record.get("contact_differs") or [])
    return [
        f"Sign in to account {facts.account} as its root user.",
        f"Open {facts.console('billing/home#/account')} and choose Edit beside Contact information.",
        f"Enter what the request for the hand-over says: {fields}.",
    ]


def _neutralised_role(facts: Facts) -> list[str]:
    roles = facts.record.get("neutralised_roles") or []
    return [
        "Nobody can assume these roles any more, and they have no permissions; the provider could not delete them.",
        f"As an administrator of account {facts.account}, open {facts.console('cloudshell/home')} and run:",
        *[f"aws iam delete-role --role-name {role}" for role in roles],
    ]


def _organization_role(facts: Facts) -> list[str]:
    role = facts.record.get("organization_role")
    page = facts.console(f"iam/home#/roles/details/{role}")
    if facts.keeps_organization:
        return [
            f"The role {role} stays, so that the management account of your organization can work in the account.",
            f"As an administrator of account {facts.account}, check whom it trusts: {page}.",
            *_way_through_the_payer(facts, str(role)),
        ]
    return [
        f"The role {role} was made for the organization that the account left, and AWS does not remove it.",
        f"As an administrator of account {facts.account}, open {page} and delete it.",
    ]


def _way_through_the_payer(facts: Facts, role: str) -> list[str]:
    """Say how the provider still comes in through the customer's own management account (E9)."""
    organization = facts.record.get("organization") or {}
    payer, its_role = organization.get("management_account_id"), organization.get("management_role")
    if not (payer and its_role):
        return []
    page = facts.console(f"iam/home#/roles/details/{its_role}")
    return [
        f"The provider reaches your management account {payer} by the role {its_role}, and from there the role {role}.",
        f"As an administrator of account {payer}, open {page} and delete it, or take the provider out of its trust.",
    ]


#: every task, in the order in which they are done
STEPS: tuple[Step, ...] = (
    Step(
        "contact_information",
        "Contact information",
        CUSTOMER,
        lambda facts: facts.customers_root and bool(facts.record.get("contact_differs")),
        _contact_information,
    ),
    Step(
        "payment_method",
        "Payment method",
        CUSTOMER,
        # a member that stays is paid for by the organization's management account
        lambda facts: facts.kind != "member" or not facts.keeps_organization,
        _payment_method,
    ),
    Step(
        "support_plan",
        "Support plan",
        PROVIDER,
        lambda facts: facts.support_plan != "basic",
        _support_plan,
    ),
    Step(
        "root_mfa",
        "MFA of the root user",
        PROVIDER,
        lambda facts: not facts.customers_root and facts.root.get("mfa_enabled") is not False,
        _root_mfa,
    ),
    Step(
        "root_email",
        "E-mail address of the root user",
        PROVIDER,
        lambda facts: not facts.customers_root and not facts.record.get("email_updated"),
        _root_email,
    ),
    Step(
        "root_password",
        "Password of the root user",
        CUSTOMER,
        lambda facts: not facts.customers_root,
        _root_password,
    ),
    Step(
        "neutralised_role",
        "Roles that only you can delete",
        CUSTOMER,
        lambda facts: bool(facts.record.get("neutralised_roles")),
        _neutralised_role,
    ),
    Step(
        "organization_role",
        "Role of the organization",
        CUSTOMER,
        lambda facts: bool(facts.record.get("organization_role")),
        _organization_role,
    ),
)
