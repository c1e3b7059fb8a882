# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The product knows nothing of our emulator: an unmodified moto_server does."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.integration.onboarding.controller import PLAIN, Controller, Ran

HOST = "plain"
REGIONS = ["eu-west-1", "us-east-1", "us-west-2"]


@dataclass
class Runs:
    first: Ran
    second: Ran


@pytest.fixture(scope="module")
def runs(moto: Controller) -> Runs:
    record = {"account_id": PLAIN, "account_uuid": "0f8fad5b-d9cb-469f-a165-70867728950e", "account_regions": REGIONS}
    inventory = moto.inventory({HOST: record}, provider_subscription_owner="account", account_defaults_wait_timeout=20)
    return Runs(moto.onboard(inventories=[inventory]), moto.onboard(inventories=[inventory]))


def test_an_unmodified_moto_server_is_onboarded(runs: Runs) -> None:
    """Issue 2: it is done when."""
    assert runs.first.status == 0, runs.first.output
    assert runs.first.of(HOST)["changed"] is True
    assert set(runs.first.states(HOST)) <= {"compliant", "skipped"}
    assert runs.first.states(HOST)["compliant"] == 4 + 2 + 8 * len(REGIONS) + 1


def test_a_second_run_against_it_changes_nothing(runs: Runs) -> None:
    """G2."""
    assert runs.second.status == 0, runs.second.output
    assert runs.second.of(HOST)["changed"] is False
