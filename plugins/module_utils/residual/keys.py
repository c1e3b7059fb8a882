# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Who may decrypt and read secrets: KMS keys with their grants, Secrets Manager."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.residual.scan import Found, Scan, Search


def _keys(search: Search) -> Iterator[Found]:
    for key in search.pages("list_keys", "Keys"):
        arn = key["KeyArn"]
        managers, described = search.gather(arn, "key", partial(_manager, search.client, arn))
        if described.error:
            yield described
        elif managers != ["AWS"]:  # the policy of those is AWS's, and cannot be edited
            yield search.document(arn, "key policy", _key_policy)
            yield search.grants(arn, "key grant", _key_grants)


def _manager(kms: Any, arn: str) -> list[str]:
    return [kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyManager"]]


def _key_policy(kms: Any, arn: str) -> Any:
    return kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"]


def _key_grants(kms: Any, arn: str) -> Iterator[tuple[str, str]]:
    for page in kms.get_paginator("list_grants").paginate(KeyId=arn):
        for grant in page["Grants"]:
            operations = ", ".join(grant.get("Operations", ()))
            yield grant.get("GranteePrincipal", ""), f"grant {grant['GrantId'][:8]} allows {operations}"
            yield grant.get("RetiringPrincipal", ""), f"grant {grant['GrantId'][:8]} may be retired"


def _secrets(search: Search) -> Iterator[Found]:
    for secret in search.pages("list_secrets", "SecretList"):
        yield search.document(secret["ARN"], "secret policy", _secret_policy)


def _secret_policy(secrets: Any, arn: str) -> Any:
    return secrets.get_resource_policy(SecretId=arn).get("ResourcePolicy")


SCANS = (
    Scan(
        "kms",
        "kms",
        "the policies and grants of customer managed KMS keys",
        ("kms:ListKeys", "kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListGrants"),
        _keys,
    ),
    Scan(
        "secrets",
        "secretsmanager",
        "the policies of Secrets Manager secrets",
        ("secretsmanager:ListSecrets", "secretsmanager:GetResourcePolicy"),
        _secrets,
    ),
)
