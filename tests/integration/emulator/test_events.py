"""EventBridge and AWS Health: the dispatcher's path from a member to the shared account."""

from __future__ import annotations

import json

import pytest

PLAIN, SHARED = "111111111111", "100000000002"
ROLE = f"arn:aws:iam::{PLAIN}:role/dispatcher"
QUEUE = f"arn:aws:sqs:us-east-1:{SHARED}:dispatcher"
BUS = f"arn:aws:events:us-east-1:{SHARED}:event-bus/dispatcher"
PATTERN = {"source": ["aws.health"], "detail-type": ["AWS Health Event"], "detail": {"service": ["RISK"]}}


@pytest.fixture(scope="module")
def role(accounts, policies):
    iam = accounts(PLAIN, "iam")
    trust = policies.trust({"Service": "events.amazonaws.com"})
    iam.create_role(RoleName="dispatcher", AssumeRolePolicyDocument=trust)
    return ROLE


@pytest.fixture
def grant(accounts, policies, role):
    """What the execution role may do, for one test."""
    iam = accounts(PLAIN, "iam")

    def put(action, resource):
        text = policies.document({"Effect": "Allow", "Action": action, "Resource": resource})
        iam.put_role_policy(RoleName="dispatcher", PolicyName="send", PolicyDocument=text)

    put("sqs:SendMessage", QUEUE)
    yield put
    iam.delete_role_policy(RoleName="dispatcher", PolicyName="send")


@pytest.fixture
def queue(accounts, policies):
    sqs = accounts(SHARED, "sqs")
    url = sqs.create_queue(QueueName="dispatcher")["QueueUrl"]
    sender = {"Effect": "Allow", "Principal": {"AWS": PLAIN}, "Action": "sqs:SendMessage", "Resource": QUEUE}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policies.document(sender)})
    yield lambda: [json.loads(one["Body"]) for one in sqs.receive_message(QueueUrl=url).get("Messages", [])]
    sqs.delete_queue(QueueUrl=url)


@pytest.fixture
def rule(accounts, role):
    """A rule for RISK events with one target; returns the events client."""
    events = accounts(PLAIN, "events")
    events.put_rule(Name="risk", EventPattern=json.dumps(PATTERN))

    def target(arn=QUEUE, **members):
        return events.put_targets(Rule="risk", Targets=[{"Id": "1", "Arn": arn, **members}])

    yield target
    events.remove_targets(Rule="risk", Ids=["1"])
    events.delete_rule(Name="risk")


def reason(emulator, **event):
    (delivery,) = emulator.health_event(PLAIN, **event)["deliveries"]
    assert delivery["delivered"] is (delivery["reason"] == "")
    return delivery["reason"]


def test_a_risk_event_reaches_the_queue_in_the_shared_account(emulator, rule, queue, grant):
    rule(RoleArn=ROLE)
    assert reason(emulator) == ""
    (event,) = queue()
    assert (event["source"], event["account"], event["detail"]["service"]) == ("aws.health", PLAIN, "RISK")


def test_an_event_of_another_service_does_not_match(emulator, rule, queue, grant):
    rule(RoleArn=ROLE)
    assert emulator.health_event(PLAIN, service="EC2")["deliveries"] == []
    assert queue() == []


def test_a_disabled_rule_sends_nothing(accounts, emulator, rule, queue, grant):
    rule(RoleArn=ROLE)
    accounts(PLAIN, "events").disable_rule(Name="risk")
    assert emulator.health_event(PLAIN)["deliveries"] == []


def test_a_target_in_another_account_needs_an_execution_role(emulator, rule, queue):
    rule()
    assert "needs an execution role" in reason(emulator)


def test_the_roles_policies_must_allow_the_send(emulator, rule, queue, grant):
    rule(RoleArn=ROLE)
    grant("sqs:SendMessage", QUEUE + "-other")
    assert "policies do not allow" in reason(emulator)


def test_the_role_must_still_trust_eventbridge(accounts, policies, emulator, rule, queue, grant):
    rule(RoleArn=ROLE)
    iam = accounts(PLAIN, "iam")
    iam.update_assume_role_policy(
        RoleName="dispatcher", PolicyDocument=policies.trust({"Service": "ec2.amazonaws.com"})
    )
    assert "does not trust" in reason(emulator)
    iam.update_assume_role_policy(
        RoleName="dispatcher", PolicyDocument=policies.trust({"Service": "events.amazonaws.com"})
    )


def test_the_queues_policy_must_admit_the_role(accounts, emulator, rule, queue, grant):
    rule(RoleArn=ROLE)
    url = accounts(SHARED, "sqs").get_queue_url(QueueName="dispatcher")["QueueUrl"]
    accounts(SHARED, "sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert "queue's policy does not allow" in reason(emulator)


def test_a_queue_that_does_not_exist_is_told(emulator, rule, grant):
    rule(RoleArn=ROLE)
    assert reason(emulator) == "the queue does not exist"


def test_a_bus_in_another_account_hands_the_event_on_to_its_rules(accounts, policies, emulator, rule, queue, grant):
    events = accounts(SHARED, "events")
    events.create_event_bus(Name="dispatcher")
    grant("events:PutEvents", BUS)
    rule(BUS, RoleArn=ROLE)
    assert "event bus's policy does not allow" in reason(emulator)
    statement: dict[str, object] = {
        "Sid": "Members",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "events:PutEvents",
        "Resource": BUS,
    }
    statement["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": "o-rackspace01"}}
    events.put_permission(EventBusName="dispatcher", Policy=policies.document(statement))
    events.put_rule(Name="all", EventBusName="dispatcher", EventPattern=json.dumps({"source": ["aws.health"]}))
    events.put_targets(Rule="all", EventBusName="dispatcher", Targets=[{"Id": "1", "Arn": QUEUE}])
    sqs = accounts(SHARED, "sqs")
    source = {"ArnEquals": {"aws:SourceArn": f"arn:aws:events:us-east-1:{SHARED}:rule/dispatcher/all"}}
    sender = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    text = policies.document({**sender, "Resource": QUEUE, "Condition": source})
    url = sqs.get_queue_url(QueueName="dispatcher")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": text})
    assert reason(emulator) == ""
    assert [event["account"] for event in queue()] == [PLAIN]


def test_a_role_that_eventbridge_cannot_take_is_refused_for_rules_and_targets(accounts, rule, refused):
    missing = f"arn:aws:iam::{PLAIN}:role/missing"
    assert refused(rule, RoleArn=missing) == "ValidationException"
    put = accounts(PLAIN, "events").put_rule
    assert refused(put, Name="risk", EventPattern=json.dumps(PATTERN), RoleArn=missing) == "ValidationException"


def test_a_rule_has_five_targets_at_most(accounts, rule, refused):
    put = accounts(PLAIN, "events").put_targets
    targets = [{"Id": str(number), "Arn": QUEUE} for number in range(6)]
    assert refused(put, Rule="risk", Targets=targets) == "LimitExceededException"


def test_put_rule_nulls_what_it_leaves_out_and_keeps_the_targets(accounts, rule):
    events = accounts(PLAIN, "events")
    rule()
    events.put_rule(Name="risk", EventPattern=json.dumps(PATTERN), Description="text")
    events.put_rule(Name="risk", EventPattern=json.dumps(PATTERN))
    assert "Description" not in {key for key, value in events.describe_rule(Name="risk").items() if value}
    assert len(events.list_targets_by_rule(Rule="risk")["Targets"]) == 1


def test_nobody_puts_events_of_aws(accounts):
    entries = [{"Source": source, "DetailType": "x", "Detail": "{}"} for source in ("aws.health", "mine")]
    answer = accounts(PLAIN, "events").put_events(Entries=entries)
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"
    assert answer["Entries"][1]["EventId"]


def test_an_own_event_takes_the_rules_of_its_bus(accounts, queue, grant):
    events = accounts(PLAIN, "events")
    events.put_rule(Name="own", EventPattern=json.dumps({"source": ["mine"]}))
    events.put_targets(Rule="own", Targets=[{"Id": "1", "Arn": QUEUE, "RoleArn": ROLE}])
    events.put_events(Entries=[{"Source": "mine", "DetailType": "x", "Detail": '{"a": 1}'}])
    assert [event["detail"] for event in queue()] == [{"a": 1}]


def test_a_buses_policy_is_checked_and_replaced_whole(accounts, policies, refused):
    events = accounts(SHARED, "events", "eu-west-1")
    arn = f"arn:aws:events:eu-west-1:{SHARED}:event-bus/default"
    statement = {"Effect": "Allow", "Principal": {"AWS": PLAIN}, "Action": "events:PutEvents", "Resource": arn}
    assert refused(events.put_permission, Policy=policies.document(statement)) == "ValidationException"
    assert refused(events.put_permission, Policy="{") == "ValidationException"
    for sid in ("first", "second"):
        events.put_permission(Policy=policies.document({**statement, "Sid": sid}))
    held = json.loads(events.describe_event_bus()["Policy"])["Statement"]
    assert [entry["Sid"] for entry in held] == ["second"]
