# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Accounts that cannot be checked beside one that can, and a provider's account that cannot be reached (G5)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.onboarding.controller import PLAIN, PLAYBOOKS, Controller, Ran
from tests.integration.signals.conftest import UUID, Module

VARIABLES = {"signal_check_signals": ["cloudtrail"], "signal_check_timeout": 60, "signal_check_metrics_timeout": 0}


@pytest.fixture(scope="module")
def inventory(controller: Controller, module: Module) -> Path:
    """The first host's record has a fault, the second cannot be reached, the third is onboarded."""
    made = module("shared_queues", managed_account_ids=[PLAIN], regions=["us-east-1"])
    assert not made.get("failed"), made["msg"]
    module.onboarded(PLAIN, ["us-east-1"])
    hosts = {
        "a-faulty": {"account_id": "12", "account_uuid": UUID},
        "b-closed": {"account_id": "777777777777", "account_uuid": f"{UUID[:-1]}1", "account_access_roles": ["Nobody"]},
        "c-whole": {"account_id": PLAIN, "account_uuid": f"{UUID[:-1]}2"},
    }
    return controller.inventory(hosts, account_regions=["us-east-1"])


def verify(controller: Controller, inventory: Path, **variables: Any) -> tuple[Ran, dict[str, dict[str, Any]]]:
    """Play, and return the report's accounts by host."""
    given = json.dumps({**VARIABLES, **variables})
    ran = controller.play(PLAYBOOKS / "verify_signals.yml", "-e", given, inventories=[inventory])
    report = json.loads((controller.folder / "reports" / "signals.json").read_text())
    return ran, {account["host"]: account for account in report["accounts"]}


def test_accounts_that_cannot_be_checked_hide_no_other(controller: Controller, inventory: Path) -> None:
    ran, accounts = verify(controller, inventory)
    assert ran.status != 0
    assert {host: account["outcome"] for host, account in accounts.items()} == {
        "a-faulty": "failed", "b-closed": "failed", "c-whole": "passed",
    }  # fmt: skip
    assert accounts["c-whole"]["counts"]["arrived"] == 1
    assert "account_id" in accounts["a-faulty"]["message"]
    assert "none of account_access_roles can be assumed" in accounts["b-closed"]["message"]


def test_where_the_queues_cannot_be_reached_nothing_looks_like_success(controller: Controller, inventory: Path) -> None:
    """What was published, and nobody looked for, is unknown."""
    roles = ["OrganizationAccountAccessRole"]  # the way in that does not lead through the provider's account
    ran, accounts = verify(controller, inventory, provider_access_role="Missing", account_access_roles=roles)
    assert ran.status != 0
    assert ran.written(PLAIN) == {"Publish": 1}
    assert {account["outcome"] for account in accounts.values()} == {"failed"}
    whole = accounts["c-whole"]
    assert whole["counts"]["unknown"] == 1
    assert "cannot be reached" in whole["message"]
    assert "unknown: cloudtrail in us-east-1: not looked for" in ran.text
