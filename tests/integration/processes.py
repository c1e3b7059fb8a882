# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The processes of a run that is killed, as /proc knows them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path


def until(true: Callable[[], bool], otherwise: str, seconds: float = 60) -> None:
    """Wait for something, a minute unless said otherwise."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.02)


def descendants(pid: int) -> set[int]:
    """Return the processes below one."""
    below: set[int] = set()
    parents = {int(path.name): parent_of(int(path.name)) for path in Path("/proc").iterdir() if path.name.isdigit()}
    while new := {child for child, parent in parents.items() if parent in below | {pid}} - below:
        below |= new
    return below


def parent_of(pid: int) -> int:
    """Return a process's parent, -1 where there is no such process."""
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    return -1


def alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False
