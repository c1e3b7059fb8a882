# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the screen tells of the results of a fleet: folded, in order, and in time that grows with the accounts only."""

from __future__ import annotations

import time
from copy import deepcopy
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.plugin_utils import progress
from ansible_collections.rackspace.aws_accounts.plugins.plugin_utils.fleet import (
    Fleet,
    duration,
    folded,
    legend,
    names,
    rows_of,
    shortened,
    told,
)
from ansible_collections.rackspace.aws_accounts.plugins.plugin_utils.progress import Task
from tests.unit.alone import Clock

REGIONS = ("eu-west-1", "us-east-1", "us-west-2")


def row(default: str, section: str, region: str = "global", state: str = "compliant", **more: Any) -> dict[str, Any]:
    return {"default": default, "section": section, "region": region, "state": state, "changed": False, **more}


def result(name: str, number: str, *rows: dict[str, Any]) -> dict[str, Any]:
    return {"account": {"id": number, "name": name, "regions": list(REGIONS)}, "targets": list(rows)}


def fleet(**results: dict[str, Any]) -> Fleet:
    found = Fleet()
    for host, answer in results.items():
        assert found.result(host, answer) is not None
    return found


ONE, TWO, THREE = "111111111111", "222222222222", "333333333333"


def test_what_is_alike_in_regions_and_accounts_is_told_once() -> None:
    def answer(name: str, number: str) -> dict[str, Any]:
        reason = "a policy denies {region} to account {number}"
        rows = [
            row("trail", "cloudtrail", at, "skipped", reason=reason.format(region=at, number=number)) for at in REGIONS
        ]
        return result(name, number, *rows, row("topic", "support", "us-east-1", changed=True))

    told_of = fleet(b=answer("b", TWO), a=answer("a", ONE), c=result("c", THREE, row("trail", "cloudtrail")))
    assert list(told_of.notes("changed")) == [
        "changed in a, b: topic in us-east-1",
        "skipped in a, b: trail in every region: a policy denies <region> to account <account_id>",
    ]


def test_what_only_one_account_or_region_says_is_told_in_its_own_words() -> None:
    rows = [
        row("trail", "cloudtrail", at, "skipped", reason=f"covered by the trail of us-east-1 of {ONE}")
        for at in REGIONS
    ]
    told_of = fleet(a=result("a", ONE, *rows), b=result("b", TWO, row("trail", "cloudtrail")))
    assert list(told_of.notes("changed")) == [
        f"skipped in a: trail in every region: covered by the trail of us-east-1 of {ONE}"
    ]


def test_foreign_comes_before_changed_skipped_and_findings() -> None:
    rows = (
        row("a", "iam", findings=["odd"]),
        row("b", "iam", state="skipped", reason="off"),
        row("c", "iam", state="drifted", changed=True),
        row("d", "iam", state="foreign", reason="somebody's"),
    )
    lines = list(fleet(one=result("one", ONE, *rows)).notes("would change"))
    assert lines == ["foreign: d: somebody's", "would change: c", "skipped: b: off", "finding: a: odd"]


def test_the_table_has_the_guides_order_of_sections_and_counts_worst_first() -> None:
    rows = (
        row("x", "other", state="skipped"),
        row("trail", "cloudtrail", "us-east-1", "failed"),
        row("trail", "cloudtrail", "eu-west-1", "unknown"),
        row("trail", "cloudtrail", "us-west-2", "foreign"),
        row("topic", "cloudtrail", "us-west-2", changed=True),
        row("role", "iam"),
    )
    table = fleet(a=result("a", ONE, *rows), b=result("b", TWO, row("role", "iam"))).table(["b", "gone"])
    assert table == [
        "  account  iam  cloudtrail  other",
        "! b        =1",
        "! gone",
        "  a        =1   !2 ?1 +1    -1",
    ]


def test_an_audit_drifts_and_changes_nothing() -> None:
    audited = fleet(a=result("a", ONE, row("trail", "cloudtrail", "us-east-1", "drifted")))
    assert audited.word(would=False) == "drifted"
    assert audited.heading([], "drifted") == "1 account: 0 failed, 1 drifted, 0 unchanged"
    assert legend("drifted").startswith("+ drifted")


def test_an_audit_counts_what_drifted_whether_its_host_failed_or_not() -> None:
    drifted = row("trail", "cloudtrail", "us-east-1", "drifted")
    audited = fleet(a=result("a", ONE, drifted), b=result("b", TWO, drifted), c=result("c", THREE, row("role", "iam")))
    assert audited.heading(["a", "b"], "drifted") == "3 accounts: 2 failed, 2 drifted, 1 unchanged"
    audited = fleet(a=result("a", ONE, row("trail", "cloudtrail", "us-east-1", "failed", changed=True)))
    assert audited.heading(["a"], "changed") == "1 account: 1 failed, 0 changed, 0 unchanged"


def test_an_account_that_was_not_reached_is_unknown_and_told_with_its_message() -> None:
    away = {**result("b", TWO), "msg": f"account b ({TWO}): no role can be assumed"}
    found = fleet(a=result("a", ONE, row("role", "iam")))
    assert found.result("b", away) == {"unknown": 1}
    told_of = [f"b ({TWO})", "  unknown: no role can be assumed"]
    assert found.heading([], "changed") == "2 accounts: 0 failed, 0 changed, 1 unchanged, 1 unknown"
    assert list(found.failures([])) == told_of
    found.error("b", "Fail", away["msg"])
    assert list(found.failures(["b"])) == told_of
    assert found.table([]) == ["  account  iam", "! b", "  a        =1"]
    found.result("b", result("b", TWO, row("role", "iam")))
    assert list(found.failures([])) == []
    assert found.heading([], "changed") == "2 accounts: 0 failed, 0 changed, 2 unchanged"


def test_accounts_that_were_not_reached_are_told_by_name_in_whatever_order_their_hosts_end() -> None:
    found = fleet(a=result("a", ONE, row("role", "iam")))
    for host, number in (("c", THREE), ("b", TWO)):
        found.result(host, {**result(host, number), "msg": f"account {host} ({number}): no role can be assumed"})
    why = "  unknown: no role can be assumed"
    assert list(found.failures([])) == [f"b ({TWO})", why, f"c ({THREE})", why]


def test_the_newest_result_of_a_target_counts() -> None:
    planned = fleet(a=result("a", ONE, row("trail", "cloudtrail", "us-east-1", "unknown")))
    planned.result("a", result("a", ONE, row("trail", "cloudtrail", "us-east-1")))
    assert planned.table([]) == ["  account  cloudtrail", "  a        =1"]


def test_a_task_that_works_in_another_account_is_that_accounts_row() -> None:
    """The shared services are made by a task of the first host."""
    found = fleet(a=result("shared management services", TWO, row("queue", "shared_services", "us-east-1")))
    found.result("a", result("a", ONE, row("role", "iam")))
    assert [line.split("  ")[1].strip() for line in found.table([])[1:]] == ["a", "shared management services"]


def test_failures_name_account_regions_operation_error_and_fix_once_for_defaults_alike() -> None:
    error = {"operation": "ListTopics", "code": "AccessDenied", "message": "no", "fix": "grant it"}
    rows = [row(name, "support", at, "unknown", error=error) for at in REGIONS for name in ("topic", "urgent_topic")]
    lines = list(fleet(a=result("a", ONE, *rows)).failures(["a"]))
    assert lines == [
        f"a ({ONE})",
        "  unknown: topic, urgent_topic in eu-west-1, us-east-1, us-west-2",
        "    ListTopics AccessDenied: no",
        "    fix: grant it",
    ]


@pytest.mark.parametrize("targets", [None, [], "text", [{"default": "x"}], [1]])
def test_a_result_that_is_no_accounts_is_none(targets: Any) -> None:
    assert rows_of({"targets": targets}) is None


def entry(region: str, default: str = "trail", **after: Any) -> dict[str, Any]:
    header = f"a ({ONE}) {region} {default}"
    return {"before_header": header, "after_header": header, "before": None, "after": after}


def test_diffs_that_differ_by_their_region_alone_are_one() -> None:
    diffs = [entry(at, topic=f"arn:aws:sns:{at}:1:x") for at in REGIONS]
    before = deepcopy(diffs)
    (one,) = folded(diffs)
    assert one["after"] == {"topic": "arn:aws:sns:<region>:1:x"}
    assert one["after_header"] == f"a ({ONE}) trail in 3 regions: eu-west-1, us-east-1, us-west-2"
    assert diffs == before


def test_diffs_that_differ_otherwise_or_are_headed_otherwise_stay_as_they_are() -> None:
    other = {"before": "text\n", "after": "other\n", "before_header": "/etc/hosts", "after_header": "/etc/hosts (new)"}
    diffs = [entry("us-east-1", logging=True), entry("eu-west-1", logging=False), entry("us-west-2", "topic"), other]
    assert folded(diffs) == diffs
    assert folded(other) == [other]
    assert folded({"prepared": "done\n"}) == [{"prepared": "done\n"}]


def test_the_result_of_300_accounts_is_told_in_seconds() -> None:
    defaults = [(f"default_{number}", ("iam", "config", "support")[number % 3]) for number in range(8)]
    rows = [
        row(
            name,
            section,
            f"eu-west-{region}",
            "skipped" if region == 3 else "compliant",
            changed=region < 2,
            reason="no",
        )
        for region in range(17)
        for state in ("skipped" if region == 3 else "compliant",)
        for name, section in defaults
    ]
    began = time.process_time()
    found = Fleet()
    for number in range(300):
        found.result(f"host-{number}", result(f"host-{number}", f"{number:012}", *rows))
    failed = [f"host-{number}" for number in range(0, 300, 3)]
    assert len(found.table(failed)) == 301
    assert len(list(found.notes("changed"))) == 2
    assert "100 failed, 200 changed" in found.heading(failed, "changed")
    assert time.process_time() - began < 3


def test_an_estimate_goes_by_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    task = Task("t", total=10, done=4, began=clock.monotonic())
    clock.sleep(8)
    assert task.left() == pytest.approx(12)
    assert Task("t", total=10, done=1).left() is None
    assert Task("t", total=10, done=10).left() is None


def test_words() -> None:
    assert [duration(seconds) for seconds in (0, 61.9, 3725)] == ["0:00", "1:01", "1:02:05"]
    assert names("abcdef") == "a, b, c, d, e, f"
    assert names("abcdefg") == "a, b, c, d, e and 2 more"
    assert told({"changed": 2, "skipped": 1}, "would change") == "2 would change, 1 skipped"
    assert shortened("account a (1): " + "x" * 200) == "x" * 157 + "..."
