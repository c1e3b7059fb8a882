# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What came of one task on all its hosts, as lines of text. Nothing here knows Ansible."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.plugin_utils.fleet import duration, names

#: what a host's result counts as, worst first
COUNTED = ("failed", "unreachable", "unknown", "ignored", "changed", "ok", "skipped")


@dataclass
class Told:
    """What came of one task so far, and what of it was shown.

    Attributes:
        shown: of how many hosts something was shown.
        texts: what was told -> the hosts that told it.
    """

    task: Any
    name: str
    counts: Counter[str] = field(default_factory=Counter)
    shown: int = 0
    texts: dict[str, list[str]] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)

    def repeated(self) -> Iterator[str]:
        """Yield a line for each text that more than the first host told; hosts end in any order."""
        for text, hosts in self.texts.items():
            others = sorted(hosts[1:])
            if others:
                first = text.partition("\n")[0]
                yield f"the same from {len(others)} more ({names(others)}): {first}"

    def line(self, ok: bool, skipped: bool) -> str:
        """Return the task's line; "" where nothing came of it that was not shown already.

        Args:
            ok: a task is told of which nothing but what is as it should be came. Of one host alone it is no news.
            skipped: hosts that left the task out are counted.
        """
        counts = self.counts
        kinds = [kind for kind in COUNTED if counts[kind] and (kind != "skipped" or skipped)]
        if not kinds or self.shown >= counts.total() - counts["skipped"]:
            return ""
        well = counts["ok"] + counts["skipped"] == counts.total()
        if well and (not ok or self.task.run_once is True):
            return ""
        words = ", ".join(f"{counts[kind]} {kind}" for kind in kinds)
        seconds = time.monotonic() - self.began
        return f"{self.name}: {words}" + (f" ({duration(seconds)})" if seconds >= 1 else "")
