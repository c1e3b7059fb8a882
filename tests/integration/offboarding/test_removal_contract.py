# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The cleanup and the last role call what they declare, and return what they document."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

import botocore.loaders
import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import last_role
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.catalogue import ACCOUNT_DEFAULTS
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Run
from emulator.client import Emulator
from tests.integration.embedded import lead_to, seeded
from tests.integration.onboarding.test_drift import EVERY_RUN, actions

MANAGEMENT, SHARED = "100000000001", "100000000002"
LOOK_ALIKES, STANDALONE = "844444444444", "833333333333"
UUID = "5e0b7d0c-3a51-4f0e-9c55-0c7a8a0f1d"
RECORDS: dict[str, dict[str, Any]] = {
    LOOK_ALIKES: {"organization": {"id": "o-rackspace01", "management_account_id": MANAGEMENT}},
    STANDALONE: {"access_roles": ["Rackspace"]},
}
TENANT = {"external_ids": ["tenant-5e21"]}
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}]}
READS = ("Get", "List", "Describe")
LOADER = botocore.loaders.create_loader()
MODULES = "ansible_collections.rackspace.aws_accounts.plugins.modules"

Call = dict[str, Any]


def run(module: str, check_mode: bool = False, **options: Any) -> dict[str, Any]:
    """Return the result of a module."""
    entry = importlib.import_module(f"{MODULES}.{module}").ENTRY
    checked = ArgumentSpecValidator(**entry.rules).validate({"provider_account_id": SHARED, **options})
    assert not checked.error_messages, checked.error_messages
    how = Run(check_mode=check_mode, diff=True, botocore_loader=LOADER)
    return dict(entry.outcome(checked.validated_parameters, how))


class Offboarded:
    """Two accounts that were onboarded, cleaned up and left: the calls and results of the last two."""

    def __init__(self, emulator: Emulator) -> None:
        self.results: dict[str, list[dict[str, Any]]] = {"reverse_assumption": [], "last_role": []}
        self.calls: dict[str, list[Call]] = {"reverse_assumption": [], "last_role": [], "check": []}
        assert not run("shared_queues", managed_account_ids=list(RECORDS)).get("failed")
        for number, (account, record) in enumerate(RECORDS.items()):
            common = {"account_id": account, "external_id": "demo-f3b0c2a49d17", "credential_cache": "", **record}
            defaults = {**common, "account_uuid": UUID + ("44", "33")[number]}
            cloudhealth = {**TENANT, "policy": POLICY}
            made = run("account_defaults", **defaults, cloudhealth=cloudhealth, fail_on_foreign=False)
            assert not made.get("failed"), made["msg"]
            release: dict[str, Any] = {"provider_account_ids": [MANAGEMENT, SHARED], "confirm": account}
            cleanup = {**defaults, **release, "cloudhealth": TENANT}
            emulator.reset_ledger()
            self._keep("reverse_assumption", run("reverse_assumption", check_mode=True, **cleanup))
            self._keep("last_role", run("last_role", check_mode=True, **common, **release))
            self.calls["check"] += emulator.ledger()
            emulator.reset_ledger()
            # one of them is left with AWS Config's own role
            role = ("keep", "service_linked")[number]
            self._keep("reverse_assumption", run("reverse_assumption", **cleanup, recorder_role=role))
            self.calls["reverse_assumption"] += emulator.ledger()
            emulator.reset_ledger()
            self._keep("last_role", run("last_role", **common, **release, proof_seconds=1))
            self.calls["last_role"] += emulator.ledger()

    def _keep(self, module: str, result: dict[str, Any]) -> None:
        assert not result.get("failed"), result["msg"]
        self.results[module].append(result)

    def called(self, module: str, *accounts: str) -> set[str]:
        """Return the IAM actions of the calls in some accounts."""
        return actions([call for call in self.calls[module] if call["account"] in accounts])


@pytest.fixture(scope="module")
def offboarded(running_emulator: Emulator) -> Iterator[Offboarded]:
    """Run everything once; the tests only look."""
    seeded(running_emulator, "offboard")
    with pytest.MonkeyPatch.context() as patch:
        lead_to(running_emulator, patch)
        yield Offboarded(running_emulator)


def test_the_cleanup_calls_nothing_in_the_account_that_is_not_declared(offboarded: Offboarded) -> None:
    """G8: the reads of the onboarding, and what each definition declares for its removal."""
    declared = {action for default in ACCOUNT_DEFAULTS for action in default.removal_permissions}
    declared |= {
        action
        for default in ACCOUNT_DEFAULTS
        for action in default.permissions
        if action.split(":")[1].startswith(READS)
    }
    called = offboarded.called("reverse_assumption", *RECORDS)
    assert {"iam:CreateServiceLinkedRole", "sns:DeleteTopic", "config:DeleteDeliveryChannel"} <= called
    assert called - declared - EVERY_RUN == set()


def test_the_cleanup_only_ends_subscriptions_in_the_shared_account(offboarded: Offboarded) -> None:
    declared = {action for default in ACCOUNT_DEFAULTS for action in default.provider_removal_permissions}
    assert offboarded.called("reverse_assumption", SHARED) == declared == {"sns:Unsubscribe"}


def test_the_last_role_calls_nothing_that_is_not_declared(offboarded: Offboarded) -> None:
    """G8."""
    called = offboarded.called("last_role", *RECORDS)
    assert {"iam:UpdateAssumeRolePolicy", "iam:DeleteRole"} <= called <= set(last_role.PERMISSIONS)
    assert offboarded.called("last_role", MANAGEMENT, SHARED) == set()


def test_check_mode_only_reads(offboarded: Offboarded) -> None:
    """G1."""
    assert offboarded.calls["check"]
    assert [call for call in offboarded.calls["check"] if call["kind"] == "write"] == []


@pytest.mark.parametrize("module", ["reverse_assumption", "last_role"])
def test_results_have_the_keys_that_are_documented_and_no_others(offboarded: Offboarded, module: str) -> None:
    documented = yaml.safe_load(importlib.import_module(f"{MODULES}.{module}").RETURN)
    for result in offboarded.results[module]:
        assert set(undocumented(result, documented)) == set()
        always = {name for name in documented if name not in {"failed", "msg", "no_way_in"}}
        assert always - set(result) == set()


def undocumented(value: Any, keys: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Name the keys of a result that are not documented, or are of another type than documented."""
    types = {"bool": bool, "str": str, "int": int, "float": float, "list": list, "dict": dict}
    for name, found in value.items():
        where = f"{path}{name}"
        if name not in keys:
            yield where
            continue
        entry = keys[name]
        if found is not None and not isinstance(found, types[entry["type"]]):
            yield f"{where} is {type(found).__name__}, not {entry['type']}"
        if "contains" in entry:
            for item in found if isinstance(found, list) else [found]:
                yield from undocumented(item, entry["contains"], f"{where}.")


def test_a_plan_lists_what_goes_and_what_its_owner_decides_on(offboarded: Offboarded) -> None:
    """The documented words are those of real rows."""
    planned = offboarded.results["reverse_assumption"][0]
    rows = {(row["default"], row["region"]): row for row in planned["targets"]}
    assert rows["cloudhealth_role", "global"]["state"] == "foreign"
    assert rows["support_topic", "us-east-1"]["action"] == "keep"
    assert rows["trail", "us-east-1"]["action"] == "detach"
    assert rows["dispatcher_rule", "us-east-1"]["action"] == "remove"
    assert planned["removes"] == [arn for row in planned["targets"] for arn in row["resources"]]
    assert planned["approval"]["digest"] == planned["digest"]
