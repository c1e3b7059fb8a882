# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One session in one account: its clients, who it is, and the guard that stands before every call.

The guard lets no write through in check mode (G1), before the session's identity was compared with the record (G3), or
after the task was given up.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import (
    AccessError,
    AccountsError,
    WriteRefusedError,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import StopFlag

try:
    import botocore.session
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    HAS_BOTOCORE = True
except ImportError:
    HAS_BOTOCORE = False
    BotoCoreError = Exception

READS = ("Get", "List", "Describe", "Head", "AssumeRole")


def is_read(operation: str) -> bool:
    """Tell whether an AWS operation changes nothing in an account."""
    return operation.startswith(READS)


class Guard:
    """Stands before every call: counts it, and refuses a write that must not happen."""

    def __init__(self, check_mode: bool, stop: StopFlag) -> None:
        self.check_mode = check_mode
        self.stop = stop
        self.calls: Counter[str] = Counter()
        self._lock = threading.Lock()

    def watch(self, session: Any, verified: Mapping[str, bool]) -> None:
        """Put the guard on a botocore session, and so on every client made from it."""

        def before_call(model: Any, **_: Any) -> None:
            if not is_read(model.name):
                self._refuse(model.name, verified)

        def before_send(event_name: str, **_: Any) -> None:
            with self._lock:
                self.calls[event_name.partition(".")[2]] += 1

        session.register("before-call", before_call)
        session.register("before-send", before_send)

    def _refuse(self, operation: str, verified: Mapping[str, bool]) -> None:
        if self.check_mode:
            raise WriteRefusedError(f"{operation} would write in check mode; this is a defect of the collection")
        if not verified.get("verified"):
            raise WriteRefusedError(f"{operation} before the session's account was compared with the record")
        if self.stop.is_set():
            raise WriteRefusedError(f"{operation} was not sent: the task was given up; run it again to finish")


class AccountSession:
    """One session in one account: its clients, made once each."""

    def __init__(self, session: Any, settings: ConnectionSettings, guard: Guard, role: str = "") -> None:
        self.role = role
        self._session = session
        self._settings = settings
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()
        self._verified = {"verified": False}
        guard.watch(session, self._verified)
        self.caller: dict[str, str] = {}

    def client(self, service: str, region: str) -> Any:
        """Return the client of a service in a region; sessions are not thread-safe while making one."""
        with self._lock:
            key = (service, region)
            if key not in self._clients:
                self._clients[key] = self._session.create_client(
                    service, region_name=region, config=self._settings.config, **self._settings.endpoint
                )
            return self._clients[key]

    def identify(self) -> str:
        """Return the id of the account that the credentials really lead to (sts:GetCallerIdentity)."""
        if not self.caller:
            self.caller = self.client("sts", self._settings.sts_region).get_caller_identity()
        return self.caller["Account"]

    def verify(self, account_id: str, what: str) -> None:
        """Compare the account behind the session with the record's; only then may anything be written.

        Raises:
            AccessError: they differ.
        """
        found = self.identify()
        if found != account_id:
            raise AccessError(
                f"{what}: the credentials lead to account {found}, not to {account_id}; nothing was called there. "
                "Check account_id, account_access_roles and the credentials that the run was started with"
            )
        self._verified["verified"] = True

    def partition_of(self, region: str) -> str:
        """Return the partition (aws, aws-cn, ...) of a region's name; "" where botocore knows none."""
        try:
            return str(self._session.get_partition_for_region(region))
        except BotoCoreError:
            return ""

    @property
    def partition(self) -> str:
        """Return the partition of the account, read off the caller's ARN."""
        self.identify()
        return self.caller["Arn"].split(":")[1]

    @property
    def credentials(self) -> Any:
        """Return botocore's credentials of this session, for assuming a role from it."""
        return self._session.get_credentials()


class SessionClients:
    """One session in the place of Access: its clients, and no other account's."""

    def __init__(self, session: AccountSession) -> None:
        self._session = session

    def client(self, service: str, region: str) -> Any:
        """Return the session's client of a service."""
        return self._session.client(service, region)

    def provider_client(self, service: str, region: str) -> Any:
        """Refuse: this is a session in the account, and in no other."""
        raise AccessError(f"{service} in {region}: the provider's account is not reached by this session")

    def account_role(self) -> str:
        """Return the name of the role that the session came in by."""
        return self._session.role

    def check_way_in(self, trust: Mapping[str, Any]) -> None:
        """Accept any trust policy: by this session ways in are only taken away."""

    def prove_way_in(self, seconds: float) -> None:
        """Prove nothing: by this session ways in are only taken away."""


#: AWS's variable of the environment -> botocore's setting where it is not set
RETRIES = {"AWS_RETRY_MODE": ("mode", "standard"), "AWS_MAX_ATTEMPTS": ("max_attempts", 10)}


class ConnectionSettings:
    """The standard options of amazon.aws as botocore takes them."""

    def __init__(self, params: Mapping[str, Any], loader: Any = None) -> None:
        if not HAS_BOTOCORE:
            raise AccountsError("boto3 and botocore are required; install them for the Python that runs the module")
        if params.get("profile") and params.get("access_key"):
            raise AccountsError("profile and access_key are both set (environment included): use one of them")
        self.params = params
        self.loader = loader
        self.sts_region = params.get("region") or "us-east-1"
        verify: Any = params.get("aws_ca_bundle") or None
        if params.get("validate_certs") is False:
            verify = False
        self.endpoint = {"endpoint_url": params.get("endpoint_url") or None, "verify": verify}
        # more connections than threads, or threads wait for each other at the connection pool
        config = Config(
            retries=dict(setting for name, setting in RETRIES.items() if not os.environ.get(name)),
            max_pool_connections=32,
            connect_timeout=10,
            read_timeout=60,
            user_agent_extra="rackspace.aws_accounts",
        )
        self.config = config.merge(Config(**params["aws_config"])) if params.get("aws_config") else config

    def new_session(self) -> Any:
        """Return a botocore session without credentials of its own, over the shared models where there are any."""
        session = botocore.session.Session(profile=self.params.get("profile") or None)
        # tokens of the global endpoint do not work in opt-in regions, whatever a user's profile says
        session.set_config_variable("sts_regional_endpoints", "regional")
        if self.loader is not None:
            session.register_component("data_loader", self.loader)
        return session

    def base_session(self) -> Any:
        """Return the session of the credentials that the run was started with."""
        session = self.new_session()
        if self.params.get("access_key"):
            session.set_credentials(
                self.params["access_key"], self.params.get("secret_key"), self.params.get("session_token")
            )
        if session.get_credentials() is None:
            raise AccessError(
                "no AWS credentials were found; set profile or access_key, or AWS's environment variables"
            )
        return session
