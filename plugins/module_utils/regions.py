# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Which regions an account has enabled."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccessError, RecordError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Region


def enabled_regions(client: Callable[[str], Any], partition_of: Callable[[str], str], partition: str) -> list[Region]:
    """Return the regions that the account behind ``client`` has enabled, sorted by name.

    Asks account:ListRegions, else ec2:DescribeRegions.

    Args:
        client: makes a client of a service.
        partition_of: the partition of a region's name; regions of others are left out.

    Raises:
        AccessError: both were refused.
    """
    refusals = []
    for ask in (_from_account, _from_ec2):
        try:
            found = ask(client)
        except Exception as error:  # whatever the first answers, the second may know
            refusals.append(str(error))
        else:
            return sorted((r for r in found if partition_of(r.name) == partition), key=lambda region: region.name)
    raise AccessError(
        "the regions of the account cannot be read; name them in account_regions, or grant account:ListRegions. "
        + " ".join(refusals)
    )


def chosen_regions(enabled: Iterable[Region], wanted: Iterable[str], account: object) -> list[Region]:
    """Return the regions to work in: those wanted, or all enabled ones where none is named.

    Raises:
        RecordError: a wanted region does not exist or is not enabled.
    """
    by_name = {region.name: region for region in enabled}
    names = list(dict.fromkeys(wanted)) or list(by_name)
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise RecordError(
            f"account {account}: account_regions names {', '.join(unknown)}, which does not exist or is not enabled "
            f"in the account; enable it there, or take it out. Enabled are {', '.join(sorted(by_name))}"
        )
    return [by_name[name] for name in names]


def _from_account(client: Callable[[str], Any]) -> list[Region]:
    pages = client("account").get_paginator("list_regions")
    found = pages.paginate(RegionOptStatusContains=["ENABLED", "ENABLED_BY_DEFAULT"])
    return [
        Region(region["RegionName"], opt_in=region["RegionOptStatus"] == "ENABLED")
        for page in found
        for region in page["Regions"]
    ]


def _from_ec2(client: Callable[[str], Any]) -> list[Region]:
    return [
        Region(region["RegionName"], opt_in=region.get("OptInStatus") == "opted-in")
        for region in client("ec2").describe_regions(AllRegions=False)["Regions"]
        if region.get("OptInStatus") != "not-opted-in"
    ]
