# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The plan of a reverse assumption: the same definitions, read off what remains of them, in reverse order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

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

    def observe(self) -> None:
        """Look what is there; whether it would work has no say."""
        self.seen = self.default.observe(self.target)

    def write(self, seen: Observed) -> State | None:
        """Take it away."""
        removed = self.default.remove(self.target, seen, self.after)
        self.findings += removed.notes
        return self.after if removed.proven else UNSEEN

    def decide(self, adopt: Mapping[str, str]) -> None:
        """Set what remains; nothing goes that is not provably the provider's (G4)."""
        default, seen = self.default, self.seen
        self.findings = seen.findings
        self.resources = default.resources(self.target, seen)
        if seen.state is None and not seen.foreign and not self.resources:
            self.state = COMPLIANT
            return
        remains = default.remains(self.target, seen)
        if isinstance(remains, Skip):
            self.findings += remains.findings
            self.keep(SKIPPED, remains.reason)
            return
        why = default.not_removable(self.target, seen)
        if not why and default.name in adopt:
            why = f"it was there before it was taken over (account_adopt: {adopt[default.name]})"
        if why:
            self.keep(FOREIGN, f"{why}; it is kept as it is. Whether it goes is its owner's decision")
            return
        self.after = remains
        if remains is not None:
            self.resources = []
        if remains != seen.state or self.resources:  # the rest of something may be all that is left
            self.state, self.changed = DRIFTED, True

    def keep(self, state: str, reason: str) -> None:
        """Leave what is there, for a reason."""
        self.target.account.kept.update(self.resources)
        self.state, self.reason, self.changed, self.resources = state, reason, False, []

    def skip(self, reason: str) -> None:
        """Leave what is there, because something else prevents it."""
        self.keep(SKIPPED, reason)

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

    def _stop_if_blocked(self, change: Change) -> None:
        """Keep what something else may still need: what uses it, or what it uses, could not be read or changed."""
        for other in self.changes:
            user = change.default.name in other.default.needs
            used = other.default.name in change.default.needs and other.default.on_release != "keep"
            same_place = other.target.region == change.target.region or GLOBAL in {
                other.target.region,
                change.target.region,
            }
            if (user or used) and same_place and other.state in {UNKNOWN, FAILED}:
                verb = "may still need it" if user else "it depends on"
                change.skip(f"kept for now: {other.default.name} in {other.target.region} is {other.state}, and {verb}")
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
