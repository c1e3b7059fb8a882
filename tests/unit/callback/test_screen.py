# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The callback in real runs: what a terminal, a pipe, continuous integration and the log are shown (A5, G5)."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
from typing import Any

import pytest

from tests.unit.callback.screen import HIDE_CURSOR, SHOW_CURSOR, Screen, Shown

REGIONS = ("eu-west-1", "eu-west-2", "us-east-1")
HIDDEN = "not-for-anybodys-eyes"
TOWER = "Control Tower manages the account"
DENIED = {
    "operation": "ListTopics",
    "code": "AuthorizationError",
    "message": "User x may not",
    "fix": "grant this action",
}


def row(default: str, section: str, region: str, state: str = "compliant", **more: Any) -> dict[str, Any]:
    return {"default": default, "section": section, "region": region, "state": state, "changed": False, **more}


def account(name: str, number: str, *rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return what the task of an account answers."""
    about = {"id": number, "name": name, "regions": list(REGIONS)}
    changed = any(entry["changed"] for entry in rows)
    return {"account": about, "targets": list(rows), "changed": changed, "api_calls": 3, **more}


def diff(name: str, number: str, region: str) -> dict[str, Any]:
    header = f"{name} ({number}) {region} trail"
    topic = f"arn:aws:sns:{region}:{number}:rackspace-cloudtrail"
    return {"before_header": header, "after_header": header, "before": {}, "after": {"topic": topic, "logging": True}}


ONE, TWO, THREE = "111111111111", "222222222222", "333333333333"
ANSWERS = {
    "app": account(
        "app", ONE,
        row("password_policy", "iam", "global"),
        *(row("trail", "cloudtrail", region, "drifted", changed=True) for region in REGIONS),
        diff=[diff("app", ONE, region) for region in REGIONS],
    ),
    "denied": account(
        "denied", TWO,
        row("password_policy", "iam", "global"),
        row("trail", "cloudtrail", "eu-west-1"),
        row("trail", "cloudtrail", "eu-west-2", "unknown", error=DENIED),
        row("trail", "cloudtrail", "us-east-1", "skipped", reason=TOWER),
        msg="account denied (222222222222): trail is unknown in eu-west-2",
    ),
    "tower": account(
        "tower", THREE,
        *(row("trail", "cloudtrail", region, "skipped", reason=TOWER) for region in REGIONS),
        row("recorder", "config", "us-east-1", findings=["no recorder is in the region"]),
    ),
}  # fmt: skip
HOSTS = {name: {"reply": answer} for name, answer in ANSWERS.items()}
TASKS: list[dict[str, Any]] = [
    {"name": "Read something", "answer": {"changed": False, "note": "told by -v"}},
    {"name": "Keep a secret", "answer": {"changed": False, "note": HIDDEN}, "no_log": True},
    {"name": "Apply", "answer": "{{ reply }}", "register": "applied", "failed_when": False},
    {"name": "Fail where it failed", "fail": {"msg": "{{ applied.msg }}"}, "when": "applied.msg is defined"},
]
SUMMARY = {"debug": {"msg": "account by account\nline 2"}, "run_once": True, "name": "Summary"}


def test_a_pipe_is_told_each_account_what_failed_first_and_the_table_by_sections(screen: Screen) -> None:
    shown = screen.piped(TASKS, hosts=HOSTS)
    assert shown.status == 2
    assert "\x1b" not in shown.raw
    assert "/3] app: 3 changed, 1 unchanged" in shown.text
    assert "failed: [denied] trail is unknown in eu-west-2" in shown.text
    end = shown.text[shown.text.index("What failed") :]
    assert end.splitlines()[:5] == [
        "What failed",
        "denied (222222222222)",
        "  unknown: trail in eu-west-2",
        "    ListTopics AuthorizationError: User x may not",
        "    fix: grant this action",
    ]
    assert end.splitlines()[6:10] == [
        "  account  iam  cloudtrail  config",
        "! denied   =1   !1 -1 =1",
        "  app      =1   +3",
        "  tower         -3          =1",
    ]
    assert "3 accounts: 1 failed, 1 changed, 1 unchanged;" in end
    assert "PLAY RECAP" not in shown.text


def test_a_summary_that_is_told_otherwise_is_left_to_the_log_and_each_reason_told_once(screen: Screen) -> None:
    shown = screen.piped([*TASKS[2:3], {**SUMMARY, "vars": {"role_fleet_detail": True}}], hosts=HOSTS)
    assert "account by account" not in shown.text
    assert "account by account" in shown.log
    assert "changed in app: trail in every region" in shown.lines
    assert "skipped in tower: trail in every region: Control Tower manages the account" in shown.lines
    assert "finding in tower: recorder in us-east-1: no recorder is in the region" in shown.lines


def test_a_summary_with_a_table_of_its_own_is_shown_and_there_is_no_second_table(screen: Screen) -> None:
    shown = screen.piped([*TASKS[2:], {**SUMMARY, "vars": {"role_fleet_result": True}}], hosts=HOSTS)
    assert "account by account\nline 2\n" in shown.text
    assert "= unchanged" not in shown.text
    assert "What failed" in shown.text
    assert "3 accounts: 1 failed, 1 changed, 1 unchanged;" in shown.text


def test_check_mode_says_what_would_change_and_a_diff_folds_regions(screen: Screen) -> None:
    tasks = [{**TASKS[2], "check_mode": True}]
    shown = screen.piped(tasks, "--check", "--diff", hosts=HOSTS)
    assert "3 would change" in shown.text
    assert "+ would change  = unchanged" in shown.text
    (header,) = [line for line in shown.lines if line.startswith("--- before")]
    assert header == "--- before: app (111111111111) trail in 3 regions: eu-west-1, eu-west-2, us-east-1"
    assert "arn:aws:sns:<region>:111111111111:rackspace-cloudtrail" in shown.text
    for region in REGIONS:
        assert f"arn:aws:sns:{region}:111111111111:rackspace-cloudtrail" in shown.log


def test_the_log_has_every_result_and_no_secret_and_only_its_owner_reads_it(screen: Screen) -> None:
    shown = screen.piped(TASKS, hosts=HOSTS)
    log = screen.folder / "reports" / "run.log"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert f"Every result in full: {log.relative_to(screen.folder)}" in shown.lines
    assert shown.log.count("told by -v") == 3
    assert HIDDEN not in shown.log + shown.text
    assert shown.log.count("Keep a secret => ") == 3
    for host, answer in ANSWERS.items():
        (line,) = [line for line in shown.log.splitlines() if f"[{host}] Apply => " in line]
        told = json.loads(line.partition(" => ")[2])
        assert told["targets"] == answer["targets"]


@pytest.mark.parametrize("path", ["", "/dev/null/absent/run.log"])
def test_a_run_without_a_log_goes_on(screen: Screen, path: str) -> None:
    shown = screen.piped(TASKS[2:3], hosts=HOSTS, ANSIBLE_FLEET_LOG_PATH=path)
    assert shown.status == 0
    assert ("fleet_log_path" in shown.text) is bool(path)
    assert "Every result in full" not in shown.text
    assert not (screen.folder / "reports").exists()


def test_with_v_nothing_is_lost_that_the_default_callback_shows(screen: Screen) -> None:
    arguments = ("-v", "--diff", "--forks", "1")
    ours = screen.piped(TASKS, *arguments, hosts=HOSTS).lines
    theirs = screen.piped(TASKS, *arguments, hosts=HOSTS, ANSIBLE_STDOUT_CALLBACK="default").lines
    assert ours[: len(theirs)] == theirs
    assert "What failed" in ours[len(theirs) :]


ORDINARY: list[dict[str, Any]] = [
    {"name": "Change", "answer": {"changed": True}, "when": "inventory_hostname != 'c'"},
    {"name": "Say", "debug": {"msg": "hello from a role"}},
    {"name": "Say", "debug": {"msg": "I am {{ inventory_hostname }}"}},
    {
        "name": "Try",
        "block": [{"name": "Stumble", "answer": {"failed": True, "msg": "no matter"}}],
        "rescue": [{"name": "Get up", "answer": {"changed": False}}],
    },
    {"name": "Break", "answer": {"failed": True, "msg": "it broke", "rc": 7, "stderr": "details of it"},
     "when": "inventory_hostname == 'b'"},
]  # fmt: skip


def test_an_ordinary_playbook_is_one_line_a_task_with_what_failed_as_ansible_tells_it(screen: Screen) -> None:
    shown = screen.piped(ORDINARY, hosts={"a": {}, "b": {}, "c": {}})
    assert shown.status == 2
    assert "Change: 2 changed" in shown.lines
    first, *others = [line for line in shown.lines if "hello from a role" in line]
    assert (first, others) in [
        (f"[{host}] hello from a role", [f"the same from 2 more ({rest}): hello from a role"])
        for host, rest in (("a", "b, c"), ("b", "a, c"), ("c", "a, b"))
    ]  # forks end in any order
    assert {f"[{host}] I am {host}" for host in "abc"} <= set(shown.lines)
    assert "fatal: [b]: FAILED! =>" in shown.text
    assert "details of it" in shown.text
    assert "PLAY RECAP" in shown.text
    assert "What failed" not in shown.text


def test_a_rescued_failure_is_no_failure_in_the_end(screen: Screen) -> None:
    tasks = [TASKS[2], ORDINARY[3], *TASKS[3:]]
    shown = screen.piped(tasks, hosts=HOSTS)
    end = shown.text[shown.text.index("What failed") :]
    assert "denied" in end
    assert "no matter" not in end


def test_an_account_that_failed_before_it_had_a_result_is_told_with_its_message(screen: Screen) -> None:
    refused = {
        "name": "Refuse",
        "fail": {"msg": "account odd: account_id: has 11 digits"},
        "when": "reply is not defined",
    }
    shown = screen.piped([refused, TASKS[2]], hosts={**HOSTS, "odd": {}})
    end = shown.text[shown.text.index("What failed") :].splitlines()
    assert end[1:3] == ["odd", "  Refuse: account_id: has 11 digits"]
    assert "! odd" in end
    assert "4 accounts: 1 failed," in end[-2]


def test_an_account_that_was_not_reached_is_unknown_where_nothing_fails(screen: Screen) -> None:
    away = account("away", "4" * 12, msg=f"account away ({'4' * 12}): no role can be assumed")
    shown = screen.piped(TASKS[2:3], hosts={**HOSTS, "away": {"reply": away}})
    assert shown.status == 0
    assert "/4] away: unknown: no role can be assumed" in shown.text
    end = shown.text[shown.text.index("What failed") :].splitlines()
    assert end[1:3] == [f"away ({'4' * 12})", "  unknown: no role can be assumed"]
    assert "! away" in end
    assert "4 accounts: 0 failed, 1 changed, 1 unchanged, 2 unknown;" in shown.text


def test_a_task_s_line_counts_accounts_that_were_not_reached(screen: Screen) -> None:
    away = account("away", "4" * 12, msg=f"account away ({'4' * 12}): no role can be assumed")
    shown = screen.terminal(TASKS[2:3], hosts={**HOSTS, "away": {"reply": away}})
    assert "Apply: 1 unknown, 1 changed, 2 ok" in shown.text


def many(number: int) -> dict[str, Any]:
    """Return so many hosts, each an account."""
    return {
        f"account-{at:03}": {"reply": account(f"account-{at:03}", f"{at:012}", row("trail", "cloudtrail", "us-east-1"))}
        for at in range(number)
    }


def progress(shown: Shown) -> list[str]:
    return [line for line in shown.lines if " running  " in line and line.startswith("[")]


def test_a_terminal_shows_progress_and_never_waits_for_itself(screen: Screen) -> None:
    """Twenty workers are forked and many fast results displayed while it is drawn; a deadlock is a timeout here."""
    show = {"name": "Show", "debug": {"msg": "{{ inventory_hostname }} says"}}
    quick = {"name": "Be quick", "answer": {"changed": False}}
    slow = {"name": "Take a moment", "answer": {"changed": True, "sleep": 0.4}}
    shown = screen.terminal([TASKS[2], quick, show, slow], "--forks", "20", hosts=many(40))
    assert shown.status == 0
    bars = progress(shown)
    assert any(re.search(r"no failure  \d+:\d\d", line) and " left" in line for line in bars), bars
    assert any("/40" in line for line in bars)
    assert any(line.startswith("running: account-") for line in shown.lines)
    assert shown.text.count("says") >= 40
    assert shown.raw.count(HIDE_CURSOR) == shown.raw.count(SHOW_CURSOR) > 0
    assert "40 accounts: 0 failed, 0 changed, 40 unchanged;" in shown.text
    assert "[1/40]" not in shown.text, "what is drawn is not told line by line too"


@pytest.mark.parametrize(
    "environment",
    [{"CI": "1"}, {"TERM": "dumb"}, {"ANSIBLE_FLEET_PROGRESS": "never"}],
    ids=lambda value: next(iter(value)),
)
def test_a_terminal_without_drawing_is_told_line_by_line(screen: Screen, environment: dict[str, Any]) -> None:
    shown = screen.terminal(TASKS[2:3], hosts=HOSTS, **environment)
    assert shown.status == 0
    assert HIDE_CURSOR not in shown.raw
    assert progress(shown) == []
    assert "/3] app: 3 changed, 1 unchanged" in shown.text


def test_without_colours_progress_is_drawn_all_the_same(screen: Screen) -> None:
    slow = {"name": "Take a moment", "answer": {"changed": True, "sleep": 1}}
    shown = screen.terminal([TASKS[2], slow], hosts=HOSTS, NO_COLOR="1")
    assert progress(shown)
    assert "\x1b[0;3" not in shown.raw
    assert "\x1b[3" not in shown.raw


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_the_terminal_as_it_was(screen: Screen, number: signal.Signals) -> None:
    sent: list[int] = []

    def interrupt(written: str, process: int) -> None:
        if "running: account-" in written and not sent:
            sent.append(process)
            os.killpg(process, number)

    wait = {"name": "Take long", "answer": {"changed": False, "sleep": 60}}
    shown = screen.terminal([wait], "--forks", "5", hosts=many(5), when=interrupt)
    assert sent
    assert shown.status != 0
    assert shown.raw.rindex(SHOW_CURSOR) > shown.raw.rindex(HIDE_CURSOR)


def test_many_hosts_of_a_pipe_are_told_how_far_it_is(screen: Screen) -> None:
    quick = {"name": "Be quick", "answer": {"changed": False}}
    shown = screen.piped([quick], "--forks", "20", hosts={host: {} for host in many(30)})
    steps = [line for line in shown.lines if line.startswith("Be quick: ") and " of 30 done" in line]
    assert len(steps) == 9
    assert re.match(r"Be quick: 3 of 30 done; \d+:\d\d", steps[0])
    assert "Be quick: 30 ok" in shown.text
