# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Accounts of an organization as hosts (A4): names, groups, and variables of the record."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import RecordError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.organization_hosts import (
    below,
    check_tag_variables,
    group_name,
    host_names,
    records_of,
    unit_groups,
    variables,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.record import record_faults

ONE, TWO, THREE = "111111111111", "222222222222", "333333333333"
ORGANIZATION = {"id": "o-exampleorg1", "management_account_id": "100000000001"}


def account(number: str, name: str = "", *units: str, **more: Any) -> dict[str, Any]:
    """Return an account as it was read; ``units`` are names, whose ids are made of the whole path."""
    paths = ["-".join(units[: end + 1]).lower() for end in range(len(units))]
    return {
        "id": number, "name": name or number, "kind": "member", "email": "a@example.com", "state": "ACTIVE",
        "joined_method": "CREATED", "joined_at": "", "tags": {},
        "ou_ids": [f"ou-root-{path}" for path in paths], "ou_names": list(units), **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("app1-prod", "app1-prod"),
        ("Team A: web & co.", "Team-A-web-co"),
        ("{{ lookup('pipe', 'id') }}", "lookup-pipe-id"),
        ("a[1:3]", "a-1-3"),
        ("!not", "not"),
        ("???", ONE),
        ("localhost", f"localhost-{ONE}"),
        ("ALL", f"ALL-{ONE}"),
        ("accounts", f"accounts-{ONE}"),
    ],
)
def test_a_host_is_named_by_its_account_made_safe(name: str, host: str) -> None:
    assert host_names([account(ONE, name)], "name", groups=["accounts"]) == {ONE: host}


def test_accounts_of_one_name_are_all_told_apart_by_their_ids() -> None:
    """None is the first: which AWS lists first says nothing."""
    named = host_names([account(ONE, "web"), account(TWO, "Web"), account(THREE, "db")], "name")
    assert named == {ONE: f"web-{ONE}", TWO: f"Web-{TWO}", THREE: "db"}


def test_another_sources_host_keeps_its_name_and_an_account_of_it_its_host() -> None:
    hosts = {"web": "", "old-name": TWO}
    named = host_names([account(ONE, "web"), account(TWO, "new-name")], "name", hosts)
    assert named == {ONE: f"web-{ONE}", TWO: "old-name"}


@pytest.mark.parametrize(("style", "host"), [("id", ONE), ("name_and_id", f"web-{ONE}"), ("name", "web")])
def test_hosts_are_named_as_the_option_says(style: str, host: str) -> None:
    assert host_names([account(ONE, "web")], style) == {ONE: host}


def test_a_group_is_made_of_each_unit_and_of_those_above_it() -> None:
    groups = unit_groups([account(ONE, "", "Customers", "Platform Essentials"), account(TWO, "", "Sandbox")], "ou")
    assert sorted(groups.values()) == ["ou_Customers", "ou_Customers_Platform_Essentials", "ou_Sandbox"]


def test_units_whose_groups_would_have_one_name_are_told_apart_by_their_ids() -> None:
    one = account(ONE, "", "A", "B C", ou_ids=["ou-root-aaaaaaaa", "ou-root-bbbbbbbb"])
    two = account(TWO, "", "A", "B+C", ou_ids=["ou-root-aaaaaaaa", "ou-root-cccccccc"])
    assert unit_groups([one, two], "") == {
        "ou-root-aaaaaaaa": "A",
        "ou-root-bbbbbbbb": "A_B_C_ou_root_bbbbbbbb",
        "ou-root-cccccccc": "A_B_C_ou_root_cccccccc",
    }


@pytest.mark.parametrize(
    ("unit", "inside"),
    [("Customers", True), ("Customers/Navigator", True), ("/Customers/", True), ("ou-root-customers", True),
     ("Navigator", False), ("Customers/Nav", False), ("Cust", False)],
)  # fmt: skip
def test_an_account_is_below_the_units_of_its_path(unit: str, inside: bool) -> None:
    assert below(account(ONE, "", "Customers", "Navigator"), [unit]) is inside


def test_the_record_that_organization_and_tags_make_is_a_good_one() -> None:
    """A1: nothing of it is unknown to the record's checks."""
    tags = {"uuid": "0f8fad5b-d9cb-469f-a165-70867728950e", "kept": "TRUE", "regions": "us-east-1 eu-west-1", "x": "y"}
    mapping = {
        "uuid": "account_uuid", "kept": "account_protected", "regions": "account_regions", "x": "cost_centre",
        "absent": "account_ddi",
    }  # fmt: skip
    found = variables(account(ONE, "web", "Customers", tags=tags), ORGANIZATION, mapping, "Billing")
    assert record_faults({**found, "provider_account_id": TWO, "provider_external_id": "some-secret"}) == []
    assert found["account_protected"] is True
    assert found["account_regions"] == ["us-east-1", "eu-west-1"]
    assert (found["account_id"], found["account_name"], found["account_kind"]) == (ONE, "web", "member")
    assert found["account_organization"] == ORGANIZATION | {"management_role": "Billing"}
    assert (found["organization_ou"], found["cost_centre"], "account_ddi" in found) == ("Customers", "y", False)


def test_the_management_account_is_a_payer() -> None:
    payer = account("100000000001", kind="payer")
    assert variables(payer, ORGANIZATION, {})["account_kind"] == "payer"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("account_id", "never taken from a tag"),
        ("account_organization", "never taken from a tag"),
        ("account_kind", "never taken from a tag"),
        ("ansible_connection", "never taken from a tag"),
        ("account_adopt", "is a mapping"),
        ("account_uid", "is account_uuid meant?"),
        ("cost centre", "no variable's name"),
        (7, "no variable's name"),
    ],
)
def test_what_no_tag_may_say_is_refused_with_tag_variable_and_reason(name: Any, why: str) -> None:
    with pytest.raises(RecordError, match=r"tag_variables: some:key: .*" + why.replace("?", r"\?")):
        check_tag_variables({"some:key": name})


def test_what_a_file_says_by_id_goes_over_what_it_says_by_name() -> None:
    records = {ONE: {"a": 1, "b": 1}, "web": {"b": 2, "c": 2}, "nobody": {}}
    found, unknown = records_of(records, [account(ONE, "web"), account(TWO, "db")])
    assert (found, unknown) == ({ONE: {"a": 1, "b": 1, "c": 2}}, ["nobody"])


@pytest.mark.parametrize(
    ("records", "why"),
    [
        (["web"], "write a mapping of account ids or names"),
        ({111111111111: {}}, "in quotes"),
        ({"web": "us-east-1"}, "write a mapping of variables"),
        ({"twin": {}}, f"is the name of {ONE}, {TWO}; write the account's id instead"),
        ({THREE: {"account_id": ONE}}, "take account_id out"),
    ],
)
def test_a_file_of_records_that_cannot_be_meant_is_refused(records: Any, why: str) -> None:
    with pytest.raises(RecordError, match=why):
        records_of(records, [account(ONE, "twin"), account(TWO, "twin"), account(THREE, "web")])


def test_a_groups_name_is_one_that_ansible_takes() -> None:
    assert group_name("tag", "rackspace:level", "Platform Essentials", "") == "tag_rackspace_level_Platform_Essentials"
