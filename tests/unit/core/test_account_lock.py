# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One run at a time on an account: who holds the lock, and when its owner counts as gone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import account_lock, processes
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_lock import (
    BucketStore,
    FolderStore,
    release,
    take,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Run
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccountsError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.processes import Process
from tests.unit.core.places import ACCOUNT, PROVIDER, Place
from tests.unit.playing import ORDINARY, WORKER, Play

TIMEOUT = 7200
WHO = f"app1-prod ({ACCOUNT})"
Take = Callable[..., dict[str, Any]]


@pytest.fixture
def living() -> Process:
    """This very process."""
    found = processes._process(os.getpid())
    assert found
    return found


@pytest.fixture
def gone() -> Process:
    """A process that has ended."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    found = processes._process(child.pid)
    child.kill()
    child.wait()
    assert child.stdin
    child.stdin.close()
    assert found
    return found


def owner(run: str, process: Process, **other: Any) -> dict[str, Any]:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    here = {"host": "controller1", "boot": processes.boot(), "pid_namespace": processes.pid_namespace()}
    return {
        **here, "pid": process.pid, "started": process.started, "run": run, "user": "ops", "at": at, "renewed_at": at,
        **other,
    }  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> FolderStore:
    return FolderStore(str(tmp_path / "locks"), ACCOUNT)


def bucket_of(place: Place, name: str = "locks") -> BucketStore:
    s3 = place.providers("s3")
    if name not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=name)
    settings = {"bucket": name, "bucket_prefix": "locks/", "account_id": ACCOUNT, "provider_account_id": PROVIDER}
    return BucketStore(place.provider_client("s3", "us-east-1"), settings)


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest) -> FolderStore | BucketStore:
    """The same rules hold in both places."""
    if request.param == "folder":
        found: FolderStore = request.getfixturevalue("folder")
        return found
    return bucket_of(request.getfixturevalue("place"))


def test_the_first_run_gets_the_lock_and_the_second_is_told_who_has_it(
    store: FolderStore | BucketStore, living: Process
) -> None:
    first, second = owner("run-1", living), owner("run-2", living)
    taken = take([store], first, TIMEOUT, WHO, False)
    assert taken == {"changed": True, "held": True, "took_over": None, "locked_by": None}
    with pytest.raises(AccountsError) as refused:
        take([store], second, TIMEOUT, WHO, False)
    assert f"account {WHO}: another run works on it: run run-1 of ops on controller1" in str(refused.value)
    assert f"process {living.pid}, since {first['at']}" in str(refused.value)
    assert store.how_to_break() in str(refused.value)
    assert refused.value.result["locked_by"] == first


def test_a_lock_whose_run_was_killed_is_taken_over_at_once_and_said_so(
    store: FolderStore | BucketStore, living: Process, gone: Process
) -> None:
    take([store], owner("killed", gone), TIMEOUT, WHO, False)
    taken = take([store], owner("run-2", living), TIMEOUT, WHO, False)
    assert (taken["changed"], taken["took_over"]["run"]) == (True, "killed")
    held = store.read()
    assert held
    assert held.owner["run"] == "run-2"


def test_a_process_id_that_is_in_use_again_is_not_the_owner(store: FolderStore | BucketStore, living: Process) -> None:
    take([store], owner("former", living, started="long ago"), TIMEOUT, WHO, False)
    assert take([store], owner("run-2", living), TIMEOUT, WHO, False)["took_over"]["run"] == "former"


def test_a_process_that_lives_keeps_its_lock_however_old_it_is(folder: FolderStore, living: Process) -> None:
    long_ago = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    take([folder], owner("run-1", living, at=long_ago, renewed_at=long_ago), TIMEOUT, WHO, False)
    with pytest.raises(AccountsError, match="another run works on it"):
        take([folder], owner("run-2", living), TIMEOUT, WHO, False)


def test_a_run_on_another_host_is_gone_only_after_it_did_not_renew_its_lock_for_the_timeout(
    folder: FolderStore, living: Process, gone: Process
) -> None:
    for minutes, dead in ((119, False), (121, True)):
        at = (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()
        elsewhere = owner("elsewhere", gone, host="controller2", boot="another", renewed_at=at)
        assert folder.create(elsewhere) or folder.replace(folder.read(), elsewhere)  # type: ignore[arg-type]
        if dead:
            assert take([folder], owner("run-2", living), TIMEOUT, WHO, False)["took_over"] == elsewhere
        else:
            with pytest.raises(AccountsError, match="controller2"):
                take([folder], owner("run-2", living), TIMEOUT, WHO, False)


def test_an_object_is_as_old_as_s3_says_whatever_a_controllers_clock_says(
    place: Place, living: Process, gone: Process
) -> None:
    store = bucket_of(place)
    wrong = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    take([store], owner("elsewhere", gone, host="controller2", boot="another", renewed_at=wrong), TIMEOUT, WHO, False)
    with pytest.raises(AccountsError, match="controller2"):
        take([store], owner("run-2", living), TIMEOUT, WHO, False)
    assert take([store], owner("run-2", living), -1, WHO, False)["took_over"]["run"] == "elsewhere"


def test_after_a_reboot_the_controllers_own_runs_are_gone_and_in_a_bucket_a_name_alone_does_not_say_so(
    place: Place, folder: FolderStore, living: Process
) -> None:
    before = owner("before", living, boot="the boot before")
    take([folder], before, TIMEOUT, WHO, False)
    assert take([folder], owner("run-2", living), TIMEOUT, WHO, False)["took_over"] == before
    store = bucket_of(place)
    take([store], before, TIMEOUT, WHO, False)
    with pytest.raises(AccountsError, match="another run works on it"):
        take([store], owner("run-2", living), TIMEOUT, WHO, False)


def test_a_container_does_not_judge_processes_that_it_cannot_see(
    folder: FolderStore, living: Process, gone: Process
) -> None:
    take([folder], owner("elsewhere", gone, pid_namespace="pid:[1]"), TIMEOUT, WHO, False)
    with pytest.raises(AccountsError, match="another run works on it"):
        take([folder], owner("run-2", living), TIMEOUT, WHO, False)


def test_the_same_run_renews_its_lock(store: FolderStore | BucketStore, living: Process) -> None:
    mine = owner("run-1", living, renewed_at="2025-01-01T00:00:00+00:00")
    take([store], mine, TIMEOUT, WHO, False)
    again = take([store], mine, TIMEOUT, WHO, False)
    assert (again["changed"], again["held"]) == (False, True)
    held = store.read()
    assert held
    assert held.owner["at"] == mine["at"]
    assert held.owner["renewed_at"] > "2025-01-02"


def test_a_run_that_lost_its_lock_is_refused_when_it_renews_it(
    store: FolderStore | BucketStore, living: Process
) -> None:
    take([store], owner("run-2", living), TIMEOUT, WHO, False)
    with pytest.raises(AccountsError, match="run run-2"):
        take([store], owner("run-1", living), TIMEOUT, WHO, False)


def test_a_run_gives_back_its_own_lock_only(store: FolderStore | BucketStore, living: Process) -> None:
    mine, other = owner("run-1", living), owner("run-2", living)
    take([store], mine, TIMEOUT, WHO, False)
    kept = release([store], other, TIMEOUT, WHO, False)
    assert (kept["changed"], kept["locked_by"]) == (False, mine)
    assert store.read()
    assert release([store], mine, TIMEOUT, WHO, False)["changed"]
    assert store.read() is None
    assert not release([store], mine, TIMEOUT, WHO, False)["changed"]


def test_of_two_runs_that_find_the_same_dead_lock_one_gets_it(
    store: FolderStore | BucketStore, living: Process, gone: Process
) -> None:
    take([store], owner("killed", gone), TIMEOUT, WHO, False)
    found = store.read()
    assert found
    assert store.replace(found, owner("quick", living))
    assert not store.replace(found, owner("slow", living))
    assert not store.delete(found)
    assert not store.create(owner("slow", living))
    held = store.read()
    assert held
    assert held.owner["run"] == "quick"


def test_check_mode_takes_nothing_and_says_who_holds_it(
    store: FolderStore | BucketStore, living: Process, gone: Process
) -> None:
    me, first = owner("check", living), owner("run-1", living)
    assert take([store], me, TIMEOUT, WHO, True) == {
        "changed": True, "held": False, "took_over": None, "locked_by": None,
    }  # fmt: skip
    assert store.read() is None
    take([store], first, TIMEOUT, WHO, False)
    assert take([store], me, TIMEOUT, WHO, True)["locked_by"] == first
    assert release([store], first, TIMEOUT, WHO, True)["changed"]
    held = store.read()
    assert held
    dead = owner("killed", gone)
    assert store.replace(held, dead)
    assert take([store], me, TIMEOUT, WHO, True)["took_over"] == dead
    left = store.read()
    assert left
    assert left.owner == dead


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"host": "controller1", "pid": "4711"}'])
def test_a_lock_that_cannot_be_read_is_never_taken_over(folder: FolderStore, living: Process, content: str) -> None:
    folder.folder.mkdir()
    folder.file.write_text(content)
    with pytest.raises(AccountsError, match=f"another run works on it.*delete {folder.file}"):
        take([folder], owner("run-2", living), -1, WHO, False)
    assert folder.file.read_text() == content


def test_where_the_bucket_is_taken_the_file_is_given_back(place: Place, folder: FolderStore, living: Process) -> None:
    store = bucket_of(place)
    take([store], owner("run-1", living), TIMEOUT, WHO, False)
    with pytest.raises(AccountsError, match=r"aws s3api delete-object --bucket locks --key locks/123456789012\.lock"):
        take([folder, store], owner("run-2", living), TIMEOUT, WHO, False)
    assert folder.read() is None


def test_a_file_that_the_run_had_before_stays_where_renewing_in_the_bucket_fails(
    place: Place, folder: FolderStore, living: Process
) -> None:
    mine = owner("run-1", living)
    take([folder], mine, TIMEOUT, WHO, False)
    place.provider_aws.refuse("GetObject", "AccessDenied")
    with pytest.raises(AccountsError, match="s3:ListBucket"):
        take([folder, bucket_of(place)], mine, TIMEOUT, WHO, False)
    assert folder.read()


def test_writes_to_the_bucket_are_conditional_and_only_in_the_providers_account(place: Place, living: Process) -> None:
    store, mine = bucket_of(place), owner("run-1", living)
    take([store], mine, TIMEOUT, WHO, False)
    take([store], mine, TIMEOUT, WHO, False)
    release([store], mine, TIMEOUT, WHO, False)
    puts, (delete,) = place.provider_aws.arguments("PutObject"), place.provider_aws.arguments("DeleteObject")
    assert puts[0]["IfNoneMatch"] == "*"
    assert puts[1]["IfMatch"]
    assert delete["IfMatch"]
    assert {call["ExpectedBucketOwner"] for call in (*puts, delete)} == {PROVIDER}
    assert all("run-1" in json.loads(call["Body"])["run"] for call in puts)


def test_a_missing_bucket_says_what_to_do(place: Place, living: Process) -> None:
    settings = {"bucket": "none", "bucket_prefix": "", "account_id": ACCOUNT, "provider_account_id": PROVIDER}
    store = BucketStore(place.provider_client("s3", "us-east-1"), settings)
    with pytest.raises(AccountsError, match=r"s3://none/123456789012\.lock.*NoSuchBucket.*make the bucket"):
        take([store], owner("run-1", living), TIMEOUT, WHO, False)


def test_a_folder_that_cannot_be_written_says_which(tmp_path: Path, living: Process) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AccountsError, match="choose another folder"):
        take([FolderStore(str(tmp_path / "file"), ACCOUNT)], owner("run-1", living), TIMEOUT, WHO, False)


def test_a_lock_leaves_no_drafts_behind(folder: FolderStore, living: Process) -> None:
    mine = owner("run-1", living)
    for _ in range(2):
        take([folder], mine, TIMEOUT, WHO, False)
    release([folder], mine, TIMEOUT, WHO, False)
    assert [path.name for path in folder.folder.iterdir()] == [".guard"]


# which process holds it


def test_a_process_that_has_ended_and_is_not_collected_yet_is_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    started = processes._process(child.pid)
    assert started
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not processes.is_alive(child.pid, started.started)
    child.wait()


def test_a_process_that_may_not_be_seen_counts_as_alive(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "self").mkdir()
    (tmp_path / "self" / "stat").write_text("")
    monkeypatch.setattr(processes, "PROC", tmp_path)  # hidepid: the folders of others are not there
    assert processes.is_alive(os.getpid(), "whenever")


@pytest.fixture
def processes_as(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def show(*commands: str) -> None:
        """Let these commands be this process and its parents."""
        chain = [Process(100 + i, 101 + i, "then", tuple(command.split())) for i, command in enumerate(commands)]
        table = {os.getpid(): Process(os.getpid(), 101, "then", chain[0].command), **{p.pid: p for p in chain[1:]}}
        monkeypatch.setattr(processes, "_process", table.get)

    return show


PLAYBOOK = "python3 /usr/bin/ansible-playbook site.yml"


@pytest.mark.parametrize(
    ("chain", "holder"),
    [
        ((PLAYBOOK, PLAYBOOK, "bash"), 101),  # a worker and its parent
        (("python3 AnsiballZ_account_lock.py", "sh -c python3", PLAYBOOK, PLAYBOOK, "bash"), 103),
        ((PLAYBOOK, PLAYBOOK, "python3 /usr/bin/ansible-playbook outer.yml"), 101),  # a playbook played by another
        (("python3 -m ansible playbook site.yml", "python3 -m ansible playbook site.yml"), 101),
    ],
)
def test_the_owner_is_the_process_that_plays_the_playbook(
    processes_as: Callable[..., None], chain: tuple[str, ...], holder: int
) -> None:
    processes_as(*chain)
    assert processes.run_of_ansible().pid == holder


def test_without_a_run_of_ansible_among_the_parents_there_is_no_owner(processes_as: Callable[..., None]) -> None:
    processes_as("python3 AnsiballZ_account_lock.py", "sh -c python3", "systemd")
    with pytest.raises(AccountsError, match="connection: local"):
        processes.run_of_ansible()


@pytest.mark.skipif(shutil.which("ps") is None, reason="there is no ps(1)")
def test_without_proc_ps_tells_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, living: Process) -> None:
    monkeypatch.setattr(processes, "PROC", tmp_path / "none")
    found = processes._process(os.getpid())
    assert found
    assert (found.pid, found.parent) == (living.pid, living.parent)
    assert processes.is_alive(os.getpid(), found.started)
    assert not processes.is_alive(os.getpid(), "Fri Nov 21 14:35:02 2008")
    assert (processes.boot(), processes.pid_namespace()) == ("", "")


# the module


@pytest.fixture
def operate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, living: Process) -> Take:
    monkeypatch.setattr(processes, "run_of_ansible", lambda: living)

    def operate(check_mode: bool = False, **chosen: Any) -> dict[str, Any]:
        params = {
            "account_id": ACCOUNT, "account_name": "app1-prod", "provider_account_id": PROVIDER, "state": "present",
            "run": "run-1", "path": str(tmp_path / "locks"), "bucket": None, "timeout": TIMEOUT, **chosen,
        }  # fmt: skip
        return account_lock.ENTRY.outcome(params, Run(check_mode=check_mode))

    return operate


def test_the_module_takes_and_gives_back_without_calling_aws(operate: Take) -> None:
    taken = operate()
    assert (taken["changed"], taken["held"], taken["api_calls"]) == (True, True, 0)
    assert taken["account"] == {"id": ACCOUNT, "name": "app1-prod"}
    assert not operate()["changed"]
    refused = operate(run="run-2")
    assert refused["failed"]
    assert refused["locked_by"]["run"] == "run-1"
    assert operate(run="run-2", check_mode=True)["locked_by"]["run"] == "run-1"
    assert operate(state="absent")["changed"]


@pytest.mark.parametrize(
    ("wrong", "told"), [({"account_id": "../../etc"}, "account_id: "), ({"run": " "}, "run: is empty")]
)
def test_the_module_refuses_what_is_no_account_and_no_run(operate: Take, wrong: dict[str, str], told: str) -> None:
    result = operate(**wrong)
    assert result["failed"]
    assert told in result["msg"]


def test_in_the_worker_and_as_an_ordinary_module_the_owner_is_the_run(play: Play, tmp_path: Path) -> None:
    accounts = {WORKER: "111111111111", ORDINARY: "222222222222"}
    options = {"provider_account_id": PROVIDER, "run": "r", "path": str(tmp_path / "locks")}
    lock = {
        "name": "lock",
        "rackspace.aws_accounts.account_lock": {**options, "account_id": "{{ ids[inventory_hostname] }}"},
        "vars": {"ids": accounts},
    }
    played = play([lock])
    assert played.status == 0, played.output
    written = [json.loads((tmp_path / "locks" / f"{one}.lock").read_text()) for one in accounts.values()]
    assert written[0]["pid"] == written[1]["pid"]
    assert not processes.is_alive(written[0]["pid"], written[0]["started"])
    played = play([{**lock, "register": "locked"}], "-e", "r=2")
    again = {**lock["rackspace.aws_accounts.account_lock"], "run": "another"}  # type: ignore[dict-item]
    played = play([{**lock, "rackspace.aws_accounts.account_lock": again}])
    assert {played.of(host, "lock")["took_over"]["run"] for host in accounts} == {"r"}
