"""Ten ways in which accounts drift, and one finding, each by plain boto3: for the demo of the audit, and its tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

#: makes a client: account, service, region
Clients = Callable[[str, str, str], Any]

STRANGER = "arn:aws:iam::999999999999:root"


@dataclass(frozen=True)
class Place:
    """Where something drifts: an account, a region, and whose provider it has."""

    account: str
    uuid: str
    region: str
    provider: str


@dataclass(frozen=True)
class Drift:
    """A way to drift: what it is called, the account default that it is seen in, and what somebody does."""

    kind: str
    default: str
    do: Callable[[Clients, Place], None]


def stop_the_recorder(aws: Clients, at: Place) -> None:
    """AWS Config records nothing any more."""
    aws(at.account, "config", at.region).stop_configuration_recorder(ConfigurationRecorderName="default")


def stop_the_trail(aws: Clients, at: Place) -> None:
    """CloudTrail logs nothing any more."""
    aws(at.account, "cloudtrail", at.region).stop_logging(Name="rackspace-cloudtrail")


def weaken_the_password_policy(aws: Clients, at: Place) -> None:
    """Eight characters, and no symbols."""
    aws(at.account, "iam", "us-east-1").update_account_password_policy(MinimumPasswordLength=8, RequireNumbers=True)


def change_the_trust_of_cloudhealth(aws: Clients, at: Place) -> None:
    """Another account than CloudHealth's is trusted."""
    statement = {"Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": "sts:AssumeRole"}
    aws(at.account, "iam", "us-east-1").update_assume_role_policy(
        RoleName="CloudHealth-Role", PolicyDocument=document(statement)
    )


def delete_a_topic(aws: Clients, at: Place) -> None:
    """Urgent alarms go nowhere."""
    aws(at.account, "sns", at.region).delete_topic(TopicArn=topic(at, "support-urgent"))


def leave_a_subscription_pending(aws: Clients, at: Place) -> None:
    """The queue's owner unsubscribes, and the topic's owner subscribes: that waits for a confirmation."""
    arn, provider = topic(at, "support-standard"), aws(at.provider, "sns", at.region)
    for subscription in provider.list_subscriptions()["Subscriptions"]:
        if subscription["TopicArn"] == arn:
            provider.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
    queue = f"arn:aws:sqs:{at.region}:{at.provider}:rackspace-support"
    aws(at.account, "sns", at.region).subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue)


def remove_the_lifecycle(aws: Clients, at: Place) -> None:
    """Objects of the provider's bucket are kept forever."""
    aws(at.account, "s3", at.region).delete_bucket_lifecycle(Bucket=f"rackspace-{at.uuid}")


def replace_a_topics_policy(aws: Clients, at: Place) -> None:
    """The account's own statement, and nobody else's: no alarm may publish."""
    statement = {
        "Sid": "CustomersOwn",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{at.account}:root"},
        "Action": "sns:Publish",
        "Resource": topic(at, "support"),
    }
    aws(at.account, "sns", at.region).set_topic_attributes(
        TopicArn=topic(at, "support"), AttributeName="Policy", AttributeValue=document(statement)
    )


def disable_the_rule(aws: Clients, at: Place) -> None:
    """Events of AWS Health are matched no more."""
    aws(at.account, "events", at.region).disable_rule(Name="rackspace-dispatcher")


def take_the_rules_target(aws: Clients, at: Place) -> None:
    """Events of AWS Health are matched, and sent nowhere."""
    events = aws(at.account, "events", at.region)
    targets = events.list_targets_by_rule(Rule="rackspace-dispatcher")["Targets"]
    events.remove_targets(Rule="rackspace-dispatcher", Ids=[target["Id"] for target in targets])


def open_the_logs_bucket(aws: Clients, at: Place) -> None:
    """Somebody lets everybody read a part of a bucket: not ours to repair, so it is a finding and stays one."""
    s3, bucket = aws(at.account, "s3", at.region), f"{at.uuid}-logs"
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    policy["Statement"].append(
        {
            "Sid": "EverybodyReads",
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{bucket}/public/*",
        }
    )
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))


DRIFTS = {
    drift.kind: drift
    for drift in (
        Drift("stopped recorder", "recorder", stop_the_recorder),
        Drift("logging off", "trail", stop_the_trail),
        Drift("weakened password policy", "password_policy", weaken_the_password_policy),
        Drift("changed trust", "cloudhealth_role", change_the_trust_of_cloudhealth),
        Drift("deleted topic", "support_urgent_topic", delete_a_topic),
        Drift("pending subscription", "support_standard_topic", leave_a_subscription_pending),
        Drift("lifecycle removed", "rackspace_bucket", remove_the_lifecycle),
        Drift("topic policy replaced", "support_topic", replace_a_topics_policy),
        Drift("rule disabled", "dispatcher_rule", disable_the_rule),
        Drift("target gone", "dispatcher_rule", take_the_rules_target),
    )
}


def topic(at: Place, name: str) -> str:
    """Return the ARN of one of the provider's topics."""
    return f"arn:aws:sns:{at.region}:{at.account}:rackspace-{name}"


def document(statement: dict[str, Any]) -> str:
    """Return a policy document with one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
