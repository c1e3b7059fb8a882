# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Nothing here reaches AWS, reads this machine's AWS configuration, or waits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import organization_membership
from ansible_collections.rackspace.aws_accounts.plugins.module_utils import plan as plan_module
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.account_session import ConnectionSettings
from tests.unit.alone import Clock, own_settings
from tests.unit.offboarding.aws import Aws


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of whatever waits."""
    found = Clock()
    monkeypatch.setattr(plan_module, "time", found)
    monkeypatch.setattr(organization_membership, "time", found)
    return found


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own_settings(monkeypatch, tmp_path)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """What there is, and every call of every session that a module makes."""
    found = Aws()
    new_session = ConnectionSettings.new_session

    def watched(self: ConnectionSettings) -> Any:
        return found.watch(new_session(self))

    monkeypatch.setattr(ConnectionSettings, "new_session", watched)
    with mock_aws():
        yield found
