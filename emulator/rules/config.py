"""Config: a recorder needs a role that it can take, a channel needs a place that it can write to."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from moto.config.models import config_backends

from emulator.call import Call
from emulator.identity import find_role, organization_id
from emulator.policy import Principal, evaluate, evaluate_identity
from emulator.protocol import AwsError, Response
from emulator.rules import rule
from emulator.rules.config_tags import tag_new
from emulator.rules.s3 import owner_of, visible_policy
from emulator.rules.sns import find_topic
from emulator.rules.sns import visible_policy as visible_topic_policy
from emulator.rules.sts import snapshot

SERVICE = Principal(service="config.amazonaws.com")


def _source(call: Call) -> dict[str, Any]:
    return {
        "aws:SourceAccount": call.account,
        "aws:SourceArn": f"arn:aws:config:{call.region}:{call.account}:configuration-recorder/default",
        "aws:SourceOrgID": organization_id(call.account),
        "aws:PrincipalIsAWSService": "true",
        "aws:SecureTransport": "true",
    }


@rule("config", "PutConfigurationRecorder")
def put_configuration_recorder(call: Call) -> Response:
    """The role exists, is visible and trusts Config (API_PutConfigurationRecorder.html: InvalidRoleException)."""
    recorder = call.params.get("ConfigurationRecorder") or {}
    arn = recorder.get("roleARN") or ""
    seen = call.world.visibility.seen("role", arn, snapshot(find_role(arn)))
    if seen is None or evaluate(seen["trust"], SERVICE, "sts:AssumeRole", arn, _source(call)) != "allow":
        raise AwsError("InvalidRoleException", f"The role {arn} does not exist or AWS Config may not assume it.")
    if arn.split(":")[4] != call.account:
        raise AwsError("InvalidRoleException", f"The role {arn} belongs to another account.")
    name = recorder.get("name") or "default"
    existed = name in config_backends[call.account][call.region].recorders
    response = call.forward()
    made = config_backends[call.account][call.region].recorders.get(name)
    if response.ok and made is not None and not existed:
        tag_new(call, name)
    if response.ok and made is not None:
        mode = recorder.get("recordingMode") or {"recordingFrequency": "CONTINUOUS"}
        made.recording_mode = mode  # type: ignore[attr-defined]  # moto shows every attribute that it has
    return response


@rule("config", "PutDeliveryChannel")
def put_delivery_channel(call: Call) -> Response:
    """The bucket and the topic exist and let Config in; what is left out keeps its value, so no topic is taken away.

    API_PutDeliveryChannel.html and AWS::Config::DeliveryChannel ("this action will keep the existing value for the
    parameter that is not changed"); what an empty topic does is not documented, here it is refused as no topic's ARN.
    Config developer guide, "Permissions for the Amazon S3 bucket" (s3-bucket-policy.html)
    and "... for the Amazon SNS topic" (sns-topic-policy.html): Config writes as its role, else as the service.
    """
    backend = config_backends[call.account][call.region]
    channel = call.params.get("DeliveryChannel") or {}
    held = backend.delivery_channels.get(channel.get("name") or "")
    channel = {**(held.to_dict() if held else {}), **channel}
    if not backend.recorders:
        return call.forward()  # moto refuses: the recorder comes first
    bucket = channel.get("s3BucketName") or ""
    if owner_of(bucket) is None:
        raise AwsError("NoSuchBucketException", f"Cannot find a S3 bucket with the name {bucket}.")
    role = _role(call, next(iter(backend.recorders.values())).role_arn)
    _check_bucket(call, role, bucket, channel.get("s3KeyPrefix"))
    if channel.get("snsTopicARN") is not None:
        _check_topic(call, role, channel["snsTopicARN"])
    return call.forward(body=json.dumps({"DeliveryChannel": channel}).encode())


def _role(call: Call, arn: str) -> tuple[Principal, list[str]]:
    seen = call.world.visibility.seen("role", arn, snapshot(find_role(arn)))
    session = f"arn:aws:sts::{call.account}:assumed-role/{arn.rsplit('/', 1)[-1]}/AWSConfig"
    principal = Principal(account=call.account, arn=session, identity_arn=arn)
    return principal, seen["policies"] if seen else []


def _may(
    call: Call, role: tuple[Principal, list[str]], action: str, resource: str, policy: Any, own: bool, **keys: str
) -> bool:
    """Whether Config may as its role (by its policies and, elsewhere, the resource's too) or as the service."""
    principal, documents = role
    context = {
        "aws:PrincipalAccount": call.account,
        "aws:PrincipalArn": principal.identity_arn,
        "aws:PrincipalOrgID": organization_id(call.account),
        "aws:PrincipalIsAWSService": "false",
        "aws:SecureTransport": "true",
    } | {name.replace("_", ":", 1).replace("_", "-"): value for name, value in keys.items()}
    by_role = evaluate_identity(documents, action, resource, context) == "allow"
    by_resource = evaluate(policy, principal, action, resource, context)
    if by_resource != "deny" and ((by_role and own) or (by_role and by_resource == "allow")):
        return True
    source = _source(call) | {name.replace("_", ":", 1).replace("_", "-"): value for name, value in keys.items()}
    return evaluate(policy, SERVICE, action, resource, source) == "allow"


def _check_bucket(call: Call, role: tuple[Principal, list[str]], bucket: str, prefix: str | None) -> None:
    policy, own = visible_policy(call.world, bucket), owner_of(bucket) == call.account
    whole = f"arn:aws:s3:::{bucket}"
    folder = f"{whole}/{prefix}/AWSLogs" if prefix else f"{whole}/AWSLogs"
    probe = f"{folder}/{call.account}/Config/ConfigWritabilityCheckFile"
    acl = "bucket-owner-full-control"
    if _may(call, role, "s3:GetBucketAcl", whole, policy, own) and _may(
        call, role, "s3:PutObject", probe, policy, own, s3_x_amz_acl=acl
    ):
        return
    text = f"Insufficient delivery policy to s3 bucket: {bucket}, unable to write to bucket, provided s3 key prefix is"
    raise AwsError("InsufficientDeliveryPolicyException", f"{text} '{prefix or 'null'}'.")


def _check_topic(call: Call, role: tuple[Principal, list[str]], arn: str) -> None:
    topic = find_topic(arn)
    if topic is None or arn.split(":")[3] != call.region:
        raise AwsError("InvalidSNSTopicARNException", f"The SNS topic {arn} does not exist in {call.region}.")
    policy, own = visible_topic_policy(call.world, topic), topic.account_id == call.account
    if not _may(call, role, "sns:Publish", arn, policy, own):
        text = f"Insufficient delivery policy to SNS topic: {arn}"
        raise AwsError("InsufficientDeliveryPolicyException", text)


@rule("config", "StartConfigurationRecorder")
def start_configuration_recorder(call: Call) -> Response:
    """Recording is soon a success (API_ConfigurationRecorderStatus.html); moto leaves it pending."""
    response = call.forward()
    recorder = config_backends[call.account][call.region].recorders.get(
        call.params.get("ConfigurationRecorderName") or ""
    )
    if response.ok and recorder is not None:
        recorder.status.last_status = "SUCCESS"
    return response


@rule("config", "DescribeDeliveryChannelStatus")
def describe_delivery_channel_status(call: Call) -> Response:
    """The last deliveries of each channel; none before recording began, a failure where the topic is gone.

    API_DescribeDeliveryChannelStatus.html, API_ConfigStreamDeliveryInfo.html (lastErrorCode).
    """
    backend = config_backends[call.account][call.region]
    names = call.params.get("DeliveryChannelNames") or list(backend.delivery_channels)
    running = any(recorder.status.recording for recorder in backend.recorders.values())
    found = []
    for name in names:
        channel = backend.delivery_channels.get(name)
        if channel is None:
            text = f"Cannot find delivery channel with specified name '{name}'."
            raise AwsError("NoSuchDeliveryChannelException", text)
        entry: dict[str, Any] = {"name": name}
        stamp = datetime.now(UTC)
        if running:
            entry["configHistoryDeliveryInfo"] = {"lastStatus": "SUCCESS", "lastSuccessfulTime": stamp}
        entry["configStreamDeliveryInfo"] = {"lastStatus": "Not_Applicable"}
        if running and channel.sns_topic_arn:
            entry["configStreamDeliveryInfo"] = {"lastStatus": "SUCCESS", "lastStatusChangeTime": stamp}
            if find_topic(channel.sns_topic_arn) is None:
                failure = {"lastErrorCode": "NotFound", "lastErrorMessage": "Topic does not exist"}
                entry["configStreamDeliveryInfo"] |= {"lastStatus": "FAILURE", **failure}
        found.append(entry)
    return call.result(DeliveryChannelsStatus=found)
