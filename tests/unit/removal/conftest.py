# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Nothing here reaches AWS, reads this machine's AWS configuration, or waits."""

from __future__ import annotations

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import channel_renewal, last_role, proof
from ansible_collections.rackspace.aws_accounts.plugins.module_utils import plan as plan_module
from ansible_collections.rackspace.aws_accounts.plugins.module_utils import session as session_module
from tests.unit.alone import Clock
from tests.unit.core.conftest import _own_settings, aws
from tests.unit.removal.leaving import Leaving

__all__ = ["_own_settings", "aws"]


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of whatever waits."""
    found = Clock()
    for module in (plan_module, channel_renewal, last_role, proof, session_module):
        monkeypatch.setattr(module, "time", found)
    return found


@pytest.fixture
def place(aws: None) -> Leaving:
    """An empty account of one region."""
    return Leaving(regions=("us-east-1",))


@pytest.fixture
def two(aws: None) -> Leaving:
    """An empty account of two regions."""
    return Leaving()
