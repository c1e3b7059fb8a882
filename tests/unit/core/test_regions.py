# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Which regions an account has enabled, and which of them are worked in (A3, B6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccessError, RecordError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Region
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.regions import chosen_regions, enabled_regions
from tests.unit.core.places import refusal


class Account:
    """account:ListRegions, over pages."""

    def __init__(self, *pages: dict[str, str], error: Exception | None = None) -> None:
        self.pages, self.error, self.asked = pages, error, []  # type: ignore[var-annotated]

    def get_paginator(self, name: str) -> Account:
        """Return itself: one paginator."""
        assert name == "list_regions"
        return self

    def paginate(self, **arguments: Any) -> Iterable[dict[str, Any]]:
        """Yield the pages, or refuse."""
        self.asked.append(arguments)
        if self.error:
            raise self.error
        for page in self.pages:
            yield {"Regions": [{"RegionName": n, "RegionOptStatus": s} for n, s in page.items()]}


class Ec2:
    """ec2:DescribeRegions."""

    def __init__(self, regions: dict[str, str] | None = None, error: Exception | None = None) -> None:
        self.regions, self.error = regions or {}, error

    def describe_regions(self, **arguments: Any) -> dict[str, Any]:
        """Return the regions, or refuse."""
        assert arguments == {"AllRegions": False}
        if self.error:
            raise self.error
        return {"Regions": [{"RegionName": n, "OptInStatus": s} for n, s in self.regions.items()]}


def enabled(account: Account, ec2: Ec2 | None = None, partition: str = "aws") -> list[Region]:
    """Return what is enabled according to these clients."""
    clients: Callable[[str], Any] = {"account": account, "ec2": ec2 or Ec2()}.__getitem__
    return enabled_regions(clients, lambda name: "aws-cn" if name.startswith("cn-") else "aws", partition)


DENIED = refusal("AccessDeniedException", "ListRegions", "no ListRegions")


def test_the_regions_of_every_page_are_sorted_and_say_whether_they_are_opt_in() -> None:
    """AWS facts: account:ListRegions."""
    account = Account({"us-east-1": "ENABLED_BY_DEFAULT", "af-south-1": "ENABLED"}, {"eu-west-1": "ENABLED_BY_DEFAULT"})

    assert enabled(account) == [Region("af-south-1", opt_in=True), Region("eu-west-1"), Region("us-east-1")]


def test_the_management_account_is_not_named_in_its_own_question() -> None:
    """AWS facts: it must leave out its own id; only enabled regions are asked for."""
    account = Account({})
    enabled(account)

    assert account.asked == [{"RegionOptStatusContains": ["ENABLED", "ENABLED_BY_DEFAULT"]}]


def test_regions_of_other_partitions_are_left_out() -> None:
    """Emulator facts: moto answers those of China too."""
    assert enabled(Account({"us-east-1": "ENABLED_BY_DEFAULT", "cn-north-1": "ENABLED"})) == [Region("us-east-1")]


def test_ec2_is_asked_where_the_account_api_is_denied() -> None:
    """AWS facts: else ec2:DescribeRegions; a region that is not opted in is none."""
    ec2 = Ec2({"us-east-1": "opt-in-not-required", "af-south-1": "opted-in", "me-south-1": "not-opted-in"})

    assert enabled(Account(error=DENIED), ec2) == [Region("af-south-1", opt_in=True), Region("us-east-1")]


def test_where_both_are_denied_the_message_says_both_and_the_fix() -> None:
    """AWS facts: then the run needs account_regions."""
    with pytest.raises(AccessError) as raised:
        enabled(Account(error=DENIED), Ec2(error=refusal("UnauthorizedOperation", message="no DescribeRegions")))

    message = str(raised.value)
    assert "account_regions" in message
    assert "account:ListRegions" in message
    assert "no ListRegions" in message
    assert "no DescribeRegions" in message


HERE = [Region("af-south-1", opt_in=True), Region("eu-west-1"), Region("us-east-1")]


def test_every_enabled_region_is_worked_in_where_none_is_named() -> None:
    """B6: in every region."""
    assert chosen_regions(HERE, [], "a") == HERE


def test_named_regions_are_worked_in_once_each_and_keep_what_is_known_of_them() -> None:
    """A3: regions are per account."""
    assert chosen_regions(HERE, ["us-east-1", "af-south-1", "us-east-1"], "a") == [HERE[2], HERE[0]]


def test_regions_that_are_not_enabled_are_all_named_with_account_field_and_fix() -> None:
    """Issue, "Bad input": before any write."""
    with pytest.raises(RecordError) as raised:
        chosen_regions(HERE, ["us-east-1", "me-south-1", "us-west-9"], "app1-prod (111111111111)")

    message = str(raised.value)
    assert message.startswith("account app1-prod (111111111111): account_regions names me-south-1, us-west-9, ")
    assert "af-south-1, eu-west-1, us-east-1" in message
    assert "enable it there, or take it out" in message
