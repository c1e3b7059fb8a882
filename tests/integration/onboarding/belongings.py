# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What an account has, resource by resource, rule by rule and statement by statement, as boto3 reads it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from tests.integration.onboarding.controller import Aws, statements

Belongings = dict[tuple[str, ...], Any]
#: fields that are another at each reading
FLEETING = {"ResponseMetadata", "RoleLastUsed", "LastModified", "ETag"}


def belongings(aws: Aws, account: str, regions: Iterable[str]) -> Belongings:
    """Return everything of the kinds that onboarding writes: where it is and what it is."""
    found: Belongings = {}
    for part in (_iam(aws(account, "iam")), _s3(aws(account, "s3", "us-west-2"))):
        found.update(part)
    for region in regions:
        for service, look in (("sns", _sns), ("cloudtrail", _cloudtrail), ("config", _config), ("events", _events)):
            found.update({(region, *at): what for at, what in look(aws(account, service, region))})
    return {at: json.loads(json.dumps(what, default=str)) for at, what in found.items()}


def lost_or_changed(before: Belongings, after: Belongings) -> dict[tuple[str, ...], Any]:
    """Return what is not any more what it was."""
    return {at: (what, after.get(at)) for at, what in before.items() if after.get(at) != what}


def _iam(iam: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    policy = _absent(iam.get_account_password_policy)
    for name, value in (policy or {"PasswordPolicy": {}})["PasswordPolicy"].items():
        yield ("password policy", name), value
    for role in iam.list_roles()["Roles"]:
        name = role["RoleName"]
        yield ("role", name), _steady(iam.get_role(RoleName=name)["Role"])
        for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            yield ("role", name, "attached", attached["PolicyArn"]), True
        for inline in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=name, PolicyName=inline)["PolicyDocument"]
            yield ("role", name, "inline", inline), document
    for one in iam.list_policies(Scope="Local")["Policies"]:
        version = iam.get_policy_version(PolicyArn=one["Arn"], VersionId=one["DefaultVersionId"])
        yield ("policy", one["Arn"]), version["PolicyVersion"]["Document"]


def _s3(s3: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    for bucket in s3.list_buckets()["Buckets"]:
        name = bucket["Name"]
        yield ("bucket", name, "location"), s3.get_bucket_location(Bucket=name).get("LocationConstraint")
        yield ("bucket", name, "versioning"), s3.get_bucket_versioning(Bucket=name).get("Status")
        yield ("bucket", name, "acl"), s3.get_bucket_acl(Bucket=name)["Grants"]
        for number, rule in enumerate(
            (_absent(s3.get_bucket_lifecycle_configuration, Bucket=name) or {}).get("Rules", [])
        ):
            yield ("bucket", name, "lifecycle", rule.get("ID", str(number))), rule
        for number, statement in enumerate(
            statements((_absent(s3.get_bucket_policy, Bucket=name) or {}).get("Policy"))
        ):
            yield ("bucket", name, "statement", statement.get("Sid", str(number))), statement
        for kind, read in (
            ("encryption", s3.get_bucket_encryption),
            ("ownership", s3.get_bucket_ownership_controls),
            ("public access block", s3.get_public_access_block),
            ("tags", s3.get_bucket_tagging),
        ):
            yield ("bucket", name, kind), _steady(_absent(read, Bucket=name) or {})
        for version in s3.list_object_versions(Bucket=name).get("Versions", []):
            yield ("bucket", name, "object", version["Key"]), version["Size"]


def _sns(sns: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    for topic in sns.list_topics()["Topics"]:
        arn = topic["TopicArn"]
        yield ("topic", arn), sns.get_topic_attributes(TopicArn=arn)["Attributes"]
        yield ("topic", arn, "tags"), sns.list_tags_for_resource(ResourceArn=arn)["Tags"]
        for subscription in sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]:
            yield ("topic", arn, "subscription", subscription["Endpoint"]), subscription


def _cloudtrail(cloudtrail: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    for trail in cloudtrail.describe_trails(includeShadowTrails=False)["trailList"]:
        arn = trail["TrailARN"]
        yield ("trail", arn), trail
        yield ("trail", arn, "logging"), cloudtrail.get_trail_status(Name=arn)["IsLogging"]
        yield ("trail", arn, "selectors"), _steady(cloudtrail.get_event_selectors(TrailName=arn))


def _config(config: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    for recorder in config.describe_configuration_recorders()["ConfigurationRecorders"]:
        yield ("recorder", recorder["name"]), recorder
    for status in config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]:
        yield ("recorder", status["name"], "recording"), status["recording"]
    for channel in config.describe_delivery_channels()["DeliveryChannels"]:
        yield ("delivery channel", channel["name"]), channel


def _events(events: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    for rule in events.list_rules()["Rules"]:
        yield ("rule", rule["Name"]), rule
        for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]:
            yield ("rule", rule["Name"], "target", target["Id"]), target


def _steady(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in FLEETING}


def _absent(read: Callable[..., Any], **arguments: Any) -> Any:
    """Return an answer, or None where AWS says that there is nothing."""
    try:
        return read(**arguments)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code.startswith("NoSuch") or code.endswith("NotFoundError"):
            return None
        raise
