"""The audit for spreadsheets: a line for each account, region and default, and no formula (G7)."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.filter.audit_csv import audit_csv
from tests.unit.audit.audits import AFTER, BEFORE, HOSTILE, ID, MONDAY, REGIONS, TUESDAY, audit, audit_of, result, row


def read(found: dict[str, Any]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(audit_csv(found), newline="")))


def test_every_region_of_every_default_has_a_line() -> None:
    found = read(audit(*(row(region=region) for region in REGIONS), row("rackspace_role", region="global")))
    assert [(line["default"], line["region"], line["state"]) for line in found] == [
        *(("trail", region, "compliant") for region in REGIONS),
        ("rackspace_role", "global", "compliant"),
    ]


def test_a_line_says_whose_it_is() -> None:
    line = read(audit(row()))[0]
    said = [line[column] for column in ("account", "id", "ddi", "service_level", "section")]
    assert said == ["app1", ID, "1234567", "navigator", "cloudtrail"]


def test_before_and_after_are_json() -> None:
    line = read(audit(row(state="drifted")))[0]
    assert (json.loads(line["before"]), json.loads(line["after"])) == (BEFORE, AFTER)
    assert read(audit(row(state="drifted", before=None)))[0]["before"] == "null"
    assert read(audit(row()))[0]["before"] == ""


def test_why_since_and_trend_are_told() -> None:
    found = read(audit(row(state="unknown"), row("recorder", state="skipped"), previous=audit(row()), now=TUESDAY))
    unknown, skipped = found
    assert unknown["error"] == "DescribeTrails AccessDenied: no"
    assert (unknown["fix"], unknown["since"], unknown["trend"]) == ("grant this action", TUESDAY, "new")
    assert (skipped["reason"], skipped["since"]) == ("covered by another", "")


def test_findings_are_told() -> None:
    line = read(audit(row(findings=["one", "two"])))[0]
    assert (line["state"], line["findings"], line["since"]) == ("compliant", "one; two", MONDAY)


def test_an_account_that_could_not_be_read_has_a_line() -> None:
    found = read(audit_of({"a": {"failed": True, "msg": "account a: none of the roles can be assumed"}}))
    assert [(line["state"], line["error"], line["default"]) for line in found] == [
        ("unknown", "none of the roles can be assumed", "")
    ]


@pytest.mark.parametrize(
    "name",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=cmd|' /C calc'!A1", "＝1＋1", HOSTILE[55:], "\x00=1"],
)
def test_no_name_is_a_formula(name: str) -> None:
    about = {"id": ID, "name": name, "regions": REGIONS}
    text = audit_csv(audit_of({"a": {**result(row(state="skipped", reason=name)), "account": about}}))
    line = next(csv.DictReader(io.StringIO(text, newline="")))
    for cell in (line["account"], line["reason"]):
        assert not cell.strip().startswith(("=", "+", "-", "@", "＝", "＋"))
        assert cell.isprintable()


def test_commas_and_quotes_stay_in_their_cell() -> None:
    name = 'a,"b";c'
    about = {"id": ID, "name": name, "regions": REGIONS}
    found = read(audit_of({"a": {**result(row()), "account": about}}))
    assert [line["account"] for line in found] == [name]
