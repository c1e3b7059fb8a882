# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What was weakened, stopped or taken away is put right by a run that writes only that; what runs must be allowed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.catalogue import ACCOUNT_DEFAULTS
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.shared_queues import PROVIDER_SIDE
from tests.integration.onboarding.controller import DEMO, MANAGEMENT, PLAIN, SHARED, Aws, Controller, Ran

HOST = "app1-prod"
UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
LOGS, OURS = f"{UUID}-logs", f"rackspace-{UUID}"
REGIONS = ["eu-west-1", "us-east-1", "us-west-2"]
CUSTOMER_RULE = {
    "ID": "customers",
    "Status": "Enabled",
    "Filter": {"Prefix": "archive/"},
    "Expiration": {"Days": 30},
}


def topic(name: str, region: str) -> str:
    return f"arn:aws:sns:{region}:{PLAIN}:rackspace-{name}"


CUSTOMER_STATEMENT = {
    "Sid": "CustomersOwn",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{PLAIN}:root"},
    "Action": "sns:Publish",
    "Resource": topic("support", "eu-west-1"),
}
STRANGER = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999999999999:root"}, "Action": "sts:AssumeRole"}


def document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@dataclass
class Runs:
    shared: Ran
    first: Ran
    predicted: Ran
    repair: Ran
    after: Ran

    def all(self) -> list[Ran]:
        return [self.shared, self.first, self.predicted, self.repair, self.after]


@pytest.fixture(scope="module")
def runs(controller: Controller, aws: Aws) -> Runs:
    shared = controller.shared_services()
    inventories = [DEMO, controller.overrides(app1_prod={"account_regions": REGIONS})]

    def onboard(*arguments: str) -> Ran:
        return controller.onboard("--limit", HOST, *arguments, inventories=inventories)

    first = onboard()
    assert first.status == 0, first.output
    drift(aws)
    controller.forget_credentials()  # or the run would come in by the role whose trust is gone
    return Runs(shared, first, predicted=onboard("--check"), repair=onboard(), after=onboard())


def drift(aws: Aws) -> None:
    """What people do to an account in the course of time."""
    iam = aws(PLAIN, "iam")
    kept = {"MaxPasswordAge": 90, "HardExpiry": True, "AllowUsersToChangePassword": True}
    iam.update_account_password_policy(MinimumPasswordLength=8, PasswordReusePrevention=24, RequireNumbers=True, **kept)
    for role in ("Rackspace", "CloudHealth-Role"):
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=document(STRANGER))
    aws(PLAIN, "cloudtrail", "eu-west-1").stop_logging(Name="rackspace-cloudtrail")
    aws(PLAIN, "config", "us-west-2").stop_configuration_recorder(ConfigurationRecorderName="default")
    aws(PLAIN, "sns", "us-east-1").delete_topic(TopicArn=topic("support-urgent", "us-east-1"))
    aws(PLAIN, "sns", "eu-west-1").set_topic_attributes(
        TopicArn=topic("support", "eu-west-1"), AttributeName="Policy", AttributeValue=document(CUSTOMER_STATEMENT)
    )
    sns = aws(SHARED, "sns", "us-west-2")
    (subscription,) = [
        one["SubscriptionArn"]
        for one in sns.list_subscriptions()["Subscriptions"]
        if one["TopicArn"] == topic("support-standard", "us-west-2")
    ]
    sns.unsubscribe(SubscriptionArn=subscription)
    s3 = aws(PLAIN, "s3", "us-west-2")
    s3.put_bucket_lifecycle_configuration(Bucket=LOGS, LifecycleConfiguration={"Rules": [CUSTOMER_RULE]})
    s3.delete_public_access_block(Bucket=OURS)
    s3.put_bucket_versioning(Bucket=OURS, VersioningConfiguration={"Status": "Suspended"})
    events = aws(PLAIN, "events")
    events.disable_rule(Name="rackspace-dispatcher")
    (target,) = events.list_targets_by_rule(Rule="rackspace-dispatcher")["Targets"]
    events.remove_targets(Rule="rackspace-dispatcher", Ids=[target["Id"]])


DRIFTED = {
    ("rackspace_role", "global"),
    ("password_policy", "global"),
    ("cloudhealth_role", "global"),
    ("logs_bucket", "us-west-2"),
    ("rackspace_bucket", "us-west-2"),
    ("support_topic", "eu-west-1"),
    ("support_standard_topic", "us-west-2"),
    ("support_urgent_topic", "us-east-1"),
    ("trail", "eu-west-1"),
    ("recorder", "us-west-2"),
    ("dispatcher_rule", "us-east-1"),
}


def test_check_mode_finds_all_drift_and_nothing_else(runs: Runs) -> None:
    """G1."""
    rows = runs.predicted.rows(HOST)
    assert {at for at, row in rows.items() if row["state"] == "drifted"} == DRIFTED
    assert {row["state"] for at, row in rows.items() if at not in DRIFTED} == {"compliant"}
    assert runs.predicted.written() == {}


def test_one_run_repairs_all_drift(runs: Runs) -> None:
    assert runs.repair.status == 0, runs.repair.output
    rows = runs.repair.rows(HOST)
    assert {at for at, row in rows.items() if row["changed"]} == DRIFTED
    assert {row["state"] for row in rows.values()} == {"compliant"}


def test_check_mode_predicts_the_repair(runs: Runs) -> None:
    """G1."""
    told = [{at: (r["before"], r["after"]) for at, r in ran.rows(HOST).items() if r["changed"]} for ran in
            (runs.predicted, runs.repair)]  # fmt: skip
    assert told[0] == told[1]


def test_the_repair_writes_only_what_drifted(runs: Runs) -> None:
    """G2."""
    assert runs.repair.written(PLAIN) == {
        "UpdateAccountPasswordPolicy": 1,
        "UpdateAssumeRolePolicy": 2,
        "StartLogging": 1,
        "StartConfigurationRecorder": 1,
        "CreateTopic": 1,
        "SetTopicAttributes": 1,
        "PutBucketLifecycleConfiguration": 1,
        "PutPublicAccessBlock": 1,
        "PutBucketVersioning": 1,
        "PutRule": 1,
        "PutTargets": 1,
    }
    assert runs.repair.written(SHARED) == {"Subscribe": 2}


def test_a_run_after_the_repair_changes_nothing(runs: Runs) -> None:
    """G2."""
    assert (runs.after.status, runs.after.written()) == (0, {})


@pytest.fixture(scope="module")
def repaired(runs: Runs, aws: Aws) -> Aws:
    assert runs.repair.status == 0, runs.repair.output
    return aws


def test_a_weakened_password_policy_is_repaired_and_its_stricter_fields_stay(repaired: Aws) -> None:
    """B2, G9."""
    policy = repaired(PLAIN, "iam").get_account_password_policy()["PasswordPolicy"]
    assert (policy["MinimumPasswordLength"], policy["PasswordReusePrevention"]) == (12, 24)
    assert policy["RequireSymbols"]
    assert policy["RequireUppercaseCharacters"]
    assert (policy["MaxPasswordAge"], policy["HardExpiry"], policy["AllowUsersToChangePassword"]) == (90, True, True)


def test_a_changed_trust_policy_is_put_right(repaired: Aws) -> None:
    """B1, B3: tampering with CloudHealth's role can cause overbilling."""
    for role, account in (("Rackspace", SHARED), ("CloudHealth-Role", "454464851268")):
        trust = json.dumps(repaired(PLAIN, "iam").get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"])
        assert account in trust
        assert "999999999999" not in trust


def test_the_run_comes_in_by_the_next_role_where_the_first_does_not_let_it(runs: Runs) -> None:
    """Design, credentials."""
    assert runs.repair.of(HOST)["account"]["access_role"] == "OrganizationAccountAccessRole"
    assert runs.after.of(HOST)["account"]["access_role"] == "Rackspace"


def test_a_trail_that_was_stopped_logs_again(repaired: Aws) -> None:
    """B6."""
    assert repaired(PLAIN, "cloudtrail", "eu-west-1").get_trail_status(Name="rackspace-cloudtrail")["IsLogging"]


def test_a_recorder_that_was_stopped_records_again(repaired: Aws) -> None:
    """B10."""
    (status,) = repaired(PLAIN, "config", "us-west-2").describe_configuration_recorder_status()[
        "ConfigurationRecordersStatus"
    ]
    assert status["recording"] is True


@pytest.mark.parametrize(
    ("name", "region"), [("support-urgent", "us-east-1"), ("support-standard", "us-west-2"), ("support", "eu-west-1")]
)
def test_a_topic_is_subscribed_again(repaired: Aws, name: str, region: str) -> None:
    """B13."""
    sns = repaired(PLAIN, "sns", region)
    (one,) = sns.list_subscriptions_by_topic(TopicArn=topic(name, region))["Subscriptions"]
    assert one["Endpoint"] == f"arn:aws:sqs:{region}:{SHARED}:rackspace-support"
    assert one["SubscriptionArn"].startswith("arn:")


def test_a_lifecycle_rule_that_was_removed_is_back_beside_the_customers(repaired: Aws) -> None:
    """B4, G9."""
    rules = repaired(PLAIN, "s3", "us-west-2").get_bucket_lifecycle_configuration(Bucket=LOGS)["Rules"]
    assert CUSTOMER_RULE in rules
    (ours,) = [rule for rule in rules if rule["ID"] != "customers"]
    assert (ours["Expiration"], ours["Filter"]) == ({"Days": 365}, {"Prefix": ""})


def test_a_topic_policy_that_was_replaced_has_ours_beside_the_customers_statement(repaired: Aws) -> None:
    """B13, G9."""
    arn = topic("support", "eu-west-1")
    policy = repaired(PLAIN, "sns", "eu-west-1").get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]
    found = {statement["Sid"]: statement for statement in json.loads(policy)["Statement"]}
    assert found["CustomersOwn"] == CUSTOMER_STATEMENT
    assert len(found) == 3


def test_a_bucket_is_versioned_and_closed_again(repaired: Aws) -> None:
    """B5."""
    s3 = repaired(PLAIN, "s3", "us-west-2")
    assert s3.get_bucket_versioning(Bucket=OURS)["Status"] == "Enabled"
    assert set(s3.get_public_access_block(Bucket=OURS)["PublicAccessBlockConfiguration"].values()) == {True}


def test_a_rule_that_was_disabled_and_emptied_is_enabled_with_its_target(repaired: Aws) -> None:
    """B15."""
    events = repaired(PLAIN, "events")
    assert events.describe_rule(Name="rackspace-dispatcher")["State"] == "ENABLED"
    (target,) = events.list_targets_by_rule(Rule="rackspace-dispatcher")["Targets"]
    assert target["Arn"].startswith(f"arn:aws:sqs:us-east-1:{SHARED}:")


# The IAM actions of S3 that are not called like their operations; Service Authorization Reference, Amazon S3.
S3_ACTIONS = {
    "HeadBucket": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}
EVERY_RUN = {"account:ListRegions", "ec2:DescribeRegions"}
#: declared and called by none of these runs, with the reason
EXPLAINED = {
    "ec2:DescribeRegions": "only where account:ListRegions is denied",
    "iam:PassRole": "asked for by PutConfigurationRecorder and PutTargets",
    "iam:TagRole": "asked for by CreateRole with tags",
    "iam:TagPolicy": "asked for by CreatePolicy with tags",
    "iam:ListPolicyVersions": "where the dispatcher's policy has changed",
    "iam:CreatePolicyVersion": "where the dispatcher's policy has changed",
    "iam:DeletePolicyVersion": "where the dispatcher's policy has five versions",
    "cloudtrail:AddTags": "asked for by CreateTrail with tags",
    "cloudtrail:ListTags": "where a trail of our name logs to another bucket",
    "cloudtrail:UpdateTrail": "where a trail of ours is set otherwise",
    "cloudtrail:PutEventSelectors": "where a trail of ours was told to record less",
    "cloudtrail:GetEventSelectors": "where a trail of somebody else covers the region",
    "config:TagResource": "asked for by PutConfigurationRecorder with tags",
    "events:TagResource": "asked for by PutRule with tags",
    "events:ListTagsForResource": "where a rule of our name has other targets",
    "s3:ListBucketVersions": "where a bucket of our name has no tags, rules or policy",
    "sns:TagResource": "asked for by CreateTopic with tags",
    "sns:ListTagsForResource": "where a topic names somebody else",
    "sns:Subscribe": "in the account only where it subscribes itself (provider_subscription_owner)",
    "sqs:TagQueue": "asked for by CreateQueue with tags",
    "sqs:SetQueueAttributes": "where accounts have joined or left",
    "events:DescribeEventBus": "where the dispatcher's target is an event bus",
    "events:CreateEventBus": "where the dispatcher's target is an event bus",
    "events:PutPermission": "where the dispatcher's target is an event bus",
}


def actions(calls: list[dict[str, Any]]) -> set[str]:
    """Return the IAM actions of calls; who one is needs no permission, and AssumeRole is asked for elsewhere."""
    found = {(call["service"], call["operation"]) for call in calls if call["service"] != "sts"}
    return {f"{service}:{S3_ACTIONS.get(name, name) if service == 's3' else name}" for service, name in found}


def test_runs_call_nothing_in_the_account_that_is_not_declared(runs: Runs) -> None:
    """G8."""
    declared = EVERY_RUN.union(*(default.permissions for default in ACCOUNT_DEFAULTS))
    called = actions([call for ran in runs.all() for call in ran.calls(PLAIN)])
    assert len(called) > 40
    assert called - declared == set()


def test_onboarding_calls_nothing_in_the_shared_account_that_is_not_declared(runs: Runs) -> None:
    """G8."""
    declared = set[str]().union(*(default.provider_permissions for default in ACCOUNT_DEFAULTS))
    called = actions([call for ran in runs.all()[1:] for call in ran.calls(SHARED)])
    assert called
    assert called - declared == set()


def test_shared_services_calls_nothing_that_is_not_declared(runs: Runs) -> None:
    """G8."""
    declared = EVERY_RUN.union(*(default.permissions for default in PROVIDER_SIDE))
    called = actions(runs.shared.calls(SHARED))
    assert len(called) > 3
    assert called - declared == set()


def test_the_management_account_is_only_passed_through(runs: Runs) -> None:
    """G8."""
    called = {call["operation"] for ran in runs.all() for call in ran.calls(MANAGEMENT)}
    assert called == {"AssumeRole", "GetCallerIdentity"}


def test_each_default_declares_only_what_runs_call_or_what_is_explained(runs: Runs) -> None:
    """G8: minimal."""
    called = {
        "permissions": actions([call for ran in runs.all() for call in ran.calls(PLAIN)]),
        "provider_permissions": actions([call for ran in runs.all()[1:] for call in ran.calls(SHARED)]),
    }
    for attribute, found in called.items():
        declared = EVERY_RUN.union(*(getattr(default, attribute) for default in ACCOUNT_DEFAULTS))
        assert declared - found - set(EXPLAINED) - EVERY_RUN == set(), attribute
    side = set[str]().union(*(default.permissions for default in PROVIDER_SIDE))
    assert side - actions(runs.shared.calls(SHARED)) - set(EXPLAINED) == set()


def test_every_explanation_is_of_something_declared() -> None:
    """G8: the list above does not outlive what it explains."""
    every = (*ACCOUNT_DEFAULTS, *PROVIDER_SIDE)
    declared = EVERY_RUN.union(*(default.permissions + default.provider_permissions for default in every))
    assert set(EXPLAINED) - declared == set()
