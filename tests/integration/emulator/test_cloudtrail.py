"""CloudTrail: what must be there before a trail, and which trails a region shows."""

from __future__ import annotations

import pytest

PLAIN, TOWER, OWN = "111111111111", "222222222222", "333333333333"
BUCKET = "trail-bucket"


def bucket_policy(policies, *, source=None, folder=f"AWSLogs/{PLAIN}/*", acl="bucket-owner-full-control"):
    principal = {"Service": "cloudtrail.amazonaws.com"}
    source = source or {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudtrail:*:{PLAIN}:trail/*"}}
    put = {**source, "StringEquals": {"s3:x-amz-acl": acl}}
    return policies.document(
        {"Effect": "Allow", "Principal": principal, "Action": "s3:GetBucketAcl", "Condition": source}
        | {"Resource": f"arn:aws:s3:::{BUCKET}"},
        {"Effect": "Allow", "Principal": principal, "Action": "s3:PutObject", "Condition": put}
        | {"Resource": f"arn:aws:s3:::{BUCKET}/{folder}"},
    )


@pytest.fixture
def bucket(accounts, policies):
    """The bucket with a policy that fits, which a test may change."""
    s3 = accounts(PLAIN, "s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=bucket_policy(policies))
    return lambda **changes: s3.put_bucket_policy(Bucket=BUCKET, Policy=bucket_policy(policies, **changes))


@pytest.fixture
def trail(accounts):
    """CloudTrail of a region; what the test made there is removed."""
    used = []

    def client(region="us-east-1"):
        used.append(region)
        return accounts(PLAIN, "cloudtrail", region)

    yield client
    for region in set(used):
        cloudtrail = accounts(PLAIN, "cloudtrail", region)
        for one in cloudtrail.describe_trails(includeShadowTrails=False)["trailList"]:
            cloudtrail.delete_trail(Name=one["Name"])


def make(client, name="one", **options):
    return client.create_trail(Name=name, S3BucketName=BUCKET, **options)


def test_a_trail_is_made_when_the_bucket_policy_admits_it(bucket, trail):
    assert make(trail())["TrailARN"] == f"arn:aws:cloudtrail:us-east-1:{PLAIN}:trail/one"


def test_a_bucket_that_does_not_exist_is_refused(trail, refused):
    create = trail().create_trail
    assert refused(create, Name="one", S3BucketName="no-such-bucket") == "S3BucketDoesNotExistException"


@pytest.mark.parametrize(
    "changes",
    [
        {"source": {"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:us-east-1:111111111111:trail/other"}}},
        {"source": {"StringEquals": {"aws:SourceAccount": OWN}}},
        {"folder": f"AWSLogs/{OWN}/*"},
        {"acl": "private"},
    ],
)
def test_a_bucket_policy_that_does_not_admit_this_trail_is_refused(bucket, trail, refused, changes):
    bucket(**changes)
    assert refused(make, client=trail()) == "InsufficientS3BucketPolicyException"


def test_string_equals_expands_no_wildcard(bucket, trail, refused):
    bucket(source={"StringEquals": {"aws:SourceArn": f"arn:aws:cloudtrail:*:{PLAIN}:trail/*"}})
    assert refused(make, client=trail()) == "InsufficientS3BucketPolicyException"


def test_the_prefix_is_part_of_what_the_policy_must_admit(bucket, trail, refused):
    assert refused(make, client=trail(), S3KeyPrefix="logs") == "InsufficientS3BucketPolicyException"
    bucket(folder=f"logs/AWSLogs/{PLAIN}/*")
    assert make(trail(), S3KeyPrefix="logs")["S3KeyPrefix"] == "logs"


def test_the_topics_policy_must_admit_the_trail(accounts, policies, bucket, trail, refused):
    sns = accounts(PLAIN, "sns")
    arn = sns.create_topic(Name="trails")["TopicArn"]
    assert refused(make, client=trail(), SnsTopicName="trails") == "InsufficientSnsTopicPolicyException"
    assert refused(make, client=trail(), SnsTopicName="missing") == "InsufficientSnsTopicPolicyException"
    allow = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "SNS:Publish"}
    for account, admitted in ((OWN, False), (PLAIN, True)):
        condition = {"StringEquals": {"aws:SourceAccount": account}}
        text = policies.document({**allow, "Resource": arn, "Condition": condition})
        sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=text)
        if not admitted:
            assert refused(make, client=trail(), SnsTopicName="trails") == "InsufficientSnsTopicPolicyException"
    assert make(trail(), name="by-name", SnsTopicName="trails")["SnsTopicARN"] == arn
    assert make(trail(), name="by-arn", SnsTopicName=arn)["SnsTopicARN"] == arn


def test_a_duplicate_is_refused(bucket, trail, refused):
    make(trail())
    assert refused(make, client=trail()) == "TrailAlreadyExistsException"


def test_five_trails_a_region_with_shadows_counted(bucket, trail, refused):
    make(trail("eu-west-1"), name="wide", IsMultiRegionTrail=True)
    for number in range(4):
        make(trail(), name=f"trail-{number}")
    assert refused(make, client=trail(), name="sixth") == "MaximumNumberOfTrailsExceededException"


def test_a_multi_region_trail_is_a_shadow_elsewhere_unless_left_out(accounts):
    cloudtrail = accounts(OWN, "cloudtrail", "us-east-2")
    (shadow,) = cloudtrail.describe_trails()["trailList"]
    assert (shadow["Name"], shadow["HomeRegion"], shadow["IsMultiRegionTrail"]) == ("company-audit", "eu-west-1", True)
    assert cloudtrail.describe_trails(includeShadowTrails=False)["trailList"] == []


def test_the_list_of_names_is_honoured(bucket, trail):
    make(trail(), name="one")
    make(trail(), name="two")
    shown = trail().describe_trails(trailNameList=["two", "missing"])["trailList"]
    assert [one["Name"] for one in shown] == ["two"]


def test_the_status_of_a_shadow_needs_its_arn(accounts, refused):
    cloudtrail = accounts(OWN, "cloudtrail", "us-east-2")
    assert refused(cloudtrail.get_trail_status, Name="company-audit") == "TrailNotFoundException"
    arn = f"arn:aws:cloudtrail:eu-west-1:{OWN}:trail/company-audit"
    assert cloudtrail.get_trail_status(Name=arn)["IsLogging"] is True


def test_a_trail_is_changed_in_its_home_region_only(accounts, refused):
    cloudtrail = accounts(OWN, "cloudtrail", "us-east-2")
    arn = f"arn:aws:cloudtrail:eu-west-1:{OWN}:trail/company-audit"
    assert refused(cloudtrail.update_trail, Name=arn) == "InvalidHomeRegionException"
    assert refused(cloudtrail.stop_logging, Name="company-audit") == "InvalidHomeRegionException"


def test_deleting_a_missing_trail_is_refused_and_an_existing_one_goes(bucket, trail, refused):
    assert refused(trail().delete_trail, Name="one") == "TrailNotFoundException"
    make(trail())
    trail().delete_trail(Name="one")
    assert trail().describe_trails()["trailList"] == []


def test_an_update_changes_what_it_names_and_keeps_the_rest(bucket, trail):
    make(trail(), EnableLogFileValidation=True)
    trail().update_trail(Name="one", IncludeGlobalServiceEvents=False)
    (shown,) = trail().describe_trails()["trailList"]
    assert (shown["LogFileValidationEnabled"], shown["IncludeGlobalServiceEvents"]) == (True, False)


def test_an_empty_topic_takes_the_trails_topic_away(accounts, policies, bucket, trail):
    sns = accounts(PLAIN, "sns", trail().meta.region_name)
    arn = sns.create_topic(Name="trails")["TopicArn"]
    allow = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "sns:Publish"}
    text = policies.document({**allow, "Resource": arn})
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=text)
    made = make(trail(), SnsTopicName=arn)
    trail().start_logging(Name="one")
    trail().update_trail(Name="one", IncludeGlobalServiceEvents=False)
    assert trail().get_trail(Name="one")["Trail"]["SnsTopicARN"] == made["SnsTopicARN"] == arn
    assert "LatestNotificationError" not in trail().get_trail_status(Name="one")
    sns.delete_topic(TopicArn=arn)
    assert trail().get_trail_status(Name="one")["LatestNotificationError"] == "NotFound"
    trail().update_trail(Name="one", SnsTopicName="")
    assert "SnsTopicARN" not in trail().get_trail(Name="one")["Trail"]
    assert "LatestNotificationError" not in trail().get_trail_status(Name="one")


def test_tags_given_at_creation_are_kept(bucket, trail):
    arn = make(trail(), TagsList=[{"Key": "owner", "Value": "us"}])["TrailARN"]
    listed = trail().list_tags(ResourceIdList=[arn])["ResourceTagList"]
    assert listed == [{"ResourceId": arn, "TagsList": [{"Key": "owner", "Value": "us"}]}]


def test_a_multi_region_trail_includes_global_events(bucket, trail, refused):
    call = {"IsMultiRegionTrail": True, "IncludeGlobalServiceEvents": False}
    assert refused(make, client=trail(), **call) == "InvalidParameterCombinationException"


def test_the_control_tower_account_shows_its_trail_in_every_region(accounts):
    for region in ("us-east-1", "sa-east-1"):
        (shown,) = accounts(TOWER, "cloudtrail", region).describe_trails()["trailList"]
        assert shown["Name"] == "aws-controltower-BaselineCloudTrail"


def test_an_organization_trail_is_visible_in_members_who_may_not_change_it(accounts, policies, refused):
    management, member = "100000000001", "444444444444"
    s3 = accounts(management, "s3")
    s3.create_bucket(Bucket="organization-trail")
    allow = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    s3.put_bucket_policy(
        Bucket="organization-trail",
        Policy=policies.document(
            {**allow, "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::organization-trail"},
            {**allow, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::organization-trail/AWSLogs/o-rackspace01/*"},
        ),
    )
    cloudtrail = accounts(management, "cloudtrail")
    options = {"IsOrganizationTrail": True, "IsMultiRegionTrail": True}
    arn = cloudtrail.create_trail(Name="everyone", S3BucketName="organization-trail", **options)["TrailARN"]
    seen = accounts(member, "cloudtrail", "eu-west-3")
    assert [one["TrailARN"] for one in seen.describe_trails()["trailList"]] == [arn]
    code = refused(accounts(member, "cloudtrail").delete_trail, Name=arn)
    assert code == "NotOrganizationMasterAccountException"
    cloudtrail.delete_trail(Name="everyone")
