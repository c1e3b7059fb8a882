# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The journal of an account."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import account_journal
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Run
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccountsError, RecordError


def write(path: Path, event: str = "organization_left", check_mode: bool = False, **chosen: Any) -> dict[str, Any]:
    """Write an entry and return the module's result."""
    params = {name: option.get("default") for name, option in account_journal.SPEC.items()}
    params |= {"account_id": "111111111111", "provider_account_id": "999999999999", "path": str(path)}
    params |= {"run": "run-1", "ticket": "261121-00042", "phase": "leave", "event": event, **chosen}
    return account_journal.operation(params, Run(check_mode=check_mode))


def entries(path: Path) -> list[dict[str, Any]]:
    """Return the journal's entries."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_entries_are_added_in_their_order_each_a_line(tmp_path: Path) -> None:
    """E7: who confirmed what, and when, is in the journal."""
    path = tmp_path / "journal" / "111111111111.jsonl"
    write(path, data={"method": "LeaveOrganization", "note": "two\nlines"})
    write(path, "handed_over")

    assert [entry["event"] for entry in entries(path)] == ["organization_left", "handed_over"]
    assert entries(path)[0]["data"]["note"] == "two\nlines"
    assert entries(path)[0] | {"at": ""} == write(path, data={"method": "LeaveOrganization", "note": "two\nlines"})[
        "entry"
    ] | {"at": ""}


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    """G: contacts and addresses are personal."""
    path = tmp_path / "journal" / "j.jsonl"
    write(path)

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_check_mode_writes_nothing(tmp_path: Path) -> None:
    """G1."""
    result = write(tmp_path / "j.jsonl", check_mode=True)

    assert os.listdir(tmp_path) == []
    assert (result["changed"], result["entry"]["event"]) == (False, "organization_left")


def test_after_half_a_line_the_next_entry_begins_anew(tmp_path: Path) -> None:
    """G6: a run that died while it wrote."""
    path = tmp_path / "j.jsonl"
    path.write_text('{"event": "cleanup_be')
    write(path)

    assert json.loads(path.read_text().splitlines()[1])["event"] == "organization_left"


def test_a_place_that_cannot_be_written_is_an_error_that_names_the_account(tmp_path: Path) -> None:
    """A1."""
    (tmp_path / "file").write_text("")

    with pytest.raises(AccountsError, match=r"111111111111: the journal .* cannot be written"):
        write(tmp_path / "file" / "j.jsonl")


def test_a_bad_account_id_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    """A1."""
    with pytest.raises(RecordError):
        write(tmp_path / "j.jsonl", account_id="1")
    assert os.listdir(tmp_path) == []
