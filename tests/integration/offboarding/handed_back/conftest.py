# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The four accounts of the demo, onboarded and handed back once, for all files of this directory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator.client import Emulator
from tests.integration.offboarding.desk import ACCOUNTS, EXTERNAL_ID, WAYS_IN, Desk, Owners, Provider
from tests.integration.offboarding.handed_back.accounts import DISABLED, ELSEWHERE, RECORDED, REGIONS, HandedBack, plant
from tests.integration.onboarding.controller import SHARED


@pytest.fixture(scope="package")
def handed_back(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HandedBack]:
    """The accounts, handed back as an engineer does it: check mode, the approved plan, and again with the codes."""
    with Emulator(organization="offboard") as emulator:
        provider = Provider(emulator.url, emulator.environment)
        owners = Owners(provider, ACCOUNTS.values())
        plant(owners)
        desk = Desk(tmp_path_factory.mktemp("desk"), emulator.environment, emulator)
        former = {account: provider.session(account) for account in WAYS_IN}
        here = HandedBack(emulator, desk, provider, owners, former)
        for host in ACCOUNTS:
            here.enable(host, *REGIONS, ELSEWHERE)
        here.seeded = here.look()
        desk.onboard_all(ACCOUNTS, REGIONS)
        for number in ACCOUNTS.values():
            role = f"arn:aws:iam::{number}:role/Rackspace"
            former[f"Rackspace in {number}"] = provider.assume(provider.session(SHARED), role, ExternalId=EXTERNAL_ID)
        here.onboarded = here.look()
        here.root_users = emulator.accounts()
        here.enable(DISABLED, *RECORDED, ELSEWHERE)
        here.check = here.offboard("--check")
        approved = "{{ 'handover/' ~ inventory_hostname ~ '/plan.json' }}"
        here.first = here.offboard(plan=approved)
        here.second = here.offboard(plan=approved, email_code=desk.codes())
        here.enable(DISABLED, *REGIONS, ELSEWHERE)
        here.after = here.look()
        yield here
