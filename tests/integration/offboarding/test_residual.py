# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Residual access against the embedded AWS: what is planted is found, nothing is written, and everything answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import botocore.loaders
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.rackspace.aws_accounts.plugins.filter.residual_lines import residual_lines
from ansible_collections.rackspace.aws_accounts.plugins.module_utils import residual_access
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Run
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.residual.scans import SCANS
from emulator.client import Emulator
from tests.integration.embedded import lead_to, seeded
from tests.integration.onboarding.controller import Aws

MANAGEMENT, SHARED, CUSTOMER = "100000000001", "100000000002", "999999999999"
DEPARTING, KEEPS, STANDALONE, LOOK_ALIKES = "811111111111", "822222222222", "833333333333", "844444444444"
ORGANIZATION = "o-rackspace01"
EXTERNAL_ID = "demo-f3b0c2a49d17"
PROVIDERS = {"organization": {"id": ORGANIZATION, "management_account_id": MANAGEMENT}}
CUSTOMERS = {
    "keep_organization": True,
    "organization": {
        "id": "o-customer01",
        "management_account_id": "820000000000",
        "management_role": "ProviderBilling",
    },
}
LOADER = botocore.loaders.create_loader()
OWN_ROLE = f"arn:aws:iam::{DEPARTING}:role/OrganizationAccountAccessRole"


@pytest.fixture(scope="module")
def offboarding(running_emulator: Emulator) -> Emulator:
    """The accounts that are to be offboarded, freshly seeded."""
    return seeded(running_emulator, "offboard")


@pytest.fixture
def emulator(offboarding: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """The embedded AWS, to which this process's clients are led."""
    lead_to(offboarding, monkeypatch)
    offboarding.reset_ledger()
    yield offboarding
    offboarding.faults([])


def scan(account: str, **options: Any) -> dict[str, Any]:
    """Return the result of the module, which has not failed."""
    given = {
        "account_id": account,
        "account_name": "app1",
        "external_id": EXTERNAL_ID,
        "provider_account_id": SHARED,
        "provider_account_ids": [MANAGEMENT, SHARED],
        "credential_cache": "",
        **options,
    }
    checked = ArgumentSpecValidator(**residual_access.ENTRY.rules).validate(given)
    assert not checked.error_messages, checked.error_messages
    result = dict(residual_access.ENTRY.outcome(checked.validated_parameters, Run(botocore_loader=LOADER)))
    assert not result.get("failed"), result
    return result


def names(result: dict[str, Any]) -> dict[tuple[str, str], list[str]]:
    """Return resource and kind -> whom it names, of everything that is to be decided."""
    return {(row["resource"], row["kind"]): row["names"] for row in result["residual"] if row["state"] == "to_decide"}


def allowing(who: str, action: str, **more: Any) -> str:
    principal = "*" if who == "*" else {"AWS": f"arn:aws:iam::{who}:root"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_whole_account_is_searched_and_nothing_is_written(emulator: Emulator) -> None:
    """E9, G5, G8: seventeen regions, every scan answered, every call counted and declared."""
    result = scan(DEPARTING, **PROVIDERS)

    assert names(result) == {(OWN_ROLE, "trust policy"): [MANAGEMENT]}
    assert result["summary"]["unknown"] == 0, residual_lines(result)
    assert len(result["account"]["regions"]) == 17
    calls = emulator.ledger()
    assert [(call["service"], call["operation"]) for call in calls if call["kind"] == "write"] == []
    assert [call for call in calls if call["status"] >= 500] == []
    assert len(calls) == result["api_calls"]

    special = {"s3:ListBuckets": "s3:ListAllMyBuckets", "apigateway:GetRestApis": "apigateway:GET"}
    prefixes = {"opensearch": "es", "efs": "elasticfilesystem"}
    called = {
        f"{prefixes.get(call['service'], call['service'])}:{call['operation']}"
        for call in calls
        if call["account"] == DEPARTING and call["service"] not in {"sts", "account"}
    }
    declared = {action for one in SCANS for action in one.permissions}
    assert {special.get(action, action) for action in called} - declared == set()


def plant(aws: Aws, who: str, organization: str) -> dict[tuple[str, str], list[str]]:
    """Let somebody in, all over the account; return resource and kind -> whom it names."""
    found: dict[tuple[str, str], list[str]] = {}
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{who}:root"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = aws(DEPARTING, "iam").create_role(RoleName=f"deploy-{who}", AssumeRolePolicyDocument=document)
    found[role["Role"]["Arn"], "trust policy"] = [who]

    policy = allowing(who, "sns:Publish")
    topic = aws(DEPARTING, "sns", "eu-west-3").create_topic(Name=f"work-{who}", Attributes={"Policy": policy})
    found[topic["TopicArn"], "topic policy"] = [who]

    secrets = aws(DEPARTING, "secretsmanager", "sa-east-1")
    secret = secrets.create_secret(Name=f"work-{who}", SecretString="not looked at")["ARN"]
    secrets.put_resource_policy(SecretId=secret, ResourcePolicy=allowing(who, "secretsmanager:GetSecretValue"))
    found[secret, "secret policy"] = [who]

    kms = aws(DEPARTING, "kms", "us-west-1")
    key = kms.create_key(Policy=allowing(DEPARTING, "kms:*"))["KeyMetadata"]["Arn"]
    kms.create_grant(KeyId=key, GranteePrincipal=f"arn:aws:iam::{who}:role/x", Operations=["Decrypt"])
    found[key, "key grant"] = [who]

    within = {"Condition": {"StringEquals": {"aws:PrincipalOrgID": organization}}}
    policy = allowing("*", "sqs:SendMessage", **within)
    aws(DEPARTING, "sqs", "us-east-2").create_queue(QueueName=f"work-{who}", Attributes={"Policy": policy})
    found[f"arn:aws:sqs:us-east-2:{DEPARTING}:work-{who}", "queue policy"] = [organization]

    ec2 = aws(DEPARTING, "ec2", "ap-south-1")
    volume = ec2.create_volume(AvailabilityZone="ap-south-1a", Size=1)["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    permission = {"Attribute": "createVolumePermission", "OperationType": "add", "UserIds": [who]}
    ec2.modify_snapshot_attribute(SnapshotId=snapshot, **permission)
    found[f"arn:aws:ec2:ap-south-1::snapshot/{snapshot}", "snapshot permission"] = [who]

    bucket, buckets = f"work-{who}", aws(DEPARTING, "s3", "eu-central-1")
    buckets.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    policy = allowing(who, "s3:ListBucket", Resource=f"arn:aws:s3:::{bucket}")
    buckets.put_bucket_policy(Bucket=bucket, Policy=policy)
    found[f"arn:aws:s3:::{bucket}", "bucket policy"] = [who]
    return found


def test_what_is_planted_all_over_the_account_is_found(emulator: Emulator) -> None:
    """E9: really put and really read, over HTTP; another's, beside each, is not."""
    aws = Aws(emulator.url, emulator.environment)
    expected = plant(aws, SHARED, ORGANIZATION)
    plant(aws, CUSTOMER, "o-customer01")

    result = scan(DEPARTING, **PROVIDERS)

    assert names(result) == {**expected, (OWN_ROLE, "trust policy"): [MANAGEMENT]}
    assert result["summary"]["unknown"] == 0, residual_lines(result)
    assert not result["safe"]
    regions = {row["kind"]: row["region"] for row in result["residual"]}
    assert regions["bucket policy"] == "eu-central-1"
    assert regions["secret policy"] == "sa-east-1"

    # what goes with the run, and what was accepted, is no longer in the way
    leaving = [resource for resource, kind in expected if kind in {"topic policy", "queue policy"}]
    accept = {resource: "agreed, ticket note 9" for resource, _ in expected if resource not in leaving}
    own = ["OrganizationAccountAccessRole"]
    settled = scan(DEPARTING, **PROVIDERS, leaving=leaving, accept=accept, own_roles=own)
    assert settled["safe"], residual_lines(settled)
    assert settled["summary"] == {"to_decide": 0, "unknown": 0, "accepted": 5, "leaving": 3}
    assert settled["unused_accept"] == []


def test_an_account_whose_organization_is_the_customers_is_safe_with_it(emulator: Emulator) -> None:
    assert scan(KEEPS, **CUSTOMERS)["safe"]


def test_the_organization_s_id_is_read_where_the_record_does_not_name_it(emulator: Emulator) -> None:
    result = scan(LOOK_ALIKES, organization={"management_account_id": MANAGEMENT}, regions=["us-east-1"])
    assert "unknown:organization" not in {row["resource"] for row in result["residual"]}
    assert [call["account"] for call in emulator.ledger() if call["operation"] == "DescribeOrganization"] == [
        MANAGEMENT
    ]


def test_a_role_that_looks_like_the_providers_and_trusts_another_is_not_found(emulator: Emulator) -> None:
    """CloudHealth-Role of the customer's own making, and RackspaceDefaultEC2Role, which trusts EC2."""
    found = scan(LOOK_ALIKES, **PROVIDERS, regions=["us-east-1"])
    assert names(found) == {(OWN_ROLE.replace(DEPARTING, LOOK_ALIKES), "trust policy"): [MANAGEMENT]}


def test_no_external_id_is_shown(emulator: Emulator) -> None:
    result = scan(STANDALONE, access_roles=["Rackspace"], regions=["us-east-1"])
    assert names(result) == {(f"arn:aws:iam::{STANDALONE}:role/Rackspace", "trust policy"): [SHARED]}
    assert EXTERNAL_ID not in json.dumps(result)


def test_what_aws_denies_is_unknown_and_never_safe(emulator: Emulator) -> None:
    """G5: one scan in one region, and a whole region."""
    emulator.faults(
        [
            {"account": STANDALONE, "region": "eu-west-1", "service": "sns", "code": "AccessDenied", "status": 403},
            {"account": STANDALONE, "region": "eu-west-2", "code": "AccessDenied", "status": 403,
             "message": "with an explicit deny in a service control policy"},
        ]
    )  # fmt: skip
    result = scan(STANDALONE, access_roles=["Rackspace"], own_roles=["Rackspace"])
    assert {row["resource"]: row["region"] for row in result["residual"] if row["state"] == "unknown"} == {
        "unknown:sns": "eu-west-1",
        "unknown:eu-west-2": "eu-west-2",
    }
    assert not result["safe"]


def test_the_regions_that_are_left_out_are_unknown(emulator: Emulator) -> None:
    result = scan(STANDALONE, access_roles=["Rackspace"], own_roles=["Rackspace"], regions=["us-east-1"])
    assert result["summary"] == {"to_decide": 0, "unknown": 16, "accepted": 0, "leaving": 1}
