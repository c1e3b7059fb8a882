#!/usr/bin/python
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: residual_access
version_added: 0.1.0
short_description: Find what still lets a provider into an AWS account
description:
  - Searches every enabled region of an account for policies and permissions that name the provider's accounts, its
    organization, its identity providers or a third party. What it finds may be a way into the account.
  - A statement counts if it allows something. It names the provider by its principals, or by a condition that the
    provider meets, for example on C(aws:PrincipalOrgID) or C(aws:SourceAccount). A statement that denies is no way in.
  - A statement that allows everybody, and that no condition confines to known callers, is open to the provider too.
    It is told with the name V(*).
  - What could not be read is told as V(unknown). It never counts as safe.
  - Each finding is removed by the run that hands the account over (O(leaving)), accepted by name with a reason
    (O(accept)), or to be decided. One that is to be decided does not make the module fail. RV(safe) tells whether
    there is any.
  - It calls no operation of AWS that writes.
options:
  regions:
    description:
      - The regions to search. If it is empty, these are all regions that the account has enabled, as
        C(account:ListRegions) answers, or C(ec2:DescribeRegions) where that is refused.
      - An enabled region that is left out is V(unknown), and so is everything else if nobody may read which regions
        are enabled.
      - A region that does not exist, or that the account has not enabled, is an error.
    type: list
    elements: str
    default: []
  provider_account_ids:
    description:
      - The IDs of all accounts of the provider.
      - O(provider_account_id) is one of them, and so is the management account of the O(organization) unless
        O(keep_organization). The account itself is not, though it may be a payer of the provider's.
    type: list
    elements: str
    default: []
  third_party_account_ids:
    description:
      - The IDs of other accounts that shall have no way in any more. By default this is the one of CloudHealth.
    type: list
    elements: str
    default:
      - "454464851268"
  provider_identity_providers:
    description:
      - Texts by which the provider's identity providers and users are known, for example the domain of its sign-in.
        Upper and lower case do not matter.
      - They are looked for in the entity ID and addresses of SAML providers, in the address of OpenID Connect
        providers, in what a trust policy says of such a provider, and in the names, paths and tags of IAM users.
    type: list
    elements: str
    default: []
  ownership_tags:
    description:
      - The tags that the provider puts on what it makes. An IAM user is the provider's if it has all of them with
        these values.
    type: dict
    default:
      ManagedBy: rackspace.aws_accounts
  keep_organization:
    description:
      - Whether the account stays in its O(organization), because that is the customer's. Then neither the organization
        nor its management account is searched for.
      - Otherwise the ID of the organization is searched for. If O(organization.id) does not give it, the management
        account is asked, and then the account.
    type: bool
    default: false
  leaving:
    description:
      - The ARNs of what the run removes later, for example its topics and roles. What they say is V(leaving).
    type: list
    elements: str
    default: []
  own_roles:
    description:
      - The names of the IAM roles by which the run itself comes in. They are V(leaving), because their end is proven
        last, by M(rackspace.aws_accounts.last_role).
    type: list
    elements: str
    default: []
  accept:
    description:
      - What may stay as it is, each with the reason. A key is the RV(residual[].resource) of a finding.
      - What could not be read is accepted by V(unknown:) and the name of the scan, for example V(unknown:ram), or of
        the region, for example V(unknown:eu-west-3). A scan is accepted in all regions.
      - There are no patterns. The reason must not be empty.
    type: dict
    default: {}
attributes:
  check_mode:
    support: full
    details:
      - This action does not modify state.
  diff_mode:
    support: N/A
    details:
      - This action does not modify state.
  idempotent:
    support: full
    details:
      - This action does not modify state.
notes:
  - "Scanned are, by the name of the scan:"
  - C(roles) - the trust policies of all IAM roles.
  - C(users) - IAM users whose tags, name or path are the provider's, with their access keys and password.
  - C(saml_providers) - SAML identity providers. Those of IAM Identity Center are the provider's if its management
    account has the instance.
  - C(oidc_providers) - OpenID Connect identity providers.
  - C(s3) - the policies and ACLs of S3 buckets, and the policies of access points where a bucket's policy leaves the
    decision to them.
  - C(sns) - the policies of SNS topics.
  - C(sqs) - the policies of SQS queues.
  - C(events) - the policies of EventBridge event buses.
  - C(log_destinations) - the policies of CloudWatch Logs destinations.
  - C(log_policies) - the resource policies of CloudWatch Logs.
  - C(kms) - the policies and grants of customer managed KMS keys.
  - C(secrets) - the policies of Secrets Manager secrets.
  - C(lambda) - the policies of Lambda functions, their versions and aliases.
  - C(lambda_layers) - the policies of Lambda layers.
  - C(ecr) - the policies of ECR repositories.
  - C(ecr_registry) - the policy of the private ECR registry.
  - C(apigateway) - the policies of API Gateway REST APIs.
  - C(opensearch) - the policies of OpenSearch domains.
  - C(glue) - the policy of the Glue Data Catalog.
  - C(ec2_snapshots) - EBS snapshots that an account may restore.
  - C(ec2_images) - AMIs that an account or organization may launch.
  - C(rds_snapshots) - manual RDS snapshots that an account may restore.
  - C(rds_cluster_snapshots) - manual RDS cluster snapshots that an account may restore.
  - C(backup) - the policies of AWS Backup vaults.
  - C(efs) - the policies of EFS file systems.
  - C(dynamodb) - the policies of DynamoDB tables.
  - C(ram) - the principals of the account's own RAM resource shares. What others share with the account opens nothing.
  - C(stack_sets) - stacks of StackSets, by whom their execution role trusts. A StackSet reaches an account only through
    such a role, so a stack whose role trusts nobody of the provider's is not told.
  - C(endpoint_services) - the principals that VPC endpoint services admit.
  - C(config_aggregators) - authorizations of AWS Config aggregators.
  - Not scanned are the ACLs of single S3 objects, S3 Access Grants, S3 Express directory buckets and S3 on Outposts.
  - Not scanned are policies of DynamoDB streams, Kinesis streams, MSK clusters, Redshift, Glacier vaults and
    CodeArtifact.
  - Not scanned are policies of CodeBuild, SES identities, AWS Private CA, CloudTrail Lake, VPC Lattice and ECR public
    repositories.
  - Not scanned are delivery destinations of CloudWatch Logs, and links of CloudWatch cross-account observability.
  - Not scanned are SSM documents that are shared, and EC2 FPGA images.
  - Not scanned are administrators of GuardDuty, Security Hub, Macie, Detective and Inspector.
  - Not scanned are trust anchors of IAM Roles Anywhere, and access entries of EKS clusters.
  - Not scanned are key pairs, users and passwords within instances, clusters and databases.
  - "Not scanned are networks: VPC peering, transit gateways, VPN, security groups."
  - "Not scanned are what the account itself sends out: subscriptions, rule targets, replication, subscription filters."
  - Not scanned are AWS Support, billing, and whoever has the root user's password or mailbox.
  - Each policy is judged by what it allows. A Deny beside it, an SCP, S3's public access block or a lack of the other
    side's permission may still keep the provider out. A condition on an address of the network confines nobody, for it
    may be the provider's.
  - A statement that allows a service of AWS without a condition is not told.
  - A canonical user ID in a bucket's policy or ACL is told if it is an account of the provider's, or if one of the
    provider's accounts could not be asked for its own. Only O(provider_account_id) and the management account are
    asked.
  - In an account with 17 regions and nothing in it, it makes 429 calls. What is listed is read one by one.
seealso:
  - module: rackspace.aws_accounts.reverse_assumption
    description: Removes what the provider made in the account.
  - module: rackspace.aws_accounts.last_role
    description: Proves that the role by which the run came in lets nobody in any more.
  - name: Grammar of the IAM JSON policy language
    description: AWS Identity and Access Management User Guide, on principals and conditions.
    link: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
author:
  - The rackspace.aws_accounts contributors (@rackspace)
extends_documentation_fragment:
  - rackspace.aws_accounts.account
  - rackspace.aws_accounts.account.provider
  - rackspace.aws_accounts.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
# Note: These examples do not set authentication details, see the AWS Guide for details.

- name: Find out who else comes in
  rackspace.aws_accounts.residual_access:
    account_id: "111111111111"
    account_name: app1-prod
    provider_account_id: "222222222222"
    provider_account_ids:
      - "222222222222"
      - "333333333333"
    provider_identity_providers:
      - login.provider.example
    organization:
      id: o-exampleorgid
      management_account_id: "333333333333"
      management_role: offboarding
    external_id: "{{ external_id }}"
  register: scan

- name: Stop if anything is left that nobody accepted
  ansible.builtin.assert:
    that: scan.safe
    fail_msg: "{{ scan | rackspace.aws_accounts.residual_lines | join('\n') }}"

- name: Accept what the customer wants to keep, and what may not be read
  rackspace.aws_accounts.residual_access:
    account_id: "111111111111"
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    accept:
      arn:aws:s3:::app1-prod-website: a public website, ticket 261121-00042
      unknown:eu-west-3: the customer's service control policy denies the region, and always did

- name: Tell what a run removes itself from what it does not
  rackspace.aws_accounts.residual_access:
    account_id: "111111111111"
    provider_account_id: "222222222222"
    external_id: "{{ external_id }}"
    keep_organization: true
    leaving:
      - arn:aws:sns:us-east-1:111111111111:rackspace-support
      - arn:aws:iam::111111111111:role/CloudHealth-Role
    own_roles:
      - Rackspace
"""

RETURN = r"""
---
changed:
  description: Whether anything was written, which is never so.
  returned: always
  type: bool
  sample: false
failed:
  description: Whether the module failed. It does not fail because of what it found.
  returned: on failure
  type: bool
  sample: true
msg:
  description: What went wrong, with the account, and what to do about it.
  returned: on failure
  type: str
  sample: >-
    account app1-prod (111111111111): accept: arn:aws:s3:::app1-* is a pattern; name each resource by its ARN
residual:
  description:
    - What lets somebody in or could not be read. What is to be decided comes first, then what is unknown.
    - There is one entry for each resource and kind.
  returned: when the account was reached
  type: list
  elements: dict
  contains:
    resource:
      description:
        - The ARN of the resource. What has none in AWS, for example a resource policy of CloudWatch Logs, is named in
          the form of one.
        - Where a whole scan or region could not be read, it is V(unknown:) and the name of the scan or region.
        - If the ID of the organization is not known it is V(unknown:organization), and if the enabled regions are not
          known it is V(unknown:regions).
      returned: always
      type: str
      sample: arn:aws:iam::111111111111:role/deploy
    kind:
      description: What of it names somebody, or V(scan) or V(region) where that could not be read.
      returned: always
      type: str
      sample: trust policy
    region:
      description: The region that it is in, or V(global).
      returned: always
      type: str
      sample: global
    names:
      description:
        - Who was found in it, sorted. These are account IDs, the ID of the organization, texts of
          O(provider_identity_providers), and V(*) for everybody.
        - Of an IAM user it is what proves it the provider's. Of a canonical user ID that nobody can tell apart from the
          provider's it is that ID.
      returned: always
      type: list
      elements: str
      sample:
        - "222222222222"
    state:
      description:
        - V(to_decide) if nobody decided about it yet, V(unknown) if it could not be read, V(accepted) if O(accept)
          names it, and V(leaving) if the run removes it or proves its end.
        - What lets somebody in only through a role or an identity provider is V(leaving) or V(accepted) with that.
      returned: always
      type: str
      sample: to_decide
    reason:
      description:
        - Which statement it is and what it allows to whom, or why it could not be read.
        - No external ID is told.
      returned: always
      type: str
      sample: statement Deploy allows sts:AssumeRole to 222222222222, under conditions on sts:ExternalId
    error:
      description: The answer of AWS, with C(operation), C(code), C(message) and C(fix).
      returned: if it could not be read
      type: dict
      sample:
        operation: ListTopics
        code: AccessDenied
        message: >-
          User arn:aws:sts::111111111111:assumed-role/Rackspace/rackspace.aws_accounts is not authorized to perform
          SNS:ListTopics
        fix: grant this action to the role that the run came in by (docs/permissions.md lists what is needed)
summary:
  description: How many entries are in each state.
  returned: when the account was reached
  type: dict
  contains:
    to_decide:
      description: How many nobody decided about.
      returned: always
      type: int
      sample: 1
    unknown:
      description: How many could not be read.
      returned: always
      type: int
      sample: 0
    accepted:
      description: How many were accepted by name.
      returned: always
      type: int
      sample: 2
    leaving:
      description: How many the run removes, or proves the end of.
      returned: always
      type: int
      sample: 7
safe:
  description: Whether nothing is to be decided and nothing is unknown.
  returned: when the account was reached
  type: bool
  sample: false
unused_accept:
  description: The keys of O(accept) for which nothing was found.
  returned: when the account was reached
  type: list
  elements: str
  sample:
    - arn:aws:s3:::app1-prod-website
scanned:
  description: The names of all scans.
  returned: when the account was reached
  type: list
  elements: str
  sample:
    - roles
    - users
    - s3
not_scanned:
  description: What may let somebody in, or hand something out, and is not read.
  returned: when the account was reached
  type: list
  elements: str
  sample:
    - SSM documents that are shared, and EC2 FPGA images
account:
  description: The account that was searched, and how it was reached.
  returned: when the account was reached
  type: dict
  contains:
    id:
      description: The ID of the account.
      returned: always
      type: str
      sample: "111111111111"
    name:
      description: What messages call the account beside its ID.
      returned: always
      type: str
      sample: app1-prod
    partition:
      description: The partition that the account belongs to.
      returned: always
      type: str
      sample: aws
    regions:
      description: The regions that were searched.
      returned: always
      type: list
      elements: str
      sample:
        - us-east-1
        - us-west-2
    access_role:
      description: The name of the role that the account was reached by. It is empty where none was assumed.
      returned: always
      type: str
      sample: Rackspace
api_calls:
  description: How many calls of AWS's APIs it took, those for the assumed roles among them.
  returned: when the account was reached
  type: int
  sample: 433
"""

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.residual_access import ENTRY


def main() -> None:
    """Run as an ordinary module."""
    ENTRY.main()


if __name__ == "__main__":
    main()
