# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What is shared by permissions rather than policies: snapshots, images, resource shares, StackSets (E9)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.core.places import ACCOUNT, PROVIDER
from tests.unit.residual.searching import (
    CUSTOMER,
    MANAGEMENT,
    ORGANIZATION,
    THIRD_PARTY,
    Ground,
    root,
    trust,
)

ORGANIZATION_ARN = f"arn:aws:organizations::{MANAGEMENT}:organization/{ORGANIZATION}"


# --- EBS snapshots and images


def snapshot(place: Ground, *users: str) -> str:
    ec2 = place.own("ec2")
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    made = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    for user in users:
        who = {"GroupNames": ["all"]} if user == "all" else {"UserIds": [user]}
        ec2.modify_snapshot_attribute(SnapshotId=made, Attribute="createVolumePermission", OperationType="add", **who)
    return f"arn:aws:ec2:us-east-1::snapshot/{made}"


def test_snapshots_that_the_provider_or_the_world_may_restore_are_found(place: Ground) -> None:
    expected = {snapshot(place, PROVIDER, CUSTOMER): [PROVIDER], snapshot(place, "all"): ["*"]}
    snapshot(place, CUSTOMER)
    snapshot(place)
    assert place.named("ec2_snapshots") == expected


def test_only_shared_snapshots_are_asked_for(place: Ground) -> None:
    place.search("ec2_snapshots")
    assert place.aws.arguments("DescribeSnapshots") == [
        {
            "OwnerIds": ["self"],
            "RestorableByUserIds": [*sorted([MANAGEMENT, PROVIDER, THIRD_PARTY]), "all"],
            "MaxResults": 1000,
        }
    ]


def image(place: Ground, **permission: str) -> str:
    ec2 = place.own("ec2")
    instance = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    made = ec2.create_image(InstanceId=instance, Name="work")["ImageId"]
    if permission:
        ec2.modify_image_attribute(ImageId=made, LaunchPermission={"Add": [permission]})
    return f"arn:aws:ec2:us-east-1::image/{made}"


@pytest.mark.parametrize(
    ("permission", "names"),
    [
        ({"UserId": PROVIDER}, [PROVIDER]),
        ({"Group": "all"}, ["*"]),
        ({"OrganizationArn": ORGANIZATION_ARN}, [MANAGEMENT, ORGANIZATION]),
        ({"UserId": CUSTOMER}, None),
        ({}, None),
    ],
)
def test_images_that_the_provider_may_launch_are_found(
    place: Ground, permission: dict[str, str], names: list[str] | None
) -> None:
    arn = image(place, **permission)
    assert place.named("ec2_images") == ({arn: names} if names else {})
    assert place.aws.arguments("DescribeImages") == [{"Owners": ["self"]}]


# --- RDS


def database_snapshot(place: Ground, *users: str) -> str:
    rds = place.own("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="work", Engine="postgres", DBInstanceClass="db.t3.micro", AllocatedStorage=20,
        MasterUsername="owner", MasterUserPassword="not-a-secret",
    )  # fmt: skip
    made = rds.create_db_snapshot(DBInstanceIdentifier="work", DBSnapshotIdentifier="kept")["DBSnapshot"]
    rds.modify_db_snapshot_attribute(DBSnapshotIdentifier="kept", AttributeName="restore", ValuesToAdd=list(users))
    return str(made["DBSnapshotArn"])


def cluster_snapshot(place: Ground, *users: str) -> str:
    rds = place.own("rds")
    rds.create_db_cluster(
        DBClusterIdentifier="work",
        Engine="aurora-postgresql",
        MasterUsername="owner",
        MasterUserPassword="not-a-secret",
    )
    made = rds.create_db_cluster_snapshot(DBClusterIdentifier="work", DBClusterSnapshotIdentifier="kept")
    rds.modify_db_cluster_snapshot_attribute(
        DBClusterSnapshotIdentifier="kept", AttributeName="restore", ValuesToAdd=list(users)
    )
    return str(made["DBClusterSnapshot"]["DBClusterSnapshotArn"])


@pytest.mark.parametrize(
    ("scan", "make"), [("rds_snapshots", database_snapshot), ("rds_cluster_snapshots", cluster_snapshot)]
)
@pytest.mark.parametrize(
    ("users", "names"),
    [((PROVIDER, CUSTOMER), [PROVIDER]), (("all",), ["*"]), ((CUSTOMER,), None), ((), None)],
)
def test_database_snapshots_that_the_provider_may_restore_are_found(
    place: Ground, scan: str, make: Any, users: tuple[str, ...], names: list[str] | None
) -> None:
    assert place.search(scan) == []
    assert len(place.aws.calls) == 1
    arn = make(place, *users)
    assert place.named(scan) == ({arn: names} if names else {})


# --- resource shares


def test_shares_are_found_by_their_principals(place: Ground) -> None:
    def entry(share: str, principal: str, status: str = "ASSOCIATED") -> dict[str, str]:
        return {
            "resourceShareArn": f"arn:aws:ram:us-east-1:{ACCOUNT}:resource-share/{share}",
            "resourceShareName": share,
            "associatedEntity": principal,
            "associationType": "PRINCIPAL",
            "status": status,
        }

    place.aws.answer(
        "GetResourceShareAssociations",
        {
            "resourceShareAssociations": [
                entry("subnets", CUSTOMER),
                entry("subnets", PROVIDER),
                entry("rules", ORGANIZATION_ARN, "ASSOCIATING"),
                entry("others", CUSTOMER),
                entry("gone", PROVIDER, "DISASSOCIATED"),
            ]
        },
    )
    arn = f"arn:aws:ram:us-east-1:{ACCOUNT}:resource-share"
    assert place.named("ram") == {f"{arn}/subnets": [PROVIDER], f"{arn}/rules": [MANAGEMENT, ORGANIZATION]}
    assert place.aws.arguments("GetResourceShareAssociations")[0] == {"associationType": "PRINCIPAL"}


def test_moto_s_own_shares_are_found(place: Ground) -> None:
    """Beside the made-up answer: the operation is one that is really answered."""
    made = place.own("ram").create_resource_share(name="subnets", principals=[PROVIDER])["resourceShare"]
    assert place.named("ram") == {made["resourceShareArn"]: [PROVIDER]}


# --- StackSets

TEMPLATE = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
EXECUTION = "AWSCloudFormationStackSetExecutionRole"


def role(place: Ground, name: str, account: str) -> str:
    made = place.own("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust(root(account)))
    return str(made["Role"]["Arn"])


def stack(place: Ground, name: str, role_arn: str = "") -> str:
    by = {"RoleARN": role_arn} if role_arn else {}
    return str(place.own("cloudformation").create_stack(StackName=name, TemplateBody=TEMPLATE, **by)["StackId"])


def test_a_stack_of_a_stackset_is_found_by_whom_its_role_trusts(place: Ground) -> None:
    arn = role(place, "run-by-the-provider", MANAGEMENT)
    ours = stack(place, "StackSet-baseline-1", arn)
    stack(place, "StackSet-customers-2", role(place, "run-by-the-customer", CUSTOMER))
    stack(place, "StackSet-by-a-role-that-is-gone", f"arn:aws:iam::{ACCOUNT}:role/gone")
    stack(place, "network", arn)

    assert place.named("stack_sets") == {ours: [MANAGEMENT]}
    (found,) = [entry for entry in place.search("stack_sets") if entry.matches]
    assert found.through == (arn,)
    assert "its StackSet is run by run-by-the-provider: statement 1 allows" in found.matches[0].detail


@pytest.mark.parametrize("name", [EXECUTION, "AWSControlTowerExecution", "stacksets-exec-0123456789"])
def test_where_a_stack_names_no_role_it_is_one_that_stacksets_use(place: Ground, name: str) -> None:
    arn = stack(place, "StackSet-baseline-1")
    assert place.named("stack_sets") == {}
    role(place, name, MANAGEMENT)
    role(place, "another", PROVIDER)
    assert place.named("stack_sets") == {arn: [MANAGEMENT]}


def test_stacks_that_are_gone_are_not_read(place: Ground) -> None:
    role(place, EXECUTION, MANAGEMENT)
    place.own("cloudformation").delete_stack(StackName=stack(place, "StackSet-baseline-1"))
    assert place.named("stack_sets") == {}
    assert "DescribeStacks" not in place.aws.names


# --- endpoint services and aggregators


def endpoint_service(place: Ground, *principals: str) -> str:
    ec2 = place.own("ec2")
    network = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=network, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    balancer = place.own("elbv2").create_load_balancer(Name="work", Type="network", Subnets=[subnet])
    made = ec2.create_vpc_endpoint_service_configuration(
        NetworkLoadBalancerArns=[balancer["LoadBalancers"][0]["LoadBalancerArn"]]
    )["ServiceConfiguration"]["ServiceId"]
    ec2.modify_vpc_endpoint_service_permissions(ServiceId=made, AddAllowedPrincipals=list(principals))
    return f"arn:aws:ec2:us-east-1:{ACCOUNT}:vpc-endpoint-service/{made}"


@pytest.mark.parametrize(
    ("principals", "names"),
    [
        ((f"arn:aws:iam::{PROVIDER}:root", f"arn:aws:iam::{CUSTOMER}:root"), [PROVIDER]),
        (("*",), ["*"]),
        ((f"arn:aws:iam::{CUSTOMER}:root",), None),
    ],
)
def test_endpoint_services_are_found_by_whom_they_admit(
    place: Ground, principals: tuple[str, ...], names: list[str] | None
) -> None:
    arn = endpoint_service(place, *principals)
    assert place.named("endpoint_services") == ({arn: names} if names else {})


def test_aggregators_of_the_provider_are_found(place: Ground) -> None:
    config = place.own("config")
    made = {}
    for account in (PROVIDER, CUSTOMER):
        answer = config.put_aggregation_authorization(AuthorizedAccountId=account, AuthorizedAwsRegion="us-east-1")
        made[account] = answer["AggregationAuthorization"]["AggregationAuthorizationArn"]
    assert place.named("config_aggregators") == {made[PROVIDER]: [PROVIDER]}


@pytest.mark.parametrize("scan", ["ram", "stack_sets", "endpoint_services", "config_aggregators", "ec2_images"])
def test_where_nothing_is_one_call_says_so(place: Ground, scan: str) -> None:
    assert place.search(scan) == []
    assert len(place.aws.calls) == 1
