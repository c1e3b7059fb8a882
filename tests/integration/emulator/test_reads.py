"""What a scan of an account reads: each call is answered, in an account with nothing and where something is shared."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from botocore.config import Config

from tests.integration.embedded import seeded

MANAGEMENT, SHARED, PAYER = "100000000001", "100000000002", "820000000000"
DEPARTING, LOOK_ALIKES = "811111111111", "844444444444"
TOPIC = f"arn:aws:sns:us-east-1:{DEPARTING}:topic"
ME = {"AccountId": DEPARTING}

NOTHING = [
    ("iam", "get_account_authorization_details", {}),
    ("iam", "list_saml_providers", {}),
    ("iam", "list_open_id_connect_providers", {}),
    ("iam", "list_virtual_mfa_devices", {"AssignmentStatus": "Assigned"}),
    ("iam", "get_account_summary", {}),
    ("iam", "get_login_profile", {"UserName": "customer-admin"}),
    ("iam", "list_access_keys", {"UserName": "customer-admin"}),
    ("s3", "list_buckets", {"BucketRegion": "us-east-1", "MaxBuckets": 1000}),
    ("s3control", "list_access_points", ME),
    ("sns", "list_topics", {}),
    ("sns", "list_subscriptions", {}),
    ("sqs", "list_queues", {"MaxResults": 1000}),
    ("kms", "list_keys", {}),
    ("events", "list_event_buses", {}),
    ("events", "list_rule_names_by_target", {"TargetArn": TOPIC, "EventBusName": "default"}),
    ("secretsmanager", "list_secrets", {}),
    ("lambda", "list_functions", {"FunctionVersion": "ALL"}),
    ("lambda", "list_layers", {}),
    ("lambda", "list_layer_versions", {"LayerName": "layer"}),
    ("ecr", "describe_repositories", {}),
    ("logs", "describe_destinations", {}),
    ("logs", "describe_resource_policies", {}),
    ("backup", "list_backup_vaults", {}),
    ("ram", "get_resource_shares", {"resourceOwner": "SELF"}),
    ("ram", "get_resource_shares", {"resourceOwner": "OTHER-ACCOUNTS"}),
    ("ram", "get_resource_share_associations", {"associationType": "PRINCIPAL"}),
    ("ram", "list_principals", {"resourceOwner": "SELF"}),
    ("ram", "list_resources", {"resourceOwner": "OTHER-ACCOUNTS"}),
    ("ec2", "describe_snapshots", {"OwnerIds": ["self"]}),
    ("ec2", "describe_snapshots", {"OwnerIds": ["self"], "RestorableByUserIds": [SHARED]}),
    ("ec2", "describe_images", {"Owners": ["self"]}),
    ("ec2", "describe_images", {"ExecutableUsers": [SHARED]}),
    ("ec2", "describe_iam_instance_profile_associations", {}),
    ("ec2", "describe_vpc_endpoint_service_configurations", {}),
    ("rds", "describe_db_snapshots", {"SnapshotType": "manual"}),
    ("rds", "describe_db_cluster_snapshots", {"SnapshotType": "manual"}),
    ("rds", "describe_event_subscriptions", {}),
    ("redshift", "describe_event_subscriptions", {}),
    ("dms", "describe_event_subscriptions", {}),
    ("docdb", "describe_event_subscriptions", {}),
    ("neptune", "describe_event_subscriptions", {}),
    ("cloudformation", "list_stacks", {}),
    ("cloudformation", "describe_stacks", {}),
    ("cloudwatch", "describe_alarms", {"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}),
    ("autoscaling", "describe_notification_configurations", {}),
    ("elasticache", "describe_cache_clusters", {}),
    ("budgets", "describe_budgets", ME),
    ("budgets", "describe_budget_actions_for_account", ME),
    ("support", "describe_severity_levels", {}),
    ("apigateway", "get_rest_apis", {}),
    ("opensearch", "list_domain_names", {}),
    ("opensearch", "describe_domains", {"DomainNames": ["domain"]}),
    ("glue", "get_resource_policy", {}),
    ("efs", "describe_file_systems", {}),
    ("dynamodb", "list_tables", {}),
    ("config", "describe_aggregation_authorizations", {}),
]
# What an account without the resource is told.
MISSING = [
    ("s3", "get_bucket_policy", {"Bucket": "nobody-has-this"}, "NoSuchBucket"),
    ("ecr", "get_registry_policy", {}, "RegistryPolicyNotFoundException"),
    ("ecr", "get_repository_policy", {"repositoryName": "none"}, "RepositoryNotFoundException"),
    ("lambda", "get_policy", {"FunctionName": "none"}, "ResourceNotFoundException"),
    ("lambda", "list_aliases", {"FunctionName": "none"}, "ResourceNotFoundException"),
    ("backup", "get_backup_vault_access_policy", {"BackupVaultName": "none"}, "ResourceNotFoundException"),
    ("efs", "describe_file_system_policy", {"FileSystemId": "fs-01234567"}, "FileSystemNotFound"),
    ("redshift", "describe_event_subscriptions", {"SubscriptionName": "none"}, "SubscriptionNotFound"),
    ("dms", "describe_event_subscriptions", {"SubscriptionName": "none"}, "ResourceNotFoundFault"),
    ("budgets", "describe_notifications_for_budget", {**ME, "BudgetName": "none"}, "NotFoundException"),
    ("rds", "describe_db_snapshot_attributes", {"DBSnapshotIdentifier": "none"}, "DBSnapshotNotFound"),
]


@pytest.fixture(scope="module")
def emulator(running_emulator):
    return seeded(running_emulator, "offboard")


@pytest.fixture
def client(accounts, emulator):
    """Clients in the account; S3 Control, which puts the account's id before the host name, by way of a proxy."""

    def make(service, account=DEPARTING, region="us-east-1"):
        if service != "s3control":
            return accounts(account, service, region)
        config = Config(proxies={"http": emulator.url}, retries={"total_max_attempts": 1})
        session = accounts.session(account)
        return session.client(service, region_name=region, endpoint_url="http://s3-control.test", config=config)

    return make


@pytest.mark.parametrize(("service", "operation", "arguments"), NOTHING)
def test_an_account_with_nothing_is_read(client, service, operation, arguments):
    answer = getattr(client(service), operation)(**arguments)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] < 300


@pytest.mark.parametrize(("service", "operation", "arguments", "code"), MISSING)
def test_what_is_not_there_is_said_so(client, refused, service, operation, arguments, code):
    assert refused(getattr(client(service), operation), **arguments) == code


def test_the_policies_of_what_is_there_are_read(client, policies):
    allow = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SHARED}:root"}}

    def text(action):
        return policies.document({**allow, "Action": action, "Resource": "*"})

    s3 = client("s3")
    s3.create_bucket(Bucket="departing-data")
    whole = {**allow, "Action": "s3:GetBucketLocation", "Resource": "arn:aws:s3:::departing-data"}
    s3.put_bucket_policy(Bucket="departing-data", Policy=policies.document(whole))
    assert SHARED in s3.get_bucket_policy(Bucket="departing-data")["Policy"]
    assert len(s3.get_bucket_acl(Bucket="departing-data")["Grants"]) == 1
    s3.get_bucket_location(Bucket="departing-data")
    arn = client("sns").create_topic(Name="topic")["TopicArn"]
    events = {"TopicConfigurations": [{"TopicArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    s3.put_bucket_notification_configuration(Bucket="departing-data", NotificationConfiguration=events)
    (one,) = s3.get_bucket_notification_configuration(Bucket="departing-data")["TopicConfigurations"]
    assert one["TopicArn"] == arn
    client("sns").get_topic_attributes(TopicArn=arn)

    control = client("s3control")
    control.create_access_point(AccountId=DEPARTING, Name="point", Bucket="departing-data")
    (point,) = control.list_access_points(AccountId=DEPARTING, Bucket="departing-data")["AccessPointList"]
    control.put_access_point_policy(AccountId=DEPARTING, Name=point["Name"], Policy=text("s3:GetObject"))
    assert SHARED in control.get_access_point_policy(AccountId=DEPARTING, Name="point")["Policy"]

    url = client("sqs").create_queue(QueueName="queue", Attributes={"Policy": text("sqs:SendMessage")})["QueueUrl"]
    assert SHARED in client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]

    kms = client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_grant(KeyId=key, GranteePrincipal=f"arn:aws:iam::{SHARED}:root", Operations=["Decrypt"])
    (grant,) = kms.list_grants(KeyId=key)["Grants"]
    assert SHARED in grant["GranteePrincipal"]
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyManager"] == "CUSTOMER"
    kms.get_key_policy(KeyId=key, PolicyName="default")

    secret = client("secretsmanager").create_secret(Name="secret", SecretString="value")["ARN"]
    client("secretsmanager").put_resource_policy(SecretId=secret, ResourcePolicy=text("secretsmanager:GetSecretValue"))
    assert SHARED in client("secretsmanager").get_resource_policy(SecretId=secret)["ResourcePolicy"]

    client("ecr").create_repository(repositoryName="images")
    client("ecr").set_repository_policy(repositoryName="images", policyText=text("ecr:BatchGetImage"))
    assert SHARED in client("ecr").get_repository_policy(repositoryName="images")["policyText"]

    logs = client("logs")
    role = f"arn:aws:iam::{DEPARTING}:role/Finance"
    logs.put_destination(destinationName="sink", targetArn="arn:aws:kinesis:us-east-1:1:stream/x", roleArn=role)
    logs.put_destination_policy(destinationName="sink", accessPolicy=text("logs:PutSubscriptionFilter"))
    assert SHARED in logs.describe_destinations()["destinations"][0]["accessPolicy"]


def test_a_functions_policy_is_read(client):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as content:
        content.writestr("handler.py", "")
    functions, role = client("lambda"), f"arn:aws:iam::{DEPARTING}:role/Finance"
    code = {"ZipFile": archive.getvalue()}
    functions.create_function(FunctionName="function", Runtime="python3.12", Role=role, Handler="x", Code=code)
    invoke = {"StatementId": "provider", "Action": "lambda:InvokeFunction", "Principal": SHARED}
    functions.add_permission(FunctionName="function", **invoke)
    assert SHARED in functions.get_policy(FunctionName="function")["Policy"]
    assert functions.list_aliases(FunctionName="function")["Aliases"] == []


def test_a_vaults_policy_is_kept(client, refused):
    backup = client("backup")
    backup.create_backup_vault(BackupVaultName="vault")
    get, name = backup.get_backup_vault_access_policy, {"BackupVaultName": "vault"}
    assert refused(get, **name) == "ResourceNotFoundException"
    put = backup.put_backup_vault_access_policy
    assert refused(put, **name, Policy="{") == "InvalidParameterValueException"
    put(**name, Policy=json.dumps({"Statement": []}))
    assert get(**name)["Policy"] == '{"Statement": []}'
    backup.delete_backup_vault_access_policy(**name)
    assert refused(get, **name) == "ResourceNotFoundException"


def test_shares_are_seen_from_both_sides(client):
    arn = f"arn:aws:ec2:us-east-1:{DEPARTING}:transit-gateway/tgw-0123456789abcdef0"
    client("ram").create_resource_share(name="share", principals=[SHARED, PAYER], resourceArns=[arn])
    principals = client("ram").list_principals(resourceOwner="SELF")["principals"]
    assert {one["id"]: one["external"] for one in principals} == {SHARED: False, PAYER: True}
    (resource,) = client("ram", SHARED).list_resources(resourceOwner="OTHER-ACCOUNTS")["resources"]
    assert (resource["arn"], resource["type"]) == (arn, "ec2:transit-gateway")
    (share,) = client("ram", SHARED).get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"]
    assert (share["name"], share["owningAccountId"]) == ("share", DEPARTING)
    assert client("ram", LOOK_ALIKES).get_resource_shares(resourceOwner="OTHER-ACCOUNTS")["resourceShares"] == []
    assert client("ram", SHARED).list_principals(resourceOwner="SELF")["principals"] == []


def test_snapshots_and_images_are_found_by_whom_they_are_shared_with(client):
    ec2 = client("ec2", region="eu-west-1")
    volume = ec2.create_volume(AvailabilityZone="eu-west-1a", Size=1)["VolumeId"]
    shared, own = [ec2.create_snapshot(VolumeId=volume)["SnapshotId"] for _ in range(2)]
    ec2.modify_snapshot_attribute(
        SnapshotId=shared, Attribute="createVolumePermission", OperationType="add", UserIds=[SHARED]
    )

    def found(**arguments):
        return {one["SnapshotId"] for one in ec2.describe_snapshots(**arguments)["Snapshots"]}

    assert found(OwnerIds=["self"]) == found(RestorableByUserIds=["self"]) == {shared, own}
    assert found(OwnerIds=["self"], RestorableByUserIds=[SHARED, MANAGEMENT]) == {shared}
    assert found(RestorableByUserIds=[MANAGEMENT]) == found(OwnerIds=["amazon"]) == set()
    assert found(OwnerIds=["self"], SnapshotIds=[own]) == {own}
    permission = ec2.describe_snapshot_attribute(SnapshotId=shared, Attribute="createVolumePermission")
    assert permission["CreateVolumePermissions"] == [{"UserId": SHARED}]
    disk = {"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": shared}}
    image = ec2.register_image(Name="image", RootDeviceName="/dev/xvda", BlockDeviceMappings=[disk])["ImageId"]
    assert ec2.describe_images(ExecutableUsers=[SHARED])["Images"] == []
    ec2.modify_image_attribute(ImageId=image, Attribute="launchPermission", OperationType="add", UserIds=[SHARED])
    assert [one["ImageId"] for one in ec2.describe_images(ExecutableUsers=[SHARED])["Images"]] == [image]
    assert ec2.describe_images(ExecutableUsers=[MANAGEMENT])["Images"] == []


def test_a_database_snapshot_says_whom_it_is_shared_with(client):
    rds = client("rds")
    secret = {"MasterUsername": "user", "MasterUserPassword": "not-a-secret"}
    rds.create_db_instance(DBInstanceIdentifier="db", DBInstanceClass="db.t3.micro", Engine="mysql", **secret)
    rds.create_db_snapshot(DBInstanceIdentifier="db", DBSnapshotIdentifier="shared")
    name = {"DBSnapshotIdentifier": "shared"}
    rds.modify_db_snapshot_attribute(**name, AttributeName="restore", ValuesToAdd=[SHARED])
    (attribute,) = rds.describe_db_snapshot_attributes(**name)["DBSnapshotAttributesResult"]["DBSnapshotAttributes"]
    assert attribute == {"AttributeName": "restore", "AttributeValues": [SHARED]}


@pytest.mark.parametrize(("service", "code"), [("redshift", "SubscriptionAlreadyExist"), ("dms", "ResourceAlready")])
def test_event_subscriptions_name_their_topic(client, refused, service, code):
    one = client(service)
    call = {"SubscriptionName": "events", "SnsTopicArn": TOPIC}
    more = {"SourceType": "replication-instance"} if service == "dms" else {}
    one.create_event_subscription(**call, **more)
    assert refused(one.create_event_subscription, **call, **more).startswith(code)
    (found,) = one.describe_event_subscriptions()["EventSubscriptionsList"]
    assert (found["CustSubscriptionId"], found["SnsTopicArn"]) == ("events", TOPIC)
    one.delete_event_subscription(SubscriptionName="events")
    assert one.describe_event_subscriptions()["EventSubscriptionsList"] == []


def test_a_budget_says_whom_it_tells(client, refused):
    budgets = client("budgets")
    notification = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0}
    subscriber = {"SubscriptionType": "SNS", "Address": TOPIC}
    budget = {"BudgetName": "monthly", "BudgetType": "COST", "TimeUnit": "MONTHLY"}
    limit = {"BudgetLimit": {"Amount": "1", "Unit": "USD"}}
    told = [{"Notification": notification, "Subscribers": [subscriber]}]
    budgets.create_budget(**ME, Budget={**budget, **limit}, NotificationsWithSubscribers=told)
    call = {**ME, "BudgetName": "monthly"}
    (found,) = budgets.describe_notifications_for_budget(**call)["Notifications"]
    answer = budgets.describe_subscribers_for_notification(**call, Notification=found)
    assert answer["Subscribers"] == [subscriber]
    other = {**notification, "Threshold": 90.0}
    assert refused(budgets.describe_subscribers_for_notification, **call, Notification=other) == "NotFoundException"


def test_auto_scaling_says_which_topics_it_tells(client, refused):
    scaling = client("autoscaling")
    put = scaling.put_notification_configuration
    call = {"AutoScalingGroupName": "group", "TopicARN": TOPIC}
    kinds = ["autoscaling:EC2_INSTANCE_LAUNCH", "autoscaling:EC2_INSTANCE_TERMINATE"]
    assert refused(put, **call, NotificationTypes=kinds) == "ValidationError"
    scaling.create_launch_configuration(LaunchConfigurationName="launch", ImageId="ami-1", InstanceType="t3.micro")
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="group",
        LaunchConfigurationName="launch",
        MinSize=0,
        MaxSize=0,
        AvailabilityZones=["us-east-1a"],
    )
    put(**call, NotificationTypes=kinds)
    found = scaling.describe_notification_configurations()["NotificationConfigurations"]
    assert [one["NotificationType"] for one in found] == kinds
    assert {one["TopicARN"] for one in found} == {TOPIC}
    scaling.delete_notification_configuration(**call)
    assert scaling.describe_notification_configurations()["NotificationConfigurations"] == []


def test_composite_alarms_are_shown_when_asked_for(client):
    watch = client("cloudwatch", LOOK_ALIKES)
    watch.put_composite_alarm(AlarmName="all", AlarmRule='ALARM("orders-latency")', AlarmActions=[TOPIC])

    def found(**arguments):
        answer = watch.describe_alarms(**arguments)
        return [[one["AlarmName"] for one in answer.get(kind, [])] for kind in ("MetricAlarms", "CompositeAlarms")]

    assert found() == [["orders-latency"], []]
    assert found(AlarmTypes=["CompositeAlarm"]) == [[], ["all"]]
    assert found(AlarmTypes=["MetricAlarm", "CompositeAlarm"]) == [["orders-latency"], ["all"]]
    (one,) = watch.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert (one["AlarmActions"], one["AlarmRule"]) == ([TOPIC], 'ALARM("orders-latency")')
