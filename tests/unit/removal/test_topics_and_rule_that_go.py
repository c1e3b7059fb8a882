# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Which topics are provably the provider's, who unsubscribes, and the dispatcher's rule (G4, E6)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.core.places import ACCOUNT, OUR_TAG, PROVIDER, STRANGER
from tests.unit.removal.leaving import Leaving, Row, removes, row

ARN = f"arn:aws:sns:us-east-1:{ACCOUNT}:rackspace-support"
QUEUE = f"arn:aws:sqs:us-east-1:{PROVIDER}:rackspace-support"
THEIRS = f"arn:aws:sqs:us-east-1:{ACCOUNT}:theirs"
RULE = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/rackspace-dispatcher"
DISPATCHER = f"arn:aws:sqs:us-east-1:{PROVIDER}:rackspace-dispatcher"
PATTERN = {"source": ["aws.health"], "detail-type": ["AWS Health Event"], "detail": {"service": ["RISK"]}}


def subscribed(place: Leaving, *subscriptions: tuple[str, str, str]) -> None:
    """Have SNS tell these subscriptions of every topic: ARN, endpoint, owner."""
    members = [
        {
            "SubscriptionArn": arn,
            "Protocol": endpoint.split(":")[2] if endpoint.startswith("arn:") else "email",
            "Endpoint": endpoint,
            "Owner": owner,
            "TopicArn": ARN,
        }
        for arn, endpoint, owner in subscriptions
    ]
    place.aws.answer("ListSubscriptionsByTopic", {"Subscriptions": members})


def admits(place: Leaving, **statement: Any) -> None:
    """Add a statement of somebody else to the topic's policy."""
    sns = place.own("sns")
    policy = json.loads(sns.get_topic_attributes(TopicArn=ARN)["Attributes"]["Policy"])
    added = {"Sid": "Theirs", "Effect": "Allow", "Action": "sns:Publish", "Resource": ARN, **statement}
    policy["Statement"].append(added)
    sns.set_topic_attributes(TopicArn=ARN, AttributeName="Policy", AttributeValue=json.dumps(policy))


def kept(place: Leaving, default: str = "support_topic", state: str = "foreign", **chosen: Any) -> Row:
    """Check that a target is kept, and untouched; return its row."""
    found = row(place.leave(default, **chosen), default)
    assert (found["state"], found["action"], found["resources"], found["changed"]) == (state, "keep", [], False)
    assert place.aws.writes == place.provider_aws.writes == []
    return found


@pytest.mark.parametrize(
    "endpoint", [THEIRS, "ops@customer.example", f"arn:aws:lambda:us-east-1:{PROVIDER}:function:x"]
)
def test_a_topic_of_ours_with_somebody_elses_subscription_is_kept(place: Leaving, endpoint: str) -> None:
    """G4: with our tag, our policy and our own subscription."""
    place.onboard("support_topic")
    subscribed(place, (f"{ARN}:1", QUEUE, PROVIDER), (f"{ARN}:2", endpoint, ACCOUNT))

    assert endpoint in kept(place)["reason"]
    assert "rackspace-support" in place.topics()


def test_a_subscription_that_somebody_else_still_has_to_confirm_keeps_the_topic(place: Leaving) -> None:
    """G4: somebody wants its messages."""
    place.onboard("support_topic")
    subscribed(place, (f"{ARN}:1", QUEUE, PROVIDER), ("PendingConfirmation", "ops@customer.example", ACCOUNT))

    kept(place)


@pytest.mark.parametrize(
    "principal",
    [{"AWS": STRANGER}, {"AWS": f"arn:aws:iam::{STRANGER}:role/x"}, {"Service": "events.amazonaws.com"}],
)
def test_a_topic_of_ours_whose_policy_admits_somebody_else_is_kept(place: Leaving, principal: Any) -> None:
    """G4: somebody publishes to it."""
    place.onboard("support_topic")
    admits(place, Principal=principal)

    assert next(iter(principal.values())) in kept(place)["reason"]


@pytest.mark.parametrize(
    "condition",
    [{"StringEquals": {"aws:PrincipalOrgID": "o-customer01"}}, {"StringEquals": {"aws:SourceAccount": STRANGER}}],
)
def test_a_topic_whose_policy_admits_a_customers_organization_is_kept(place: Leaving, condition: Any) -> None:
    """G4: that everybody is named and then confined is how an organization is admitted."""
    place.onboard("support_topic")
    admits(place, Principal={"AWS": "*"}, Condition=condition)

    kept(place)


def test_the_statement_that_sns_makes_itself_keeps_no_topic(place: Leaving) -> None:
    """E6: it confines everybody to the account."""
    place.onboard("support_topic")
    admits(place, Principal={"AWS": "*"}, Condition={"StringEquals": {"AWS:SourceOwner": ACCOUNT}})

    assert row(place.leave("support_topic"), "support_topic")["changed"]
    assert place.topics() == set()


def test_a_customers_topic_of_that_name_is_kept(place: Leaving) -> None:
    """G4: nothing in it names the provider."""
    place.own("sns").create_topic(Name="rackspace-support")

    assert "nothing in it names the provider" in kept(place)["reason"]


def test_a_topic_that_names_only_the_provider_goes_without_our_tag(place: Leaving) -> None:
    """E6: an account that was onboarded by hand."""
    place.own("sns").create_topic(Name="rackspace-support")
    subscribed(place, (f"{ARN}:1", QUEUE, PROVIDER))

    assert row(place.leave("support_topic"), "support_topic")["action"] == "remove"
    assert place.topics() == set()


def test_topics_whose_names_only_begin_like_ours_are_not_looked_at(place: Leaving) -> None:
    """G4: nothing is matched by a pattern."""
    for name in ("rackspace-support-theirs", "rackspace-supports", "rackspace"):
        place.own("sns").create_topic(Name=name, Tags=[OUR_TAG])

    place.leave()

    assert len(place.topics()) == 3


def test_an_adopted_topic_is_kept(place: Leaving) -> None:
    """G4."""
    place.onboard("support_topic")

    kept(place, adopt={"support_topic": "ticket 7"})


def test_the_owner_of_each_subscription_unsubscribes(place: Leaving) -> None:
    """AWS facts: by somebody else it would stay for 72 hours."""
    place.onboard("support_topic")
    subscribed(place, (f"{ARN}:1", QUEUE, PROVIDER), (f"{ARN}:2", QUEUE, ACCOUNT))

    place.leave("support_topic")

    assert place.provider_aws.arguments("Unsubscribe") == [{"SubscriptionArn": f"{ARN}:1"}]
    assert place.aws.arguments("Unsubscribe") == [{"SubscriptionArn": f"{ARN}:2"}]
    assert sorted(place.deleted()) == [ARN, f"{ARN}:1", f"{ARN}:2"]


def test_where_the_provider_has_not_enabled_the_region_the_topics_owner_unsubscribes(place: Leaving) -> None:
    """E6: topics in all regions of the account."""
    place.onboard("support_topic")
    subscribed(place, (f"{ARN}:1", QUEUE, PROVIDER))
    place.provider_aws.refuse("Unsubscribe", "InvalidClientTokenId")

    assert row(place.leave("support_topic"), "support_topic")["state"] == "compliant"
    assert place.aws.writes == ["Unsubscribe", "DeleteTopic"]


def test_a_topic_stays_where_its_queues_owner_may_not_unsubscribe(place: Leaving) -> None:
    """G5, G6: it fails, and a rerun finishes it."""
    place.onboard("support_topic")
    subscribed(place, (f"{ARN}:1", QUEUE, PROVIDER))
    place.provider_aws.refuse("Unsubscribe", "AccessDenied")

    assert row(place.leave("support_topic"), "support_topic")["state"] == "failed"
    assert "rackspace-support" in place.topics()
    assert row(place.leave("support_topic"), "support_topic")["state"] == "compliant"


@pytest.mark.parametrize("pending", ["PendingConfirmation", "Deleted", "pending confirmation"])
def test_a_subscription_that_is_pending_or_deleted_is_neither_listed_nor_unsubscribed(
    place: Leaving, pending: str
) -> None:
    """SNS: it has no ARN; it goes with the topic."""
    place.onboard("support_topic")
    subscribed(place, (pending, QUEUE, PROVIDER))

    assert removes(place.removal("support_topic")) == [ARN]
    place.leave("support_topic")
    assert (place.aws.writes, place.provider_aws.writes) == (["DeleteTopic"], [])


def test_a_topic_that_went_meanwhile_is_no_error(place: Leaving) -> None:
    """G6."""
    place.onboard("support_topic")
    plan = place.removal("support_topic")
    place.own("sns").delete_topic(TopicArn=ARN)

    plan.apply(30)

    assert row(plan, "support_topic")["state"] == "compliant"


def test_topics_go_in_every_region_of_the_account(two: Leaving) -> None:
    """E6: whatever the record says."""
    two.onboard("support_topic")

    two.leave("support_topic")

    assert two.topics() == two.topics("eu-west-1") == set()


# --- the rule


def rule(place: Leaving, *targets: str, tagged: bool = True, pattern: Any = None) -> None:
    """Make a rule of that name with these targets."""
    events = place.own("events")
    events.put_rule(
        Name="rackspace-dispatcher", EventPattern=json.dumps(pattern or PATTERN), Tags=[OUR_TAG] if tagged else []
    )
    if targets:
        found = [{"Id": f"t{number}", "Arn": arn} for number, arn in enumerate(targets)]
        events.put_targets(Rule="rackspace-dispatcher", Targets=found)


@pytest.mark.parametrize("targets", [(DISPATCHER, THEIRS), (THEIRS,)], ids=["ours too", "theirs only"])
def test_a_tagged_rule_that_sends_to_somebody_else_is_kept(place: Leaving, targets: tuple[str, ...]) -> None:
    """G4."""
    rule(place, *targets)

    assert THEIRS in kept(place, "dispatcher_rule")["reason"]


def test_the_dispatchers_role_stays_with_a_rule_that_is_kept(place: Leaving) -> None:
    """E5, G4: somebody added a target, to which the rule delivers by the same role."""
    place.onboard("dispatcher_role", "dispatcher_rule")
    role = f"arn:aws:iam::{ACCOUNT}:role/rackspace-dispatcher"
    theirs = {"Id": "theirs", "Arn": THEIRS, "RoleArn": role}
    place.own("events").put_targets(Rule="rackspace-dispatcher", Targets=[theirs])

    plan = place.removal("dispatcher_role", "dispatcher_rule")

    assert row(plan, "dispatcher_rule")["state"] == "foreign"
    assert row(plan, "dispatcher_role")["action"] == "keep"


def test_a_customers_rule_of_that_name_is_kept(place: Leaving) -> None:
    """G4."""
    rule(place, tagged=False, pattern={"source": ["customer.app"]})

    assert "another pattern" in kept(place, "dispatcher_rule")["reason"]


def test_a_rule_goes_with_every_target_of_the_provider(place: Leaving) -> None:
    """E6."""
    rule(place, DISPATCHER, f"arn:aws:events:us-east-1:{PROVIDER}:event-bus/risk", tagged=False)

    found = row(place.leave("dispatcher_rule"), "dispatcher_rule")

    assert (found["resources"], found["state"]) == ([RULE], "compliant")
    assert place.aws.writes == ["RemoveTargets", "DeleteRule"]


def test_a_target_that_was_not_removed_keeps_the_rule(place: Leaving) -> None:
    """EventBridge API Reference, RemoveTargets: it may fail in part with 200."""
    place.onboard("dispatcher_role", "dispatcher_rule")
    entry = {"TargetId": "x", "ErrorCode": "ConcurrentModificationException", "ErrorMessage": "busy"}
    place.aws.answer("RemoveTargets", {"FailedEntryCount": 1, "FailedEntries": [entry]})

    plan = place.leave("dispatcher_role", "dispatcher_rule")

    assert row(plan, "dispatcher_rule")["state"] == "failed"
    assert row(plan, "dispatcher_role")["state"] == "skipped"
    assert "DeleteRule" not in place.aws.writes


def test_an_untagged_rule_whose_targets_went_is_finished_by_the_next_run(place: Leaving) -> None:
    """G6: its targets had proven that it is ours."""
    rule(place, DISPATCHER, tagged=False, pattern={**PATTERN, "detail": {"service": ["RISK", "ABUSE"]}})
    place.aws.refuse("DeleteRule", "InternalException")
    assert row(place.leave("dispatcher_rule"), "dispatcher_rule")["state"] == "failed"

    assert row(place.leave("dispatcher_rule"), "dispatcher_rule")["state"] == "compliant"


def test_what_aws_refuses_only_for_now_is_tried_again(place: Leaving) -> None:
    """EventBridge: ConcurrentModificationException."""
    rule(place, DISPATCHER)
    place.aws.refuse("DeleteRule", "ConcurrentModificationException")

    assert row(place.leave("dispatcher_rule"), "dispatcher_rule")["state"] == "compliant"
