# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The rule that sends AWS Health RISK events to the provider (B15)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.dispatcher_rule import DispatcherRule
from tests.unit.core.places import ACCOUNT, OUR_TAG, PROVIDER, STRANGER, Place, only

NAME = "rackspace-dispatcher"
ARN = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/{NAME}"
QUEUE = f"arn:aws:sqs:us-east-1:{PROVIDER}:{NAME}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/{NAME}"
PATTERN = {"source": ["aws.health"], "detail-type": ["AWS Health Event"], "detail": {"service": ["RISK"]}}
THEIRS = {"Id": "theirs", "Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:theirs"}
DEFAULT = DispatcherRule()


def create(place: Place, *targets: dict[str, Any], pattern: Any = PATTERN, tagged: bool = False) -> None:
    """Make a rule of that name as somebody else would."""
    events = place.own("events")
    events.put_rule(Name=NAME, EventPattern=json.dumps(pattern), Description="theirs", Tags=[OUR_TAG] if tagged else [])
    if targets:
        events.put_targets(Rule=NAME, Targets=list(targets))


def rule(place: Place) -> dict[str, Any]:
    """Return the rule as AWS has it."""
    return dict(place.own("events").describe_rule(Name=NAME))


def targets(place: Place) -> dict[str, Any]:
    """Return the targets by id."""
    return {target["Id"]: target for target in place.own("events").list_targets_by_rule(Rule=NAME)["Targets"]}


def test_what_is_observed_after_a_put_is_what_was_desired(place: Place) -> None:
    """G2."""
    place.put(DEFAULT)


def test_a_second_run_writes_nothing(place: Place) -> None:
    """G2."""
    place.applied(DEFAULT)
    del place.aws.calls[:]

    place.applied(DEFAULT)

    assert place.aws.writes == []


def test_the_rule_catches_risk_events_and_sends_them_to_the_provider_with_the_role(place: Place) -> None:
    """B15: in us-east-1, enabled, with our tag."""
    place.put(DEFAULT)

    found = rule(place)
    assert (json.loads(found["EventPattern"]), found["State"], found["Arn"]) == (PATTERN, "ENABLED", ARN)
    assert targets(place) == {NAME: {"Id": NAME, "Arn": QUEUE, "RoleArn": ROLE}}
    assert place.own("events").list_tags_for_resource(ResourceARN=ARN)["Tags"] == [OUR_TAG]


def test_name_target_and_services_are_variables(place: Place) -> None:
    """B15: every name is a default that a user can override."""
    bus = f"arn:aws:events:us-east-1:{PROVIDER}:event-bus/risk"

    after = place.put(DEFAULT, dispatcher_target_arn=bus, health_services=["RISK", "ABUSE"])

    assert after["target"]["arn"] == bus
    assert json.loads(rule(place)["EventPattern"])["detail"] == {"service": ["ABUSE", "RISK"]}


def test_a_disabled_rule_is_drift_and_enabled_again(place: Place) -> None:
    """B15."""
    place.put(DEFAULT)
    place.own("events").disable_rule(Name=NAME)

    place.applied(DEFAULT)

    assert rule(place)["State"] == "ENABLED"


def test_a_changed_pattern_is_drift_and_repaired(place: Place) -> None:
    """B15."""
    place.put(DEFAULT)
    place.own("events").put_rule(Name=NAME, EventPattern=json.dumps({"source": ["aws.ec2"]}))

    place.applied(DEFAULT)

    assert json.loads(rule(place)["EventPattern"]) == PATTERN


def test_a_repaired_rule_keeps_its_description(place: Place) -> None:
    """AWS facts: PutRule nulls what is left out."""
    create(place, {"Id": NAME, "Arn": QUEUE, "RoleArn": ROLE}, pattern={"source": ["aws.ec2"]})

    place.applied(DEFAULT)

    assert rule(place)["Description"] == "theirs"


def test_a_removed_target_is_drift_and_comes_back(place: Place) -> None:
    """B15."""
    place.put(DEFAULT)
    place.own("events").remove_targets(Rule=NAME, Ids=[NAME])

    place.applied(DEFAULT)

    assert list(targets(place)) == [NAME]


def test_our_target_under_another_id_is_not_made_twice(place: Place) -> None:
    """AWS facts: five targets a rule."""
    create(place, {"Id": "former", "Arn": QUEUE, "RoleArn": "arn:aws:iam::123456789012:role/former"})

    place.applied(DEFAULT)

    assert targets(place) == {"former": {"Id": "former", "Arn": QUEUE, "RoleArn": ROLE}}


def test_retries_and_dead_letters_of_our_target_stay(place: Place) -> None:
    """G9: PutTargets replaces the target whole."""
    kept = {
        "DeadLetterConfig": {"Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:lost"},
        "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 600},
    }
    create(place, {"Id": NAME, "Arn": QUEUE, "RoleArn": "arn:aws:iam::123456789012:role/former", **kept})

    place.applied(DEFAULT)

    assert targets(place)[NAME] == {"Id": NAME, "Arn": QUEUE, "RoleArn": ROLE, **kept}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Input", '{"nothing": true}'),
        ("InputPath", "$.detail"),
        ("InputTransformer", {"InputTemplate": '"a text"'}),
    ],
)
def test_a_target_that_sends_something_else_than_the_event_is_a_finding(place: Place, key: str, value: Any) -> None:
    """The provider would get a message that it cannot read; what somebody wrote stays."""
    place.put(DEFAULT)
    kept = {"Id": NAME, "Arn": QUEUE, "RoleArn": ROLE, key: value}
    place.own("events").put_targets(Rule=NAME, Targets=[kept])

    change = only(place.applied(DEFAULT))

    assert change.state == "compliant"
    assert change.findings == (f"target {NAME} sends something else than the event ({key}); take it out",)
    assert targets(place)[NAME] == kept


def test_a_target_whose_path_is_the_whole_event_is_no_finding(place: Place) -> None:
    """InputPath $ is the event."""
    place.put(DEFAULT)
    whole = {"Id": NAME, "Arn": QUEUE, "RoleArn": ROLE, "InputPath": "$"}
    place.own("events").put_targets(Rule=NAME, Targets=[whole])

    assert only(place.applied(DEFAULT)).findings == ()


def test_others_targets_of_our_rule_stay_and_are_findings(place: Place) -> None:
    """G9."""
    place.put(DEFAULT)
    place.own("events").put_targets(Rule=NAME, Targets=[THEIRS])
    place.own("events").remove_targets(Rule=NAME, Ids=[NAME])

    plan = place.applied(DEFAULT)

    assert targets(place)["theirs"] == THEIRS
    assert only(plan).findings == (f"rule {NAME} also sends to {THEIRS['Arn']}, which is not ours",)


def test_a_target_that_is_refused_with_200_is_an_error(place: Place) -> None:
    """AWS facts: PutTargets can fail for some entries with 200 (FailedEntryCount)."""
    entry = {"TargetId": NAME, "ErrorCode": "X", "ErrorMessage": "refused"}
    place.aws.answer("PutTargets", {"FailedEntryCount": 1, "FailedEntries": [entry]})

    change = only(place.apply(DEFAULT))

    assert change.state == "failed"
    assert "refused" in str(change.error)


def test_a_run_cut_off_between_rule_and_target_is_finished(place: Place) -> None:
    """G6."""
    place.aws.refuse("PutTargets", "InternalException", times=9)
    assert only(place.apply(DEFAULT)).state == "failed"
    place.aws._refusals.clear()

    place.applied(DEFAULT)

    assert list(targets(place)) == [NAME]


def test_a_rule_that_sends_elsewhere_is_foreign_and_not_written(place: Place) -> None:
    """G9: it says where to."""
    create(place, THEIRS)

    change = only(place.apply(DEFAULT))

    assert (change.state, place.aws.writes, list(targets(place))) == ("foreign", [], ["theirs"])
    assert THEIRS["Arn"] in change.reason


def test_a_rule_that_sends_to_the_provider_and_elsewhere_is_foreign(place: Place) -> None:
    """G9: every target must be the provider's, or the rule carry our tag."""
    create(place, THEIRS, {"Id": NAME, "Arn": QUEUE, "RoleArn": "arn:aws:iam::123456789012:role/former"})

    assert only(place.plan(DEFAULT)).state == "foreign"


def test_a_rule_without_targets_and_with_another_pattern_is_foreign(place: Place) -> None:
    """G9."""
    create(place, pattern={"source": ["aws.ec2"]})

    assert only(place.plan(DEFAULT)).state == "foreign"


def test_a_rule_with_our_tag_is_ours_wherever_it_sends(place: Place) -> None:
    """Design, "Owned is": our tag."""
    create(place, THEIRS, tagged=True)

    place.applied(DEFAULT)

    assert sorted(targets(place)) == [NAME, "theirs"]


def test_an_adopted_rule_is_taken_over_tagged_and_keeps_its_targets(aws: None) -> None:
    """G9."""
    place = Place(adopt={"dispatcher_rule": "agreed"})
    create(place, THEIRS, pattern={"source": ["aws.ec2"]})

    place.applied(DEFAULT)

    assert sorted(targets(place)) == [NAME, "theirs"]
    assert place.own("events").list_tags_for_resource(ResourceARN=ARN)["Tags"] == [OUR_TAG]


def test_a_target_that_only_mentions_the_provider_in_its_name_is_foreign(place: Place) -> None:
    """G9: whose a queue is says the fifth part of its ARN."""
    create(place, {"Id": "theirs", "Arn": f"arn:aws:sqs:us-east-1:{STRANGER}:copy-of-{PROVIDER}"})

    assert only(place.plan(DEFAULT)).state == "foreign"
