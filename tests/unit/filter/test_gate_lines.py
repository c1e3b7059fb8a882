# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The gates as people read them: all at once, with what to do beneath."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.filter.gate_lines import gate_lines


def gate(name: str, result: str = "pass", **values: Any) -> dict[str, Any]:
    row = {
        "gate": name,
        "result": result,
        "evidence": f"seen by {name}",
        "fix": "" if result == "pass" else f"mend {name}",
    }
    return {**row, "overridable": False, "overridden": "", **values}


def test_the_gates_are_a_table_with_what_to_do_beneath() -> None:
    gates = [
        gate("balance_current"),
        gate("business_hours", "fail", overridable=True, overridden="ticket note 7"),
        gate("topic_users", "unknown"),
        gate("nearest_date", "fail", overridable=True),
    ]
    assert gate_lines(gates) == [
        "gate             answer            evidence",
        "balance_current  pass              seen by balance_current",
        "business_hours   fail, overridden  seen by business_hours; overridden: ticket note 7",
        "topic_users      unknown           seen by topic_users",
        "nearest_date     fail              seen by nearest_date",
        "",
        "to do:",
        "  topic_users: mend topic_users",
        "  nearest_date: mend nearest_date",
        "",
        "not ready: topic_users (unknown), nearest_date (fail)",
    ]


def test_where_all_pass_there_is_nothing_to_do() -> None:
    lines = gate_lines([gate("balance_current"), gate("business_hours", "fail", overridden="x")])
    assert lines[-2:] == ["", "ready"]
    assert "to do:" not in lines


def test_long_evidence_goes_on_under_its_column() -> None:
    evidence = " ".join(f"arn:aws:cloudwatch:us-east-1:111111111111:alarm:orders-{n}" for n in range(4))
    lines = gate_lines([gate("topic_users", "fail", evidence=evidence, fix=evidence)], width=80)
    start = lines[0].index("evidence")
    table = lines[1 : lines.index("")]
    assert len(table) == 4
    assert all(line[:start].strip() == "" for line in table[1:])
    assert " ".join(line[start:] for line in table) == evidence
    to_do = lines[lines.index("to do:") + 1 : -2]
    assert to_do[0].startswith("  topic_users: arn:")
    assert all(line.startswith("    arn:") for line in to_do[1:])


def test_evidence_of_several_lines_becomes_one_text() -> None:
    assert gate_lines([gate("x", evidence="a\n\n  b")])[1].endswith("a b")


def test_the_modules_whole_result_is_taken_as_well() -> None:
    gates = [gate("balance_current")]
    assert gate_lines({"gates": gates, "ready": True}) == gate_lines(gates)


@pytest.mark.parametrize(
    ("readiness", "line"),
    [
        (
            {"failed": True, "msg": "account x: cannot be reached"},
            "the gates were not answered: account x: cannot be reached",
        ),
        ({"skipped": True}, "the gates were not answered"),
        ([], "the gates were not answered"),
        ({}, "the gates were not answered"),
    ],
)
def test_gates_that_were_not_answered_do_not_look_like_passed_ones(readiness: Any, line: str) -> None:
    assert gate_lines(readiness) == [line]
