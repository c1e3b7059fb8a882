# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A delivery channel that keeps its topic is made anew, and wherever that is cut off, the next run finishes it."""

from __future__ import annotations

import contextlib
import copy
import json
from typing import Any

import pytest

from tests.unit.core.places import ACCOUNT, UUID, refusal
from tests.unit.removal.leaving import Killed, Leaving, iam_arn, row

TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:rackspace-awsconfig"
LINKED = iam_arn("role", "aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig")
CHANNEL = {
    "name": "default",
    "s3BucketName": f"{UUID}-logs",
    "s3KeyPrefix": "customer",
    "snsTopicARN": TOPIC,
    "configSnapshotDeliveryProperties": {"deliveryFrequency": "Three_Hours"},
}
BARE = {key: value for key, value in CHANNEL.items() if key != "snsTopicARN"}
WRITES = [
    "PutDeliveryChannel",
    "TagResource",
    "StopConfigurationRecorder",
    "DeleteDeliveryChannel",
    "PutDeliveryChannel",
    "StartConfigurationRecorder",
    "UntagResource",
]


class Config:
    """AWS Config of one region, which keeps a channel's topic where none is named; dies after so many writes."""

    def __init__(self) -> None:
        self.recorder: dict[str, Any] = {
            "name": "default",
            "arn": f"arn:aws:config:us-east-1:{ACCOUNT}:configuration-recorder/default/1",
            "roleARN": iam_arn("role", "AWSConfig"),
            "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True},
            "recordingMode": {"recordingFrequency": "DAILY"},
        }
        self.channel: dict[str, Any] = copy.deepcopy(CHANNEL)
        self.recording = True
        self.tags: dict[str, str] = {"theirs": "kept"}
        self.writes: list[str] = []
        self.dies_after = 0
        self.refused: dict[str, str] = {}

    def _write(self, name: str) -> None:
        if self.dies_after and len(self.writes) >= self.dies_after:
            raise Killed
        if name in self.refused:
            raise refusal(self.refused[name], name)
        self.writes.append(name)

    def _end(self) -> dict[str, Any]:
        if self.dies_after and len(self.writes) >= self.dies_after:
            raise Killed
        return {}

    def describe_configuration_recorders(self) -> dict[str, Any]:
        """Return the recorder."""
        return {"ConfigurationRecorders": [dict(self.recorder)]}

    def describe_delivery_channels(self) -> dict[str, Any]:
        """Return the channel, if there is one."""
        return {"DeliveryChannels": [copy.deepcopy(self.channel)] if self.channel else []}

    def describe_configuration_recorder_status(self, **_: Any) -> dict[str, Any]:
        """Return whether it records."""
        return {"ConfigurationRecordersStatus": [{"name": "default", "recording": self.recording}]}

    def list_tags_for_resource(self, **_: Any) -> dict[str, Any]:
        """Return the recorder's tags."""
        return {"Tags": [{"Key": key, "Value": value} for key, value in self.tags.items()]}

    def put_configuration_recorder(self, ConfigurationRecorder: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        """Replace the recorder."""
        self._write("PutConfigurationRecorder")
        self.recorder = {**ConfigurationRecorder, "arn": self.recorder["arn"]}
        return self._end()

    def put_delivery_channel(self, DeliveryChannel: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        """Replace the channel; what is left out stays."""
        self._write("PutDeliveryChannel")
        self.channel = {**self.channel, **DeliveryChannel}
        return self._end()

    def delete_delivery_channel(self, DeliveryChannelName: str) -> dict[str, Any]:  # noqa: N803
        """Delete the channel, unless the recorder runs."""
        assert DeliveryChannelName == self.channel["name"]
        self._write("DeleteDeliveryChannel")
        if self.recording:
            raise refusal("LastDeliveryChannelDeleteFailedException", "DeleteDeliveryChannel")
        self.channel = {}
        return self._end()

    def start_configuration_recorder(self, **_: Any) -> dict[str, Any]:
        """Start to record, where there is a channel."""
        self._write("StartConfigurationRecorder")
        if not self.channel:
            raise refusal("NoAvailableDeliveryChannelException", "StartConfigurationRecorder")
        self.recording = True
        return self._end()

    def stop_configuration_recorder(self, **_: Any) -> dict[str, Any]:
        """Stop to record."""
        self._write("StopConfigurationRecorder")
        self.recording = False
        return self._end()

    def tag_resource(self, ResourceArn: str, Tags: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803
        """Tag the recorder, as AWS lets it be tagged."""
        assert ResourceArn == self.recorder["arn"]
        self._write("TagResource")
        assert all(len(tag["Value"]) <= 256 for tag in Tags)
        self.tags.update({tag["Key"]: tag["Value"] for tag in Tags})
        return self._end()

    def untag_resource(self, ResourceArn: str, TagKeys: list[str]) -> dict[str, Any]:  # noqa: N803
        """Take tags away."""
        assert ResourceArn == self.recorder["arn"]
        self._write("UntagResource")
        for key in TagKeys:
            self.tags.pop(key, None)
        return self._end()


class Region(Leaving):
    """An account of one region with such an AWS Config."""

    config: Config

    def client(self, service: str, region: str) -> Any:
        """Return the account's client of a service."""
        return self.config if service == "config" else super().client(service, region)


@pytest.fixture
def region(aws: None) -> Region:
    """An onboarded region whose AWS Config keeps a channel's topic."""
    place = Region(regions=("us-east-1",))
    place.config = Config()
    place.own("sns").create_topic(
        Name="rackspace-awsconfig", Tags=[{"Key": "ManagedBy", "Value": "rackspace.aws_accounts"}]
    )
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}, "Action": "x"}]}
    place.own("iam").create_role(
        RoleName="AWSServiceRoleForConfig",
        Path="/aws-service-role/config.amazonaws.com/",
        AssumeRolePolicyDocument=json.dumps({**trust, "Version": "2012-10-17"}),
    )
    return place


def leave(place: Region, **chosen: Any) -> Any:
    """Apply the removal of the recorder's and its topic's default."""
    return place.leave("awsconfig_topic", "recorder", **chosen)


def cut_off(place: Region, writes: int, **chosen: Any) -> None:
    """End the removal after so many writes of AWS Config; then the process is new."""
    place.config.dies_after = writes
    with pytest.raises(Killed):
        leave(place, **chosen)
    place.config.dies_after = 0
    del place.config.writes[:]


def finished(place: Region, role: str = "AWSConfig", recording: bool = True) -> None:
    """Check that recorder and channel are as they were, without the topic, and nothing is left of the renewal."""
    config = place.config
    assert (config.channel, config.recording, config.tags) == (BARE, recording, {"theirs": "kept"})
    assert config.recorder["roleARN"].endswith(role)
    assert place.topics() == set()


def test_a_channel_that_keeps_its_topic_is_made_anew(region: Region) -> None:
    """E5: with all its settings; the recorder stops only meanwhile, and that is said."""
    found = row(leave(region), "recorder")

    finished(region)
    assert region.config.writes == WRITES
    assert found["state"] == "compliant"
    assert any("recorder default stopped for 0.0 s" in finding for finding in found["findings"])


def test_a_channel_that_lets_its_topic_go_is_not_made_anew(region: Region) -> None:
    """E5: no gap where none is needed."""
    region.config.channel = {key: value for key, value in CHANNEL.items() if key != "snsTopicARN"}
    region.config.channel["snsTopicARN"] = TOPIC
    put = region.config.put_delivery_channel

    def forget(DeliveryChannel: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        region.config.channel = {}
        return put(DeliveryChannel)

    region.config.put_delivery_channel = forget  # type: ignore[method-assign]

    leave(region)

    finished(region)
    assert region.config.writes == ["PutDeliveryChannel"]


@pytest.mark.parametrize("writes", range(1, len(WRITES) + 1))
def test_a_renewal_that_was_cut_off_anywhere_is_finished_by_the_next_run(region: Region, writes: int) -> None:
    """G6: never is the account left without a recorder that records."""
    cut_off(region, writes)

    assert row(leave(region), "recorder")["state"] in {"compliant", "skipped"}

    finished(region)


@pytest.mark.parametrize("writes", range(1, len(WRITES) + 1))
def test_a_renewal_that_was_cut_off_twice_is_finished_too(region: Region, writes: int) -> None:
    """G6: the rerun dies after its first write."""
    cut_off(region, writes)
    region.config.dies_after = 1
    with contextlib.suppress(Killed):
        leave(region)
    region.config.dies_after = 0

    leave(region)

    finished(region)


@pytest.mark.parametrize("writes", range(1, len(WRITES)))
def test_a_recorder_that_had_been_stopped_is_not_started(region: Region, writes: int) -> None:
    """E5: as the customer left it."""
    region.config.recording = False
    cut_off(region, min(writes, 5))

    leave(region)

    finished(region, recording=False)
    assert "StartConfigurationRecorder" not in region.config.writes


@pytest.mark.parametrize("writes", range(1, len(WRITES) + 1))
def test_after_a_renewal_a_further_run_changes_nothing(region: Region, writes: int) -> None:
    """G2."""
    cut_off(region, writes)
    leave(region)
    del region.config.writes[:]

    plan = leave(region)

    assert (plan.result()["changed"], region.config.writes) == (False, [])


@pytest.mark.parametrize(
    "refused",
    [
        "StopConfigurationRecorder",
        "DeleteDeliveryChannel",
        "StartConfigurationRecorder",
        "UntagResource",
        "TagResource",
    ],
)
def test_a_renewal_that_was_refused_keeps_the_topic_and_is_finished_by_the_next_run(
    region: Region, refused: str
) -> None:
    """G5, G6: AccessDenied half way."""
    region.config.refused = {refused: "AccessDenied"}
    plan = leave(region)
    assert (row(plan, "recorder")["state"], row(plan, "awsconfig_topic")["state"]) == ("failed", "skipped")
    assert region.topics() == {"rackspace-awsconfig"}
    region.config.refused = {}

    leave(region)

    finished(region)


def test_settings_that_do_not_fit_into_a_tag_are_never_lost(region: Region) -> None:
    """E5: the channel is not made anew then, and the error says what to do."""
    region.config.channel["s3KeyPrefix"] = "x" * 200
    plan = leave(region)

    assert row(plan, "recorder")["state"] == "failed"
    assert "clear its topic by hand" in row(plan, "recorder")["error"]["message"]
    assert region.config.recording
    assert region.config.channel["s3KeyPrefix"] == "x" * 200
    assert "DeleteDeliveryChannel" not in region.config.writes


def test_a_prefix_an_interval_and_a_key_fit_into_the_tag(region: Region) -> None:
    """E5: the settings that a channel can have."""
    settings = {"s3KmsKeyArn": f"arn:aws:kms:us-west-2:{ACCOUNT}:key/{UUID}"}
    region.config.channel.update(settings)

    assert row(leave(region), "recorder")["state"] == "compliant"
    assert region.config.channel == {**BARE, **settings}


def test_check_mode_tells_of_a_renewal_that_was_cut_off_and_writes_nothing(region: Region) -> None:
    """G1."""
    cut_off(region, WRITES.index("DeleteDeliveryChannel") + 1)

    found = row(region.removal("awsconfig_topic", "recorder"), "recorder")

    assert (found["action"], found["changed"], found["before"]["recording"]) == ("detach", True, False)
    assert found["after"]["recording"] is True
    assert found["after"]["delivery_channel"]["sns_topic_arn"] == ""
    assert region.config.writes == []


@pytest.mark.parametrize("writes", range(1, len(WRITES) + 1))
def test_a_renewal_with_the_service_linked_role_is_finished_too(region: Region, writes: int) -> None:
    """G6: the role moves first; cut off after that, the recorder is still ours to finish."""
    cut_off(region, writes, recorder_role="service_linked")

    leave(region, recorder_role="service_linked")

    finished(region, role="AWSServiceRoleForConfig")
