"""The ledger: every call of every account, in the order in which it was answered."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Any

READS = (
    "Get", "List", "Describe", "Head", "Lookup", "BatchGet", "Receive", "AssumeRole", "AssumeRoot", "Search", "Select",
    "Check", "Simulate", "Validate", "Query", "Decode", "TestEventPattern", "Estimate", "Scan",
)  # fmt: skip


def kind_of(operation: str) -> str:
    """`read` or `write`, by the verb; like CloudTrail's readOnly, AssumeRole is a read; so is AssumeRoot."""
    return "read" if operation.startswith(READS) else "write"


class Ledger:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[dict[str, Any]] = []

    def add(self, entry: dict[str, Any]) -> None:
        with self._lock:
            entry["seq"] = len(self._entries) + 1
            self._entries.append(entry)

    def entries(self) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._entries)

    def reset(self) -> None:
        with self._lock:
            self._entries.clear()


def timestamp() -> str:
    return datetime.fromtimestamp(time.time(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
