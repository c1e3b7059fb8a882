# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Trails and recorders go on without errors: detached from what goes, or it stays (E5)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.core.places import ACCOUNT, STRANGER, UUID
from tests.unit.removal.leaving import Leaving, departures, iam_arn, killed_after, row

TRAIL = ("logs_bucket", "cloudtrail_topic", "trail")
CONFIG = ("logs_bucket", "config_role", "awsconfig_topic", "recorder")
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:rackspace-cloudtrail"
CONFIG_TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:rackspace-awsconfig"
LINKED = iam_arn("role", "aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig")


def trail_of(place: Leaving, region: str = "us-east-1") -> dict[str, Any]:
    """Return our trail as AWS has it."""
    found: dict[str, Any] = place.own("cloudtrail", region).get_trail(Name="rackspace-cloudtrail")["Trail"]
    return found


def recorder_of(place: Leaving, region: str = "us-east-1") -> dict[str, Any]:
    """Return the recorder as AWS has it."""
    (found,) = place.own("config", region).describe_configuration_recorders()["ConfigurationRecorders"]
    return dict(found)


def channel_of(place: Leaving, region: str = "us-east-1") -> dict[str, Any]:
    """Return the delivery channel as AWS has it."""
    (found,) = place.own("config", region).describe_delivery_channels()["DeliveryChannels"]
    return dict(found)


# --- trails


def test_only_the_topic_of_our_trail_changes(place: Leaving) -> None:
    """E5."""
    place.onboard(*TRAIL)
    before = trail_of(place)

    place.leave(*TRAIL)

    assert place.aws.arguments("UpdateTrail") == [
        {"Name": f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/rackspace-cloudtrail", "SnsTopicName": ""}
    ]
    assert {k: v for k, v in trail_of(place).items() if "Sns" not in k} == {
        k: v for k, v in before.items() if "Sns" not in k
    }


def test_a_topic_to_which_somebody_elses_trail_sends_is_kept_and_so_is_ours_attached(place: Leaving) -> None:
    """E5: that trail would report errors."""
    place.onboard(*TRAIL)
    place.own("cloudtrail").create_trail(
        Name="theirs",
        S3BucketName=f"{UUID}-logs",
        SnsTopicName="rackspace-cloudtrail",
        IncludeGlobalServiceEvents=False,
    )

    plan = place.leave(*TRAIL)

    assert "trail theirs" in row(plan, "cloudtrail_topic")["reason"]
    assert (row(plan, "trail")["action"], place.aws.writes) == ("keep", [])


def test_somebody_elses_trail_without_our_topic_keeps_nothing(place: Leaving) -> None:
    """E6."""
    place.onboard(*TRAIL)
    place.own("cloudtrail").create_trail(Name="theirs", S3BucketName=f"{UUID}-logs", IncludeGlobalServiceEvents=False)

    assert row(place.leave(*TRAIL), "cloudtrail_topic")["changed"]


def test_a_trail_that_was_set_to_another_topic_stays_as_it_is(place: Leaving) -> None:
    """E5: the customer's own."""
    place.onboard(*TRAIL)
    place.own("sns").create_topic(Name="theirs")
    place.own("cloudtrail").update_trail(Name="rackspace-cloudtrail", SnsTopicName="theirs")

    plan = place.leave(*TRAIL)

    assert row(plan, "trail")["action"] == "keep"
    assert trail_of(place)["SnsTopicName"] == "theirs"
    assert place.topics() == {"theirs"}


def test_a_trail_that_sends_to_a_topic_that_is_kept_stays_attached(place: Leaving) -> None:
    """E5, G4."""
    place.onboard(*TRAIL)

    plan = place.leave(*TRAIL, adopt={"cloudtrail_topic": "ticket 7"})

    assert (row(plan, "trail")["action"], place.aws.writes) == ("keep", [])


def test_an_adopted_trail_keeps_its_topic(place: Leaving) -> None:
    """E5: a trail that is left as it is must go on without errors."""
    place.onboard(*TRAIL)

    plan = place.leave(*TRAIL, adopt={"trail": "ticket 7"})

    assert row(plan, "trail")["state"] == "foreign"
    assert place.topics() == {"rackspace-cloudtrail"}


def test_somebody_elses_trail_of_our_name_keeps_its_topic(place: Leaving) -> None:
    """E5, G4: it logs to another bucket, and we may not change it."""
    place.onboard("logs_bucket", "cloudtrail_topic")
    place.own("s3").create_bucket(Bucket="theirs")
    place.own("cloudtrail").create_trail(
        Name="rackspace-cloudtrail",
        S3BucketName="theirs",
        SnsTopicName="rackspace-cloudtrail",
        IncludeGlobalServiceEvents=False,
    )

    plan = place.leave(*TRAIL)

    assert row(plan, "trail")["state"] == "foreign"
    assert place.topics() == {"rackspace-cloudtrail"}


def test_our_trail_that_somebody_widened_to_all_regions_lets_its_topic_go(two: Leaving) -> None:
    """E6: no topic stays behind for a trail that is detached."""
    two.onboard(*TRAIL)
    two.own("cloudtrail").update_trail(
        Name="rackspace-cloudtrail", IsMultiRegionTrail=True, IncludeGlobalServiceEvents=True
    )

    plan = two.leave(*TRAIL)

    assert row(plan, "trail", "us-east-1")["action"] == "detach"
    assert two.topics() == set()


def test_an_organizations_trail_of_another_account_keeps_no_topic_of_ours(place: Leaving) -> None:
    """E6: where only a topic's name is told, it is the trail's own account's."""
    place.onboard(*TRAIL)
    theirs = f"arn:aws:sns:us-east-1:{STRANGER}:rackspace-cloudtrail"

    def add(answer: Any) -> None:
        answer["trailList"].append(
            {
                "Name": "org",
                "TrailARN": f"arn:aws:cloudtrail:us-east-1:{STRANGER}:trail/org",
                "HomeRegion": "us-east-1",
                "S3BucketName": "org",
                "SnsTopicName": "rackspace-cloudtrail",
                "SnsTopicARN": theirs,
                "IsOrganizationTrail": True,
            }
        )

    place.aws.edit("DescribeTrails", add)

    assert row(place.leave(*TRAIL), "cloudtrail_topic")["changed"]


def test_one_of_our_other_topics_that_our_trail_was_set_to_stays(place: Leaving) -> None:
    """E5: the trail is not detached from it, so it would report errors."""
    place.onboard(*TRAIL, "support_topic")
    place.own("cloudtrail").update_trail(Name="rackspace-cloudtrail", SnsTopicName="rackspace-support")

    place.leave(*TRAIL, "support_topic")

    assert not trail_of(place).get("SnsTopicName") or "rackspace-support" in place.topics()


# --- recorders


def test_only_the_topic_of_our_channel_changes_and_recording_goes_on(place: Leaving) -> None:
    """E5."""
    place.onboard(*CONFIG)
    properties = {"configSnapshotDeliveryProperties": {"deliveryFrequency": "Three_Hours"}, "s3KeyPrefix": "x"}
    place.own("config").put_delivery_channel(DeliveryChannel={**channel_of(place), **properties})
    before = channel_of(place)

    plan = place.leave(*CONFIG)

    assert channel_of(place) == {k: v for k, v in before.items() if k != "snsTopicARN"}
    assert row(plan, "config_role")["action"] == "keep"
    assert not {"StopConfigurationRecorder", "DeleteDeliveryChannel"} & set(place.aws.writes)


def test_a_customers_recorder_that_notifies_our_topic_keeps_it(place: Leaving) -> None:
    """E5, G4."""
    place.onboard("logs_bucket", "awsconfig_topic")
    config = place.own("config")
    config.put_configuration_recorder(ConfigurationRecorder={"name": "theirs", "roleARN": iam_arn("role", "theirs")})
    config.put_delivery_channel(
        DeliveryChannel={"name": "theirs", "s3BucketName": "theirs", "snsTopicARN": CONFIG_TOPIC}
    )

    plan = place.leave(*CONFIG)

    assert "recorder in us-east-1" in row(plan, "awsconfig_topic")["reason"]
    assert (row(plan, "recorder")["action"], place.aws.writes) == ("keep", [])


def test_a_recorder_with_our_role_and_another_bucket_keeps_its_topic(place: Leaving) -> None:
    """E5, G4: it is kept as it is, so its channel must go on."""
    place.onboard(*CONFIG)
    place.own("config").put_delivery_channel(DeliveryChannel={**channel_of(place), "s3BucketName": "theirs"})

    plan = place.leave(*CONFIG)

    assert row(plan, "recorder")["state"] == "foreign"
    assert "rackspace-awsconfig" in place.topics()


def test_an_adopted_recorder_keeps_its_topic(place: Leaving) -> None:
    """E5."""
    place.onboard(*CONFIG)

    plan = place.leave(*CONFIG, adopt={"recorder": "ticket 7"})

    assert row(plan, "recorder")["state"] == "foreign"
    assert "rackspace-awsconfig" in place.topics()


def test_a_recorder_that_the_customer_set_to_another_topic_stays_as_it_is(place: Leaving) -> None:
    """E5."""
    place.onboard(*CONFIG)
    theirs = f"arn:aws:sns:us-east-1:{ACCOUNT}:theirs"
    place.own("config").put_delivery_channel(DeliveryChannel={**channel_of(place), "snsTopicARN": theirs})

    plan = place.leave(*CONFIG)

    assert (row(plan, "recorder")["action"], channel_of(place)["snsTopicARN"]) == ("keep", theirs)


def test_one_of_our_other_topics_that_our_channel_was_set_to_stays(place: Leaving) -> None:
    """E5: the channel is not detached from it."""
    place.onboard(*CONFIG, "support_topic")
    support = f"arn:aws:sns:us-east-1:{ACCOUNT}:rackspace-support"
    place.own("config").put_delivery_channel(DeliveryChannel={**channel_of(place), "snsTopicARN": support})

    place.leave(*CONFIG, "support_topic")

    assert not channel_of(place).get("snsTopicARN") or "rackspace-support" in place.topics()


# --- moved to the service-linked role


@pytest.fixture
def linked(place: Leaving) -> Leaving:
    """An account whose recorder is to be moved to the service-linked role, which is there."""
    place.onboard(*CONFIG)
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}, "Action": "x"}]}
    place.own("iam").create_role(
        RoleName="AWSServiceRoleForConfig",
        Path="/aws-service-role/config.amazonaws.com/",
        AssumeRolePolicyDocument=json.dumps({**trust, "Version": "2012-10-17"}),
    )
    return place


def leave_linked(place: Leaving, **chosen: Any) -> Any:
    """Apply the removal with the recorder moved to the service-linked role."""
    return place.leave(*CONFIG, recorder_role="service_linked", **chosen)


def test_a_recorder_moves_to_the_service_linked_role_and_then_the_config_role_goes(linked: Leaving) -> None:
    """E6: by option."""
    group = recorder_of(linked)["recordingGroup"]

    leave_linked(linked)

    assert (recorder_of(linked)["roleARN"], recorder_of(linked)["recordingGroup"]) == (LINKED, group)
    assert linked.roles() == {"AWSServiceRoleForConfig"}
    assert linked.topics() == set()
    writes = linked.aws.writes
    assert writes.index("PutConfigurationRecorder") < writes.index("DeleteRole")


def test_a_second_removal_with_the_service_linked_role_changes_nothing(linked: Leaving) -> None:
    """G2."""
    leave_linked(linked)

    again = leave_linked(linked)

    assert (again.result()["changed"], linked.aws.writes) == (False, [])


def test_the_config_role_stays_where_the_recorder_could_not_be_moved(linked: Leaving) -> None:
    """E5."""
    linked.aws.refuse("PutConfigurationRecorder", "AccessDenied")

    plan = leave_linked(linked)

    assert (row(plan, "recorder")["state"], row(plan, "config_role")["state"]) == ("failed", "skipped")
    assert "AWSConfig" in linked.roles()


def test_a_move_that_was_cut_off_before_the_detach_is_finished_by_the_next_run(linked: Leaving) -> None:
    """G6: the topic goes all the same."""
    with killed_after(linked.aws, 1) as ended:
        leave_linked(linked)
    assert ended == ["PutConfigurationRecorder"]

    leave_linked(linked)

    assert linked.topics() == set()


def test_a_move_that_was_cut_off_goes_on_with_the_plan_that_was_approved(linked: Leaving) -> None:
    """G6: the role of the recorder is what the approved plan says it would be."""
    approved = linked.removal(*CONFIG, recorder_role="service_linked")
    with killed_after(linked.aws, 1) as ended:
        leave_linked(linked)
    assert ended == ["PutConfigurationRecorder"]

    assert departures(approved, linked.removal(*CONFIG, recorder_role="service_linked")) == []


@pytest.mark.parametrize("why", ["adopted", "another bucket", "topic not readable"])
def test_the_config_role_stays_where_the_recorder_is_kept_as_it_is(linked: Leaving, why: str) -> None:
    """E5, G4: a recorder that is not moved goes on recording with the role that it has."""
    adopt = {"recorder": "ticket 7"} if why == "adopted" else {}
    if why == "another bucket":
        linked.own("config").put_delivery_channel(DeliveryChannel={**channel_of(linked), "s3BucketName": "theirs"})
    if why == "topic not readable":
        linked.aws.refuse("ListTopics", "AccessDenied", times=9)

    leave_linked(linked, adopt=adopt)

    assert recorder_of(linked)["roleARN"] == iam_arn("role", "AWSConfig")
    assert "AWSConfig" in linked.roles()
