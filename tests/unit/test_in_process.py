# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The action base class, by really running ansible-playbook with a module made for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.playing import ORDINARY, WORKER, Play, assert_same

PROBE = "rackspace.aws_accounts.probe"
UNCHECKED = "rackspace.aws_accounts.probe_unchecked"
SECRET = "hunter2-and-more"


def task(name: str, module: str = PROBE, keywords: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    return {"name": name, module: options, "ignore_errors": True, **(keywords or {})}


def test_results_equal_those_of_the_ordinary_module(play: Play) -> None:
    tasks = [
        task("changed", text="words", secret=SECRET, tags={"a": 1}, number="7"),
        task("nested secrets", parts=[{"name": "x", "key": SECRET}], text=f"has {SECRET}"),
        task("odd types", ends="odd"),
        task("warnings", ends="warned", secret=SECRET),
        task("a known error", ends="known", secret=SECRET),
        task("a partial failure", ends="partial", number=1),
        task("a crash", ends="crashed", secret=SECRET),
        task("a deprecated alias", old_words="x"),
        task("option and alias", text="x", words="y"),
        task("unsupported", nonsense=1, secret=SECRET),
        task("unsupported suboption", parts=[{"name": "x", "nonsense": SECRET, "key": SECRET}]),
        task("wrong type", number=SECRET, secret=SECRET),
        task("wrong choice", ends="never"),
        task("missing suboption", parts=[{"key": SECRET}]),
        task("exclusive", one="a", other="b"),
        task("required if", ends="partial"),
    ]
    played = play(tasks)
    assert played.status == 0, played.output
    assert_same(played, *tasks)
    assert "Traceback" not in played.output
    for results in played.results.values():
        assert SECRET not in json.dumps(results)
    assert SECRET not in played.output


def test_tracebacks_are_there_when_asked_for_and_hold_no_secrets(play: Play) -> None:
    tasks = [task("a known error", ends="known", secret=SECRET), task("a crash", ends="crashed", secret=SECRET)]
    played = play(tasks, environment={"ANSIBLE_DISPLAY_TRACEBACK": "error"})
    assert_same(played, *tasks)
    for each in tasks:
        assert "Traceback" in str(played.of(WORKER, each["name"])["exception"])
    assert SECRET not in played.output
    assert SECRET not in json.dumps([*played.results.values()])


def test_check_mode_and_diff_reach_the_operation(play: Play) -> None:
    tasks = [task("checked", text="x"), task("unchecked", UNCHECKED)]
    plain, checked = play(tasks), play(tasks, "--check", "--diff")
    assert_same(plain, *tasks)
    assert_same(checked, *tasks)
    assert "diff" not in plain.of(WORKER, "checked")
    assert checked.of(WORKER, "checked")["diff"][0]["after"]["text"] == "x"
    assert checked.of(WORKER, "checked")["check_mode"] is True
    assert plain.of(WORKER, "unchecked")["changed"] is True
    assert "does not support check mode" in checked.of(WORKER, "unchecked")["msg"]
    assert checked.output.count("skipping: ") == 2


def test_the_worker_runs_it_and_has_the_models(play: Play) -> None:
    told = {host: play([task("who")]).of(host, "who")["told"] for host in (WORKER, ORDINARY)}
    assert told[WORKER]["models"] is True
    assert told[ORDINARY]["models"] is False


def test_environment_is_applied_and_restored_and_the_directory_is_the_playbooks(play: Play, tmp_path: Path) -> None:
    one = {"environment": {"PROBE_VARIABLE": "{{ item }}"}, "loop": ["first", "second"]}
    tasks = [task("loop", keywords=one), task("after"), task("number", keywords={"environment": {"PROBE_VARIABLE": 5}})]
    played = play(tasks)
    for host in (WORKER, ORDINARY):
        items = [r for r in played.results[host, "loop"] if "item" in r]
        assert [r["variable"] for r in items] == ["first", "second"]
        assert {r["told"]["directory"] for r in items} == {str(tmp_path)}
    assert_same(played, *tasks[1:])
    assert played.of(WORKER, "after")["variable"] is None


def test_invocation_is_shown_from_the_third_v_on(play: Play) -> None:
    shown = {"ANSIBLE_INJECT_INVOCATION": "true"}  # a setting of core 2.21; older ones always have it
    quiet, loud = (play([task("x", text="some words")], *v, environment=shown) for v in ([], ["-vvv"]))
    assert '"module_args"' not in quiet.output
    assert loud.output.count('"module_args"') == 2


def test_no_log_tasks_show_nothing(play: Play) -> None:
    played = play([task("x", text="visible?", keywords={"no_log": True})], "-vvvv")
    assert "visible?" not in played.output


@pytest.mark.parametrize(
    ("keywords", "reason"),
    [
        ({"async": 300, "poll": 1}, "async"),
        ({"become": True, "become_method": "ansible.builtin.sudo"}, "become"),
        ({"vars": {"ansible_python_interpreter": "/usr/bin/env python"}}, "interpreter"),
    ],
)
def test_the_ordinary_module_takes_over(play: Play, keywords: dict[str, Any], reason: str) -> None:
    played = play([task("x", keywords=keywords)], "-vvv", hosts_pattern=WORKER)
    assert f"{PROBE} runs as an ordinary module: {reason}" in played.output
    if reason == "async":
        result = played.of(WORKER, "x")
        assert result.get("told", {}).get("models") is False, result


def test_the_delegated_hosts_interpreter_decides(play: Play) -> None:
    played = play([task("x", keywords={"delegate_to": ORDINARY})], hosts_pattern=WORKER)
    assert played.of(WORKER, "x")["told"]["models"] is False


def test_module_defaults_of_one_module_do_not_reach_another(play: Play) -> None:
    group = "group/rackspace.aws_accounts.accounts"
    tasks = [task("own"), task("another", UNCHECKED)]
    played = play(tasks, module_defaults={PROBE: {"text": "own default"}, group: {}})
    assert_same(played, *tasks)
    assert played.of(WORKER, "own")["params"]["text"] == "own default"
    assert played.of(WORKER, "another")["changed"] is True


def test_a_timeout_stops_what_goes_on_behind_it(play: Play, tmp_path: Path) -> None:
    said = tmp_path / "said"
    slow = task("slow", ends="slow", text=str(said), keywords={"timeout": 3})  # time to begin
    played = play([slow], hosts_pattern=WORKER)
    assert "Timed out" in json.dumps(played.of(WORKER, "slow"))
    assert said.read_text() == "stopped"
