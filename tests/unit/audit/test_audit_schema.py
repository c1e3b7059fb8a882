"""audit.json is what its schema says, and the schema lets nothing else through (G7)."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.unit.audit.audits import REGIONS, TUESDAY, WEDNESDAY, audit, audit_of, result, row

ROLE = Path(__file__).resolve().parents[3] / "roles" / "account_audit"
SCHEMA = json.loads((ROLE / "files" / "audit.schema.json").read_text())


def faults(found: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(found)]


def everything() -> dict[str, Any]:
    """Three audits in a row, in which there is one of everything; the last of them."""
    rows = [row(state, state=state) for state in ("drifted", "foreign", "unknown", "skipped", "compliant")]
    other = {**result(row(state="drifted")), "account": {"id": "2" * 12, "name": "other", "regions": REGIONS}}
    monday = audit_of({"app1": result(*rows, row("trail", state="drifted", findings=["f"])), "other": other})
    tuesday = audit(*rows, row("trail"), row("recorder", state="drifted"), previous=monday, now=TUESDAY)
    rows[1]["findings"] = ["a new one beside what is open"]
    changed = [*rows[1:], row("recorder", state="unknown"), row("alias", findings=["g"])]
    results = {"app1": result(*changed), "gone": None}
    return audit_of(results, previous=tuesday, now=WEDNESDAY, faults={"gone": ["account_id: is missing"]})


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "found",
    [
        audit(row()),
        audit(row(state="drifted", before=None)),
        audit_of({"a": None}),
        audit_of({"a": {"failed": True, "msg": "no"}}),
        audit_of({}),
        everything(),
    ],
)
def test_every_audit_is_as_the_schema_says(found: dict[str, Any]) -> None:
    assert faults(found) == []


def test_the_fixture_of_everything_has_everything() -> None:
    found = everything()
    assert {"absent", "accounts", "totals"} <= set(found)
    keys = {key for account in found["accounts"] for key in account}
    assert "unread" in keys
    told = {key for account in found["accounts"] for entry in account["results"] for key in entry}
    of_findings = {"findings", "finding_since"}
    assert told - of_findings == {"default", "state", "regions", "before", "after", "reason", "error", "since", "trend"}
    assert of_findings <= told


BROKEN: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another format": lambda found: found.update(format=2),
    "another kind": lambda found: found.update(kind="x"),
    "no time": lambda found: found.update(audited_at="yesterday"),
    "a key that nobody knows": lambda found: found.update(more=1),
    "a state that is none": lambda found: found["accounts"][0]["results"][0].update(state="failed"),
    "a drift without a difference": lambda found: found["accounts"][0]["results"][0].pop("before"),
    "a drift without a time": lambda found: found["accounts"][0]["results"][0].pop("since"),
    "times of findings where there are none": lambda found: found["accounts"][0]["results"][0].update(
        finding_since={"f": {"since": TUESDAY}}
    ),
    "no region": lambda found: found["accounts"][0]["results"][0].update(regions=[]),
    "an unread account that is compliant": lambda found: found["accounts"][0].update(results=[], state="compliant"),
    "an unread account without a reason": lambda found: found["accounts"][0].update(results=[], state="unknown"),
    "a number below nothing": lambda found: found["totals"].update(drifted=-1),
    "no accounts": lambda found: found.pop("accounts"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_is_refused(name: str) -> None:
    found = copy.deepcopy(audit(row(state="drifted")))
    BROKEN[name](found)
    assert faults(found)


def test_an_unread_target_without_an_error_and_a_skipped_one_without_a_reason_are_refused() -> None:
    found = audit(row(state="unknown"), row("recorder", state="skipped"))
    for entry, key in zip(found["accounts"][0]["results"], ("error", "reason"), strict=True):
        broken = {name: value for name, value in entry.items() if name != key}
        assert faults({**found, "accounts": [{**found["accounts"][0], "results": [broken]}]})
