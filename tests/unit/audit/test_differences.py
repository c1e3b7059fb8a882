"""What differs between two states, place by place, and in one line each (G7)."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.differences import (
    difference_line,
    differences,
    shown,
)

ALLOW = {"Sid": "Write", "Effect": "Allow", "Action": ["s3:PutObject"]}
DENY = {"Sid": "Tls", "Effect": "Deny", "Action": ["s3:*"]}


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"a": 1}, {"a": 1}, []),
        (None, None, []),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, [{"path": "b", "before": 2, "after": 3}]),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 2}}}, [{"path": "a.b.c", "before": 1, "after": 2}]),
        ({"a": 1}, {}, [{"path": "a", "before": 1}]),
        ({}, {"a": None}, [{"path": "a", "after": None}]),
        ({"a": None}, {"a": []}, [{"path": "a", "before": None, "after": []}]),
        (None, {"a": 1}, [{"path": "", "after": {"a": 1}}]),
        ({"a": 1}, None, [{"path": "", "before": {"a": 1}}]),
        ({"a": [1, 2]}, {"a": [2, 3]}, [{"path": "a", "before": 1, "after": 3}]),
        ({"a": [1]}, {"a": [1, 2, 3]}, [{"path": "a", "after": 2}, {"path": "a", "after": 3}]),
        ({"a": [1, 2]}, {"a": [2, 1]}, [{"path": "a", "before": [1, 2], "after": [2, 1]}]),
        ({"a": [1, 1]}, {"a": [1]}, [{"path": "a", "before": [1, 1], "after": [1]}]),
    ],
)
def test_differences(before: Any, after: Any, found: list[dict[str, Any]]) -> None:
    assert differences(before, after) == found


def test_statements_are_matched_by_their_ids() -> None:
    wider = {**ALLOW, "Action": ["s3:GetObject", "s3:PutObject"]}
    assert differences({"policy": [wider, DENY]}, {"policy": [DENY, ALLOW]}) == [
        {"path": "policy.Write.Action", "before": "s3:GetObject"}
    ]


def test_a_statement_that_is_missing_is_told_whole() -> None:
    assert differences({"policy": [ALLOW]}, {"policy": [ALLOW, DENY]}) == [{"path": "policy.Tls", "after": DENY}]


def test_a_statement_without_an_id_is_compared_where_only_it_differs() -> None:
    before, after = (
        {"Effect": "Allow", "Principal": {"AWS": [account]}} for account in ("999999999999", "111111111111")
    )
    assert differences({"trust": [before]}, {"trust": [after]}) == [
        {"path": "trust.Principal.AWS", "before": "999999999999", "after": "111111111111"}
    ]


def test_statements_whose_ids_are_not_unique_are_values() -> None:
    assert differences([ALLOW, ALLOW], [ALLOW]) == [{"path": "", "before": [ALLOW, ALLOW], "after": [ALLOW]}]


@pytest.mark.parametrize(
    ("difference", "line"),
    [
        ({"path": "is_logging", "before": False, "after": True}, "is_logging: false -> true"),
        ({"path": "topic", "before": "", "after": "t"}, 'topic: "" -> t'),
        ({"path": "actions", "after": "s3:*"}, "+ actions: s3:*"),
        ({"path": "actions", "before": "s3:*"}, "- actions: s3:*"),
        ({"path": "", "after": {"a": 1}}, '+ {"a": 1}'),
    ],
)
def test_a_difference_in_a_line(difference: dict[str, Any], line: str) -> None:
    assert difference_line(difference) == line


def test_a_long_value_is_cut() -> None:
    assert shown("x" * 100, 10) == "xxxxxxxxx…"


def test_a_value_of_several_lines_is_one() -> None:
    assert shown("a\n  b") == "a b"
