# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The Plan: the changes of account defaults in all their targets. Only ``apply`` writes.

Check mode, the diff, the result of a run and the audit are read off the same Plan, so none of them can disagree.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import (
    AccountsError,
    describe_error,
    is_denied_by_scp,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import (
    ABSENT,
    GLOBAL,
    AccountDefault,
    Observed,
    Skip,
    State,
    StopFlag,
    Target,
)

COMPLIANT, DRIFTED, SKIPPED, FOREIGN, UNKNOWN, FAILED = STATES = (
    "compliant",
    "drifted",
    "skipped",
    "foreign",
    "unknown",
    "failed",
)
MAX_THREADS = 32
UNSEEN: Any = object()  #: AWS does not show yet what was written


@dataclass
class Change:
    """Before and after of one default in one target, or why there is no after."""

    default: AccountDefault
    target: Target
    seen: Observed = ABSENT
    after: State | None = None
    state: str = COMPLIANT
    reason: str = ""
    error: Exception | None = None
    findings: tuple[str, ...] = ()
    changed: bool = False  #: it was (or, before apply, would be) written
    accepted: bool = False  #: AWS took the write, whatever came then

    def observe(self) -> None:
        """Look what is there, and whether it could work; a region that is denied is known by the first."""
        seen = self.default.observe(self.target)
        self.default.check(self.target)
        self.seen = seen

    def write(self, seen: Observed) -> State | None:
        """Make it so; returns the state where AWS's answers prove it, else UNSEEN."""
        proven = self.default.put(self.target, seen, self.after or {})
        return UNSEEN if proven is None else proven

    def decide(self, adopt: Mapping[str, str]) -> None:
        """Set the state that follows from what was seen and what is desired."""
        desired = self.default.desired(self.target, self.seen)
        self.findings = self.seen.findings
        if isinstance(desired, Skip):
            self.skip(desired.reason)
            self.findings += desired.findings
            return
        self.after = desired
        if self.seen.state == desired:
            self.state = COMPLIANT
        elif self.seen.foreign and self.default.name not in adopt:
            self.state = FOREIGN
            self.reason = (
                f"{self.seen.foreign}; it is left as it is. To take it over, name it in account_adopt (option adopt): "
                f"{{{self.default.name}: <reason>}}; to do without it, in account_defaults_disabled "
                "(option defaults_disabled)" + (f". {self.default.drift_means}" if self.default.drift_means else "")
            )
        else:
            self.state, self.changed = DRIFTED, True
            adopted = f"{self.seen.foreign}; adopted: {adopt[self.default.name]}" if self.seen.foreign else ""
            self.reason = "; ".join(filter(None, (adopted, self.default.drift_means)))

    def is_settled(self, again: Observed) -> bool:
        """Tell whether what is there now is what was wanted."""
        return again.state == self.after

    def was_written(self, again: Observed | None) -> bool:
        """Tell whether a change that failed left something behind; ``again`` is what is there now, None if unseen."""
        return again is None or again.state != self.seen.state

    def skip(self, reason: str) -> None:
        """Do nothing here, for a reason that is not an error."""
        self.state, self.reason, self.changed = SKIPPED, reason, False

    def fail(self, state: str, error: Exception, changed: bool = False) -> None:
        """Keep the error of a target that could not be read (unknown) or written (failed, and in part perhaps)."""
        self.state, self.error, self.changed = state, error, changed

    def result(self) -> dict[str, Any]:
        """Return the change as plain data: one row of every result and report.

        ``before`` is there only where it differs from ``after``; ``after`` is what is (in check mode: what would be).
        """
        is_now = self.after if self.state in {COMPLIANT, DRIFTED} else self.seen.state
        row: dict[str, Any] = {
            "default": self.default.name,
            "section": self.default.section,
            "region": self.target.region,
            "state": self.state,
            "changed": self.changed,
            "after": is_now,
        }
        if self.changed:
            row["before"] = self.seen.state
        if self.reason:
            row["reason"] = self.reason
        if self.error:
            row["error"] = describe_error(self.error)
        if self.findings:
            row["findings"] = list(self.findings)
        return row


class Plan:
    """What the defaults of one account want changed, and the failures to find out."""

    change_type = Change

    def __init__(self, changes: Iterable[Change], stop: StopFlag) -> None:
        self.changes = list(changes)
        self._stop = stop

    @classmethod
    def make(
        cls,
        defaults: Iterable[AccountDefault],
        target_in: Callable[[str], Target],
        regions: Iterable[str],
        disabled: Mapping[str, str],
        options: Mapping[str, Any],
        stop: StopFlag,
    ) -> Plan:
        """Observe every default in every target, in threads over regions, and decide what is to change.

        Args:
            defaults: in the catalogue's order.
            target_in: makes the target of a region; defaults of one region share it.
            regions: where regional defaults live.
            disabled: a default's name -> why it is switched off; it is not even read.
            stop: set when the task is given up; nothing is written from then on.
        """
        regions = list(regions)
        targets: dict[str, Target] = {}
        changes = []
        for default in defaults:
            for region in regions if default.regional else [default.region(options)]:
                target = targets.setdefault(region, target_in(region))
                changes.append(cls.change_type(default, target))
        plan = cls(changes, stop)
        wanted = []
        for change in plan.changes:
            if change.default.name in disabled:
                change.skip(f"switched off: {disabled[change.default.name] or 'no reason given'}")
            else:
                wanted.append(change)
        _in_threads(_side_by_side(wanted), _observe, stop)
        plan._decide(wanted)
        return plan

    def _decide(self, changes: list[Change]) -> None:
        denied = _regions_denied_by_scp(changes)
        for change in changes:
            if change.error and change.target.region in denied:
                change.error = None
                change.skip(f"a service control policy denies the region: {denied[change.target.region]}")
            elif not change.error:
                try:
                    change.decide(change.target.account.adopt)
                except Exception as error:
                    change.fail(UNKNOWN, error)
        for change in changes:
            if change.changed:
                self._stop_if_blocked(change)

    def _stop_if_blocked(self, change: Change) -> None:
        """Skip a change whose default needs another that is not there and will not be."""
        for need in change.default.needs:
            for other in self.changes:
                same_place = other.target.region == change.target.region or not other.default.regional
                there = other.accepted or other.state in {COMPLIANT, DRIFTED}
                if other.default.name == need and same_place and not there:
                    change.skip(f"needs {need}, which is {other.state}")
                    return

    def apply(self, wait_timeout: float) -> None:
        """Write every change: first what is needed by others, then region by region, in the catalogue's order.

        A change that fails stops only those that need it (G5).

        Args:
            wait_timeout: seconds from now for what AWS shows or accepts late; a change that begins later has an
                eighth of it still, so that one permanent refusal is not waited for in every target.
        """
        patience_ends = time.monotonic() + wait_timeout
        todo = [change for change in self.changes if change.changed]

        def write(change: Change) -> None:
            self._stop_if_blocked(change)
            if not change.changed:
                return
            try:
                deadline = time.monotonic() + wait_timeout / 8
                _put(change, self._stop, max(patience_ends, deadline) if change.default.patient else deadline)
            except Exception as error:
                change.fail(FAILED, error, changed=change.accepted or _was_written(change))

        for step in self._steps(todo):
            _in_threads(step, write, self._stop)

    def _steps(self, todo: list[Change]) -> list[list[list[Change]]]:
        """Return what is written, one step after the other; the groups of a step side by side."""
        first = [change for change in todo if not change.default.regional and not change.default.needs]
        return [[[change] for change in first], _side_by_side([change for change in todo if change not in first])]

    def result(self) -> dict[str, Any]:
        """Return the plan as a module's result: changed, targets, summary."""
        counts = Counter(change.state for change in self.changes)
        return {
            "changed": any(change.changed for change in self.changes),
            "targets": [change.result() for change in self.changes],
            "summary": {
                **{state: counts[state] for state in STATES},
                "changed": sum(change.changed for change in self.changes),
            },
        }

    def diff(self) -> list[dict[str, Any]]:
        """Return one entry of Ansible's diff for each target that changes."""
        return [
            {
                "before_header": f"{change.target} {change.default.name}",
                "after_header": f"{change.target} {change.default.name}",
                "before": change.seen.state or {},
                "after": change.after or {},
            }
            for change in self.changes
            if change.changed
        ]


def _observe(change: Change) -> None:
    try:
        change.observe()
    except Exception as error:  # one target that cannot be read hides no other (G5)
        change.fail(UNKNOWN, error)


def _put(change: Change, stop: StopFlag, deadline: float) -> None:
    """Write one change, wait until AWS accepts it and until it is seen."""
    default, seen = change.default, change.seen
    pauses = _pauses(deadline, stop)
    shown: Any = change.after
    while True:
        try:
            shown = change.write(seen)
            break
        except Exception as error:
            if not default.is_not_yet(error) or not next(pauses, False):
                raise
        again = _look_again(change)
        if again and change.is_settled(again):
            break
        if again:
            # what the first observation knew of ownership holds: what exists by now was made by the attempt
            seen = Observed(again.state, seen.foreign, seen.findings, again.raw)
    change.accepted = True
    while shown != change.after:
        again = _look_again(change)
        shown = again.state if again else UNSEEN
        if shown != change.after and not next(pauses, False):
            raise AccountsError(
                f"AWS accepted the change and does not show it yet ({_differing(shown, change.after)}); {default.late}"
            )
    change.state = COMPLIANT


def _differing(shown: Any, after: State | None) -> Any:
    """Return what of a state that is shown is not as it was written."""
    there = {} if shown is UNSEEN or shown is None else shown
    return {key: value for key, value in there.items() if value != (after or {}).get(key)} or "nothing"


def _was_written(change: Change) -> bool:
    """Tell whether a change that failed left something behind: then, or if nobody can say, it counts as changed."""
    try:
        again = _look_again(change)
    except Exception:
        return True
    return change.was_written(again)


def _look_again(change: Change) -> Observed | None:
    """Return what is there now, or None where AWS does not show it yet."""
    try:
        return change.default.observe(change.target.forgetful())
    except Exception as error:
        if change.default.is_not_yet(error):
            return None
        raise


def _pauses(deadline: float, stop: StopFlag) -> Iterator[bool]:
    """Sleep a little longer each time; end at the deadline or when the task was given up."""
    pause = 0.25
    while time.monotonic() < deadline and not stop.is_set():
        time.sleep(pause)
        pause = min(pause * 1.6, 5.0)
        yield True


def _side_by_side(changes: Iterable[Change]) -> list[list[Change]]:
    """Group what one thread does in turn: a region's defaults; global ones are each alone."""
    groups: dict[str, list[Change]] = {}
    for change in changes:
        alone = not change.default.regional and not change.default.needs
        groups.setdefault(change.default.name if alone else change.target.region, []).append(change)
    return list(groups.values())


def _in_threads(groups: list[list[Change]], act: Callable[[Change], None], stop: StopFlag) -> None:
    def run(group: list[Change]) -> None:
        for change in group:
            act(change)

    pool = ThreadPoolExecutor(max_workers=MAX_THREADS)
    try:
        list(pool.map(run, groups))
    except BaseException:  # a task's timeout, for instance: the threads go on, and write no more
        stop.set()
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def _regions_denied_by_scp(changes: Iterable[Change]) -> dict[str, str]:
    """Return the regions in which a service control policy denied every read -> what AWS said first.

    AWS Config has no say: Control Tower's own region deny control exempts it.
    Source: AWS Control Tower User Guide, "Region deny control".
    """
    answers: dict[str, list[str]] = {}
    for change in changes:
        if change.target.region != GLOBAL and change.default.service != "config":
            denied = change.error is not None and is_denied_by_scp(change.error)
            message = describe_error(change.error)["message"] if change.error and denied else ""
            answers.setdefault(change.target.region, []).append(message)
    return {region: messages[0] for region, messages in answers.items() if all(messages)}
