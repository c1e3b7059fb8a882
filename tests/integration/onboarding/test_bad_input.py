# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Bad input: each gives one clear message with account, field and fix, before any write to it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.integration.onboarding.controller import MANAGEMENT, SHARED, Aws, Controller, Ran


def uuid(number: int) -> str:
    """Return one UUID of many."""
    return f"0f8fad5b-d9cb-469f-a165-7086772895{number:02d}"


# The record that is wrong, and what its message must hold beside the account's name: the field and the fix.
RECORDS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "misspelt": ({"account_rgions": ["us-east-1"]}, ["account_rgions", "unknown", "is account_regions meant?"]),
    "misspelt-prefix": ({"acount_name": "x"}, ["acount_name", "is account_name meant?"]),
    "unknown": ({"account_colour": "blue"}, ["account_colour", "unknown variable"]),
    "eleven-digits": ({"account_id": "11111111111"}, ["account_id", "11 digits", "has 12"]),
    "number": ({"account_id": 11111111114}, ["account_id", "in quotes", '"011111111114"']),
    "no-id": ({"account_id": ""}, ["account_id", "12 digits"]),
    "upper-case": ({"account_uuid": uuid(1).upper()}, ["account_uuid", "uppercase", uuid(1)]),
    "malformed": ({"account_uuid": "0f8fad5b-d9cb-469f-a165"}, ["account_uuid", "not a UUID"]),
    "no-uuid": ({"account_uuid": None}, ["account_uuid", "missing"]),
    "same-id-1": ({"account_id": "111111111111"}, ["account_id", "111111111111", "same-id-2"]),
    "same-id-2": ({"account_id": "111111111111"}, ["account_id", "111111111111", "same-id-1"]),
    "same-uuid-1": ({"account_uuid": uuid(99)}, ["account_uuid", uuid(99), "same-uuid-2"]),
    "same-uuid-2": ({"account_uuid": uuid(99)}, ["account_uuid", uuid(99), "same-uuid-1"]),
    "not-a-region": ({"account_regions": ["frankfurt"]}, ["account_regions", "frankfurt", "like us-east-1"]),
    "no-list": ({"account_regions": "us-east-1"}, ["account_regions", "write a list"]),
    "no-external-id": ({"provider_external_id": ""}, ["account_external_id", "secrets.token_hex"]),
    "required": ({"account_defaults_disabled": {"trail": ""}}, ["account_defaults_disabled", "trail is required"]),
    "unknown-default": (
        {"account_defaults_disabled": {"trial": "x"}},
        ["account_defaults_disabled", "is trail meant?"],
    ),
    "adopt": ({"account_adopt": {"config_role": ""}}, ["account_adopt", "config_role has no reason"]),
    "adopt-unknown": ({"account_adopt": {"config-role": "x"}}, ["account_adopt", "is config_role meant?"]),
    "control-tower": ({"account_control_tower": "maybe"}, ["account_control_tower", "auto, true, false"]),
    "no-provider": ({"provider_account_id": 1}, ["provider_account_id", "in quotes"]),
}


@pytest.fixture(scope="module")
def records(controller: Controller) -> Ran:
    """One run over an account for each fault; apart from it, each record would lead to a real account."""
    hosts = {
        name: {"account_id": f"{222222222200 + number}", "account_uuid": uuid(number), **wrong}
        for number, (name, (wrong, _)) in enumerate(RECORDS.items(), 10)
    }
    return controller.onboard(inventories=[controller.inventory(hosts, account_regions=["us-east-1"])])


@pytest.mark.parametrize("name", RECORDS)
def test_a_bad_record_is_refused_with_account_field_and_fix(records: Ran, name: str) -> None:
    """A1."""
    message = records.account(name)["message"]
    assert records.account(name)["outcome"] == "failed"
    for part in RECORDS[name][1]:
        assert part in message
    assert records.of(name, "Refuse an account whose record has faults")["msg"] == f"account {name}: {message}"


@pytest.mark.parametrize("name", ["eleven-digits", "malformed", "not-a-region", "required"])
def test_a_message_blames_nothing_that_is_right(records: Ran, name: str) -> None:
    """A1."""
    (field,) = RECORDS[name][0]
    named = set(re.findall(r"(?:account|provider)_\w+(?=:)", records.account(name)["message"]))
    assert named == {field}


def test_bad_records_make_no_call_at_all(records: Ran) -> None:
    """A1: validated before anything is called."""
    assert records.status != 0
    assert records.ledger == []
    assert records.report["totals"]["failed"] == len(RECORDS)


STOLEN = "9b2f7a1c-6d3e-4b58-8f10-c4a5d6e7f809"
# Records that are right in themselves: what they are about is not. Account id, further variables, the message's parts.
PLACES: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "no-such-region": (
        "222222222222",
        {"account_regions": ["us-east-1", "mars-north-1"]},
        ["account_regions", "mars-north-1", "does not exist or is not enabled", "take it out"],
    ),
    "region-not-enabled": (
        "333333333333",
        {"account_regions": ["af-south-1"]},
        ["account_regions", "af-south-1", "not enabled", "enable it there"],
    ),
    "no-role": (
        "666666666666",
        {"account_access_roles": ["NoSuchRole"]},
        ["account_access_roles", "NoSuchRole", "666666666666", "check that the role exists"],
    ),
    "other-account": (
        "777777777777",
        {"account_access_roles": []},
        [f"lead to account {MANAGEMENT}, not to 777777777777", "account_id"],
    ),
    "stolen-bucket": (
        "444444444444",
        {"account_uuid": STOLEN, "account_regions": ["us-east-1"]},
        [f"{STOLEN}-logs", "belongs to another AWS account", "account_uuid"],
    ),
    "no-queue": (
        "111111111111",
        {"provider_queues": {"support": "no-such-queue"}, "account_regions": ["us-east-1"]},
        ["no-such-queue", "does not exist", SHARED, "shared_services.yml"],
    ),
    "foreign": (
        "555555555555",
        {"account_regions": ["us-east-1"], "account_defaults_only": ["config_role", "password_policy"]},
        ["role AWSConfig exists", "lambda.amazonaws.com", "account_adopt"],
    ),
}


@pytest.fixture(scope="module")
def places(controller: Controller, aws: Aws, records: Ran) -> Ran:
    aws(MANAGEMENT, "s3", "us-west-2").create_bucket(
        Bucket=f"{STOLEN}-logs", CreateBucketConfiguration={"LocationConstraint": "us-west-2"}
    )
    trust = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", '
    trust += '"Principal": {"Service": "lambda.amazonaws.com"}}]}'
    aws("555555555555", "iam").create_role(RoleName="AWSConfig", AssumeRolePolicyDocument=trust)
    hosts = {
        name: {"account_id": number, "account_uuid": uuid(at), **variables}
        for at, (name, (number, variables, _)) in enumerate(PLACES.items(), 50)
    }
    inventory = controller.inventory(hosts)
    controller.shared_services("-e", '{"shared_services_regions": ["us-east-1"]}', inventories=[inventory])
    return controller.onboard(inventories=[inventory])


@pytest.mark.parametrize("name", PLACES)
def test_what_a_record_leads_to_is_refused_with_account_field_and_fix(places: Ran, name: str) -> None:
    """A1, G3, G9."""
    message = places.of(name)["msg"]
    assert places.status != 0
    assert places.account(name)["outcome"] == "failed"
    for part in (name, *PLACES[name][2]):
        assert part in message


@pytest.mark.parametrize("name", ["no-such-region", "region-not-enabled", "no-role", "other-account"])
def test_an_account_that_is_not_what_its_record_says_is_not_written_to(places: Ran, name: str) -> None:
    """G3."""
    assert places.writes(PLACES[name][0]) == []


def test_nothing_is_written_where_the_credentials_lead_instead(places: Ran) -> None:
    """G3: the account that the run was started from."""
    assert places.writes(MANAGEMENT) == []
    assert {call["operation"] for call in places.calls(MANAGEMENT)} <= {"GetCallerIdentity", "AssumeRole"}


def test_another_accounts_bucket_is_not_written_to_nor_what_needs_it(places: Ran) -> None:
    """G9."""
    written = places.writes("444444444444")
    assert [call for call in written if f"{STOLEN}-logs" in call["resource"]] == []
    assert not {"CreateTrail", "PutConfigurationRecorder"} & {call["operation"] for call in written}
    rows = places.rows("stolen-bucket")
    assert rows["logs_bucket", "us-west-2"]["state"] == "unknown"
    assert rows["trail", "us-east-1"]["reason"] == "needs logs_bucket, which is unknown"


def test_a_topic_whose_queue_does_not_exist_is_not_made(places: Ran) -> None:
    made = {c["resource"] for c in places.writes("111111111111") if c["operation"] in ("CreateTopic", "Subscribe")}
    assert made
    assert not any("support" in name for name in made)


def test_a_foreign_role_is_not_written_to_and_the_rest_is_done(places: Ran) -> None:
    """G9, G5."""
    assert {call["operation"] for call in places.writes("555555555555")} == {"UpdateAccountPasswordPolicy"}
    assert places.rows("foreign")["config_role", "global"]["state"] == "foreign"


@pytest.mark.parametrize("hosts", [{"accounts": {"hosts": {}}}, {"all": {"hosts": {"somebody": {}}}}])
def test_an_inventory_without_accounts_is_an_error(controller: Controller, hosts: dict[str, Any]) -> None:
    """A1: a run that does nothing must not look like success."""
    ran = controller.onboard(inventories=[controller.file(hosts)])
    assert ran.status != 0
    assert "accounts" in ran.text
    assert "no host" in ran.text or "no account" in ran.text
    assert ran.ledger == []


@pytest.mark.parametrize("option", ["--tags", "--skip-tags"])
def test_a_misspelt_tag_is_an_error_that_names_the_sections(controller: Controller, option: str) -> None:
    """A run that selects nothing must not look like success."""
    ran = controller.onboard(option, "iamm", "--limit", "app1-prod")
    assert ran.status != 0
    for part in ("iamm", "iam", "s3", "cloudtrail", "config", "support", "risk_events"):
        assert part in ran.text
    assert ran.ledger == []


def test_a_limit_that_leaves_no_account_is_an_error(controller: Controller) -> None:
    ran = controller.onboard("--limit", "nobody")
    assert ran.status != 0
    assert ran.ledger == []
