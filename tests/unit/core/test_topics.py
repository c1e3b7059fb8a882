# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The six topics of every region: policy, subscription, and other people's subscribers (B7, B11, B13)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import policies
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.topics import (
    CloudTrailTopic,
    ConfigTopic,
    SupportEmergencyTopic,
    SupportStandardTopic,
    SupportTopic,
    SupportUrgentTopic,
    Topic,
)
from tests.unit.core.places import ACCOUNT, OUR_TAG, PROVIDER, STRANGER, Place, only, sids

ALL = [
    (CloudTrailTopic(), "rackspace-cloudtrail", "rackspace-cloudtrail"),
    (ConfigTopic(), "rackspace-awsconfig", "rackspace-awsconfig"),
    (SupportTopic(), "rackspace-support", "rackspace-support"),
    (SupportStandardTopic(), "rackspace-support-standard", "rackspace-support"),
    (SupportUrgentTopic(), "rackspace-support-urgent", "rackspace-support"),
    (SupportEmergencyTopic(), "rackspace-support-emergency", "rackspace-support"),
]
TOPICS = pytest.mark.parametrize(("default", "name", "queue"), ALL, ids=[name for _, name, _ in ALL])
ARN = f"arn:aws:sns:us-east-1:{ACCOUNT}:rackspace-support"
QUEUE = f"arn:aws:sqs:us-east-1:{PROVIDER}:rackspace-support"
STRANGERS_QUEUE = f"arn:aws:sqs:us-east-1:{STRANGER}:listening"
ONE = ("us-east-1",)


@pytest.fixture
def place(aws: None) -> Place:
    """An account with one region, whose provider has the three queues there."""
    place = Place(regions=ONE)
    with_queues(place, "us-east-1")
    # moto confirms every subscription and keeps it with the caller: what the account sees is told by the test
    return place


def with_queues(place: Place, region: str, account: str = ACCOUNT, condition: str = "aws:SourceArn") -> None:
    """Make the provider's queues of a region, which admit an account's topics."""
    for purpose in ("cloudtrail", "awsconfig", "support"):
        value = f"arn:aws:sns:*:{account}:rackspace-{purpose}*" if condition == "aws:SourceArn" else "o-example"
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": "*",
            "Condition": {"ArnLike": {condition: value}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs = place.providers("sqs", region)
        url = sqs.create_queue(QueueName=f"rackspace-{purpose}")["QueueUrl"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


def test_a_queue_that_does_not_admit_the_account_is_told_before_any_write(place: Place) -> None:
    """B7, B11, B13, G5: SNS would drop every message in silence, and the account would look well."""
    with_queues(place, "us-east-1", STRANGER)

    change = only(place.apply(SupportTopic()))

    assert (change.state, place.aws.writes) == ("unknown", [])
    assert "does not admit this account's topics" in str(change.error)
    assert "shared_services.yml" in str(change.error)


def test_a_topic_whose_queue_no_longer_admits_it_is_not_compliant(place: Place) -> None:
    """G5: though topic, policy and subscription are as they should be."""
    provider_subscribes(place)
    place.apply(SupportTopic())
    confirmed(place)
    assert only(place.plan(SupportTopic())).state == "compliant"

    with_queues(place, "us-east-1", STRANGER)

    assert only(place.plan(SupportTopic())).state == "unknown"


@pytest.mark.parametrize(
    ("condition", "state"),
    [
        ({}, "unknown"),
        ({"ArnNotLike": {"aws:SourceArn": "arn:aws:sns:*:*:rackspace-cloudtrail"}}, "unknown"),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:rackspace-cloudtrail"}}, "compliant"),
        ({"Bool": {"aws:SecureTransport": "false"}}, "compliant"),
        ({"StringNotEquals": {"aws:SourceOrgID": "o-example"}}, "compliant"),  # whose it is cannot be told from here
    ],
)
def test_a_topic_that_the_queue_denies_is_not_compliant(
    place: Place, condition: dict[str, dict[str, str]], state: str
) -> None:
    """G5: a statement that denies goes over every one that admits."""
    provider_subscribes(place)
    place.apply(SupportTopic())
    confirmed(place)
    sqs = place.providers("sqs", "us-east-1")
    url = sqs.get_queue_url(QueueName="rackspace-support")["QueueUrl"]
    policy = json.loads(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"])
    deny = {"Sid": "Quiet", "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": QUEUE}
    policy["Statement"].append(deny | ({"Condition": condition} if condition else {}))
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})

    change = only(place.plan(SupportTopic()))

    assert change.state == state
    if state == "unknown":
        assert "a statement of its policy denies it (Quiet); take that out" in str(change.error)


def test_a_queue_that_admits_an_organization_may_admit_the_account(place: Place) -> None:
    """B17: whose organization it is cannot be told from here, and is not held against it."""
    with_queues(place, "us-east-1", STRANGER, condition="aws:SourceOrgID")
    provider_subscribes(place)

    assert only(place.plan(SupportTopic())).state == "drifted"


def shows(place: Place, *subscriptions: tuple[str, str]) -> None:
    """Have ListSubscriptionsByTopic answer these: subscription ARN, endpoint."""
    members = [
        {"SubscriptionArn": arn, "Protocol": endpoint.split(":")[2], "Endpoint": endpoint, "TopicArn": ARN}
        for arn, endpoint in subscriptions
    ]
    place.aws.answer("ListSubscriptionsByTopic", {"Subscriptions": members})


def confirmed(place: Place, *, topic: str = ARN, queue: str = QUEUE) -> None:
    """Show the provider's confirmed subscription."""
    shows(place, (f"{topic}:1", queue))


def policy_of(place: Place, arn: str = ARN) -> dict[str, Any]:
    """Return the topic's policy."""
    region = arn.split(":")[3]
    found: dict[str, Any] = json.loads(
        place.own("sns", region).get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]
    )
    return found


def provider_subscribes(place: Place) -> None:
    """Have the provider's Subscribe answer as AWS does for the queue's owner: an ARN, confirmed."""
    place.provider_aws.answer("Subscribe", {"SubscriptionArn": f"{ARN}:1"})


# --- a new topic


@TOPICS
def test_a_topic_is_made_with_its_policy_our_tag_and_its_subscription(
    place: Place, default: Topic, name: str, queue: str
) -> None:
    """B7, B11, B13: each subscribed to the region's shared queue, as the queue's owner."""
    provider_subscribes(place)

    change = only(place.apply(default))

    arn = f"arn:aws:sns:us-east-1:{ACCOUNT}:{name}"
    assert (change.state, change.changed) == ("compliant", True)
    assert place.provider_aws.arguments("Subscribe") == [
        {"TopicArn": arn, "Protocol": "sqs", "Endpoint": f"arn:aws:sqs:us-east-1:{PROVIDER}:{queue}"}
    ]
    assert place.own("sns").list_tags_for_resource(ResourceArn=arn)["Tags"] == [OUR_TAG]
    assert sids(policy_of(place, arn)) == ["RackspacePublish", "RackspaceSubscribe"]


@TOPICS
def test_what_is_observed_then_is_what_was_desired(place: Place, default: Topic, name: str, queue: str) -> None:
    """G2: a second run writes nothing."""
    provider_subscribes(place)
    place.apply(default)
    arn = f"arn:aws:sns:us-east-1:{ACCOUNT}:{name}"
    confirmed(place, topic=arn, queue=f"arn:aws:sqs:us-east-1:{PROVIDER}:{queue}")
    writes = len(place.aws.writes)

    assert only(place.apply(default)).state == "compliant"
    assert len(place.aws.writes) == writes
    assert place.provider_aws.writes == ["Subscribe"]


@TOPICS
def test_no_statement_of_a_topic_is_open_to_the_world(place: Place, default: Topic, name: str, queue: str) -> None:
    """B7, B13: never the world; every service is confined to this account, the provider to its queue."""
    statements = default._statements(place.target(default))

    assert not any(policies.opens_to_world(statement) for statement in statements)
    publish, subscribe = statements
    assert ACCOUNT in json.dumps(publish["Condition"])
    assert subscribe["Condition"] == {
        "StringEquals": {"sns:Protocol": "sqs", "sns:Endpoint": f"arn:aws:sqs:us-east-1:{PROVIDER}:{queue}"}
    }
    assert subscribe["Principal"] == {"AWS": f"arn:aws:iam::{PROVIDER}:root"}
    assert (publish["Action"], subscribe["Action"]) == ("sns:Publish", "sns:Subscribe")


@pytest.mark.parametrize(
    ("default", "service", "condition"),
    [
        (
            CloudTrailTopic(),
            "cloudtrail.amazonaws.com",
            {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/rackspace-cloudtrail"}},
        ),
        (ConfigTopic(), "config.amazonaws.com", {"StringEquals": {"aws:SourceAccount": ACCOUNT}}),
        (
            SupportTopic(),
            "cloudwatch.amazonaws.com",
            {
                "ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:*"},
                "StringEquals": {"aws:SourceAccount": ACCOUNT},
            },
        ),
    ],
)
def test_each_topic_admits_the_one_service_that_publishes_there(
    place: Place, default: Topic, service: str, condition: dict[str, Any]
) -> None:
    """B7, B11, B13."""
    publish = default._statements(place.target(default))[0]

    assert (publish["Principal"], publish["Condition"]) == ({"Service": service}, condition)


def test_the_topics_of_a_region_are_listed_once(place: Place) -> None:
    """Design, "Speed": the number of calls is the cost."""
    place.plan(*(default for default, _, _ in ALL))

    assert place.aws.names.count("ListTopics") == 1
    assert place.provider_aws.names.count("ListQueues") == 1


def test_topics_are_found_on_every_page(place: Place) -> None:
    """AWS facts: ListTopics has 100 a page."""
    sns = place.own("sns")
    for number in range(101):
        sns.create_topic(Name=f"a{number}")
    sns.create_topic(Name="rackspace-support", Tags=[OUR_TAG])

    assert place.observe(SupportTopic()).state is not None


# --- the subscription


@pytest.mark.parametrize("pending", ["PendingConfirmation", "pending confirmation", "Deleted"])
def test_a_pending_subscription_is_drift(place: Place, pending: str) -> None:
    """AWS facts: PendingConfirmation is drift, not a subscription; nor is a deleted one."""
    provider_subscribes(place)
    place.apply(SupportTopic())
    shows(place, (pending, QUEUE))

    change = only(place.plan(SupportTopic()))

    assert change.state == "drifted"
    assert (change.seen.state or {})["subscription"]["state"] == "pending"


def test_a_subscription_that_is_gone_is_drift_and_made_again(place: Place) -> None:
    """B13."""
    provider_subscribes(place)
    place.apply(SupportTopic())
    shows(place)

    assert only(place.apply(SupportTopic())).changed
    assert place.provider_aws.writes == ["Subscribe", "Subscribe"]


def test_a_confirmed_subscription_beside_a_pending_one_counts(place: Place) -> None:
    """AWS facts: an account's attempt and the provider's can both be listed."""
    provider_subscribes(place)
    place.apply(SupportTopic())
    shows(place, ("PendingConfirmation", QUEUE), (f"{ARN}:1", QUEUE))

    assert only(place.plan(SupportTopic())).state == "compliant"


def test_a_subscription_to_another_queue_of_the_provider_is_not_ours(place: Place) -> None:
    """B13: the region's shared queue."""
    provider_subscribes(place)
    place.apply(SupportTopic())
    shows(place, (f"{ARN}:1", f"arn:aws:sqs:us-east-1:{PROVIDER}:former"))

    assert only(place.plan(SupportTopic())).state == "drifted"


def test_the_topics_owner_subscribes_where_the_option_says_so(place: Place) -> None:
    """Issue: an option lets the topic's owner subscribe; the provider's account is not even asked."""
    place.aws.answer("Subscribe", {"SubscriptionArn": f"{ARN}:1"})

    change = only(place.apply(SupportTopic(), subscription_owner="account"))

    assert (change.state, place.provider_aws.calls) == ("compliant", [])
    assert place.aws.arguments("Subscribe")[0]["Endpoint"] == QUEUE


def test_an_owners_subscription_that_nobody_confirms_fails_and_says_who_must(place: Place) -> None:
    """AWS facts: it stays pending until the queue side confirms."""
    place.aws.answer("Subscribe", {"SubscriptionArn": "pending confirmation"})
    shows(place, ("PendingConfirmation", QUEUE))

    change = only(place.apply(SupportTopic(), subscription_owner="account"))

    assert change.state == "failed"
    assert "the queue's side must confirm" in str(change.error)


def test_an_owners_subscription_that_is_confirmed_a_little_later_is_waited_for(place: Place) -> None:
    """Issue: for providers whose queue side confirms."""
    place.aws.answer("Subscribe", {"SubscriptionArn": "pending confirmation"})
    shows(place, ("PendingConfirmation", QUEUE))
    later = iter(["PendingConfirmation", "PendingConfirmation"])

    def member(parsed: dict[str, Any]) -> None:
        parsed["Subscriptions"][0]["SubscriptionArn"] = next(later, f"{ARN}:1")

    place.aws.edit("ListSubscriptionsByTopic", member)

    assert only(place.apply(SupportTopic(), subscription_owner="account")).state == "compliant"


def test_a_missing_queue_is_told_before_any_write_also_in_check_mode(place: Place) -> None:
    """Issue, "Bad input": a queue that does not exist; SNS would subscribe it all the same."""
    place.providers("sqs").delete_queue(
        QueueUrl=place.providers("sqs").get_queue_url(QueueName="rackspace-support")["QueueUrl"]
    )

    plan = place.plan(SupportTopic(), CloudTrailTopic())
    plan.apply(30)

    change, other = plan.changes
    assert (change.state, other.state != "unknown") == ("unknown", True)
    assert f"queue rackspace-support does not exist in the provider's account {PROVIDER}" in str(change.error)
    assert "playbooks/shared_services.yml" in str(change.error)
    assert ARN not in [topic["TopicArn"] for topic in place.own("sns").list_topics()["Topics"]]


def test_a_topic_is_subscribed_to_the_queue_of_the_region_that_serves_it(place: Place) -> None:
    """AWS facts: opt-in regions; provider_queue_regions."""
    with_queues(place, "eu-west-1")
    provider_subscribes(place)

    place.apply(SupportTopic(), queue_regions={"us-east-1": "eu-west-1"})

    endpoint = f"arn:aws:sqs:eu-west-1:{PROVIDER}:rackspace-support"
    assert place.provider_aws.arguments("Subscribe")[0]["Endpoint"] == endpoint
    assert endpoint in json.dumps(policy_of(place))


@pytest.mark.parametrize("code", ["InvalidClientTokenId", "OptInRequired", "UnrecognizedClientException"])
def test_the_topics_owner_subscribes_where_the_provider_has_not_enabled_the_region(place: Place, code: str) -> None:
    """AWS facts: then only the topic's owner can, and the queue's side confirms."""
    with_queues(place, "eu-west-1")
    place.provider_aws.refuse("Subscribe", code)
    place.aws.answer("Subscribe", {"SubscriptionArn": f"{ARN}:1"})

    change = only(place.apply(SupportTopic(), queue_regions={"us-east-1": "eu-west-1"}))

    assert (change.state, place.aws.names.count("Subscribe")) == ("compliant", 1)


def test_a_provider_that_may_not_subscribe_is_an_error_and_not_worked_around(place: Place) -> None:
    """G5: any other refusal is told."""
    place.provider_aws.refuse("Subscribe", "InvalidParameter", times=99)

    change = only(place.apply(SupportTopic()))

    assert (change.state, "Subscribe" in place.aws.names) == ("failed", False)


def test_a_topic_policy_that_sns_does_not_apply_yet_is_waited_for(place: Place) -> None:
    """Design: what AWS refuses because a topic policy is not visible yet is tried again (AuthorizationError)."""
    provider_subscribes(place)
    place.provider_aws.refuse("Subscribe", "AuthorizationError", times=2)

    assert only(place.apply(SupportTopic())).state == "compliant"


# --- whose a topic is


def existing(place: Place, *statements: dict[str, Any], tagged: bool = False) -> None:
    """Make a topic rackspace-support as somebody else would."""
    attributes = {"Policy": json.dumps({"Version": "2008-10-17", "Statement": list(statements)})} if statements else {}
    place.own("sns").create_topic(Name="rackspace-support", Attributes=attributes, Tags=[OUR_TAG] if tagged else [])
    shows(place)


def test_a_topic_that_names_the_provider_nowhere_is_foreign_and_not_written(place: Place) -> None:
    """G9: its name alone does not make it ours."""
    existing(place)

    change = only(place.apply(SupportTopic()))

    assert (change.state, place.aws.writes, place.provider_aws.writes) == ("foreign", [], [])
    assert "nothing in it names the provider" in change.reason


def test_a_topic_that_somebody_else_subscribes_is_foreign_and_names_them(place: Place) -> None:
    """G9, issue: a look-alike that someone else subscribes."""
    existing(place)
    shows(place, (f"{ARN}:9", STRANGERS_QUEUE))

    change = only(place.apply(SupportTopic()))

    assert (change.state, place.aws.writes) == ("foreign", [])
    assert STRANGERS_QUEUE in change.reason


def test_a_topic_that_the_provider_and_somebody_else_subscribe_is_foreign(place: Place) -> None:
    """Design, "Owned is": subscriptions that name only the provider."""
    existing(place)
    shows(place, (f"{ARN}:9", STRANGERS_QUEUE), (f"{ARN}:1", QUEUE))

    assert only(place.plan(SupportTopic())).state == "foreign"


def test_a_topic_that_only_the_provider_subscribes_is_ours(place: Place) -> None:
    """Design, "Owned is": made by the provider's former tools."""
    existing(place)
    shows(place, (f"{ARN}:1", QUEUE))

    assert only(place.plan(SupportTopic())).state == "drifted"


def test_a_topic_with_our_tag_is_ours_whoever_else_subscribes_it(place: Place) -> None:
    """Design, "Owned is": our tag; other people's subscriptions are never touched."""
    provider_subscribes(place)
    existing(place, tagged=True)
    shows(place, (f"{ARN}:9", STRANGERS_QUEUE))

    change = only(place.apply(SupportTopic()))

    assert change.changed
    assert "Unsubscribe" not in place.aws.writes + place.provider_aws.writes


def test_an_adopted_topic_is_tagged_and_keeps_its_statements(aws: None) -> None:
    """G9: adopted by name; its other statements stay as they were."""
    place = Place(regions=ONE, adopt={"support_topic": "agreed"})
    with_queues(place, "us-east-1")
    provider_subscribes(place)
    theirs = {
        "Sid": "Theirs",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{STRANGER}:root"},
        "Action": "SNS:Publish",
        "Resource": ARN,
    }
    existing(place, theirs)

    place.apply(SupportTopic())

    assert policy_of(place)["Statement"][0] == theirs
    assert sids(policy_of(place)) == ["Theirs", "RackspacePublish", "RackspaceSubscribe"]
    assert place.own("sns").list_tags_for_resource(ResourceArn=ARN)["Tags"] == [OUR_TAG]


def test_a_tampered_statement_of_ours_is_drift_and_repaired(place: Place) -> None:
    """B13."""
    provider_subscribes(place)
    place.apply(SupportTopic())
    confirmed(place)
    policy = policy_of(place)
    policy["Statement"][0]["Principal"] = {"AWS": "*"}
    place.own("sns").set_topic_attributes(TopicArn=ARN, AttributeName="Policy", AttributeValue=json.dumps(policy))

    change = only(place.apply(SupportTopic()))

    assert (change.changed, change.state) == (True, "compliant")
    assert policy_of(place)["Statement"][0]["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert place.provider_aws.writes == ["Subscribe"]


def test_a_foreign_statement_open_to_the_world_is_a_finding(place: Place) -> None:
    """Design, "Owned is"; SNS's own default statement is confined to the owner and none."""
    default = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["SNS:Publish"],
        "Resource": ARN,
        "Condition": {"StringEquals": {"AWS:SourceOwner": ACCOUNT}},
    }
    open_one = {**default, "Sid": "Open"}
    del open_one["Condition"]
    existing(place, default, open_one, tagged=True)

    assert only(place.plan(SupportTopic())).findings == (
        f"statement Open of topic {ARN} opens it to the world and is not ours",
    )


def test_an_encrypted_topic_is_a_finding(place: Place) -> None:
    """AWS facts: Config cannot use encrypted topics; others need the key's policy."""
    existing(place, tagged=True)
    place.own("sns").set_topic_attributes(TopicArn=ARN, AttributeName="KmsMasterKeyId", AttributeValue="alias/k")

    (finding,) = only(place.plan(SupportTopic())).findings
    assert "is encrypted" in finding


def test_a_topic_whose_policy_also_admits_somebody_else_is_foreign(place: Place) -> None:
    """Design, "Owned is": policy or subscriptions that name only the provider, so neither may name others."""
    theirs = {
        "Sid": "Theirs",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{STRANGER}:root"},
        "Action": "SNS:Publish",
        "Resource": ARN,
    }
    existing(place, theirs)
    shows(place, (f"{ARN}:1", QUEUE))

    assert only(place.plan(SupportTopic())).state == "foreign"


def test_topics_of_a_region_that_the_account_cannot_read_are_unknown_each(place: Place) -> None:
    """G5: one refused ListTopics is remembered, and never reads as absence."""
    place.aws.refuse("ListTopics", "AuthorizationError")

    plan = place.plan(*(default for default, _, _ in ALL))

    assert {change.state for change in plan.changes} == {"unknown"}
