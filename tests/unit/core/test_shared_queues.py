# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The provider's side: queues and the dispatcher's target admit the managed accounts, and nobody else (B17)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import policies
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.shared_queues import (
    MAX_POLICY,
    PROVIDER_SIDE,
    CloudTrailQueue,
    ConfigQueue,
    DispatcherTarget,
    SharedQueue,
    SupportQueue,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccountsError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import AccountDefault, Region
from tests.unit.core.places import ACCOUNT, PROVIDER, STRANGER, Place, only, sids

OTHER = "222222222222"
QUEUES = pytest.mark.parametrize("default", [CloudTrailQueue(), ConfigQueue(), SupportQueue()], ids=lambda d: d.name)
BUS = f"arn:aws:events:us-east-1:{PROVIDER}:event-bus/risk"
THEIRS = {
    "Sid": "Theirs",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{STRANGER}:root"},
    "Action": "sqs:ReceiveMessage",
    "Resource": "*",
}


@pytest.fixture
def place(aws: None) -> Place:
    """The shared management services account."""
    return Place(PROVIDER)


def policy_of(place: Place, name: str, region: str = "us-east-1") -> dict[str, Any]:
    """Return a queue's policy."""
    sqs = place.own("sqs", region)
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    found: dict[str, Any] = json.loads(
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    )
    return found


def statement(place: Place, default: Any, region: str = "us-east-1", **chosen: Any) -> dict[str, Any]:
    """Return our statement."""
    return dict(default._statement(place.target(default, region, **chosen)))


@pytest.mark.parametrize("default", PROVIDER_SIDE, ids=lambda default: default.name)
def test_what_is_observed_after_a_put_is_what_was_desired(place: Place, default: AccountDefault) -> None:
    """G2."""
    place.put(default)


def test_an_event_bus_is_observed_as_it_was_put(place: Place) -> None:
    """G2, B17: event bus or queue."""
    place.put(DispatcherTarget(), dispatcher_target_arn=BUS)


@pytest.mark.parametrize("chosen", [{}, {"dispatcher_target_arn": BUS}, {"admit_by": "source_account"}])
def test_a_second_run_writes_nothing(place: Place, chosen: dict[str, Any]) -> None:
    """G2."""
    place.applied(*PROVIDER_SIDE, **chosen)
    del place.aws.calls[:]

    place.applied(*PROVIDER_SIDE, **chosen)

    assert place.aws.writes == []


def test_there_is_a_queue_of_each_purpose_in_every_region_and_one_dispatcher(place: Place) -> None:
    """B17."""
    place.applied(*PROVIDER_SIDE)

    def names(region: str) -> list[str]:
        return sorted(url.split("/")[-1] for url in place.own("sqs", region).list_queues()["QueueUrls"])

    regional = ["rackspace-awsconfig", "rackspace-cloudtrail", "rackspace-support"]
    assert names("eu-west-1") == regional
    assert names("us-east-1") == sorted([*regional, "rackspace-dispatcher"])


@QUEUES
@pytest.mark.parametrize("admit_by", ["source_arn", "source_account"])
def test_a_queue_admits_sns_of_the_managed_accounts_topics_only(
    place: Place, default: SharedQueue, admit_by: str
) -> None:
    """B17, AWS facts: restricted by aws:SourceArn or aws:SourceAccount; never the world."""
    found = statement(place, default, managed_account_ids=[ACCOUNT, OTHER, ACCOUNT], admit_by=admit_by)

    told = json.dumps(found["Condition"])
    assert found["Principal"] == {"Service": ["sns.amazonaws.com"]}
    assert found["Action"] == "sqs:SendMessage"
    assert found["Resource"] == f"arn:aws:sqs:us-east-1:{PROVIDER}:rackspace-{default.purpose}"
    assert ACCOUNT in told
    assert OTHER in told
    assert not policies.opens_to_world(found)
    assert "IfExists" not in told


def test_every_topic_of_the_purpose_is_admitted_and_no_other(place: Place) -> None:
    """B7, B11, B13: matched as SNS's ArnLike would."""
    import fnmatch

    def admitted(default: SharedQueue, topic: str) -> bool:
        patterns = statement(place, default)["Condition"]["ArnLike"]["aws:SourceArn"]
        arn = f"arn:aws:sns:eu-west-1:{ACCOUNT}:{topic}"
        return any(fnmatch.fnmatchcase(arn, pattern) for pattern in patterns)

    support = ["rackspace-support", *(f"rackspace-support-{how}" for how in ("standard", "urgent", "emergency"))]
    assert all(admitted(SupportQueue(), topic) for topic in support)
    assert admitted(CloudTrailQueue(), "rackspace-cloudtrail")
    assert admitted(ConfigQueue(), "rackspace-awsconfig")
    assert not admitted(CloudTrailQueue(), "rackspace-support")
    assert not admitted(SupportQueue(), "rackspace-cloudtrail")
    assert not admitted(SupportQueue(), "anything")


def test_no_other_accounts_topic_is_admitted(place: Place) -> None:
    """B17: and nobody else."""
    patterns = statement(place, SupportQueue())["Condition"]["ArnLike"]["aws:SourceArn"]

    assert {pattern.split(":")[4] for pattern in patterns} == {ACCOUNT}


def test_accounts_that_join_and_leave_are_drift(place: Place) -> None:
    """B17: run once and when accounts join."""
    place.applied(SupportQueue(), managed_account_ids=[ACCOUNT, STRANGER], regions=["us-east-1"])

    left = {"managed_account_ids": [ACCOUNT, OTHER], "remove_accounts": True}
    place.applied(SupportQueue(), **left, regions=["us-east-1"])

    told = json.dumps(policy_of(place, "rackspace-support"))
    assert (ACCOUNT in told, OTHER in told, STRANGER in told) == (True, True, False)


@pytest.mark.parametrize("default", [SupportQueue(), DispatcherTarget()])
@pytest.mark.parametrize("admit_by", ["source_arn", "source_account"])
def test_an_inventory_of_some_accounts_cuts_nobody_off(place: Place, default: AccountDefault, admit_by: str) -> None:
    """B17, G5: their signals would be dropped in silence."""
    options: dict[str, Any] = {"regions": ["us-east-1"], "admit_by": admit_by}
    place.applied(default, managed_account_ids=[ACCOUNT, STRANGER], **options)
    before = place.aws.writes

    change = only(place.apply(default, managed_account_ids=[ACCOUNT], **options))

    assert (change.state, place.aws.writes) == ("unknown", before)
    assert f"accounts {STRANGER} are admitted" in str(change.error)
    assert "provider_queues_remove_accounts" in str(change.error)


def test_others_statements_on_a_queue_stay(place: Place) -> None:
    """G9."""
    place.applied(SupportQueue(), regions=["us-east-1"])
    sqs = place.own("sqs")
    url = sqs.get_queue_url(QueueName="rackspace-support")["QueueUrl"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [THEIRS]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})

    place.applied(SupportQueue(), regions=["us-east-1"])

    found = policy_of(place, "rackspace-support")
    assert (found["Statement"][0], sids(found)) == (THEIRS, ["Theirs", "RackspaceTopics"])


def test_a_statement_open_to_the_world_is_a_finding(place: Place) -> None:
    """Design, "Owned is"."""
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**THEIRS, "Principal": "*"}]})
    place.own("sqs").create_queue(QueueName="rackspace-support", Attributes={"Policy": policy})

    (finding,) = only(place.plan(SupportQueue(), regions=["us-east-1"])).findings
    assert "opens it to the world" in finding


def test_more_accounts_than_a_policy_holds_are_told_before_any_write(place: Place) -> None:
    """SQS quotas: the message says what to do."""
    accounts = [f"{number:012d}" for number in range(300)]

    change = only(place.apply(SupportQueue(), managed_account_ids=accounts, regions=["us-east-1"]))

    assert (change.state, place.aws.writes) == ("failed", [])
    assert str(MAX_POLICY) in str(change.error)
    assert "source_account" in str(change.error)


def test_admitting_by_source_account_makes_room(place: Place) -> None:
    """Decision: provider_queues_admit_by."""
    accounts = [f"{number:012d}" for number in range(300)]

    place.applied(SupportQueue(), managed_account_ids=accounts, regions=["us-east-1"], admit_by="source_account")


# --- opt-in regions


@pytest.fixture
def opted_in(place: Place) -> Place:
    """The shared account has af-south-1, an opt-in region, and not eu-south-2."""
    place.account.enabled = (Region("us-east-1"), Region("eu-west-1"), Region("af-south-1", opt_in=True))
    return place


def test_a_region_that_another_serves_needs_no_queue(place: Place) -> None:
    """Design: provider_queue_regions."""
    change = only(place.plan(SupportQueue(), regions=["eu-west-1"], queue_regions={"eu-west-1": "us-east-1"}))

    assert (change.state, change.reason) == ("skipped", "topics of eu-west-1 are served by the queue in us-east-1")


def test_a_region_that_serves_itself_has_its_queue(place: Place) -> None:
    """B17: the topics there are subscribed to it."""
    change = only(place.plan(SupportQueue(), regions=["us-east-1"], queue_regions={"us-east-1": "us-east-1"}))

    assert change.state == "drifted"


def test_a_delivery_from_an_opt_in_region_has_a_principal_of_its_own(opted_in: Place) -> None:
    """AWS facts: the principal is sns.<region>.amazonaws.com."""
    found = statement(opted_in, SupportQueue(), queue_regions={"eu-south-2": "us-east-1", "me-south-1": "eu-west-1"})

    assert found["Principal"] == {"Service": ["sns.amazonaws.com", "sns.eu-south-2.amazonaws.com"]}


def test_a_delivery_from_a_default_to_an_opt_in_region_has_the_latters_principal(opted_in: Place) -> None:
    """AWS facts: and from a default region to an opt-in one likewise."""
    found = statement(opted_in, SupportQueue(), "af-south-1", queue_regions={"eu-west-1": "af-south-1"})

    assert found["Principal"] == {"Service": ["sns.amazonaws.com", "sns.af-south-1.amazonaws.com"]}


def test_a_delivery_between_default_regions_has_the_ordinary_principal(opted_in: Place) -> None:
    """AWS facts."""
    found = statement(opted_in, SupportQueue(), queue_regions={"eu-west-1": "us-east-1"})

    assert found["Principal"] == {"Service": ["sns.amazonaws.com"]}


def test_a_delivery_from_one_opt_in_region_to_another_is_refused(opted_in: Place) -> None:
    """AWS facts: documented as unsupported; the message names regions and fix."""
    with pytest.raises(AccountsError, match=r"eu-south-2 to af-south-1.*enabled by default"):
        statement(opted_in, SupportQueue(), "af-south-1", queue_regions={"eu-south-2": "af-south-1"})


def test_a_principal_is_not_guessed_where_the_regions_cannot_be_read(place: Place) -> None:
    """G5: an unknown is told."""
    place.account.enabled = ()

    change = only(place.plan(SupportQueue(), regions=["us-east-1"], queue_regions={"eu-south-2": "us-east-1"}))

    assert (change.state, "account:ListRegions" in str(change.error)) == ("unknown", True)


# --- the dispatcher's target


@pytest.mark.parametrize(
    ("chosen", "action"), [({}, "sqs:SendMessage"), ({"dispatcher_target_arn": BUS}, "events:PutEvents")]
)
def test_the_dispatchers_target_admits_the_dispatcher_roles_of_the_managed_accounts_only(
    place: Place, chosen: dict[str, Any], action: str
) -> None:
    """B17."""
    found = statement(place, DispatcherTarget(), managed_account_ids=[ACCOUNT, OTHER], **chosen)

    assert found["Action"] == action
    assert found["Condition"] == {
        "StringEquals": {"aws:PrincipalAccount": [ACCOUNT, OTHER]},
        "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/rackspace-dispatcher"},
    }
    assert not policies.opens_to_world(found)


def test_an_event_buss_other_statements_stay(place: Place) -> None:
    """G9."""
    events = place.own("events")
    events.create_event_bus(Name="risk")
    theirs = {**THEIRS, "Action": "events:PutEvents", "Resource": BUS}
    events.put_permission(EventBusName="risk", Policy=json.dumps({"Version": "2012-10-17", "Statement": [theirs]}))

    place.applied(DispatcherTarget(), dispatcher_target_arn=BUS)

    (sent,) = place.aws.arguments("PutPermission")
    assert json.loads(sent["Policy"])["Statement"][0] == theirs
    assert sids(json.loads(sent["Policy"])) == ["Theirs", "RackspaceDispatcher"]


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:sqs:us-east-1:{STRANGER}:rackspace-dispatcher",
        f"arn:aws:sqs:eu-west-1:{PROVIDER}:rackspace-dispatcher",
    ],
)
def test_a_target_elsewhere_is_left_to_its_owner(place: Place, arn: str) -> None:
    """G9: not in the provider's account, or not in the region of the rules."""
    change = only(place.apply(DispatcherTarget(), dispatcher_target_arn=arn))

    assert (change.state, place.aws.writes) == ("skipped", [])
    assert arn in change.reason
