# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What all integration tests share: how they are spread over processes, and one embedded AWS in each of these.

Each file of tests has it freshly seeded, with a controller, where its playbooks run, and clients of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from emulator.client import Emulator
from tests.integration import moto_server
from tests.integration.embedded import seeded
from tests.integration.onboarding.controller import Aws, Controller

#: directories whose files share runs of whole playbooks, or a browser
TOGETHER = ("offboarding/handed_back", "audit_page")
#: what takes minutes begins first, or the other processes wait for it at the end
LONGEST = (
    "offboarding/handed_back",
    "offboarding/test_cut_off_even_writes",
    "offboarding/test_cut_off_odd_writes",
    "audit_page",
    "offboarding/test_cut_off_lost_answers",
    "offboarding/test_phases",
    "offboarding/test_refusals",
    "offboarding/test_cut_off_playbook",
    "offboarding/test_moto_server",
    "audit/test_drift",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; the order within each stays."""
    items.sort(key=lambda item: next((n for n, part in enumerate(LONGEST) if part in item.nodeid), len(LONGEST)))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep the tests of one file in one process, in their order: they share runs of whole playbooks."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = str(super()._split_scope(nodeid))
            return next((folder for folder in TOGETHER if folder in file), file)

    return Scheduling(config, log)


@pytest.fixture(scope="session")
def running_emulator() -> Iterator[Emulator]:
    """One embedded AWS for a process of pytest; whoever takes it, resets it first."""
    with Emulator() as running:
        yield running


@pytest.fixture(scope="module")
def emulator(running_emulator: Emulator) -> Iterator[Emulator]:
    """The embedded AWS, as it is after its start."""
    yield seeded(running_emulator)
    running_emulator.faults([])


@pytest.fixture(scope="module")
def aws(emulator: Emulator) -> Aws:
    """Clients of any account."""
    return Aws(emulator.url, emulator.environment)


@pytest.fixture(scope="module")
def controller(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Controller:
    """Where this file's playbooks run."""
    return Controller(tmp_path_factory.mktemp("controller"), emulator.environment, emulator)


@pytest.fixture(scope="module")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controller]:
    """A controller that leads to an unmodified moto_server."""
    with moto_server.running() as environment:
        yield Controller(tmp_path_factory.mktemp("moto"), environment)
