"""Everything that is asked about topics has an answer, so that nothing is unknown where nothing points at one."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Account, Target
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.topic_users import SCANS, Scan, find_users
from tests.integration.emulator.conftest import PLAIN, Accounts


@pytest.mark.parametrize("scan", SCANS, ids=[scan.name for scan in SCANS])
def test_a_scan_is_answered_and_writes_nothing(accounts: Accounts, scan: Scan) -> None:
    class Clients:
        """The account's clients."""

        def client(self, service: str, region: str) -> Any:
            """Return a client."""
            return accounts(PLAIN, service, region)

    clients: Any = Clients()
    accounts.emulator.reset_ledger()
    topics = [f"arn:aws:sns:{region}:{PLAIN}:rackspace-support" for region in ("us-east-1", "eu-west-1")]
    found = find_users(lambda region: Target(Account(PLAIN), region, clients, {}), topics, [scan])
    assert found == ([], [])
    assert [entry["operation"] for entry in accounts.emulator.ledger() if entry["kind"] == "write"] == []
