# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The plan of a reverse assumption: the same definitions, read off what remains of them, in reverse order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import GLOBAL, Observed, Skip, State
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.plan import (
    COMPLIANT,
    DRIFTED,
    FAILED,
    FOREIGN,
    SKIPPED,
    UNKNOWN,
    UNSEEN,
    Change,
    Plan,
)

REMOVE, DETACH, KEEP, NONE = "remove", "detach", "keep", "none"


@dataclass
class Removal(Change):
    """What becomes of one default in one target when the account is handed back.

    Its states are a Change's: drifted goes (or is detached), compliant needs nothing, skipped is kept by the guide,
    foreign is kept because it is not provably the provider's, and listed for a decision.
    """

    resources: list[str] = field(default_factory=list)  #: ARNs of what goes
    unread: bool = False  #: it could not be read
    blocked: bool = False  #: it would go, if it were not for another

    def observe(self) -> None:
        """Look what is there; whether it would work has no say."""
        self.seen = self.default.observe(self.target)

    def write(self, seen: Observed) -> State | None:
        """Take it away."""
        removed = self.default.remove(self.target, seen, self.after)
        self.findings += removed.notes
        return self.after if removed.proven else UNSEEN

    def why_not_ours(self, adopt: Mapping[str, str]) -> str:
        """Say why nothing of what is there may be removed or changed (G4); "" where it is provably the provider's."""
        why = self.default.not_removable(self.target, self.seen)
        if not why and self.default.name in adopt:
            why = f"it was there before it was taken over (account_adopt: {adopt[self.default.name]})"
        return why

    def note_uses(self) -> None:
        """Keep for whom it may concern what this needs of others, as it is left."""
        seen, target = self.seen, self.target
        if seen.state is None and not seen.foreign:
            return
        released = not self.why_not_ours(target.account.adopt)
        for arn in self.default.uses(target, seen, released):
            target.account.uses.setdefault(arn, set()).add(f"{self.default.name} in {target.region}")

    def decide(self, adopt: Mapping[str, str]) -> None:
        """Set what remains; nothing goes that is not provably the provider's (G4)."""
        default, seen = self.default, self.seen
        self.findings = seen.findings
        there = default.resources(self.target, seen)
        if seen.state is None and not seen.foreign and not there:
            self.state = COMPLIANT
            return
        why = self.why_not_ours(adopt)
        if why and default.on_release != "keep":
            self.keep(FOREIGN, f"{why}; it is kept as it is. Whether it goes is its owner's decision")
            return
        remains = default.remains(self.target, seen)
        if isinstance(remains, Skip):
            self.findings += remains.findings
            self.keep(SKIPPED, remains.reason)
            return
        self.after, self.resources = remains, there if remains is None else []
        if remains != seen.state or self.resources:  # the rest of something may be all that is left
            self.state, self.changed = DRIFTED, True

    def keep(self, state: str, reason: str) -> None:
        """Leave what is there, for a reason."""
        self.target.account.kept.update(self.default.resources(self.target, self.seen))
        self.state, self.reason, self.changed, self.resources = state, reason, False, []

    def skip(self, reason: str) -> None:
        """Leave what is there, because something else prevents it."""
        self.keep(SKIPPED, reason)

    def block(self, reason: str) -> None:
        """Leave what would go, because of something that may still need it."""
        self.blocked = True
        self.keep(SKIPPED, reason)

    def fail(self, state: str, error: Exception, changed: bool = False) -> None:
        """Keep the error; what cannot be read stays, whatever a policy of the organization says of it."""
        super().fail(state, error, changed)
        self.unread = self.unread or state == UNKNOWN
        if state == UNKNOWN:
            self.resources = []

    def is_settled(self, again: Observed) -> bool:
        """Tell whether nothing is left of what goes; the state does not show every part."""
        gone = self.after is None and self.default.resources(self.target.forgetful(), again)
        return super().is_settled(again) and not gone

    def was_written(self, again: Observed | None) -> bool:
        """Tell whether a removal that failed took something away; it has more parts than the state shows."""
        before = set(self.resources)
        return super().was_written(again) or (
            again is not None and before != set(self.default.resources(self.target.forgetful(), again))
        )

    @property
    def blocks(self) -> bool:
        """Whether what this is about was not read, not changed, or not let go."""
        return self.unread or self.blocked or self.state in {UNKNOWN, FAILED}

    @property
    def action(self) -> str:
        """What is (or in check mode would be) done: remove, detach, keep or none."""
        if self.state in {SKIPPED, FOREIGN, UNKNOWN}:
            return KEEP
        if self.state == COMPLIANT and not self.changed:
            return NONE if self.seen.state is None else KEEP
        return REMOVE if self.after is None else DETACH

    def result(self) -> dict[str, Any]:
        """Return the row: a Change's, with what is done and the ARNs that go."""
        return {**super().result(), "action": self.action, "resources": list(self.resources)}


class RemovalPlan(Plan):
    """What a reverse assumption removes, detaches and keeps in one account."""

    change_type = Removal

    def _decide(self, changes: list[Change]) -> None:
        """Decide first who uses what, then what goes."""
        for change in changes:
            if not change.error and isinstance(change, Removal):
                try:
                    change.note_uses()
                except Exception as error:
                    change.fail(UNKNOWN, error)
        super()._decide(changes)
        before = -1
        while before != (before := sum(change.changed for change in self.changes)):
            for change in self.changes:
                if change.changed:
                    self._stop_if_blocked(change)

    def _stop_if_blocked(self, change: Change) -> None:
        """Keep what something else may still need: what uses it, or what it uses, could not be read or changed."""
        for other in cast("list[Removal]", self.changes):
            user = change.default.name in other.default.needs
            used = other.default.name in change.default.needs and other.default.on_release != "keep"
            same_place = other.target.region == change.target.region or GLOBAL in {
                other.target.region,
                change.target.region,
            }
            if same_place and other.blocks and (user or (used and not other.blocked)):
                how = "could not be read" if other.unread else "stays for now" if other.blocked else f"is {other.state}"
                verb = "may still need it" if user else "it depends on that"
                cast("Removal", change).block(
                    f"kept for now: {other.default.name} in {other.target.region} {how}, and {verb}"
                )
                return

    def _steps(self, todo: list[Change]) -> list[list[list[Change]]]:
        """Return the catalogue backwards: region by region what is regional or needs others, then what is global."""
        backwards = todo[::-1]
        last = [change for change in backwards if not change.default.regional and not change.default.needs]
        groups: dict[str, list[Change]] = {}
        for change in backwards:
            if change not in last:
                groups.setdefault(change.target.region, []).append(change)
        return [list(groups.values()), [[change] for change in last]]
