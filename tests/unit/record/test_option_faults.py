"""What is wrong with a module's options, in the words of the record."""

from __future__ import annotations

from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import record
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Region

DEFAULTS = {"rackspace_role": True, "recorder": False}
GOOD: dict[str, Any] = {
    "account_id": "111111111111",
    "account_uuid": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "provider_account_id": "100000000002",
    "access_roles": ["Rackspace"],
    "defaults_disabled": {},
    "adopt": {},
    "regions": [],
    "external_id": None,
    "organization": None,
}


def faults(**options: Any) -> list[str]:
    return record.option_faults({**GOOD, **options}, DEFAULTS)


def test_good_options_have_no_faults() -> None:
    assert faults() == []


def test_a_module_without_a_uuid_is_not_asked_for_one() -> None:
    assert record.option_faults({"account_id": "111111111111", "provider_account_id": "100000000002"}, DEFAULTS) == []


def test_an_account_id_of_eleven_digits_is_told_under_the_options_name() -> None:
    assert faults(account_id="11111111111") == [
        "account_id: is '11111111111', which has 11 digits; an AWS account id has 12"
    ]


def test_an_empty_account_id_is_told() -> None:
    assert faults(account_id="") == ["account_id: is empty; give it"]


def test_an_uppercase_uuid_is_told() -> None:
    assert "has uppercase letters" in faults(account_uuid=GOOD["account_uuid"].upper())[0]


def test_an_access_role_from_nowhere_is_told() -> None:
    assert faults(access_roles=[{"name": "Admin", "via": "x"}])[0].startswith("access_roles: Admin: via is 'x'")


def test_a_region_without_the_shape_of_one_is_told() -> None:
    assert faults(regions=["us-east-1a"])[0].startswith("regions: entry 1 is 'us-east-1a'")


def test_unknown_names_and_missing_reasons_are_told_together_b16_g9() -> None:
    found = faults(defaults_disabled={"recoder": "x", "rackspace_role": ""}, adopt={"recorder": ""})
    assert [fault.split(";")[0] for fault in found] == [
        "defaults_disabled: recoder is no account default",
        "defaults_disabled: rackspace_role is required",
        "adopt: recorder has no reason",
    ]


def test_an_external_id_is_never_shown() -> None:
    fault = faults(external_id="s3cret value")
    assert len(fault) == 1
    assert "s3cret" not in fault[0]


def test_regions_named_by_hand_are_regions() -> None:
    assert record.regions_named(["us-east-1", "af-south-1"]) == [Region("us-east-1"), Region("af-south-1")]
