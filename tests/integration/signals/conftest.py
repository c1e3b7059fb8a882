# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The modules by themselves."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import botocore.loaders
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Run
from emulator.client import Emulator
from tests.integration.embedded import lead_to
from tests.integration.onboarding.controller import EXTERNAL_ID, MANAGEMENT, SHARED

LOADER = botocore.loaders.create_loader()
MODULES = "ansible_collections.rackspace.aws_accounts.plugins.modules"
#: the account defaults that a signal goes through
SIGNALLING = [
    *("cloudtrail_topic", "awsconfig_topic", "support_topic", "support_standard_topic", "support_urgent_topic"),
    *("support_emergency_topic", "dispatcher_role", "dispatcher_rule"),
]
UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.fixture(scope="module")
def module(emulator: Emulator) -> Iterator[Module]:
    """The modules by themselves, in this process."""
    with pytest.MonkeyPatch.context() as patch:
        lead_to(emulator, patch)
        yield Module()


class Module:
    """Runs a module's entry as its action does."""

    def __call__(self, name: str, check_mode: bool = False, **options: Any) -> dict[str, Any]:
        """Return the result of a module."""
        entry = importlib.import_module(f"{MODULES}.{name}").ENTRY
        given = {"provider_account_id": SHARED, "credential_cache": "", **options}
        checked = ArgumentSpecValidator(**entry.rules).validate(given)
        assert not checked.error_messages, checked.error_messages
        return dict(entry.outcome(checked.validated_parameters, Run(check_mode=check_mode, botocore_loader=LOADER)))

    def in_account(self, name: str, account: str, **options: Any) -> dict[str, Any]:
        """Return the result of a module that works in an account of the organization."""
        organization = {"management_account_id": MANAGEMENT}
        return self(name, account_id=account, external_id=EXTERNAL_ID, organization=organization, **options)

    def onboarded(self, account: str, regions: list[str], **options: Any) -> None:
        """Give an account what signals go through."""
        made = self.in_account(
            "account_defaults", account, account_uuid=UUID, regions=regions, only=SIGNALLING, **options
        )
        assert not made.get("failed"), made["msg"]
