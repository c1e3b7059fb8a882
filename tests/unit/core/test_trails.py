# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A trail in every region, unless something else covers it (B6, B8)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.trails import Trail
from tests.unit.core.places import ACCOUNT, OUR_TAG, STRANGER, UUID, Place, failures, only

LOGS = f"{UUID}-logs"
DEFAULT = Trail()
ONE = ["eu-west-1"]


@pytest.fixture
def place(aws: None) -> Place:
    """An account with what trails need: the logs bucket, another bucket, and the topic in every region."""
    place = Place()
    for bucket in (LOGS, "theirs"):
        place.own("s3").create_bucket(Bucket=bucket)
    for region in ("us-east-1", "eu-west-1"):
        place.own("sns", region).create_topic(Name="rackspace-cloudtrail")
    return place


def arn_of(name: str = "rackspace-cloudtrail", region: str = "eu-west-1") -> str:
    """Return a trail's ARN."""
    return f"arn:aws:cloudtrail:{region}:{ACCOUNT}:trail/{name}"


def create(place: Place, name: str, region: str = "eu-west-1", logging: bool = True, **arguments: Any) -> Any:
    """Create a trail as the customer would; return a client in its home region."""
    client = place.own("cloudtrail", region)
    client.create_trail(Name=name, **{"S3BucketName": "theirs", "IncludeGlobalServiceEvents": False, **arguments})
    if logging:
        client.start_logging(Name=name)
    return client


def trail_of(place: Place, region: str = "eu-west-1", name: str = "rackspace-cloudtrail") -> dict[str, Any]:
    """Return a trail as AWS has it."""
    found: dict[str, Any] = place.own("cloudtrail", region).get_trail(Name=name)["Trail"]
    return found


def shows(place: Place, *trails: dict[str, Any]) -> None:
    """Have DescribeTrails answer these, as moto cannot."""
    place.aws.answer("DescribeTrails", {"trailList": list(trails)})


ORGANIZATION = {
    "Name": "org",
    "S3BucketName": "org-logs",
    "HomeRegion": "us-east-1",
    "TrailARN": f"arn:aws:cloudtrail:us-east-1:{STRANGER}:trail/org",
    "IsMultiRegionTrail": True,
    "IsOrganizationTrail": True,
}


# --- our trail


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


def test_every_region_gets_a_trail_of_its_own_that_logs_and_notifies(place: Place) -> None:
    """B6, B7."""
    place.applied(DEFAULT)

    for region in ("us-east-1", "eu-west-1"):
        trail = trail_of(place, region)
        assert (trail["S3BucketName"], trail["TrailARN"], trail["IsMultiRegionTrail"]) == (
            LOGS,
            arn_of(region=region),
            False,
        )
        assert trail["SnsTopicARN"] == f"arn:aws:sns:{region}:{ACCOUNT}:rackspace-cloudtrail"
        assert trail["LogFileValidationEnabled"] is True
        client = place.own("cloudtrail", region)
        assert client.get_trail_status(Name="rackspace-cloudtrail")["IsLogging"] is True
        tags = client.list_tags(ResourceIdList=[arn_of(region=region)])["ResourceTagList"][0]["TagsList"]
        assert tags == [OUR_TAG]


def test_global_service_events_are_recorded_in_us_east_1_only(place: Place) -> None:
    """B6, AWS facts: the flag has no effect elsewhere."""
    place.applied(DEFAULT)

    assert trail_of(place, "us-east-1")["IncludeGlobalServiceEvents"] is True
    assert trail_of(place, "eu-west-1")["IncludeGlobalServiceEvents"] is False


def test_global_service_events_do_not_follow_the_dispatchers_region(place: Place) -> None:
    """AWS facts: single-region trails get them in the partition's leading region only."""
    place.applied(DEFAULT, events_region="eu-west-1")

    assert trail_of(place, "us-east-1")["IncludeGlobalServiceEvents"] is True


def test_our_trail_that_stopped_is_drift_and_starts_again(place: Place) -> None:
    """AWS facts: a trail that exists but does not log is drift."""
    place.applied(DEFAULT)
    place.own("cloudtrail", "eu-west-1").stop_logging(Name="rackspace-cloudtrail")
    del place.aws.calls[:]

    place.applied(DEFAULT)

    assert place.aws.writes == ["StartLogging"]


def test_a_run_cut_off_before_the_trail_was_started_is_finished(place: Place) -> None:
    """G6."""
    place.aws.refuse("StartLogging", "InternalError")
    assert failures(place.apply(DEFAULT, regions=ONE)) != []

    place.applied(DEFAULT, regions=ONE)

    assert place.own("cloudtrail", "eu-west-1").get_trail_status(Name="rackspace-cloudtrail")["IsLogging"] is True


@pytest.mark.parametrize(
    "code",
    [
        "InsufficientS3BucketPolicyException",
        "InsufficientSnsTopicPolicyException",
        "S3BucketDoesNotExistException",
    ],
)
def test_policies_that_cloudtrail_does_not_see_yet_are_waited_for(place: Place, code: str) -> None:
    """AWS facts: retry on exactly these."""
    place.aws.refuse("CreateTrail", code, times=3)

    place.applied(DEFAULT, regions=ONE)


def test_another_topic_is_drift(place: Place) -> None:
    """B7: Logbook reads the region's own topic."""
    place.own("sns", "eu-west-1").create_topic(Name="other")
    place.applied(DEFAULT)
    place.own("cloudtrail", "eu-west-1").update_trail(Name="rackspace-cloudtrail", SnsTopicName="other")

    place.applied(DEFAULT)

    assert trail_of(place)["SnsTopicName"] == "rackspace-cloudtrail"


def test_a_topic_of_that_name_in_another_account_is_drift(place: Place) -> None:
    """B7: ARNs whole."""
    place.applied(DEFAULT, regions=ONE)
    topic = f"arn:aws:sns:eu-west-1:{STRANGER}:rackspace-cloudtrail"
    place.aws.edit("DescribeTrails", lambda parsed: parsed["trailList"][0].update(SnsTopicARN=topic))

    assert only(place.plan(DEFAULT, regions=ONE)).state == "drifted"


def test_our_trail_that_somebody_widened_stays_wide(place: Place) -> None:
    """G9: never weaken."""
    place.applied(DEFAULT, regions=ONE)
    client = place.own("cloudtrail", "eu-west-1")
    client.update_trail(Name="rackspace-cloudtrail", IsMultiRegionTrail=True, IncludeGlobalServiceEvents=True)
    client.stop_logging(Name="rackspace-cloudtrail")

    place.applied(DEFAULT, regions=ONE)

    trail = trail_of(place)
    assert (trail["IsMultiRegionTrail"], trail["IncludeGlobalServiceEvents"]) == (True, True)


def test_log_file_validation_is_not_switched_off(place: Place) -> None:
    """G9: never weaken, also where the option is false."""
    place.applied(DEFAULT, regions=ONE)

    place.applied(DEFAULT, regions=ONE, enable_log_file_validation=False)

    assert trail_of(place)["LogFileValidationEnabled"] is True


def test_our_trail_that_records_no_management_events_is_drift_and_keeps_its_data_events(place: Place) -> None:
    """B6, G9."""
    place.applied(DEFAULT, regions=ONE)
    data = [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::x/"]}]
    selector = {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": False, "DataResources": data}
    client = place.own("cloudtrail", "eu-west-1")
    client.put_event_selectors(TrailName="rackspace-cloudtrail", EventSelectors=[selector])

    place.applied(DEFAULT, regions=ONE)

    (found,) = client.get_event_selectors(TrailName="rackspace-cloudtrail")["EventSelectors"]
    assert found["DataResources"] == data
    assert (found["ReadWriteType"], found["IncludeManagementEvents"]) == ("All", True)


def test_a_second_trail_beside_ours_is_a_finding(place: Place) -> None:
    """B8: nothing of it is changed."""
    place.applied(DEFAULT, regions=ONE)
    create(place, "theirs")

    change = only(place.plan(DEFAULT, regions=ONE))

    assert change.state == "compliant"
    assert "trail theirs (home region eu-west-1) covers the region too" in change.findings[0]


# --- a trail of our name that is not ours


def test_a_trail_of_our_name_that_logs_elsewhere_is_foreign(place: Place) -> None:
    """Design, "Owned is": name, home region and bucket."""
    create(place, "rackspace-cloudtrail")

    change = only(place.apply(DEFAULT, regions=ONE))

    assert (change.state, place.aws.writes) == ("foreign", [])
    assert "trail rackspace-cloudtrail exists and logs to theirs" in change.reason


def test_a_trail_of_our_name_and_tag_that_logs_elsewhere_is_drift(place: Place) -> None:
    """Design, "Owned is": our tag."""
    create(place, "rackspace-cloudtrail", TagsList=[OUR_TAG])

    place.applied(DEFAULT, regions=ONE)

    assert trail_of(place)["S3BucketName"] == LOGS


def test_an_adopted_trail_is_taken_over_and_tagged(place: Place) -> None:
    """G9."""
    create(place, "rackspace-cloudtrail")
    place.account.adopt = {"trail": "agreed"}

    place.applied(DEFAULT, regions=ONE)

    assert trail_of(place)["S3BucketName"] == LOGS
    client = place.own("cloudtrail", "eu-west-1")
    assert client.list_tags(ResourceIdList=[arn_of()])["ResourceTagList"][0]["TagsList"] == [OUR_TAG]


# --- a region that is covered


def test_a_region_with_a_trail_of_its_own_gets_no_second_one(place: Place) -> None:
    """B8."""
    create(place, "theirs", S3BucketName=LOGS)

    plan = place.apply(DEFAULT, regions=ONE)

    change = only(plan)
    assert (change.state, place.aws.writes, change.findings) == ("skipped", [], ())
    assert change.reason == "the region is covered by trail theirs (home region eu-west-1)"


def test_a_multi_region_trail_of_another_region_covers_all(place: Place) -> None:
    """B8, AWS facts: shadow trails are seen, and it is said by whom."""
    create(place, "theirs", "us-east-1", IsMultiRegionTrail=True, IncludeGlobalServiceEvents=True)

    plan = place.apply(DEFAULT)

    assert [change.state for change in plan.changes] == ["skipped", "skipped"]
    assert "trail theirs (multi-region, home region us-east-1)" in plan.changes[1].reason
    assert place.aws.writes == []


def test_a_multi_region_trail_is_read_once(place: Place) -> None:
    """AWS facts: status of a shadow trail needs the ARN; it is seen in every region."""
    create(place, "theirs", "us-east-1", IsMultiRegionTrail=True, IncludeGlobalServiceEvents=True)

    place.plan(DEFAULT)

    assert place.aws.arguments("GetTrailStatus") == [{"Name": arn_of("theirs", "us-east-1")}]


def test_a_covering_trail_is_asked_about_in_its_home_region(place: Place) -> None:
    """AWS facts: a shadow trail is not asked about where it is seen."""
    create(place, "theirs", "us-east-1", IsMultiRegionTrail=True, IncludeGlobalServiceEvents=True)

    place.plan(DEFAULT, regions=ONE)

    assert ("GetTrailStatus", "us-east-1") in place.aws.regions
    assert ("GetEventSelectors", "us-east-1") in place.aws.regions


def test_an_organization_trail_covers_a_region_and_is_named_as_one(place: Place) -> None:
    """B8: what it records only the management account may read; that is said."""
    shows(place, ORGANIZATION)

    change = only(place.apply(DEFAULT, regions=ONE))

    assert change.state == "skipped"
    assert "organization trail org (multi-region, home region us-east-1)" in change.reason
    assert any("management account" in finding for finding in change.findings)
    assert "GetTrailStatus" not in place.aws.names


def test_our_own_trail_made_multi_region_elsewhere_covers_a_region(place: Place) -> None:
    """B8: a second copy of every event would cost."""
    place.applied(DEFAULT, regions=["us-east-1"])
    place.own("cloudtrail").update_trail(
        Name="rackspace-cloudtrail", IsMultiRegionTrail=True, IncludeGlobalServiceEvents=True
    )

    assert only(place.plan(DEFAULT, regions=ONE)).state == "skipped"


# --- gaps


def gaps(place: Place) -> str:
    """Return the findings of the region eu-west-1."""
    return "; ".join(only(place.plan(DEFAULT, regions=ONE)).findings)


def test_a_covering_trail_that_does_not_log_is_a_finding(place: Place) -> None:
    """B8: stopped."""
    create(place, "theirs", logging=False, S3BucketName=LOGS)

    assert gaps(place) == "trail theirs (home region eu-west-1) does not log"


def test_a_covering_trail_with_another_bucket_is_a_finding(place: Place) -> None:
    """B8: other bucket."""
    create(place, "theirs")

    assert gaps(place) == f"trail theirs (home region eu-west-1) logs to theirs, not to {LOGS}"


@pytest.mark.parametrize(
    "selectors",
    [
        {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": False}]},
        {"EventSelectors": [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]},
        {
            "AdvancedEventSelectors": [
                {
                    "FieldSelectors": [
                        {"Field": "eventCategory", "Equals": ["Data"]},
                        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
                    ]
                }
            ]
        },
        {
            "AdvancedEventSelectors": [
                {
                    "FieldSelectors": [
                        {"Field": "eventCategory", "Equals": ["Management"]},
                        {"Field": "readOnly", "Equals": ["false"]},
                    ]
                }
            ]
        },
    ],
    ids=["data only", "writes only", "advanced data only", "advanced writes only"],
)
def test_a_covering_trail_without_all_management_events_is_a_finding(place: Place, selectors: dict[str, Any]) -> None:
    """B8: data events only."""
    create(place, "theirs", S3BucketName=LOGS)
    place.aws.answer("GetEventSelectors", selectors)

    assert gaps(place) == "trail theirs (home region eu-west-1) does not record all management events"


@pytest.mark.parametrize(
    "selectors",
    [
        {},
        {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]},
        {"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]},
    ],
)
def test_a_covering_trail_with_all_management_events_leaves_no_gap(place: Place, selectors: dict[str, Any]) -> None:
    """B8."""
    create(place, "theirs", S3BucketName=LOGS)
    place.aws.answer("GetEventSelectors", selectors)

    assert gaps(place) == ""


@pytest.mark.parametrize(
    "selectors",
    [
        {"EventSelectors": [{"ReadWriteType": "All", "ExcludeManagementEventSources": ["kms.amazonaws.com"]}]},
        {
            "AdvancedEventSelectors": [
                {
                    "FieldSelectors": [
                        {"Field": "eventCategory", "Equals": ["Management"]},
                        {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]},
                    ]
                }
            ]
        },
    ],
)
def test_a_covering_trail_that_leaves_out_some_sources_is_a_finding(place: Place, selectors: dict[str, Any]) -> None:
    """B8: such a trail does not record all management events."""
    create(place, "theirs", S3BucketName=LOGS)
    place.aws.answer("GetEventSelectors", selectors)

    assert "does not record all management events" in gaps(place)


def test_gaps_that_cannot_be_read_are_a_finding_and_stop_nothing(place: Place) -> None:
    """G5."""
    create(place, "theirs", S3BucketName=LOGS)
    place.aws.refuse("GetTrailStatus", "AccessDeniedException")

    assert gaps(place) == "what trail theirs (home region eu-west-1) records cannot be read: AccessDeniedException"


def test_covering_trails_without_the_events_of_global_services_leave_a_gap_where_these_are_recorded(
    place: Place,
) -> None:
    """B6: in the leading region; a trail elsewhere does not get them."""
    create(place, "theirs", "us-east-1", S3BucketName=LOGS)
    create(place, "theirs", S3BucketName=LOGS)

    leading, other = place.plan(DEFAULT).changes

    assert leading.findings == (
        "no trail that covers the region records the events of global services, IAM among them",
    )
    assert other.findings == ()


def test_one_covering_trail_with_the_events_of_global_services_is_enough(place: Place) -> None:
    """B6."""
    create(place, "theirs", "us-east-1", S3BucketName=LOGS)
    create(place, "global", "us-east-1", S3BucketName=LOGS, IncludeGlobalServiceEvents=True)

    assert only(place.plan(DEFAULT, regions=["us-east-1"])).findings == ()


# --- Control Tower


def test_a_region_of_control_tower_that_no_trail_covers_is_a_finding(place: Place) -> None:
    """B6, B8."""
    place.account.control_tower = "true"

    assert gaps(place) == "no trail covers the region"


def test_what_control_towers_trail_does_not_cover_is_a_finding(place: Place) -> None:
    """B8."""
    create(place, "aws-controltower-BaselineCloudTrail", logging=False)

    assert gaps(place) == (
        f"trail aws-controltower-BaselineCloudTrail (home region eu-west-1) logs to theirs, not to {LOGS}; "
        "trail aws-controltower-BaselineCloudTrail (home region eu-west-1) does not log"
    )


def test_no_trail_where_control_towers_role_is_seen(place: Place) -> None:
    """B8."""
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    place.own("iam").create_role(RoleName="AWSControlTowerExecution", AssumeRolePolicyDocument=trust)

    plan = place.apply(DEFAULT)

    assert {change.state for change in plan.changes} == {"skipped"}
    assert "Control Tower manages the account (role AWSControlTowerExecution)" in plan.changes[0].reason
    assert place.aws.writes == []


def test_control_towers_trail_in_one_region_speaks_for_all(place: Place) -> None:
    """B8: what is seen anywhere counts everywhere."""
    create(place, "aws-controltower-BaselineCloudTrail", "us-east-1")

    plan = place.apply(DEFAULT)

    assert {change.state for change in plan.changes} == {"skipped"}
    assert "aws-controltower-BaselineCloudTrail" in plan.changes[1].reason


@pytest.mark.parametrize(("said", "state"), [("true", "skipped"), ("false", "drifted")])
def test_the_record_may_say_whether_control_tower_manages_the_account(place: Place, said: str, state: str) -> None:
    """B8: account_control_tower; then nothing is looked for."""
    place.account.control_tower = said

    plan = place.plan(DEFAULT, regions=ONE)

    assert only(plan).state == state
    assert "GetRole" not in place.aws.names


def test_control_towers_role_is_looked_for_once(place: Place) -> None:
    """Design, "Speed"."""
    place.plan(DEFAULT)

    assert sorted(call["RoleName"] for call in place.aws.arguments("GetRole")) == [
        "AWSControlTowerAdmin",
        "AWSControlTowerExecution",
    ]


def test_a_look_for_control_tower_that_is_denied_is_unknown_in_every_region(place: Place) -> None:
    """G5: unknown is never compliant, and no trail is made on a guess."""
    place.aws.refuse("GetRole", "AccessDenied")

    plan = place.apply(DEFAULT)

    assert ({change.state for change in plan.changes}, place.aws.writes) == ({"unknown"}, [])


def test_our_trail_from_before_control_tower_is_kept_up(place: Place) -> None:
    """B8: no new trail; the existing one is not abandoned."""
    place.applied(DEFAULT, regions=ONE)
    place.account.control_tower = "true"
    place.own("cloudtrail", "eu-west-1").stop_logging(Name="rackspace-cloudtrail")

    assert only(place.plan(DEFAULT, regions=ONE)).state == "drifted"
