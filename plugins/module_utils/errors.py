# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The collection's exceptions. Code below the entry raises them; the entry translates them once."""

from __future__ import annotations

from typing import Any


class AccountsError(Exception):
    """What went wrong, in words for the person who runs the playbook.

    Args:
        message: names the account, what was found and, at its end, the fix.
        result: further keys of the module's result.
    """

    def __init__(self, message: str, **result: Any) -> None:
        super().__init__(message)
        self.result = result


class RecordError(AccountsError):
    """An option or a field of the account record is wrong; nothing was called."""


class AccessError(AccountsError):
    """The account cannot be reached, or the credentials lead to another account."""


class WriteRefusedError(AccountsError):
    """A guard of our own stopped a call before it was sent."""


def error_code(error: Exception) -> str:
    """Return AWS's error code of a botocore ``ClientError``, or "" for any other exception."""
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""


DENIED = frozenset({"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation", "403"})


def is_denied(error: Exception) -> bool:
    """Tell whether AWS refused for lack of permission (codes differ by service)."""
    return error_code(error) in DENIED


def is_denied_by_scp(error: Exception) -> bool:
    """Tell whether a service control policy denied the call: AWS's message names it.

    Source: IAM User Guide, "Access denied error message examples".
    """
    return is_denied(error) and "service control policy" in str(error)


#: codes with which services answer in a region that the caller's account has not enabled
REGION_DISABLED = frozenset({"UnrecognizedClientException", "InvalidClientTokenId", "AuthFailure", "OptInRequired"})


def is_shut_out(error: Exception) -> bool:
    """Tell whether a session may not do something, or is worth nothing any more because its role is gone."""
    return is_denied(error) or error_code(error) in {*REGION_DISABLED, "ExpiredToken", "ExpiredTokenException"}


FIXES = (
    (is_denied_by_scp, "ask who owns the organization's service control policies"),
    (is_denied, "grant this action to the role that the run came in by (docs/permissions.md lists what is needed)"),
    (
        lambda error: error_code(error) in REGION_DISABLED,
        "the region may be disabled, or the credentials are no longer valid: check account_regions",
    ),
    (
        lambda error: "Throttl" in error_code(error) or error_code(error) in {"SlowDown", "TooManyRequestsException"},
        "run again, with fewer forks",
    ),
)


def describe_error(error: Exception) -> dict[str, str]:
    """Return an exception as data: ``operation``, ``code``, ``message``, ``fix``; each a string, "" where unknown."""
    response = getattr(error, "response", None)
    inner = response.get("Error", {}) if isinstance(response, dict) else {}
    return {
        "operation": str(getattr(error, "operation_name", "")),
        "code": error_code(error) or ("" if isinstance(error, AccountsError) else type(error).__name__),
        "message": str(inner.get("Message") or error),
        "fix": next((fix for applies, fix in FIXES if applies(error)), ""),
    }
