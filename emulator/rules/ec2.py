"""EC2: which regions there are."""

from __future__ import annotations

from emulator.call import Call
from emulator.policy import like
from emulator.protocol import AwsError, Response
from emulator.regions import ALL_REGIONS, DEFAULT_REGIONS
from emulator.rules import rule


@rule("ec2", "DescribeRegions")
def describe_regions(call: Call) -> Response:
    """The enabled regions; all of the partition with AllRegions; never those of other partitions.

    EC2 API reference, DescribeRegions (API_DescribeRegions.html): filters `endpoint`, `opt-in-status`, `region-name`.
    """
    names = call.params.get("RegionNames") or []
    unknown = [name for name in names if name not in ALL_REGIONS]
    if unknown:
        raise AwsError("InvalidParameterValue", f"Invalid region: {', '.join(unknown)}")
    enabled = set(call.world.regions(call.account))
    shown = []
    for name in names or ALL_REGIONS:
        if name not in enabled and not call.params.get("AllRegions") and not names:
            continue
        status = "opted-in" if name in enabled else "not-opted-in"
        if name in DEFAULT_REGIONS:
            status = "opt-in-not-required"
        entry = {"RegionName": name, "Endpoint": f"ec2.{name}.amazonaws.com", "OptInStatus": status}
        if all(_matches(entry, one) for one in call.params.get("Filters") or []):
            shown.append(entry)
    return call.result(Regions=shown)


def _matches(entry: dict[str, str], one: dict[str, list[str]]) -> bool:
    keys = {"endpoint": "Endpoint", "opt-in-status": "OptInStatus", "region-name": "RegionName"}
    name = str(one.get("Name"))
    if name not in keys:
        raise AwsError("InvalidParameterValue", f"The filter '{name}' is invalid")
    return any(like(value, entry[keys[name]]) for value in one.get("Values") or [])
