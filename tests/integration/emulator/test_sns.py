"""SNS: topics, subscriptions across accounts, and what is delivered."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

PLAIN, SHARED, OTHER, OPT_IN = "111111111111", "100000000002", "333333333333", "555555555555"


@pytest.fixture
def topic(accounts):
    made = []

    def make(account=PLAIN, region="us-east-1", name="topic"):
        arn = accounts(account, "sns", region).create_topic(Name=name)["TopicArn"]
        made.append((account, region, arn))
        return arn

    yield make
    for account, region, arn in made:
        accounts(account, "sns", region).delete_topic(TopicArn=arn)


@pytest.fixture
def queue(accounts, policies):
    """A queue whose policy admits a principal, by default SNS for any topic; returns its ARN and a reader."""
    made = []

    def make(account=SHARED, region="us-east-1", service="sns.amazonaws.com", **condition):
        sqs = accounts(account, "sqs", region)
        url = sqs.create_queue(QueueName="queue")["QueueUrl"]
        made.append((sqs, url))
        arn = f"arn:aws:sqs:{region}:{account}:queue"
        statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sqs:SendMessage"}
        statement |= {"Resource": arn} | ({"Condition": condition} if condition else {})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policies.document(statement)})

        def read():
            found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
            return [json.loads(message["Body"]) for message in found]

        return arn, read

    yield make
    for sqs, url in made:
        sqs.delete_queue(QueueUrl=url)


def allow_subscribe(accounts, policies, arn, endpoint, guest=SHARED):
    statement = {
        "Sid": "Subscribe",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{guest}:root"},
        "Action": "sns:Subscribe",
        "Resource": arn,
        "Condition": {"StringEquals": {"sns:Protocol": "sqs"}, "ArnLike": {"sns:Endpoint": endpoint}},
    }
    owner, region = arn.split(":")[4], arn.split(":")[3]
    text = policies.document(statement)
    accounts(owner, "sns", region).set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=text)


def subscribe(accounts, account, topic, endpoint, **options):
    sns = accounts(account, "sns", topic.split(":")[3])
    return sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=endpoint, **options)["SubscriptionArn"]


def test_a_subscription_by_the_topics_owner_waits_for_the_token(accounts, topic, queue):
    arn, (endpoint, read) = topic(), queue()
    sns = accounts(PLAIN, "sns")
    assert subscribe(accounts, PLAIN, arn, endpoint) == "pending confirmation"
    (shown,) = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    assert (shown["SubscriptionArn"], shown["Owner"]) == ("PendingConfirmation", PLAIN)
    sns.publish(TopicArn=arn, Message="too early")
    (confirmation,) = read()
    assert confirmation["Type"] == "SubscriptionConfirmation"
    confirmed = accounts(SHARED, "sns").confirm_subscription(TopicArn=arn, Token=confirmation["Token"])
    sns.publish(TopicArn=arn, Message="now")
    assert [message["Message"] for message in read()] == ["now"]
    assert sns.get_subscription_attributes(SubscriptionArn=confirmed["SubscriptionArn"])["Attributes"]["Owner"] == PLAIN


def test_a_wrong_token_confirms_nothing(accounts, topic, refused):
    confirm = accounts(SHARED, "sns").confirm_subscription
    assert refused(confirm, TopicArn=topic(), Token="wrong") == "InvalidParameter"


def test_the_arn_of_a_pending_subscription_is_returned_when_asked_for(accounts, topic, queue):
    arn, (endpoint, _) = topic(), queue()
    made = subscribe(accounts, PLAIN, arn, endpoint, ReturnSubscriptionArn=True)
    attributes = accounts(PLAIN, "sns").get_subscription_attributes(SubscriptionArn=made)["Attributes"]
    assert attributes["PendingConfirmation"] == "true"


def test_a_pending_subscription_cannot_be_removed(accounts, topic, queue, refused):
    arn, (endpoint, _) = topic(), queue()
    made = subscribe(accounts, PLAIN, arn, endpoint, ReturnSubscriptionArn=True)
    assert refused(accounts(PLAIN, "sns").unsubscribe, SubscriptionArn=made) == "InvalidParameter"


def test_the_queues_owner_needs_the_topics_leave_to_subscribe(accounts, policies, topic, queue, refused):
    arn, (endpoint, _) = topic(), queue()
    call = {"accounts": accounts, "account": SHARED, "topic": arn}
    assert refused(subscribe, endpoint=endpoint, **call) == "AuthorizationError"
    allow_subscribe(accounts, policies, arn, endpoint)
    assert refused(subscribe, endpoint=endpoint + "-other", **call) == "AuthorizationError"
    assert subscribe(endpoint=endpoint, **call).startswith(arn)


def test_a_subscription_by_the_queues_owner_is_confirmed_and_its_own(accounts, policies, topic, queue, refused):
    arn, (endpoint, read) = topic(), queue()
    allow_subscribe(accounts, policies, arn, endpoint)
    made = subscribe(accounts, SHARED, arn, endpoint)
    owner, guest = accounts(PLAIN, "sns"), accounts(SHARED, "sns")
    (shown,) = owner.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    assert (shown["SubscriptionArn"], shown["Owner"]) == (made, SHARED)
    assert [one["SubscriptionArn"] for one in guest.list_subscriptions()["Subscriptions"]] == [made]
    assert owner.list_subscriptions()["Subscriptions"] == []
    assert guest.get_subscription_attributes(SubscriptionArn=made)["Attributes"]["PendingConfirmation"] == "false"
    assert refused(owner.get_subscription_attributes, SubscriptionArn=made) == "AuthorizationError"
    assert subscribe(accounts, SHARED, arn, endpoint) == made
    owner.publish(TopicArn=arn, Message="hello", Subject="greeting")
    assert [(message["Message"], message["Subject"]) for message in read()] == [("hello", "greeting")]


def test_the_topics_owner_leaves_a_deleted_entry_the_queues_owner_none(accounts, policies, topic, queue):
    arn, (endpoint, _) = topic(), queue()
    allow_subscribe(accounts, policies, arn, endpoint)
    owner = accounts(PLAIN, "sns")
    owner.unsubscribe(SubscriptionArn=subscribe(accounts, SHARED, arn, endpoint))
    (shown,) = owner.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    assert shown["SubscriptionArn"] == "Deleted"
    accounts(SHARED, "sns").unsubscribe(SubscriptionArn=subscribe(accounts, SHARED, arn, endpoint))
    assert len(owner.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]) == 1


def test_a_third_account_may_not_unsubscribe(accounts, policies, topic, queue, refused):
    arn, (endpoint, _) = topic(), queue()
    allow_subscribe(accounts, policies, arn, endpoint)
    made = subscribe(accounts, SHARED, arn, endpoint)
    assert refused(accounts(OTHER, "sns").unsubscribe, SubscriptionArn=made) == "AuthorizationError"


@pytest.mark.parametrize(
    ("condition", "delivered"),
    [
        ({"StringEquals": {"aws:SourceAccount": PLAIN}}, True),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{PLAIN}:*"}}, True),
        ({"StringEquals": {"aws:SourceAccount": OTHER}}, False),
        ({"ArnEquals": {"aws:SourceArn": f"arn:aws:sns:us-east-1:{PLAIN}:other"}}, False),
    ],
)
def test_a_message_arrives_only_where_the_queues_policy_admits_the_topic(
    accounts, policies, topic, queue, condition, delivered
):
    arn, (endpoint, read) = topic(), queue(**condition)
    allow_subscribe(accounts, policies, arn, endpoint)
    subscribe(accounts, SHARED, arn, endpoint)
    accounts(PLAIN, "sns").publish(TopicArn=arn, Message="hello")
    assert len(read()) == int(delivered)


@pytest.mark.parametrize(
    ("service", "delivered"), [("sns.amazonaws.com", False), ("sns.af-south-1.amazonaws.com", True)]
)
def test_from_an_opt_in_region_the_regional_principal_sends(accounts, policies, topic, queue, service, delivered):
    arn = topic(OPT_IN, "af-south-1")
    endpoint, read = queue(OPT_IN, "eu-west-1", service)
    subscribe(accounts, OPT_IN, arn, endpoint)
    accounts(OPT_IN, "sns", "af-south-1").publish(TopicArn=arn, Message="hello")
    assert len(read()) == int(delivered)


def test_a_message_crosses_default_regions(accounts, topic, queue):
    arn = topic(PLAIN, "us-west-2")
    endpoint, read = queue(PLAIN, "eu-west-1")
    subscribe(accounts, PLAIN, arn, endpoint, Attributes={"RawMessageDelivery": "true"})
    accounts(PLAIN, "sns", "us-west-2").publish(TopicArn=arn, Message='{"raw": true}')
    assert read() == [{"raw": True}]


def test_a_topic_takes_its_subscriptions_with_it_whoever_owns_them(accounts, policies, topic, queue):
    arn, (endpoint, _) = topic(), queue()
    allow_subscribe(accounts, policies, arn, endpoint)
    subscribe(accounts, SHARED, arn, endpoint)
    accounts(PLAIN, "sns").delete_topic(TopicArn=arn)
    held = accounts(SHARED, "sns").list_subscriptions()["Subscriptions"]
    assert arn not in [one["TopicArn"] for one in held]
    accounts(PLAIN, "sns").delete_topic(TopicArn=arn)  # idempotent


def test_the_numbers_of_subscriptions_are_counted(accounts, topic, queue):
    arn, (endpoint, _) = topic(), queue()
    subscribe(accounts, PLAIN, arn, endpoint)
    attributes = accounts(PLAIN, "sns").get_topic_attributes(TopicArn=arn)["Attributes"]
    assert (attributes["SubscriptionsPending"], attributes["SubscriptionsConfirmed"]) == ("1", "0")


def test_a_topic_is_made_again_only_with_the_same_attributes_and_tags(accounts, topic, refused):
    create = accounts(PLAIN, "sns").create_topic
    arn = create(Name="same", Attributes={"DisplayName": "A"}, Tags=[{"Key": "k", "Value": "v"}])["TopicArn"]
    assert create(Name="same")["TopicArn"] == arn
    assert create(Name="same", Attributes={"DisplayName": "A"})["TopicArn"] == arn
    assert refused(create, Name="same", Attributes={"DisplayName": "B"}) == "InvalidParameter"
    assert refused(create, Name="same", Tags=[{"Key": "k", "Value": "w"}]) == "InvalidParameter"


@pytest.mark.parametrize(
    "changes",
    [
        {"Action": "sns:*"},
        {"Action": "sns:CreateTopic"},
        {"Action": "sqs:SendMessage"},
        {"Resource": "arn:aws:sns:us-east-1:111111111111:other"},
        {"Principal": {"AWS": "arn:aws:iam::111111111111:role/missing"}},
        {"Effect": "Perhaps"},
    ],
)
def test_a_malformed_topic_policy_is_refused(accounts, policies, topic, refused, changes):
    arn = topic()
    statement = {"Effect": "Allow", "Principal": {"AWS": PLAIN}, "Action": "sns:Publish", "Resource": arn}
    text = policies.document(statement | changes)
    put = accounts(PLAIN, "sns").set_topic_attributes
    assert refused(put, TopicArn=arn, AttributeName="Policy", AttributeValue=text) == "InvalidParameter"


def test_another_accounts_topic_is_closed_and_another_regions_is_a_wrong_parameter(accounts, topic, refused):
    arn = topic()
    assert refused(accounts(OTHER, "sns").publish, TopicArn=arn, Message="x") == "AuthorizationError"
    assert refused(accounts(PLAIN, "sns", "eu-west-1").publish, TopicArn=arn, Message="x") == "InvalidParameter"
    assert refused(accounts(PLAIN, "sns").publish, TopicArn=arn + "x", Message="x") == "NotFound"


def test_the_look_alike_topic_is_subscribed_by_somebody_else(accounts):
    arn = "arn:aws:sns:us-east-1:777777777777:rackspace-support"
    (shown,) = accounts("777777777777", "sns").list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    assert shown["Owner"] == "999999999999"


def counted(accounts, region="us-west-1"):
    """The sums of a topic's metrics."""
    now = datetime.now(UTC)
    dimensions = [{"Name": "TopicName", "Value": "topic"}]
    found = {}
    for metric in ("NumberOfMessagesPublished", "NumberOfNotificationsDelivered", "NumberOfNotificationsFailed"):
        stat = {"Namespace": "AWS/SNS", "MetricName": metric, "Dimensions": dimensions}
        answer = accounts(PLAIN, "cloudwatch", region).get_metric_data(
            MetricDataQueries=[{"Id": "m", "MetricStat": {"Metric": stat, "Period": 60, "Stat": "Sum"}}],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(minutes=1),
        )
        found[metric] = int(sum(answer["MetricDataResults"][0]["Values"]))
    return tuple(found.values())


def test_publications_and_deliveries_are_counted_by_topic(accounts, topic, queue):
    """In a region of their own: metrics outlive the topic."""
    arn = topic(PLAIN, "us-west-1")
    endpoint, _ = queue(PLAIN, "us-west-1")
    sns = accounts(PLAIN, "sns", "us-west-1")
    subscribe(accounts, PLAIN, arn, endpoint)
    sns.publish(TopicArn=arn, Message="hello")
    assert counted(accounts) == (1, 1, 0)
    sqs = accounts(PLAIN, "sqs", "us-west-1")
    sqs.set_queue_attributes(QueueUrl=sqs.get_queue_url(QueueName="queue")["QueueUrl"], Attributes={"Policy": ""})
    sns.publish(TopicArn=arn, Message="dropped")
    assert counted(accounts) == (2, 1, 1)


@pytest.mark.parametrize(("service", "delivered"), [("sns.amazonaws.com", True), ("events.amazonaws.com", False)])
def test_an_encrypted_queue_takes_what_its_keys_policy_lets_sns_write(
    accounts, policies, topic, queue, service, delivered
):
    arn, (endpoint, read) = topic(PLAIN), queue(PLAIN)
    subscribe(accounts, PLAIN, arn, endpoint)
    allow = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "kms:*", "Resource": "*"}
    key = accounts(PLAIN, "kms").create_key(Policy=policies.document(allow))["KeyMetadata"]["KeyId"]
    sqs = accounts(PLAIN, "sqs")
    url = sqs.get_queue_url(QueueName="queue")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": key})
    accounts(PLAIN, "sns").publish(TopicArn=arn, Message="hello")
    assert len(read()) == int(delivered)


def test_a_queue_under_the_key_of_sqs_itself_takes_nothing_from_sns(accounts, topic, queue):
    arn, (endpoint, read) = topic(PLAIN), queue(PLAIN)
    subscribe(accounts, PLAIN, arn, endpoint)
    sqs = accounts(PLAIN, "sqs")
    url = sqs.get_queue_url(QueueName="queue")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": "alias/aws/sqs"})
    accounts(PLAIN, "sns").publish(TopicArn=arn, Message="hello")
    assert read() == []
