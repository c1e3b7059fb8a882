# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""For each file of tests: the freshly seeded embedded AWS, a controller, and clients of our own."""

from __future__ import annotations

from tests.integration.onboarding.conftest import aws, controller, emulator

__all__ = ["aws", "controller", "emulator"]
