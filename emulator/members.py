"""What makes each member of the demo organization differ."""

from __future__ import annotations

import json
from typing import Any

from moto.cloudtrail.models import cloudtrail_backends
from moto.config.models import config_backends
from moto.iam.models import iam_backends
from moto.organizations.models import organizations_backends
from moto.s3.models import s3_backends
from moto.sns.models import Subscription, sns_backends

from emulator.documents import LIFECYCLE
from emulator.world import Seed, World

CONFIG_ROLE = "service-role/AWS_ConfigRole"


def role(
    account: str,
    name: str,
    principal: Any,
    *,
    managed: list[str] | None = None,
    inline: dict[str, Any] | None = None,
    condition: dict[str, Any] | None = None,
    path: str = "/",
    tags: list[dict[str, str]] | None = None,
) -> str:
    """Makes a role as its owner would have done long ago; returns its ARN."""
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    if condition:
        statement["Condition"] = condition
    iam = iam_backends[account]["aws"]
    made = iam.create_role(
        role_name=name,
        assume_role_policy_document=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        path=path,
        permissions_boundary=None,
        description="",
        tags=tags or [],
        max_session_duration="3600",
    )
    for policy in managed or []:
        iam.attach_role_policy(f"arn:aws:iam::aws:policy/{policy}", name)
    for policy_name, document in (inline or {}).items():
        iam.put_role_policy(name, policy_name, json.dumps(document))
    return str(made.arn)


def bucket(account: str, name: str, region: str, statements: list[dict[str, Any]] | None = None) -> Any:
    made = s3_backends[account]["aws"].create_bucket(name, region)
    if statements:
        made.policy = json.dumps({"Version": "2012-10-17", "Statement": statements}).encode()
    return made


def delivery(service: str, name: str, account: str) -> list[dict[str, Any]]:
    """The statements by which CloudTrail or Config may deliver into a bucket."""
    principal = {"Service": f"{service}.amazonaws.com"}
    source = {"StringEquals": {"aws:SourceAccount": account}}
    acl = {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceAccount": account}}
    folder = f"arn:aws:s3:::{name}/AWSLogs/{account}/*"
    common = {"Effect": "Allow", "Principal": principal}
    return [
        {**common, "Sid": f"{service}Acl", "Action": "s3:GetBucketAcl", "Resource": f"arn:aws:s3:::{name}"}
        | {"Condition": source},
        {**common, "Sid": f"{service}Put", "Action": "s3:PutObject", "Resource": folder, "Condition": acl},
    ]


def trail(account: str, name: str, region: str, target: str, *, validation: bool = True) -> None:
    """A multi-region trail that logs."""
    backend = cloudtrail_backends[account][region]
    none: Any = None
    made = backend.create_trail(name, target, none, none, True, True, validation, False, none, none, none, [])
    made.start_logging()


def recorder(account: str, region: str, name: str, role_arn: str, target: str) -> None:
    """A recorder with its delivery channel, running."""
    backend = config_backends[account][region]
    group = {"allSupported": True, "includeGlobalResourceTypes": region == "us-east-1"}
    backend.put_configuration_recorder({"name": name, "roleARN": role_arn, "recordingGroup": group})
    backend.put_delivery_channel({"name": name, "s3BucketName": target})
    backend.start_configuration_recorder(name)


def plain(world: World, seed: Seed) -> None:
    """An account as it is born."""


def control_tower(world: World, seed: Seed) -> None:
    management = {"AWS": "arn:aws:iam::100000000001:root"}
    role(seed.id, "AWSControlTowerExecution", management, managed=["AdministratorAccess"])
    config = role(
        seed.id, "aws-controltower-ConfigRecorderRole", {"Service": "config.amazonaws.com"}, managed=[CONFIG_ROLE]
    )
    name = f"aws-controltower-logs-{seed.id}-us-east-1"
    statements = delivery("cloudtrail", name, seed.id) + delivery("config", name, seed.id)
    bucket(seed.id, name, "us-east-1", statements)
    trail(seed.id, "aws-controltower-BaselineCloudTrail", "us-east-1", name)
    for region in ("us-east-1", "us-west-2", "eu-west-1"):
        recorder(seed.id, region, "aws-controltower-BaselineConfigRecorder", config, name)


def own_trail(world: World, seed: Seed) -> None:
    bucket(seed.id, "own-trail-company-audit", "eu-west-1", delivery("cloudtrail", "own-trail-company-audit", seed.id))
    trail(seed.id, "company-audit", "eu-west-1", "own-trail-company-audit")


def own_recorder(world: World, seed: Seed) -> None:
    service = {"Service": "config.amazonaws.com"}
    config = role(seed.id, "company-config", service, managed=[CONFIG_ROLE], path="/company/")
    bucket(
        seed.id, "own-recorder-company-config", "us-east-1", delivery("config", "own-recorder-company-config", seed.id)
    )
    for region in ("us-east-1", "eu-west-1"):
        recorder(seed.id, region, "company-recorder", config, "own-recorder-company-config")


def opt_in(world: World, seed: Seed) -> None:
    world.opted_in[seed.id] = {"af-south-1"}
    name = f"{seed.uuid}-logs"
    reader = role(
        seed.id, "log-reader", {"AWS": f"arn:aws:iam::{seed.id}:root"}, managed=["job-function/ViewOnlyAccess"]
    )
    whole, inside = f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"
    made = bucket(
        seed.id,
        name,
        "us-west-2",
        [
            {"Sid": "CustomerReadsLogs", "Effect": "Allow", "Principal": {"AWS": reader}, "Action": "s3:GetObject"}
            | {"Resource": inside},
            {"Sid": "CustomerKeepsBucket", "Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket"}
            | {"Resource": whole},
        ],
    )
    made.ownership_rule = "ObjectWriter"
    world.documents[LIFECYCLE, name] = [
        {
            "ID": "customer-archive",
            "Status": "Enabled",
            "Filter": {"And": {"Prefix": "application/", "ObjectSizeGreaterThan": 1024}},
            "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}],
            "NoncurrentVersionExpiration": {"NoncurrentDays": 60, "NewerNoncurrentVersions": 3},
        }
    ]
    backend = s3_backends[seed.id]["aws"]
    backend.put_object(name, "application/2024/first.log", b"first\n")
    backend.put_object(name, "application/2024/second.log", b"second\n")


def region_denied(world: World, seed: Seed) -> None:
    backend = organizations_backends["100000000001"]["aws"]
    deny = {
        "Sid": "DenySaoPaulo",
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": "sa-east-1"}},
    }
    content = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    made = backend.create_policy(
        Name="deny-sa-east-1", Description="No work in sa-east-1", Type="SERVICE_CONTROL_POLICY", Content=content
    )
    backend.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=seed.id)


def look_alikes(world: World, seed: Seed) -> None:
    role(seed.id, "AWSConfig", {"Service": "ec2.amazonaws.com"}, managed=["ReadOnlyAccess"])
    role(seed.id, "CloudHealth-Role", {"AWS": "arn:aws:iam::999999999999:root"}, managed=["SecurityAudit"])
    iam_backends[seed.id]["aws"].update_account_password_policy(
        allow_change_password=True,
        hard_expiry=True,
        max_password_age=90,
        minimum_password_length=16,
        password_reuse_prevention=24,
        require_lowercase_characters=True,
        require_numbers=True,
        require_symbols=True,
        require_uppercase_characters=True,
    )
    sns = sns_backends[seed.id]["us-east-1"]
    topic = sns.create_topic("rackspace-support")
    someone = Subscription("999999999999", topic, "arn:aws:sqs:us-east-1:999999999999:tickets", "sqs")
    someone.attributes = {"PendingConfirmation": False, "RawMessageDelivery": False}
    sns.subscriptions[someone.arn] = someone
