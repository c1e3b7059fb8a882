"""The records of all accounts as Ansible hands them over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import Undefined

from ansible_collections.rackspace.aws_accounts.plugins.filter.account_faults import account_faults


class Lazy(Mapping[str, Any]):
    """Host variables that note what was read, and fail where a template fails."""

    def __init__(self, **values: Any) -> None:
        self.values_, self.read = values, set[str]()

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        value = self.values_[name]
        if isinstance(value, Exception):
            raise value
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_)

    def __len__(self) -> int:
        return len(self.values_)


def account(**variables: Any) -> Lazy:
    good = {
        "account_id": "111111111111",
        "account_uuid": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "provider_account_id": "100000000002",
        "provider_external_id": "f3b0c2a49d17",
    }
    return Lazy(**{**good, **variables})


def test_a_good_inventory_has_no_faults() -> None:
    assert account_faults({"a": account()}, ["a"]) == {}


def test_only_accounts_are_judged() -> None:
    assert account_faults({"a": account(), "bastion": Lazy(account_id="x")}, ["a"]) == {}


def test_only_variables_of_the_record_are_templated() -> None:
    host = account(huge_lookup="expensive")
    account_faults({"a": host}, ["a"])
    assert "huge_lookup" not in host.read


def test_a_template_that_raises_is_told_as_a_fault_of_that_account() -> None:
    found = account_faults({"a": account(account_name=RuntimeError("vault password is wrong"))}, ["a"])
    assert found == {"a": ["account_name: cannot be read: vault password is wrong"]}


def test_an_undefined_variable_is_told_as_a_fault() -> None:
    found = account_faults({"a": account(account_name=Undefined(name="nope"))}, ["a"])
    assert found == {"a": ["account_name: cannot be read: 'nope' is undefined"]}


def test_an_undefined_variable_inside_a_mapping_is_told_as_a_fault() -> None:
    organization = {"management_account_id": Undefined(name="nope")}
    found = account_faults({"a": account(account_organization=organization)}, ["a"])
    assert found == {"a": ["account_organization: cannot be read: 'nope' is undefined"]}
