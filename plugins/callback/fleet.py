# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Progress and result of many accounts on one screen."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet
type: stdout
short_description: Progress and result of many accounts on one screen
version_added: 0.1.0
author:
  - The rackspace.aws_accounts contributors (@rackspace)
description:
  - While a run goes on it tells how many accounts are done, run and failed, since when, and for how long still; in a
    terminal as lines that are drawn anew, elsewhere (a pipe, a file, continuous integration) as lines one below the
    other.
  - A task is one line with how many hosts changed, not a line for each host. What failed is told at once in short.
  - A run ends with what failed, each with account, region, operation, error and the fix, and a table of accounts by
    the sections of the guide. Playbooks that have no accounts end with Ansible's own recap.
  - Everything goes to a log file.
  - With C(--diff), changes that are alike in several regions are shown once, with the regions named.
  - With C(-v) it shows all that P(ansible.builtin.default#callback) shows, as that does, and its own end after that.
extends_documentation_fragment:
  - default_callback
  - result_format_callback
requirements:
  - rich, for the lines that are drawn anew; without it, lines one below the other
options:
  fleet_progress:
    description:
      - Whether progress is drawn.
      - V(auto) draws in a terminal, but not where E(CI) is set or E(TERM) is C(dumb). V(never) tells it line by line.
        V(always) draws although E(CI) is set.
      - Colours are Ansible's, which E(NO_COLOR) switches off.
    type: str
    choices: [auto, always, never]
    default: auto
    env:
      - name: ANSIBLE_FLEET_PROGRESS
    ini:
      - section: fleet
        key: progress
  fleet_log_path:
    description:
      - The file that every result goes to, as C(-v) would show it, with its whole diff. It is written anew by each run,
        and readable by its owner only.
      - A relative path starts in the working directory. Empty means none.
    type: str
    default: reports/run.log
    env:
      - name: ANSIBLE_FLEET_LOG_PATH
    ini:
      - section: fleet
        key: log_path
notes:
  - Debug tasks with a variable whose name ends with C(fleet_detail) sum up account by account what this plugin tells of
    all accounts. Their text goes to the log, and with C(-v) to the screen. Those with one whose name ends with
    C(fleet_result) are shown, and have a table of their own; the run then ends without this one's.
  - Secrets are removed by Ansible before any callback sees a result; O(fleet_log_path) holds no more than C(-v) shows.
"""

EXAMPLES = r"""
# ansible.cfg
# [defaults]
# stdout_callback = rackspace.aws_accounts.fleet
# [fleet]
# log_path = reports/run.log
"""

import json
import os
import re
import sys
import time
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from ansible import constants as C  # noqa: N812 (Ansible's own name for it)
from ansible import context
from ansible.playbook.task_include import TaskInclude
from ansible.plugins.callback.default import CallbackModule as Default

from ansible_collections.rackspace.aws_accounts.plugins.plugin_utils.fleet import (
    Fleet,
    duration,
    folded,
    legend,
    shortened,
    told,
    unread,
)
from ansible_collections.rackspace.aws_accounts.plugins.plugin_utils.progress import HAS_RICH, Progress, Task
from ansible_collections.rackspace.aws_accounts.plugins.plugin_utils.run_log import RunLog, shown
from ansible_collections.rackspace.aws_accounts.plugins.plugin_utils.told import Told

#: actions that fail with a message of their own: the message alone tells all
FAILING = ("ansible.builtin.fail", "fail", "ansible.builtin.assert", "assert")
#: actions that ask at the terminal, at which nothing else should write then
ASKING = ("ansible.builtin.pause", "pause")
COLLECTION = "rackspace.aws_accounts."
COLOR = re.compile(r"\x1b\[[0-9;]*m")
#: hosts from which on a task tells how far it is, where nothing is drawn
MANY = 20


class CallbackModule(Default):
    """The screen."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "rackspace.aws_accounts.fleet"

    def __init__(self) -> None:
        super().__init__()
        self._fleet = Fleet()
        self._progress = Progress(self._display._lock)
        self._drawing = False
        self._tasks: dict[str, Told] = {}
        self._log: RunLog | None = None
        self._hidden = False  # a summary went to the log alone
        self._summed_up = False  # a summary with a table of its own was shown
        self._hosts = 0

    @property
    def _quiet(self) -> bool:
        return bool(self._display.verbosity == 0)

    @property
    def _would(self) -> bool:
        return bool(context.CLIARGS.get("check"))

    # ---- the run

    def v2_playbook_on_start(self, playbook: Any) -> None:
        """Open the log, and begin to draw."""
        super().v2_playbook_on_start(playbook)
        self._open_log(os.path.basename(str(playbook._file_name)))
        wanted = self.get_option("fleet_progress")
        terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        drawn = wanted == "always" or (wanted == "auto" and not os.environ.get("CI"))
        if self._quiet and HAS_RICH and terminal and drawn:
            self._drawing = True
            self._progress.start()

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """Know how many hosts there are."""
        self._end_tasks()
        super().v2_playbook_on_play_start(play)
        self._write_log("PLAY", play.get_name())
        self._progress.play, self._progress.task = play.get_name().strip(), None
        found = play.get_variable_manager().get_vars(play=play, include_hostvars=False)
        self._hosts = len(found.get("ansible_play_batch") or found.get("ansible_play_hosts_all") or ())

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """Tell what came of the task before."""
        self._begin(task, "TASK")
        if not self._quiet:
            super().v2_playbook_on_task_start(task, is_conditional)

    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        """Tell what came of the task before."""
        self._begin(task, "RUNNING HANDLER")
        if not self._quiet:
            super().v2_playbook_on_handler_task_start(task)

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        """Count a host that runs."""
        super().v2_runner_on_start(host, task)
        if self._progress.task is not None:
            self._progress.task.running[host.get_name()] = time.monotonic()

    def v2_playbook_on_include(self, included_file: Any) -> None:
        """Tell it with -v only: it names every host."""
        if not self._quiet:
            super().v2_playbook_on_include(included_file)

    def v2_playbook_on_vars_prompt(self, *arguments: Any, **keywords: Any) -> None:
        """Draw nothing while somebody types."""
        self._progress.close()
        super().v2_playbook_on_vars_prompt(*arguments, **keywords)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Tell how the run ended."""
        self._end_tasks()
        self._progress.close()
        hosts = sorted(stats.processed)
        summaries = {host: stats.summarize(host) for host in hosts}
        failed = [host for host in hosts if summaries[host]["failures"] or summaries[host]["unreachable"]]
        accounts = bool(self._fleet.accounts)
        if accounts and self._quiet and not (stats.custom and self.get_option("show_custom_stats")):
            if self._would and self.get_option("check_mode_markers"):
                self._display.banner("DRY RUN")
        else:
            super().v2_playbook_on_stats(stats)
        lines = list(self._ending(failed, accounts))
        for line, color in lines:
            self._display.display(line, color=color)
        self._write_log("END", "\n".join(line for line, _color in lines))
        for host in hosts:
            self._write_log("RECAP", f"{host}: {json.dumps(summaries[host])}")
        if self._log is not None:
            self._log.close()

    # ---- results

    def v2_runner_on_ok(self, result: Any) -> None:
        """Count it; show it where it is a text for people."""
        if isinstance(result.task, TaskInclude):
            if not self._quiet:
                super().v2_runner_on_ok(result)
            return
        kind = "unknown" if unread(result.result) else "changed" if result.result.get("changed") else "ok"
        told_of = self._count(kind, result)
        counts = self._fleet.result(result.host.get_name(), result.result)
        if not self._quiet:
            super().v2_runner_on_ok(result)
            return
        self._handle_warnings_and_exception(result)
        if counts is not None and not self._drawing:
            self._show_account(told_of, result, counts)
        if result.task.action in C._ACTION_DEBUG and not (result.task.loop and "results" in result.result):
            self._show_text(told_of, result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Tell it in short, where its message tells all; else as Ansible does."""
        told_of = self._count("ignored" if ignore_errors else "failed", result)
        host = result.host.get_name()
        self._fleet.result(host, result.result)
        message = str(result.result.get("msg") or result.result.get("censored") or "")
        if not ignore_errors:
            self._fail(host, told_of, message)
        if not self._quiet or not (result.task.action in FAILING or host in self._fleet.hosts):
            told_of.shown += 1
            super().v2_runner_on_failed(result, ignore_errors)
            return
        self._handle_warnings(result.result)
        word = "failed, ignored" if ignore_errors else "failed"
        color = C.COLOR_SKIP if ignore_errors else C.COLOR_ERROR
        self._show(told_of, f"{word}: [{self.host_label(result)}] {shortened(message)}", color)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """Tell it as Ansible does."""
        told_of = self._count("unreachable", result)
        if not result.task.ignore_unreachable:
            self._fail(result.host.get_name(), told_of, str(result.result.get("msg") or ""))
        told_of.shown += 1
        super().v2_runner_on_unreachable(result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        """Count it."""
        self._count("skipped", result)
        if not self._quiet:
            super().v2_runner_on_skipped(result)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        """Show it where it is a text for people."""
        self._log_result("item ok", result)
        if not self._quiet:
            super().v2_runner_item_on_ok(result)
        elif result.task.action in C._ACTION_DEBUG:
            self._show_text(self._of(result.task), result)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        """Tell it as Ansible does."""
        self._log_result("item failed", result)
        super().v2_runner_item_on_failed(result)

    def v2_runner_item_on_skipped(self, result: Any) -> None:
        """Leave it out."""
        if not self._quiet:
            super().v2_runner_item_on_skipped(result)

    def v2_on_file_diff(self, result: Any) -> None:
        """Show changes that are alike in several regions once; the log has each."""
        if self._log is not None:
            for entry in result.result.get("results") or [result.result]:
                if isinstance(entry, Mapping) and entry.get("diff") and entry.get("changed"):
                    self._write_log(
                        "DIFF", COLOR.sub("", self._get_diff(deepcopy(entry["diff"]))), result.host.get_name()
                    )
        if self._quiet and result.result.get("diff") and not (result.task.loop and "results" in result.result):
            result.result["diff"] = folded(result.result["diff"])
        super().v2_on_file_diff(result)

    # ---- showing

    def _begin(self, task: Any, prefix: str) -> None:
        if not self._is_free():
            self._end_tasks()
        self._task_type_cache[task._uuid] = prefix
        self._last_task_name = None if self._is_free() else task.get_name().strip()
        total = 1 if task.run_once is True else self._hosts
        self._progress.task = Task(_plain_name(task), total)
        self._of(task)
        if task.action in ASKING:
            self._progress.close()
        elif self._drawing and self._progress.closed:
            self._progress.start()

    def _is_free(self) -> bool:
        return getattr(self._play, "strategy", "linear").rpartition(".")[2] in ("free", "host_pinned")

    def _of(self, task: Any) -> Told:
        if task._uuid not in self._tasks:
            self._tasks[task._uuid] = Told(task, _plain_name(task))
        return self._tasks[task._uuid]

    def _count(self, kind: str, result: Any) -> Told:
        """Count a result of a host, and write it to the log."""
        host, running = result.host.get_name(), self._progress.task
        if running is not None:
            running.running.pop(host, None)
            running.done += 1
        self._log_result(kind, result)
        found = self._of(result.task)
        found.counts[kind] += 1
        if self._quiet and not self._drawing and running is not None and running.total >= MANY:
            self._tell_progress(running)
        return found

    def _tell_progress(self, running: Task) -> None:
        """Tell how far a task is, at each tenth of its hosts."""
        if not running.is_at_a_tenth:
            return
        left = running.left()
        estimate = f", about {duration(left)} left" if left is not None else ""
        failures = f", {len(self._progress.failed)} failed" if self._progress.failed else ""
        spent = duration(time.monotonic() - self._progress.began)
        self._display.display(f"{running.name}: {running.done} of {running.total} done{failures}; {spent}{estimate}")

    def _fail(self, host: str, told_of: Told, message: str) -> None:
        self._progress.failed.add(host)
        self._fleet.error(host, told_of.name, message)

    def _show(self, told_of: Told, text: str, color: str | None = None) -> None:
        """Show a line of a task, below its banner."""
        told_of.shown += 1
        if self._last_task_banner != told_of.task._uuid:
            self._print_task_banner(told_of.task)
        self._display.display(text, color=color)

    def _show_account(self, told_of: Told, result: Any, counts: Mapping[str, int]) -> None:
        running = self._progress.task
        place = f"[{running.done}/{running.total}] " if running is not None and running.total > 1 else ""
        bad = counts.get("failed") or counts.get("unknown")
        color = C.COLOR_ERROR if bad else C.COLOR_CHANGED if counts.get("changed") else C.COLOR_OK
        about = result.result.get("account")
        name = (about.get("name") if isinstance(about, Mapping) else "") or result.host.get_name()
        message = unread(result.result)
        words = f"unknown: {shortened(message)}" if message else told(counts, self._fleet.word(self._would))
        self._show(told_of, f"{place}{name}: {words}", color)

    def _show_text(self, told_of: Told, result: Any) -> None:
        """Show what a debug task says; what several hosts say alike is said once."""
        if self._fleet.accounts and self._is_marked(told_of.task, "fleet_detail"):
            self._hidden = True
            return
        self._summed_up |= self._is_marked(told_of.task, "fleet_result")
        text, host = self._text_of(result), result.host.get_name()
        hosts = told_of.texts.setdefault(text, [])
        hosts.append(host)
        if len(hosts) > 1:
            told_of.shown += 1
        elif told_of.task.run_once is True:
            self._show(told_of, text)
        else:
            self._show(told_of, f"[{host}]{chr(10) if chr(10) in text else ' '}{text}")

    @staticmethod
    def _is_marked(task: Any, mark: str) -> bool:
        return any(name.endswith(mark) for name in task.vars)

    def _text_of(self, result: Any) -> str:
        self._clean_results(result.result, result.task.action)
        message = result.result.get("msg")
        if isinstance(message, str):
            return message
        if isinstance(message, list) and all(isinstance(line, str) for line in message):
            return "\n".join(message)
        return str(self._dump_results(result.result)).lstrip("\n")

    def _end_tasks(self) -> None:
        """Tell in one line what came of each task that is over."""
        ok, skipped = self.get_option("display_ok_hosts"), self.get_option("display_skipped_hosts")
        for told_of in self._tasks.values() if self._quiet else ():
            for line in told_of.repeated():
                self._display.display(line)
            if line := told_of.line(ok, skipped):
                self._display.display(line, color=self._color_of(told_of.counts))
        self._tasks.clear()

    @staticmethod
    def _color_of(counts: Mapping[str, int]) -> str | None:
        if counts["failed"] or counts["unreachable"] or counts["unknown"]:
            return str(C.COLOR_ERROR)
        return str(C.COLOR_CHANGED if counts["changed"] else C.COLOR_OK)

    def _ending(self, failed: list[str], accounts: bool) -> Iterator[tuple[str, str | None]]:
        """Yield the run's last lines with their colours."""
        failures = list(self._fleet.failures(failed)) if accounts or self._hosts >= MANY else []
        if failures:
            yield "", None
            yield "What failed", C.COLOR_ERROR
            yield from ((line, None) for line in failures)
        if accounts:
            word = self._fleet.word(self._would)
            notes = list(self._fleet.notes(word)) if self._hidden else []
            yield from ((line, None) for line in (["", *notes] if notes else []))
            yield "", None
            if not self._summed_up:
                heading, *rows = self._fleet.table(failed)
                yield heading, None
                for row in rows:
                    yield row, C.COLOR_ERROR if row.startswith("!") else C.COLOR_CHANGED if "+" in row else C.COLOR_OK
                yield f"  {legend(word)}", None
                yield "", None
            spent = duration(time.monotonic() - self._progress.began)
            bad = failed or self._fleet.unread
            yield f"{self._fleet.heading(failed, word)}; {spent}", C.COLOR_ERROR if bad else C.COLOR_OK
        if self._log is not None and (accounts or failed):
            yield f"Every result in full: {self._log.path}", None

    # ---- the log

    def _open_log(self, playbook: str) -> None:
        path = self.get_option("fleet_log_path")
        if not path:
            return
        try:
            self._log = RunLog(path)
        except OSError as error:
            self._display.warning(f"fleet_log_path: {error}; results are not written to a log")
        self._write_log("PLAYBOOK", playbook)

    def _write_log(self, kind: str, text: str, host: str = "") -> None:
        if self._log is None:
            return
        try:
            self._log.write(kind, text, host)
        except OSError as error:  # a full disk ends the log, not the run
            self._log = None
            self._display.warning(f"fleet_log_path: the log ends here: {error}")

    def _log_result(self, kind: str, result: Any) -> None:
        if self._log is not None:
            self._write_log(kind, f"{_plain_name(result.task)} => {shown(result.result)}", self.host_label(result))


def _plain_name(task: Any) -> str:
    """Return a task's name with its role's, without the collection's."""
    return str(task.get_name()).strip().removeprefix(COLLECTION)
