# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The plan of removal as a whole: what check mode tells, what is deleted, in which order, and that it ends (G1, G6)."""

from __future__ import annotations

from itertools import count

import pytest

from tests.unit.core.places import ACCOUNT, PROVIDER, failures
from tests.unit.removal.leaving import Leaving, departures, killed_after, predicted, removes, row, rows

KEPT = {"AWSConfig", "Rackspace"}
REGIONAL = {f"rackspace-{name}" for name in ("cloudtrail", "awsconfig", "support")}
PARTS = [
    ("dispatcher_role", "dispatcher_rule"),
    ("cloudhealth_role",),
    ("logs_bucket", "cloudtrail_topic", "trail"),
    ("support_topic",),
]


def test_an_onboarded_account_loses_roles_topics_and_rule_and_keeps_the_rest(two: Leaving) -> None:
    """E6, E5: AWSConfig stays for the recorders; buckets, trails, recorders and password policy stay."""
    two.onboard()

    plan = two.leave()

    assert failures(plan) == []
    assert two.roles() == KEPT
    assert two.topics() == two.topics("eu-west-1") == set()
    assert two.own("events").list_rules()["Rules"] == []
    assert two.own("iam").list_policies(Scope="Local")["Policies"] == []
    for region in ("us-east-1", "eu-west-1"):
        (trail,) = two.own("cloudtrail", region).describe_trails(includeShadowTrails=False)["trailList"]
        (channel,) = two.own("config", region).describe_delivery_channels()["DeliveryChannels"]
        (status,) = two.own("config", region).describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
        assert not trail.get("SnsTopicName")
        assert two.own("cloudtrail", region).get_trail_status(Name=trail["TrailARN"])["IsLogging"]
        assert not channel.get("snsTopicARN")
        assert status["recording"]


def test_check_mode_writes_nothing_and_tells_what_a_real_run_then_does(two: Leaving) -> None:
    """G1: row by row."""
    two.onboard()
    told = predicted(two.removal())
    assert two.aws.writes == two.provider_aws.writes == []

    assert predicted(two.leave()) == told


def test_what_is_deleted_is_exactly_what_the_plan_lists(two: Leaving) -> None:
    """G4: each ARN once, with the subscriptions."""
    two.onboard()
    listed = removes(two.removal())
    assert len(listed) == len(set(listed)) == 12 + 12 + 2 + 1 + 1  # topics, subscriptions, roles, policy, rule

    two.leave()

    assert sorted(two.deleted()) == sorted(listed)


def test_a_second_removal_changes_nothing(two: Leaving) -> None:
    """G2."""
    two.onboard()
    two.leave()

    again = two.leave()

    assert [found["default"] for found in rows(again) if found["changed"]] == []
    assert two.aws.writes == two.provider_aws.writes == []
    assert {found["state"] for found in rows(again)} <= {"compliant", "skipped"}


def test_trails_and_channels_are_detached_before_their_topics_go(place: Leaving) -> None:
    """E5: so that neither ever reports an error."""
    place.onboard()

    place.leave()

    writes, topics = place.aws.writes, place.deleted()
    gone = [i for i, name in enumerate(writes) if name == "DeleteTopic"]
    assert writes.index("UpdateTrail") < gone[0]
    assert writes.index("PutDeliveryChannel") < gone[0]
    assert writes.index("DeleteRole") > gone[-1]
    assert writes.index("RemoveTargets") < writes.index("DeleteRule") < writes.index("DeleteRole")
    assert f"arn:aws:sns:us-east-1:{ACCOUNT}:rackspace-cloudtrail" in topics


def test_the_dispatchers_policy_goes_before_its_role(place: Leaving) -> None:
    """G6: cut off between them, the role shows that something is left."""
    place.onboard("dispatcher_role")

    place.leave("dispatcher_role")

    assert place.aws.writes.index("DeletePolicy") < place.aws.writes.index("DeleteRole")


def test_queues_are_unsubscribed_before_their_topic_goes(place: Leaving) -> None:
    """AWS facts: afterwards the subscription would stay for 72 hours."""
    place.onboard("support_topic")

    place.leave("support_topic")

    assert place.aws.writes == ["Unsubscribe", "DeleteTopic"]


@pytest.mark.parametrize("names", PARTS, ids="+".join)
def test_a_run_that_ends_after_any_write_is_finished_by_the_next(place: Leaving, names: tuple[str, ...]) -> None:
    """G6: and removes nothing beyond the first plan."""
    for writes in count(1):
        place.onboard(*names)
        listed = set(removes(place.removal(*names)))
        deleted: list[str] = []
        with killed_after(place.aws, writes) as ended:
            place.leave(*names)
        deleted += place.deleted()

        plan = place.leave(*names)

        assert failures(plan) == []
        assert set(deleted) | set(place.deleted()) == listed, f"after {ended}"
        assert not [r for r in rows(place.removal(*names)) if r["changed"]]
        if not ended:
            return


@pytest.mark.parametrize("names", PARTS, ids="+".join)
def test_a_run_that_was_cut_off_goes_on_with_the_plan_that_was_approved(place: Leaving, names: tuple[str, ...]) -> None:
    """G6: -e plan=FILE, given again, is not refused for what the former run did by that plan itself."""
    for writes in count(1):
        place.onboard(*names)
        approved = place.removal(*names)
        with killed_after(place.aws, writes) as ended:
            place.leave(*names)

        assert departures(approved, place.removal(*names)) == [], f"after {ended}"
        place.leave(*names)
        if not ended:
            return


# --- blocking


def test_a_topic_stays_while_its_trail_cannot_be_read(two: Leaving) -> None:
    """E5, G5: it may still send to it; the other region goes on."""
    two.onboard()
    two.aws.refuse_if("DescribeTrails", lambda _: two.aws.regions[-1][1] == "eu-west-1")

    plan = two.leave()

    kept = row(plan, "cloudtrail_topic", "eu-west-1")
    assert (kept["state"], kept["action"], kept["resources"]) == ("skipped", "keep", [])
    assert "trail in eu-west-1" in kept["reason"]
    assert "rackspace-cloudtrail" in two.topics("eu-west-1")
    assert "rackspace-cloudtrail" not in two.topics()


def test_a_topic_stays_where_its_trail_could_not_be_detached(place: Leaving) -> None:
    """E5: UpdateTrail is refused."""
    place.onboard()
    place.aws.refuse("UpdateTrail", "AccessDenied")

    plan = place.leave()

    assert row(plan, "trail")["state"] == "failed"
    assert row(plan, "cloudtrail_topic")["state"] == "skipped"
    assert "rackspace-cloudtrail" in place.topics()


def test_a_trail_that_is_still_attached_after_its_update_fails_and_keeps_its_topic(place: Leaving) -> None:
    """E5: clearing a trail's topic is not documented, so it is read back."""
    place.onboard()
    place.aws.answer("UpdateTrail", {})

    plan = place.leave()

    assert row(plan, "trail")["state"] == "failed"
    assert "does not show it yet" in row(plan, "trail")["error"]["message"]
    assert row(plan, "cloudtrail_topic")["state"] == "skipped"
    assert "rackspace-cloudtrail" in place.topics()


def test_a_trail_is_not_detached_from_a_topic_that_cannot_be_read(place: Leaving) -> None:
    """G5: whether the topic goes is not known."""
    place.onboard()
    place.aws.refuse("ListTopics", "AccessDenied")

    plan = place.leave()

    assert row(plan, "cloudtrail_topic")["state"] == "unknown"
    assert row(plan, "trail")["action"] == "keep"
    assert "UpdateTrail" not in place.aws.writes


def test_the_dispatchers_role_stays_while_its_rule_cannot_be_read(place: Leaving) -> None:
    """G5: the rule may still deliver by it."""
    place.onboard()
    place.aws.refuse("DescribeRule", "AccessDenied")

    plan = place.leave()

    assert row(plan, "dispatcher_role")["state"] == "skipped"
    assert "rackspace-dispatcher" in place.roles()


def test_one_topic_that_cannot_go_stops_no_other(place: Leaving) -> None:
    """G5."""
    place.onboard()
    place.aws.refuse("DeleteTopic", "AccessDenied")

    plan = place.leave()

    assert plan.result()["summary"]["failed"] == 1
    assert len(place.topics()) == 1
    assert place.roles() == KEPT


def test_what_cannot_be_read_lists_nothing_that_goes(place: Leaving) -> None:
    """G4: resources are the ARNs that go."""
    place.onboard("cloudhealth_role")
    place.aws.refuse("ListInstanceProfilesForRole", "AccessDenied")
    assert row(place.removal("cloudhealth_role"), "cloudhealth_role")["resources"] == []


def test_what_cannot_be_decided_lists_nothing_that_goes(place: Leaving) -> None:
    """G4: resources are the ARNs that go, also where a later question failed."""
    place.onboard("cloudhealth_role")
    iam = place.own("iam")
    iam.create_instance_profile(InstanceProfileName="CloudHealth-Role")
    iam.add_role_to_instance_profile(InstanceProfileName="CloudHealth-Role", RoleName="CloudHealth-Role")
    place.aws.refuse("DescribeIamInstanceProfileAssociations", "UnauthorizedOperation")

    found = row(place.removal("cloudhealth_role"), "cloudhealth_role")

    assert (found["state"], found["action"], found["resources"]) == ("unknown", "keep", [])


def test_no_signal_of_the_providers_account_is_needed_to_plan(place: Leaving) -> None:
    """E6: whether the queues still work has no say."""
    place.onboard()
    place.provider_aws.refuse("ListQueues", "AccessDenied", times=99)

    assert row(place.removal(subscription_owner="provider"), "support_topic")["state"] == "drifted"
    assert PROVIDER not in {arn.split(":")[4] for arn in removes(place.removal())}
