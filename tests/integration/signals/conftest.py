# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""For each file of tests: the freshly seeded embedded AWS, a controller, and the modules by themselves."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import botocore.loaders
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Run
from emulator.client import Emulator
from tests.integration.onboarding.controller import EXTERNAL_ID, MANAGEMENT, SHARED, Aws, Controller

LOADER = botocore.loaders.create_loader()
MODULES = "ansible_collections.rackspace.aws_accounts.plugins.modules"
#: the account defaults that a signal goes through
SIGNALLING = [
    *("cloudtrail_topic", "awsconfig_topic", "support_topic", "support_standard_topic", "support_urgent_topic"),
    *("support_emergency_topic", "dispatcher_role", "dispatcher_rule"),
]
UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


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


@pytest.fixture(scope="module")
def module(emulator: Emulator) -> Iterator[Module]:
    """The modules by themselves, in this process."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_CA_BUNDLE"):
            patch.delenv(name, raising=False)
        for name, value in emulator.environment.items():
            patch.setenv(name, value)
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
