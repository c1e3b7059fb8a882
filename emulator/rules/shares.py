"""What an account shares with others, as far as moto has no answer: RAM, backup vaults, snapshots, file systems."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode

from moto.backup.models import backup_backends
from moto.ec2.models import ec2_backends
from moto.efs.models import efs_backends
from moto.ram.models import ResourceShare, ram_backends

from emulator.call import Call
from emulator.documents import VAULT_POLICY
from emulator.identity import organization_of
from emulator.protocol import AwsError, Response
from emulator.rules import rule


@rule("backup", "PutBackupVaultAccessPolicy", "GetBackupVaultAccessPolicy", "DeleteBackupVaultAccessPolicy")
def vault_policy(call: Call) -> Response:
    """A vault has one policy or none (API_GetBackupVaultAccessPolicy.html: ResourceNotFoundException)."""
    name = str(call.params["BackupVaultName"])
    vault = backup_backends[call.account][call.region].vaults.get(name)
    if vault is None:
        raise AwsError("ResourceNotFoundException", f"Backup vault {name} does not exist.")
    key = (VAULT_POLICY, vault.backup_vault_arn)
    if call.operation == "PutBackupVaultAccessPolicy":
        try:
            json.loads(call.params["Policy"])
        except ValueError:
            raise AwsError("InvalidParameterValueException", "The policy is not valid JSON.") from None
        call.world.documents[key] = call.params["Policy"]
        return call.result()
    if call.operation == "DeleteBackupVaultAccessPolicy":
        call.world.documents.pop(key, None)
        return call.result()
    policy = call.world.documents.get(key)
    if policy is None:
        raise AwsError("ResourceNotFoundException", f"Backup vault {name} has no access policy.")
    return call.result(BackupVaultName=name, BackupVaultArn=vault.backup_vault_arn, Policy=policy)


def _shares(call: Call) -> Iterator[ResourceShare]:
    """The active shares of the region: one's own, or those of others of which one is a principal."""
    owner = call.params.get("resourceOwner")
    if owner not in ("SELF", "OTHER-ACCOUNTS"):
        raise AwsError("InvalidParameterException", f"{owner} is not a valid resource owner.")
    organization = organization_of(call.account)
    mine = {call.account} | ({organization.org.arn} if organization else set())
    for account, backends in list(ram_backends.items()):
        for share in backends[call.region].resource_shares if call.region in backends else []:
            if share.status != "ACTIVE" or (account == call.account) != (owner == "SELF"):
                continue
            if owner == "SELF" or mine & set(share.principals):
                yield share


@rule("ram", "GetResourceShares")
def get_resource_shares(call: Call) -> Response:
    """Those of other accounts too, once one is their principal (API_GetResourceShares.html)."""
    if call.params.get("resourceOwner") != "OTHER-ACCOUNTS":
        return call.forward()
    return call.result(resourceShares=[share.describe() for share in _shares(call)])


@rule("ram", "ListPrincipals")
def list_principals(call: Call) -> Response:
    """Whom shares are with; external is who is not of the owner's organization (API_ListPrincipals.html)."""
    found = []
    for share in _shares(call):
        organization = organization_of(share.account_id)
        inside = {one.id for one in organization.accounts} if organization else set()
        for principal in share.principals:
            external = principal.isdigit() and principal not in inside
            found.append({"id": principal, "external": external, **_of(share)})
    return call.result(principals=found)


@rule("ram", "ListResources")
def list_resources(call: Call) -> Response:
    """What is shared (API_ListResources.html)."""
    found = []
    for share in _shares(call):
        for arn in share.resource_arns:
            service, kind = arn.split(":")[2], arn.split(":", 5)[5].split("/")[0]
            found.append({"arn": arn, "type": f"{service}:{kind}", "status": "AVAILABLE", **_of(share)})
    return call.result(resources=found)


def _of(share: ResourceShare) -> dict[str, Any]:
    return {
        "resourceShareArn": share.arn,
        "creationTime": share.creation_time,
        "lastUpdatedTime": share.last_updated_time,
    }


@rule("ec2", "DescribeSnapshots")
def describe_snapshots(call: Call) -> Response:
    """The account's own, by owner and by whom they are shared with; others' shared snapshots are not known here.

    API_DescribeSnapshots.html: Owner and RestorableBy ("the IDs of the AWS accounts that can create volumes from the
    snapshot", self or all); moto ignores both.
    """
    owners = {_self(call, one) for one in call.params.get("OwnerIds") or []}
    restorable = {_self(call, one) for one in call.params.get("RestorableByUserIds") or []}
    if not owners and not restorable:
        return call.forward()
    wanted = []
    for identifier, snapshot in list(ec2_backends[call.account][call.region].snapshots.items()):
        holders = set(snapshot.create_volume_permission_userids) | set(snapshot.create_volume_permission_groups)
        if snapshot.owner_id == call.account and call.account in restorable:
            holders.add(call.account)
        if (not owners or snapshot.owner_id in owners) and (not restorable or holders & restorable):
            wanted.append(identifier)
    named = call.params.get("SnapshotIds") or wanted
    wanted = [identifier for identifier in wanted if identifier in named]
    if not wanted:
        return call.result(Snapshots=[])
    dropped = ("Owner.", "RestorableBy.", "SnapshotId.", "MaxResults", "NextToken")
    pairs = [pair for pair in parse_qsl(call.body.decode(), keep_blank_values=True) if not pair[0].startswith(dropped)]
    pairs += [(f"SnapshotId.{number}", identifier) for number, identifier in enumerate(wanted, 1)]
    return call.forward(body=urlencode(pairs).encode())


def _self(call: Call, owner: str) -> str:
    return call.account if owner == "self" else owner


@rule("efs", "DescribeFileSystemPolicy", "PutFileSystemPolicy", "DeleteFileSystemPolicy")
def file_system_policy(call: Call) -> Response:
    """Of a file system that exists (API_DescribeFileSystemPolicy.html: FileSystemNotFound)."""
    identifier = str(call.params["FileSystemId"]).rsplit("/", 1)[-1]
    if identifier not in efs_backends[call.account][call.region].file_systems_by_id:
        raise AwsError("FileSystemNotFound", f"File system '{identifier}' does not exist.", 404)
    return call.forward()
