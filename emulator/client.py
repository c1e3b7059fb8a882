"""A small helper to run the emulator beside a test, a demo or a benchmark; standard library only."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any


class Emulator:
    """Starts the emulator on a free port; `environment` leads boto3, the AWS CLI and Ansible to it.

    Options are the command's own: `Emulator(latency=0.08, visibility_delay=3, organization="empty", tls=True)`.
    """

    def __init__(self, *, python: str = sys.executable, **options: Any) -> None:
        command = [python, "-m", "emulator", "--port", "0", "--quiet"]
        for name, value in options.items():
            if value is True:
                command.append(f"--{name.replace('_', '-')}")
            elif value is not False:
                command += [f"--{name.replace('_', '-')}", str(value)]
        root = Path(__file__).resolve().parents[1]
        environment = os.environ | {"PYTHONPATH": str(root)}
        self.environment: dict[str, str] = {}
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.strip() == "ready":
                break
            if line.startswith("export "):
                name, _, value = line.removeprefix("export ").strip().partition("=")
                self.environment[name] = value
        else:
            raise RuntimeError(f"the emulator did not start (exit status {self._process.wait()})")
        self.url = self.environment["AWS_ENDPOINT_URL"]
        bundle = self.environment.get("AWS_CA_BUNDLE")
        self._context = ssl.create_default_context(cafile=bundle) if bundle else None

    def __enter__(self) -> Emulator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        return self._process.pid

    def ledger(self) -> list[dict[str, Any]]:
        return list(self._request("GET", "ledger"))

    def reset_ledger(self) -> None:
        self._request("POST", "ledger/reset")

    def settings(self, **settings: float | None) -> dict[str, Any]:
        """Changes settings (`latency`, `visibility_delay`, `die_after_writes`, `lose_the_last_answer`); returns all.

        `dead` says whether connections are closed by now; `die_after_writes=None` ends that. `under_way` says how many
        calls have come and are not answered.
        """
        return dict(self._request("POST", "settings", settings) if settings else self._request("GET", "settings"))

    def reset(self, organization: str = "") -> None:
        """Back to the freshly seeded organization (the one of the start, or another), no ledger entries, no faults."""
        self._request("POST", "reset", {"organization": organization})

    def faults(self, faults: list[dict[str, Any]]) -> None:
        self._request("POST", "faults", faults)

    def health_event(self, account: str, **members: Any) -> dict[str, Any]:
        return dict(self._request("POST", "health-event", {"account": account, **members}))

    def organization(self) -> dict[str, Any]:
        return dict(self._request("GET", "organization"))

    def accounts(self) -> dict[str, dict[str, Any]]:
        """What of each account no API writes: payment method, support plan, root user; and its organization's id."""
        return dict(self._request("GET", "accounts"))

    def change_account(self, account: str, **changes: Any) -> dict[str, Any]:
        """Changes that: `payment_method=False`, `contact=False`, `joined_days_ago=1`, `root_mfa=True`, ..."""
        return dict(self._request("POST", "account", {"account": account, **changes}))

    def mail(self) -> list[dict[str, str]]:
        """Messages that AWS sent: to, subject, code, account, time."""
        return list(self._request("GET", "mail"))

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _request(self, method: str, path: str, content: Any = None) -> Any:
        data = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(f"{self.url}/_emulator/{path}", data=data, method=method)
        # A proxy of the environment must not stand between this process and loopback.
        handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
        if self._context:
            handlers.append(urllib.request.HTTPSHandler(context=self._context))
        try:
            with urllib.request.build_opener(*handlers).open(request, timeout=60) as response:
                return json.loads(response.read())
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} /_emulator/{path}: {error.read().decode()}") from error
