# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""For each file of tests: the freshly seeded accounts that are handed back, a controller, and sessions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator.client import Emulator
from tests.integration.embedded import seeded
from tests.integration.offboarding.desk import Desk, Provider


@pytest.fixture(scope="module")
def offboarding(running_emulator: Emulator) -> Iterator[Emulator]:
    """The embedded AWS, as it is after its start."""
    yield seeded(running_emulator, "offboard")
    running_emulator.faults([])


@pytest.fixture(scope="module")
def provider(offboarding: Emulator) -> Provider:
    """The provider's sessions."""
    return Provider(offboarding.url, offboarding.environment)


@pytest.fixture(scope="module")
def desk(offboarding: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Where this file's playbooks run."""
    return Desk(tmp_path_factory.mktemp("desk"), offboarding.environment, offboarding)
