"""The control endpoints under /_emulator/: for demo, tests and benchmarks; never in the ledger."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from emulator import organization
from emulator.health import health_event
from emulator.identity import organization_id
from emulator.leaving import change_account
from emulator.protocol import Response
from emulator.world import Fault, World

SETTINGS: dict[str, Callable[[Any], Any]] = {
    "latency": float,
    "visibility_delay": float,
    "die_after_writes": int,
    "lose_the_last_answer": bool,
}


class Control:
    def __init__(self, world: World) -> None:
        self.world = world

    def handle(self, method: str, path: str, body: bytes) -> Response:
        name = path.removeprefix("/_emulator/").strip("/").replace("-", "_").replace("/", "_")
        endpoint = getattr(self, f"{method.lower()}_{name}", None)
        if endpoint is None:
            return _answer(404, {"error": f"no control endpoint {method} {path}"})
        try:
            return _answer(200, endpoint(json.loads(body) if body.strip() else {}))
        except (LookupError, TypeError, ValueError) as error:
            return _answer(400, {"error": f"{type(error).__name__}: {error}"})

    def get_ledger(self, _content: Any) -> Any:
        return self.world.ledger.entries()

    def post_ledger_reset(self, _content: Any) -> Any:
        self.world.ledger.reset()
        return {}

    def get_settings(self, _content: Any) -> Any:
        settings = self.world.settings
        told = {name: getattr(settings, name) for name in SETTINGS}
        return {**told, "dead": self.world.is_dead(), "under_way": len(self.world.under_way)}

    def post_settings(self, content: Any) -> Any:
        unknown = set(content) - set(SETTINGS)
        if unknown:
            raise ValueError(f"unknown settings: {', '.join(sorted(unknown))}")
        values = {name: None if value is None else SETTINGS[name](value) for name, value in content.items()}
        with self.world.lock:
            for name, value in values.items():
                setattr(self.world.settings, name, value)
        return self.get_settings({})

    def get_mail(self, _content: Any) -> Any:
        return list(self.world.mail)

    def get_accounts(self, _content: Any) -> Any:
        """What of each account no API writes, and the organization that it is in."""
        with self.world.lock:
            return {
                seed.id: {**asdict(self.world.state(seed.id)), "organization": organization_id(seed.id) or ""}
                for seed in self.world.seeds
            }

    def post_account(self, content: Any) -> Any:
        """Changes one account: `account` and any of AccountState's fields, `contact`, `joined_days_ago`,
        `joined_method` and `root_mfa` (true or false)."""
        with self.world.lock:
            change_account(self.world, **content)
        return self.get_accounts({}).get(content["account"], {})

    def post_reset(self, content: Any) -> Any:
        """The organization of the start, or another: {"organization": "offboard"}."""
        with self.world.lock:
            self.world.settings.die_after_writes = None
            organization.seed(self.world, content.get("organization", ""))
        return {}

    def post_faults(self, content: Any) -> Any:
        faults = [Fault(**entry) for entry in content]
        with self.world.lock:
            self.world.faults = faults
        return {"faults": len(faults)}

    def get_faults(self, _content: Any) -> Any:
        return [asdict(fault) for fault in self.world.faults]

    def post_health_event(self, content: Any) -> Any:
        with self.world.lock:
            return health_event(self.world, **content)

    def get_organization(self, _content: Any) -> Any:
        return {
            "id": organization.ORGANIZATION_ID,
            "accounts": [asdict(seed) for seed in self.world.seeds],
            "credentials": {
                "access_key_id": organization.ACCESS_KEY_ID,
                "secret_access_key": organization.SECRET_ACCESS_KEY,
                "user": organization.PROCESS_ENGINEER,
                "account": organization.MANAGEMENT_ACCOUNT,
            },
        }


def _answer(status: int, content: Any) -> Response:
    body = json.dumps(content).encode()
    return Response(status, [("Content-Type", "application/json")], body)
