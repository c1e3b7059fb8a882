# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Real runs of ansible-playbook with the callback, in a terminal of the test's own or in a pipe."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.unit.playing import FIXTURES, ROOT

HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
#: a run that takes longer waits for something that never comes
LIMIT = 120.0


@dataclass
class Shown:
    """What a run wrote and how it ended."""

    status: int
    raw: str
    folder: Path

    @property
    def text(self) -> str:
        """What was written, without the terminal's escape sequences."""
        return ESCAPE.sub("", self.raw).replace("\r", "\n")

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def log(self) -> str:
        return (self.folder / "reports" / "run.log").read_text(encoding="utf-8")


class Screen:
    """Plays playbooks in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "ansible.cfg").write_text("[defaults]\ngathering = explicit\n")
        self.environment = {
            "ANSIBLE_ACTION_PLUGINS": str(FIXTURES / "action"),
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".venv" / "collections"),
            "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
            "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
            "ANSIBLE_HOME": str(folder / "home"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_STDOUT_CALLBACK": "rackspace.aws_accounts.fleet",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "TERM": "xterm-256color",
        }

    def command(self, tasks: list[dict[str, Any]], hosts: Mapping[str, Any], arguments: tuple[str, ...]) -> list[str]:
        """Write the playbook and the inventory, and return the command line."""
        play = {"name": "Some accounts", "hosts": "all", "gather_facts": False, "tasks": tasks}
        variables = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        (self.folder / "play.yml").write_text(json.dumps([play]))
        (self.folder / "hosts.yml").write_text(json.dumps({"all": {"hosts": dict(hosts), "vars": variables}}))
        return [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "hosts.yml", "play.yml", *arguments]

    def piped(
        self, tasks: list[dict[str, Any]], *arguments: str, hosts: Mapping[str, Any], **environment: str
    ) -> Shown:
        """Play with the output in a pipe."""
        done = subprocess.run(
            self.command(tasks, hosts, arguments),
            cwd=self.folder, env={**self.environment, **environment}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT, check=False,
        )  # fmt: skip
        return Shown(done.returncode, done.stdout, self.folder)

    def terminal(
        self,
        tasks: list[dict[str, Any]],
        *arguments: str,
        hosts: Mapping[str, Any],
        when: Callable[[str, int], None] = lambda written, process: None,
        **environment: Any,
    ) -> Shown:
        """Play in a terminal; ``when`` sees what was written so far and the process's id, each time something comes."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 110, 0, 0))
        process = subprocess.Popen(
            self.command(tasks, hosts, arguments),
            cwd=self.folder, env={**self.environment, **environment}, stdin=theirs, stdout=theirs, stderr=theirs,
            start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        written, deadline = bytearray(), time.monotonic() + LIMIT
        try:
            while True:
                assert time.monotonic() < deadline, f"the run does not end:\n{written.decode(errors='replace')}"
                if not select.select([ours], [], [], 0.2)[0]:
                    continue
                try:
                    chunk = os.read(ours, 65536)
                except OSError:  # the other end is closed
                    break
                if not chunk:
                    break
                written += chunk
                when(written.decode(errors="replace"), process.pid)
            status = process.wait(timeout=LIMIT)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            os.close(ours)
        return Shown(status, written.decode(errors="replace"), self.folder)
