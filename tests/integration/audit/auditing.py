# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Playing the audit, and reading the file that it leaves."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from tests.integration.onboarding.controller import PLAIN, PLAYBOOKS, ROOT, Controller, Ran

TASK = "Compare the account with the account defaults"
HOST = "plain"
UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
REGIONS = ["eu-west-1", "us-east-1", "us-west-2"]
CLOUDHEALTH = {
    "external_ids": ["test-cloudhealth-1c9d"],
    "policy": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}],
    },
}
#: the plain account's record
RECORD = {"account_id": PLAIN, "account_uuid": UUID, "cloudhealth": CLOUDHEALTH}


def audit(controller: Controller, inventory: Path, *arguments: str, **variables: Any) -> Ran:
    """Audit the accounts of an inventory; ``variables`` are extra variables of the run."""
    extra = ("-e", json.dumps(variables)) if variables else ()
    return controller.play(PLAYBOOKS / "audit.yml", *arguments, *extra, inventories=[inventory])


def onboarded(controller: Controller, inventory: Path, regions: Iterable[str], limit: str = "all") -> Ran:
    """Make the provider's side in some regions, and onboard accounts of an inventory, which must work."""
    controller.shared_services("-e", json.dumps({"shared_services_regions": list(regions)}), inventories=[inventory])
    ran = controller.onboard("--limit", limit, inventories=[inventory])
    assert ran.status == 0, ran.output
    return ran


def written(ran: Ran) -> dict[str, Any]:
    """Return audit.json as it is now."""
    found: dict[str, Any] = json.loads((ran.folder / "reports" / "audit.json").read_text(encoding="utf-8"))
    return found


def faults(data: dict[str, Any]) -> list[str]:
    """Return what of an audit its JSON Schema refuses."""
    schema = json.loads((ROOT / "roles" / "account_audit" / "files" / "audit.schema.json").read_text(encoding="utf-8"))
    return [fault.message for fault in Draft202012Validator(schema).iter_errors(data)]


def account_of(data: dict[str, Any], host: str = HOST) -> dict[str, Any]:
    """Return a host's part of audit.json."""
    (found,) = [account for account in data["accounts"] if account["host"] == host]
    return dict(found)


def targets(data: dict[str, Any], state: str, host: str = HOST) -> set[tuple[str, str]]:
    """Return the default and region of every target in a state, by audit.json."""
    return {
        (result["default"], region)
        for result in account_of(data, host)["results"]
        for region in result["regions"]
        if result["state"] == state
    }
