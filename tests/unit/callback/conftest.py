# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A folder to play in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.callback.screen import Screen


@pytest.fixture
def screen(tmp_path: Path) -> Screen:
    """Return what plays in a folder of its own."""
    return Screen(tmp_path)
