"""EBS snapshots. moto completes them at once, shows everybody's, and has no message for an unknown one.

Source: EC2 API reference, "CreateSnapshot", "CopySnapshot", "DeleteSnapshot", "DescribeSnapshots", "Error codes for
the Amazon EC2 API" (``InvalidSnapshot.InUse``, ``InvalidSnapshot.NotFound``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import moto_state
from ..effects import effect
from ..errors import AwsError
from ..gateway import protocol
from ..registry import before, operation
from . import instances
from .dry_run import refuse_dry_run
from .tag_specifications import shown, tags_for

if TYPE_CHECKING:
    from ..gateway.call import Call
    from ..world import World

COMPLETE_SECONDS = 60
"""AWS documents no time; the first snapshot of a small root volume takes about a minute."""


def not_found(snapshot_id: str) -> AwsError:
    return AwsError("InvalidSnapshot.NotFound", f"The snapshot '{snapshot_id}' does not exist.")


def find(account: str, region: str, snapshot_id: str) -> Any:
    """moto's snapshot with an ID; raises ``AwsError`` ``InvalidSnapshot.NotFound``."""
    snapshot = instances.backend(account, region).snapshots.get(snapshot_id)
    if snapshot is None:
        raise not_found(snapshot_id)
    return snapshot


def create(call: Call, volume_id: str, description: str, tags: dict[str, str]) -> Any:
    """Start a snapshot of a volume. It's pending until its data has been copied."""
    backend = instances.backend(call.account, call.region)
    return _begin(call, backend.create_snapshot(volume_id, description), tags)


def copy(
    call: Call, source_region: str, source: Any, description: str, tags: dict[str, str]
) -> Any:
    """Start a copy of a snapshot in this Region."""
    backend = instances.backend(call.account, call.region)
    made = backend.copy_snapshot(source.id, source_region, description, None)
    return _begin(call, made, tags)


def _begin(call: Call, snapshot: Any, tags: dict[str, str]) -> Any:
    snapshot.add_tags(tags)
    snapshot.status = "pending"
    call.world.later(
        "ec2.snapshot_complete", COMPLETE_SECONDS,
        account=call.account, region=call.region, snapshot_id=snapshot.id,
    )  # fmt: skip
    return snapshot


@effect("ec2.snapshot_complete")
def complete(world: World, account: str, region: str, snapshot_id: str) -> None:
    """Complete a snapshot that still exists."""
    del world
    snapshot = instances.backend(account, region).snapshots.get(snapshot_id)
    if snapshot is not None:
        snapshot.status = "completed"


@operation("ec2", "CreateSnapshot")
def create_snapshot(call: Call) -> dict[str, Any]:
    """Create a snapshot of a volume."""
    volume_id = call.params["VolumeId"]
    if volume_id not in instances.backend(call.account, call.region).volumes:
        raise AwsError("InvalidVolume.NotFound", f"The volume '{volume_id}' does not exist.")
    refuse_dry_run(call)
    tags = tags_for(call, "snapshot")
    snapshot = create(call, volume_id, call.params.get("Description", ""), tags)
    return {
        "SnapshotId": snapshot.id,
        "VolumeId": volume_id,
        "VolumeSize": int(snapshot.volume.size),
        "State": "pending",
        "StartTime": call.now,
        "Progress": "",
        "OwnerId": call.account,
        "Description": snapshot.description,
        "Encrypted": snapshot.encrypted,
        "Tags": shown(tags),
    }


@operation("ec2", "CopySnapshot")
def copy_snapshot(call: Call) -> dict[str, Any]:
    """Copy a snapshot from another Region, or within this one."""
    region = call.params["SourceRegion"]
    source = find(call.account, region, call.params["SourceSnapshotId"])
    refuse_dry_run(call)
    tags = tags_for(call, "snapshot")
    made = copy(call, region, source, call.params.get("Description", ""), tags)
    return {"SnapshotId": made.id, "Tags": shown(tags)}


@before("ec2", "DeleteSnapshot")
def not_of_an_image(call: Call) -> None:
    """Refuse to delete a snapshot that a registered image uses."""
    snapshot = find(call.account, call.region, call.params["SnapshotId"])
    for image in instances.backend(call.account, call.region).amis.values():
        if snapshot.id in of_image(image):
            raise AwsError(
                "InvalidSnapshot.InUse",
                f"The snapshot {snapshot.id} is currently in use by {image.id}",
            )


def of_image(image: Any) -> list[str]:
    """The IDs of an image's snapshots."""
    return [m["Ebs"]["SnapshotId"] for m in image.block_device_mappings if "Ebs" in m]


@operation("ec2", "DescribeSnapshots")
def describe_snapshots(call: Call) -> dict[str, Any]:
    """The account's snapshots. Nobody shares any here, so those of other owners are an empty list."""
    for snapshot_id in call.params.get("SnapshotIds", []):
        find(call.account, call.region, snapshot_id)
    request = protocol.build_request("ec2", "DescribeSnapshots", call.params)
    answer = moto_state.run("ec2", call.account, call.region, request)
    found = protocol.parse_answer("ec2", "DescribeSnapshots", answer)["Snapshots"]
    owners = {call.account if o == "self" else o for o in call.params.get("OwnerIds", [])}
    return {
        "Snapshots": [
            {**one, "Progress": "100%" if one["State"] == "completed" else "0%"}
            for one in found
            if not owners or one["OwnerId"] in owners
        ]
    }
