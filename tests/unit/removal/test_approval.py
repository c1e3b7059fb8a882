# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What was approved holds, and nothing else is done (E6)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import approval
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccountsError

ACCOUNT, OTHER = "123456789012", "210987654321"
ROLE = "arn:aws:iam::123456789012:role/x"


def row(action: str = "remove", **changed: Any) -> dict[str, Any]:
    """Return a row of a plan: a role that goes, a trail that is detached, or what stays."""
    found: dict[str, Any] = {"default": "thing", "region": "r1", "action": action, "resources": []}
    if action == "remove":
        found |= {"before": {"name": "x"}, "after": None, "resources": [ROLE]}
    elif action == "detach":
        found |= {"before": {"topic": "t"}, "after": {"topic": ""}}
    else:
        found |= {"after": {"name": "x"} if action == "keep" else None}
    return {**found, **changed}


def departs(then: list[dict[str, Any]], now: list[dict[str, Any]]) -> list[str]:
    """Return how a plan departs from the approved one."""
    return approval.departures(approval.approval(ACCOUNT, then), now)


def written(tmp_path: Path, content: Any) -> str:
    """Return the path of a plan file."""
    path = tmp_path / "plan.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


# --- the file


def test_a_plan_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    """E6."""
    made = approval.approval(ACCOUNT, [row(), row("detach", default="trail"), row("keep", region="r2")])

    assert approval.read(written(tmp_path, made), ACCOUNT) == made


@pytest.mark.parametrize("key", ["resources", "action", "before", "default", "region"])
def test_a_plan_file_that_was_changed_is_refused(tmp_path: Path, key: str) -> None:
    """E6: whatever was changed in a target."""
    made = approval.approval(ACCOUNT, [row()])
    made["targets"][0][key] = ["arn:other"] if key == "resources" else "other"

    with pytest.raises(AccountsError, match="was changed after it was made"):
        approval.read(written(tmp_path, made), ACCOUNT)


@pytest.mark.parametrize("change", [{"targets": []}, {"account_id": OTHER}, {"digest": "sha256:0"}, {"format": 2}])
def test_a_plan_file_whose_whole_was_changed_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    """E6."""
    made = {**approval.approval(ACCOUNT, [row()]), **change}

    with pytest.raises(AccountsError, match="was changed after it was made"):
        approval.read(written(tmp_path, made), ACCOUNT)


def test_a_plan_file_of_another_account_is_refused(tmp_path: Path) -> None:
    """G3."""
    with pytest.raises(AccountsError, match=f"is that of account {OTHER}"):
        approval.read(written(tmp_path, approval.approval(OTHER, [row()])), ACCOUNT)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "7", '"text"', "{}", '{"digest": "x"}', '["ab", "cd"]'])
def test_what_is_no_plan_file_is_refused_with_account_file_and_fix(tmp_path: Path, content: str) -> None:
    """A1: never a traceback."""
    with pytest.raises(AccountsError, match=f"account {ACCOUNT}: the approved plan .*plan.json .*--check"):
        approval.read(written(tmp_path, content), ACCOUNT)


def test_a_plan_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A1."""
    with pytest.raises(AccountsError, match="cannot be read"):
        approval.read(str(tmp_path / "none.json"), ACCOUNT)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"\x00"])
def test_a_plan_file_that_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    """A1."""
    path = tmp_path / "plan.json"
    path.write_bytes(content)

    with pytest.raises(AccountsError, match="cannot be read"):
        approval.read(str(path), ACCOUNT)


# --- what departs


@pytest.mark.parametrize("action", ["remove", "detach", "keep", "none"])
def test_the_same_plan_departs_in_nothing(action: str) -> None:
    """E6."""
    assert departs([row(action)], [row(action)]) == []


@pytest.mark.parametrize("action", ["remove", "detach"])
def test_what_changes_in_state_since_departs(action: str) -> None:
    """E6: a plan of state too."""
    assert departs([row(action)], [row(action, before={"name": "y"})]) == ["thing in r1 changed since"]


def test_one_more_resource_departs() -> None:
    """G4: an instance profile that came to it, for instance."""
    assert departs([row()], [row(resources=[ROLE, "arn:profile"])]) == ["thing in r1 would also remove arn:profile"]


def test_one_resource_less_does_not_depart() -> None:
    """G6: it is gone already."""
    assert departs([row(resources=[ROLE, "arn:profile"])], [row()]) == []


@pytest.mark.parametrize("action", ["remove", "detach"])
def test_what_was_not_in_the_plan_departs(action: str) -> None:
    """G4: a region that was enabled since, or a role named since."""
    (found,) = departs([], [row(action)])

    assert "was not in the plan" in found


@pytest.mark.parametrize("former", ["keep", "none"])
@pytest.mark.parametrize("action", ["remove", "detach"])
def test_what_was_kept_and_would_go_now_departs(former: str, action: str) -> None:
    """G4."""
    (found,) = departs([row(former)], [row(action)])

    assert f"{former} was approved, {action} would be done" in found


@pytest.mark.parametrize(("former", "action"), [("detach", "remove"), ("remove", "detach")])
def test_what_goes_another_way_departs(former: str, action: str) -> None:
    """E6."""
    assert len(departs([row(former)], [row(action)])) == 1


@pytest.mark.parametrize("former", ["remove", "detach"])
def test_what_was_to_go_and_is_kept_now_departs(former: str) -> None:
    """E6: somebody uses it since, or it is another."""
    (found,) = departs([row(former)], [row("keep", after={"topic": "t"})])

    assert f"{former} was approved, keep would be done" in found


def test_what_was_removed_already_is_no_departure() -> None:
    """G6."""
    assert departs([row()], [row("none")]) == []


def test_what_was_detached_already_is_no_departure() -> None:
    """G6: then it is what stays."""
    assert departs([row("detach")], [row("keep", after={"topic": ""})]) == []


def test_what_was_detached_and_then_removed_by_its_owner_departs() -> None:
    """E6: a trail that is gone is not what was approved."""
    assert len(departs([row("detach")], [row("none")])) == 1


@pytest.mark.parametrize("now", [row("keep", after={"name": "y"}), row("none")])
def test_what_stays_may_change_meanwhile(now: dict[str, Any]) -> None:
    """E5: the customer goes on working."""
    assert departs([row("keep")], [now]) == []


@pytest.mark.parametrize("former", ["remove", "detach"])
def test_a_region_that_vanished_with_what_was_to_go_departs(former: str) -> None:
    """E6: it is out of reach, and nobody could say that it is done."""
    (found,) = departs([row(former)], [])

    assert "out of reach now" in found


def test_a_region_that_vanished_with_what_was_kept_does_not_depart() -> None:
    """E6."""
    assert departs([row("keep")], []) == []


def test_every_departure_is_told_at_once() -> None:
    """A1: all faults."""
    then = [row(), row(region="r2"), row("keep", region="r3")]

    assert len(departs(then, [row(before={"name": "y"}), row("remove", region="r3")])) == 3


def test_the_order_of_rows_and_resources_does_not_change_what_was_approved() -> None:
    """E6."""
    first = approval.approval(ACCOUNT, [row(resources=["a", "b"])])

    assert first == approval.approval(ACCOUNT, [row(resources=["b", "a"])])


@pytest.mark.parametrize(
    "left",
    [{"a": {}, "b": ["x"]}, {"a": {"k": 1}, "b": []}, {"a": {"k": 1}}, None],
    ids=["one part empty", "a list empty", "a part missing", "all"],
)
def test_what_a_cut_off_run_left_of_what_was_approved_is_no_departure(left: Any) -> None:
    """G6: parts of it are missing, and nothing is new."""
    assert departs([row(before={"a": {"k": 1}, "b": ["x", "y"]})], [row(before=left)]) == []


@pytest.mark.parametrize(
    "now",
    [{"a": {"k": 2}, "b": ["x"]}, {"a": {"k": 1}, "b": ["z"]}, {"a": {"k": 1, "l": 1}}, {"c": 1}, ["a"], "a"],
    ids=["a value", "an item", "a key", "another part", "a list", "a text"],
)
def test_what_is_new_in_what_was_approved_departs(now: Any) -> None:
    """G4: it is not what a cut off run would leave."""
    assert departs([row(before={"a": {"k": 1}, "b": ["x", "y"]})], [row(before=now)]) == ["thing in r1 changed since"]
