# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What AWS refuses is told as what to do about it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccessError, AccountsError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.refusals import (
    explained,
    reason_of,
    told,
    without,
)


def refusal(code: str, message: str = "No.", **more: Any) -> ClientError:
    """Return what botocore raises."""
    return ClientError({"Error": {"Code": code, "Message": message}, **more}, "DoIt")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (refusal("Violation", Reason="WAIT_PERIOD_ACTIVE"), "WAIT_PERIOD_ACTIVE"),
        (refusal("Violation", "WAIT_PERIOD_ACTIVE: wait"), "WAIT_PERIOD_ACTIVE"),
        (refusal("Violation", "AWS refuses"), ""),
        (refusal("Violation", "You must WAIT_PERIOD_ACTIVE"), ""),
        (ValueError("WAIT_PERIOD_ACTIVE"), ""),
    ],
)
def test_the_reason_is_what_aws_gives_beside_the_code(error: Exception, reason: str) -> None:
    assert reason_of(error) == reason


@pytest.mark.parametrize(
    ("fixes", "fix"),
    [
        ({"DoIt:REASON_A": "first", "REASON_A": "second", "DoIt:Code": "third", "Code": "fourth"}, "first"),
        ({"REASON_A": "second", "DoIt:Code": "third", "Code": "fourth"}, "second"),
        ({"DoIt:Code": "third", "Code": "fourth"}, "third"),
        ({"Code": "fourth", "Other": "none"}, "fourth"),
        ({"Other:Code": "none"}, ""),
    ],
)
def test_the_advice_that_fits_best_is_given(fixes: dict[str, str], fix: str) -> None:
    error = explained(refusal("Code", Reason="REASON_A"), fixes)

    assert str(error) == "DoIt was refused (Code, REASON_A): No" + (f"; {fix}" if fix else "")
    assert error.result["error"] == {
        "operation": "DoIt",
        "code": "Code",
        "reason": "REASON_A",
        "message": "No.",
        "fix": fix,
    }


def test_general_advice_holds_where_there_is_no_special_one() -> None:
    assert "grant this action" in str(explained(refusal("AccessDenied"), {}))


def test_nobodys_data_is_shown() -> None:
    error = explained(refusal("Code", "Olivia Owner lives in SAN ANTONIO, TX"), {}, ["San Antonio", "Olivia", "TX", ""])

    assert str(error) == "DoIt was refused (Code): *** Owner lives in ***, TX"
    assert error.result["error"]["message"] == "*** Owner lives in ***, TX"


def test_longer_values_are_hidden_before_those_that_they_contain() -> None:
    assert without("1 Main Street 5", ["Main", "1 Main Street 5"]) == "***"


def test_the_account_is_named_once() -> None:
    with pytest.raises(AccountsError, match=r"^account app1: DoIt was refused") as caught, told("app1", {}):
        raise refusal("Code")
    assert caught.value.result["error"]["code"] == "Code"

    with pytest.raises(AccessError, match=r"^account app1: no way") as again, told("app1", {}):
        raise AccessError("no way", changed=True)
    assert again.value.result == {"changed": True}

    with pytest.raises(AccessError, match=r"^app1 is known"), told("app1", {}):
        raise AccessError("app1 is known")


def test_a_broken_connection_is_a_refusal_too() -> None:
    with pytest.raises(AccountsError, match="account app1: "), told("app1", {}):
        raise EndpointConnectionError(endpoint_url="https://x")


def test_a_defect_stays_one() -> None:
    with pytest.raises(KeyError), told("app1", {}):
        raise KeyError("x")
