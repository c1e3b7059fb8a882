# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The role that AWS Config assumes (B9)."""

from __future__ import annotations

from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils import naming, policies
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.defaults.roles import ServiceRole, service_trust
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.model import Observed, Target


class ConfigRole(ServiceRole):
    """Trusts config.amazonaws.com for this account; may deliver to the logs bucket and publish to our topics.

    Source: AWS Config Developer Guide, "Permissions for the IAM Role Assigned to AWS Config".
    """

    name = "config_role"
    title = "AWS Config"
    section = "config"
    requirement = "B9"
    required = False
    on_release = "remove"
    options = {**naming.CONFIG_ROLE, **naming.LOGS_BUCKET, **naming.TOPICS}

    def role_name(self, target: Target) -> str:
        """Return the role's name, by default AWSConfig."""
        return str(target.options["config_role_name"])

    def trust(self, target: Target) -> dict[str, Any]:
        """Return the trust in AWS Config, for this account's recorders only."""
        return service_trust("config.amazonaws.com", {"StringEquals": {"aws:SourceAccount": target.account.id}})

    def managed_policies(self, target: Target) -> list[str]:
        """Return AWS's own policy for Config's role."""
        return [f"arn:{target.account.partition}:iam::aws:policy/service-role/AWS_ConfigRole"]

    def inline_policies(self, target: Target) -> dict[str, Any]:
        """Return what AWS's policy leaves out: delivery to the bucket, and to the topics of every region."""
        partition, account = target.account.partition, target.account.id
        bucket = f"arn:{partition}:s3:::{naming.logs_bucket(target.options)}"
        topic = f"arn:{partition}:sns:*:{account}:{target.options['topic_names']['awsconfig']}"
        statements = [
            {"Effect": "Allow", "Action": ["s3:GetBucketAcl", "s3:ListBucket"], "Resource": bucket},
            {
                "Effect": "Allow",
                "Action": "s3:PutObject",
                "Resource": f"{bucket}/AWSLogs/{account}/*",
                "Condition": {"StringLike": {"s3:x-amz-acl": "bucket-owner-full-control"}},
            },
            {"Effect": "Allow", "Action": "sns:Publish", "Resource": topic},
        ]
        return {"delivery": {"Version": policies.VERSION, "Statement": statements}}

    def _unproven(self, target: Target, seen: Observed) -> str:
        """AWS Config is everybody's: without our tag only our whole trust policy proves that the role is ours."""
        trust = policies.canonical_document(seen.raw["role"]["AssumeRolePolicyDocument"])
        ours = policies.canonical_document(self.trust(target))
        return "" if trust == ours else f"role {self.role_name(target)} does not trust AWS Config as ours would"
