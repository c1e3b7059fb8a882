# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The proof that no way in is left: what counts as refused, for how long, and to whom (E9)."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any, cast

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import proof as proof_module
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.last_role import DELETED, UNREAD, LastRoles, Role
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.proof import ROUNDS, Proof
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.session import Access
from tests.unit.alone import Clock
from tests.unit.core.places import refusal

WAY = {"name": "Rackspace", "via": "provider", "external_id": "x"}
OTHER = {"name": "OrganizationAccountAccessRole", "via": "management", "external_id": None}
DENIED = refusal("AccessDenied", "AssumeRole")
CONTROL = "arn:aws:iam::999999999999:role/control"

Answer = Callable[[str, str, int], Exception | None]


class Sessions:
    """What Access is to a proof: sources, and what STS answers each."""

    def __init__(self, answer: Answer = lambda role, via, n: DENIED, *sources: str) -> None:
        self.answer, self.assumable = answer, {CONTROL}
        self.tried: list[tuple[str, str]] = []
        self.controls: list[tuple[str, str]] = []
        self.names = sources or ("base",)
        self.known: list[str] = []

    def sources(self) -> dict[str, Any]:
        """Return the sources."""
        return {name: types.SimpleNamespace(caller={"Arn": f"arn:{name}"}) for name in self.names}

    def try_way(self, way: Any, via: str) -> Exception | None:
        """Answer a try."""
        self.tried.append((way["name"], via))
        return self.answer(way["name"], via, len(self.tried))

    def try_role(self, arn: str, via: str) -> Exception | None:
        """Answer the control."""
        self.controls.append((arn, via))
        return None if arn in self.assumable else DENIED

    def known_roles(self, via: str) -> list[str]:
        """Return what was assumed before."""
        return self.known


def prove(
    sessions: Sessions, *tries: Any, seconds: float = 300, control: str = CONTROL, opened: dict[str, str] | None = None
) -> list[dict[str, Any]]:
    """Return the rows of a proof."""
    proof = Proof(cast("Access", sessions), control, opened or {})
    proof.take(tries or [(WAY, set())], seconds)
    return proof.rows


@pytest.mark.parametrize("seconds", [30, 300, 1800])
def test_a_role_is_tried_again_and_again_over_the_whole_time(clock: Clock, seconds: float) -> None:
    """E9: over a settable time."""
    began = clock.now

    (row,) = prove(Sessions(), seconds=seconds)

    assert (row["attempts"], row["refused"], row["proven"]) == (ROUNDS + 1, True, True)
    assert row["seconds"] == pytest.approx(seconds)
    assert clock.now - began == pytest.approx(seconds)


@pytest.mark.parametrize("seconds", [0, -1])
def test_no_time_tries_nothing_and_proves_nothing(seconds: float) -> None:
    """E9."""
    sessions = Sessions()

    assert prove(sessions, seconds=seconds) == []
    assert sessions.tried == []


def test_a_role_that_lets_in_once_in_the_middle_is_not_proven() -> None:
    """E9: refused each time."""
    (row,) = prove(Sessions(lambda role, via, n: None if n == 6 else DENIED))

    assert (row["refused"], row["proven"]) == (False, False)


def test_a_role_that_always_lets_in_is_not_waited_for_beyond_what_iam_needs(clock: Clock) -> None:
    """E9: at most a minute, then the tries count."""
    began = clock.now

    (row,) = prove(Sessions(lambda role, via, n: None))

    assert not row["refused"]
    assert clock.now - began <= 300 + proof_module.SETTLE + 2


def test_what_lets_in_while_iam_has_not_seen_the_change_does_not_count() -> None:
    """E9: changes of IAM are seen after 2 to 30 seconds."""
    (row,) = prove(Sessions(lambda role, via, n: None if n <= 5 else DENIED))

    assert (row["refused"], row["proven"]) == (True, True)


@pytest.mark.parametrize("code", ["Throttling", "ExpiredToken", "InvalidClientTokenId", "ServiceUnavailable"])
def test_no_other_error_is_a_refusal(code: str) -> None:
    """E9, G5: it says nothing of the role."""
    (row,) = prove(Sessions(lambda role, via, n: refusal(code, "AssumeRole") if n == 6 else DENIED))

    assert (row["refused"], row["proven"]) == (False, False)


def test_a_connection_that_failed_is_not_a_refusal() -> None:
    """E9, G5."""
    (row,) = prove(Sessions(lambda role, via, n: TimeoutError("no route")))

    assert not row["proven"]


def test_refused_by_a_caller_that_can_assume_nothing_is_not_proven() -> None:
    """E9: by a caller that can still assume another role."""
    sessions = Sessions()
    sessions.assumable.clear()

    (row,) = prove(sessions)

    assert (row["refused"], row["control"], row["proven"]) == (True, "", False)


def test_the_control_is_assumed_after_the_last_try() -> None:
    """E9: still."""
    sessions = Sessions()

    def expires(role: str, via: str, n: int) -> Exception | None:
        if n == ROUNDS:
            sessions.assumable.clear()
        return DENIED

    sessions.answer = expires

    assert not prove(sessions)[0]["proven"]


def test_without_a_named_control_a_role_known_to_let_in_is_tried() -> None:
    """E9."""
    sessions = Sessions()
    sessions.known = ["arn:gone", CONTROL]

    (row,) = prove(sessions, control="")

    assert row["control"] == f"assumed {CONTROL}"


def test_a_role_that_this_caller_opened_when_the_task_began_is_its_own_control() -> None:
    """E9: from no other caller."""
    sessions = Sessions(lambda role, via, n: DENIED, "base", "provider")
    sessions.assumable.clear()

    found = {row["from"]: row["proven"] for row in prove(sessions, opened={"Rackspace": "provider"})}

    assert found == {"arn:base": False, "arn:provider": True}


def test_each_role_is_tried_from_each_caller_but_the_owners_own() -> None:
    """E9: a kept organization's management account is the customer's."""
    sessions = Sessions(lambda role, via, n: DENIED, "base", "provider", "management")

    found = {(row["role"], row["from"]) for row in prove(sessions, (WAY, set()), (OTHER, {"management"}))}

    assert found == {
        ("Rackspace", "arn:base"),
        ("Rackspace", "arn:provider"),
        ("Rackspace", "arn:management"),
        ("OrganizationAccountAccessRole", "arn:base"),
        ("OrganizationAccountAccessRole", "arn:provider"),
    }


def test_one_caller_that_is_let_in_does_not_spoil_anothers_row() -> None:
    """E9: each is told."""
    found = {
        row["from"]: row["refused"]
        for row in prove(Sessions(lambda role, via, n: None if via == "provider" else DENIED, "base", "provider"))
    }

    assert found == {"arn:base": True, "arn:provider": False}


# --- what follows from it


def judged(action: str, rows: list[dict[str, Any]]) -> bool:
    """Tell whether a role of this action counts as proven by these rows."""
    last = LastRoles.__new__(LastRoles)
    last.roles = [Role(dict(WAY), None, open=False, goes=True, action=action)]
    last._inside = None
    last._params = {"keep_organization": False, "resumed": True}
    last._access = cast("Access", types.SimpleNamespace(caller=lambda via: f"arn:{via}"))
    return last.is_proven(cast("Proof", types.SimpleNamespace(rows=rows)))


@pytest.mark.parametrize("action", [DELETED, UNREAD])
@pytest.mark.parametrize("rows", [[], [{"role": "Rackspace", "from": "arn:provider", "proven": False}]])
def test_a_role_that_went_is_not_proven_without_a_row_that_proves_it(action: str, rows: list[dict[str, Any]]) -> None:
    """E9."""
    assert not judged(action, rows)


def test_a_role_is_not_proven_by_another_roles_row() -> None:
    """E9."""
    assert not judged(DELETED, [{"role": "Other", "from": "arn:provider", "proven": True}])


def test_a_role_is_not_proven_by_a_caller_that_it_never_trusted() -> None:
    """E9: base was never admitted; of the provider's account, which was, nothing is known."""
    rows = [
        {"role": "Rackspace", "from": "arn:base", "refused": True, "proven": True},
        {"role": "Rackspace", "from": "arn:provider", "refused": True, "control": "", "proven": False},
    ]

    assert not judged(UNREAD, rows)
