# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The customer's billing permissions before the day: one inline policy of ours on each named role or user (E4)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import policies
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import Guard
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Entry, Run
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import RecordError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Account, StopFlag
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.naming import found
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.onboarding import check_options
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.plan import (
    COMPLIANT,
    DRIFTED,
    FAILED,
    FOREIGN,
    SKIPPED,
    UNKNOWN,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.reach import ACCOUNT_SPEC, about, reach
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.refusals import explained

#: what opens the page "Payment preferences" and adds a payment method there.
#: Source: AWS Organizations User Guide, "Removing a member account from an organization" (CreatePaymentInstrument and
#: UpdatePaymentPreferences), AWS Billing User Guide, "Mapping fine-grained IAM actions reference" (what was
#: ViewPaymentMethods and ModifyPaymentMethods, without invoices and without deleting a payment method), Service
#: Authorization Reference, "AWS Payments" (MakePayment verifies a payment method; ListPaymentInstruments), and the part
#: of the AWS managed policy AWSManagedSignUpAdminAccess that is for payment (seller of record, billing address)
BILLING_ACTIONS = (
    "account:GetAccountInformation",
    "account:GetContactInformation",
    "billing:GetSellerOfRecord",
    "payments:CreatePaymentInstrument",
    "payments:GetPaymentInstrument",
    "payments:GetPaymentStatus",
    "payments:ListPaymentInstruments",
    "payments:ListPaymentPreferences",
    "payments:MakePayment",
    "payments:UpdatePaymentPreferences",
)
#: IAM actions that it calls in the account
PERMISSIONS = (
    "iam:DeleteRolePolicy",
    "iam:DeleteUserPolicy",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:GetUser",
    "iam:GetUserPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
)
SID = "RackspaceBillingAccess"

SPEC: dict[str, dict[str, Any]] = {
    **aws_argument_spec(),
    **ACCOUNT_SPEC,
    "principals": {"type": "list", "elements": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "policy_name": {"type": "str", "default": "rackspace-billing-access"},
    "actions": {"type": "list", "elements": "str", "default": list(BILLING_ACTIONS)},
}
PRINCIPAL = re.compile(
    r"arn:(?P<partition>[a-z-]+):iam::(?P<account>\d{12}):(?P<kind>role|user)(?P<path>/(?:[^\s]+/)?)(?P<name>[\w+=,.@-]+)",
    re.ASCII,
)
POLICY_NAME = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)
ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z0-9*]+")
FIXES = {
    "LimitExceededException": (
        "the inline policies of this principal have no room left: take another principal into "
        "offboarding.billing_principals, or grant these actions by a managed policy"
    ),
    "LimitExceeded": (
        "the inline policies of this principal have no room left: take another principal into "
        "offboarding.billing_principals, or grant these actions by a managed policy"
    ),
}


@dataclass
class Grant:
    """Our policy on one principal: what is there, and what is to become of it."""

    principal: str
    kind: str = ""  #: role or user
    name: str = ""
    state: str = COMPLIANT
    changed: bool = False
    reason: str = ""
    before: list[policies.Statement] | None = None  #: None: there is no policy of that name
    after: list[policies.Statement] | None = None

    def row(self) -> dict[str, Any]:
        """Return the principal's row of the result."""
        return {"principal": self.principal, "state": self.state, "changed": self.changed, "reason": self.reason}

    def to(self, state: str, reason: str, changed: bool = False) -> Grant:
        """Set what came of it."""
        self.state, self.reason, self.changed = state, reason, changed
        return self


def operation(params: dict[str, Any], run: Run) -> dict[str, Any]:
    """Give our policy to each principal, or take it back."""
    check_options(params, ())
    name = params["account_name"] or params["account_id"]
    if faults := _faults(params):
        raise RecordError(f"account {name}: " + "; ".join(faults))
    guard = Guard(run.check_mode, StopFlag(run.stopped))
    account, access = reach(params, guard, run.botocore_loader, regions=False)
    iam = access.client("iam", params.get("region") or "us-east-1")
    grants = [_plan(iam, arn, account, params) for arn in dict.fromkeys(params["principals"])]
    for grant in grants:
        if grant.changed and not run.check_mode:
            _apply(iam, grant, params)
    return {
        "changed": any(grant.changed for grant in grants),
        "principals": [grant.row() for grant in grants],
        "not_editable": [grant.principal for grant in grants if grant.state == SKIPPED],
        **_verdict(grants, account, params["state"]),
        **about(account, access, guard),
        "diff": [_difference(grant, account) for grant in grants if grant.changed],
    }


def document(actions: Iterable[str]) -> policies.Document:
    """Return the policy document that allows the actions, marked as ours by its statement id."""
    statement = {"Sid": SID, "Effect": "Allow", "Action": sorted(set(actions)), "Resource": "*"}
    return {"Version": policies.VERSION, "Statement": [statement]}


def _faults(params: Mapping[str, Any]) -> list[str]:
    faults = []
    if not POLICY_NAME.fullmatch(params["policy_name"]):
        faults.append(f"policy_name: is {params['policy_name']!r}; it is 1 to 128 letters, digits and _+=,.@-")
    if not params["actions"]:
        faults.append("actions: is empty; leave it out, and the default holds")
    faults += [
        f"actions: {action!r} is no IAM action, like payments:ListPaymentPreferences"
        for action in params["actions"]
        if not ACTION.fullmatch(action)
    ]
    return faults


def _plan(iam: Any, arn: str, account: Account, params: Mapping[str, Any]) -> Grant:
    """Return what is to be done with one principal."""
    grant = Grant(arn)
    parsed = PRINCIPAL.fullmatch(arn)
    if not parsed:
        return grant.to(
            FAILED,
            "it is not the ARN of an IAM role or user; write it as IAM shows it, with its path, in "
            f"offboarding.billing_principals: arn:{account.partition}:iam::{account.id}:role/NAME",
        )
    if (parsed["account"], parsed["partition"]) != (account.id, account.partition):
        return grant.to(
            FAILED,
            f"it belongs to another account than {account.id}; name a role or user of this account in "
            "offboarding.billing_principals",
        )
    grant.kind, grant.name = parsed["kind"], parsed["name"]
    if grant.kind == "role" and parsed["path"].startswith("/aws-reserved/"):
        who = "IAM Identity Center made this role, and nobody can edit it here: who administers Identity Center "
        if params["state"] == "absent":
            return grant.to(SKIPPED, f"{who}takes back what was added to its permission set")
        return grant.to(
            SKIPPED, f"{who}adds these actions to its permission set: {', '.join(sorted(set(params['actions'])))}"
        )
    if grant.kind == "role" and parsed["path"].startswith("/aws-service-role/"):
        return grant.to(
            SKIPPED,
            "it is a service-linked role, which only its service uses and nobody can edit; name a role or user of "
            "people in offboarding.billing_principals",
        )
    try:
        _compare(iam, grant, params)
    except Exception as error:  # one principal that cannot be read hides no other (G5)
        grant.to(UNKNOWN, str(explained(error, FIXES)))
    return grant


def _compare(iam: Any, grant: Grant, params: Mapping[str, Any]) -> None:
    """Look at the principal and its policy, and decide."""
    entity = _call(iam, "get", grant, "")
    there = entity[grant.kind.title()] if entity else {}
    if there.get("Arn") != grant.principal:
        if params["state"] == "present":
            real = f"; {there['Arn']} is meant?" if there else ""
            grant.to(FAILED, f"there is no such {grant.kind}{real}; correct offboarding.billing_principals")
        else:
            grant.reason = f"there is no such {grant.kind}"
        return
    answer = _call(iam, "get", grant, "_policy", PolicyName=params["policy_name"])
    grant.before = None if answer is None else policies.canonical_document(answer["PolicyDocument"])
    if params["state"] == "present":
        grant.after = policies.canonical_document(document(params["actions"]))
    if grant.before == grant.after:
        return
    if grant.before and any(statement.get("Sid") != SID for statement in grant.before):
        grant.to(
            FOREIGN,
            f"its inline policy {params['policy_name']} has statements that are not ours (statement id other than "
            f"{SID}); it is left as it is"
            + ("" if params["state"] == "absent" else ". Choose another name for ours by policy_name"),
        )
        return
    grant.to(DRIFTED, "", changed=True)


def _apply(iam: Any, grant: Grant, params: Mapping[str, Any]) -> None:
    """Write, or delete, the policy of one principal."""
    try:
        if grant.after is None:
            _call(iam, "delete", grant, "_policy", PolicyName=params["policy_name"])
        else:
            body = json.dumps(document(params["actions"]))
            _call(iam, "put", grant, "_policy", PolicyName=params["policy_name"], PolicyDocument=body)
    except Exception as error:
        grant.to(FAILED, str(explained(error, FIXES)))
    else:
        grant.state = COMPLIANT


def _call(iam: Any, verb: str, grant: Grant, suffix: str, **arguments: Any) -> Any:
    """Call ``verb_role`` or ``verb_user`` and the like; returns None where there is no such thing."""
    method = getattr(iam, f"{verb}_{grant.kind}{suffix}")
    absent = () if verb == "put" else ("NoSuchEntity", "NoSuchEntityException")
    return found(method, *absent, **{f"{grant.kind.title()}Name": grant.name}, **arguments)


def _verdict(grants: Iterable[Grant], account: Account, state: str) -> dict[str, Any]:
    """Return failed and msg where a principal did not get what it should, or nobody can say."""
    bad = {FAILED, UNKNOWN, *([FOREIGN] if state == "present" else [])}
    lines = [f"{grant.principal} is {grant.state}: {grant.reason}" for grant in grants if grant.state in bad]
    return {"failed": True, "msg": f"account {account}: " + "; ".join(lines)} if lines else {}


def _difference(grant: Grant, account: Account) -> dict[str, Any]:
    header = f"{account} {grant.principal}"
    return {
        "before_header": header,
        "after_header": header,
        "before": {"policy": grant.before},
        "after": {"policy": grant.after},
    }


ENTRY = Entry(operation=operation, argument_spec=SPEC)
