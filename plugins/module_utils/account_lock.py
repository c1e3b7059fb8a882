# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One run at a time on an account: a lock in a folder of the controller and, where asked for, in a bucket.

Both are taken, renewed, taken over and given back in the same way; what differs is where they are kept.
"""

from __future__ import annotations

import errno
import fcntl
import getpass
import json
import os
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Protocol

from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import processes
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import Guard
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Entry, Run
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import (
    AccountsError,
    RecordError,
    describe_error,
    error_code,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Account, StopFlag
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.onboarding import check_options
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.reach import ACCOUNT_SPEC
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.session import Access

Owner = dict[str, Any]

#: IAM actions that it calls in the shared management services account, where there is a bucket
PROVIDER_PERMISSIONS = ("s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject")

SPEC: dict[str, dict[str, Any]] = {
    **aws_argument_spec(),
    **ACCOUNT_SPEC,
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "run": {"type": "str", "required": True},
    "path": {"type": "path", "required": True},
    "bucket": {"type": "str"},
    "bucket_region": {"type": "str", "default": "us-west-2"},
    "bucket_prefix": {"type": "str", "default": "locks/"},
    "timeout": {"type": "int", "default": 7200},
}
#: a lock that changes hands so often while it is looked at is not being held by anybody sensible
ATTEMPTS = 10
#: S3: the condition does not hold, or another write is under way. Source: Amazon S3 User Guide, "Conditional writes"
CONDITION_FAILED = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict", "409", "NoSuchKey", "404"})


@dataclass(frozen=True)
class Held:
    """A lock that is there.

    Attributes:
        owner: what its owner wrote; empty where it cannot be read.
        token: what tells this very lock from one taken since.
        age: seconds since its owner last renewed it; None where nobody can say.
    """

    owner: Owner
    token: str
    age: float | None


class Store(Protocol):
    """A place for one lock. What changes it says whether it did: somebody else may have been quicker."""

    #: whether only the processes of one machine get there, so that the host's name is enough to know it by
    local: bool

    def read(self) -> Held | None:
        """Return the lock, or None where there is none."""

    def create(self, owner: Owner) -> bool:
        """Make the lock, unless there is one."""

    def replace(self, held: Held, owner: Owner) -> bool:
        """Put another owner's lock in the place of this very one."""

    def delete(self, held: Held) -> bool:
        """Remove this very lock."""

    def how_to_break(self) -> str:
        """Say how a person removes the lock."""


def operation(params: dict[str, Any], run: Run) -> dict[str, Any]:
    """Take, renew or give back the lock of an account; in check mode only say who holds it."""
    check_options(params, ())
    if not params["run"].strip():
        raise RecordError("run: is empty; give the run's own id, the same in every task of the run")
    account = Account(params["account_id"], name=params["account_name"])
    guard = Guard(run.check_mode, StopFlag(run.stopped))
    stores: list[Store] = [FolderStore(params["path"], account.id)]
    if params["bucket"]:
        access = Access(params, str(account), guard, run.botocore_loader)
        stores.append(BucketStore(access.provider_client("s3", params["bucket_region"]), params))
    me = describe_owner(params["run"])
    act = take if params["state"] == "present" else release
    return {
        **act(stores, me, params["timeout"], str(account), run.check_mode),
        "account": {"id": account.id, "name": account.name},
        "api_calls": sum(guard.calls.values()),
    }


def describe_owner(run: str) -> Owner:
    """Return who this run is: host, boot, pid_namespace, pid, started, run, user, at, renewed_at (ISO 8601, UTC)."""
    process, at = processes.run_of_ansible(), _now()
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        user = str(os.getuid())
    return {
        "host": socket.gethostname(),
        "boot": processes.boot(),
        "pid_namespace": processes.pid_namespace(),
        "pid": process.pid,
        "started": process.started,
        "run": run,
        "user": user,
        "at": at,
        "renewed_at": at,
    }


def take(stores: list[Store], me: Owner, timeout: float, account: str, check_mode: bool) -> dict[str, Any]:
    """Take or renew the lock in every store; where one is refused, give back those that were taken before it.

    Raises:
        AccountsError: another run holds it; never in check mode, where ``locked_by`` says so.
    """
    taken: list[Store] = []
    result: dict[str, Any] = {"changed": False, "held": False, "took_over": None, "locked_by": None}
    try:
        for store in stores:
            changed, former, other = _take_one(store, me, timeout, check_mode)
            if other is not None:
                raise _LockedError(other, store)
            if changed and not check_mode:
                taken.append(store)
            result["changed"] |= changed
            result["took_over"] = result["took_over"] or former
    except BaseException as error:
        for store in taken:
            _release_one(store, me, check_mode)
        if not isinstance(error, _LockedError):
            raise
        if check_mode:
            return {**result, "changed": False, "took_over": None, "locked_by": error.owner}
        raise AccountsError(f"account {account}: {error}", locked_by=error.owner) from error
    return {**result, "held": not check_mode}


def release(stores: list[Store], me: Owner, timeout: float, account: str, check_mode: bool) -> dict[str, Any]:
    """Give back one's own lock; another's stays."""
    result: dict[str, Any] = {"changed": False, "held": False, "took_over": None, "locked_by": None}
    for store in reversed(stores):
        changed, other = _release_one(store, me, check_mode)
        result["changed"] |= changed
        result["locked_by"] = result["locked_by"] or other
    return result


def is_dead(held: Held, me: Owner, timeout: float, local: bool) -> bool:
    """Tell whether the owner of a lock is gone, as far as can be told from here.

    On the same machine a process with its id and start time is looked for. Elsewhere the owner is gone when it did not
    renew the lock for ``timeout`` seconds. A machine is the same if its boot is and the processes are counted together;
    the host's name alone is enough only in a folder, where a new boot means that all former runs are gone.
    """
    owner = held.owner
    if not isinstance(owner.get("pid"), int) or not owner.get("host"):
        return False  # nobody can say whose it is: a person decides
    same_host = owner["host"] == me["host"]
    if same_host and owner.get("boot") == me["boot"] and owner.get("pid_namespace") == me["pid_namespace"]:
        return not processes.is_alive(owner["pid"], str(owner.get("started")))
    if same_host and local and owner.get("boot") and owner.get("boot") != me["boot"]:
        return True
    return held.age is not None and held.age > timeout


class _LockedError(Exception):
    """Another run holds the lock."""

    def __init__(self, owner: Owner, store: Store) -> None:
        self.owner = owner
        known = f"run {owner.get('run', '?')} of {owner.get('user', '?')} on {owner.get('host', '?')}"
        since = (
            f"process {owner.get('pid', '?')}, since {owner.get('at', '?')}, last seen {owner.get('renewed_at', '?')}"
        )
        who = f"{known} ({since})" if owner else "somebody whose lock cannot be read"
        super().__init__(
            f"another run works on it: {who}; nothing was written. Wait until that run is over; only if it is certain "
            f"that it does not work any more: {store.how_to_break()}"
        )


def _take_one(store: Store, me: Owner, timeout: float, check_mode: bool) -> tuple[bool, Owner | None, Owner | None]:
    """Return whether the lock was taken, from which dead owner, and who holds it where it was not."""
    for _dummy in range(ATTEMPTS):
        held = store.read()
        if held is None:
            if check_mode or store.create(me):
                return True, None, None
        elif held.owner.get("run") == me["run"]:
            renewed = {**held.owner, "renewed_at": _now()}
            if check_mode or store.replace(held, renewed):
                return False, None, None
        elif not is_dead(held, me, timeout, store.local):
            return False, None, held.owner
        elif check_mode or store.replace(held, me):
            return True, held.owner, None
    raise AccountsError(f"the lock changes hands all the time; run again, or {store.how_to_break()}")


def _release_one(store: Store, me: Owner, check_mode: bool) -> tuple[bool, Owner | None]:
    """Return whether the lock was given back, and who holds it where it is another's."""
    held = store.read()
    if held is None:
        return False, None
    if held.owner.get("run") != me["run"]:
        return False, held.owner
    return check_mode or store.delete(held), None


class FolderStore:
    """A lock as a file, for the runs of one controller or of one shared folder."""

    local = True

    def __init__(self, folder: str, account_id: str) -> None:
        self.folder = Path(folder)
        self.file = self.folder / f"{account_id}.lock"

    def read(self) -> Held | None:
        """Return the lock's file."""
        try:
            text = self.file.read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, UnicodeDecodeError):
            return Held({}, "", None)
        owner = _parsed(text)
        return Held(owner, text, _seconds_since(owner.get("renewed_at"), datetime.now(UTC)))

    def create(self, owner: Owner) -> bool:
        """Make the file with its content at once: nobody ever sees half of it."""

        def link(draft: str) -> bool:
            try:
                os.link(draft, self.file)
            except FileExistsError:
                return False
            return True

        return self._with_draft(owner, link)

    def replace(self, held: Held, owner: Owner) -> bool:
        """Replace the file."""

        def move(draft: str) -> bool:
            with self._alone():
                if not self._is_still(held):
                    return False
                os.replace(draft, self.file)
            return True

        return self._with_draft(owner, move)

    def delete(self, held: Held) -> bool:
        """Delete the file."""
        with self._alone():
            if not self._is_still(held):
                return False
            self.file.unlink()
        return True

    def how_to_break(self) -> str:
        """Name the file."""
        return f"delete {self.file}"

    def _with_draft(self, owner: Owner, act: Callable[[str], bool]) -> bool:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            number, draft = tempfile.mkstemp(prefix=f".{self.file.name}.", dir=self.folder)
            try:
                with os.fdopen(number, "w", encoding="utf-8") as file:
                    file.write(_text(owner))
                os.chmod(draft, 0o644)  # whoever shares the folder may know who holds it
                return act(draft)
            finally:
                Path(draft).unlink(missing_ok=True)
        except OSError as error:
            raise AccountsError(
                f"the lock {self.file} cannot be written: {error}; choose another folder (option path)"
            ) from error

    def _is_still(self, held: Held) -> bool:
        try:
            return self.file.read_text(encoding="utf-8") == held.token
        except FileNotFoundError:
            return False

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Compare and change as one step: runs that find the same dead lock do so one after the other."""
        number = os.open(self.folder / ".guard", os.O_RDWR | os.O_CREAT, 0o666)
        try:
            try:
                fcntl.flock(number, fcntl.LOCK_EX)
            except OSError as error:
                if error.errno in {errno.ENOLCK, errno.ENOTSUP}:
                    raise AccountsError(
                        f"{self.folder} is on a file system without file locks; choose another folder (option path)"
                    ) from error
                raise
            yield
        finally:
            os.close(number)


class BucketStore:
    """A lock as an object of the provider's, for runs on several controllers.

    Source: Amazon S3 User Guide, "Conditional writes", "Conditional deletes".
    """

    local = False

    def __init__(self, client: Any, params: Mapping[str, Any]) -> None:
        self._client = client
        self._name = {
            "Bucket": params["bucket"],
            "Key": f"{params['bucket_prefix']}{params['account_id']}.lock",
            "ExpectedBucketOwner": params["provider_account_id"],
        }

    def read(self) -> Held | None:
        """Return the lock's object."""
        try:
            answer = self._client.get_object(**self._name)
            owner = _parsed(answer["Body"].read().decode("utf-8", errors="replace"))
        except Exception as error:
            if error_code(error) in {"NoSuchKey", "404"}:
                return None
            raise self._translated(error) from error
        # both by S3's own clock, whatever those of the controllers say
        date = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date")
        now = parsedate_to_datetime(date) if date else datetime.now(UTC)
        return Held(owner, answer["ETag"], (now - answer["LastModified"]).total_seconds())

    def create(self, owner: Owner) -> bool:
        """Write the object, unless there is one."""
        return self._write(owner, IfNoneMatch="*")

    def replace(self, held: Held, owner: Owner) -> bool:
        """Write the object over this very one."""
        return self._write(owner, IfMatch=held.token)

    def delete(self, held: Held) -> bool:
        """Delete this very object."""
        return self._unless_changed(self._client.delete_object, IfMatch=held.token)

    def how_to_break(self) -> str:
        """Give the command that deletes the object."""
        bucket, key = self._name["Bucket"], self._name["Key"]
        return f"aws s3api delete-object --bucket {bucket} --key {key} (in account {self._name['ExpectedBucketOwner']})"

    def _write(self, owner: Owner, **condition: str) -> bool:
        body = _text(owner).encode()
        return self._unless_changed(self._client.put_object, Body=body, ContentType="application/json", **condition)

    def _unless_changed(self, call: Callable[..., Any], **arguments: Any) -> bool:
        try:
            call(**self._name, **arguments)
        except Exception as error:
            if error_code(error) in CONDITION_FAILED:
                return False
            raise self._translated(error) from error
        return True

    def _translated(self, error: Exception) -> AccountsError:
        told = describe_error(error)
        where = f"s3://{self._name['Bucket']}/{self._name['Key']} of account {self._name['ExpectedBucketOwner']}"
        fix = {
            "NoSuchBucket": "make the bucket, or correct the option bucket",
            "AccessDenied": "grant s3:GetObject, s3:PutObject and s3:DeleteObject on it, and s3:ListBucket on the "
            "bucket, without which a lock that is not there cannot be told from one that may not be read",
            "PermanentRedirect": "correct the option bucket_region",
        }.get(told["code"], told["fix"] or "run again")
        return AccountsError(f"the lock {where}: {told['operation']} {told['code']}: {told['message']}; {fix}")


def _text(owner: Owner) -> str:
    return json.dumps(owner, indent=2) + "\n"


def _parsed(text: str) -> Owner:
    try:
        owner = json.loads(text)
    except ValueError:
        return {}
    return owner if isinstance(owner, dict) else {}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _seconds_since(moment: Any, now: datetime) -> float | None:
    try:
        return (now - datetime.fromisoformat(moment)).total_seconds()
    except (TypeError, ValueError):
        return None


ENTRY = Entry(operation=operation, argument_spec=SPEC)
