# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""All scans, in the order in which they are told, and what none of them looks at."""

from __future__ import annotations

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.residual import (
    buckets,
    code,
    data,
    identities,
    keys,
    messages,
    shares,
)

SCANS = (*identities.SCANS, *buckets.SCANS, *messages.SCANS, *keys.SCANS, *code.SCANS, *data.SCANS, *shares.SCANS)
#: beside them, what a run asks to know whom to search for, in the account and in the management account
PERMISSIONS = ("organizations:DescribeOrganization",)
#: in the provider's accounts, to know whose a canonical user id in a bucket's policy or ACL is
PROVIDER_PERMISSIONS = ("s3:ListAllMyBuckets",)
#: what may let somebody in, or hand something out, and is not read
NOT_SCANNED = (
    "the ACLs of single S3 objects, S3 Access Grants, S3 Express directory buckets and S3 on Outposts",
    "policies of DynamoDB streams, Kinesis streams, MSK clusters, Redshift, Glacier vaults and CodeArtifact",
    "policies of CodeBuild, SES identities, AWS Private CA, CloudTrail Lake, VPC Lattice and ECR public repositories",
    "delivery destinations of CloudWatch Logs, and links of CloudWatch cross-account observability",
    "SSM documents that are shared, and EC2 FPGA images",
    "administrators of GuardDuty, Security Hub, Macie, Detective and Inspector",
    "trust anchors of IAM Roles Anywhere, and access entries of EKS clusters",
    "key pairs, users and passwords within instances, clusters and databases",
    "networks: VPC peering, transit gateways, VPN, security groups",
    "what the account itself sends out: subscriptions, rule targets, replication, subscription filters",
    "AWS Support, billing, and whoever has the root user's password or mailbox",
)
