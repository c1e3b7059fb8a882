# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Which run of Ansible this is, and whether a process still lives: what a lock is held by."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccountsError

PROC = Path("/proc")
#: programs whose process is a run of Ansible; AnsiballZ_… is a module's own process
PROGRAMS = frozenset({"ansible", "ansible-console", "ansible-playbook"})
#: in the command line the program comes first, or after the interpreter and its options ("python -m ansible playbook")
WORDS = 4
GONE = frozenset("ZX")  # states of a process that has ended and is still listed, proc_pid_stat(5)


@dataclass(frozen=True)
class Process:
    """A process as the system lists it.

    Attributes:
        started: when it was started, in the system's own words: with the id it names one process and no later one.
        command: its command line, the words it was started with.
    """

    pid: int
    parent: int
    started: str
    command: tuple[str, ...]


def run_of_ansible() -> Process:
    """Return the process that plays the playbook: it lives as long as the run.

    A worker is a fork of it with the same command line, an ordinary module a descendant of a worker.

    Raises:
        AccountsError: none is found; the module does not run on the controller, or apart from its run (async).
    """
    found: Process | None = None
    for process in _ancestors(os.getpid()):
        if found and process.command != found.command:
            break
        if found or _is_ansible(process.command):
            found = process
    if found is None:
        raise AccountsError(
            "no process of Ansible is among this module's parents, so nobody could tell when the lock's owner is gone; "
            "run it on the controller (connection: local) and without async"
        )
    return found


def is_alive(pid: int, started: str) -> bool:
    """Tell whether the process that was started then still lives; where that cannot be told, it does."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass  # another user's, whose details may be hidden too
    process = _process(pid)
    return process is None or process.started == started


def boot() -> str:
    """Return what tells one start of this machine from every other, Linux's boot id; "" where there is none."""
    return _text(PROC / "sys/kernel/random/boot_id").strip()


def pid_namespace() -> str:
    """Return what tells this table of processes from those of other containers; "" where there is only one."""
    try:
        return os.readlink(PROC / "self/ns/pid")
    except OSError:
        return ""


def _ancestors(pid: int) -> Iterator[Process]:
    """Return a process and its parents, up to where one cannot be read."""
    while pid > 0 and (process := _process(pid)):
        yield process
        pid = process.parent


def _is_ansible(command: tuple[str, ...]) -> bool:
    return any(os.path.basename(word) in PROGRAMS for word in command[:WORDS])


def _process(pid: int) -> Process | None:
    """Return a process, or None where it has ended or may not be seen."""
    return _from_proc(pid) if (PROC / "self/stat").exists() else _from_ps(pid)


def _from_proc(pid: int) -> Process | None:
    """Read a process as Linux shows it: proc(5), /proc/PID/stat and /proc/PID/cmdline."""
    # the name in brackets may hold spaces and brackets: the fields are counted after the last one
    fields = _text(PROC / str(pid) / "stat").rpartition(")")[2].split()
    if len(fields) < 20:
        return None
    if fields[0] in GONE:
        return Process(pid, int(fields[1]), "", ())
    command = tuple(_text(PROC / str(pid) / "cmdline").split("\0")[:-1])
    return Process(pid, int(fields[1]), f"{fields[19]} ticks after boot", command)


def _from_ps(pid: int) -> Process | None:
    """Read a process as ps(1) of POSIX systems without /proc shows it."""
    command = ["ps", "-ww", "-o", "ppid=", "-o", "lstart=", "-o", "command=", "-p", str(pid)]
    environment = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    words = done.stdout.split()
    # 1234 Fri Nov 21 14:35:02 2025 /usr/bin/python3 /usr/bin/ansible-playbook ...
    return Process(pid, int(words[0]), " ".join(words[1:6]), tuple(words[6:])) if len(words) > 6 else None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
