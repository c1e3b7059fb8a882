# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What was approved of a plan of removal, and whether the account still is as it was then. Pure functions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccountsError

Row = Mapping[str, Any]
FORMAT = 1
_DONE = {"remove": "removed", "detach": "detached"}  # what changes the account


def approval(account_id: str, rows: Iterable[Row]) -> dict[str, Any]:
    """Return what a plan file holds: the account, each target with what is done, what was there and what is to be.

    Args:
        rows: a plan's targets, as its result has them.
    """
    targets = [
        {
            "default": row["default"],
            "region": row["region"],
            "action": row["action"],
            "resources": sorted(row["resources"]),
            "before": row.get("before", row.get("after")),
            "after": row.get("after"),
        }
        for row in rows
    ]
    content = {"format": FORMAT, "account_id": account_id, "targets": targets}
    return {**content, "digest": digest(content)}


def digest(data: Any) -> str:
    """Return a digest of data as JSON."""
    return "sha256:" + hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()


def read(path: str, account_id: str) -> dict[str, Any]:
    """Return an approved plan from its file.

    Raises:
        AccountsError: it cannot be read, is another account's, or was changed since it was made.
    """
    try:
        with open(path, encoding="utf-8") as file:
            approved = dict(json.load(file))
        stated, content = approved["digest"], {key: approved[key] for key in ("format", "account_id", "targets")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AccountsError(
            f"account {account_id}: the approved plan {path} cannot be read ({error}); make it anew with --check"
        ) from error
    if stated != digest(content) or content["format"] != FORMAT:
        raise AccountsError(
            f"account {account_id}: the approved plan {path} was changed after it was made; make it anew with --check"
        )
    if content["account_id"] != account_id:
        raise AccountsError(
            f"account {account_id}: the approved plan {path} is that of account {content['account_id']}; "
            "name this account's, or make it with --check"
        )
    return approved


def departures(approved: Mapping[str, Any], rows: Iterable[Row]) -> list[str]:
    """Return how a plan departs from the approved one; [] where everything it would do was approved.

    What was approved and is done already, by a run that was cut off, is no departure.
    """
    now = {(row["default"], row["region"]): row for row in approval(approved["account_id"], rows)["targets"]}
    then = {(row["default"], row["region"]): row for row in approved["targets"]}
    found = []
    for place, row in now.items():
        former, where = then.get(place), f"{place[0]} in {place[1]}"
        if former is None:
            if row["action"] in _DONE:
                found.append(f"{where} was not in the plan, and would be {_DONE[row['action']]}")
        elif row["action"] != former["action"]:
            if {row["action"], former["action"]} & set(_DONE) and not _is_done(former, row):
                found.append(f"{where}: {former['action']} was approved, {row['action']} would be done")
        elif row["action"] in _DONE and not _is_part(row["before"], former["before"], former["after"]):
            found.append(f"{where} changed since")
        elif not set(row["resources"]) <= set(former["resources"]):
            others = ", ".join(sorted(set(row["resources"]) - set(former["resources"])))
            found.append(f"{where} would also remove {others}")
    found += [
        f"{default} in {region}: {row['action']} was approved, and it is out of reach now"
        for (default, region), row in then.items()
        if (default, region) not in now and row["action"] in _DONE
    ]
    return found


def _is_done(former: Row, row: Row) -> bool:
    """Tell whether what was approved is what is there already."""
    return former["action"] in _DONE and row["before"] == former["after"]


def _is_part(now: Any, then: Any, wanted: Any) -> bool:
    """Tell whether a state is what it was, what it is to be, or what a run that was cut off left on the way."""
    if now in (then, wanted) or now in (None, "", "absent", False) or now in ([], {}):
        return True
    if isinstance(now, Mapping) and isinstance(then, Mapping):
        goal = wanted if isinstance(wanted, Mapping) else {}
        return all(key in then and _is_part(value, then[key], goal.get(key, then[key])) for key, value in now.items())
    return isinstance(now, list) and isinstance(then, list) and all(item in then for item in now)
