# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The two buckets of every account: the logs (B4) and the provider's own (B5)."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import lifecycle, naming, policies
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccountsError, error_code
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import (
    AccountDefault,
    Observed,
    Skip,
    State,
    Target,
)
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.naming import found, tag_list

SIDS = (
    "RackspaceCloudTrailAcl",
    "RackspaceCloudTrailWrite",
    "RackspaceConfigBucket",
    "RackspaceConfigWrite",
    "RackspaceTlsOnly",
)
BLOCKED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


class Bucket(AccountDefault):
    """A versioned bucket that expires objects, admits TLS only and nobody unasked.

    On a bucket of this name that we did not create, our lifecycle rule and our TLS statement cover the account's
    log prefix only, and ownership controls and public access block stay as they are.
    """

    service = "s3"
    section = "s3"
    options = {
        "bucket_region": {"type": "str", "default": "us-west-2"},
        "expiration_days": {"type": "int", "default": 365},
        "noncurrent_expiration_days": {"type": "int", "default": 90},
    }
    permissions = (
        "s3:ListBucket",
        "s3:ListBucketVersions",
        "s3:CreateBucket",
        "s3:GetBucketTagging",
        "s3:PutBucketTagging",
        "s3:GetBucketVersioning",
        "s3:PutBucketVersioning",
        "s3:GetLifecycleConfiguration",
        "s3:PutLifecycleConfiguration",
        "s3:GetBucketPolicy",
        "s3:PutBucketPolicy",
        "s3:GetBucketPublicAccessBlock",
        "s3:PutBucketPublicAccessBlock",
        "s3:GetEncryptionConfiguration",
        "s3:PutEncryptionConfiguration",
        "s3:GetBucketOwnershipControls",
        "s3:PutBucketOwnershipControls",
    )
    not_yet = ("OperationAborted", "NoSuchBucket")

    @abstractmethod
    def bucket(self, options: Mapping[str, Any]) -> str:
        """Return the bucket's name."""

    def deliveries(self, target: Target) -> list[dict[str, Any]]:
        """Return the statements that let AWS services write."""
        return []

    def region(self, options: Mapping[str, Any]) -> str:
        """Return the one region in which the buckets are."""
        return str(options["bucket_region"])

    def observe(self, target: Target) -> Observed:
        """Return the bucket's settings as far as they are ours."""
        s3, name = target.client("s3"), self.bucket(target.options)
        arguments = {"Bucket": name, "ExpectedBucketOwner": target.account.id}
        region = self._region_of(target, arguments)
        if region is None:
            return Observed()
        tags = (found(s3.get_bucket_tagging, "NoSuchTagSet", **arguments) or {"TagSet": []})["TagSet"]
        versioning = s3.get_bucket_versioning(**arguments).get("Status", "Disabled")
        rules = found(s3.get_bucket_lifecycle_configuration, "NoSuchLifecycleConfiguration", **arguments) or {}
        policy = (found(s3.get_bucket_policy, "NoSuchBucketPolicy", **arguments) or {}).get("Policy")
        block = found(s3.get_public_access_block, "NoSuchPublicAccessBlockConfiguration", **arguments) or {}
        encryption = found(s3.get_bucket_encryption, "ServerSideEncryptionConfigurationNotFoundError", **arguments)
        ownership = found(s3.get_bucket_ownership_controls, "OwnershipControlsNotFoundError", **arguments)

        tagged = naming.carries_our_tags(target.options, tags)
        untouched = not (tags or rules or policy) and self._is_empty(s3, arguments)
        whole = tagged or untouched or self.name in target.account.adopt
        state = {
            "bucket": name,
            "region": region,
            "versioning": versioning,
            "lifecycle": lifecycle.ours(rules),
            "policy": policies.own(policy, SIDS),
            "encryption": _algorithm(encryption),
        }
        if whole:
            blocked = block.get("PublicAccessBlockConfiguration", {})
            state["tagged"] = tagged
            state["public_access_blocked"] = all(blocked.get(setting) for setting in BLOCKED)
            state["ownership"] = ownership["OwnershipControls"]["Rules"][0]["ObjectOwnership"] if ownership else None
        days = (target.options["expiration_days"], target.options["noncurrent_expiration_days"])
        longer = lifecycle.kept_longer(rules, self._prefix(target, whole), *days)
        rule = self._rule(target, whole, state["lifecycle"])
        kept = (rule["expiration_days"], rule["noncurrent_expiration_days"])
        earlier = lifecycle.deleted_earlier(rules, rule["prefix"], *kept)
        foreign = ""
        if region != target.region:
            foreign = (
                f"bucket {name} exists in {region}, not in {target.region}, and a bucket cannot be moved: name its "
                "region in provider_bucket_region (option bucket_region)"
            )
        return Observed(
            state,
            foreign,
            policies.foreign_findings(policy, SIDS, f"bucket {name}") + _findings(name, longer, earlier, state),
            {"tags": tags, "rules": rules, "policy": policy, "whole": whole, "longer": longer},
        )

    def desired(self, target: Target, seen: Observed) -> State | Skip:
        """Return the settings; a customer's own encryption stays, and nobody's objects expire earlier than now."""
        whole = seen.state is None or seen.raw["whole"]
        before = (seen.state or {}).get("lifecycle")
        state = {
            "bucket": self.bucket(target.options),
            "region": target.region,
            "versioning": "Enabled",
            "lifecycle": before if seen.raw and seen.raw["longer"] else self._rule(target, whole, before),
            "policy": policies.own({"Statement": self._statements(target, whole)}, SIDS),
            "encryption": (seen.state or {}).get("encryption") or "AES256",
        }
        if whole:
            state |= {"tagged": True, "public_access_blocked": True, "ownership": "BucketOwnerEnforced"}
        return state

    def put(self, target: Target, seen: Observed, after: State) -> State | None:
        """Create the bucket, or write the settings that differ; other people's rules and statements stay."""
        s3, name = target.client("s3"), self.bucket(target.options)
        owned = {"Bucket": name, "ExpectedBucketOwner": target.account.id}
        before, raw = seen.state, seen.raw
        if before is None:
            self._create(target, name)
            before, raw = {}, {"tags": [], "rules": {}, "policy": None, "whole": True}

        def differs(key: str) -> bool:
            return key in after and before.get(key) != after[key]

        if differs("tagged"):
            others = [tag for tag in raw["tags"] if tag["Key"] not in target.options["ownership_tags"]]
            s3.put_bucket_tagging(**owned, Tagging={"TagSet": others + tag_list(target.options)})
        if differs("public_access_blocked"):
            s3.put_public_access_block(**owned, PublicAccessBlockConfiguration=BLOCKED)
        if differs("ownership"):
            s3.put_bucket_ownership_controls(
                **owned, OwnershipControls={"Rules": [{"ObjectOwnership": after["ownership"]}]}
            )
        if differs("encryption"):
            rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": after["encryption"]}}
            s3.put_bucket_encryption(**owned, ServerSideEncryptionConfiguration={"Rules": [rule]})
        if differs("versioning"):
            s3.put_bucket_versioning(**owned, VersioningConfiguration={"Status": "Enabled"})
        if differs("lifecycle"):
            s3.put_bucket_lifecycle_configuration(**owned, **lifecycle.merged(raw["rules"], after["lifecycle"]))
        if differs("policy"):
            policy = policies.merge(raw["policy"], self._statements(target, raw["whole"]), SIDS)
            s3.put_bucket_policy(**owned, Policy=json.dumps(policy))
        return None

    def _region_of(self, target: Target, arguments: Mapping[str, Any]) -> str | None:
        """Return the region of the bucket, or None where there is none."""
        try:
            answer = found(target.client("s3").head_bucket, "404", "NoSuchBucket", **arguments)
        except Exception as error:
            if error_code(error) == "403":
                raise AccountsError(
                    f"bucket {arguments['Bucket']} belongs to another AWS account, or this role may not read it; check "
                    "account_uuid, or name another bucket by logs_bucket_name or rackspace_bucket_name"
                ) from error
            raise
        return None if answer is None else answer.get("BucketRegion", target.region)

    @staticmethod
    def _is_empty(s3: Any, arguments: Mapping[str, Any]) -> bool:
        """Tell whether nothing was ever put there: then a run that was cut off after CreateBucket made it (G6)."""
        return not s3.list_object_versions(**arguments, MaxKeys=1).keys() & {"Versions", "DeleteMarkers"}

    def _create(self, target: Target, name: str) -> None:
        # us-east-1 is the one region that is named by saying nothing
        where = {} if target.region == "us-east-1" else {"LocationConstraint": target.region}
        arguments = {"CreateBucketConfiguration": where} if where else {}
        try:
            target.client("s3").create_bucket(Bucket=name, ObjectOwnership="BucketOwnerEnforced", **arguments)
        except Exception as error:
            if error_code(error) == "BucketAlreadyOwnedByYou":
                return  # made by an attempt whose answer was lost
            if error_code(error) == "BucketAlreadyExists":
                raise AccountsError(
                    f"the name of bucket {name} is taken by another AWS account; check account_uuid"
                ) from error
            raise

    def _rule(self, target: Target, whole: bool, before: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return our lifecycle rule; where somebody raised its days, they stay (never weaken, G9)."""
        days = ("expiration_days", "noncurrent_expiration_days")
        return {
            "prefix": self._prefix(target, whole),
            "enabled": True,
            **{name: max(target.options[name], (before or {}).get(name) or 0) for name in days},
        }

    @staticmethod
    def _prefix(target: Target, whole: bool) -> str:
        return "" if whole else _log_prefix(target)

    def _statements(self, target: Target, whole: bool) -> list[dict[str, Any]]:
        bucket = f"arn:{target.account.partition}:s3:::{self.bucket(target.options)}"
        tls_only = {
            "Sid": "RackspaceTlsOnly",
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": "s3:*",
            "Resource": [bucket, f"{bucket}/*"] if whole else [f"{bucket}/{_log_prefix(target)}*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        return [*self.deliveries(target), tls_only]


class LogsBucket(Bucket):
    """The bucket that CloudTrail and Config deliver to.

    Source: CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail"; AWS Config Developer Guide,
    "Permissions for the Amazon S3 Bucket for the AWS Config Delivery Channel".
    """

    name = "logs_bucket"
    title = "Bucket for CloudTrail and AWS Config"
    requirement = "B4"
    kept_because = "it holds the logs, and the trails and AWS Config go on writing to it"
    options = {
        **Bucket.options,
        **naming.LOGS_BUCKET,
        **naming.TRAIL,
        "allow_cloudtrail_delivery": {"type": "bool", "default": True},
        "allow_config_delivery": {"type": "bool", "default": True},
    }

    def bucket(self, options: Mapping[str, Any]) -> str:
        """Return the bucket's name, by default <account_uuid>-logs."""
        return naming.logs_bucket(options)

    def deliveries(self, target: Target) -> list[dict[str, Any]]:
        """Return the statements for CloudTrail and Config, each for this account's own only."""
        partition, account = target.account.partition, target.account.id
        bucket = f"arn:{partition}:s3:::{self.bucket(target.options)}"
        objects = f"{bucket}/{_log_prefix(target)}*"
        trail = {"aws:SourceArn": f"arn:{partition}:cloudtrail:*:{account}:trail/{target.options['trail_name']}"}
        full_control = {"s3:x-amz-acl": "bucket-owner-full-control"}
        of_account = {"aws:SourceAccount": account}
        found_statements = []
        if target.options["allow_cloudtrail_delivery"]:
            found_statements += [
                _allow("RackspaceCloudTrailAcl", "cloudtrail", "s3:GetBucketAcl", bucket, {"ArnLike": trail}),
                _allow(
                    "RackspaceCloudTrailWrite",
                    "cloudtrail",
                    "s3:PutObject",
                    objects,
                    {"StringEquals": full_control, "ArnLike": trail},
                ),
            ]
        if target.options["allow_config_delivery"]:
            found_statements += [
                _allow(
                    "RackspaceConfigBucket",
                    "config",
                    ["s3:GetBucketAcl", "s3:ListBucket"],
                    bucket,
                    {"StringEquals": of_account},
                ),
                _allow(
                    "RackspaceConfigWrite",
                    "config",
                    "s3:PutObject",
                    objects,
                    {"StringEquals": {**full_control, **of_account}},
                ),
            ]
        return found_statements


class RackspaceBucket(Bucket):
    """The provider's own bucket in the account."""

    name = "rackspace_bucket"
    title = "Bucket of the provider"
    requirement = "B5"
    kept_because = "what it holds is the account owner's"
    options = {**Bucket.options, **naming.RACKSPACE_BUCKET}

    def bucket(self, options: Mapping[str, Any]) -> str:
        """Return the bucket's name, by default rackspace-<account_uuid>."""
        return naming.rackspace_bucket(options)


def _log_prefix(target: Target) -> str:
    return f"AWSLogs/{target.account.id}/"


def _allow(sid: str, service: str, action: Any, resource: str, condition: dict[str, Any]) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": action,
        "Resource": resource,
        "Condition": condition,
    }


def _algorithm(encryption: Mapping[str, Any] | None) -> str | None:
    rules = (encryption or {}).get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    return rules[0].get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm") if rules else None


def _findings(
    name: str, longer: Iterable[str], earlier: Iterable[tuple[str, int]], state: Mapping[str, Any]
) -> tuple[str, ...]:
    ours = "ours is there too, and S3 obeys the one that expires earlier" if state["lifecycle"] else "ours is not added"
    findings = [
        f"lifecycle rule {rule} of bucket {name} keeps objects longer than ours would; {ours}" for rule in longer
    ]
    findings += [
        f"lifecycle rule {rule} of bucket {name} deletes after {days} days, before ours" for rule, days in earlier
    ]
    if state["encryption"] == "aws:kms":
        findings.append(f"bucket {name} is encrypted with a KMS key, whose policy must admit what is delivered there")
    return tuple(findings)
