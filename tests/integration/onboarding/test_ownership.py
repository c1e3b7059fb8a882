# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Resources of our names that a customer made: none is provably ours, so none is written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.onboarding.belongings import Belongings, belongings, lost_or_changed
from tests.integration.onboarding.controller import PLAIN, SHARED, Aws, Controller, Ran

UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
REGIONS = ["eu-west-1", "us-east-1", "us-west-2"]
#: default and region -> what the reason must name
FOREIGN = {
    ("rackspace_role", "global"): "multifactorauthpresent",
    ("dispatcher_role", "global"): "policy rackspace-dispatcher exists and differs",
    ("logs_bucket", "us-west-2"): "exists in eu-west-1, not in us-west-2",
    ("support_urgent_topic", "us-east-1"): "nothing in it names the provider",
    ("support_topic", "us-west-2"): "arn:aws:sqs:us-west-2:999999999999:tickets",
    ("dispatcher_rule", "us-east-1"): "another pattern",
    ("trail", "eu-west-1"): "logs to customers-own-logs",
}


def document(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def make(aws: Aws) -> None:
    """Make what only looks like ours."""
    iam, s3 = aws(PLAIN, "iam"), aws(PLAIN, "s3", "eu-west-1")
    provider = {"AWS": f"arn:aws:iam::{SHARED}:root"}
    stricter = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    trust = document(Principal=provider, Action="sts:AssumeRole", Condition=stricter)
    iam.create_role(RoleName="Rackspace", AssumeRolePolicyDocument=trust)
    iam.create_policy(PolicyName="rackspace-dispatcher", PolicyDocument=document(Action="s3:*", Resource="*"))
    for bucket in (f"{UUID}-logs", "customers-own-logs"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        cloudtrail = {"Service": "cloudtrail.amazonaws.com"}
        whole = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
        policy = document(Principal=cloudtrail, Action=["s3:GetBucketAcl", "s3:PutObject"], Resource=whole)
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    aws(PLAIN, "sns").create_topic(Name="rackspace-support-urgent")
    sns = aws(PLAIN, "sns", "us-west-2")
    topic = sns.create_topic(Name="rackspace-support")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-west-2:999999999999:tickets")
    pattern = json.dumps({"source": ["aws.ec2"]})
    aws(PLAIN, "events").put_rule(Name="rackspace-dispatcher", EventPattern=pattern)
    cloudtrail = aws(PLAIN, "cloudtrail", "eu-west-1")
    cloudtrail.create_trail(Name="rackspace-cloudtrail", S3BucketName="customers-own-logs")


@dataclass
class Onboarded:
    ran: Ran
    before: Belongings
    after: Belongings


@pytest.fixture(scope="module")
def onboarded(controller: Controller, aws: Aws) -> Onboarded:
    record = {"account_id": PLAIN, "account_uuid": UUID, "account_regions": REGIONS}
    inventory = controller.inventory({"plain": record}, account_defaults_wait_timeout=5)
    controller.shared_services("-e", json.dumps({"shared_services_regions": REGIONS}), inventories=[inventory])
    make(aws)
    before = belongings(aws, PLAIN, REGIONS)
    ran = controller.onboard(inventories=[inventory])
    return Onboarded(ran, before, belongings(aws, PLAIN, REGIONS))


@pytest.mark.parametrize("at", FOREIGN, ids=lambda at: at[0])
def test_what_is_not_provably_ours_is_foreign_and_the_reason_says_why(
    onboarded: Onboarded, at: tuple[str, str]
) -> None:
    """G9."""
    row = onboarded.ran.rows("plain")[at]
    assert (row["state"], row["changed"]) == ("foreign", False)
    assert FOREIGN[at] in row["reason"]


def test_nothing_of_it_is_changed(onboarded: Onboarded) -> None:
    """G9."""
    assert len(onboarded.before) > 20
    assert lost_or_changed(onboarded.before, onboarded.after) == {}


def test_the_run_says_that_it_is_not_done_and_names_each_of_them(onboarded: Onboarded) -> None:
    """G5."""
    assert onboarded.ran.status != 0
    assert all(default in onboarded.ran.of("plain")["msg"] for default, _ in FOREIGN)


def test_what_is_not_in_the_way_is_done_all_the_same(onboarded: Onboarded) -> None:
    """G5."""
    rows = onboarded.ran.rows("plain")
    for at in (("password_policy", "global"), ("rackspace_bucket", "us-west-2"), ("support_urgent_topic", "eu-west-1")):
        assert (rows[at]["state"], rows[at]["changed"]) == ("compliant", True)
