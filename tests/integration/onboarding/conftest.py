# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""For each file of tests: the freshly seeded embedded AWS, a controller, and clients of our own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator.client import Emulator
from tests.integration.onboarding.controller import Aws, Controller


@pytest.fixture(scope="module")
def emulator(running_emulator: Emulator) -> Iterator[Emulator]:
    """The embedded AWS, as it is after its start."""
    running_emulator.reset()
    running_emulator.settings(latency=0, visibility_delay=0)
    yield running_emulator
    running_emulator.faults([])


@pytest.fixture(scope="module")
def aws(emulator: Emulator) -> Aws:
    """Clients of any account."""
    return Aws(emulator.url, emulator.environment)


@pytest.fixture(scope="module")
def controller(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Controller:
    """Where this file's playbooks run."""
    return Controller(tmp_path_factory.mktemp("controller"), emulator.environment, emulator)
