"""EC2: whose snapshots are listed."""

from __future__ import annotations

from urllib.parse import urlencode

from moto.ec2.models import ec2_backends

from emulator.call import Call
from emulator.protocol import Response
from emulator.rules import rule


@rule("ec2", "DescribeSnapshots")
def describe_snapshots(call: Call) -> Response:
    """Only the snapshots that one of some accounts, or everybody, may restore.

    EC2 API reference, DescribeSnapshots (API_DescribeSnapshots.html): OwnerIds and RestorableByUserIds. moto lists all,
    the snapshots of 1,301 public images among them, of which each account is the owner.
    """
    wanted = set(call.params.get("RestorableByUserIds") or ())
    if not wanted:
        return call.forward()
    found = [
        snapshot.id
        for snapshot in list(ec2_backends[call.account][call.region].snapshots.values())
        if wanted & {*snapshot.create_volume_permission_userids, *snapshot.create_volume_permission_groups}
    ]
    if not found:
        return call.result(Snapshots=[])
    asked = {"Action": "DescribeSnapshots", "Version": "2016-11-15"}
    asked |= {f"SnapshotId.{number}": name for number, name in enumerate(found, 1)}
    return call.forward(body=urlencode(asked).encode())
