"""A small fleet in which there is one of everything, and the page of an audit in a browser."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Locator, Page

from ansible_collections.rackspace.aws_accounts.plugins.filter.audit_report import audit_report
from tests.unit.audit.audits import HOSTILE, MONDAY, TUESDAY, row

REGIONS = ["eu-west-1", "us-east-1", "us-west-2"]
TRAIL = ["trail customer-trail covers the region", "the trail does not log"]
#: host -> customer account, service level, what is found on Monday and on Tuesday
FLEET: dict[str, tuple[str, str, list[Any] | None, list[Any] | None]] = {
    "calm": ("1000002", "navigator", [row(region=r) for r in REGIONS], [row(region=r) for r in REGIONS]),
    "web": (
        "1000001",
        "navigator",
        [row(region="eu-west-1", state="drifted"), *(row(region=r) for r in REGIONS[1:])],
        [
            row(region="eu-west-1", state="drifted"),
            *(row(region=r) for r in REGIONS[1:]),
            row("password_policy", region="global", state="drifted", before=None, after={"minimum_length": 12}),
        ],
    ),
    "shop": (
        "1000002",
        "aviator",
        [row("recorder", region="us-west-2", state="drifted")],
        [
            *(row(region=r, state="skipped", reason=TRAIL[0], findings=[TRAIL[1]]) for r in REGIONS),
            row("recorder", region="us-west-2"),
        ],
    ),
    "edge": ("1000003", "aviator", [row()], [row(state="unknown"), row("recorder", region="eu-west-1")]),
    "twin": ("1000003", "aviator", [row()], [row("config_role", region="global", state="foreign", reason="not ours")]),
    "gone": ("1000001", "navigator", [row(state="drifted")], None),
}


@cache
def small_fleet() -> dict[str, Any]:
    """The audit of the small fleet, compared with Monday's."""
    audit: dict[str, Any] = {}
    for now, day in ((MONDAY, 2), (TUESDAY, 3)):
        hostvars = {}
        for number, (host, found) in enumerate(FLEET.items()):
            rows: Any = found[day]
            identity = {"id": f"{number + 1}" * 12, "name": host}
            result: dict[str, Any] = {"failed": True, "msg": f"account {host} (6): none of the roles can be assumed"}
            if rows is not None:
                about = {**identity, "partition": "aws", "regions": REGIONS, "access_role": "Rackspace"}
                result = {"account": about, "api_calls": 9, "targets": rows}
            hostvars[host] = {
                "account_id": identity["id"],
                "account_name": identity["name"],
                "account_ddi": found[0],
                "account_service_level": found[1],
                "account_audit_result": result,
            }
        audit = audit_report(hostvars, hostvars, previous=audit, now=now)
    return audit


def hostile_fleet() -> dict[str, Any]:
    """An audit in which everything that somebody may choose is hostile."""
    about = {"id": "111111111111", "name": HOSTILE, "regions": REGIONS, "access_role": HOSTILE}
    error = dict.fromkeys(("operation", "code", "message", "fix"), HOSTILE)
    rows = [
        row(state="drifted", before={HOSTILE: HOSTILE}, after={HOSTILE: [HOSTILE, {HOSTILE: 1}]}, reason=HOSTILE),
        row("recorder", state="unknown", error=error),
        row("logs_bucket", region="global", findings=[HOSTILE]),
        row("config_role", region="global", state="skipped", reason=HOSTILE),
        row(HOSTILE, state="foreign", reason=HOSTILE),
    ]
    record = {"account_id": "111111111111", "account_ddi": HOSTILE, "account_service_level": HOSTILE}
    result = {"account": about, "api_calls": 9, "targets": rows}
    return audit_report({HOSTILE: {**record, "account_audit_result": result}}, [HOSTILE], now=MONDAY)


def accounts(page: Page) -> list[str]:
    """The accounts that the matrix shows, in their order."""
    return page.locator("tbody a[data-cell] .name").all_text_contents()


def cell(page: Page, host: str, default: str) -> Locator:
    """A cell of the matrix."""
    return page.locator(f'tr[data-host="{host}"] td[data-name="{default}"]')


def chip(page: Page, name: str) -> Locator:
    """A switch above the matrix, with its count."""
    return page.locator(".chip").filter(has_text=name)


def at(**place: str) -> str:
    """The part of an address that says what is shown."""
    return "#" + "&".join(f"{key}={quote(value)}" for key, value in place.items())
