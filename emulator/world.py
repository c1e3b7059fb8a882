"""What the emulator knows beside moto's own state: settings, visibility, faults, regions and identities."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from emulator.ledger import Ledger
from emulator.policy import Principal
from emulator.regions import DEFAULT_REGIONS


@dataclass
class Settings:
    latency: float = 0.0
    visibility_delay: float = 0.0
    organization: str = "demo"


class Visibility:
    """Versions of what other services see late: roles and resource policies.

    IAM user guide, "Changes that I make are not always immediately visible" (troubleshoot.html); the owner reads a
    change at once, other services see what was there `visibility_delay` seconds ago.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._versions: dict[tuple[str, str], list[tuple[float, Any]]] = {}

    def wrote(self, kind: str, name: str, before: Any, after: Any) -> None:
        versions = self._versions.setdefault((kind, name), [])
        if not versions:
            versions.append((float("-inf"), before))
        versions.append((time.monotonic(), after))

    def forget(self, kind: str, name: str) -> None:
        self._versions.pop((kind, name), None)

    def seen(self, kind: str, name: str, now: Any) -> Any:
        """What other services see of it; what is gone is gone for all."""
        versions = self._versions.get((kind, name))
        if now is None or not versions:
            return now
        limit = time.monotonic() - self._settings.visibility_delay
        return next(value for moment, value in reversed(versions) if moment <= limit)


@dataclass
class Fault:
    code: str
    message: str = ""
    status: int | None = None
    times: int | None = None
    account: str | None = None
    region: str | None = None
    service: str | None = None
    operation: str | None = None

    def applies(self, account: str, region: str, service: str, operation: str) -> bool:
        pairs = ((self.account, account), (self.region, region), (self.service, service), (self.operation, operation))
        return (self.times is None or self.times > 0) and all(want in (None, have) for want, have in pairs)


@dataclass
class Seed:
    """One account as the organization's file describes it.

    Attributes:
        manager: its organization's management account; "" for an account in none.
        joined_days_ago: how long it has been a member.
    """

    id: str
    name: str
    uuid: str
    email: str
    kind: str
    notes: str = ""
    manager: str = "100000000001"
    joined_days_ago: float = 0


@dataclass
class World:
    settings: Settings = field(default_factory=Settings)
    ledger: Ledger = field(default_factory=Ledger)
    # One lock around each answer: moto's structures are not safe against threads, and threads win nothing here.
    lock: threading.RLock = field(default_factory=threading.RLock)
    faults: list[Fault] = field(default_factory=list)
    seeds: list[Seed] = field(default_factory=list)
    opted_in: dict[str, set[str]] = field(default_factory=dict)
    # Sessions by access key: principal, token and end (seconds since the epoch).
    sessions: dict[str, tuple[Principal, str, float]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)  # confirmation token -> subscription ARN
    documents: dict[tuple[str, str], Any] = field(default_factory=dict)  # what moto would drop of a request
    service_control: dict[str, list[str]] = field(default_factory=dict)
    visibility: Visibility = field(init=False)

    def __post_init__(self) -> None:
        self.visibility = Visibility(self.settings)

    def clear(self) -> None:
        self.ledger.reset()
        self.visibility = Visibility(self.settings)
        self.faults = []
        self.seeds = []
        for mapping in (self.opted_in, self.sessions, self.tokens, self.documents, self.service_control):
            mapping.clear()

    def enabled(self, account: str, region: str) -> bool:
        return region in DEFAULT_REGIONS or region in self.opted_in.get(account, ())

    def regions(self, account: str) -> Iterator[str]:
        yield from DEFAULT_REGIONS
        yield from sorted(self.opted_in.get(account, ()))
