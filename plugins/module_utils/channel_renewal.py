# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A delivery channel of AWS Config made anew, because a channel keeps its topic where PutDeliveryChannel names none.

The recorder stops meanwhile. A tag of the recorder says until the end how channel and recorder were, so that a run
that was cut off is finished by the next one.
Source: AWS CloudFormation Template Reference, AWS::Config::DeliveryChannel (what is not given keeps its value); AWS
Config API Reference, DeleteDeliveryChannel (the recorder stops first), TagResource (recorders are among what it tags).
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import naming
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccountsError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Target

TAG = "rackspace.aws_accounts:channel-renewal"
MAX_TAG = 256  # characters of a tag's value; AWS General Reference, "Tag naming limits and requirements"


def read(target: Target, recorder: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return how a recorder and its channel were before they were cut off: ``recording``, ``channel``; else None."""
    if not recorder.get("arn"):
        return None
    tags = target.client("config").list_tags_for_resource(ResourceArn=recorder["arn"]).get("Tags", [])
    value = next((tag["Value"] for tag in tags if tag["Key"] == TAG), None)
    if value is None:
        return None
    recording, name, prefix, frequency, key = json.loads(base64.urlsafe_b64decode(value))
    channel = {"name": name, "s3KeyPrefix": prefix, "s3KmsKeyArn": key}
    properties = {"configSnapshotDeliveryProperties": {"deliveryFrequency": frequency}} if frequency else {}
    return {"recording": bool(recording), "channel": {k: v for k, v in channel.items() if v} | properties}


def _value(recording: bool, channel: Mapping[str, Any]) -> str:
    """Return a tag's value that holds what ``read`` returns, in the few characters that AWS allows."""
    frequency = channel.get("configSnapshotDeliveryProperties", {}).get("deliveryFrequency", "")
    parts = [channel["name"], channel.get("s3KeyPrefix", ""), frequency, channel.get("s3KmsKeyArn", "")]
    return base64.urlsafe_b64encode(json.dumps([int(recording), *parts], separators=(",", ":")).encode()).decode()


def renew(target: Target, recorder: Mapping[str, Any], channel: Mapping[str, Any]) -> str:
    """Delete the channel and make it again without a topic; returns what to say of the gap in recording.

    Args:
        recorder: as DescribeConfigurationRecorders has it.
        channel: the channel as it is to be; {} where a former run deleted it already.
    """
    client, name = target.client("config"), recorder["name"]
    mark = read(target, recorder)
    if mark is None:
        status = client.describe_configuration_recorder_status(ConfigurationRecorderNames=[name])
        recording = any(found["recording"] for found in status["ConfigurationRecordersStatus"])
        mark = {"recording": recording, "channel": {k: v for k, v in channel.items() if k != "s3BucketName"}}
        value = _value(recording, channel)
        if len(value) > MAX_TAG or not recorder.get("arn"):
            raise AccountsError(
                f"delivery channel {channel['name']} keeps its topic, and is not made anew because its settings do not "
                "fit into a tag; clear its topic by hand, then run again"
            )
        client.tag_resource(ResourceArn=recorder["arn"], Tags=[{"Key": TAG, "Value": value}])
    began = time.monotonic()
    client.stop_configuration_recorder(ConfigurationRecorderName=name)
    for former in client.describe_delivery_channels()["DeliveryChannels"]:
        if former.get("snsTopicARN"):
            client.delete_delivery_channel(DeliveryChannelName=former["name"])
            channel = {key: value for key, value in former.items() if key != "snsTopicARN"}
    bucket = {"s3BucketName": naming.logs_bucket(target.options)}
    client.put_delivery_channel(DeliveryChannel={**bucket, **channel, **mark["channel"]})
    if mark["recording"]:
        client.start_configuration_recorder(ConfigurationRecorderName=name)
    finish(target, recorder)
    seconds = time.monotonic() - began
    return f"recorder {name} stopped for {seconds:.1f} s: AWS Config keeps a channel's topic unless it is made anew"


def finish(target: Target, recorder: Mapping[str, Any]) -> None:
    """Take the tag away: nothing is left to be done."""
    target.client("config").untag_resource(ResourceArn=recorder["arn"], TagKeys=[TAG])
