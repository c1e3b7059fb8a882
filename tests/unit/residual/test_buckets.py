# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Buckets: where they are, whose canonical user ids their ACLs name, and access points (E9)."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.unit.core.places import ACCOUNT, PROVIDER
from tests.unit.residual.searching import CUSTOMER, MANAGEMENT, ORGANIZATION, Ground, allows, document, listed, root

ARN = "arn:aws:s3:::work"
POINT = f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/point"
OWN_ID, PROVIDERS_ID, MANAGEMENTS_ID, STRANGERS_ID = (digit * 64 for digit in "abcd")
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery"
CLOUDFRONT = "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0"


def bucket(place: Ground, policy: str = "", region: str = "us-east-1", name: str = "work") -> None:
    where: dict[str, Any] = {}
    if region != "us-east-1":
        where = {"CreateBucketConfiguration": {"LocationConstraint": region}}
    place.own("s3", region).create_bucket(Bucket=name, **where)
    if policy:
        place.own("s3", region).put_bucket_policy(Bucket=name, Policy=policy)


def acl(place: Ground, *grants: tuple[str, str]) -> None:
    """Say what the ACL of every bucket grants: pairs of a canonical user id or a group's address, and a permission."""
    shown = [
        {"Grantee": {"Type": "Group", "URI": who} if "/" in who else {"Type": "CanonicalUser", "ID": who}, **right}
        for who, right in ((who, {"Permission": permission}) for who, permission in grants)
    ]
    owner = {"Owner": {"ID": OWN_ID}}
    place.aws.answer("GetBucketAcl", {**owner, "Grants": shown})
    place.aws.edit("ListBuckets", lambda parsed: parsed.update(owner))


def providers_ids(place: Ground, *ids: str) -> None:
    """Say which canonical user ids the shared account and the management account have, asked in this order."""
    answers = itertools.cycle(ids)
    place.provider_aws.edit("ListBuckets", lambda parsed: parsed.update(Owner={"ID": next(answers)}))


def test_a_bucket_is_read_in_its_own_region(place: Ground) -> None:
    bucket(place, document(allows(root(PROVIDER))), "eu-west-1")
    (found,) = [entry for entry in place.search("s3") if entry.matches]
    assert (found.resource, found.kind, found.region) == (ARN, "bucket policy", "eu-west-1")
    assert ("GetBucketPolicy", "eu-west-1") in place.aws.regions
    assert all(call["ExpectedBucketOwner"] == ACCOUNT for call in place.aws.arguments("GetBucketAcl"))


def test_s3_says_where_a_bucket_is_when_it_lists_it(place: Ground) -> None:
    """AWS does, moto does not: then it is asked."""
    bucket(place, region="eu-west-1")
    place.search("s3")
    assert place.aws.arguments("ListBuckets") == [{"MaxBuckets": 1000}]
    assert place.aws.names.count("GetBucketLocation") == 1
    place.aws.edit("ListBuckets", lambda parsed: parsed["Buckets"][0].update(BucketRegion="eu-west-1"))
    place.search("s3")
    assert place.aws.names.count("GetBucketLocation") == 1
    assert place.aws.regions.count(("GetBucketPolicy", "eu-west-1")) == 2


@pytest.mark.parametrize(("location", "region"), [("EU", "eu-west-1"), ("", "us-east-1")])
def test_old_names_of_regions(place: Ground, location: str, region: str) -> None:
    bucket(place)
    place.aws.answer("GetBucketLocation", {"LocationConstraint": location})
    place.search("s3")
    assert ("GetBucketPolicy", region) in place.aws.regions


def test_a_bucket_of_ones_own_alone_says_nothing_and_asks_nobody(place: Ground) -> None:
    bucket(place)
    assert place.named("s3") == {}
    assert {(ARN, "bucket ACL"), (ARN, "bucket policy")} <= set(listed(place.search("s3")))
    assert place.provider_aws.calls == []


def test_the_providers_accounts_are_known_by_their_canonical_user_ids(place: Ground) -> None:
    bucket(place)
    providers_ids(place, PROVIDERS_ID, MANAGEMENTS_ID)
    acl(place, (OWN_ID, "FULL_CONTROL"), (PROVIDERS_ID, "WRITE"), (MANAGEMENTS_ID, "READ"))
    assert place.named("s3") == {ARN: [MANAGEMENT, PROVIDER]}
    assert f"grants WRITE to {PROVIDERS_ID}" in place.told("s3")
    assert OWN_ID not in place.told("s3")


def test_a_foreign_id_is_nobodys_business_where_all_of_the_providers_are_known(place: Ground) -> None:
    bucket(place)
    providers_ids(place, PROVIDERS_ID, MANAGEMENTS_ID)
    acl(place, (OWN_ID, "FULL_CONTROL"), (STRANGERS_ID, "READ"))
    assert place.named("s3") == {}


@pytest.mark.parametrize("known", [(PROVIDERS_ID, PROVIDERS_ID), ()])
def test_a_foreign_id_is_listed_where_it_may_be_the_providers(place: Ground, known: tuple[str, ...]) -> None:
    """G5: an account of the provider that could not be asked may be the one."""
    bucket(place)
    acl(place, (OWN_ID, "FULL_CONTROL"), (STRANGERS_ID, "READ"))
    if known:
        providers_ids(place, *known)
    else:
        place.provider_aws.refuse("ListBuckets", "AccessDenied", times=10)
    assert place.named("s3") == {ARN: [STRANGERS_ID]}


def test_ids_in_policies_are_told_alike(place: Ground) -> None:
    bucket(place, document(allows({"CanonicalUser": [PROVIDERS_ID, OWN_ID]}, "s3:GetObject")))
    acl(place)
    providers_ids(place, PROVIDERS_ID, MANAGEMENTS_ID)
    assert place.named("s3") == {ARN: [PROVIDER]}
    assert f"allows s3:GetObject to {PROVIDERS_ID}" in place.told("s3")


@pytest.mark.parametrize(("who", "names"), [(ALL_USERS, {ARN: ["*"]}), (LOG_DELIVERY, {}), (CLOUDFRONT, {})])
def test_groups_and_what_is_aws_own(place: Ground, who: str, names: dict[str, list[str]]) -> None:
    bucket(place)
    acl(place, (OWN_ID, "FULL_CONTROL"), (who, "READ"))
    assert place.named("s3") == names
    assert place.provider_aws.calls == []


def test_any_authenticated_user_of_aws_is_the_world(place: Ground) -> None:
    bucket(place)
    acl(place, ("http://acs.amazonaws.com/groups/global/AuthenticatedUsers", "READ"))
    assert place.named("s3") == {ARN: ["*"]}


# --- access points


def points(place: Ground, policy: str) -> None:
    place.aws.answer("ListAccessPoints", {"AccessPointList": [{"Name": "point", "AccessPointArn": POINT}]})
    place.aws.answer("GetAccessPointPolicy", {"Policy": policy})


LEAVES_IT = allows("*", Condition={"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}})


@pytest.mark.parametrize(
    ("policy", "names"),
    [
        (document(allows(root(PROVIDER))), {POINT: [PROVIDER]}),
        (
            document(allows("*", Condition={"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}})),
            {POINT: [ORGANIZATION]},
        ),
        (document(allows(root(CUSTOMER))), {}),
    ],
)
def test_access_points_decide_where_a_buckets_policy_leaves_it_to_them(
    place: Ground, policy: str, names: dict[str, list[str]]
) -> None:
    bucket(place, document(LEAVES_IT), "eu-west-1")
    points(place, policy)
    assert place.named("s3") == names
    assert (POINT, "access point policy") in listed(place.search("s3"))
    assert place.aws.arguments("ListAccessPoints")[0] == {"AccountId": ACCOUNT, "Bucket": "work"}
    assert ("ListAccessPoints", "eu-west-1") in place.aws.regions


def test_access_points_are_not_asked_for_where_a_buckets_policy_decides(place: Ground) -> None:
    bucket(place, document(allows(root(CUSTOMER)), {**LEAVES_IT, "Effect": "Deny"}))
    points(place, document(allows(root(PROVIDER))))
    assert place.named("s3") == {}
    assert "ListAccessPoints" not in place.aws.names


def test_a_bucket_that_is_left_to_access_points_that_cannot_be_listed_is_unknown(place: Ground) -> None:
    """G5: and it hides no other bucket."""
    for name in ("aaa", "zzz"):
        bucket(place, document(LEAVES_IT), name=name)
    place.aws.refuse("ListAccessPoints", "AccessDenied")
    place.aws.answer("ListAccessPoints", {"AccessPointList": []})
    assert [found.resource for found in place.search("s3") if found.error] == ["arn:aws:s3:::aaa"]
    assert (("arn:aws:s3:::zzz"), "bucket policy") in listed(place.search("s3"))
