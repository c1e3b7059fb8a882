"""CloudTrail: which trails a region shows, its own and the shadows of others."""

from __future__ import annotations

from typing import Any

from moto.cloudtrail.models import Trail, cloudtrail_backends

from emulator.call import Call
from emulator.identity import organization_of
from emulator.protocol import AwsError, Response
from emulator.rules import rule
from emulator.rules.sns import find_topic


def topic_arn(trail: Trail) -> str:
    name = trail.sns_topic_name or ""
    if not name or name.startswith("arn:"):
        return name
    return f"arn:aws:sns:{trail.region_name}:{trail.account_id}:{name}"


def describe(trail: Trail, *, home: bool = False) -> dict[str, Any]:
    """A trail as the API shows it, without what is not set."""
    members = {
        "Name": trail.trail_name,
        "S3BucketName": trail.bucket_name,
        "S3KeyPrefix": trail.s3_key_prefix or None,
        "SnsTopicName": trail.sns_topic_name or None,
        "SnsTopicARN": topic_arn(trail) or None,
        "IncludeGlobalServiceEvents": bool(trail.include_global_service_events),
        "IsMultiRegionTrail": bool(trail.is_multi_region),
        "TrailARN": trail.arn,
        "LogFileValidationEnabled": bool(trail.log_validation),
        "CloudWatchLogsLogGroupArn": trail.cw_log_group_arn or None,
        "CloudWatchLogsRoleArn": trail.cw_role_arn or None,
        "KmsKeyId": trail.kms_key_id or None,
        "IsOrganizationTrail": bool(trail.is_org_trail),
    }
    if home:
        custom = bool(trail.event_selectors or trail.advanced_event_selectors)
        members |= {"HomeRegion": trail.region_name, "HasCustomEventSelectors": custom}
        members["HasInsightSelectors"] = bool(trail.insight_selectors)
    return {name: value for name, value in members.items() if value is not None}


def visible(account: str, region: str) -> list[Trail]:
    """The region's own trails, multi-region trails of other regions, and the organization's trails."""
    found: list[Trail] = []
    organization = organization_of(account)
    owner = organization.org.master_account_id if organization else account
    for holder in dict.fromkeys((account, owner)):
        for backend in list(cloudtrail_backends[holder].values()) if holder in cloudtrail_backends else []:
            for trail in list(backend.trails.values()):
                mine = holder == account or trail.is_org_trail
                if mine and (trail.region_name == region or trail.is_multi_region):
                    found.append(trail)
    return found


def is_home(trail: Trail, call: Call) -> bool:
    return bool(trail.region_name == call.region and trail.account_id == call.account)


def find(call: Call, name: str, *, home: bool = False) -> Trail:
    """A trail by name, which is looked for in its home region, or by ARN, which shadows have too.

    API_GetTrailStatus.html: the ARN is needed for a shadow and for an organization's trail in a member account.
    """
    for trail in visible(call.account, call.region):
        if name == trail.arn or (name == trail.trail_name and is_home(trail, call)):
            if home and trail.account_id != call.account:
                text = "The organization's management account alone may change this trail."
                raise AwsError("NotOrganizationMasterAccountException", text)
            if home and trail.region_name != call.region:
                text = f"The trail's home region is {trail.region_name}; this is {call.region}."
                raise AwsError("InvalidHomeRegionException", text)
            return trail
    for trail in visible(call.account, call.region):
        if home and name == trail.trail_name and trail.account_id == call.account:
            text = f"The trail's home region is {trail.region_name}; this is {call.region}."
            raise AwsError("InvalidHomeRegionException", text)
    raise AwsError("TrailNotFoundException", f"Unknown trail: {name} for the user: {call.account}")


@rule("cloudtrail", "DescribeTrails")
def describe_trails(call: Call) -> Response:
    """Those of the list, or all; shadows unless they are left out (API_DescribeTrails.html)."""
    names = call.params.get("trailNameList") or []
    shadows = call.params.get("includeShadowTrails", True)
    shown = []
    for trail in visible(call.account, call.region):
        if not shadows and not is_home(trail, call):
            continue
        if not names or trail.arn in names or trail.trail_name in names:
            shown.append(describe(trail, home=True))
    return call.result(trailList=shown)


@rule("cloudtrail", "GetTrail")
def get_trail(call: Call) -> Response:
    """One trail (API_GetTrail.html)."""
    return call.result(Trail=describe(find(call, call.params.get("Name", "")), home=True))


@rule("cloudtrail", "ListTrails")
def list_trails(call: Call) -> Response:
    """Names, ARNs and home regions of the trails that the region shows (API_ListTrails.html)."""
    found = visible(call.account, call.region)
    return call.result(Trails=[{"Name": t.trail_name, "TrailARN": t.arn, "HomeRegion": t.region_name} for t in found])


@rule("cloudtrail", "GetTrailStatus")
def get_trail_status(call: Call) -> Response:
    """Whether a trail logs, and the error of SNS where its topic is gone (API_GetTrailStatus.html)."""
    trail = find(call, call.params.get("Name", ""))
    described = trail.status.description()
    members = {name: value for name, value in described.items() if value not in ("", None)}
    if trail.status.is_logging and trail.sns_topic_name and find_topic(topic_arn(trail)) is None:
        members["LatestNotificationError"] = "NotFound"  # that of Publish (SNS API reference, API_Publish.html)
    return call.result(**members)
