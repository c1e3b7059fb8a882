# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The proof that no way in is left (E9): AssumeRole, refused again and again to callers that can assume others."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import error_code, is_denied
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.session import Access

SETTLE = 60.0  # seconds within which IAM may still let somebody in; its changes are seen after 2 to 30
ROUNDS = 10

Way = Mapping[str, Any]


class Proof:
    """Tries every role from every session of the provider, and says what came of it.

    Args:
        control_role_arn: a role that every source can assume, to show that its refusals mean the role; "" for none.
        opened: roles that were assumed before they were shut -> from which source.
    """

    def __init__(self, access: Access, control_role_arn: str, opened: Mapping[str, str]) -> None:
        self._access = access
        self._control_role_arn = control_role_arn
        self._opened = opened
        #: one for each role and source: role, from, attempts, refused, let_in, other_errors, seconds, control, proven;
        #: other_errors are codes of answers that are neither: throttling, or credentials that ended
        self.rows: list[dict[str, Any]] = []

    def take(self, tries: Iterable[tuple[Way, set[str]]], seconds: float) -> None:
        """Try for so many seconds; 0 tries nothing, and proves nothing.

        Args:
            tries: a role's way, and the sources that are not the provider's.
        """
        if seconds <= 0:
            return
        sources = self._access.sources()
        pairs = [(way, via) for way, excepted in tries for via in sources if via not in excepted]
        self._settle(pairs, seconds)
        answers: dict[tuple[str, str], list[Exception | None]] = {}
        began = time.monotonic()
        for pause in (0.0, *[seconds / ROUNDS] * ROUNDS):
            time.sleep(pause)
            for way, via in pairs:
                answers.setdefault((way["name"], via), []).append(self._access.try_way(way, via))
        took = round(time.monotonic() - began, 1)
        controls = {via: self._control(via) for via in sources}
        for (role, via), refusals in answers.items():
            let_in = any(error is None for error in refusals)
            others = sorted({error_code(e) or type(e).__name__ for e in refusals if e is not None and not is_denied(e)})
            refused = not let_in and not others
            control = controls[via] or self._opening(role, via)
            self.rows.append(
                {
                    "role": role,
                    "from": sources[via].caller["Arn"],
                    "attempts": len(refusals),
                    "refused": refused,
                    "let_in": let_in,
                    "other_errors": others,
                    "seconds": took,
                    "control": control,
                    "proven": refused and bool(control),
                }
            )

    def _settle(self, pairs: list[tuple[Way, str]], seconds: float) -> None:
        """Wait until nobody is let in, while IAM may not have seen the change yet."""
        ends = time.monotonic() + min(SETTLE, seconds)
        while time.monotonic() < ends and any(self._access.try_way(way, via) is None for way, via in pairs):
            time.sleep(min(2.0, seconds / ROUNDS))

    def _control(self, via: str) -> str:
        """Assume another role from a source, now; returns which, "" where none could be."""
        others = [self._control_role_arn] if self._control_role_arn else self._access.known_roles(via)
        return next((f"assumed {arn}" for arn in others if self._access.try_role(arn, via) is None), "")

    def _opening(self, role: str, via: str) -> str:
        return "assumed this role before it was shut" if self._opened.get(role) == via else ""
