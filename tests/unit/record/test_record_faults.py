"""What is wrong with one account's record: each fault names the field, what was found and the fix (A1, A3)."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import record

DEFAULTS = {"rackspace_role": True, "password_policy": True, "config_role": False, "recorder": False}
GOOD: dict[str, Any] = {
    "account_id": "111111111111",
    "account_uuid": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "provider_account_id": "100000000002",
    "provider_external_id": "f3b0c2a49d17",
}


def faults(**variables: Any) -> list[str]:
    return record.record_faults({**GOOD, **variables}, DEFAULTS)


def without(name: str) -> list[str]:
    return record.record_faults({key: value for key, value in GOOD.items() if key != name}, DEFAULTS)


def only(found: list[str]) -> str:
    assert len(found) == 1, found
    return found[0]


def test_a_good_record_has_no_faults_a1() -> None:
    assert faults() == []


def test_a_full_record_has_no_faults_a3() -> None:
    assert (
        faults(
            account_name="app1-prod",
            account_email="aws+app1-prod@example.com",
            account_ddi="1234567",
            account_service_level="navigator",
            account_model="ecam",
            account_sector="public_sector",
            account_seller="aws_india",
            account_payer="dedicated",
            account_kind="payer",
            account_organization={"id": "o-exampleorgid", "management_account_id": "100000000001"},
            account_transferred=True,
            account_control_tower="auto",
            account_regions=["us-east-1", "us-gov-west-1", "af-south-1", "eusc-de-east-1"],
            account_access_roles=["Rackspace", {"name": "Admin", "via": "base"}],
            account_external_id="abc123",
            account_defaults_disabled={"recorder": ""},
            account_adopt={"config_role": "agreed in ticket 1"},
            account_protected=True,
            provider_account_ids=["100000000001"],
            provider_trusted_principals=["arn:aws:iam::100000000003:role/Tooling", "100000000004"],
            provider_queues={"cloudtrail": "logbook"},
            provider_queue_regions={"af-south-1": "eu-west-1"},
            provider_subscription_owner="account",
            provider_dispatcher_target_arn="arn:aws:events:us-east-1:100000000002:event-bus/dispatcher",
            cloudhealth={"external_ids": ["x1"], "policy": "policy.json"},
        )
        == []
    )


def test_variables_that_are_not_of_the_record_are_nobodys_business() -> None:
    assert faults(ansible_host="x", my_account_id=1, application="y", group_names=[]) == []


@pytest.mark.parametrize("name", ["account_id", "account_uuid", "provider_account_id"])
def test_a_missing_required_field_is_named(name: str) -> None:
    assert only(without(name)).startswith(f"{name}: is missing; add it")


@pytest.mark.parametrize("name", ["account_id", "account_uuid"])
def test_an_empty_required_field_is_missing_or_malformed(name: str) -> None:
    assert only(faults(**{name: ""})).startswith(f"{name}: is ")


def test_an_unquoted_account_id_is_shown_in_quotes() -> None:
    assert only(faults(account_id=123456789012)) == (
        "account_id: is the number 123456789012; numbers lose leading zeros, so write the 12 digits in quotes: "
        '"123456789012"'
    )


def test_an_unquoted_account_id_gets_its_leading_zeros_back() -> None:
    assert only(faults(account_id=12345678901)).endswith('"012345678901"')


def test_an_account_id_of_eleven_digits_is_counted() -> None:
    fault = only(faults(account_id="11111111111"))
    assert fault == "account_id: is '11111111111', which has 11 digits; an AWS account id has 12"


def test_an_account_id_with_hyphens_is_shown_without() -> None:
    assert only(faults(account_id="1111-1111-1111")).endswith('write it without hyphens: "111111111111"')


@pytest.mark.parametrize("value", ["app1-prod", "11111111111a", " 111111111111", "١١١١١١١١١١١١", True, None, ["1"]])
def test_an_account_id_is_twelve_digits_and_nothing_else(value: Any) -> None:
    assert only(faults(account_id=value)).startswith("account_id: is ")


def test_an_uppercase_uuid_is_shown_in_lower_case() -> None:
    fault = only(faults(account_uuid="0F8FAD5B-D9CB-469F-A165-70867728950E"))
    assert "has uppercase letters" in fault
    assert fault.endswith("write 0f8fad5b-d9cb-469f-a165-70867728950e")


@pytest.mark.parametrize("value", ["0f8fad5bd9cb469fa16570867728950e", "{0f8fad5b-d9cb-469f-a165-70867728950e}"])
def test_a_uuid_in_another_form_is_shown_in_the_canonical_one(value: str) -> None:
    fault = only(faults(account_uuid=value))
    assert fault.endswith("is not in the canonical form; it becomes part of bucket names, so write "
                          "0f8fad5b-d9cb-469f-a165-70867728950e")  # fmt: skip


@pytest.mark.parametrize("value", ["0f8fad5b-d9cb-469f-a165-7086772895", "app1-prod", 12, {}])
def test_a_malformed_uuid_is_no_uuid(value: Any) -> None:
    assert "which is not a UUID, like" in only(faults(account_uuid=value))


def test_a_uuid_that_no_generator_makes_is_refused() -> None:
    assert "no UUID generator makes" in only(faults(account_uuid="00000000-0000-0000-0000-000000000000"))


def test_a_misspelt_field_is_told_with_what_may_be_meant() -> None:
    assert only(faults(account_regionz=[])) == "account_regionz: unknown variable; is account_regions meant?"


def test_a_misspelt_prefix_is_found_too() -> None:
    assert only(faults(acount_name="x")) == "acount_name: unknown variable; is account_name meant?"


def test_a_misspelt_variable_of_the_provider_is_found() -> None:
    assert only(faults(provider_bucket_regoin="x")).endswith("is provider_bucket_region meant?")


def test_an_unknown_field_that_resembles_none_leads_to_the_documentation() -> None:
    assert only(faults(account_colour_of_the_logo=1)) == (
        "account_colour_of_the_logo: unknown variable; see docs/inventory.md for what a record may hold"
    )


def test_variables_of_the_roles_are_known() -> None:
    assert faults(account_defaults_only=["recorder"], account_access_group="accounts") == []


@pytest.mark.parametrize(
    ("name", "value", "choices"),
    [
        ("account_model", "SPAM", "spam, ecam"),
        ("account_sector", "public", "commercial, public_sector"),
        ("account_seller", "aws", "aws_inc, aws_india"),
        ("account_payer", True, "shared, dedicated"),
        ("account_kind", "master", "member, payer, standalone"),
        ("account_control_tower", "yes", "auto, true, false"),
        ("provider_subscription_owner", "us", "provider, account"),
    ],
)
def test_a_wrong_choice_is_told_with_the_choices(name: str, value: Any, choices: str) -> None:
    fault = only(faults(**{name: value}))
    assert fault.startswith(f"{name}: is ")
    assert f"it is one of {choices}" in fault


def test_a_misspelt_choice_is_told_with_what_may_be_meant() -> None:
    assert only(faults(account_kind="membre")).endswith("is member meant?")


@pytest.mark.parametrize("name", ["account_transferred", "account_protected"])
def test_a_boolean_in_quotes_is_refused(name: str) -> None:
    assert only(faults(**{name: "false"})) == f"{name}: is 'false'; write true or false, without quotes"


@pytest.mark.parametrize("value", [True, False, "auto", "true", "false"])
def test_control_tower_is_auto_or_a_boolean(value: Any) -> None:
    assert faults(account_control_tower=value) == []


def test_a_number_where_a_text_belongs_is_told() -> None:
    assert (
        only(faults(account_name=7))
        == "account_name: is the number 7; write a text, in quotes where it looks otherwise"
    )


def test_a_ddi_without_quotes_is_told() -> None:
    assert only(faults(account_ddi=1234567)) == "account_ddi: is the number 1234567; it is digits, in quotes"


def test_a_malformed_address_is_told() -> None:
    assert only(faults(account_email="app1")) == "account_email: is 'app1'; it is an e-mail address"


@pytest.mark.parametrize("value", ["us-east-1a", "US-EAST-1", "useast1", "global", "all", 1])
def test_a_region_without_the_shape_of_one_is_told_with_its_place_in_the_list(value: Any) -> None:
    fault = only(faults(account_regions=["eu-west-1", value]))
    assert fault.startswith("account_regions: entry 2 is ")
    assert fault.endswith("it is a region's name, like us-east-1")


def test_one_region_without_a_list_is_told() -> None:
    assert only(faults(account_regions="us-east-1")) == (
        "account_regions: is 'us-east-1'; write a list, also for one entry: [...]"
    )


def test_an_organization_without_its_management_account_is_told() -> None:
    fault = only(faults(account_organization={"id": "o-exampleorgid"}))
    assert fault == "account_organization: has no management_account_id; add it"


def test_a_misspelt_key_of_the_organization_is_told() -> None:
    found = faults(account_organization={"management_account_id": "100000000001", "managment_role": "x"})
    assert only(found) == "account_organization: has managment_role, which is unknown; is management_role meant?"


def test_a_number_as_management_account_is_told() -> None:
    fault = only(faults(account_organization={"management_account_id": 100000000001}))
    assert fault.startswith("account_organization: management_account_id is the number 100000000001")


def test_an_organization_that_is_no_mapping_is_told() -> None:
    assert "write a mapping of management_account_id, id, management_role" in only(
        faults(account_organization="o-exampleorgid")
    )


def test_an_access_role_from_nowhere_is_told() -> None:
    assert "via is 'payer'" in only(faults(account_access_roles=[{"name": "Admin", "via": "payer"}]))


def test_one_access_role_without_a_list_is_told() -> None:
    assert only(faults(account_access_roles="Admin")).endswith("write a list, also for one role: [Rackspace]")


def test_an_external_id_among_the_access_roles_is_told_and_not_shown() -> None:
    fault = only(faults(account_access_roles=[{"name": "Admin", "external_id": "s3cret-value"}]))
    assert fault == (
        "account_access_roles: role Admin has external_id; an entry has a name and via, and the external id is "
        "account_external_id"
    )


def test_an_unknown_default_cannot_be_switched_off_b16() -> None:
    fault = only(faults(account_defaults_disabled={"recoder": "x"}))
    assert fault == "account_defaults_disabled: recoder is no account default; is recorder meant?"


def test_an_unknown_default_that_resembles_none_is_told_with_the_known_ones() -> None:
    fault = only(faults(account_defaults_disabled={"zzz": "x"}))
    assert fault.endswith("known are rackspace_role, password_policy, config_role, recorder")


@pytest.mark.parametrize("reason", ["", None, "  "])
def test_a_required_default_is_switched_off_only_with_a_reason_b16(reason: Any) -> None:
    assert only(faults(account_defaults_disabled={"rackspace_role": reason})) == (
        "account_defaults_disabled: rackspace_role is required; say why it is switched off: {rackspace_role: <reason>}"
    )


def test_a_required_default_with_a_reason_can_be_switched_off_b16() -> None:
    assert faults(account_defaults_disabled={"rackspace_role": "the customer's own"}) == []


def test_an_optional_default_is_switched_off_without_a_reason_b16() -> None:
    assert faults(account_defaults_disabled={"recorder": None}) == []


def test_switching_off_by_a_list_is_told() -> None:
    assert "write a mapping of account defaults to reasons" in only(faults(account_defaults_disabled=["recorder"]))


def test_a_reason_that_is_no_text_is_told() -> None:
    assert only(faults(account_defaults_disabled={"recorder": True})).startswith(
        "account_defaults_disabled: recorder: the reason is true"
    )


def test_nothing_is_adopted_without_a_reason_g9() -> None:
    assert only(faults(account_adopt={"config_role": ""})) == (
        "account_adopt: config_role has no reason; say why it may be taken over: {config_role: <reason>}"
    )


def test_an_unknown_default_cannot_be_adopted_g9() -> None:
    assert only(faults(account_adopt={"config_rol": "x"})) == (
        "account_adopt: config_rol is no account default; is config_role meant?"
    )


def test_a_service_level_needs_a_reason_for_a_required_default_b16() -> None:
    found = faults(account_defaults_disabled_by_service_level={"basic": {"password_policy": ""}})
    assert only(found).startswith("account_defaults_disabled_by_service_level: basic: password_policy is required")


def test_a_service_level_that_is_no_mapping_is_told() -> None:
    found = faults(account_defaults_disabled_by_service_level=["basic"])
    assert only(found).startswith("account_defaults_disabled_by_service_level: is a list; write a mapping")


def test_a_missing_external_id_is_told_with_how_to_make_one() -> None:
    fault = only(without("provider_external_id"))
    assert fault.startswith("account_external_id: is missing")
    assert "secrets.token_hex" in fault
    assert "provider_external_id_waived: <reason>" in fault


@pytest.mark.parametrize("name", ["account_external_id", "provider_external_id", "provider_external_id_waived"])
def test_an_external_id_of_the_account_or_the_provider_or_a_waiver_is_enough(name: str) -> None:
    variables = {key: value for key, value in GOOD.items() if key != "provider_external_id"}
    assert record.record_faults({**variables, name: "agreed"}, DEFAULTS) == []


@pytest.mark.parametrize("value", ["s3cret value", "s3cret\N{SNOWMAN}", 90210123, ["s3cret"]])
def test_a_malformed_external_id_is_told_and_not_shown(value: Any) -> None:
    fault = only(faults(account_external_id=value))
    assert "it is not shown here" in fault
    assert "s3cret" not in fault
    assert "90210123" not in fault


def test_a_malformed_external_id_of_cloudhealth_is_told_and_not_shown() -> None:
    fault = only(faults(cloudhealth={"external_ids": [90210123], "policy": {"Statement": []}}))
    assert fault.startswith("cloudhealth: external_ids entry 1 is a number")
    assert "90210123" not in fault


def test_an_unknown_key_of_cloudhealth_is_told() -> None:
    assert only(faults(cloudhealth={"external_id": "x"})).endswith("is external_ids meant?")


def test_an_unknown_purpose_of_a_queue_is_told() -> None:
    assert only(faults(provider_queues={"suport": "q"})) == (
        "provider_queues: has suport, which is unknown; is support meant?"
    )


def test_a_queue_region_that_is_none_is_told() -> None:
    assert only(faults(provider_queue_regions={"af-south-1": "Ireland"})) == (
        "provider_queue_regions: af-south-1: is 'Ireland'; it is a region's name, like us-east-1"
    )


def test_a_principal_that_is_neither_arn_nor_id_is_told() -> None:
    fault = only(faults(provider_trusted_principals=["Tooling"]))
    assert fault.startswith("provider_trusted_principals: entry 1 is neither an ARN nor an account id")


def test_a_target_of_the_dispatcher_that_is_no_arn_is_told() -> None:
    assert only(faults(provider_dispatcher_target_arn="my-queue")).endswith("it is an ARN of a queue or an event bus")


def test_a_value_that_cannot_be_templated_is_this_accounts_fault() -> None:
    assert only(faults(account_name=record.Unreadable("'nope' is undefined"))) == (
        "account_name: cannot be read: 'nope' is undefined"
    )


def test_an_account_of_the_provider_may_be_onboarded_as_well() -> None:
    assert faults(account_id="100000000001", provider_account_ids=["100000000001"]) == []


def test_all_faults_are_told_at_once() -> None:
    found = faults(account_id=1, account_uuid="x", account_kind="y", account_regions="z")
    assert [fault.split(":")[0] for fault in found] == ["account_id", "account_uuid", "account_kind", "account_regions"]
