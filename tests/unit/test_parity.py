# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Every module of the collection, in the worker and as an ordinary module."""

from __future__ import annotations

from typing import Any

from tests.unit.playing import MODULES, ORDINARY, WORKER, Play, assert_same

OPTIONS: dict[str, dict[str, Any]] = {
    "no options": {},
    "an unknown option": {"nonsense": "x"},
    "wrong types": {"account_id": {"not": "text"}, "region": ["us-east-1"], "debug_botocore_endpoint_logs": "perhaps"},
    "a record without credentials": {
        "account_id": "111111111111",
        "account_uuid": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "access_key": "AKIAIOSFODNN7EXAMPLE",
        "secret_key": "never-to-be-seen",
    },
}


def test_every_module_answers_the_same_both_ways(play: Play) -> None:
    tasks = [
        {"name": f"{module}: {name}", f"rackspace.aws_accounts.{module}": options, "ignore_errors": True}
        for module in MODULES
        for name, options in OPTIONS.items()
    ]
    played = play(tasks, "--check", strategy="free")
    assert {host for host, _ in played.results} == {WORKER, ORDINARY}, played.output
    assert_same(played, *tasks)
    assert "never-to-be-seen" not in played.output
