# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Names and ARNs: the guide's by default, each from an option; and what our tag proves."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import naming
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import GLOBAL, Account, Target
from tests.unit.core.places import ACCOUNT, PROVIDER, UUID, options, refusal


def target(region: str = "eu-west-1", partition: str = "aws", **chosen: Any) -> Target:
    """Return a target without clients."""
    return Target(Account(ACCOUNT, partition=partition), region, None, options(**chosen))  # type: ignore[arg-type]


def test_the_buckets_have_the_guides_names() -> None:
    """B4, B5."""
    assert naming.logs_bucket(options()) == f"{UUID}-logs"
    assert naming.rackspace_bucket(options()) == f"rackspace-{UUID}"


def test_the_buckets_names_are_variables() -> None:
    """Requirements: every name is a default."""
    chosen = options(logs_bucket_name="a-logs", rackspace_bucket_name="a-own")

    assert (naming.logs_bucket(chosen), naming.rackspace_bucket(chosen)) == ("a-logs", "a-own")


def test_the_topics_have_the_guides_names() -> None:
    """B7, B11, B13."""
    assert sorted(options()["topic_names"].values()) == [
        "rackspace-awsconfig",
        "rackspace-cloudtrail",
        "rackspace-support",
        "rackspace-support-emergency",
        "rackspace-support-standard",
        "rackspace-support-urgent",
    ]


def test_naming_one_topic_leaves_the_others_their_names() -> None:
    """Requirements: each is a default of its own."""
    names = options(topic_names={"support": "alarms"})["topic_names"]

    assert (names["support"], names["cloudtrail"]) == ("alarms", "rackspace-cloudtrail")


def test_a_topics_queue_is_in_its_own_region_of_the_providers_account() -> None:
    """B7: region-specific."""
    assert naming.queue_arn(target(), "support") == f"arn:aws:sqs:eu-west-1:{PROVIDER}:rackspace-support"


def test_a_topics_queue_is_in_the_region_that_serves_it() -> None:
    """Design: provider_queue_regions."""
    served = target(queue_regions={"eu-west-1": "us-east-1"})

    assert naming.queue_arn(served, "support") == f"arn:aws:sqs:us-east-1:{PROVIDER}:rackspace-support"


@pytest.mark.parametrize("partition", ["aws", "aws-us-gov"])
def test_arns_are_of_the_accounts_partition(partition: str) -> None:
    """Design: ARNs whole."""
    place = target(partition=partition)

    assert naming.queue_arn(place, "support").startswith(f"arn:{partition}:")
    assert naming.config_role_arn(place) == f"arn:{partition}:iam::{ACCOUNT}:role/AWSConfig"
    assert naming.dispatcher_target_arn(place.options, partition).startswith(f"arn:{partition}:")
    assert place.arn("sns", "t") == f"arn:{partition}:sns:eu-west-1:{ACCOUNT}:t"


def test_an_arn_of_what_has_no_region_names_none() -> None:
    """IAM ARNs."""
    assert target(GLOBAL).arn("iam", "role/r") == f"arn:aws:iam::{ACCOUNT}:role/r"


def test_the_dispatchers_target_has_a_default_in_the_region_of_the_events() -> None:
    """B15: EventBridge delivers within a region."""
    assert (
        naming.dispatcher_target_arn(options(events_region="us-west-2"), "aws")
        == f"arn:aws:sqs:us-west-2:{PROVIDER}:rackspace-dispatcher"
    )
    assert naming.dispatcher_target_arn(options(dispatcher_target_arn="arn:x"), "aws") == "arn:x"


@pytest.mark.parametrize(
    ("tags", "ours"),
    [
        ([{"Key": "ManagedBy", "Value": "rackspace.aws_accounts"}], True),
        ([{"key": "ManagedBy", "value": "rackspace.aws_accounts"}], True),
        ([{"Key": "x", "Value": "y"}, {"Key": "ManagedBy", "Value": "rackspace.aws_accounts"}], True),
        ([{"Key": "ManagedBy", "Value": "terraform"}], False),
        ([{"Key": "managedby", "Value": "rackspace.aws_accounts"}], False),
        ([], False),
    ],
)
def test_our_tag_proves_that_a_resource_is_ours(tags: list[dict[str, str]], ours: bool) -> None:
    """G4, G9: in either spelling of AWS's operations."""
    assert naming.carries_our_tags(options(), tags) is ours


def test_every_ownership_tag_is_needed() -> None:
    """G9: one of two proves nothing."""
    two = options(ownership_tags={"ManagedBy": "us", "Team": 7})

    assert not naming.carries_our_tags(two, [{"Key": "ManagedBy", "Value": "us"}])
    assert naming.carries_our_tags(two, naming.tag_list(two))


def test_without_ownership_tags_nothing_is_proven() -> None:
    """G9: else everything would be ours."""
    assert not naming.carries_our_tags(options(ownership_tags={}), [{"Key": "a", "Value": "b"}])


def test_found_answers_none_for_the_named_codes_only() -> None:
    """Style: absence is data; every other error is raised."""

    def refuse(code: str) -> None:
        raise refusal(code)

    assert naming.found(refuse, "NoSuchEntity", code="NoSuchEntity") is None
    with pytest.raises(Exception, match="AccessDenied"):
        naming.found(refuse, "NoSuchEntity", code="AccessDenied")
