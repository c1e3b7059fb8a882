# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The concepts: Account, AccountDefault, Target and what is seen, wanted or skipped there."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import error_code

State = dict[str, Any]
T = TypeVar("T")


class Memory:
    """What was read once, or the error that it raised; safe to share between threads."""

    def __init__(self) -> None:
        self._answers: dict[str, tuple[Any, Exception | None]] = {}
        self._lock = threading.RLock()

    def once(self, key: str, read: Callable[[], T]) -> T:
        """Return what ``read`` returns, or raise what it raises, calling it once."""
        with self._lock:
            if key not in self._answers:
                try:
                    self._answers[key] = (read(), None)
                except Exception as error:
                    self._answers[key] = (None, error)
            answer, refusal = self._answers[key]
        if refusal:
            raise refusal
        value: T = answer
        return value


GLOBAL = "global"  #: the region of what has none, IAM for instance


@dataclass(frozen=True)
class Region:
    """A region that the account has enabled; ``opt_in`` where somebody had to enable it first."""

    name: str
    opt_in: bool = False


@dataclass
class Account:
    """The account that is worked on, as its record and the account itself describe it."""

    id: str
    uuid: str = ""
    name: str = ""
    partition: str = "aws"
    regions: tuple[Region, ...] = ()  #: those to work in
    enabled: tuple[Region, ...] = ()  #: all that it has enabled; empty where that may not be read
    control_tower: str = "auto"
    adopt: Mapping[str, str] = field(default_factory=dict)
    #: what was seen that only Control Tower makes; filled while defaults are observed
    control_tower_signs: set[str] = field(default_factory=set)
    #: a resource's ARN -> what was seen to use it; filled likewise
    uses: dict[str, set[str]] = field(default_factory=dict)
    #: ARNs that a reverse assumption leaves; filled while it is decided
    kept: set[str] = field(default_factory=set)
    memory: Memory = field(default_factory=Memory, repr=False)

    def control_tower_evidence(self) -> str:
        """Say why the account counts as managed by Control Tower (B8, B12); "" where it does not."""
        if self.control_tower == "false":
            return ""
        if self.control_tower == "true":
            return "account_control_tower is true"
        return ", ".join(sorted(self.control_tower_signs))

    def __str__(self) -> str:
        return f"{self.name} ({self.id})" if self.name else self.id


class Clients(Protocol):
    """Where a default gets its clients from (see session.py)."""

    def client(self, service: str, region: str) -> Any:
        """Return the account's client of a service; the same object each time."""

    def provider_client(self, service: str, region: str) -> Any:
        """Return a client of the shared management services account."""

    def account_role(self) -> str:
        """Return the name of the role that the session came in by; "" where it assumed none."""

    def check_way_in(self, trust: Mapping[str, Any]) -> None:
        """Raise where a trust policy would not admit whoever assumed the account's role."""

    def prove_way_in(self, seconds: float) -> None:
        """Assume the account's role afresh, again and again for a while; raises what STS answers."""


@dataclass
class Target:
    """One place where a default lives: account, region, clients and the options that hold there.

    The defaults of one region share it, and its memory of what was read there.
    """

    account: Account
    region: str
    clients: Clients
    options: Mapping[str, Any]
    home_region: str = "us-east-1"
    memory: Memory = field(default_factory=Memory, repr=False)

    def client(self, service: str) -> Any:
        """Return the account's client of a service in this target's region."""
        return self.clients.client(service, self.home_region if self.region == GLOBAL else self.region)

    def provider_client(self, service: str, region: str = "") -> Any:
        """Return a client of the shared services account, in this target's region unless told."""
        return self.clients.provider_client(service, region or self.region)

    def arn(self, service: str, resource: str) -> str:
        """Return the whole ARN of a resource of this account and region."""
        region = "" if self.region == GLOBAL else self.region
        return f"arn:{self.account.partition}:{service}:{region}:{self.account.id}:{resource}"

    def forgetful(self) -> Target:
        """Return the same place without what was read there before."""
        return replace(self, memory=Memory())

    def __str__(self) -> str:
        return f"{self.account} {self.region}"


@dataclass(frozen=True)
class Observed:
    """What is there.

    Attributes:
        state: our part of it in the shape of ``desired``, or None where it is absent.
        foreign: why it is not provably ours (G9); "" where it is, or where nothing is.
        findings: what an engineer should know and onboarding does not change.
        raw: what ``put`` needs of the rest, to keep it.
    """

    state: State | None = None
    foreign: str = ""
    findings: tuple[str, ...] = ()
    raw: Any = None


ABSENT = Observed()


@dataclass(frozen=True)
class Skip:
    """Why a default does not apply in a target: a reason of the guide."""

    reason: str
    findings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Removed:
    """What came of a removal: whether AWS's answers prove it already, and what people should know of it."""

    proven: bool = False
    notes: tuple[str, ...] = ()


class AccountDefault(ABC):
    """One setting that every account gets (the guide's "account defaults").

    A definition holds no loops over regions, no retries and nothing of Ansible; Plan has them.
    """

    name: str
    title: str
    service: str
    section: str  #: the guide's section, which is the tag of the playbook
    requirement: str  #: the row of requirements.md
    regional: bool = False  #: lives in every region
    required: bool = True  #: B16; may be switched off only with a reason
    needs: tuple[str, ...] = ()  #: defaults without which AWS refuses this one
    options: Mapping[str, Mapping[str, Any]] = {}  #: argument spec: together, the whole desired state
    permissions: tuple[str, ...] = ()  #: IAM actions that it calls in the account
    #: IAM actions that it calls in the shared management services account
    provider_permissions: tuple[str, ...] = ()
    on_release: str = "keep"  #: what a reverse assumption does with it: keep, remove or detach
    proves_onboarding: bool = True  #: that it is there shows that the account was onboarded
    kept_because: str = ""  #: why it stays with the account's owner
    removal_options: Mapping[str, Mapping[str, Any]] = {}  #: options of its removal alone
    #: IAM actions that removing it calls, beside those of ``permissions`` that read
    removal_permissions: tuple[str, ...] = ()
    provider_removal_permissions: tuple[str, ...] = ()
    #: error codes with which AWS answers while something this depends on is not visible yet
    not_yet: tuple[str, ...] = ()
    patient: bool = True  #: AWS shows the change by itself, if late: it is worth the whole wait_timeout
    late: str = "run again to look again"  #: what to do where the change is never seen
    drift_means: str = ""  #: what can follow where it is not as it should be, if that is more than the difference

    def region(self, options: Mapping[str, Any]) -> str:
        """Return the one region of a default that is not regional."""
        return GLOBAL

    def is_not_yet(self, error: Exception) -> bool:
        """Tell whether AWS refused only because something this depends on is not visible yet."""
        return error_code(error) in self.not_yet

    def check(self, target: Target) -> None:  # noqa: B027 (most need nothing)
        """Raise where something outside of the account is missing that it would need to work."""

    @abstractmethod
    def observe(self, target: Target) -> Observed:
        """Return what is there; absence is data, any exception means that it could not be read."""

    @abstractmethod
    def desired(self, target: Target, seen: Observed) -> State | Skip:
        """Return what should be there. It never weakens what ``seen`` has stricter (G9)."""

    @abstractmethod
    def put(self, target: Target, seen: Observed, after: State) -> State | None:
        """Make it so, writing only what differs.

        Returns the state where AWS's answers prove it already, None where it is to be observed again.
        """

    def not_removable(self, target: Target, seen: Observed) -> str:
        """Say why what is there is not provably the provider's alone, so that nothing of it may be removed (G4)."""
        return seen.foreign

    def remains(self, target: Target, seen: Observed) -> State | Skip | None:
        """Return what a reverse assumption leaves: None where it goes, Skip where all stays, and why."""
        return Skip(f"stays with the account: {self.kept_because}")

    def uses(self, target: Target, seen: Observed, released: bool) -> list[str]:
        """Return the ARNs of what this needs of other defaults: as it is, or once it is released."""
        return []

    def resources(self, target: Target, seen: Observed) -> list[str]:
        """Return the ARNs of what is there, and goes where nothing remains."""
        return []

    def remove(self, target: Target, seen: Observed, after: State | None) -> Removed:
        """Take away what is not in ``after``; what is gone already is no error. Unless proven it is observed again."""
        raise NotImplementedError(f"{self.name} is not removed")


class StopFlag:
    """Set when the task was given up: no thread may write from then on."""

    def __init__(self, given_up: Callable[[], bool] = lambda: False) -> None:
        self._event = threading.Event()
        self._given_up = given_up

    def set(self) -> None:
        """Stop: called when the run ends early."""
        self._event.set()

    def is_set(self) -> bool:
        """Tell whether the run was stopped here or given up above; while something is undone, never."""
        return not _undoing.get() and (self._event.is_set() or self._given_up())


_undoing: ContextVar[bool] = ContextVar("undoing", default=False)


@contextmanager
def undoing() -> Iterator[None]:
    """Take back a write of this thread: that must happen also after the task was given up."""
    token = _undoing.set(True)
    try:
        yield
    finally:
        _undoing.reset(token)
