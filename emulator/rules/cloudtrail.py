"""CloudTrail: making and changing trails, with the policies that must be there before."""

from __future__ import annotations

from typing import Any

from moto.cloudtrail.models import Trail, cloudtrail_backends

from emulator.call import Call
from emulator.documents_check import known_principal
from emulator.identity import organization_id
from emulator.moto_backend import NotInMotoError
from emulator.policy import Principal, evaluate
from emulator.protocol import AwsError, Response
from emulator.rules import rule
from emulator.rules.cloudtrail_reads import describe, find, visible
from emulator.rules.s3 import owner_of, visible_policy
from emulator.rules.sns import find_topic
from emulator.rules.sns import visible_policy as visible_topic_policy

SERVICE = Principal(service="cloudtrail.amazonaws.com")
TRAILS_PER_REGION = 5  # "Quotas in AWS CloudTrail" (WhatIsCloudTrail-Limits.html): shadow trails count


@rule("cloudtrail", "CreateTrail")
def create_trail(call: Call) -> Response:
    """A new name, room for it, a bucket and a topic whose policies admit CloudTrail (API_CreateTrail.html)."""
    params = call.params
    name = params.get("Name", "")
    seen = visible(call.account, call.region)
    if any(trail.trail_name == name for trail in seen):
        raise AwsError("TrailAlreadyExistsException", f"Trail {name} already exists for customer: {call.account}")
    wide = bool(params.get("IsMultiRegionTrail"))
    regions = call.world.regions(call.account) if wide else [call.region]
    if any(len(visible(call.account, region)) >= TRAILS_PER_REGION for region in regions):
        text = f"User: {call.account} already has {TRAILS_PER_REGION} trails in {call.region}."
        raise AwsError("MaximumNumberOfTrailsExceededException", text)
    if wide and params.get("IncludeGlobalServiceEvents") is False:
        text = "Multi-Region trail must include global service events."
        raise AwsError("InvalidParameterCombinationException", text)
    check_targets(
        call,
        name,
        bucket=params["S3BucketName"],
        prefix=params.get("S3KeyPrefix"),
        topic=params.get("SnsTopicName"),
        organization=bool(params.get("IsOrganizationTrail")),
    )
    trail = Trail(
        call.account,
        call.region,
        name,
        params["S3BucketName"],
        params.get("S3KeyPrefix"),  # type: ignore[arg-type]
        None,  # type: ignore[arg-type]  # moto knows topics of the same account only; set below
        params.get("IncludeGlobalServiceEvents", True),
        wide,
        bool(params.get("EnableLogFileValidation")),
        bool(params.get("IsOrganizationTrail")),
        params.get("CloudWatchLogsLogGroupArn"),  # type: ignore[arg-type]
        params.get("CloudWatchLogsRoleArn"),  # type: ignore[arg-type]
        params.get("KmsKeyId"),  # type: ignore[arg-type]
    )
    trail.sns_topic_name = params.get("SnsTopicName")  # type: ignore[assignment]
    backend = cloudtrail_backends[call.account][call.region]
    backend.trails[name] = trail
    backend.tagging_service.tag_resource(trail.arn, params.get("TagsList") or [])
    return call.result(**describe(trail))


@rule("cloudtrail", "UpdateTrail")
def update_trail(call: Call) -> Response:
    """In the home region only; what is left out stays (API_UpdateTrail.html).

    An empty SnsTopicName takes the topic away: not documented, but how infrastructure tools detach it.
    """
    params = call.params
    trail = find(call, params.get("Name", ""), home=True)
    check_targets(
        call,
        trail.trail_name,
        bucket=params.get("S3BucketName") or trail.bucket_name,
        prefix=params.get("S3KeyPrefix", trail.s3_key_prefix),
        topic=params.get("SnsTopicName", trail.sns_topic_name),
        organization=bool(params.get("IsOrganizationTrail", trail.is_org_trail)),
    )
    topic = params.get("SnsTopicName")
    trail.update(
        s3_bucket_name=params.get("S3BucketName"),
        s3_key_prefix=params.get("S3KeyPrefix"),
        sns_topic_name=topic,
        include_global_service_events=params.get("IncludeGlobalServiceEvents"),
        is_multi_region_trail=params.get("IsMultiRegionTrail"),
        enable_log_file_validation=params.get("EnableLogFileValidation"),
        is_organization_trail=params.get("IsOrganizationTrail"),
        cw_log_group_arn=params.get("CloudWatchLogsLogGroupArn"),
        cw_role_arn=params.get("CloudWatchLogsRoleArn"),
        kms_key_id=params.get("KmsKeyId"),
    )
    if topic == "":
        trail.sns_topic_name = None  # type: ignore[assignment]
    return call.result(**describe(trail))


@rule("cloudtrail", "DeleteTrail", "StartLogging", "StopLogging")
def change_trail(call: Call) -> Response:
    """A trail that exists, from its home region (API_DeleteTrail.html, API_StartLogging.html)."""
    trail = find(call, call.params.get("Name", ""), home=True)
    if call.operation == "DeleteTrail":
        del cloudtrail_backends[call.account][call.region].trails[trail.trail_name]
    elif call.operation == "StartLogging":
        trail.start_logging()
    else:
        trail.stop_logging()
    return call.result()


def check_targets(
    call: Call, name: str, *, bucket: str, prefix: str | None, topic: str | None, organization: bool
) -> None:
    """Bucket and topic exist, and their policies, as visible by now, let CloudTrail in for this trail.

    CloudTrail user guide, "Amazon S3 bucket policy for CloudTrail"
    (create-s3-bucket-policy-for-cloudtrail.html) and "Amazon SNS topic policy for CloudTrail"
    (cloudtrail-permissions-for-sns-notifications.html).
    """
    arn = f"arn:aws:cloudtrail:{call.region}:{call.account}:trail/{name}"
    source: dict[str, Any] = {
        "aws:SourceArn": arn,
        "aws:SourceAccount": call.account,
        "aws:SourceOrgID": organization_id(call.account),
        "aws:PrincipalIsAWSService": "true",
        "aws:SecureTransport": "true",
    }
    if owner_of(bucket) is None:
        raise AwsError("S3BucketDoesNotExistException", f"S3 bucket {bucket} does not exist!")
    policy = visible_policy(call.world, bucket)
    whole = f"arn:aws:s3:::{bucket}"
    scope = organization_id(call.account) if organization else call.account
    folder = f"{whole}/{prefix}/AWSLogs/{scope}" if prefix else f"{whole}/AWSLogs/{scope}"
    written = {**source, "s3:x-amz-acl": "bucket-owner-full-control"}
    if (
        evaluate(policy, SERVICE, "s3:GetBucketAcl", whole, source) != "allow"
        or evaluate(policy, SERVICE, "s3:PutObject", f"{folder}/CloudTrail/log.json.gz", written) != "allow"
    ):
        text = f"Incorrect S3 bucket policy is detected for bucket: {bucket}"
        raise AwsError("InsufficientS3BucketPolicyException", text)
    if topic:
        _check_topic(call, topic, source)


def _check_topic(call: Call, topic: str, source: dict[str, Any]) -> None:
    arn = topic if topic.startswith("arn:") else f"arn:aws:sns:{call.region}:{call.account}:{topic}"
    if len(arn.split(":")) != 6 or not known_principal(arn.split(":")[4]):
        raise AwsError("InvalidSnsTopicNameException", f"Invalid SNS topic name or ARN: {topic}")
    found = find_topic(arn)
    refused = AwsError(
        "InsufficientSnsTopicPolicyException", f"SNS Topic {topic} does not exist or its policy is wrong"
    )
    if found is None or arn.split(":")[3] != call.region:
        raise refused
    if evaluate(visible_topic_policy(call.world, found), SERVICE, "sns:Publish", arn, source) != "allow":
        raise refused


@rule("cloudtrail", "LookupEvents")
def lookup_events(call: Call) -> Response:
    """Not here: use the emulator's own ledger."""
    raise NotInMotoError
