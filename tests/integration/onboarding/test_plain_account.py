# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A plain account with 17 regions: predicted, onboarded, and onboarded once more."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase as fnmatch
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.onboarding.controller import (
    DEFAULT_REGIONS,
    MANAGEMENT,
    PLAIN,
    PLAYBOOKS,
    SHARED,
    TOPICS,
    Aws,
    Controller,
    Ran,
    as_list,
    statements,
)

HOST = "app1-prod"
UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
EXTERNAL_ID = "demo-f3b0c2a49d17"
LOGS, OURS = f"{UUID}-logs", f"rackspace-{UUID}"
BUCKETS = pytest.mark.parametrize("bucket", [LOGS, OURS])
REGIONS = pytest.mark.parametrize("region", DEFAULT_REGIONS)


@dataclass
class Runs:
    check: Ran
    first: Ran
    second: Ran
    audit: Ran


@pytest.fixture(scope="module")
def runs(controller: Controller) -> Runs:
    controller.shared_services()
    limit = ("--limit", HOST, "--diff")
    return Runs(
        controller.onboard(*limit, "--check"),
        controller.onboard(*limit),
        controller.onboard(*limit),
        controller.play(PLAYBOOKS / "audit.yml", *limit),
    )


@pytest.fixture(scope="module")
def onboarded(runs: Runs, aws: Aws) -> Aws:
    assert runs.first.status == 0, runs.first.output
    return aws


def test_every_run_succeeds(runs: Runs) -> None:
    assert [runs.check.status, runs.first.status, runs.second.status, runs.audit.status] == [0, 0, 0, 0]


def test_check_mode_makes_no_write_call(runs: Runs) -> None:
    """G1."""
    assert runs.check.ledger
    assert runs.check.written() == {}


def test_check_mode_predicts_the_changes_of_the_real_run(runs: Runs) -> None:
    """G1."""

    def changes(ran: Ran) -> dict[Any, Any]:
        return {at: (row["before"], row["after"]) for at, row in ran.rows(HOST).items() if row["changed"]}

    assert len(changes(runs.first)) == 144
    assert changes(runs.check) == changes(runs.first)


def test_the_diff_of_check_mode_is_that_of_the_real_run(runs: Runs) -> None:
    """G1."""
    assert len(runs.first.of(HOST)["diff"]) == 144
    assert runs.check.of(HOST)["diff"] == runs.first.of(HOST)["diff"]


def test_the_report_of_check_mode_is_that_of_the_real_run(runs: Runs) -> None:
    """G1: by the file that other programs read."""
    check, first = runs.check.account(HOST), runs.first.account(HOST)
    assert (runs.check.report["check_mode"], runs.first.report["check_mode"]) == (True, False)
    assert check["counts"] == first["counts"]
    named = [{(group["default"], *group["regions"]) for group in one["groups"]} for one in (check, first)]
    assert named[0] == named[1]


def test_the_first_run_needs_at_most_750_calls(runs: Runs) -> None:
    assert 144 < len(runs.first.ledger) <= 750


def test_the_second_run_needs_at_most_450_calls(runs: Runs) -> None:
    assert 0 < len(runs.second.ledger) <= 450


def test_an_audit_needs_at_most_450_calls_and_writes_nothing(runs: Runs) -> None:
    """G7: for an account with 17 regions."""
    assert runs.audit.states(HOST, "Compare the account with the account defaults") == {"compliant": 144}
    assert 144 < len(runs.audit.ledger) <= 450
    assert runs.audit.written() == {}


def test_the_second_run_makes_no_write_call(runs: Runs) -> None:
    """G2."""
    assert runs.second.written() == {}


def test_the_second_run_says_that_nothing_changed(runs: Runs) -> None:
    """G2."""
    assert runs.second.of(HOST)["changed"] is False
    assert runs.second.states(HOST) == {"compliant": 144}
    assert runs.second.of(HOST)["diff"] == []
    assert runs.second.report["totals"] == {"accounts": 1, "failed": 0, "changed": 0, "unchanged": 1}
    assert "0 failed, 0 changed, 1 unchanged" in runs.second.text
    assert "changed=0" in runs.second.output
    assert "changed=1" in runs.first.output


def test_the_calls_that_a_result_counts_are_those_of_the_ledger(runs: Runs) -> None:
    for ran in (runs.check, runs.first, runs.second):
        assert ran.of(HOST)["api_calls"] == len(ran.ledger)


def test_a_run_works_in_no_other_account_than_its_own_and_the_providers(runs: Runs) -> None:
    """G3."""
    assert {call["account"] for call in runs.first.writes()} == {PLAIN, SHARED}
    assert {call["operation"] for call in runs.first.writes(SHARED)} == {"Subscribe"}


def test_the_identity_of_each_session_is_checked_before_its_first_write(runs: Runs) -> None:
    """G3."""
    for account in (PLAIN, SHARED):
        operations = [call["operation"] for call in runs.first.calls(account)]
        first_write = next(n for n, call in enumerate(runs.first.calls(account)) if call["kind"] == "write")
        assert "GetCallerIdentity" in operations[:first_write]


def test_the_provider_can_assume_the_role_with_the_external_id(onboarded: Aws) -> None:
    """B1."""
    role = f"arn:aws:iam::{PLAIN}:role/Rackspace"
    session = onboarded.assume(onboarded.session(SHARED), role, ExternalId=EXTERNAL_ID)
    assert onboarded.client(session, "sts", "us-east-1").get_caller_identity()["Account"] == PLAIN


@pytest.mark.parametrize(
    ("account", "arguments"),
    [(SHARED, {}), (SHARED, {"ExternalId": "another"}), ("222222222222", {"ExternalId": EXTERNAL_ID})],
)
def test_nobody_else_can_assume_the_role(onboarded: Aws, account: str, arguments: dict[str, str]) -> None:
    """B1."""
    with pytest.raises(ClientError, match="AccessDenied"):
        onboarded.assume(onboarded.session(account), f"arn:aws:iam::{PLAIN}:role/Rackspace", **arguments)


def test_the_role_has_the_permissions_that_the_provider_works_with(onboarded: Aws) -> None:
    """B1."""
    iam = onboarded(PLAIN, "iam")
    attached = iam.list_attached_role_policies(RoleName="Rackspace")["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == ["arn:aws:iam::aws:policy/AdministratorAccess"]
    assert iam.list_role_policies(RoleName="Rackspace")["PolicyNames"] == []


def test_the_password_policy_is_the_guides(onboarded: Aws) -> None:
    """B2; by the AWS CLI."""
    policy = onboarded.cli(PLAIN, "us-east-1", "iam", "get-account-password-policy")["PasswordPolicy"]
    assert policy["MinimumPasswordLength"] == 12
    assert policy["PasswordReusePrevention"] == 24
    assert all(
        policy[f"Require{kind}"] for kind in ("UppercaseCharacters", "LowercaseCharacters", "Numbers", "Symbols")
    )


def test_cloudhealth_is_trusted_with_the_tenants_external_id_and_policy(onboarded: Aws) -> None:
    """B3."""
    iam = onboarded(PLAIN, "iam")
    (trust,) = statements(iam.get_role(RoleName="CloudHealth-Role")["Role"]["AssumeRolePolicyDocument"])
    assert trust["Principal"] == {"AWS": ["arn:aws:iam::454464851268:root"]}
    assert trust["Condition"] == {"StringEquals": {"sts:ExternalId": ["demo-cloudhealth-5e21"]}}
    (name,) = iam.list_role_policies(RoleName="CloudHealth-Role")["PolicyNames"]
    (allowed,) = statements(iam.get_role_policy(RoleName="CloudHealth-Role", PolicyName=name)["PolicyDocument"])
    assert "ec2:Describe*" in allowed["Action"]
    assert iam.list_attached_role_policies(RoleName="CloudHealth-Role")["AttachedPolicies"] == []


@BUCKETS
def test_a_bucket_is_in_us_west_2_and_versioned(onboarded: Aws, bucket: str) -> None:
    """B4, B5."""
    s3 = onboarded(PLAIN, "s3", "us-west-2")
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] == "us-west-2"
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"


@BUCKETS
def test_a_bucket_expires_objects_after_365_and_deleted_ones_after_90_days(onboarded: Aws, bucket: str) -> None:
    """B4, B5; by the AWS CLI."""
    found = onboarded.cli(PLAIN, "us-west-2", "s3api", "get-bucket-lifecycle-configuration", "--bucket", bucket)
    (rule,) = found["Rules"]
    assert rule["Status"] == "Enabled"
    assert rule["Filter"] == {"Prefix": ""}
    assert rule["Expiration"] == {"Days": 365}
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}


@BUCKETS
def test_a_bucket_is_closed_to_the_public_encrypted_and_its_owners(onboarded: Aws, bucket: str) -> None:
    """B4, B5."""
    s3 = onboarded(PLAIN, "s3", "us-west-2")
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}
    assert len(block) == 4
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    (owner,) = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert owner["ObjectOwnership"] == "BucketOwnerEnforced"


@BUCKETS
def test_a_bucket_refuses_what_does_not_come_over_tls(onboarded: Aws, bucket: str) -> None:
    """B4, B5."""
    s3 = onboarded(PLAIN, "s3", "us-west-2")
    (deny,) = [s for s in statements(s3.get_bucket_policy(Bucket=bucket)["Policy"]) if s["Effect"] == "Deny"]
    assert deny["Principal"] == {"AWS": ["*"]}
    assert deny["Action"] == ["s3:*"]
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert sorted(deny["Resource"]) == [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]


def test_the_logs_bucket_admits_cloudtrail_and_config_of_this_account_and_nobody_else(onboarded: Aws) -> None:
    """B4."""
    policy = onboarded(PLAIN, "s3", "us-west-2").get_bucket_policy(Bucket=LOGS)["Policy"]
    allowed = [s for s in statements(policy) if s["Effect"] == "Allow"]
    granted = {(service, action) for s in allowed for service in s["Principal"]["Service"] for action in s["Action"]}
    assert granted == {
        ("cloudtrail.amazonaws.com", "s3:GetBucketAcl"),
        ("cloudtrail.amazonaws.com", "s3:PutObject"),
        ("config.amazonaws.com", "s3:GetBucketAcl"),
        ("config.amazonaws.com", "s3:ListBucket"),
        ("config.amazonaws.com", "s3:PutObject"),
    }
    for statement in allowed:
        assert list(statement["Principal"]) == ["Service"]
        assert PLAIN in json.dumps(statement["Condition"])
        if statement["Action"] == ["s3:PutObject"]:
            assert statement["Resource"] == [f"arn:aws:s3:::{LOGS}/AWSLogs/{PLAIN}/*"]
            assert statement["Condition"]["StringEquals"]["s3:x-amz-acl"] == "bucket-owner-full-control"


def test_the_providers_bucket_admits_nobody(onboarded: Aws) -> None:
    """B5."""
    policy = onboarded(PLAIN, "s3", "us-west-2").get_bucket_policy(Bucket=OURS)["Policy"]
    assert [s["Effect"] for s in statements(policy)] == ["Deny"]


@REGIONS
def test_six_topics_are_in_a_region_and_none_beside_them(onboarded: Aws, region: str) -> None:
    """B7, B11, B13."""
    found = onboarded(PLAIN, "sns", region).list_topics()["Topics"]
    assert {topic["TopicArn"].split(":")[-1] for topic in found} == set(TOPICS)


@REGIONS
def test_no_topic_of_a_region_opens_to_the_world(onboarded: Aws, region: str) -> None:
    """B7, B11, B13: services for this account's own resources, and the provider's subscription of its queue."""
    sns = onboarded(PLAIN, "sns", region)
    publishers = {"rackspace-cloudtrail": "cloudtrail", "rackspace-awsconfig": "config"}
    for name, queue in TOPICS.items():
        arn = f"arn:aws:sns:{region}:{PLAIN}:{name}"
        policy = statements(sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"])
        by_action = {tuple(statement["Action"]): statement for statement in policy}
        assert len(policy) == len(by_action) == 2, name
        publish, subscribe = by_action["sns:Publish",], by_action["sns:Subscribe",]
        assert publish["Principal"] == {"Service": [f"{publishers.get(name, 'cloudwatch')}.amazonaws.com"]}
        assert PLAIN in json.dumps(publish["Condition"])
        assert subscribe["Principal"] == {"AWS": [f"arn:aws:iam::{SHARED}:root"]}
        endpoint = f"arn:aws:sqs:{region}:{SHARED}:{queue}"
        assert subscribe["Condition"] == {"StringEquals": {"sns:Protocol": "sqs", "sns:Endpoint": endpoint}}
        assert all(statement["Resource"] == [arn] for statement in policy)


@REGIONS
def test_each_topic_is_subscribed_once_and_confirmed_by_the_regions_queue(onboarded: Aws, region: str) -> None:
    """B7, B11, B13."""
    sns = onboarded(PLAIN, "sns", region)
    for name, queue in TOPICS.items():
        found = sns.list_subscriptions_by_topic(TopicArn=f"arn:aws:sns:{region}:{PLAIN}:{name}")["Subscriptions"]
        assert [one["Endpoint"] for one in found] == [f"arn:aws:sqs:{region}:{SHARED}:{queue}"], name
        assert found[0]["SubscriptionArn"].startswith("arn:aws:sns:"), name
        assert found[0]["Owner"] == SHARED


@REGIONS
def test_a_trail_of_the_region_logs_to_the_bucket_and_tells_the_topic(onboarded: Aws, region: str) -> None:
    """B6."""
    cloudtrail = onboarded(PLAIN, "cloudtrail", region)
    (trail,) = cloudtrail.describe_trails()["trailList"]
    assert (trail["Name"], trail["HomeRegion"]) == ("rackspace-cloudtrail", region)
    assert trail["S3BucketName"] == LOGS
    assert trail["SnsTopicARN"] == f"arn:aws:sns:{region}:{PLAIN}:rackspace-cloudtrail"
    assert trail["IsMultiRegionTrail"] is False
    assert trail["LogFileValidationEnabled"] is True
    assert trail["IncludeGlobalServiceEvents"] is (region == "us-east-1")
    assert cloudtrail.get_trail_status(Name=trail["TrailARN"])["IsLogging"] is True


@REGIONS
def test_config_records_everything_in_a_region_and_delivers_it(onboarded: Aws, region: str) -> None:
    """B10."""
    config = onboarded(PLAIN, "config", region)
    (recorder,) = config.describe_configuration_recorders()["ConfigurationRecorders"]
    assert recorder["roleARN"] == f"arn:aws:iam::{PLAIN}:role/AWSConfig"
    assert recorder["recordingGroup"]["allSupported"] is True
    assert bool(recorder["recordingGroup"].get("includeGlobalResourceTypes")) is (region == "us-east-1")
    (channel,) = config.describe_delivery_channels()["DeliveryChannels"]
    assert channel["s3BucketName"] == LOGS
    assert channel["snsTopicARN"] == f"arn:aws:sns:{region}:{PLAIN}:rackspace-awsconfig"
    (status,) = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    assert status["recording"] is True


def test_the_role_of_config_trusts_config_for_this_account_and_may_deliver(onboarded: Aws) -> None:
    """B9."""
    iam = onboarded(PLAIN, "iam")
    (trust,) = statements(iam.get_role(RoleName="AWSConfig")["Role"]["AssumeRolePolicyDocument"])
    assert trust["Principal"] == {"Service": ["config.amazonaws.com"]}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": PLAIN}}
    attached = iam.list_attached_role_policies(RoleName="AWSConfig")["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["AWS_ConfigRole"]
    (name,) = iam.list_role_policies(RoleName="AWSConfig")["PolicyNames"]
    delivery = statements(iam.get_role_policy(RoleName="AWSConfig", PolicyName=name)["PolicyDocument"])
    resources = {action: s["Resource"] for s in delivery for action in s["Action"]}
    assert resources == {
        "s3:GetBucketAcl": [f"arn:aws:s3:::{LOGS}"],
        "s3:ListBucket": [f"arn:aws:s3:::{LOGS}"],
        "s3:PutObject": [f"arn:aws:s3:::{LOGS}/AWSLogs/{PLAIN}/*"],
        "sns:Publish": [f"arn:aws:sns:*:{PLAIN}:rackspace-awsconfig"],
    }


def test_the_role_of_the_dispatcher_trusts_its_one_rule_and_may_only_deliver(onboarded: Aws) -> None:
    """B14."""
    iam = onboarded(PLAIN, "iam")
    (trust,) = statements(iam.get_role(RoleName="rackspace-dispatcher")["Role"]["AssumeRolePolicyDocument"])
    assert trust["Principal"] == {"Service": ["events.amazonaws.com"]}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": PLAIN},
        "ArnEquals": {"aws:SourceArn": f"arn:aws:events:us-east-1:{PLAIN}:rule/rackspace-dispatcher"},
    }
    attached = iam.list_attached_role_policies(RoleName="rackspace-dispatcher")["AttachedPolicies"]
    arn = f"arn:aws:iam::{PLAIN}:policy/rackspace-dispatcher"
    assert [policy["PolicyArn"] for policy in attached] == [arn]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    (allowed,) = statements(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])
    assert allowed["Action"] == ["sqs:SendMessage"]
    assert allowed["Resource"] == [f"arn:aws:sqs:us-east-1:{SHARED}:rackspace-dispatcher"]


def test_the_dispatchers_rule_catches_risk_events_of_health_and_has_one_target(onboarded: Aws) -> None:
    """B15."""
    events = onboarded(PLAIN, "events", "us-east-1")
    rule = events.describe_rule(Name="rackspace-dispatcher")
    assert json.loads(rule["EventPattern"]) == {
        "source": ["aws.health"],
        "detail-type": ["AWS Health Event"],
        "detail": {"service": ["RISK"]},
    }
    assert rule["State"] == "ENABLED"
    (target,) = events.list_targets_by_rule(Rule="rackspace-dispatcher")["Targets"]
    assert target["Arn"] == f"arn:aws:sqs:us-east-1:{SHARED}:rackspace-dispatcher"
    assert target["RoleArn"] == f"arn:aws:iam::{PLAIN}:role/rackspace-dispatcher"


def test_the_dispatchers_rule_is_in_us_east_1_only(onboarded: Aws) -> None:
    """B15."""
    found = [region for region in DEFAULT_REGIONS if onboarded(PLAIN, "events", region).list_rules()["Rules"]]
    assert found == ["us-east-1"]


@REGIONS
def test_the_shared_queues_of_a_region_admit_the_managed_accounts_topics_only(onboarded: Aws, region: str) -> None:
    """B17."""
    sqs = onboarded(SHARED, "sqs", region)
    for queue in sorted(set(TOPICS.values())):
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
        (allowed,) = statements(answer["Attributes"]["Policy"])
        assert set(allowed["Principal"]) == {"Service"}
        assert all(name.startswith("sns.") for name in allowed["Principal"]["Service"])
        assert allowed["Action"] == ["sqs:SendMessage"]
        for topic, served in TOPICS.items():
            assert admits(allowed["Condition"], f"arn:aws:sns:{region}:{PLAIN}:{topic}") is (served == queue)
        assert not admits(allowed["Condition"], f"arn:aws:sns:{region}:{MANAGEMENT}:{queue}")
        assert not admits(allowed["Condition"], f"arn:aws:sns:{region}:{PLAIN}:another")


def admits(condition: dict[str, Any], topic: str) -> bool:
    """Tell whether a queue policy's condition lets a topic through."""
    accounts = condition.get("StringEquals", {}).get("aws:SourceAccount", [topic.split(":")[4]])
    named = any(fnmatch(topic, pattern) for pattern in as_list(condition["ArnLike"]["aws:SourceArn"]))
    return named and topic.split(":")[4] in as_list(accounts)


def test_the_dispatchers_queue_admits_the_managed_accounts_dispatcher_roles_only(onboarded: Aws) -> None:
    """B17."""
    sqs = onboarded(SHARED, "sqs", "us-east-1")
    url = sqs.get_queue_url(QueueName="rackspace-dispatcher")["QueueUrl"]
    (allowed,) = statements(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"])
    assert len(allowed["Condition"]["StringEquals"]["aws:PrincipalAccount"]) == 7
    assert allowed["Condition"]["ArnLike"] == {"aws:PrincipalArn": "arn:aws:iam::*:role/rackspace-dispatcher"}


def test_what_was_made_carries_the_ownership_tag(onboarded: Aws) -> None:
    """G9: what a later run knows its own work by."""
    tag = {"Key": "ManagedBy", "Value": "rackspace.aws_accounts"}
    iam = onboarded(PLAIN, "iam")
    for role in ("Rackspace", "CloudHealth-Role", "AWSConfig", "rackspace-dispatcher"):
        assert tag in iam.list_role_tags(RoleName=role)["Tags"], role
    for bucket in (LOGS, OURS):
        assert tag in onboarded(PLAIN, "s3", "us-west-2").get_bucket_tagging(Bucket=bucket)["TagSet"]
    for name in TOPICS:
        arn = f"arn:aws:sns:eu-west-1:{PLAIN}:{name}"
        assert tag in onboarded(PLAIN, "sns", "eu-west-1").list_tags_for_resource(ResourceArn=arn)["Tags"]
