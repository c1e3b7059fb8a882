# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""AWS's refusals, told as what to do about them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import (
    AccountsError,
    describe_error,
    error_code,
)

#: an error code, a reason code, or either behind ``operation:`` -> what to do
Fixes = Mapping[str, str]
#: what is not hidden although somebody entered it: shorter than this, it would hide half of every message
SHORTEST_HIDDEN = 4


def reason_of(error: Exception) -> str:
    """Return the reason code that AWS gives beside the error code, "" where it gives none.

    Source: AWS Organizations API Reference, ConstraintViolationException (``Reason``).
    """
    response = getattr(error, "response", None)
    if not isinstance(response, dict):
        return ""
    inner = response.get("Error", {})
    given = response.get("Reason") or response.get("reason") or inner.get("Reason")
    if given:
        return str(given)
    # some answers have it only as the first word of the message
    word = re.match(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\b", str(inner.get("Message", "")))
    return word[0] if word else ""


def explained(error: Exception, fixes: Fixes, hidden: Iterable[str] = ()) -> AccountsError:
    """Return an error that says which call AWS refused, with which words, and what to do.

    Args:
        fixes: what to do, by code; errors.py's general advice holds where none is known.
        hidden: values that the message must not show, a person's address for instance.

    The error's ``result`` has ``error``: operation, code, reason, message, fix.
    """
    told = describe_error(error)
    operation, code, reason = told["operation"], told["code"], reason_of(error)
    keys = [f"{operation}:{reason}", reason, f"{operation}:{code}", code]
    told["fix"] = next((fixes[key] for key in keys if key in fixes), told["fix"])
    told["message"] = without(told["message"], hidden)
    what = ", ".join(filter(None, [code, reason]))
    text = f"{operation or 'AWS'} was refused ({what}): {told['message'].rstrip('.')}"
    return AccountsError(
        text + (f"; {told['fix']}" if told["fix"] else ""),
        error={**told, "reason": reason},
    )


@contextmanager
def told(account: object, fixes: Fixes, hidden: Iterable[str] = ()) -> Iterator[None]:
    """Raise what AWS refuses inside as an error that names the account and says what to do."""
    try:
        yield
    except AccountsError as error:
        if str(account) in str(error):
            raise
        raise type(error)(f"account {account}: {error}", **error.result) from error
    except Exception as error:
        if not error_code(error) and not type(error).__module__.startswith("botocore"):
            raise
        refusal = explained(error, fixes, hidden)
        raise AccountsError(f"account {account}: {refusal}", **refusal.result) from error


def without(text: str, hidden: Iterable[str]) -> str:
    """Return a text without values that it must not show, whatever their case."""
    for value in sorted({value for value in hidden if len(value) >= SHORTEST_HIDDEN}, key=len, reverse=True):
        text = re.sub(re.escape(value), "***", text, flags=re.IGNORECASE)
    return text
