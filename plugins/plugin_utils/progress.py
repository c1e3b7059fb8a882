# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The lines at the end of the screen that tell how far a run is.

They are drawn only under the lock of Ansible's display, under which workers are forked too, and never by a thread of
rich's own: rich's lock and Ansible's, taken in two orders, would wait for each other, and a worker that is forked while
somebody draws would inherit a lock that nobody opens.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.plugin_utils.fleet import counted, duration

try:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    HAS_RICH = True
except ImportError:
    HAS_RICH = False

PAUSE = 0.25  # seconds between two drawings
RUNNING = 4  # as many hosts are named
BAR = 24


@dataclass
class Task:
    """What is known of a task while it runs.

    Attributes:
        total: for how many hosts it is, as far as is known.
        running: host -> when it began, the longest first.
    """

    name: str
    total: int = 0
    done: int = 0
    running: dict[str, float] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)

    @property
    def is_at_a_tenth(self) -> bool:
        """Tell whether the host that was done last began another tenth of all, and not the end."""
        return self.done * 10 // self.total != (self.done - 1) * 10 // self.total and self.done != self.total

    def left(self) -> float | None:
        """Return how many seconds it will still take, going by the hosts that are done; None while too few are."""
        waiting = self.total - self.done
        if self.done < 2 or waiting <= 0:
            return None
        return (time.monotonic() - self.began) / self.done * waiting


class Progress:
    """What is drawn; the callback writes its attributes, and the thread that draws reads them.

    Args:
        lock: that of Ansible's display.
    """

    def __init__(self, lock: Any) -> None:
        self.play = ""
        self.task: Task | None = None
        self.failed: set[str] = set()
        self.began = time.monotonic()
        self._lock = lock
        self._live: Any = None
        self._before: Any = signal.SIG_DFL
        self._ended = threading.Event()
        self._process = os.getpid()

    def start(self) -> None:
        """Begin to draw."""
        self._ended.clear()
        console = Console(file=sys.stdout, highlight=False)
        self._live = Live(get_renderable=self._drawn, console=console, auto_refresh=False, transient=True)
        with self._lock:
            self._live.start()
        threading.Thread(target=self._draw, name="fleet", daemon=True).start()
        atexit.register(self.close)  # an interrupted run never comes to its statistics
        self._before = signal.signal(signal.SIGTERM, self._terminated)  # which atexit does not hear of

    @property
    def closed(self) -> bool:
        """Tell whether nothing is drawn."""
        return self._live is None

    def close(self) -> None:
        """End to draw, and leave the terminal as it was."""
        self._ended.set()
        if self._live is None or os.getpid() != self._process:
            return
        with self._lock:
            live, self._live = self._live, None
            live.stop()
        atexit.unregister(self.close)
        signal.signal(signal.SIGTERM, self._before)

    def _terminated(self, number: int, _frame: Any) -> None:
        """Leave the terminal as it was, and let Ansible end the run; a worker that inherits this just ends."""
        if os.getpid() == self._process:
            self.close()
        else:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def _draw(self) -> None:
        while not self._ended.wait(PAUSE):
            with self._lock:
                if self._live is not None:
                    self._live.refresh()

    def _drawn(self) -> Any:
        return Text("\n".join(self.lines()), no_wrap=True, overflow="ellipsis")

    def lines(self) -> Iterator[str]:
        """Yield the lines as they are now."""
        task, now = self.task, time.monotonic()
        if task is None:
            yield f"{self.play}  {duration(now - self.began)}"
            return
        total = max(task.total, task.done + len(task.running), 1)
        filled = BAR * task.done // total
        left = task.left()
        parts = [
            f"[{'#' * filled}{'.' * (BAR - filled)}] {task.done}/{total}",
            f"{len(task.running)} running",
            f"{counted(len(self.failed), 'failure')}" if self.failed else "no failure",
            f"{duration(now - self.began)}" + (f", about {duration(left)} left" if left is not None else ""),
        ]
        yield f"{self.play}: {task.name}" if self.play else task.name
        yield "  ".join(parts)
        if task.running:
            # a copy, for the run goes on while this is drawn
            oldest = [f"{host} {duration(now - since)}" for host, since in list(task.running.items())[:RUNNING]]
            more = f" and {len(task.running) - RUNNING} more" if len(task.running) > RUNNING else ""
            yield f"running: {', '.join(oldest)}{more}"
