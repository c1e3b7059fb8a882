"""The organization `offboard`: accounts that leave, and how each of them is reached."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.integration.embedded import seeded

MANAGEMENT, SHARED, PAYER = "100000000001", "100000000002", "820000000000"
DEPARTING, KEEPS, STANDALONE, LOOK_ALIKES = "811111111111", "822222222222", "833333333333", "844444444444"


@pytest.fixture(scope="module")
def emulator(running_emulator):
    return seeded(running_emulator, "offboard")


def test_the_inventory_agrees_with_the_accounts(emulator):
    file = Path(__file__).resolve().parents[3] / "inventories/offboard/accounts.yml"
    hosts = yaml.safe_load(file.read_text(encoding="utf-8"))["accounts"]["hosts"]
    seeds = {seed["id"]: seed for seed in emulator.organization()["accounts"]}
    assert set(seeds) == {host["account_id"] for host in hosts.values()} | {MANAGEMENT, SHARED, PAYER}
    for name, host in hosts.items():
        seed = seeds[host["account_id"]]
        organization = host.get("account_organization") or {"management_account_id": ""}
        assert (name, host["account_uuid"]) == (seed["name"], seed["uuid"])
        assert (host["account_email"], organization["management_account_id"]) == (seed["email"], seed["manager"])


def test_there_are_two_organizations_and_an_account_in_none(accounts, refused):
    def describe(account):
        return accounts(account, "organizations").describe_organization()["Organization"]["Id"]

    assert {describe(account) for account in (DEPARTING, LOOK_ALIKES, SHARED)} == {"o-rackspace01"}
    assert {describe(account) for account in (KEEPS, PAYER)} == {"o-customer01"}
    assert refused(describe, account=STANDALONE) == "AWSOrganizationsNotInUseException"


def test_a_member_is_reached_from_its_own_management_account_only(accounts, refused):
    arn = f"arn:aws:iam::{KEEPS}:role/OrganizationAccountAccessRole"
    accounts(PAYER, "sts").assume_role(RoleArn=arn, RoleSessionName="test")
    call = accounts(MANAGEMENT, "sts").assume_role
    assert refused(call, RoleArn=arn, RoleSessionName="test") == "AccessDenied"


def test_the_look_alikes_are_there(accounts):
    iam = accounts(LOOK_ALIKES, "iam")
    assert iam.get_login_profile(UserName="owner-admin")["LoginProfile"]["UserName"] == "owner-admin"
    trust = iam.get_role(RoleName="CloudHealth-Role")["Role"]["AssumeRolePolicyDocument"]
    assert json.dumps(trust).count("999999999999") == 1
    (one,) = accounts(LOOK_ALIKES, "ec2").describe_iam_instance_profile_associations()["IamInstanceProfileAssociations"]
    assert one["IamInstanceProfile"]["Arn"].endswith(":instance-profile/RackspaceDefaultEC2Role")
    (alarm,) = accounts(LOOK_ALIKES, "cloudwatch").describe_alarms()["MetricAlarms"]
    assert alarm["AlarmActions"] == [f"arn:aws:sns:us-east-1:{LOOK_ALIKES}:rackspace-support-urgent"]
    (topic,) = accounts(LOOK_ALIKES, "sns").list_topics()["Topics"]
    (held,) = accounts(LOOK_ALIKES, "sns").list_subscriptions_by_topic(TopicArn=topic["TopicArn"])["Subscriptions"]
    assert (held["Protocol"], held["SubscriptionArn"].startswith(topic["TopicArn"])) == ("email", True)
