# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Who may read data at rest: snapshots, images, backup vaults, file systems, tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.residual.scan import Found, Scan, Search


def _snapshots(search: Search) -> Iterator[Found]:
    # only those that the accounts, or everybody, can restore: an account may own tens of thousands
    # (EC2 API Reference, DescribeSnapshots)
    shared_with = [*sorted(search.names.accounts), "all"]
    for snapshot in search.pages(
        "describe_snapshots", "Snapshots", 1000, OwnerIds=["self"], RestorableByUserIds=shared_with
    ):
        arn = search.arn(f"snapshot/{snapshot['SnapshotId']}", account="")
        yield search.grants(arn, "snapshot permission", _snapshot_permissions, snapshot["SnapshotId"])


def _snapshot_permissions(ec2: Any, snapshot: str) -> Iterator[tuple[str, str]]:
    answer = ec2.describe_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission")
    for permission in answer["CreateVolumePermissions"]:
        yield permission.get("Group") or permission["UserId"], "it can be restored"


def _images(search: Search) -> Iterator[Found]:
    # all own ones: an image may be shared with a whole organization, which is no executable user
    for image in search.pages("describe_images", "Images", Owners=["self"]):
        arn = search.arn(f"image/{image['ImageId']}", account="")
        yield search.grants(arn, "image permission", _image_permissions, image["ImageId"])


def _image_permissions(ec2: Any, image: str) -> Iterator[tuple[str, str]]:
    for permission in ec2.describe_image_attribute(ImageId=image, Attribute="launchPermission")["LaunchPermissions"]:
        for principal in permission.values():  # Group, UserId, OrganizationArn or OrganizationalUnitArn
            yield principal, "it can be launched"


def _database_snapshots(search: Search) -> Iterator[Found]:
    # automated snapshots cannot be shared (RDS User Guide, "Sharing a DB snapshot")
    for snapshot in search.pages("describe_db_snapshots", "DBSnapshots", SnapshotType="manual"):
        name = snapshot["DBSnapshotIdentifier"]
        yield search.grants(snapshot["DBSnapshotArn"], "database snapshot", _database_restorers, name)


def _database_restorers(rds: Any, snapshot: str) -> Iterator[tuple[str, str]]:
    answer = rds.describe_db_snapshot_attributes(DBSnapshotIdentifier=snapshot)["DBSnapshotAttributesResult"]
    return _restorers(answer["DBSnapshotAttributes"])


def _cluster_snapshots(search: Search) -> Iterator[Found]:
    for snapshot in search.pages("describe_db_cluster_snapshots", "DBClusterSnapshots", SnapshotType="manual"):
        name = snapshot["DBClusterSnapshotIdentifier"]
        yield search.grants(snapshot["DBClusterSnapshotArn"], "cluster snapshot", _cluster_restorers, name)


def _cluster_restorers(rds: Any, snapshot: str) -> Iterator[tuple[str, str]]:
    answer = rds.describe_db_cluster_snapshot_attributes(DBClusterSnapshotIdentifier=snapshot)
    return _restorers(answer["DBClusterSnapshotAttributesResult"]["DBClusterSnapshotAttributes"])


def _restorers(attributes: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for attribute in attributes:
        if attribute["AttributeName"] == "restore":
            yield from ((account, "it can be restored") for account in attribute.get("AttributeValues", ()))


def _vaults(search: Search) -> Iterator[Found]:
    for vault in search.pages("list_backup_vaults", "BackupVaultList"):
        name = vault["BackupVaultName"]
        yield search.document(vault["BackupVaultArn"], "backup vault policy", _vault_policy, name)


def _vault_policy(backup: Any, name: str) -> Any:
    return backup.get_backup_vault_access_policy(BackupVaultName=name).get("Policy")


def _file_systems(search: Search) -> Iterator[Found]:
    for system in search.pages("describe_file_systems", "FileSystems"):
        number = system["FileSystemId"]
        arn = system.get("FileSystemArn") or search.arn(f"file-system/{number}", "elasticfilesystem")
        yield search.document(arn, "file system policy", _file_system_policy, number)


def _file_system_policy(efs: Any, number: str) -> Any:
    return efs.describe_file_system_policy(FileSystemId=number)["Policy"]


def _tables(search: Search) -> Iterator[Found]:
    for name in search.pages("list_tables", "TableNames"):
        yield search.document(search.arn(f"table/{name}"), "table policy", _table_policy)


def _table_policy(dynamodb: Any, arn: str) -> Any:
    return dynamodb.get_resource_policy(ResourceArn=arn).get("Policy")


SCANS = (
    Scan(
        "ec2_snapshots",
        "ec2",
        "EBS snapshots that an account may restore",
        ("ec2:DescribeSnapshots", "ec2:DescribeSnapshotAttribute"),
        _snapshots,
    ),
    Scan(
        "ec2_images",
        "ec2",
        "AMIs that an account or organization may launch",
        ("ec2:DescribeImages", "ec2:DescribeImageAttribute"),
        _images,
    ),
    Scan(
        "rds_snapshots",
        "rds",
        "manual RDS snapshots that an account may restore",
        ("rds:DescribeDBSnapshots", "rds:DescribeDBSnapshotAttributes"),
        _database_snapshots,
    ),
    Scan(
        "rds_cluster_snapshots",
        "rds",
        "manual RDS cluster snapshots that an account may restore",
        ("rds:DescribeDBClusterSnapshots", "rds:DescribeDBClusterSnapshotAttributes"),
        _cluster_snapshots,
    ),
    Scan(
        "backup",
        "backup",
        "the policies of AWS Backup vaults",
        ("backup:ListBackupVaults", "backup:GetBackupVaultAccessPolicy"),
        _vaults,
    ),
    Scan(
        "efs",
        "efs",
        "the policies of EFS file systems",
        ("elasticfilesystem:DescribeFileSystems", "elasticfilesystem:DescribeFileSystemPolicy"),
        _file_systems,
    ),
    Scan(
        "dynamodb",
        "dynamodb",
        "the policies of DynamoDB tables",
        ("dynamodb:ListTables", "dynamodb:GetResourcePolicy"),
        _tables,
    ),
)
