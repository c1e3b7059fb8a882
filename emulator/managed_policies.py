"""The AWS managed policies that accounts here can attach; moto's own switch for all of them costs 32 MB an account.

AWS managed policy reference guide (docs.aws.amazon.com/aws-managed-policy/latest/reference/). Any other policy of AWS
is unknown here: attaching it answers NoSuchEntity.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend

NAMES = (
    "AdministratorAccess",
    "AWSConfigServiceRolePolicy",
    "AWSBillingReadOnlyAccess",
    "AWSSupportAccess",
    "AWS_ConfigRole",
    "Billing",
    "IAMFullAccess",
    "IAMReadOnlyAccess",
    "PowerUserAccess",
    "ReadOnlyAccess",
    "SecurityAudit",
    "SupportUser",
    "ViewOnlyAccess",
)
# What a session of AssumeRoot may do; each denies all else (API_AssumeRoot.html).
ROOT_TASKS = (
    "IAMAuditRootUserCredentials",
    "IAMCreateRootUserPassword",
    "IAMDeleteRootUserCredentials",
    "S3UnlockBucketPolicy",
    "SQSUnlockQueuePolicy",
)


@lru_cache(maxsize=16)
def root_task(name: str) -> str | None:
    """The document of a root task policy, None where AWS has no such."""
    if name not in ROOT_TASKS:
        return None
    return json.dumps(json.loads(aws_managed_policies_data)[name]["Document"])


@lru_cache(maxsize=1)
def _documents() -> dict[str, dict[str, str]]:
    data = json.loads(aws_managed_policies_data)
    return {
        name: {
            "document": json.dumps(data[name]["Document"]),
            "path": data[name]["Path"],
            "version": data[name]["DefaultVersionId"],
            "created": data[name]["CreateDate"],
            "updated": data[name]["UpdateDate"],
        }
        for name in NAMES
        if name in data
    }


def _policies(backend: IAMBackend) -> list[AWSManagedPolicy]:
    """Objects of this account (they count its attachments) around texts that all accounts share."""
    return [
        AWSManagedPolicy(  # type: ignore[abstract]
            name,
            account_id=backend.account_id,
            region=backend.region_name,
            default_version_id=data["version"],
            path=data["path"],
            document=data["document"],
            create_date=datetime.fromisoformat(data["created"]),
            update_date=datetime.fromisoformat(data["updated"]),
        )
        for name, data in _documents().items()
    ]


def install() -> None:
    """Gives every account's IAM these policies."""
    IAMBackend._init_aws_policies = _policies  # type: ignore[method-assign,assignment]
