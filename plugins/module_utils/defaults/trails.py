# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A CloudTrail trail in every region, unless something else logs there (B6, B8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import control_tower, naming
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import error_code
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import (
    AccountDefault,
    Observed,
    Removed,
    Skip,
    State,
    Target,
)

APART = ("is_logging", "records_management_events")  # parts of the state that UpdateTrail does not set


class Trail(AccountDefault):
    """A single-region trail of our own where no other trail covers the region.

    Source: CloudTrail API Reference, CreateTrail and DescribeTrails (shadow trails).
    """

    name = "trail"
    service = "cloudtrail"
    title = "CloudTrail"
    section = "cloudtrail"
    requirement = "B6"
    regional = True
    on_release = "detach"
    needs = ("logs_bucket", "cloudtrail_topic")
    options = {
        **naming.TRAIL,
        **naming.LOGS_BUCKET,
        **naming.TOPICS,
        "enable_log_file_validation": {"type": "bool", "default": True},
    }
    permissions = (
        "cloudtrail:DescribeTrails",
        "cloudtrail:GetTrailStatus",
        "cloudtrail:GetEventSelectors",
        "cloudtrail:ListTags",
        "cloudtrail:AddTags",
        "cloudtrail:CreateTrail",
        "cloudtrail:UpdateTrail",
        "cloudtrail:PutEventSelectors",
        "cloudtrail:StartLogging",
        "iam:GetRole",
    )
    removal_permissions = ("cloudtrail:UpdateTrail",)
    not_yet = (
        "InsufficientS3BucketPolicyException",
        "InsufficientSnsTopicPolicyException",
        "S3BucketDoesNotExistException",
        "TrailNotFoundException",
        "ConflictException",
    )

    def observe(self, target: Target) -> Observed:
        """Return our trail of this region; raw has the trails of others that cover it."""
        client = target.client("cloudtrail")
        trails = client.describe_trails(includeShadowTrails=True)["trailList"]
        arn = self._arn(target)
        ours = next((trail for trail in trails if trail["TrailARN"] == arn), None)
        others = [trail for trail in trails if trail is not ours]
        control_tower.note(target.account, (trail["Name"] for trail in others))
        for trail in others:
            # one of another region is seen there as itself
            if trail["HomeRegion"] == target.region and self._topic(target, trail):
                target.account.uses.setdefault(self._topic(target, trail), set()).add(f"trail {trail['Name']}")
        if ours is None:
            control_tower.look_for_roles(target)
            return Observed(raw={"others": others})
        status, selectors = client.get_trail_status(Name=arn), client.get_event_selectors(TrailName=arn)
        state = {
            "trail_name": ours["Name"],
            "s3_bucket_name": ours["S3BucketName"],
            "sns_topic_arn": self._topic(target, ours),
            "is_multi_region_trail": bool(ours.get("IsMultiRegionTrail")),
            "include_global_service_events": bool(ours.get("IncludeGlobalServiceEvents")),
            "enable_log_file_validation": bool(ours.get("LogFileValidationEnabled")),
            "is_logging": bool(status["IsLogging"]),
            "records_management_events": _records_management_events(selectors),
        }
        findings = [
            f"trail {ours['Name']}: {problem} reports {status[problem]}"
            for problem in ("LatestDeliveryError", "LatestNotificationError")
            if status.get(problem)
        ]
        findings += [
            f"{_describe(trail)} covers the region too; CloudTrail charges for a second copy" for trail in others
        ]
        raw = {"others": others, "selectors": selectors}
        return Observed(state, self._foreign(target, ours), tuple(findings), raw)

    def desired(self, target: Target, seen: Observed) -> State | Skip:
        """Return our trail, or by whom the region is covered already."""
        if seen.state is None:
            evidence, others = target.account.control_tower_evidence(), seen.raw["others"]
            if evidence:
                return Skip(f"Control Tower manages the account ({evidence})", self._uncovered(target, others))
            if others:
                covered = "the region is covered by " + ", ".join(_describe(trail) for trail in others)
                return Skip(covered, self._uncovered(target, others))
        options = target.options
        before = seen.state or {}
        # never weaken: a trail of ours that somebody widened stays so
        multi_region = bool(before.get("is_multi_region_trail"))
        leads = target.region == naming.leading_region(target.account.partition)
        return {
            "trail_name": options["trail_name"],
            "s3_bucket_name": naming.logs_bucket(options),
            "sns_topic_arn": target.arn("sns", options["topic_names"]["cloudtrail"]),
            "is_multi_region_trail": multi_region,
            "include_global_service_events": leads or bool(before.get("include_global_service_events")),
            "enable_log_file_validation": options["enable_log_file_validation"]
            or bool(before.get("enable_log_file_validation")),
            "is_logging": True,
            "records_management_events": True,
        }

    def put(self, target: Target, seen: Observed, after: State) -> State | None:
        """Create or update the trail and start it."""
        client, before = target.client("cloudtrail"), seen.state
        arguments = {
            "Name": after["trail_name"],
            "S3BucketName": after["s3_bucket_name"],
            "SnsTopicName": after["sns_topic_arn"].split(":")[-1],  # of the trail's own account and region
            "IsMultiRegionTrail": after["is_multi_region_trail"],
            "IncludeGlobalServiceEvents": after["include_global_service_events"],
            "EnableLogFileValidation": after["enable_log_file_validation"],
        }
        if before is None:
            client.create_trail(**arguments, TagsList=naming.tag_list(target.options))
        elif {**after, **{part: before[part] for part in APART}} != before:
            client.update_trail(**arguments)
        if seen.foreign:
            client.add_tags(ResourceId=self._arn(target), TagsList=naming.tag_list(target.options))
        if before is None or not before["is_logging"]:
            client.start_logging(Name=self._arn(target))
        if before and not before["records_management_events"]:
            client.put_event_selectors(TrailName=self._arn(target), **_with_management_events(seen.raw["selectors"]))
        return None

    def _arn(self, target: Target) -> str:
        return target.arn("cloudtrail", f"trail/{target.options['trail_name']}")

    @staticmethod
    def _topic(target: Target, trail: Mapping[str, Any]) -> str:
        """Return the ARN of a trail's topic; where only its name is told, it is of the trail's own account."""
        topic = str(trail.get("SnsTopicARN") or trail.get("SnsTopicName") or "")
        return topic if topic.startswith("arn:") or not topic else target.arn("sns", topic)

    def uses(self, target: Target, seen: Observed, released: bool) -> list[str]:
        """Return the topic that it sends to; released, it sends to none of ours."""
        topic = (seen.state or {}).get("sns_topic_arn", "")
        return [topic] if topic and not released else []

    def remains(self, target: Target, seen: Observed) -> State | Skip | None:
        """Return the trail without our topic, so that it goes on without errors; a topic that stays stays its own."""
        before = seen.state or {}
        if before["sns_topic_arn"] not in naming.topic_arns(target) - target.account.kept:
            return Skip("stays with the account: its log goes on, and it does not send to a topic that goes")
        return {**before, "sns_topic_arn": ""}

    def remove(self, target: Target, seen: Observed, after: State | None) -> Removed:
        """Clear the topic, and nothing else: what UpdateTrail is not given stays as it is. It is read back."""
        target.client("cloudtrail").update_trail(Name=self._arn(target), SnsTopicName="")
        return Removed()

    def _foreign(self, target: Target, trail: Mapping[str, Any]) -> str:
        """Say why a trail of our name and region is not ours: it logs to another bucket and lacks our tag."""
        if trail["S3BucketName"] == naming.logs_bucket(target.options):
            return ""
        tags = target.client("cloudtrail").list_tags(ResourceIdList=[trail["TrailARN"]])["ResourceTagList"]
        if any(naming.carries_our_tags(target.options, found["TagsList"]) for found in tags):
            return ""
        return f"trail {trail['Name']} exists and logs to {trail['S3BucketName']}"

    def _uncovered(self, target: Target, others: list[Any]) -> tuple[str, ...]:
        """Return what the trails of others leave out of a region that ours would not (B6, B8)."""
        if not others:
            return ("no trail covers the region",)
        found = [finding for trail in others for finding in self._gaps(target, trail)]
        leads = target.region == naming.leading_region(target.account.partition)
        if leads and not any(trail.get("IncludeGlobalServiceEvents") for trail in others):
            found.append("no trail that covers the region records the events of global services, IAM among them")
        return tuple(found)

    def _gaps(self, target: Target, trail: Mapping[str, Any]) -> list[str]:
        """Return what a covering trail leaves out that ours would not (B8)."""
        name, arn, bucket = _describe(trail), trail["TrailARN"], naming.logs_bucket(target.options)
        client = target.clients.client("cloudtrail", trail["HomeRegion"])
        gaps = [f"{name} logs to {trail['S3BucketName']}, not to {bucket}"] if trail["S3BucketName"] != bucket else []

        def read() -> list[str]:
            found = []
            if arn.split(":")[4] != target.account.id:
                return [f"what {name} records can be read in the organization's management account only"]
            try:
                if not client.get_trail_status(Name=arn)["IsLogging"]:
                    found.append(f"{name} does not log")
                if not _records_management_events(client.get_event_selectors(TrailName=arn)):
                    found.append(f"{name} does not record all management events")
            except Exception as error:  # a finding must not stop the region
                found.append(f"what {name} records cannot be read: {error_code(error) or error}")
            return found

        # a multi-region trail is seen in every region and read once
        return gaps + target.account.memory.once(f"gaps of {arn}", read)


def _describe(trail: Mapping[str, Any]) -> str:
    kind = "organization trail" if trail.get("IsOrganizationTrail") else "trail"
    scope = "multi-region, " if trail.get("IsMultiRegionTrail") else ""
    return f"{kind} {trail['Name']} ({scope}home region {trail['HomeRegion']})"


def _records_management_events(selectors: Mapping[str, Any]) -> bool:
    """Tell whether event selectors of either kind include reads and writes of management events, of every source."""
    basic, advanced = selectors.get("EventSelectors") or [], selectors.get("AdvancedEventSelectors") or []
    for selector in basic:
        everything = selector.get("ReadWriteType", "All") == "All" and not selector.get("ExcludeManagementEventSources")
        if everything and selector.get("IncludeManagementEvents", True):
            return True
    for selector in advanced:
        fields = {field["Field"]: field.get("Equals", []) for field in selector["FieldSelectors"]}
        if fields == {"eventCategory": ["Management"]}:
            return True
    return not (basic or advanced)


def _with_management_events(selectors: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of PutEventSelectors that add all management events to what is recorded already."""
    advanced = selectors.get("AdvancedEventSelectors") or []
    if advanced:
        fields = [{"Field": "eventCategory", "Equals": ["Management"]}]
        return {"AdvancedEventSelectors": [*advanced, {"Name": "Management events", "FieldSelectors": fields}]}
    first, *others = selectors.get("EventSelectors") or [{}]
    management = {"ReadWriteType": "All", "IncludeManagementEvents": True, "ExcludeManagementEventSources": []}
    return {"EventSelectors": [{**first, **management}, *others]}
