"""Account Management: the primary e-mail address of a member, and the one-time code that proves a new one."""

from __future__ import annotations

import random
import re
import string
from typing import Any

from emulator.call import Call
from emulator.identity import organization_of
from emulator.ledger import timestamp
from emulator.protocol import AwsError, Response
from emulator.rules import rule
from emulator.rules.account import target_account
from emulator.world import World

EMAIL = re.compile(r"[\w+=.#|!&-]+@[\w.-]+\.\w+")


def _member(call: Call) -> Any:
    """The member that the call is about: never one's own account, nor one outside the organization.

    API_GetPrimaryEmail.html, API_StartPrimaryEmailUpdate.html, API_AcceptPrimaryEmailUpdate.html: "This operation can
    only be called from the management account or the delegated administrator account of an organization for a member
    account."
    """
    wanted = target_account(call)
    if wanted == call.account:
        text = "This operation can only be called from the management account or the delegated administrator account"
        raise AwsError("AccessDeniedException", f"{text} of an organization for a member account.", 403)
    organization = organization_of(wanted)
    return next(account for account in organization.accounts if account.id == wanted)


def in_use(world: World, email: str) -> bool:
    """Whether any account has this address, as far as accounts are known here."""
    known: set[str] = set()
    for seed in world.seeds:
        backend = organization_of(seed.id)
        known |= {one.email.lower() for one in backend.accounts} if backend else set()
        if backend is None:
            known.add(world.state(seed.id).email.lower() or seed.email.lower())
    return email.lower() in known


@rule("account", "GetPrimaryEmail")
def get_primary_email(call: Call) -> Response:
    """The address of a member's root user (API_GetPrimaryEmail.html)."""
    return call.result(PrimaryEmail=_member(call).email)


@rule("account", "StartPrimaryEmailUpdate")
def start_primary_email_update(call: Call) -> Response:
    """Sends a one-time code to the new address, which no other account may have (API_StartPrimaryEmailUpdate.html).

    A later start replaces the code. Its form: API_AcceptPrimaryEmailUpdate.html, Otp.
    """
    member, email = _member(call), str(call.params["PrimaryEmail"])
    if not 5 <= len(email) <= 64 or not EMAIL.fullmatch(email):
        raise AwsError("ValidationException", "The primary email address is not valid.")
    if in_use(call.world, email):
        raise AwsError("ConflictException", "The email address is already in use.", 409)
    code = "".join(random.choices(string.ascii_uppercase + string.digits, k=6))
    call.world.email_updates[member.id] = (email, code)
    call.world.mail.append(
        {
            "to": email,
            "subject": "Verify your new root user email address",
            "code": code,
            "account": member.id,
            "time": timestamp(),
        }
    )
    return call.result(Status="PENDING")


@rule("account", "AcceptPrimaryEmailUpdate")
def accept_primary_email_update(call: Call) -> Response:
    """With the code that was sent to this very address, once (API_AcceptPrimaryEmailUpdate.html).

    That a wrong code or address is a ValidationException, and no update under way a ResourceNotFoundException, is our
    reading of the page's list of errors.
    """
    member = _member(call)
    pending = call.world.email_updates.get(member.id)
    if pending is None:
        raise AwsError("ResourceNotFoundException", "There is no pending update of the primary email.", 404)
    if not re.fullmatch(r"[a-zA-Z0-9]{6}", str(call.params["Otp"])) or pending != (
        call.params["PrimaryEmail"],
        call.params["Otp"],
    ):
        raise AwsError("ValidationException", "The OTP code or the email address is not valid.")
    if in_use(call.world, pending[0]):
        raise AwsError("ConflictException", "The email address is already in use.", 409)
    del call.world.email_updates[member.id]
    member.email = pending[0]
    return call.result(Status="ACCEPTED")
