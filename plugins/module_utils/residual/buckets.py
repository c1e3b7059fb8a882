# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Who may read or write S3 buckets: policies, ACLs, and access points that a policy leaves the decision to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import policies
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.residual.names import EVERYBODY, Match
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.residual.scan import Found, Scan, Search

#: S3 User Guide, "Access control list (ACL) overview": predefined groups; that of log delivery is no person's
GROUPS_OF_EVERYBODY = ("/global/AllUsers", "/global/AuthenticatedUsers")
#: CloudFront Developer Guide, "Standard logging (legacy)": the canonical user id of the account awslogsdelivery
AWS_OWN = frozenset({"c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0"})
DELEGATES = frozenset({"s3:dataaccesspointaccount", "s3:dataaccesspointarn"})


def _buckets(search: Search) -> Iterator[Found]:
    # with a page size S3 says the region of each bucket (S3 API Reference, ListBuckets)
    for bucket in search.pages("list_buckets", "Buckets", 1000):
        name = bucket["Name"]
        arn = f"arn:{search.account.partition}:s3:::{name}"
        regions, unread = search.gather(arn, "bucket", partial(_region, search, bucket))
        yield unread
        for region in regions:  # none where the bucket is gone
            yield from _bucket(search.elsewhere(region), arn, name)


def _region(search: Search, bucket: Mapping[str, Any]) -> list[str]:
    """Return the region of a bucket, which not every S3 says when it lists them."""
    if bucket.get("BucketRegion"):
        return [bucket["BucketRegion"]]
    answer = search.client.get_bucket_location(Bucket=bucket["Name"], ExpectedBucketOwner=search.account.id)
    location = answer.get("LocationConstraint") or "us-east-1"
    return ["eu-west-1" if location == "EU" else location]


def _bucket(search: Search, arn: str, name: str) -> Iterator[Found]:
    documents, policy = search.gather(arn, "bucket policy", partial(_policy, search, name))
    yield policy
    for document in documents:
        yield search.look(arn, "bucket policy", partial(_matches, search, document))
    yield search.look(arn, "bucket ACL", partial(_acl, search, name))
    # an access point grants another account only what the bucket's policy grants, or leaves to it
    # (S3 User Guide, "Configuring IAM policies for using access points")
    if any(map(_leaves_it_to_access_points, documents)):
        yield from _access_points(search, arn, name)


def _policy(search: Search, name: str) -> list[policies.Document]:
    answer = search.client.get_bucket_policy(Bucket=name, ExpectedBucketOwner=search.account.id)
    return [policies.parse(answer["Policy"])]


def _matches(search: Search, document: policies.Document) -> list[Match]:
    users = {
        user
        for statement in policies.statements(document)
        if statement.get("Effect") == "Allow"
        for user in statement.get("Principal", {}).get("CanonicalUser", ())
    }
    return search.names.in_document(document, _owners(search, users))


def _acl(search: Search, name: str) -> list[Match]:
    acl = search.client.get_bucket_acl(Bucket=name, ExpectedBucketOwner=search.account.id)
    found = []
    users = {grant["Grantee"]["ID"] for grant in acl["Grants"] if "ID" in grant["Grantee"]} - {acl["Owner"]["ID"]}
    owners = _owners(search, users)
    for grant in acl["Grants"]:
        grantee = grant["Grantee"]
        who = grantee.get("URI") or grantee.get("ID") or grantee.get("EmailAddress", "")
        names = {EVERYBODY} if who.endswith(GROUPS_OF_EVERYBODY) else owners.get(who, ())
        if names:
            found.append(Match(tuple(sorted(names)), f"grants {grant['Permission']} to {who}"))
    return found


def _owners(search: Search, users: Iterable[str]) -> Mapping[str, Iterable[str]]:
    """Return whose canonical user ids these are: the provider's accounts, or the id itself where nobody can say.

    A foreign id is proven not to be the provider's only where the ids of all its accounts are known.
    """
    foreign = set(users) - AWS_OWN
    if not foreign:
        return {}
    known = search.memory.once("canonical user ids", partial(_canonical_ids, search))
    complete = search.wanted.provider_accounts <= set(known.values())
    return {
        user: [known.get(user, user)]
        for user in foreign
        if known.get(user) != search.account.id and (user in known or not complete)
    }


def _canonical_ids(search: Search) -> dict[str, str]:
    """Return canonical user id -> account: this one's, and those of the provider's that this run can ask."""
    region, wanted = search.home_region, search.wanted
    asked: tuple[tuple[str, Callable[[], Any]], ...] = (
        (search.account.id, lambda: search.clients.client("s3", region)),
        (wanted.provider_account_id, lambda: search.clients.provider_client("s3", region)),
        (wanted.management_account_id, lambda: search.clients.management.client("s3", region)),
    )
    found: dict[str, str] = {}
    for account, client in asked:
        if account:
            try:
                found.setdefault(client().list_buckets(MaxBuckets=1)["Owner"]["ID"], account)
            except Exception:  # noqa: S112 - then an id may be that account's, and is listed
                continue
    return found


def _leaves_it_to_access_points(document: policies.Document) -> bool:
    return any(
        key.lower() in DELEGATES
        for statement in policies.statements(document)
        if statement.get("Effect") == "Allow"
        for keys in statement.get("Condition", {}).values()
        for key in keys
    )


def _access_points(search: Search, bucket_arn: str, bucket: str) -> Iterator[Found]:
    control, account = search.elsewhere(search.region, "s3control"), search.account.id
    listing = partial(control.pages, "list_access_points", "AccessPointList", AccountId=account, Bucket=bucket)
    points, unread = control.gather(bucket_arn, "access points", listing)
    yield unread
    for point in points:
        arn, name = point["AccessPointArn"], point["Name"]
        yield control.document(arn, "access point policy", _access_point_policy, account, name)


def _access_point_policy(control: Any, account: str, name: str) -> str:
    return str(control.get_access_point_policy(AccountId=account, Name=name)["Policy"])


SCANS = (
    Scan(
        "s3",
        "s3",
        "the policies and ACLs of S3 buckets, and the policies of access points where a bucket's policy leaves the "
        "decision to them",
        (
            "s3:ListAllMyBuckets",
            "s3:GetBucketLocation",
            "s3:GetBucketPolicy",
            "s3:GetBucketAcl",
            "s3:ListAccessPoints",
            "s3:GetAccessPointPolicy",
        ),
        _buckets,
        regional=False,
    ),
)
