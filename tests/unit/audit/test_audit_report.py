"""An audit says for every account, region and default what was found; unread never looks compliant (G5, G7)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.catalogue import ACCOUNT_DEFAULTS
from tests.unit.audit.audits import AFTER, BEFORE, ERROR, ID, MONDAY, REGIONS, audit, audit_of, result, row


def account(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = audit(*rows, **more)["accounts"][0]
    return found


def entries(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = account(*rows)["results"]
    return found


def test_an_account_is_described_by_its_record_and_by_what_was_reached() -> None:
    found = account(row())
    described = {key: found[key] for key in ("host", "id", "name", "ddi", "service_level", "access_role", "api_calls")}
    assert described == {
        "host": "app1",
        "id": ID,
        "name": "app1",
        "ddi": "1234567",
        "service_level": "navigator",
        "access_role": "Rackspace",
        "api_calls": 7,
    }
    assert found["regions"] == REGIONS


def test_regions_that_are_found_alike_are_one_result_in_the_order_of_the_account() -> None:
    assert entries(*(row(region=region) for region in reversed(REGIONS))) == [
        {"default": "trail", "state": "compliant", "regions": REGIONS}
    ]


def test_regions_that_differ_in_anything_stay_apart() -> None:
    rows = [
        row(region="eu-west-1", state="drifted"),
        row(region="us-east-1", state="drifted", before=None),
        row(region="us-west-2", state="drifted", findings=["x"]),
    ]
    assert [entry["regions"] for entry in entries(*rows)] == [["eu-west-1"], ["us-east-1"], ["us-west-2"]]


def test_what_drifted_has_its_difference_and_one_that_is_absent_has_null() -> None:
    first, second = entries(row(state="drifted"), row("recorder", state="drifted", before=None))
    assert (first["before"], first["after"]) == (BEFORE, AFTER)
    assert (second["before"], second["after"]) == (None, AFTER)


def test_what_is_compliant_carries_no_state() -> None:
    assert entries(row(before=BEFORE, after=AFTER)) == [
        {"default": "trail", "state": "compliant", "regions": ["us-east-1"]}
    ]


def test_reason_error_and_findings_are_kept() -> None:
    skipped, unknown = entries(row("recorder", state="skipped", findings=["a gap"]), row(state="unknown"))
    assert (skipped["reason"], skipped["findings"]) == ("covered by another", ["a gap"])
    assert unknown["error"] == ERROR


def test_the_worst_of_a_default_comes_first() -> None:
    rows = [row(region="eu-west-1"), row(region="us-east-1", state="drifted"), row(region="us-west-2", state="unknown")]
    assert [entry["state"] for entry in entries(*rows)] == ["unknown", "drifted", "compliant"]


@pytest.mark.parametrize(
    ("states", "worst"),
    [
        (["compliant", "skipped"], "compliant"),
        (["skipped"], "compliant"),
        (["compliant", "foreign"], "foreign"),
        (["foreign", "drifted"], "drifted"),
        (["drifted", "unknown"], "unknown"),
    ],
)
def test_an_account_is_in_the_worst_state_of_its_results(states: list[str], worst: str) -> None:
    rows = [row(region=region, state=state) for region, state in zip(REGIONS, states, strict=False)]
    assert account(*rows)["state"] == worst


def test_targets_and_findings_are_counted() -> None:
    rows = [
        *(row(region=region, state="skipped", findings=["the trail does not log"]) for region in REGIONS),
        row("recorder", state="drifted"),
        row("recorder", region="eu-west-1", state="foreign"),
        row("password_policy", region="global"),
        row("rackspace_role", region="global", state="unknown"),
    ]
    assert account(*rows)["counts"] == {
        "compliant": 1,
        "drifted": 1,
        "skipped": 3,
        "foreign": 1,
        "unknown": 1,
        "findings": 1,  # the same words in three regions
    }


def test_totals_are_those_of_all_accounts() -> None:
    found = audit_of(
        {"a": result(row(), row("recorder", state="drifted")), "b": result(row(state="drifted")), "c": None}
    )
    assert found["totals"] == {
        "accounts": 3,
        "unreadable": 1,
        "compliant": 1,
        "drifted": 2,
        "skipped": 0,
        "foreign": 0,
        "unknown": 0,
        "findings": 0,
        "new": 0,
        "open": 0,
        "fixed": 0,
    }


def test_accounts_that_could_not_be_read_come_first_then_the_worst() -> None:
    found = audit_of(
        {
            "fine": result(row()),
            "foreign": result(row(state="foreign")),
            "drifted": result(row(state="drifted")),
            "unknown": result(row(state="unknown")),
            "gone": result(failed=True, msg="account gone (1): none of the roles can be assumed"),
        }
    )
    assert [entry["host"] for entry in found["accounts"]] == ["gone", "unknown", "drifted", "foreign", "fine"]


def test_an_account_that_cannot_be_reached_is_unknown_and_says_why() -> None:
    found = audit_of({"a": {"failed": True, "msg": "account a (1): none of the roles can be assumed"}})
    only = found["accounts"][0]
    assert (only["state"], only["message"], only["results"]) == ("unknown", "none of the roles can be assumed", [])
    assert set(only["counts"].values()) == {0}
    assert found["totals"]["unreadable"] == 1


def test_an_account_without_any_result_is_unknown() -> None:
    only = audit_of({"a": None})["accounts"][0]
    assert only["state"] == "unknown"
    assert "ended before this account had a result" in only["message"]


def test_an_account_in_which_nothing_was_looked_at_is_not_compliant() -> None:
    only = audit_of({"a": result()})["accounts"][0]
    assert only["state"] == "unknown"
    assert "nothing was looked at" in only["message"]


def test_a_bad_record_is_in_the_audit_with_its_faults() -> None:
    only = audit_of({"a": None}, faults={"a": ["account_id: is missing", "account_uuid: is missing"]})["accounts"][0]
    assert (only["state"], only["message"]) == ("unknown", "account_id: is missing; account_uuid: is missing")


def test_an_account_that_was_read_in_part_says_what_is_missing() -> None:
    msg = "account a: recorder is unknown in us-east-1: no"
    only = audit_of({"a": result(row(), row("recorder", state="unknown"), failed=True, msg=msg)})["accounts"][0]
    assert only["message"] == "not everything could be read: recorder in us-east-1"


def test_a_task_that_fails_because_of_drift_leaves_the_account_readable() -> None:
    found = audit_of({"a": result(row(state="drifted"), failed=True, msg="account a: trail is drifted")})
    assert found["totals"]["unreadable"] == 0
    assert found["accounts"][0]["message"] == ""


def test_an_account_whose_turn_is_still_to_come_is_left_out() -> None:
    found = audit_of({"a": result(row()), "b": None}, reached=["a"])
    assert [entry["host"] for entry in found["accounts"]] == ["a"]


def test_a_user_s_template_that_fails_does_not_hide_the_account() -> None:
    class Variables(dict[str, Any]):
        def get(self, name: str, default: Any = None) -> Any:
            if name == "account_ddi":
                raise ValueError(name)
            return super().get(name, default)

    from ansible_collections.rackspace.aws_accounts.plugins.filter.audit_report import audit_report

    found = audit_report({"a": Variables(account_audit_result=result(row()))}, ["a"])
    assert found["accounts"][0]["ddi"] == ""


def test_without_being_told_the_columns_are_the_catalogue() -> None:
    found = audit(row())["defaults"]
    assert [default["name"] for default in found] == [default.name for default in ACCOUNT_DEFAULTS]
    trail = next(default for default in found if default["name"] == "trail")
    assert trail == {
        "name": "trail",
        "title": "CloudTrail",
        "section": "cloudtrail",
        "requirement": "B6",
        "regional": True,
    }


def test_a_default_that_is_not_in_the_catalogue_has_a_column_all_the_same() -> None:
    assert audit(row("alias"))["defaults"][-1]["name"] == "alias"


def test_the_columns_can_be_given() -> None:
    given = {"name": "trail", "title": "Trail", "section": "s", "requirement": "B6", "regional": True, "more": 1}
    assert audit(row(), defaults=[given])["defaults"] == [{key: given[key] for key in given if key != "more"}]


@pytest.mark.parametrize(
    "now",
    [
        MONDAY,
        "2026-11-16T20:00:00+02:00",
        "2026-11-16 18:00:00",
        datetime(2026, 11, 16, 18, tzinfo=UTC),
        datetime(2026, 11, 16, 13, tzinfo=timezone(timedelta(hours=-5))),
    ],
)
def test_times_are_in_utc(now: Any) -> None:
    assert audit(row(), now=now)["audited_at"] == MONDAY


def test_without_a_time_it_is_now() -> None:
    stamp = datetime.fromisoformat(audit(row(), now=None)["audited_at"])  # type: ignore[arg-type]
    assert abs(datetime.now(UTC) - stamp) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("previous", "said"),
    [({"kind": "else"}, "is not an audit"), ([1], "is not an audit")],
)
def test_a_previous_audit_that_is_none_is_refused(previous: Any, said: str) -> None:
    with pytest.raises(AnsibleFilterError, match=said):
        audit(row(), previous=previous)


def test_an_audit_of_another_format_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="has format 2"):
        audit(row(), previous={**audit(row()), "format": 2})


def test_an_audit_is_plain_json() -> None:
    found = audit(row(state="drifted"), row("recorder", state="unknown"))
    assert json.loads(json.dumps(found)) == found
