"""EBS snapshots: whose are listed."""

from __future__ import annotations

PLAIN, ANOTHER, THIRD = "111111111111", "222222222222", "333333333333"


def snapshot(ec2, *, users=(), everybody=False):
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    made = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    shared = {"UserIds": list(users)} if users else {"GroupNames": ["all"]}
    if users or everybody:
        ec2.modify_snapshot_attribute(
            SnapshotId=made, Attribute="createVolumePermission", OperationType="add", **shared
        )
    return made


def listed(ec2, *users):
    answer = ec2.describe_snapshots(OwnerIds=["self"], RestorableByUserIds=list(users), MaxResults=1000)
    return {entry["SnapshotId"] for entry in answer["Snapshots"]}


def test_only_snapshots_that_an_account_may_restore_are_listed(accounts):
    ec2 = accounts(PLAIN, "ec2")
    assert listed(ec2, ANOTHER, "all") == set()
    snapshot(ec2)
    shared, public = snapshot(ec2, users=[ANOTHER]), snapshot(ec2, everybody=True)
    assert listed(ec2, ANOTHER) == {shared}
    assert listed(ec2, "all") == {public}
    assert listed(ec2, ANOTHER, "all") == {shared, public}
    assert listed(ec2, THIRD) == set()


def test_without_a_restorer_all_are_listed(accounts):
    ec2 = accounts(PLAIN, "ec2")
    made = snapshot(ec2)
    assert made in {entry["SnapshotId"] for entry in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]}
