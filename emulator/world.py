"""What the emulator knows beside moto's own state: settings, visibility, faults, regions and identities."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.core.utils import utcnow
from moto.iam.models import VirtualMfaDevice, iam_backends

from emulator.ledger import Ledger
from emulator.policy import Principal
from emulator.regions import DEFAULT_REGIONS


@dataclass
class Settings:
    """What the control endpoint changes.

    Attributes:
        die_after_writes: after so many successful writes, counted from when it was set, every connection is closed
            without an answer, until it is set anew; None: never.
        lose_the_last_answer: the last of these writes is done, and its answer lost too.
    """

    latency: float = 0.0
    visibility_delay: float = 0.0
    organization: str = "demo"
    die_after_writes: int | None = None
    lose_the_last_answer: bool = False


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
    after_writes: int = 0  # so many successful writes are let through first, counted from when the fault was set

    def applies(self, account: str, region: str, service: str, operation: str) -> bool:
        pairs = ((self.account, account), (self.region, region), (self.service, service), (self.operation, operation))
        live = self.after_writes <= 0 and (self.times is None or self.times > 0)
        return live and all(want in (None, have) for want, have in pairs)


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
class AccountState:
    """What of an account no API writes: it is settled when one signs up, or in the console.

    Attributes:
        agreement: the AWS Customer Agreement was accepted.
        support_plan: basic, developer, business or enterprise.
        root_mfa: serial numbers of the root user's MFA devices; an ARN is that of a virtual one.
        root_access_keys: ids of the root user's access keys.
        email: the root user's address, where the account is in no organization.
        regions: those that it has enabled; none: those of AWS's default and those opted in.
    """

    payment_method: bool = True
    phone_verified: bool = True
    agreement: bool = True
    support_plan: str = "basic"
    root_mfa: list[str] = field(default_factory=list)
    root_password: bool = True
    root_access_keys: list[str] = field(default_factory=list)
    email: str = ""
    regions: list[str] = field(default_factory=list)


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
    accounts: dict[str, AccountState] = field(default_factory=dict)
    mail: list[dict[str, str]] = field(default_factory=list)
    email_updates: dict[str, tuple[str, str]] = field(default_factory=dict)  # account -> new address, code
    root_features: dict[str, set[str]] = field(default_factory=dict)  # management account -> centralized root access
    under_way: set[object] = field(default_factory=set)  # calls that have come and are not answered yet
    visibility: Visibility = field(init=False)

    def __post_init__(self) -> None:
        self.visibility = Visibility(self.settings)

    def clear(self) -> None:
        self.ledger.reset()
        self.visibility = Visibility(self.settings)
        self.faults = []
        self.seeds = []
        self.mail = []
        for mapping in (
            self.opted_in,
            self.sessions,
            self.tokens,
            self.documents,
            self.service_control,
            self.accounts,
            self.email_updates,
            self.root_features,
        ):
            mapping.clear()

    def set_root_mfa(self, account: str, enabled: bool) -> None:
        """Gives the root user the virtual MFA device that the console makes, or none."""
        iam = iam_backends[account]["aws"]
        for serial in self.state(account).root_mfa:
            iam.virtual_mfa_devices.pop(serial, None)
        self.state(account).root_mfa = []
        if not enabled:
            return
        device = VirtualMfaDevice(account, "us-east-1", "/root-account-mfa-device")
        device.enable_date = utcnow()
        device.user_attribute = {"UserName": "root", "Arn": f"arn:aws:iam::{account}:root", "UserId": account}
        iam.virtual_mfa_devices[device.serial_number] = device
        self.state(account).root_mfa = [device.serial_number]

    def state(self, account: str) -> AccountState:
        return self.accounts.setdefault(account, AccountState())

    def is_dead(self) -> bool:
        """Whether connections are closed without an answer."""
        return self.settings.die_after_writes is not None and self.settings.die_after_writes <= 0

    def wrote(self) -> None:
        """Counts a successful write for what happens after so many of them."""
        if self.settings.die_after_writes is not None:
            self.settings.die_after_writes -= 1
        for fault in self.faults:
            fault.after_writes -= 1

    @contextlib.contextmanager
    def answering(self) -> Iterator[None]:
        """Counts a call as under way until it is answered, or its connection closed."""
        call = object()
        self.under_way.add(call)
        try:
            yield
        finally:
            self.under_way.discard(call)

    def enabled(self, account: str, region: str) -> bool:
        return region in self.regions(account)

    def regions(self, account: str) -> Iterator[str]:
        chosen = self.accounts[account].regions if account in self.accounts else []
        yield from chosen or (*DEFAULT_REGIONS, *sorted(self.opted_in.get(account, ())))
