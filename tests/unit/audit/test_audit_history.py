"""What changed since the last audit: new, open since, fixed; what was not read is none of them (G7)."""

from __future__ import annotations

from typing import Any

from tests.unit.audit.audits import MONDAY, TUESDAY, WEDNESDAY, audit, audit_of, result, row


def only(found: dict[str, Any]) -> dict[str, Any]:
    account: dict[str, Any] = found["accounts"][0]
    return account


def trends(found: dict[str, Any]) -> list[tuple[str, list[str], str, str]]:
    entries = only(found)["results"]
    return [(e["state"], e["regions"], e["since"], e.get("trend", "")) for e in entries if "since" in e]


def changes(found: dict[str, Any]) -> dict[str, int]:
    return {key: found["totals"][key] for key in ("new", "open", "fixed")}


def test_without_a_previous_audit_nothing_is_new_and_all_is_known_since_now() -> None:
    found = audit(row(state="drifted"))
    assert trends(found) == [("drifted", ["us-east-1"], MONDAY, "")]
    assert found["previous_at"] is None
    assert changes(found) == {"new": 0, "open": 0, "fixed": 0}


def test_what_was_compliant_and_drifted_is_new() -> None:
    found = audit(row(state="drifted"), previous=audit(row()), now=TUESDAY)
    assert found["previous_at"] == MONDAY
    assert trends(found) == [("drifted", ["us-east-1"], TUESDAY, "new")]
    assert changes(found) == {"new": 1, "open": 0, "fixed": 0}


def test_what_is_still_drifted_is_open_since_the_first_audit_in_a_row_that_saw_it() -> None:
    monday = audit(row(state="drifted"))
    tuesday = audit(row(state="drifted"), previous=monday, now=TUESDAY)
    wednesday = audit(row(state="drifted"), previous=tuesday, now=WEDNESDAY)
    assert trends(wednesday) == [("drifted", ["us-east-1"], MONDAY, "open")]


def test_what_was_repaired_in_between_is_new_again() -> None:
    tuesday = audit(row(), previous=audit(row(state="drifted")), now=TUESDAY)
    found = audit(row(state="drifted"), previous=tuesday, now=WEDNESDAY)
    assert trends(found) == [("drifted", ["us-east-1"], WEDNESDAY, "new")]


def test_regions_of_different_age_stay_apart() -> None:
    monday = audit(row(region="eu-west-1", state="drifted"), row())
    both = [row(region=region, state="drifted") for region in ("eu-west-1", "us-east-1")]
    assert trends(audit(*both, previous=monday, now=TUESDAY)) == [
        ("drifted", ["eu-west-1"], MONDAY, "open"),
        ("drifted", ["us-east-1"], TUESDAY, "new"),
    ]


def test_what_is_compliant_or_skipped_now_is_fixed() -> None:
    monday = audit(row(state="drifted"), row("recorder", state="foreign"))
    found = audit(row(), row("recorder", state="skipped"), previous=monday, now=TUESDAY)
    assert only(found)["fixed"] == [
        {"default": "trail", "state": "drifted", "regions": ["us-east-1"], "since": MONDAY},
        {"default": "recorder", "state": "foreign", "regions": ["us-east-1"], "since": MONDAY},
    ]
    assert changes(found) == {"new": 0, "open": 0, "fixed": 2}


def test_what_is_fixed_is_told_once() -> None:
    tuesday = audit(row(), previous=audit(row(state="drifted")), now=TUESDAY)
    assert only(audit(row(), previous=tuesday, now=WEDNESDAY))["fixed"] == []


def test_another_kind_of_trouble_is_new_and_nothing_is_fixed() -> None:
    found = audit(row(state="foreign"), previous=audit(row(state="drifted")), now=TUESDAY)
    assert changes(found) == {"new": 1, "open": 0, "fixed": 0}


def test_a_target_that_cannot_be_read_is_not_fixed_and_its_drift_is_remembered() -> None:
    tuesday = audit(row(state="unknown"), previous=audit(row(state="drifted")), now=TUESDAY)
    assert changes(tuesday) == {"new": 1, "open": 0, "fixed": 0}  # that it cannot be read is new
    remembered = {"default": "trail", "state": "drifted", "regions": ["us-east-1"], "since": MONDAY}
    assert only(tuesday)["unread"] == [remembered]
    wednesday = audit(row(state="drifted"), previous=tuesday, now=WEDNESDAY)
    assert trends(wednesday) == [("drifted", ["us-east-1"], MONDAY, "open")]
    assert changes(wednesday) == {"new": 0, "open": 1, "fixed": 0}
    assert "unread" not in only(wednesday)


def test_an_account_that_cannot_be_read_is_neither_fixed_nor_new() -> None:
    tuesday = audit_of({"app1": None}, previous=audit(row(state="drifted")), now=TUESDAY)
    assert changes(tuesday) == {"new": 0, "open": 0, "fixed": 0}
    wednesday = audit(row(), previous=tuesday, now=WEDNESDAY)
    assert only(wednesday)["fixed"] == [
        {"default": "trail", "state": "drifted", "regions": ["us-east-1"], "since": MONDAY}
    ]


def test_a_default_that_was_not_selected_is_not_fixed() -> None:
    tuesday = audit(row("recorder"), previous=audit(row(state="drifted"), row("recorder")), now=TUESDAY)
    assert changes(tuesday)["fixed"] == 0
    assert trends(audit(row(state="drifted"), previous=tuesday, now=WEDNESDAY))[0][2:] == (MONDAY, "open")


def test_an_account_that_was_left_out_is_remembered_too() -> None:
    monday = audit_of({"app1": result(row(state="drifted"))})
    limited = audit_of(
        {"other": {**result(row()), "account": {"id": "222222222222", "name": "other", "regions": ["us-east-1"]}}},
        previous=monday,
        now=TUESDAY,
    )
    assert [account["name"] for account in limited["absent"]] == ["app1"]
    assert changes(limited) == {"new": 0, "open": 0, "fixed": 0}
    wednesday = audit(row(state="drifted"), previous=limited, now=WEDNESDAY)
    assert trends(wednesday) == [("drifted", ["us-east-1"], MONDAY, "open")]
    assert "absent" not in wednesday


def test_an_account_is_the_same_by_its_id_whatever_its_host_is_called() -> None:
    monday = audit_of({"old": result(row(state="drifted"))})
    found = audit_of({"new": result(row(state="drifted"))}, previous=monday, now=TUESDAY)
    assert trends(found)[0][2:] == (MONDAY, "open")
    assert "absent" not in found


def test_a_finding_has_its_own_time() -> None:
    monday = audit(row(findings=["opens to the world"]))
    tuesday = audit(row(findings=["opens to the world"]), previous=monday, now=TUESDAY)
    assert trends(tuesday) == [("compliant", ["us-east-1"], MONDAY, "open")]
    other = audit(row(findings=["opens to the world", "another"]), previous=monday, now=TUESDAY)
    assert trends(other) == [("compliant", ["us-east-1"], MONDAY, "new")]
    assert only(other)["results"][0]["finding_since"] == {
        "opens to the world": {"since": MONDAY, "trend": "open"},
        "another": {"since": TUESDAY, "trend": "new"},
    }


def test_a_new_finding_beside_an_old_one_fixes_nothing_and_both_are_counted() -> None:
    monday = audit(row(findings=["old"]))
    tuesday = audit(row(findings=["old", "another"]), previous=monday, now=TUESDAY)
    assert only(tuesday)["fixed"] == []
    assert changes(tuesday) == {"new": 1, "open": 1, "fixed": 0}
    wednesday = audit(row(findings=["another"]), previous=tuesday, now=WEDNESDAY)
    assert trends(wednesday) == [("compliant", ["us-east-1"], TUESDAY, "open")]
    assert "finding_since" not in only(wednesday)["results"][0]
    assert [(entry["findings"], entry["since"]) for entry in only(wednesday)["fixed"]] == [(["old"], MONDAY)]


def test_a_finding_keeps_its_time_when_the_state_changes() -> None:
    monday = audit(row(findings=["old"]))
    tuesday = audit(row(state="drifted", findings=["old"]), previous=monday, now=TUESDAY)
    assert trends(tuesday) == [("drifted", ["us-east-1"], TUESDAY, "new")]
    assert only(tuesday)["results"][0]["finding_since"] == {"old": {"since": MONDAY, "trend": "open"}}
    assert changes(tuesday) == {"new": 1, "open": 1, "fixed": 0}
    wednesday = audit(row(findings=["old"]), previous=tuesday, now=WEDNESDAY)
    assert trends(wednesday) == [("compliant", ["us-east-1"], MONDAY, "open")]


def test_a_new_finding_beside_an_open_drift_is_new() -> None:
    monday = audit(row(state="drifted"))
    found = audit(row(state="drifted", findings=["another"]), previous=monday, now=TUESDAY)
    assert trends(found) == [("drifted", ["us-east-1"], MONDAY, "open")]
    assert changes(found) == {"new": 1, "open": 1, "fixed": 0}


def test_an_earlier_audit_without_times_of_its_findings_is_read_by_the_times_of_its_results() -> None:
    monday = audit(row(findings=["a", "b"]))
    monday["accounts"][0]["unread"] = [
        {"default": "recorder", "state": "finding", "regions": ["us-east-1"], "since": MONDAY, "findings": ["c", "d"]}
    ]
    rows = [row(findings=["a"]), row("recorder", findings=["d"])]
    found = audit(*rows, previous=monday, now=TUESDAY)
    assert [entry["findings"] for entry in only(found)["fixed"]] == [["c"], ["b"]]
    assert changes(found) == {"new": 0, "open": 2, "fixed": 2}


LEFT_OUT = "account_regions names 1 of the 2 regions that the account has enabled; nothing is looked at in r2"


def test_a_finding_of_the_account_is_the_same_beside_another_default() -> None:
    monday = audit(row("recorder", findings=[LEFT_OUT]), row())
    limited = audit(row(findings=[LEFT_OUT]), previous=monday, now=TUESDAY)
    assert trends(limited) == [("compliant", ["us-east-1"], MONDAY, "open")]
    assert "unread" not in only(limited)
    whole = audit(row("recorder", findings=[LEFT_OUT]), row(), previous=limited, now=WEDNESDAY)
    assert trends(whole) == [("compliant", ["us-east-1"], MONDAY, "open")]
    assert changes(whole) == {"new": 0, "open": 1, "fixed": 0}


def test_a_finding_of_the_account_is_fixed_whatever_default_was_looked_at() -> None:
    monday = audit(row("recorder", findings=[LEFT_OUT]), row())
    assert changes(audit(row(), previous=monday, now=TUESDAY)) == {"new": 0, "open": 0, "fixed": 1}
    unread = audit_of({"app1": None}, previous=monday, now=TUESDAY)
    assert [entry["findings"] for entry in only(unread)["unread"]] == [[LEFT_OUT]]


def test_what_was_unknown_and_is_not_looked_at_is_remembered() -> None:
    monday = audit(row(state="unknown"), row("recorder"))
    for tuesday in (
        audit(row("recorder"), previous=monday, now=TUESDAY),
        audit_of({"app1": None}, previous=monday, now=TUESDAY),
    ):
        assert changes(tuesday)["fixed"] == 0
        assert [(entry["state"], entry["since"]) for entry in only(tuesday)["unread"]] == [("unknown", MONDAY)]
        wednesday = audit(row(state="unknown"), previous=tuesday, now=WEDNESDAY)
        assert trends(wednesday) == [("unknown", ["us-east-1"], MONDAY, "open")]


def test_a_finding_that_is_gone_is_fixed() -> None:
    monday = audit(row(state="drifted", findings=["opens to the world"]))
    found = audit(row(), previous=monday, now=TUESDAY)
    assert only(found)["fixed"] == [
        {"default": "trail", "state": "drifted", "regions": ["us-east-1"], "since": MONDAY},
        {
            "default": "trail",
            "state": "finding",
            "regions": ["us-east-1"],
            "since": MONDAY,
            "findings": ["opens to the world"],
        },
    ]


def test_a_finding_beside_a_drift_is_the_same_finding_after_the_repair() -> None:
    monday = audit(row(state="drifted", findings=["opens to the world"]))
    found = audit(row(findings=["opens to the world"]), previous=monday, now=TUESDAY)
    assert trends(found) == [("compliant", ["us-east-1"], MONDAY, "open")]
    assert [entry["state"] for entry in only(found)["fixed"]] == ["drifted"]


def test_a_finding_of_an_unread_target_is_remembered() -> None:
    monday = audit(row(findings=["a", "b"]))
    tuesday = audit(row(state="unknown"), previous=monday, now=TUESDAY)
    wednesday = audit(row(findings=["b", "a"]), previous=tuesday, now=WEDNESDAY)
    assert trends(wednesday) == [("compliant", ["us-east-1"], MONDAY, "open")]
