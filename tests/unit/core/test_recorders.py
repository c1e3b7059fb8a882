# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""AWS Config in every region, unless somebody records there already (B10, B12)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.recorders import Recorder
from tests.unit.core.places import ACCOUNT, STRANGER, UUID, Place, failures, only

LOGS = f"{UUID}-logs"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/AWSConfig"
THEIR_ROLE = f"arn:aws:iam::{ACCOUNT}:role/their-config"
TOPIC = f"arn:aws:sns:eu-west-1:{ACCOUNT}:rackspace-awsconfig"
DEFAULT = Recorder()
ONE = ["eu-west-1"]


@pytest.fixture
def place(aws: None) -> Place:
    """An account with what recorders need: two buckets, and the topic in every region."""
    place = Place()
    for bucket in (LOGS, "theirs"):
        place.own("s3").create_bucket(Bucket=bucket)
    for region in ("us-east-1", "eu-west-1"):
        place.own("sns", region).create_topic(Name="rackspace-awsconfig")
    return place


def recorder(place: Place, name: str = "default", role: str = THEIR_ROLE, group: dict[str, Any] | None = None) -> Any:
    """Put a recorder as somebody else would; return a client that can go on."""
    client = place.own("config", "eu-west-1")
    group = group or {"allSupported": True, "includeGlobalResourceTypes": False}
    client.put_configuration_recorder(ConfigurationRecorder={"name": name, "roleARN": role, "recordingGroup": group})
    return client


def channel(place: Place, bucket: str = "theirs", **more: Any) -> None:
    """Put a delivery channel as somebody else would."""
    client = place.own("config", "eu-west-1")
    client.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": bucket, **more})


def there(place: Place, region: str = "eu-west-1") -> tuple[Any, Any, Any]:
    """Return recorder, channel and whether it records, as AWS has them."""
    client = place.own("config", region)
    recorders = client.describe_configuration_recorders()["ConfigurationRecorders"]
    channels = client.describe_delivery_channels()["DeliveryChannels"]
    status = client.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    return recorders, channels, [found["recording"] for found in status]


# --- ours


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_what_is_observed_after_a_put_is_what_was_desired(place: Place, region: str) -> None:
    """G2."""
    place.put(DEFAULT, region)


def test_a_second_run_writes_nothing(place: Place) -> None:
    """G2."""
    place.applied(DEFAULT)
    del place.aws.calls[:]

    place.applied(DEFAULT)

    assert place.aws.writes == []


def test_every_region_records_all_types_to_the_logs_bucket_and_our_topic(place: Place) -> None:
    """B10, B11."""
    place.applied(DEFAULT)

    (found,), (delivery,), recording = there(place)
    assert (found["name"], found["roleARN"], found["recordingGroup"]["allSupported"]) == ("default", ROLE, True)
    assert (delivery["s3BucketName"], delivery["snsTopicARN"], recording) == (LOGS, TOPIC, [True])


def test_the_order_is_the_one_that_config_demands(place: Place) -> None:
    """AWS facts: recorder, channel, start."""
    place.applied(DEFAULT, regions=ONE)

    assert place.aws.writes == ["PutConfigurationRecorder", "PutDeliveryChannel", "StartConfigurationRecorder"]


def test_global_resource_types_are_recorded_in_one_region(place: Place) -> None:
    """AWS facts: in one region only, whatever region the dispatcher has."""
    place.applied(DEFAULT, events_region="eu-west-1")

    found = {r: there(place, r)[0][0]["recordingGroup"]["includeGlobalResourceTypes"] for r in ("us-east-1", *ONE)}
    assert found == {"us-east-1": True, "eu-west-1": False}


def test_our_recorder_that_stopped_is_drift_and_starts_again(place: Place) -> None:
    """AWS facts: a stopped recorder is drift."""
    place.applied(DEFAULT, regions=ONE)
    place.own("config", "eu-west-1").stop_configuration_recorder(ConfigurationRecorderName="default")
    del place.aws.calls[:]

    place.applied(DEFAULT, regions=ONE)

    assert place.aws.writes == ["StartConfigurationRecorder"]


def test_an_existing_recorder_of_another_name_is_ours_by_role_and_bucket(place: Place) -> None:
    """AWS facts: names cannot change: adopt what exists."""
    recorder(place, "former", ROLE)
    channel(place, LOGS)

    place.applied(DEFAULT, regions=ONE)

    (found,), (delivery,), recording = there(place)
    assert (found["name"], delivery["snsTopicARN"], recording) == ("former", TOPIC, [True])


def test_a_channels_prefix_key_and_frequency_stay(place: Place) -> None:
    """G9: what the call leaves out goes back to its default."""
    recorder(place, role=ROLE)
    kept = {"s3KeyPrefix": "config", "configSnapshotDeliveryProperties": {"deliveryFrequency": "Six_Hours"}}
    channel(place, LOGS, **kept)

    place.applied(DEFAULT, regions=ONE)

    (delivery,) = there(place)[1]
    assert {key: delivery[key] for key in kept} == kept
    assert delivery["snsTopicARN"] == TOPIC


def test_how_often_an_existing_recorder_records_stays(place: Place) -> None:
    """G9: recordingMode is sent back where the recorder is written."""
    recorder(place, role=ROLE)
    channel(place, LOGS)
    mode = {"recordingFrequency": "DAILY"}

    def edit(parsed: dict[str, Any]) -> None:
        parsed["ConfigurationRecorders"][0].update(recordingMode=mode, recordingGroup={"allSupported": False})

    place.aws.edit("DescribeConfigurationRecorders", edit)

    place.apply(DEFAULT, regions=ONE)

    (sent,) = place.aws.arguments("PutConfigurationRecorder")[:1]
    assert sent["ConfigurationRecorder"]["recordingMode"] == mode


@pytest.mark.parametrize(
    "group",
    [
        {"allSupported": False, "resourceTypes": ["AWS::EC2::Instance"]},
        {"allSupported": True, "includeGlobalResourceTypes": True},
    ],
    ids=["some types", "global types twice"],
)
def test_our_recorder_of_other_types_is_drift(place: Place, group: dict[str, Any]) -> None:
    """B10."""
    recorder(place, role=ROLE, group=group)
    channel(place, LOGS, snsTopicARN=TOPIC)

    plan = place.applied(DEFAULT, regions=ONE)

    assert only(plan).changed


def test_a_delivery_that_fails_is_a_finding(place: Place) -> None:
    """G7: recording, and nothing arrives."""
    place.applied(DEFAULT, regions=ONE)

    def edit(parsed: dict[str, Any]) -> None:
        parsed["ConfigurationRecordersStatus"][0].update(
            lastStatus="Failure", lastErrorCode="AccessDenied", lastErrorMessage="no"
        )

    place.aws.edit("DescribeConfigurationRecorderStatus", edit)

    change = only(place.plan(DEFAULT, regions=ONE))
    assert (change.state, change.findings) == ("compliant", ("recorder default reports AccessDenied: no",))


# --- cut off, and late


@pytest.mark.parametrize("failing", ["PutConfigurationRecorder", "PutDeliveryChannel", "StartConfigurationRecorder"])
def test_a_run_cut_off_before_any_of_its_writes_is_finished(place: Place, failing: str) -> None:
    """G6."""
    place.aws.refuse(failing, "InternalError")
    assert failures(place.apply(DEFAULT, regions=ONE)) != []

    place.applied(DEFAULT, regions=ONE)

    assert there(place)[2] == [True]


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("PutConfigurationRecorder", "InvalidRoleException"),
        ("PutDeliveryChannel", "InsufficientDeliveryPolicyException"),
        ("PutDeliveryChannel", "NoSuchBucketException"),
        ("PutDeliveryChannel", "InvalidSNSTopicARNException"),
        ("StartConfigurationRecorder", "NoAvailableDeliveryChannelException"),
    ],
)
def test_what_config_does_not_see_yet_is_waited_for(place: Place, operation: str, code: str) -> None:
    """AWS facts: the recorder's role and the delivery bucket's policy must be visible first."""
    place.aws.refuse(operation, code, times=2)

    place.applied(DEFAULT, regions=ONE)

    assert there(place)[2] == [True]


# --- somebody else's


def test_no_deployment_where_a_recorder_exists(place: Place) -> None:
    """B12: and what it leaves out is told."""
    recorder(place)
    channel(place)
    before = there(place)

    change = only(place.apply(DEFAULT, regions=ONE))

    assert (change.state, place.aws.writes, there(place)) == ("skipped", [], before)
    assert change.reason == "recorder default exists (role their-config)"
    assert change.findings == ("recorder default is stopped",)


def test_no_deployment_where_a_recorder_with_our_role_delivers_elsewhere(place: Place) -> None:
    """Design, "Owned is": role and bucket."""
    recorder(place, role=ROLE)
    channel(place)

    change = only(place.apply(DEFAULT, regions=ONE))

    assert (change.state, place.aws.writes) == ("skipped", [])
    assert "delivers to theirs" in change.reason


def test_what_an_existing_recorder_leaves_out_is_a_finding(place: Place) -> None:
    """B12, B8: a region that is not recorded must not look recorded."""
    recorder(place, group={"allSupported": False, "resourceTypes": ["AWS::EC2::Instance"]})

    assert only(place.plan(DEFAULT, regions=ONE)).findings == (
        "recorder default is stopped",
        "recorder default does not record all resource types",
        "recorder default has no delivery channel",
    )


def test_one_region_with_a_recorder_leaves_the_others_to_us(place: Place) -> None:
    """B12: in a region where a recorder already exists."""
    recorder(place)

    plan = place.applied(DEFAULT)

    assert {change.target.region: change.state for change in plan.changes} == {
        "us-east-1": "compliant",
        "eu-west-1": "skipped",
    }


def test_an_adopted_recorder_is_taken_over(place: Place) -> None:
    """G9: under its own name."""
    recorder(place, "theirs")
    channel(place)
    place.account.adopt = {"recorder": "agreed"}

    place.applied(DEFAULT, regions=ONE)

    (found,), (delivery,), _ = there(place)
    assert (found["name"], found["roleARN"], delivery["s3BucketName"]) == ("theirs", ROLE, LOGS)


def test_a_channel_without_a_recorder_that_delivers_elsewhere_is_foreign(place: Place) -> None:
    """G9: one channel a region, and it is not ours."""
    place.aws.answer("DescribeDeliveryChannels", {"DeliveryChannels": [{"name": "default", "s3BucketName": "theirs"}]})

    change = only(place.apply(DEFAULT, regions=ONE))

    assert (change.state, place.aws.writes) == ("foreign", [])
    assert "delivery channel default exists and delivers to theirs" in change.reason


@pytest.mark.parametrize(
    "linked",
    [
        {"name": "AWSConfigurationRecorderForX_1", "roleARN": "arn:x"},
        {"name": "linked", "servicePrincipal": "x.amazonaws.com", "roleARN": "arn:x"},
    ],
)
def test_a_recorder_linked_to_an_aws_service_is_not_the_customers_one(place: Place, linked: dict[str, str]) -> None:
    """AWS facts: service-linked recorders cannot be modified and stand beside ours."""
    place.aws.edit(
        "DescribeConfigurationRecorders", lambda parsed: parsed["ConfigurationRecorders"].insert(0, dict(linked))
    )

    place.applied(DEFAULT, regions=ONE)

    assert there(place)[2] == [True]


def test_ours_is_seen_beside_a_linked_one(place: Place) -> None:
    """G2."""
    place.applied(DEFAULT, regions=ONE)
    linked = {"name": "AWSConfigurationRecorderForX_1", "roleARN": "arn:x", "servicePrincipal": "x.amazonaws.com"}
    place.aws.edit("DescribeConfigurationRecorders", lambda parsed: parsed["ConfigurationRecorders"].insert(0, linked))

    assert only(place.plan(DEFAULT, regions=ONE)).state == "compliant"


def test_no_deployment_where_control_tower_manages_the_account(place: Place) -> None:
    """B12."""
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    place.own("iam").create_role(RoleName="AWSControlTowerExecution", AssumeRolePolicyDocument=trust)

    plan = place.apply(DEFAULT)

    assert ({change.state for change in plan.changes}, place.aws.writes) == ({"skipped"}, [])
    assert "Control Tower" in plan.changes[0].reason


def test_control_towers_recorder_in_one_region_speaks_for_all(place: Place) -> None:
    """B12."""
    recorder(place, "aws-controltower-BaselineConfigRecorder")

    plan = place.apply(DEFAULT)

    assert ({change.state for change in plan.changes}, place.aws.writes) == ({"skipped"}, [])
    assert "aws-controltower-BaselineConfigRecorder" in plan.changes[0].reason


def test_a_region_of_control_tower_without_a_recorder_is_a_finding(place: Place) -> None:
    """B10, B12."""
    recorder(place, "aws-controltower-BaselineConfigRecorder")

    findings = {change.target.region: change.findings for change in place.plan(DEFAULT).changes}

    assert findings["us-east-1"] == ("no recorder of AWS Config is in the region",)
    assert "recorder aws-controltower-BaselineConfigRecorder is stopped" in findings["eu-west-1"]


def test_our_recorder_from_before_control_tower_is_kept_up(place: Place) -> None:
    """B12: no deployment; an existing one of ours is not abandoned."""
    place.applied(DEFAULT, regions=ONE)
    place.account.control_tower = "true"
    place.own("config", "eu-west-1").stop_configuration_recorder(ConfigurationRecorderName="default")

    assert only(place.plan(DEFAULT, regions=ONE)).state == "drifted"


def test_a_topic_that_a_customer_gave_our_channel_is_not_replaced_unseen(place: Place) -> None:
    """G9, B11: it is replaced (a channel has one topic), so somebody must be told what is lost."""
    recorder(place, role=ROLE)
    channel(place, LOGS)
    theirs = f"arn:aws:sns:eu-west-1:{STRANGER}:theirs"
    place.aws.edit("DescribeDeliveryChannels", lambda parsed: parsed["DeliveryChannels"][0].update(snsTopicARN=theirs))

    change = only(place.plan(DEFAULT, regions=ONE))

    assert change.state == "foreign" or any(theirs in finding for finding in change.findings)
