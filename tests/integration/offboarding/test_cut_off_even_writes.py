# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""G6: an offboarding that is killed after any even number of writes is finished by running it again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator.client import Emulator
from tests.integration.offboarding.cuts import Stage, stage


@pytest.fixture(scope="module")
def offboardings(running_emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(running_emulator, tmp_path_factory.mktemp("cuts")) as ready:
        yield ready


def test_an_offboarding_that_nobody_cuts_off_hands_the_account_back(offboardings: Stage) -> None:
    """By which it is known that what is looked at after a cut can be so."""
    whole = offboardings.uncut()
    whole.check()
    assert offboardings.writes > 50


def test_every_rerun_finishes_and_removes_nothing_beyond_the_plan(
    offboardings: Stage, subtests: pytest.Subtests
) -> None:
    """Killed before the first write, after the second, and so on, to the last one."""
    assert offboardings.writes, "how many writes there are, the test before this one finds out"
    for writes in range(0, offboardings.writes + 1, 2):
        with subtests.test(writes=writes):
            offboardings.cut(writes)
