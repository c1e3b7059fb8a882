# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Accounts that have something already: they keep it, and the run says what it left out and why."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.integration.onboarding.belongings import Belongings, belongings, lost_or_changed
from tests.integration.onboarding.controller import DEFAULT_REGIONS, DEMO, SHARED, Aws, Controller, Ran

ACCOUNTS = {
    "landing-zone": "222222222222",
    "own-trail": "333333333333",
    "own-recorder": "444444444444",
    "opt-in": "555555555555",
    "region-denied": "666666666666",
    "look-alikes": "777777777777",
}
OPT_IN_BUCKET = "c56a4180-65aa-42ec-a945-5fd21dec0538-logs"
#: what the guide asks of a bucket of its name, whoever made it (B4)
VERSIONING = ("bucket", OPT_IN_BUCKET, "versioning")
#: what every bucket has since 2023, and this older one had not
ENCRYPTION = ("bucket", OPT_IN_BUCKET, "encryption")
WHY = "the customer left, this was forgotten"
ADOPTED = {"config_role": WHY, "cloudhealth_role": WHY, "support_topic": WHY}


def regions_of(host: str) -> list[str]:
    """Return the regions in which an account may be looked at."""
    denied = {"sa-east-1"} if host == "region-denied" else set()
    return [*(set(DEFAULT_REGIONS) - denied), *(["af-south-1"] if host == "opt-in" else [])]


@dataclass
class Onboarded:
    ran: Ran
    before: dict[str, Belongings] = field(default_factory=dict)
    after: dict[str, Belongings] = field(default_factory=dict)


@pytest.fixture(scope="module")
def onboarded(controller: Controller, aws: Aws) -> Onboarded:
    """One run over all of them, with what each had before and has after it."""
    before = {host: belongings(aws, number, regions_of(host)) for host, number in ACCOUNTS.items()}
    controller.shared_services()
    ran = controller.onboard("--limit", ",".join(ACCOUNTS))
    # again only where there was something, to be quicker
    places = {host: {at[0] for at in had if at[0] in DEFAULT_REGIONS} for host, had in before.items()}
    after = {host: belongings(aws, number, places[host]) for host, number in ACCOUNTS.items()}
    return Onboarded(ran, before, after)


@pytest.fixture(scope="module")
def adopted(controller: Controller, onboarded: Onboarded) -> Ran:
    """What follows when the look-alikes are taken over by name."""
    return controller.onboard(
        "--limit", "look-alikes", inventories=[DEMO, controller.overrides(look_alikes={"account_adopt": ADOPTED})]
    )


def test_the_run_over_all_special_accounts_succeeds(onboarded: Onboarded) -> None:
    assert onboarded.ran.status == 0, onboarded.ran.output
    assert onboarded.ran.report["totals"] == {"accounts": 6, "failed": 0, "changed": 6, "unchanged": 0}


@pytest.mark.parametrize("host", ACCOUNTS)
def test_an_account_keeps_everything_that_it_had(onboarded: Onboarded, host: str) -> None:
    """G9: resource by resource, rule by rule, statement by statement, field by field."""
    assert len(onboarded.before[host]) >= 2
    changed = lost_or_changed(onboarded.before[host], onboarded.after[host])
    improved = {at: changed.pop(at) for at in (VERSIONING, ENCRYPTION) if at in changed}
    assert changed == {}
    assert improved.get(VERSIONING, (None, "Enabled")) == (None, "Enabled")
    assert not improved.get(ENCRYPTION, ({}, {}))[0]


def test_nothing_that_is_there_is_deleted_by_any_call(onboarded: Onboarded) -> None:
    """G4, G9."""
    destructive = ("Delete", "Detach", "Remove", "Stop", "Disable", "Unsubscribe", "Untag")
    assert [call for call in onboarded.ran.writes() if call["operation"].startswith(destructive)] == []


def test_control_tower_keeps_trails_and_recorders_to_itself(onboarded: Onboarded) -> None:
    """B8, B12."""
    rows = onboarded.ran.rows("landing-zone")
    for default in ("trail", "recorder"):
        for region in DEFAULT_REGIONS:
            row = rows[default, region]
            assert row["state"] == "skipped"
            assert "Control Tower manages the account" in row["reason"]
    made = onboarded.ran.written(ACCOUNTS["landing-zone"])
    assert not {"CreateTrail", "UpdateTrail", "PutConfigurationRecorder", "PutDeliveryChannel"} & set(made)
    assert made["CreateTopic"] == 6 * 17


def test_no_trail_is_made_where_another_covers_the_region(onboarded: Onboarded) -> None:
    """B8: and the run says by which, and what that one leaves out."""
    rows = onboarded.ran.rows("own-trail")
    for region in DEFAULT_REGIONS:
        row = rows["trail", region]
        assert row["state"] == "skipped"
        assert "company-audit (multi-region, home region eu-west-1)" in row["reason"]
        assert any("logs to own-trail-company-audit" in finding for finding in row["findings"])
        assert rows["recorder", region]["state"] == "compliant"
    made = onboarded.ran.written(ACCOUNTS["own-trail"])
    assert made["CreateTrail"] == made["UpdateTrail"] == 0


def test_no_recorder_is_made_where_one_is(onboarded: Onboarded) -> None:
    """B12."""
    rows = onboarded.ran.rows("own-recorder")
    theirs = {"us-east-1", "eu-west-1"}
    skipped = {region for region in DEFAULT_REGIONS if rows["recorder", region]["state"] == "skipped"}
    assert skipped == theirs
    assert all("company-recorder" in rows["recorder", region]["reason"] for region in theirs)
    written = {c["region"] for c in onboarded.ran.writes(ACCOUNTS["own-recorder"]) if c["service"] == "config"}
    assert written == set(DEFAULT_REGIONS) - theirs


def test_a_level_goes_without_what_it_does_not_have_and_says_so(onboarded: Onboarded) -> None:
    """B16."""
    rows = onboarded.ran.rows("own-recorder")
    assert rows["dispatcher_role", "global"]["reason"] == "switched off: not part of Platform Essentials"
    assert "PutRule" not in onboarded.ran.written(ACCOUNTS["own-recorder"])


def test_an_opt_in_region_is_onboarded_too(onboarded: Onboarded, aws: Aws) -> None:
    """B6 to B13."""
    rows = onboarded.ran.rows("opt-in")
    states = {rows[default, "af-south-1"]["state"] for default in ("trail", "recorder", "support_topic")}
    assert states == {"compliant"}
    (trail,) = aws(ACCOUNTS["opt-in"], "cloudtrail", "af-south-1").describe_trails()["trailList"]
    assert trail["HomeRegion"] == "af-south-1"


def test_a_message_from_the_opt_in_region_arrives(onboarded: Onboarded, aws: Aws) -> None:
    """B13, B17."""
    topic = f"arn:aws:sns:af-south-1:{ACCOUNTS['opt-in']}:rackspace-support-urgent"
    (subscription,) = aws(ACCOUNTS["opt-in"], "sns", "af-south-1").list_subscriptions_by_topic(TopicArn=topic)[
        "Subscriptions"
    ]
    region = subscription["Endpoint"].split(":")[3]
    aws(ACCOUNTS["opt-in"], "sns", "af-south-1").publish(TopicArn=topic, Message="from Cape Town")
    sqs = aws(SHARED, "sqs", region)
    url = sqs.get_queue_url(QueueName="rackspace-support")["QueueUrl"]
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert "from Cape Town" in message["Body"]


def test_on_a_bucket_that_we_did_not_make_our_rule_covers_the_log_prefix_only(onboarded: Onboarded) -> None:
    """B4, G9."""
    after = onboarded.after["opt-in"]
    ours = [what for at, what in after.items() if at[:3] == ("bucket", OPT_IN_BUCKET, "lifecycle")]
    rule = next(rule for rule in ours if rule["ID"] != "customer-archive")
    assert rule["Filter"] == {"Prefix": f"AWSLogs/{ACCOUNTS['opt-in']}/"}
    assert rule["Expiration"] == {"Days": 365}


def test_on_a_bucket_that_we_did_not_make_ownership_and_access_block_are_not_written(onboarded: Onboarded) -> None:
    """G9."""
    calls = [c for c in onboarded.ran.writes(ACCOUNTS["opt-in"]) if c["resource"] == f"arn:aws:s3:::{OPT_IN_BUCKET}"]
    operations = {call["operation"] for call in calls} - {"PutBucketEncryption"}
    assert operations == {"PutBucketVersioning", "PutBucketLifecycleConfiguration", "PutBucketPolicy"}


def test_a_region_that_a_service_control_policy_denies_is_skipped_and_the_others_are_not(onboarded: Onboarded) -> None:
    """Design, states of a target."""
    result = onboarded.ran.of("region-denied")
    skipped = [row for row in result["targets"] if row["state"] == "skipped" and row["region"] == "sa-east-1"]
    assert {row["region"] for row in result["targets"] if row["state"] not in ("compliant", "skipped")} == set()
    assert len(skipped) == 8
    assert all("service control policy" in row["reason"] for row in skipped)
    assert onboarded.ran.written(ACCOUNTS["region-denied"])["CreateTrail"] == 16


@pytest.mark.parametrize(
    ("default", "region", "trusts"),
    [
        ("config_role", "global", "ec2.amazonaws.com"),
        ("cloudhealth_role", "global", "999999999999"),
        ("support_topic", "us-east-1", "999999999999"),
    ],
)
def test_a_look_alike_is_reported_as_foreign(onboarded: Onboarded, default: str, region: str, trusts: str) -> None:
    """G9: with what it is known by, and the way to take it over."""
    row = onboarded.ran.rows("look-alikes")[default, region]
    assert (row["state"], row["changed"]) == ("foreign", False)
    assert trusts in row["reason"]
    assert "account_adopt" in row["reason"]
    assert f"{{{default}: <reason>}}" in row["reason"]


def test_what_needs_a_foreign_resource_is_not_made_and_says_why(onboarded: Onboarded) -> None:
    rows = onboarded.ran.rows("look-alikes")
    reasons = {rows["recorder", region]["reason"] for region in DEFAULT_REGIONS}
    assert reasons == {"needs config_role, which is foreign"}
    assert "PutConfigurationRecorder" not in onboarded.ran.written(ACCOUNTS["look-alikes"])


def test_a_stricter_password_policy_is_not_touched(onboarded: Onboarded) -> None:
    """B2, G9."""
    assert onboarded.ran.rows("look-alikes")["password_policy", "global"]["state"] == "compliant"
    assert "UpdateAccountPasswordPolicy" not in onboarded.ran.written(ACCOUNTS["look-alikes"])


def test_a_look_alike_makes_the_run_fail_unless_it_is_told_otherwise(
    controller: Controller, onboarded: Onboarded
) -> None:
    """G5: account_defaults_fail_on_foreign is true by default; the demo sets it to false."""
    override = controller.overrides(look_alikes={"account_defaults_fail_on_foreign": True})
    ran = controller.onboard("--limit", "look-alikes", "--check", inventories=[DEMO, override])
    assert ran.status != 0
    assert ran.account("look-alikes")["outcome"] == "failed"
    for name in ("AWSConfig", "CloudHealth-Role", "rackspace-support"):
        assert name in ran.of("look-alikes")["msg"]


def test_look_alikes_are_taken_over_by_name(adopted: Ran) -> None:
    """G9."""
    assert adopted.status == 0, adopted.output
    changed = {row["default"] for row in adopted.of("look-alikes")["targets"] if row["changed"]}
    assert changed == {*ADOPTED, "recorder"}
    assert adopted.states("look-alikes") == {"compliant": 144}


def test_adoption_replaces_the_trust_and_keeps_what_else_the_role_had(adopted: Ran, aws: Aws) -> None:
    """G9: the trust policy is owned whole, other people's permissions are a finding."""
    iam = aws(ACCOUNTS["look-alikes"], "iam")
    for role, service, kept in (
        ("AWSConfig", "config.amazonaws.com", "ReadOnlyAccess"),
        ("CloudHealth-Role", "arn:aws:iam::454464851268:root", "SecurityAudit"),
    ):
        trust = str(iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"])
        assert service in trust
        assert "ec2.amazonaws.com" not in trust
        assert "999999999999" not in trust
        attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        assert kept in {policy["PolicyName"] for policy in attached}
    row = adopted.rows("look-alikes")["config_role", "global"]
    assert any("ReadOnlyAccess" in finding for finding in row["findings"])


def test_on_an_adopted_topic_other_peoples_subscription_stays(adopted: Ran, aws: Aws) -> None:
    """G9."""
    topic = f"arn:aws:sns:us-east-1:{ACCOUNTS['look-alikes']}:rackspace-support"
    found = aws(ACCOUNTS["look-alikes"], "sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    endpoints = {one["Endpoint"]: one["SubscriptionArn"] for one in found}
    assert set(endpoints) == {
        "arn:aws:sqs:us-east-1:999999999999:tickets",
        f"arn:aws:sqs:us-east-1:{SHARED}:rackspace-support",
    }
    assert all(arn.startswith("arn:") for arn in endpoints.values())


def test_on_an_adopted_topic_other_peoples_statements_stay(adopted: Ran, onboarded: Onboarded, aws: Aws) -> None:
    """G9."""
    topic = f"arn:aws:sns:us-east-1:{ACCOUNTS['look-alikes']}:rackspace-support"
    before = json.loads(onboarded.before["look-alikes"]["us-east-1", "topic", topic]["Policy"])["Statement"]
    attributes = aws(ACCOUNTS["look-alikes"], "sns").get_topic_attributes(TopicArn=topic)["Attributes"]
    after = json.loads(attributes["Policy"])["Statement"]
    assert before
    assert all(statement in after for statement in before)
    assert {"RackspacePublish", "RackspaceSubscribe"} <= {statement.get("Sid") for statement in after}


def test_a_run_after_the_adoption_changes_nothing(controller: Controller, adopted: Ran) -> None:
    """G2: also without the adoption, now that the tag says whose they are."""
    again = controller.onboard("--limit", ",".join(ACCOUNTS))
    assert again.status == 0, again.output
    assert again.written() == {}
    assert again.report["totals"]["unchanged"] == 6
    assert again.states("look-alikes") == {"compliant": 144}


def findings(rows: dict[Any, Any]) -> list[str]:
    """Return every finding of a result."""
    return [finding for row in rows.values() for finding in row.get("findings", ())]


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("own-trail", "company-audit (multi-region, home region eu-west-1) logs to own-trail-company-audit"),
        ("look-alikes", "role AWSConfig also has policy arn:aws:iam::aws:policy/ReadOnlyAccess, which is not ours"),
    ],
)
def test_what_onboarding_does_not_change_is_a_finding_of_the_summary(
    onboarded: Onboarded, host: str, told: str
) -> None:
    """B8, G9."""
    assert any(told in finding for finding in findings(onboarded.ran.rows(host)))
    assert told in onboarded.ran.text
