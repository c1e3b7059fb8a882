# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How an organization is read (A4): what is asked of AWS, how often, and what is made of the answers."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.organization_accounts import (
    PERMISSIONS,
    TAG_PERMISSIONS,
    UNIT_PERMISSIONS,
    read_organization,
)

MANAGEMENT = "100000000001"


class Organizations:
    """Answers as AWS Organizations does, two entries a page, and counts."""

    PAGE = 2

    def __init__(self, accounts: list[dict[str, Any]], units: dict[str, list[tuple[str, str]]], held: dict[str, str]):
        self.accounts, self.units, self.held = accounts, units, held
        self.calls: Counter[str] = Counter()
        self._lock = threading.Lock()

    def describe_organization(self) -> dict[str, Any]:
        self._count("describe_organization")
        return {"Organization": {"Id": "o-exampleorg1", "MasterAccountId": MANAGEMENT}}

    def get_paginator(self, operation: str) -> Any:
        answers: dict[str, tuple[str, Any]] = {
            "list_accounts": ("Accounts", lambda: self.accounts),
            "list_roots": ("Roots", lambda: [{"Id": "r-root", "Name": "Root"}]),
            "list_organizational_units_for_parent": ("OrganizationalUnits", self._units),
            "list_accounts_for_parent": ("Accounts", self._children),
            "list_tags_for_resource": ("Tags", lambda ResourceId: [{"Key": "of", "Value": ResourceId}]),  # noqa: N803
        }
        key, answer = answers[operation]
        organizations = self

        class Paginator:
            def paginate(self, **arguments: Any) -> Iterator[dict[str, Any]]:
                entries = answer(**arguments)
                size = organizations.PAGE
                for start in range(0, max(len(entries), 1), size):
                    organizations._count(operation)
                    yield {key: entries[start : start + size], "NextToken": "more"}
                organizations._count(operation)
                yield {key: []}  # AWS may answer an empty page at the end, or between

        return Paginator()

    def _units(self, ParentId: str) -> list[dict[str, str]]:  # noqa: N803
        return [{"Id": number, "Name": name} for number, name in self.units.get(ParentId, [])]

    def _children(self, ParentId: str) -> list[dict[str, str]]:  # noqa: N803
        return [{"Id": number} for number, parent in self.held.items() if parent == ParentId]

    def _count(self, operation: str) -> None:
        with self._lock:
            self.calls[operation] += 1


CUSTOMERS, NAVIGATOR = "ou-root-customers", "ou-root-navigator"
UNITS = {"r-root": [(CUSTOMERS, "Customers")], CUSTOMERS: [(NAVIGATOR, "Navigator")]}
HELD = {MANAGEMENT: "r-root", "111111111111": NAVIGATOR, "222222222222": CUSTOMERS, "333333333333": NAVIGATOR}
IDS = {MANAGEMENT: [], "111111111111": [CUSTOMERS, NAVIGATOR], "222222222222": [CUSTOMERS]}
IDS["333333333333"] = IDS["111111111111"]


def account(number: str, *, path: bool = True, **more: Any) -> dict[str, Any]:
    """Return an account as AWS answers it."""
    paths = ["/".join(["o-exampleorg1", "r-root", *IDS[number], number]) + "/"]
    return {"Id": number, "Name": f"name {number}", "Email": "a@example.com", "State": "ACTIVE", **more} | (
        {"Paths": paths} if path else {}
    )


def placed(found: dict[str, Any]) -> dict[str, tuple[list[str], list[str]]]:
    return {entry["id"]: (entry["ou_ids"], entry["ou_names"]) for entry in found["accounts"]}


PLACES = {
    MANAGEMENT: ([], []),
    "111111111111": ([CUSTOMERS, NAVIGATOR], ["Customers", "Navigator"]),
    "222222222222": ([CUSTOMERS], ["Customers"]),
    "333333333333": ([CUSTOMERS, NAVIGATOR], ["Customers", "Navigator"]),
}


def test_an_accounts_place_is_read_off_its_path() -> None:
    aws = Organizations([account(number) for number in IDS], UNITS, HELD)
    assert placed(read_organization(aws, units=True, tags=None)) == PLACES
    assert aws.calls["list_accounts_for_parent"] == 0


@pytest.mark.parametrize("told", [[], ["111111111111"]])
def test_where_aws_tells_no_path_the_tree_tells_the_place(told: list[str]) -> None:
    aws = Organizations([account(number, path=number in told) for number in IDS], UNITS, HELD)
    assert placed(read_organization(aws, units=True, tags=None)) == PLACES


def test_the_tree_and_tags_are_asked_for_only_where_they_are_wanted() -> None:
    aws = Organizations([account(number) for number in IDS], UNITS, HELD)
    found = read_organization(aws, units=False, tags=None)
    assert set(aws.calls) == {"describe_organization", "list_accounts"}
    assert [entry["id"] for entry in found["accounts"]] == list(IDS)  # both pages, and behind an empty one


def test_tags_are_read_of_those_accounts_alone_that_are_wanted() -> None:
    aws = Organizations([account(number) for number in IDS], UNITS, HELD)
    found = read_organization(aws, units=False, tags=lambda one: one["kind"] != "payer")
    tags = {entry["id"]: entry["tags"] for entry in found["accounts"]}
    assert tags == {MANAGEMENT: {}} | {number: {"of": number} for number in IDS if number != MANAGEMENT}


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ({"State": "PENDING_CLOSURE", "Status": "ACTIVE"}, "PENDING_CLOSURE"),
        ({"State": None, "Status": "SUSPENDED"}, "SUSPENDED"),
        ({"State": None}, "UNKNOWN"),
    ],
)
def test_the_state_counts_and_the_retired_status_where_there_is_none(answer: dict[str, Any], state: str) -> None:
    """An account whose state nobody tells is not active."""
    aws = Organizations([account("111111111111", **answer)], UNITS, HELD)
    (found,) = read_organization(aws, units=False, tags=None)["accounts"]
    assert found["state"] == state


def test_every_operation_is_among_the_published_permissions() -> None:
    """G8."""
    aws = Organizations([account(number, path=False) for number in IDS], UNITS, HELD)
    read_organization(aws, units=True, tags=lambda _: True)
    called = {"organizations:" + "".join(part.title() for part in name.split("_")) for name in aws.calls}
    assert called == {*PERMISSIONS, *UNIT_PERMISSIONS, *TAG_PERMISSIONS}
