# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The two buckets: as the guide says where they are ours, and nobody's settings lost where they are not (B4, B5)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.buckets import (
    BLOCKED,
    Bucket,
    LogsBucket,
    RackspaceBucket,
)
from tests.unit.core.places import ACCOUNT, OUR_TAG, STRANGER, UUID, Place, only, sids

LOGS = f"{UUID}-logs"
BOTH = pytest.mark.parametrize("default", [LogsBucket(), RackspaceBucket()], ids=lambda default: default.name)
THEIR_RULE = {
    "ID": "theirs",
    "Status": "Enabled",
    "Filter": {"Prefix": "tmp/"},
    "Expiration": {"Days": 7},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3},
}
THEIR_STATEMENT = {
    "Sid": "Theirs",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{STRANGER}:root"},
    "Action": ["s3:PutObject", "s3:GetObject"],
    "Resource": f"arn:aws:s3:::{LOGS}/*",
}


def name_of(place: Place, default: Bucket) -> str:
    """Return the bucket's name."""
    return default.bucket(place.target(default).options)


def create(place: Place, name: str = LOGS, region: str = "us-west-2") -> Any:
    """Create a bucket as its owner would; return a client that can go on."""
    s3 = place.own("s3", region)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
    return s3


def customers(place: Place, name: str = LOGS) -> Any:
    """Create a bucket that a customer uses: rule, statement, tag, encryption, ownership and an object of theirs."""
    s3 = create(place, name)
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [THEIR_RULE]})
    policy = {"Version": "2012-10-17", "Id": "x", "Statement": [THEIR_STATEMENT]}
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "owner", "Value": "them"}]})
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/theirs"}}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    s3.put_object(Bucket=name, Key="AWSLogs/x", Body=b"x")
    return s3


def rules_of(s3: Any, name: str = LOGS) -> dict[str, Any]:
    """Return the lifecycle rules by id."""
    rules = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    return {rule["ID"]: rule for rule in rules}


def policy_of(s3: Any, name: str = LOGS) -> dict[str, Any]:
    """Return the bucket policy."""
    found: dict[str, Any] = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])
    return found


# --- new buckets


@BOTH
def test_what_is_observed_after_a_put_is_what_was_desired(place: Place, default: Bucket) -> None:
    """G2."""
    place.put(default)


@BOTH
def test_a_second_run_writes_nothing(place: Place, default: Bucket) -> None:
    """G2."""
    place.applied(default)
    del place.aws.calls[:]

    place.applied(default)

    assert place.aws.writes == []


@pytest.mark.parametrize(
    ("default", "name"), [(LogsBucket(), f"{UUID}-logs"), (RackspaceBucket(), f"rackspace-{UUID}")]
)
def test_a_bucket_is_named_and_placed_as_the_guide_says(place: Place, default: Bucket, name: str) -> None:
    """B4, B5: in us-west-2."""
    place.put(default)

    assert place.own("s3").get_bucket_location(Bucket=name)["LocationConstraint"] == "us-west-2"


@BOTH
def test_a_new_bucket_has_versioning_and_the_retention_of_the_guide(place: Place, default: Bucket) -> None:
    """B4, B5: expires objects after 365 days, removes deleted ones after 90."""
    place.put(default)

    s3, name = place.own("s3", "us-west-2"), name_of(place, default)
    (rule,) = rules_of(s3, name).values()
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    assert (rule["Expiration"], rule["NoncurrentVersionExpiration"]) == ({"Days": 365}, {"NoncurrentDays": 90})
    assert (rule["Status"], rule["Filter"]) == ("Enabled", {"Prefix": ""})


@BOTH
def test_a_new_bucket_is_closed_to_the_public_encrypted_owned_and_tagged(place: Place, default: Bucket) -> None:
    """B4, G4, AWS facts: bucket owner enforced on buckets that we created."""
    place.put(default)

    s3, name = place.own("s3", "us-west-2"), name_of(place, default)
    assert s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"] == BLOCKED
    assert set(BLOCKED.values()) == {True}
    (encryption,) = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    assert encryption["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    (ownership,) = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
    assert ownership == {"ObjectOwnership": "BucketOwnerEnforced"}
    assert s3.get_bucket_tagging(Bucket=name)["TagSet"] == [OUR_TAG]


def test_cloudtrail_and_config_may_deliver_for_this_account_only(place: Place) -> None:
    """B4: with aws:SourceArn or aws:SourceAccount, and the ACL where an object is put."""
    place.put(LogsBucket())

    found = {s["Sid"]: s for s in policy_of(place.own("s3", "us-west-2"))["Statement"]}
    bucket, objects = f"arn:aws:s3:::{LOGS}", f"arn:aws:s3:::{LOGS}/AWSLogs/{ACCOUNT}/*"
    of_trail = {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/rackspace-cloudtrail"}}
    acl = {"s3:x-amz-acl": "bucket-owner-full-control"}
    assert {
        sid: (s["Principal"]["Service"], s["Resource"], s["Condition"])
        for sid, s in found.items()
        if s["Effect"] == "Allow"
    } == {
        "RackspaceCloudTrailAcl": ("cloudtrail.amazonaws.com", bucket, of_trail),
        "RackspaceCloudTrailWrite": ("cloudtrail.amazonaws.com", objects, {"StringEquals": acl, **of_trail}),
        "RackspaceConfigBucket": (
            "config.amazonaws.com",
            bucket,
            {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        ),
        "RackspaceConfigWrite": (
            "config.amazonaws.com",
            objects,
            {"StringEquals": {**acl, "aws:SourceAccount": ACCOUNT}},
        ),
    }


@BOTH
def test_only_tls_is_admitted(place: Place, default: Bucket) -> None:
    """B4: TLS only, for the bucket and all in it."""
    place.put(default)

    name = name_of(place, default)
    policy = policy_of(place.own("s3", "us-west-2"), name)
    (tls,) = [s for s in policy["Statement"] if s["Sid"] == "RackspaceTlsOnly"]
    assert (tls["Effect"], tls["Action"], tls["Principal"]) == ("Deny", "s3:*", {"AWS": "*"})
    assert tls["Resource"] == [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_providers_bucket_lets_no_service_write(place: Place) -> None:
    """B5: no more than it needs."""
    place.put(RackspaceBucket())

    assert sids(policy_of(place.own("s3", "us-west-2"), f"rackspace-{UUID}")) == ["RackspaceTlsOnly"]


@pytest.mark.parametrize(
    ("option", "gone"),
    [
        ("allow_cloudtrail_delivery", {"RackspaceCloudTrailAcl", "RackspaceCloudTrailWrite"}),
        ("allow_config_delivery", {"RackspaceConfigBucket", "RackspaceConfigWrite"}),
    ],
)
def test_a_delivery_that_is_no_longer_allowed_goes_from_the_policy(place: Place, option: str, gone: set[str]) -> None:
    """B4: option names say which deliveries are allowed."""
    place.put(LogsBucket())
    before = set(sids(policy_of(place.own("s3", "us-west-2"))))

    place.applied(LogsBucket(), **{option: False})

    assert before - set(sids(policy_of(place.own("s3", "us-west-2")))) == gone


def test_names_region_and_days_are_variables(place: Place) -> None:
    """Requirements: every name, number and duration is a default that a user can override."""
    place.put(
        LogsBucket(),
        logs_bucket_name="other-logs",
        bucket_region="us-east-1",
        expiration_days=730,
        noncurrent_expiration_days=30,
    )

    rule = rules_of(place.own("s3"), "other-logs")["rackspace-retention"]
    assert (rule["Expiration"]["Days"], rule["NoncurrentVersionExpiration"]["NoncurrentDays"]) == (730, 30)
    assert "CreateBucketConfiguration" not in place.aws.arguments("CreateBucket")[0]


def test_every_call_on_a_bucket_says_whose_it_must_be(place: Place) -> None:
    """AWS facts: check ExpectedBucketOwner on every call, for names are global."""
    place.put(LogsBucket())

    without = {n for n, arguments in place.aws.calls if arguments.get("ExpectedBucketOwner") != ACCOUNT}
    assert without == {"CreateBucket"}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s3: s3.put_bucket_versioning(Bucket=LOGS, VersioningConfiguration={"Status": "Suspended"}),
        lambda s3: s3.delete_bucket_lifecycle(Bucket=LOGS),
        lambda s3: s3.delete_bucket_policy(Bucket=LOGS),
        lambda s3: s3.delete_public_access_block(Bucket=LOGS),
        lambda s3: s3.put_public_access_block(
            Bucket=LOGS, PublicAccessBlockConfiguration={**BLOCKED, "RestrictPublicBuckets": False}
        ),
        lambda s3: s3.delete_bucket_ownership_controls(Bucket=LOGS),
        lambda s3: s3.delete_bucket_encryption(Bucket=LOGS),
    ],
    ids=["versioning", "lifecycle", "policy", "no block", "weaker block", "ownership", "encryption"],
)
def test_a_setting_that_was_taken_away_is_drift_and_comes_back(place: Place, spoil: Any) -> None:
    """G7: every setting is observed."""
    place.put(LogsBucket())
    spoil(place.own("s3", "us-west-2"))

    plan = place.applied(LogsBucket())

    assert only(plan).changed


# --- cut off


def test_a_run_cut_off_right_after_create_bucket_is_finished_as_our_own(place: Place) -> None:
    """G6: a bucket of the name in which nothing was ever put or set was made by us."""
    create(place)

    place.applied(LogsBucket())

    s3 = place.own("s3", "us-west-2")
    assert s3.get_bucket_tagging(Bucket=LOGS)["TagSet"] == [OUR_TAG]
    assert rules_of(s3)["rackspace-retention"]["Filter"] == {"Prefix": ""}


@pytest.mark.parametrize("after", range(1, 8))
def test_a_run_cut_off_after_any_write_is_finished(place: Place, after: int) -> None:
    """G6: cut off anywhere."""
    place.apply(LogsBucket())
    writes = place.aws.writes
    whole = place.observe(LogsBucket()).state
    place.own("s3", "us-west-2").delete_bucket(Bucket=LOGS)
    for name in writes[after:]:
        place.aws.refuse(name, "ServiceUnavailable")
    assert only(place.apply(LogsBucket())).state == "failed"
    for queue in place.aws._refusals.values():
        queue.clear()

    place.applied(LogsBucket())

    assert place.observe(LogsBucket()).state == whole


def test_a_bucket_whose_creation_was_answered_late_is_ours(place: Place) -> None:
    """G6: botocore repeats a call whose answer was lost."""
    create(place)
    place.aws.refuse("HeadBucket", "404")

    place.applied(LogsBucket())


@pytest.mark.parametrize("code", ["OperationAborted", "NoSuchBucket"])
def test_a_bucket_that_s3_does_not_show_everywhere_yet_is_waited_for(place: Place, code: str) -> None:
    """AWS facts: conflicting operations answer OperationAborted for a while."""
    place.aws.refuse("PutBucketTagging", code, times=2)

    place.applied(LogsBucket())


# --- a bucket of the name that we did not make


def test_a_customers_bucket_keeps_everything_of_theirs(place: Place) -> None:
    """B4, G9: resource by resource, rule by rule and statement by statement."""
    s3 = customers(place)

    place.applied(LogsBucket())

    assert rules_of(s3)["theirs"] == THEIR_RULE
    policy = policy_of(s3)
    assert (policy["Statement"][0], policy["Id"]) == (THEIR_STATEMENT, "x")
    assert s3.get_bucket_tagging(Bucket=LOGS)["TagSet"] == [{"Key": "owner", "Value": "them"}]
    (encryption,) = s3.get_bucket_encryption(Bucket=LOGS)["ServerSideEncryptionConfiguration"]["Rules"]
    assert encryption["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert encryption["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == "alias/theirs"
    assert set(place.aws.writes) == {"PutBucketVersioning", "PutBucketLifecycleConfiguration", "PutBucketPolicy"}


def test_a_customers_bucket_gets_our_rule_and_tls_for_the_accounts_logs_only(place: Place) -> None:
    """Design, "Owned is": the lifecycle rule covers only AWSLogs/<account_id>/, and ownership controls stay."""
    s3 = customers(place)

    place.applied(LogsBucket())

    (tls,) = [s for s in policy_of(s3)["Statement"] if s["Sid"] == "RackspaceTlsOnly"]
    assert rules_of(s3)["rackspace-retention"]["Filter"] == {"Prefix": f"AWSLogs/{ACCOUNT}/"}
    assert tls["Resource"] == [f"arn:aws:s3:::{LOGS}/AWSLogs/{ACCOUNT}/*"]
    (ownership,) = s3.get_bucket_ownership_controls(Bucket=LOGS)["OwnershipControls"]["Rules"]
    assert ownership == {"ObjectOwnership": "ObjectWriter"}


def test_a_bucket_with_nothing_but_objects_is_a_customers(place: Place) -> None:
    """G9: a customer's bucket may have no settings at all."""
    create(place).put_object(Bucket=LOGS, Key="x", Body=b"x")

    place.applied(LogsBucket())

    assert rules_of(place.own("s3", "us-west-2"))["rackspace-retention"]["Filter"] != {"Prefix": ""}


@pytest.mark.parametrize(
    "use",
    [
        lambda s3: s3.put_bucket_tagging(Bucket=LOGS, Tagging={"TagSet": [{"Key": "owner", "Value": "them"}]}),
        lambda s3: s3.put_bucket_lifecycle_configuration(Bucket=LOGS, LifecycleConfiguration={"Rules": [THEIR_RULE]}),
        lambda s3: s3.put_bucket_policy(
            Bucket=LOGS, Policy=json.dumps({"Version": "2012-10-17", "Statement": [THEIR_STATEMENT]})
        ),
    ],
    ids=["tag", "rule", "policy"],
)
def test_an_empty_bucket_that_somebody_set_up_is_a_customers(place: Place, use: Any) -> None:
    """G9: any setting shows that it was not made by a run of ours that was cut off."""
    use(create(place))

    place.applied(LogsBucket())

    assert rules_of(place.own("s3", "us-west-2"))["rackspace-retention"]["Filter"] != {"Prefix": ""}


def test_a_versioned_bucket_whose_objects_were_deleted_is_a_customers(place: Place) -> None:
    """G9: their noncurrent versions are still there."""
    s3 = create(place)
    s3.put_bucket_versioning(Bucket=LOGS, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=LOGS, Key="x", Body=b"x")
    s3.delete_object(Bucket=LOGS, Key="x")

    place.applied(LogsBucket())

    assert rules_of(s3)["rackspace-retention"]["Filter"] != {"Prefix": ""}


def test_an_adopted_bucket_becomes_ours_and_still_keeps_others_rules(aws: None) -> None:
    """G9: adopted by name; a customer's encryption, rules and statements stay, their tags too."""
    place = Place(adopt={"logs_bucket": "agreed"})
    s3 = customers(place)

    place.applied(LogsBucket())

    assert rules_of(s3)["rackspace-retention"]["Filter"] == {"Prefix": ""}
    assert rules_of(s3)["theirs"] == THEIR_RULE
    assert policy_of(s3)["Statement"][0] == THEIR_STATEMENT
    assert s3.get_bucket_tagging(Bucket=LOGS)["TagSet"] == [{"Key": "owner", "Value": "them"}, OUR_TAG]
    place.account.adopt = {}
    assert only(place.plan(LogsBucket())).state == "compliant"


def test_our_own_bucket_keeps_what_a_customer_added(place: Place) -> None:
    """G9: in shared documents we own our statement and rule ids."""
    place.put(LogsBucket())
    s3 = place.own("s3", "us-west-2")
    mixed = {"Statement": [THEIR_STATEMENT, *policy_of(s3)["Statement"][1:]], "Version": "2012-10-17"}
    s3.put_bucket_policy(Bucket=LOGS, Policy=json.dumps(mixed))
    s3.put_bucket_lifecycle_configuration(Bucket=LOGS, LifecycleConfiguration={"Rules": [THEIR_RULE]})

    place.applied(LogsBucket())

    assert policy_of(s3)["Statement"][0] == THEIR_STATEMENT
    assert list(rules_of(s3)) == ["theirs", "rackspace-retention"]


def test_the_default_for_small_objects_is_sent_back_with_the_rules(place: Place) -> None:
    """S3 API Reference, PutBucketLifecycleConfiguration: a put without it resets it for everybody's transitions."""
    customers(place)
    setting = {"TransitionDefaultMinimumObjectSize": "varies_by_storage_class"}
    place.aws.edit("GetBucketLifecycleConfiguration", lambda parsed: parsed.update(setting))

    place.apply(LogsBucket())

    (sent,) = place.aws.arguments("PutBucketLifecycleConfiguration")
    assert sent["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class"


def test_a_rule_in_the_old_form_is_sent_back_with_its_prefix(place: Place) -> None:
    """S3 refuses a configuration that mixes rules with a prefix and rules with a filter."""
    customers(place)
    old = {"ID": "old", "Status": "Enabled", "Prefix": "old/", "Expiration": {"Days": 3}}
    place.aws.edit("GetBucketLifecycleConfiguration", lambda parsed: parsed.update(Rules=[dict(old)]))

    place.apply(LogsBucket())

    (sent,) = place.aws.arguments("PutBucketLifecycleConfiguration")
    assert sent["LifecycleConfiguration"]["Rules"][0] == {
        "ID": "old",
        "Status": "Enabled",
        "Filter": {"Prefix": "old/"},
        "Expiration": {"Days": 3},
    }


@pytest.mark.parametrize("where", [{"Filter": {"Prefix": "AWSLogs/"}}, {"Filter": {"Prefix": ""}}, {"Prefix": ""}])
def test_logs_that_a_customer_keeps_longer_are_not_expired_by_ours(place: Place, where: dict[str, Any]) -> None:
    """G9: never weaken; of two rules S3 obeys the one that expires earlier."""
    s3 = customers(place)
    longer = {"ID": "seven-years", "Status": "Enabled", **where, "Expiration": {"Days": 2555}}
    s3.put_bucket_lifecycle_configuration(Bucket=LOGS, LifecycleConfiguration={"Rules": [longer]})

    plan = place.applied(LogsBucket())

    assert list(rules_of(s3)) == ["seven-years"]
    assert any("seven-years" in finding for finding in only(plan).findings)


@pytest.mark.parametrize(
    "rule",
    [
        {"Filter": {"Prefix": "elsewhere/"}, "Expiration": {"Days": 2555}, "Status": "Enabled"},
        {"Filter": {"Prefix": ""}, "Expiration": {"Days": 2555}, "Status": "Disabled"},
        {"Filter": {"Prefix": ""}, "Expiration": {"Days": 30}, "Status": "Enabled"},
    ],
    ids=["elsewhere", "disabled", "shorter"],
)
def test_a_customers_rule_that_keeps_no_log_longer_does_not_stand_in_for_ours(
    place: Place, rule: dict[str, Any]
) -> None:
    """B4."""
    s3 = customers(place)
    s3.put_bucket_lifecycle_configuration(Bucket=LOGS, LifecycleConfiguration={"Rules": [{"ID": "theirs", **rule}]})

    place.applied(LogsBucket())

    assert list(rules_of(s3)) == ["theirs", "rackspace-retention"]


def test_noncurrent_versions_that_a_customer_keeps_longer_are_not_removed_by_ours(place: Place) -> None:
    """G9: nobody's objects are removed earlier than now."""
    s3 = customers(place)
    longer = {
        "ID": "undelete-for-two-years",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 730},
    }
    s3.put_bucket_lifecycle_configuration(Bucket=LOGS, LifecycleConfiguration={"Rules": [longer]})

    place.apply(LogsBucket())

    assert list(rules_of(s3)) == ["undelete-for-two-years"]


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ({"Filter": {"Prefix": ""}, "Expiration": {"Days": 30}}, 30),
        ({"Filter": {"Prefix": f"AWSLogs/{ACCOUNT}/Config/"}, "Expiration": {"Days": 364}}, 364),
        ({"Filter": {"Prefix": "AWSLogs/"}, "NoncurrentVersionExpiration": {"NoncurrentDays": 7}}, 7),
    ],
    ids=["everything", "inside", "noncurrent"],
)
def test_a_customers_rule_that_deletes_logs_before_ours_is_a_finding(
    place: Place, rule: dict[str, Any], days: int
) -> None:
    """B4: of two rules S3 obeys the one that expires earlier, and theirs stays."""
    s3 = customers(place)
    theirs = {"ID": "theirs", "Status": "Enabled", **rule}
    s3.put_bucket_lifecycle_configuration(Bucket=LOGS, LifecycleConfiguration={"Rules": [theirs]})

    change = only(place.applied(LogsBucket()))

    told = f"lifecycle rule theirs of bucket {LOGS} deletes after {days} days, before ours"
    assert (change.state, told in change.findings) == ("compliant", True)
    assert list(rules_of(s3)) == ["theirs", "rackspace-retention"]


@pytest.mark.parametrize(
    "rule",
    [
        {"Filter": {"Prefix": "elsewhere/"}, "Expiration": {"Days": 30}, "Status": "Enabled"},
        {"Filter": {"Prefix": ""}, "Expiration": {"Days": 30}, "Status": "Disabled"},
        {"Filter": {"Prefix": ""}, "Expiration": {"Days": 365}, "Status": "Enabled"},
    ],
    ids=["elsewhere", "disabled", "as long"],
)
def test_a_customers_rule_that_deletes_no_log_before_ours_is_no_finding(place: Place, rule: dict[str, Any]) -> None:
    s3 = customers(place)
    s3.put_bucket_lifecycle_configuration(Bucket=LOGS, LifecycleConfiguration={"Rules": [{"ID": "theirs", **rule}]})

    assert not any("before ours" in finding for finding in only(place.applied(LogsBucket())).findings)


def test_days_that_somebody_raised_in_our_rule_stay(place: Place) -> None:
    """G9: never weaken."""
    place.put(LogsBucket())
    s3 = place.own("s3", "us-west-2")
    rule = {**rules_of(s3)["rackspace-retention"], "Expiration": {"Days": 2555}}
    s3.put_bucket_lifecycle_configuration(Bucket=LOGS, LifecycleConfiguration={"Rules": [rule]})

    place.applied(LogsBucket())

    assert rules_of(s3)["rackspace-retention"]["Expiration"] == {"Days": 2555}


def test_a_foreign_statement_that_opens_to_the_world_is_a_finding_and_stays(place: Place) -> None:
    """Design, "Owned is"."""
    s3 = create(place)
    world = {**THEIR_STATEMENT, "Sid": "World", "Principal": "*"}
    s3.put_bucket_policy(Bucket=LOGS, Policy=json.dumps({"Version": "2012-10-17", "Statement": [world]}))

    plan = place.applied(LogsBucket())

    assert only(plan).findings == (f"statement World of bucket {LOGS} opens it to the world and is not ours",)
    assert policy_of(s3)["Statement"][0] == world


# --- a bucket elsewhere, or somebody else's


def test_a_bucket_of_the_name_in_another_region_is_foreign(place: Place) -> None:
    """G9: a bucket cannot be moved; the message says where it is."""
    create(place, region="eu-west-1")

    change = only(place.apply(LogsBucket()))

    assert (change.state, place.aws.writes) == ("foreign", [])
    assert f"bucket {LOGS} exists in eu-west-1, not in us-west-2" in change.reason


def test_a_bucket_with_all_our_settings_in_another_region_is_not_compliant(place: Place) -> None:
    """B4, G7: in us-west-2; after provider_bucket_region was changed, for instance."""
    place.put(LogsBucket(), bucket_region="eu-west-1")

    assert only(place.plan(LogsBucket())).state == "foreign"


def test_somebody_elses_bucket_is_explained_before_any_write(place: Place) -> None:
    """AWS facts: HEAD answers 403; the message names the bucket and the fields to check."""
    place.aws.refuse("HeadBucket", "403", times=9)

    change = only(place.apply(LogsBucket()))

    assert (change.state, place.aws.writes) == ("unknown", [])
    assert LOGS in str(change.error)
    assert "account_uuid" in str(change.error)


def test_a_name_taken_between_looking_and_creating_is_explained(place: Place) -> None:
    """AWS facts: BucketAlreadyExists is an error to explain."""
    place.aws.refuse("CreateBucket", "BucketAlreadyExists")

    change = only(place.apply(LogsBucket()))

    assert change.state == "failed"
    assert "taken by another AWS account; check account_uuid" in str(change.error)


# --- permissions


def test_reading_whether_a_bucket_is_empty_is_among_the_published_permissions(place: Place) -> None:
    """G8. Source: S3 User Guide, "Required permissions for Amazon S3 API operations"."""
    create(place)
    place.plan(LogsBucket())

    assert "ListObjectVersions" in place.aws.names
    assert "s3:ListBucketVersions" in LogsBucket.permissions
