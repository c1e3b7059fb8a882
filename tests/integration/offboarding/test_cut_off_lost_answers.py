# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""G6: a write is done and the run dies before it hears of it; and it is run again when no session is left.

Every run is given the plan that was approved before the first one.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator.client import Emulator
from tests.integration.offboarding.cuts import Stage, stage

#: the writes from the first on the account's own data: contact, code, code, MFA device, organization, last roles
LAST = 10


@pytest.fixture(scope="module")
def offboardings(running_emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(running_emulator, tmp_path_factory.mktemp("cuts")) as ready:
        ready.uncut()
        yield ready


def test_a_write_whose_answer_was_lost_is_found_done(offboardings: Stage, subtests: pytest.Subtests) -> None:
    """Of the cleanup a sample: of what is the same in every region and for every topic there is much."""
    cleanup = offboardings.writes - LAST
    for writes in (*range(3, cleanup, 12), *range(cleanup, offboardings.writes + 1)):
        with subtests.test(writes=writes):
            offboardings.cut(writes, lost=True, approved=True)


def test_a_rerun_needs_no_session_of_the_run_that_died(offboardings: Stage, subtests: pytest.Subtests) -> None:
    """As an hour later, when those are over that AWS still honoured after their roles were shut."""
    for writes in range(offboardings.writes - 3, offboardings.writes + 1):
        with subtests.test(writes=writes):
            offboardings.cut(writes, later=True, approved=True)
