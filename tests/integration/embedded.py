# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The embedded AWS as a test begins with it."""

from __future__ import annotations

import pytest

from emulator.client import Emulator


def seeded(emulator: Emulator, organization: str = "") -> Emulator:
    """Return it as it is after a start with this organization; by default the demo's."""
    emulator.reset(organization)
    emulator.settings(latency=0, visibility_delay=0)
    return emulator


def lead_to(emulator: Emulator, patch: pytest.MonkeyPatch) -> None:
    """Let the clients of this process lead to it, and to nothing of the user's."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_CA_BUNDLE"):
        patch.delenv(name, raising=False)
    for name, value in emulator.environment.items():
        patch.setenv(name, value)
