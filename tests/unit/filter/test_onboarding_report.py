"""One report of all accounts, in which skipped, unknown and failed never look like success (G5)."""

from __future__ import annotations

from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.filter.onboarding_report import onboarding_report
from ansible_collections.rackspace.aws_accounts.plugins.filter.report_lines import report_lines

REGIONS = ["eu-west-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2"]
ERROR = {"operation": "CreateTrail", "code": "AccessDenied", "message": "no", "fix": "grant this action"}


def row(default: str, region: str = "global", state: str = "compliant", changed: bool = False, **more: Any) -> Any:
    section = default.split("_", maxsplit=1)[0]
    return {"default": default, "section": section, "region": region, "state": state, "changed": changed, **more}


def result(*rows: Any, **more: Any) -> dict[str, Any]:
    about = {"id": "111111111111", "name": "app1", "regions": REGIONS, "access_role": "Rackspace"}
    changed = any(row["changed"] for row in rows)
    return {"account": about, "targets": list(rows), "changed": changed, "api_calls": 7, **more}


def report(results: dict[str, Any], **more: Any) -> dict[str, Any]:
    hostvars = {
        host: {"account_id": "222222222222", **({"account_defaults_result": found} if found else {})}
        for host, found in results.items()
    }
    return onboarding_report(hostvars, list(results), **more)


def lines(results: dict[str, Any], **more: Any) -> list[str]:
    return report_lines(report(results, **more))


def test_outcomes_are_counted() -> None:
    found = report({"a": result(row("x", changed=True)), "b": result(row("x")), "c": result(msg="no", failed=True)})
    assert found["totals"] == {"accounts": 3, "failed": 1, "changed": 1, "unchanged": 1}


def test_targets_are_counted_by_what_happened() -> None:
    rows = [row("a", changed=True), row("b"), *(row(s, state=s) for s in ("skipped", "foreign", "unknown", "failed"))]
    counts = report({"a": result(*rows)})["accounts"][0]["counts"]
    assert counts == {"changed": 1, "unchanged": 1, "skipped": 1, "foreign": 1, "unknown": 1, "failed": 1}


def test_what_failed_comes_first() -> None:
    found = report({"a": result(row("x")), "b": result(row("x", changed=True)), "c": result(msg="no", failed=True)})
    assert [account["host"] for account in found["accounts"]] == ["c", "b", "a"]


def test_a_bad_record_is_in_the_report_with_its_faults() -> None:
    account = report({"a": None}, faults={"a": ["account_id: is missing", "account_uuid: is missing"]})["accounts"][0]
    assert (account["outcome"], account["id"]) == ("failed", "222222222222")
    assert account["message"] == "account_id: is missing; account_uuid: is missing"


def test_an_account_that_could_not_be_reached_is_in_the_report_with_the_message() -> None:
    account = report({"a": {"failed": True, "msg": "account a (1): none of the roles can be assumed"}})["accounts"][0]
    assert (account["outcome"], account["message"]) == ("failed", "none of the roles can be assumed")


def test_an_account_without_any_result_counts_as_failed() -> None:
    account = report({"a": None})["accounts"][0]
    assert account["outcome"] == "failed"
    assert "ended before this account had a result" in account["message"]


def test_a_failed_result_counts_as_failed_when_the_task_was_kept_from_failing() -> None:
    assert report({"a": result(row("x", changed=True), msg="account a: x is failed")})["totals"]["failed"] == 1


def test_an_account_whose_turn_is_still_to_come_is_left_out() -> None:
    found = report({"a": result(row("x")), "b": None}, reached=["a"])
    assert [account["host"] for account in found["accounts"]] == ["a"]


def test_regions_with_equal_words_are_one_entry() -> None:
    found = report({"a": result(*(row("trail", region) for region in REGIONS))})
    assert found["accounts"][0]["groups"] == [
        {"default": "trail", "section": "trail", "state": "compliant", "changed": False, "regions": REGIONS}
    ]


def test_regions_with_other_reasons_stay_apart() -> None:
    rows = [row("trail", region, "skipped", reason=f"covered in {region}") for region in REGIONS[:2]]
    assert len(report({"a": result(*rows)})["accounts"][0]["groups"]) == 2


def test_the_heading_counts_accounts() -> None:
    assert lines({"a": result(row("x"))})[0] == "1 account: 0 failed, 0 changed, 1 unchanged"


def test_check_mode_says_would_change_everywhere_g1() -> None:
    told = "\n".join(lines({"a": result(row("trail", "us-east-1", "drifted", True))}, check_mode=True))
    assert "1 would change" in told
    assert "check mode: nothing was written" in told
    assert "  would change: trail in us-east-1" in told
    assert " changed" not in told.replace("would change", "").replace("unchanged", "")


def test_the_table_has_a_line_for_each_account() -> None:
    told = lines({"a": result(row("x")), "b": result(row("x"))})
    assert sum(line.split()[:3] == ["app1", "111111111111", "unchanged"] for line in told) == 2


def test_all_regions_are_folded() -> None:
    assert "  changed: trail in 5 regions" in lines({"a": result(*(row("trail", r, changed=True) for r in REGIONS))})


def test_most_regions_are_folded_with_how_many_there_are() -> None:
    told = lines({"a": result(*(row("trail", region, changed=True) for region in REGIONS[:4]))})
    assert "  changed: trail in 4 of 5 regions" in told


def test_few_regions_are_named() -> None:
    told = lines({"a": result(*(row("trail", region, changed=True) for region in REGIONS[:2]))})
    assert "  changed: trail in eu-west-1, us-east-1" in told


def test_regions_in_which_something_failed_are_always_named_g5() -> None:
    told = lines({"a": result(*(row("trail", region, "failed", error=ERROR) for region in REGIONS), msg="x")})
    assert f"  failed: trail in {', '.join(REGIONS)}: CreateTrail AccessDenied: no - grant this action" in told


def test_defaults_with_equal_words_share_a_line() -> None:
    told = lines({"a": result(row("role", changed=True), row("policy", changed=True))})
    assert "  changed: role, policy" in told


def test_skips_are_told_with_their_reasons() -> None:
    told = lines({"a": result(row("trail", "us-east-1", "skipped", reason="switched off: not wanted"))})
    assert "  skipped: trail in us-east-1: switched off: not wanted" in told


def test_foreign_resources_are_told_with_their_reasons_g9() -> None:
    assert "  foreign: config_role: trusts another" in lines(
        {"a": result(row("config_role", state="foreign", reason="trusts another"))}
    )


def test_failures_come_before_changes_and_skips() -> None:
    rows = [row("a", state="skipped", reason="r"), row("b", changed=True), row("c", state="failed", error=ERROR)]
    told = [line.split(":")[0].strip() for line in lines({"a": result(*rows, msg="x")}) if line.startswith("  ")]
    assert told == ["failed", "changed", "skipped"]


def test_findings_are_told_once_with_their_regions() -> None:
    rows = [row("trail", region, "skipped", reason="covered", findings=["trail x is stopped"]) for region in REGIONS]
    assert lines({"a": result(*rows)}).count("  finding: trail x is stopped in 5 regions") == 1


def test_the_message_of_an_account_without_targets_is_told() -> None:
    assert "  failed: no role can be assumed" in lines({"a": {"failed": True, "msg": "no role can be assumed"}})


def test_a_message_that_repeats_the_targets_is_not_told_again() -> None:
    told = lines({"a": result(row("trail", "us-east-1", "failed", error=ERROR), msg="account a: trail is failed")})
    assert sum("failed:" in line for line in told[1:]) == 1


def test_unchanged_targets_are_counted_and_not_listed() -> None:
    assert not [line for line in lines({"a": result(row("trail", "us-east-1"))}) if line.startswith("  ")]
