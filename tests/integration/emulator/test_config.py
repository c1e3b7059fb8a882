"""Config: what a recorder and a delivery channel need."""

from __future__ import annotations

import pytest

PLAIN, RECORDER = "111111111111", "444444444444"
ROLE = f"arn:aws:iam::{PLAIN}:role/AWSConfig"
BUCKET = "config-bucket"


@pytest.fixture(scope="module")
def role(accounts, policies):
    iam = accounts(PLAIN, "iam")
    source = {"StringEquals": {"aws:SourceAccount": PLAIN}}
    iam.create_role(
        RoleName="AWSConfig",
        AssumeRolePolicyDocument=policies.trust({"Service": "config.amazonaws.com"}, **source),
    )
    return ROLE


@pytest.fixture
def config(accounts, role):
    """Config of one region with a recorder and no channel."""
    client = accounts(PLAIN, "config", "eu-west-2")
    client.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role})
    yield client
    client.stop_configuration_recorder(ConfigurationRecorderName="default")
    for channel in client.describe_delivery_channels()["DeliveryChannels"]:
        client.delete_delivery_channel(DeliveryChannelName=channel["name"])


@pytest.fixture
def bucket(accounts, policies):
    """A bucket whose policy lets Config deliver for this account."""
    s3 = accounts(PLAIN, "s3")
    s3.create_bucket(Bucket=BUCKET)
    allow = {"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}}
    source = {"StringEquals": {"aws:SourceAccount": PLAIN}}
    acl = {"StringEquals": {"aws:SourceAccount": PLAIN, "s3:x-amz-acl": "bucket-owner-full-control"}}
    folder = f"arn:aws:s3:::{BUCKET}/AWSLogs/{PLAIN}/Config/*"
    text = policies.document(
        {**allow, "Action": "s3:GetBucketAcl", "Resource": f"arn:aws:s3:::{BUCKET}", "Condition": source},
        {**allow, "Action": "s3:PutObject", "Resource": folder, "Condition": acl},
    )
    s3.put_bucket_policy(Bucket=BUCKET, Policy=text)
    return BUCKET


def put(client, **channel):
    client.put_delivery_channel(DeliveryChannel={"name": "default", **channel})


@pytest.mark.parametrize(
    "arn", [f"arn:aws:iam::{PLAIN}:role/missing", f"arn:aws:iam::{PLAIN}:role/OrganizationAccountAccessRole"]
)
def test_a_recorder_needs_a_role_that_config_can_take(accounts, refused, arn):
    make = accounts(PLAIN, "config").put_configuration_recorder
    recorder = {"name": "default", "roleARN": arn}
    assert refused(make, ConfigurationRecorder=recorder) == "InvalidRoleException"


def test_there_is_one_recorder_a_region_and_its_name_stays(config, role, refused):
    make = config.put_configuration_recorder
    other = {"name": "other", "roleARN": role}
    assert refused(make, ConfigurationRecorder=other) == "MaxNumberOfConfigurationRecordersExceededException"
    assert len(config.describe_configuration_recorders()["ConfigurationRecorders"]) == 1


def test_a_channel_needs_a_bucket_that_exists(config, refused):
    assert refused(put, client=config, s3BucketName="no-such-bucket") == "NoSuchBucketException"


def test_a_channel_needs_a_bucket_that_lets_config_in(accounts, config, bucket, refused):
    put(config, s3BucketName=bucket)
    accounts(PLAIN, "s3").delete_bucket_policy(Bucket=bucket)
    assert refused(put, client=config, s3BucketName=bucket) == "InsufficientDeliveryPolicyException"


def test_the_roles_own_policy_opens_a_bucket_of_the_account_too(accounts, policies, config, bucket):
    accounts(PLAIN, "s3").delete_bucket_policy(Bucket=bucket)
    iam = accounts(PLAIN, "iam")
    text = policies.document({"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetBucketAcl"], "Resource": "*"})
    iam.put_role_policy(RoleName="AWSConfig", PolicyName="deliver", PolicyDocument=text)
    put(config, s3BucketName=bucket)
    iam.delete_role_policy(RoleName="AWSConfig", PolicyName="deliver")


def test_a_channels_topic_exists_and_lets_config_publish(accounts, policies, config, bucket, refused):
    sns = accounts(PLAIN, "sns", "eu-west-2")
    arn = f"arn:aws:sns:eu-west-2:{PLAIN}:config"
    call = {"client": config, "s3BucketName": bucket, "snsTopicARN": arn}
    assert refused(put, **call) == "InvalidSNSTopicARNException"
    sns.create_topic(Name="config")
    assert refused(put, **call) == "InsufficientDeliveryPolicyException"
    allow = {"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}, "Action": "sns:Publish"}
    text = policies.document({**allow, "Resource": arn, "Condition": {"StringEquals": {"aws:SourceAccount": PLAIN}}})
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=text)
    put(**call)
    put(config, s3BucketName=bucket)
    (channel,) = config.describe_delivery_channels()["DeliveryChannels"]
    assert channel["snsTopicARN"] == arn, "what a channel's update leaves out keeps its value"
    assert refused(put, **(call | {"snsTopicARN": ""})) == "InvalidSNSTopicARNException"
    sns.delete_topic(TopicArn=arn)


def test_a_channel_says_that_its_topic_is_gone(accounts, policies, config, bucket):
    sns = accounts(PLAIN, "sns", "eu-west-2")
    arn = sns.create_topic(Name="config")["TopicArn"]
    allow = {"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}, "Action": "sns:Publish"}
    text = policies.document({**allow, "Resource": arn})
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=text)
    put(config, s3BucketName=bucket, snsTopicARN=arn)
    config.start_configuration_recorder(ConfigurationRecorderName="default")

    def state():
        return config.describe_delivery_channel_status()["DeliveryChannelsStatus"][0]["configStreamDeliveryInfo"]

    assert state()["lastStatus"] == "SUCCESS"
    sns.delete_topic(TopicArn=arn)
    assert (state()["lastStatus"], state()["lastErrorCode"]) == ("FAILURE", "NotFound")


def test_a_channel_is_deleted_once_the_recorder_is_stopped(config, bucket, refused):
    put(config, s3BucketName=bucket)
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    delete = config.delete_delivery_channel
    assert refused(delete, DeliveryChannelName="default") == "LastDeliveryChannelDeleteFailedException"
    config.stop_configuration_recorder(ConfigurationRecorderName="default")
    delete(DeliveryChannelName="default")
    assert config.describe_delivery_channels()["DeliveryChannels"] == []


def test_a_recorder_has_tags_by_its_arn_until_it_is_deleted(accounts, role, refused):
    config = accounts(PLAIN, "config", "eu-west-3")
    recorder = {"name": "default", "roleARN": role}
    config.put_configuration_recorder(ConfigurationRecorder=recorder, Tags=[{"Key": "owner", "Value": "us"}])
    config.put_configuration_recorder(ConfigurationRecorder=recorder, Tags=[{"Key": "owner", "Value": "them"}])
    (shown,) = config.describe_configuration_recorders()["ConfigurationRecorders"]
    arn = shown["arn"]
    assert arn.startswith(f"arn:aws:config:eu-west-3:{PLAIN}:configuration-recorder/default/")
    assert config.describe_configuration_recorders(Arn=arn)["ConfigurationRecorders"] == [shown]
    config.tag_resource(ResourceArn=arn, Tags=[{"Key": "more", "Value": "1"}])
    assert config.list_tags_for_resource(ResourceArn=arn)["Tags"] == [
        {"Key": "owner", "Value": "us"},
        {"Key": "more", "Value": "1"},
    ]
    config.untag_resource(ResourceArn=arn, TagKeys=["owner", "missing"])
    assert config.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "more", "Value": "1"}]
    many = [{"Key": f"key-{number}", "Value": ""} for number in range(50)]
    assert refused(config.tag_resource, ResourceArn=arn, Tags=many) == "TooManyTagsException"
    config.delete_configuration_recorder(ConfigurationRecorderName="default")
    assert refused(config.list_tags_for_resource, ResourceArn=arn) == "ResourceNotFoundException"


def test_the_channels_status_tells_whether_it_delivers(config, bucket, refused):
    put(config, s3BucketName=bucket)
    (before,) = config.describe_delivery_channel_status()["DeliveryChannelsStatus"]
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    (after,) = config.describe_delivery_channel_status()["DeliveryChannelsStatus"]
    assert "configHistoryDeliveryInfo" not in before
    assert after["configHistoryDeliveryInfo"]["lastStatus"] == "SUCCESS"
    status = config.describe_delivery_channel_status
    assert refused(status, DeliveryChannelNames=["missing"]) == "NoSuchDeliveryChannelException"


def test_the_recorder_says_how_often_it_records_and_that_it_works(config, bucket):
    put(config, s3BucketName=bucket)
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    (recorder,) = config.describe_configuration_recorders()["ConfigurationRecorders"]
    assert recorder["recordingMode"] == {"recordingFrequency": "CONTINUOUS"}
    (status,) = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    assert (status["recording"], status["lastStatus"]) == (True, "SUCCESS")


def test_the_account_with_its_own_recorder_records_in_two_regions(accounts):
    for region, number in (("us-east-1", 1), ("eu-west-1", 1), ("us-west-2", 0)):
        found = accounts(RECORDER, "config", region).describe_configuration_recorder_status()
        assert [one["recording"] for one in found["ConfigurationRecordersStatus"]] == [True] * number
