"""The audit in a terminal: what is wrong comes first, with the difference, since when and why (A5, G5, G7)."""

from __future__ import annotations

from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.filter.audit_lines import audit_lines
from tests.unit.audit.audits import DEFAULTS, HOSTILE, REGIONS, TUESDAY, audit, audit_of, result, row


def lines(*rows: dict[str, Any], **more: Any) -> list[str]:
    return audit_lines(audit(*rows, **more))


def test_the_heading_counts_accounts_and_targets() -> None:
    rows = [
        row("a"),
        *(row(s, state=s) for s in ("unknown", "drifted", "foreign", "skipped")),
        row("b", findings=["x"]),
    ]
    assert lines(*rows)[0] == "1 account: 1 unknown, 1 drifted, 1 foreign, 1 skipped, 2 compliant; 1 finding"


def test_the_heading_says_how_many_accounts_could_not_be_read() -> None:
    assert audit_lines(audit_of({"a": result(row()), "b": None}))[0].startswith("2 accounts; 1 could not be read: ")


def test_what_changed_since_the_previous_audit_is_counted() -> None:
    found = lines(row(state="drifted"), previous=audit(row()), now=TUESDAY)
    assert found[1] == "since 2026-11-16 18:00 UTC: 1 new, 0 still open, 0 fixed"


def test_a_limited_audit_names_what_it_left_out() -> None:
    """G5: of one account too; what was not reached at all is unknown, not left out."""
    both, one = result(row(), row("recorder")), result(row())
    told = "not looked at everywhere: recorder"
    assert told in audit_lines(audit_of({"a": one}, defaults=DEFAULTS))
    assert told in audit_lines(audit_of({"a": both, "b": one}, defaults=DEFAULTS))
    assert told not in audit_lines(audit_of({"a": both, "b": None}, defaults=DEFAULTS))


def test_the_table_shows_accounts_by_sections_with_the_worst_of_each() -> None:
    rows = [
        row("rackspace_role", region="global"),
        *(row(region=region, state="drifted") for region in REGIONS),
        row("trail", region="eu-west-1", state="foreign"),
        row("recorder", state="skipped"),
    ]
    found = lines(*rows)
    heading, first = found[3], found[4]
    cells = dict(zip(heading.split(), first.replace("3 drifted", "3-drifted").split(), strict=True))
    expected = {"iam": "ok", "s3": "-", "cloudtrail": "3-drifted", "config": "skipped", "support": "-"}
    assert cells == {"account": "app1", "id": "111111111111", "state": "drifted", "risk_events": "-", **expected}


def test_drift_is_told_with_the_difference() -> None:
    found = lines(row(state="drifted"))
    at = found.index("  drifted: trail in us-east-1")
    assert found[at + 1] == "    is_logging: false -> true"


def test_what_is_absent_is_told_so() -> None:
    assert "    is not there" in lines(row(state="drifted", before=None))


def test_many_differences_are_cut_and_counted() -> None:
    before, after = ({f"key{n}": value for n in range(11)} for value in (0, 1))
    found = lines(row(state="drifted", before=before, after=after))
    assert "    key7: 0 -> 1" in found
    assert "    key8: 0 -> 1" not in found
    assert found[-1] == "    and 3 more differences"


def test_defaults_that_drifted_alike_are_one_entry() -> None:
    found = lines(row("trail", state="drifted"), row("recorder", state="drifted"))
    assert "  drifted: trail, recorder in us-east-1" in found


def test_many_regions_are_counted_and_those_that_could_not_be_read_are_named() -> None:
    regions = ["a", "b", "c", "d"]
    about = {"id": "111111111111", "name": "app1", "regions": regions}
    rows = [row(region=region, state="drifted") for region in regions]
    rows += [row("recorder", region=region, state="unknown") for region in regions]
    found = audit_lines(audit_of({"app1": {**result(*rows), "account": about}}))
    assert "  drifted: trail in 4 regions" in found
    why = "DescribeTrails AccessDenied: no - grant this action"
    assert f"  unknown: recorder in a, b, c, d: {why}" in found


def test_what_could_not_be_read_comes_before_what_drifted() -> None:
    found = [line.split(":")[0].strip() for line in lines(row(state="drifted"), row("recorder", state="unknown"))]
    assert found.index("unknown") < found.index("drifted")


def test_an_account_that_could_not_be_reached_says_why() -> None:
    found = audit_lines(audit_of({"a": {"failed": True, "msg": "account a: none of the roles can be assumed"}}))
    assert "  unknown: none of the roles can be assumed" in found


def test_what_is_skipped_has_its_reason_and_what_is_compliant_no_line() -> None:
    found = lines(row(state="skipped"), row("recorder"))
    assert "  skipped: trail in us-east-1: covered by another" in found
    assert not any("recorder" in line for line in found)


def test_what_is_skipped_is_not_new_but_what_was_found_beside_it_is() -> None:
    found = lines(row(state="skipped", findings=["a gap"]), previous=audit(row()), now=TUESDAY)
    assert "  skipped: trail in us-east-1: covered by another" in found
    assert "  finding: a gap in us-east-1, new" in found


def test_an_account_that_is_as_it_should_be_has_no_lines_of_its_own() -> None:
    assert not any("app1 (" in line for line in lines(row()))


def test_a_finding_is_told_once_for_all_its_regions() -> None:
    found = lines(*(row(region=region, findings=["does not log"]) for region in REGIONS))
    assert [line for line in found if "does not log" in line] == [
        "  finding: does not log in eu-west-1, us-east-1, us-west-2"
    ]


def test_new_open_and_fixed_are_told_with_their_time() -> None:
    monday = audit(row(state="drifted"), row("recorder", state="drifted"), row("alias", findings=["f"]))
    found = lines(
        *(row(state="drifted"), row("recorder"), row("alias", findings=["f"]), row("mfa", state="foreign", reason="r")),
        previous=monday,
        now=TUESDAY,
    )
    assert "  drifted: trail in us-east-1, open since 2026-11-16 18:00 UTC" in found
    assert "  foreign: mfa in us-east-1, new: r" in found
    assert "  finding: f in us-east-1, open since 2026-11-16 18:00 UTC" in found
    assert "  fixed: recorder in us-east-1, drifted since 2026-11-16 18:00 UTC" in found


def test_what_was_drifted_and_is_not_read_is_told() -> None:
    found = lines(row("recorder"), previous=audit(row(state="drifted")), now=TUESDAY)
    assert "  not read this time: trail in us-east-1, drifted since 2026-11-16 18:00 UTC" in found


def test_each_finding_is_told_with_its_own_time() -> None:
    monday = audit(row(findings=["old"]), row("recorder", state="drifted"))
    rows = [row(state="drifted", findings=["old", "another"]), row("recorder", state="drifted", findings=["another"])]
    found = lines(*rows, previous=monday, now=TUESDAY)
    assert "  finding: old in us-east-1, open since 2026-11-16 18:00 UTC" in found
    assert "  finding: another in us-east-1, new" in found


def test_a_finding_of_different_age_in_its_regions_is_told_by_age() -> None:
    monday = audit(row(region="eu-west-1", findings=["f"]), row())
    rows = [row(region=region, findings=["f"]) for region in ("eu-west-1", "us-east-1")]
    found = [line for line in lines(*rows, previous=monday, now=TUESDAY) if "finding: f" in line]
    assert found == ["  finding: f in eu-west-1, open since 2026-11-16 18:00 UTC", "  finding: f in us-east-1, new"]


def test_a_finding_that_was_not_read_is_told_in_its_words() -> None:
    found = lines(row("recorder"), previous=audit(row(findings=["f"])), now=TUESDAY)
    assert "  not read this time: trail in us-east-1, finding since 2026-11-16 18:00 UTC: f" in found


def test_what_an_account_is_called_cannot_move_the_cursor() -> None:
    about = {"id": "111111111111", "name": HOSTILE, "regions": REGIONS}
    rows = [row(state="skipped", reason=HOSTILE), row("alias", findings=[HOSTILE])]
    found = audit_lines(audit_of({"app1": {**result(*rows), "account": about}}))
    assert all(line.isprintable() for line in found)
