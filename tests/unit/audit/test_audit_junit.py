"""The audit as JUnit XML, which CI systems show: drift fails, unread is an error (G5, G7)."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from ansible_collections.rackspace.aws_accounts.plugins.filter.audit_junit import audit_junit
from tests.unit.audit.audits import HOSTILE, ID, MONDAY, REGIONS, TUESDAY, audit, audit_of, result, row


def read(found: dict[str, Any]) -> ElementTree.Element:
    return ElementTree.fromstring(audit_junit(found).encode())


def case(*rows: dict[str, Any], **more: Any) -> ElementTree.Element:
    found = read(audit(*rows, **more)).find("testsuite/testcase")
    assert found is not None
    return found


def child(element: ElementTree.Element, name: str) -> ElementTree.Element:
    found = element.find(name)
    assert found is not None, f"no {name}"
    return found


def test_an_account_is_a_suite_and_a_default_in_a_region_a_case() -> None:
    suites = read(audit(*(row(region=region) for region in REGIONS)))
    assert [suite.get("name") for suite in suites] == [f"app1 ({ID})"]
    assert [(c.get("classname"), c.get("name")) for c in suites.iter("testcase")] == [
        ("app1.cloudtrail", f"trail[{region}]") for region in REGIONS
    ]


def test_suites_and_the_whole_count_what_is_in_them() -> None:
    rows = [row(state, state=state) for state in ("compliant", "drifted", "foreign", "unknown", "skipped")]
    suites = read(audit_of({"a": result(*rows), "b": result(row())}))
    counted = [{key: e.get(key) for key in ("tests", "failures", "errors", "skipped")} for e in [suites, *suites]]
    assert {"tests": "5", "failures": "2", "errors": "1", "skipped": "1"} in counted
    assert counted[0] == {"tests": "6", "failures": "2", "errors": "1", "skipped": "1"}


def test_a_suite_has_the_time_of_the_audit_without_a_zone_as_the_schema_wants() -> None:
    assert child(read(audit(row())), "testsuite").get("timestamp") == MONDAY.rstrip("Z")


def test_what_is_compliant_passes() -> None:
    assert list(case(row())) == []


def test_drift_is_a_failure_with_its_difference_and_its_time() -> None:
    failure = child(case(row(state="drifted"), previous=audit(row()), now=TUESDAY), "failure")
    assert (failure.get("type"), failure.get("message")) == ("drifted", "trail differs in is_logging")
    assert (failure.text or "").splitlines() == [f"new since {TUESDAY}", "is_logging: false -> true"]


def test_what_is_absent_is_told_so() -> None:
    assert child(case(row(state="drifted", before=None)), "failure").get("message") == "trail is not there"


def test_what_is_foreign_is_a_failure() -> None:
    failure = child(case(row(state="foreign", reason="another's")), "failure")
    assert (failure.get("type"), failure.get("message")) == ("foreign", "another's")


def test_what_could_not_be_read_is_an_error_with_its_fix() -> None:
    message = child(case(row(state="unknown")), "error").get("message")
    assert message == "DescribeTrails AccessDenied: no - grant this action"


def test_what_is_skipped_has_its_reason() -> None:
    assert child(case(row(state="skipped")), "skipped").get("message") == "covered by another"


def test_findings_are_the_output_of_the_case() -> None:
    found = case(row(findings=["opens to the world"]))
    assert [element.tag for element in found] == ["system-out"]
    assert found[0].text == "finding: opens to the world"


def test_an_account_that_could_not_be_read_is_an_error() -> None:
    suites = read(audit_of({"a": {"failed": True, "msg": "account a: none of the roles can be assumed"}}))
    assert suites.get("errors") == "1"
    assert child(suites, "testsuite/testcase/error").get("message") == "none of the roles can be assumed"


def test_hostile_text_is_text() -> None:
    nasty = HOSTILE + "\ud800\ufffe\x7f\x85]]>"
    about = {"id": ID, "name": nasty, "regions": REGIONS}
    rows = [row(state="skipped", reason=nasty), row("alias", findings=[nasty])]
    suites = read(audit_of({"a": {**result(*rows), "account": about}}))
    name = child(suites, "testsuite").get("name") or ""
    assert name.startswith("</script><script>alert(1)</script>")
    assert "\x1b" not in name
    assert [element.tag for element in suites.iter() if element.tag not in {"testsuites", "testsuite"}] == [
        *("testcase", "skipped", "testcase", "system-out"),
    ]
