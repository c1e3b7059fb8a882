# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Residual access as people read it: what is in the way first, and how to accept it (E9)."""

from __future__ import annotations

from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.filter.residual_lines import FilterModule, residual_lines

ROLE = "arn:aws:iam::111111111111:role/deploy"
TOPIC = "arn:aws:sns:us-east-1:111111111111:rackspace-support"
REGIONS = ["eu-west-1", "us-east-1"]


def row(state: str, resource: str = ROLE, kind: str = "trust policy", region: str = "global", **more: Any) -> Any:
    return {"resource": resource, "kind": kind, "region": region, "names": [], "state": state, "reason": "why", **more}


def result(*rows: Any) -> dict[str, Any]:
    states = [one["state"] for one in rows]
    summary = {state: states.count(state) for state in ("to_decide", "unknown", "accepted", "leaving")}
    safe = not summary["to_decide"] and not summary["unknown"]
    scanned = ["roles", "sns"]
    account = {"regions": REGIONS}
    return {"residual": list(rows), "summary": summary, "safe": safe, "scanned": scanned, "account": account}


def test_what_is_in_the_way_comes_first_and_can_be_accepted_by_its_key() -> None:
    lines = residual_lines(
        result(
            row("leaving", TOPIC, "topic policy", "us-east-1", names=["222222222222"], reason="the run removes it: x"),
            row("unknown", "unknown:sns", "scan", "eu-west-1", reason="topics could not be listed: AccessDenied"),
            row("to_decide", names=["222222222222"], reason="statement 1 allows sts:AssumeRole to 222222222222"),
        )
    )
    assert lines == [
        "not safe: 1 to decide, 1 unknown, 1 leaving; 2 scans in 2 regions",
        "",
        "state      kind          resource                                              where      names",
        f"to decide  trust policy  {ROLE}                            222222222222",
        "unknown    scan          unknown:sns                                           eu-west-1",
        f"leaving    topic policy  {TOPIC}  us-east-1  222222222222",
        "",
        f"{ROLE}: statement 1 allows sts:AssumeRole to 222222222222",
        "unknown:sns: topics could not be listed: AccessDenied",
        "",
        "remove it, let the run read it, or accept it by name in the account's record:",
        "offboarding:",
        "  accept_residual:",
        f'    "{ROLE}": <reason>',
        '    "unknown:sns": <reason>',
    ]


def test_what_is_alike_in_many_regions_is_one_line_with_every_region_and_one_key() -> None:
    rows = [row("unknown", "unknown:sns", "scan", region) for region in REGIONS]
    lines = residual_lines(result(*rows))
    assert [line for line in lines if line.startswith("unknown  scan")] == [
        "unknown  scan  unknown:sns  eu-west-1, us-east-1"
    ]
    assert lines.count('    "unknown:sns": <reason>') == 1
    assert lines.count("unknown:sns: why") == 1


def test_a_resource_with_two_kinds_is_accepted_once() -> None:
    bucket = "arn:aws:s3:::work"
    lines = residual_lines(
        result(row("to_decide", bucket, "bucket policy"), row("to_decide", bucket, "bucket ACL", reason="other"))
    )
    assert lines.count(f'    "{bucket}": <reason>') == 1
    assert f"{bucket}: why" in lines
    assert f"{bucket}: other" in lines


def test_where_nothing_is_in_the_way_nothing_is_to_be_accepted() -> None:
    lines = residual_lines(result(row("accepted"), row("leaving", TOPIC, "topic policy", "us-east-1")))
    assert lines[0] == "nobody else comes in: 1 accepted, 1 leaving; 2 scans in 2 regions"
    assert not [line for line in lines if "accept_residual" in line or "why" in line]


def test_an_account_in_which_nothing_was_found() -> None:
    assert residual_lines(result()) == ["nobody else comes in: nothing found; 2 scans in 2 regions"]


def test_a_scan_that_failed_is_never_told_as_safe() -> None:
    """G5."""
    assert residual_lines({"failed": True, "msg": "account x: no way in"}) == [
        "nobody looked who else comes in: account x: no way in"
    ]
    assert residual_lines({"skipped": True}) == ["nobody looked who else comes in: the scan has no result"]


def test_the_filter_has_its_name() -> None:
    assert FilterModule().filters() == {"residual_lines": residual_lines}
