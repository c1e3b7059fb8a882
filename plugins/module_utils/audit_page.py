# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The web page of an audit: the data that it shows, small enough for a large fleet, and the page's parts.

Pure functions, but that the parts are read from their files. What the keys of the data mean is at the head of
roles/account_audit/files/page/data.js, which reads it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.differences import folded
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.tables import readable

ROLE = Path(__file__).resolve().parents[2] / "roles" / "account_audit"
TEMPLATE = ROLE / "templates" / "audit.html.j2"
STYLES = ("page.css",)
SCRIPTS = ("vendor/htm-preact.js", "data.js", "parts.js", "account.js", "fleet.js", "main.js")


def parts() -> dict[str, str]:
    """Return what the page is made of: the text of its template, its style and its script."""
    return {"template": TEMPLATE.read_text(encoding="utf-8"), "style": _read(STYLES), "script": _read(SCRIPTS)}


def embedded(data: Any) -> str:
    """Return data as JSON that no HTML parser takes for markup, whatever is in it."""
    text = json.dumps(data, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def source(text: str) -> str:
    """Return how a Content-Security-Policy names a script or style of this text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def page_data(audit: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the page shows of an audit; what many accounts share is there once."""
    regions = _Pool(region for account in audit["accounts"] for region in account["regions"])
    sets, details = _Pool(), _Pool()
    defaults = {default["name"]: number for number, default in enumerate(audit["defaults"])}

    def entry(result: Mapping[str, Any]) -> list[Any]:
        where = sets.place([regions.place(region) for region in result["regions"]])
        told = [defaults.get(result["default"], result["default"]), result["state"], where]
        detail = _detail(result)
        return [*told, details.place(detail)] if detail else told

    accounts = []
    for account in audit["accounts"]:
        kept = {key: account[key] for key in ("host", "id", "name", "ddi", "service_level", "state", "message")}
        kept |= {key: account[key] for key in ("access_role", "api_calls")}
        kept["regions"] = sets.place([regions.place(region) for region in account["regions"]])
        for key, results in (
            ("results", folded(account["results"])),
            ("fixed", account["fixed"]),
            ("unread", account.get("unread", ())),
        ):
            if results:
                kept[key] = [entry(result) for result in results]
        accounts.append({key: value for key, value in kept.items() if value != ""})
    whole = {key: audit[key] for key in ("audited_at", "previous_at", "defaults", "totals")}
    absent = len(audit.get("absent", ()))
    unread = sum(
        len(result["regions"])
        for account in (*audit["accounts"], *audit.get("absent", ()))
        for result in account.get("unread", ())
    )
    pools = {"regions": regions.values, "sets": sets.values, "details": details.values}
    data: dict[str, Any] = readable(
        {**whole, "absent": absent, "unread": unread, **pools, "accounts": accounts}, keep="\n"
    )
    return data


def _detail(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what there is to say of a result beside its state; differences take the place of before and after."""
    keys = ("reason", "error", "findings", "since", "trend", "differences", "same", "absent")
    detail = {key: result[key] for key in keys if result.get(key)}
    if times := result.get("finding_since"):  # in the order of the findings, null where it is the result's
        pairs = (times.get(finding) for finding in result["findings"])
        detail["finding_times"] = [[pair["since"], pair.get("trend")] if pair else None for pair in pairs]
    return detail


class _Pool:
    """Values that are kept once, by their place."""

    def __init__(self, values: Iterable[Any] = ()) -> None:
        self.values: list[Any] = []
        self._places: dict[str, int] = {}
        for value in values:
            self.place(value)

    def place(self, value: Any) -> int:
        """Return the place of a value, and keep it if it is new."""
        key = json.dumps(value, sort_keys=True)
        if key not in self._places:
            self._places[key] = len(self.values)
            self.values.append(value)
        return self._places[key]


def _read(names: Iterable[str]) -> str:
    return "\n".join((ROLE / "files" / "page" / name).read_text(encoding="utf-8") for name in names)
