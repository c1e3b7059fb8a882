# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""AWS Config in every region: recorder and delivery channel, unless a recorder exists (B10, B12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import channel_renewal, control_tower, naming
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import (
    AccountDefault,
    Observed,
    Removed,
    Skip,
    State,
    Target,
)

#: in what remains of a recorder whose channel a former run made anew without saying so at the end
CUT_OFF = {"channel_renewal": "finished"}


class Recorder(AccountDefault):
    """A recorder of all resource types, its delivery channel to the logs bucket and our topic, started.

    An account has one customer-managed recorder and one channel a region, whose names cannot change: those that
    record with our role to our bucket are ours, whatever they are called.
    Source: AWS Config API Reference, PutConfigurationRecorder and PutDeliveryChannel.
    """

    name = "recorder"
    service = "config"
    title = "AWS Config"
    section = "config"
    requirement = "B10"
    regional = True
    required = False
    on_release = "detach"
    needs = ("config_role", "logs_bucket", "awsconfig_topic")
    options = {
        **naming.CONFIG_ROLE,
        **naming.LOGS_BUCKET,
        **naming.TOPICS,
        "recorder_name": {"type": "str", "default": "default"},
    }
    permissions = (
        "config:DescribeConfigurationRecorders",
        "config:DescribeConfigurationRecorderStatus",
        "config:DescribeDeliveryChannels",
        "config:PutConfigurationRecorder",
        "config:PutDeliveryChannel",
        "config:StartConfigurationRecorder",
        "config:TagResource",
        "iam:GetRole",
        "iam:PassRole",
    )
    removal_options = {"recorder_role": {"type": "str", "choices": ["keep", "service_linked"], "default": "keep"}}
    removal_permissions = (
        "config:PutConfigurationRecorder",
        "config:PutDeliveryChannel",
        "config:StopConfigurationRecorder",
        "config:DeleteDeliveryChannel",
        "config:StartConfigurationRecorder",
        "config:ListTagsForResource",
        "config:TagResource",
        "config:UntagResource",
        "iam:GetRole",
        "iam:PassRole",
        "iam:CreateServiceLinkedRole",
    )
    not_yet = (
        "InvalidRoleException",
        "InsufficientDeliveryPolicyException",
        "NoSuchBucketException",
        "InvalidSNSTopicARNException",
        "NoAvailableDeliveryChannelException",
        "LastDeliveryChannelDeleteFailedException",  # of a recorder that has just been stopped
    )

    def observe(self, target: Target) -> Observed:
        """Return recorder, channel and whether it records; raw is the recorder as AWS has it."""
        client = target.client("config")
        recorder = next(
            (r for r in client.describe_configuration_recorders()["ConfigurationRecorders"] if not _is_aws_own(r)), None
        )
        channel = next(iter(client.describe_delivery_channels()["DeliveryChannels"]), None)
        bucket = naming.logs_bucket(target.options)
        if recorder is None:
            control_tower.look_for_roles(target)
            foreign = ""
            if channel and channel["s3BucketName"] != bucket:
                foreign = f"delivery channel {channel['name']} exists and delivers to {channel['s3BucketName']}"
            return Observed(None, foreign, raw={"recorder": None, "channel": channel})
        control_tower.note(target.account, [recorder["name"]])
        status = client.describe_configuration_recorder_status(ConfigurationRecorderNames=[recorder["name"]])
        group = recorder.get("recordingGroup", {})
        state = {
            "recorder_name": recorder["name"],
            "role_arn": recorder.get("roleARN", ""),
            "all_supported": bool(group.get("allSupported")),
            "include_global_resource_types": bool(group.get("includeGlobalResourceTypes")),
            "recording": any(found.get("recording") for found in status["ConfigurationRecordersStatus"]),
            "delivery_channel": _channel(channel),
        }
        findings = tuple(
            f"recorder {recorder['name']} reports {found.get('lastErrorCode')}: {found.get('lastErrorMessage')}"
            for found in status["ConfigurationRecordersStatus"]
            if found.get("lastStatus") == "Failure"
        )
        topic = (channel or {}).get("snsTopicARN")
        if topic not in {None, target.arn("sns", target.options["topic_names"]["awsconfig"])}:
            findings += (f"the delivery channel notified {topic}, and a channel has one topic",)
        foreign = ""
        if recorder.get("roleARN") != naming.config_role_arn(target):
            foreign = f"recorder {recorder['name']} exists (role {recorder.get('roleARN', '').split('/')[-1]})"
        elif channel and channel["s3BucketName"] != bucket:
            foreign = f"recorder {recorder['name']} exists and delivers to {channel['s3BucketName']}"
        return Observed(state, foreign, findings, raw={"recorder": recorder, "channel": channel})

    @staticmethod
    def _global_region(target: Target) -> str:
        """Return the one region that records global resource types: the leading one, where the account has it."""
        regions = target.account.regions
        leading = naming.leading_region(target.account.partition)
        # regions that came after February 2022 cannot record them; all of those are opt-in regions
        likely = sorted(regions, key=lambda region: (region.name != leading, region.opt_in))
        return likely[0].name

    def desired(self, target: Target, seen: Observed) -> State | Skip:
        """Return the recorder and its channel, or why AWS Config is not deployed here."""
        options, before = target.options, seen.state
        evidence = target.account.control_tower_evidence()
        if evidence and (before is None or seen.foreign):
            gaps = _gaps(before) if before else ["no recorder of AWS Config is in the region"]
            return Skip(f"Control Tower manages the account ({evidence})", tuple(gaps))
        if before and seen.foreign and self.name not in target.account.adopt:
            return Skip(seen.foreign, tuple(_gaps(before)))
        channel = seen.raw["channel"] or {}
        return {
            "recorder_name": before["recorder_name"] if before else options["recorder_name"],
            "role_arn": naming.config_role_arn(target),
            "all_supported": True,
            "include_global_resource_types": target.region == self._global_region(target),
            "recording": True,
            "delivery_channel": {
                "name": channel.get("name", options["recorder_name"]),
                "s3_bucket_name": naming.logs_bucket(options),
                "sns_topic_arn": target.arn("sns", options["topic_names"]["awsconfig"]),
            },
        }

    def remains(self, target: Target, seen: Observed) -> State | Skip | None:
        """Return the recorder whose channel has no topic of ours, so that it goes on without errors.

        A recorder that a former run stopped, to make its channel anew, is finished: its tag says how it was.
        """
        if seen.state is None:
            return Skip(seen.foreign)
        wanted, role = dict(seen.state), target.options.get("recorder_role")
        mark = channel_renewal.read(target, seen.raw["recorder"]) if _may_be_cut_off(seen.state) else None
        channel = wanted["delivery_channel"]
        if mark:
            wanted["recording"] = mark["recording"]
            bucket = {"s3BucketName": naming.logs_bucket(target.options)}
            wanted["delivery_channel"] = _channel({**mark["channel"], **bucket})
        elif channel and channel["sns_topic_arn"] in naming.topic_arns(target) - target.account.kept:
            wanted["delivery_channel"] = {**channel, "sns_topic_arn": ""}
        if role == "service_linked" and wanted["role_arn"] == naming.config_role_arn(target):
            wanted["role_arn"] = naming.service_linked_config_role_arn(target)
        if mark and wanted == seen.state:
            return {**wanted, **CUT_OFF}
        if wanted == seen.state:
            return Skip("stays with the account: it goes on recording, and it does not send to a topic that goes")
        return wanted

    def remove(self, target: Target, seen: Observed, after: State | None) -> Removed:
        """Detach the channel from our topic, and where asked for let the recorder use the service-linked role."""
        client, before, wanted = target.client("config"), seen.state or {}, after or {}
        recorder, channel = seen.raw["recorder"], seen.raw["channel"]
        if CUT_OFF.items() <= wanted.items():
            channel_renewal.finish(target, recorder)
            return Removed(proven=True)
        if wanted["role_arn"] != before["role_arn"]:
            self._use_service_linked_role(target, recorder, wanted["role_arn"])
        if wanted["delivery_channel"] == before["delivery_channel"] and wanted["recording"] == before["recording"]:
            return Removed()
        bare = {key: value for key, value in (channel or {}).items() if key != "snsTopicARN"}
        if channel and before["recording"] == wanted["recording"]:
            client.put_delivery_channel(DeliveryChannel=bare)
            again: Mapping[str, Any] = next(iter(client.describe_delivery_channels()["DeliveryChannels"]), {})
            if not again.get("snsTopicARN"):
                return Removed()
        return Removed(notes=(channel_renewal.renew(target, recorder, bare),))

    @staticmethod
    def _use_service_linked_role(target: Target, recorder: Mapping[str, Any], role_arn: str) -> None:
        iam = target.clients.client("iam", target.home_region)

        def make() -> None:
            if naming.found(iam.get_role, "NoSuchEntity", RoleName=role_arn.split("/")[-1]) is None:
                iam.create_service_linked_role(AWSServiceName="config.amazonaws.com")

        target.account.memory.once("service-linked role of AWS Config", make)
        kept = {key: value for key, value in recorder.items() if key in {"name", "recordingGroup", "recordingMode"}}
        target.client("config").put_configuration_recorder(ConfigurationRecorder={**kept, "roleARN": role_arn})

    def uses(self, target: Target, seen: Observed, released: bool) -> list[str]:
        """Return its role and its channel's topic; released, it sends to none of ours, and may have another role."""
        recorder, channel = seen.raw["recorder"] or {}, seen.raw["channel"] or {}
        moves = released and target.options.get("recorder_role") == "service_linked"
        found = ["" if moves else recorder.get("roleARN", ""), "" if released else channel.get("snsTopicARN", "")]
        return [arn for arn in found if arn]

    def not_removable(self, target: Target, seen: Observed) -> str:
        """Say why the recorder is not ours; one that a former run moved to the service-linked role still is."""
        recorder, channel = seen.raw["recorder"], seen.raw["channel"]
        moved = target.options.get("recorder_role") == "service_linked" and recorder is not None
        if moved and recorder.get("roleARN") == naming.service_linked_config_role_arn(target):
            bucket = (channel or {}).get("s3BucketName", naming.logs_bucket(target.options))
            return "" if bucket == naming.logs_bucket(target.options) else seen.foreign
        return seen.foreign

    def put(self, target: Target, seen: Observed, after: State) -> State | None:
        """Write in the order that AWS Config demands: recorder, channel, start."""
        client, before = target.client("config"), seen.state or {}
        parts = ("role_arn", "all_supported", "include_global_resource_types")
        if any(before.get(part) != after[part] for part in parts):
            recorder = {
                "name": after["recorder_name"],
                "roleARN": after["role_arn"],
                "recordingGroup": {
                    "allSupported": True,
                    "includeGlobalResourceTypes": after["include_global_resource_types"],
                },
                # how often an existing one records is left as it is
                **{key: value for key, value in (seen.raw["recorder"] or {}).items() if key == "recordingMode"},
            }
            tags = {} if before else {"Tags": naming.tag_list(target.options)}
            client.put_configuration_recorder(ConfigurationRecorder=recorder, **tags)
        if before.get("delivery_channel") != after["delivery_channel"]:
            wanted = after["delivery_channel"]
            # what the call leaves out goes back to its default: the prefix and the interval of an existing one stay
            client.put_delivery_channel(
                DeliveryChannel={
                    **(seen.raw["channel"] or {}),
                    "name": wanted["name"],
                    "s3BucketName": wanted["s3_bucket_name"],
                    "snsTopicARN": wanted["sns_topic_arn"],
                }
            )
        if not before.get("recording"):
            client.start_configuration_recorder(ConfigurationRecorderName=after["recorder_name"])
        return None


def _may_be_cut_off(state: Mapping[str, Any]) -> bool:
    channel = state["delivery_channel"]
    return not state["recording"] or channel is None or not channel["sns_topic_arn"]


def _is_aws_own(recorder: Mapping[str, Any]) -> bool:
    """Tell whether a recorder is linked to an AWS service: it stands beside the customer's one."""
    return bool(recorder.get("servicePrincipal")) or recorder["name"].startswith("AWSConfigurationRecorderFor")


def _channel(channel: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if channel is None:
        return None
    return {
        "name": channel["name"],
        "s3_bucket_name": channel["s3BucketName"],
        "sns_topic_arn": channel.get("snsTopicARN", ""),
    }


def _gaps(state: Mapping[str, Any]) -> list[str]:
    """Return what an existing recorder leaves out that ours would not."""
    name = state["recorder_name"]
    gaps = []
    if not state["recording"]:
        gaps.append(f"recorder {name} is stopped")
    if not state["all_supported"]:
        gaps.append(f"recorder {name} does not record all resource types")
    if state["delivery_channel"] is None:
        gaps.append(f"recorder {name} has no delivery channel")
    return gaps
