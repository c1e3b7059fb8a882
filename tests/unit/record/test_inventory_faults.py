"""What is wrong with an inventory of accounts as a whole (A1)."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import record

DEFAULTS = {"recorder": False}


def account(number: int, **variables: Any) -> dict[str, Any]:
    return {
        "account_id": f"{number:012d}",
        "account_uuid": str(uuid.UUID(int=number << 64 | 0x4 << 76 | 0x8 << 60, version=4)),
        "provider_account_id": "100000000002",
        "provider_external_id": "f3b0c2a49d17",
        **variables,
    }


def test_hosts_without_faults_are_left_out() -> None:
    assert record.inventory_faults({"a": account(1), "b": account(2)}, DEFAULTS) == {}


@pytest.mark.parametrize("name", ["account_id", "account_uuid"])
def test_two_hosts_with_one_id_or_uuid_are_both_named(name: str) -> None:
    same = account(1)[name]
    found = record.inventory_faults({"a": account(1), "b": account(2, **{name: same}), "c": account(3)}, DEFAULTS)
    assert set(found) == {"a", "b"}
    assert f"{name}: {same} is also that of b" in found["a"][0]
    assert f"{name}: {same} is also that of a" in found["b"][0]


def test_a_uuid_in_other_case_is_the_same_uuid() -> None:
    found = record.inventory_faults(
        {"a": account(1), "b": account(2, account_uuid=account(1)["account_uuid"].upper())}, DEFAULTS
    )
    assert any("is also that of b" in fault for fault in found["a"])


def test_a_quoted_and_an_unquoted_id_are_the_same_id() -> None:
    found = record.inventory_faults({"a": account(999999999999), "b": account(2, account_id=999999999999)}, DEFAULTS)
    assert any("is also that of b" in fault for fault in found["a"])


def test_two_hosts_without_an_id_are_not_duplicates() -> None:
    found = record.inventory_faults({"a": account(1, account_id=None), "b": account(2, account_id=None)}, DEFAULTS)
    assert all("is also that of" not in fault for faults in found.values() for fault in faults)


def test_one_bad_record_leaves_the_others_without_faults_g5() -> None:
    assert set(record.inventory_faults({"a": account(1, account_kind="x"), "b": account(2)}, DEFAULTS)) == {"a"}


def test_a_thousand_records_take_a_moment() -> None:
    records = {f"host{number}": account(number) for number in range(1, 1001)}
    started = time.process_time()
    assert record.inventory_faults(records, DEFAULTS) == {}
    assert time.process_time() - started < 2
