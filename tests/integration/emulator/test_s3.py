"""S3: owners, policies, defaults of new buckets, lifecycle."""

from __future__ import annotations

import json

import pytest

PLAIN, OTHER, OPT_IN = "111111111111", "333333333333", "555555555555"
CUSTOMERS = "c56a4180-65aa-42ec-a945-5fd21dec0538-logs"


@pytest.fixture(scope="module")
def bucket(accounts):
    accounts(PLAIN, "s3", "us-west-2").create_bucket(
        Bucket="plain-bucket", CreateBucketConfiguration={"LocationConstraint": "us-west-2"}
    )
    return "plain-bucket"


def statement(bucket, **changes):
    made = {"Sid": "One", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}}
    return made | {"Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"} | changes


def test_a_new_bucket_is_encrypted_closed_and_enforces_its_owner(accounts, bucket):
    s3 = accounts(PLAIN, "s3")
    rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()) == {True}
    controls = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert controls == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_creating_ones_own_bucket_again_in_us_east_1_keeps_its_settings(accounts):
    s3 = accounts(PLAIN, "s3")
    s3.create_bucket(Bucket="again-bucket")
    s3.delete_public_access_block(Bucket="again-bucket")
    s3.create_bucket(Bucket="again-bucket")
    with pytest.raises(s3.exceptions.ClientError):
        s3.get_public_access_block(Bucket="again-bucket")


def test_acls_are_refused_where_the_owner_is_enforced(accounts, bucket, refused):
    s3 = accounts(PLAIN, "s3")
    assert refused(s3.put_bucket_acl, Bucket=bucket, ACL="private") == "AccessControlListNotSupported"
    code = refused(s3.create_bucket, Bucket="public-bucket", ACL="public-read")
    assert code == "InvalidBucketAclWithObjectOwnership"
    accounts(OPT_IN, "s3").put_bucket_acl(Bucket=CUSTOMERS, ACL="private")


def test_another_accounts_bucket_is_forbidden_and_its_name_taken(accounts, bucket, refused):
    s3 = accounts(OTHER, "s3")
    assert refused(s3.head_bucket, Bucket=bucket) == "403"
    assert refused(s3.create_bucket, Bucket=bucket) == "BucketAlreadyExists"
    assert refused(s3.head_bucket, Bucket="there-is-none") == "404"


def test_a_bucket_policy_lets_another_account_do_what_it_grants(accounts, bucket, policies, refused):
    owner, guest = accounts(PLAIN, "s3"), accounts(OTHER, "s3")
    owner.put_bucket_policy(Bucket=bucket, Policy=policies.document(statement(bucket)))
    assert guest.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    assert refused(guest.get_bucket_acl, Bucket=bucket) == "AccessDenied"
    owner.delete_bucket_policy(Bucket=bucket)
    assert refused(guest.list_objects_v2, Bucket=bucket) == "AccessDenied"


def test_a_denial_in_the_policy_binds_the_owner_too(accounts, refused):
    assert refused(accounts(OPT_IN, "s3").delete_bucket, Bucket=CUSTOMERS) == "AccessDenied"


def test_the_expected_owner_must_be_the_owner(accounts, bucket, refused):
    s3 = accounts(PLAIN, "s3")
    assert refused(s3.list_objects_v2, Bucket=bucket, ExpectedBucketOwner=OTHER) == "AccessDenied"
    assert refused(s3.head_bucket, Bucket=bucket, ExpectedBucketOwner=OTHER) == "403"
    s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=PLAIN)


@pytest.mark.parametrize(
    "changes",
    [
        {"Resource": "arn:aws:s3:::somebody-elses"},
        {"Resource": "*"},
        {"Principal": {"AWS": "arn:aws:iam::111111111111:role/missing"}},
        {"Principal": {"Service": "not a service"}},
        {"Action": "sns:Publish"},
        {"Effect": "Maybe"},
        {"Surprise": True},
        {"Condition": {"StringIs": {"aws:SourceAccount": "1"}}},
    ],
)
def test_a_malformed_bucket_policy_is_refused(accounts, bucket, policies, refused, changes):
    put = accounts(PLAIN, "s3").put_bucket_policy
    document = policies.document(statement(bucket, **changes))
    assert refused(put, Bucket=bucket, Policy=document) == "MalformedPolicy"


def test_statement_ids_are_unique_and_the_policy_is_json_of_limited_size(accounts, bucket, policies, refused):
    put = accounts(PLAIN, "s3").put_bucket_policy
    twice = policies.document(statement(bucket), statement(bucket))
    large = policies.document(*(statement(bucket, Sid=f"S{number}" + "x" * 200) for number in range(60)))
    for document in (twice, large, "{"):
        assert refused(put, Bucket=bucket, Policy=document) == "MalformedPolicy"


def test_a_public_policy_is_refused_while_that_is_blocked(accounts, bucket, policies, refused):
    s3 = accounts(PLAIN, "s3")
    public = policies.document(statement(bucket, Principal="*"))
    assert refused(s3.put_bucket_policy, Bucket=bucket, Policy=public) == "AccessDenied"
    fixed = {"StringEquals": {"aws:PrincipalOrgID": "o-rackspace01"}}
    s3.put_bucket_policy(Bucket=bucket, Policy=policies.document(statement(bucket, Principal="*", Condition=fixed)))
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=public)
    s3.delete_bucket_policy(Bucket=bucket)


def test_lifecycle_rules_keep_every_field(accounts, bucket, refused):
    s3 = accounts(PLAIN, "s3")
    assert refused(s3.get_bucket_lifecycle_configuration, Bucket=bucket) == "NoSuchLifecycleConfiguration"
    rules = [
        {
            "ID": "all",
            "Status": "Enabled",
            "Filter": {"And": {"Prefix": "a/", "ObjectSizeGreaterThan": 5, "Tags": [{"Key": "k", "Value": "v"}]}},
            "Expiration": {"Days": 365},
            "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}],
            "NoncurrentVersionExpiration": {"NoncurrentDays": 90, "NewerNoncurrentVersions": 2},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        }
    ]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == rules
    s3.delete_bucket_lifecycle(Bucket=bucket)
    assert refused(s3.get_bucket_lifecycle_configuration, Bucket=bucket) == "NoSuchLifecycleConfiguration"


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ([{"ID": "x", "Status": "Enabled", "Filter": {}}], "InvalidRequest"),
        ([{"ID": "x", "Status": "On", "Filter": {}, "Expiration": {"Days": 1}}], "MalformedXML"),
        ([{"ID": "x", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}}] * 2, "InvalidArgument"),
    ],
)
def test_a_malformed_lifecycle_is_refused(accounts, bucket, refused, rules, code):
    put = accounts(PLAIN, "s3").put_bucket_lifecycle_configuration
    assert refused(put, Bucket=bucket, LifecycleConfiguration={"Rules": rules}) == code


def test_the_customers_bucket_is_seeded_with_its_own_rules_statements_and_objects(accounts):
    s3 = accounts(OPT_IN, "s3", "us-west-2")
    assert s3.list_objects_v2(Bucket=CUSTOMERS)["KeyCount"] == 2
    assert len(json.loads(s3.get_bucket_policy(Bucket=CUSTOMERS)["Policy"])["Statement"]) == 2
    rule = s3.get_bucket_lifecycle_configuration(Bucket=CUSTOMERS)["Rules"][0]
    assert rule["NoncurrentVersionExpiration"]["NewerNoncurrentVersions"] == 3
    controls = s3.get_bucket_ownership_controls(Bucket=CUSTOMERS)["OwnershipControls"]["Rules"]
    assert controls == [{"ObjectOwnership": "ObjectWriter"}]
