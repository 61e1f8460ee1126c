"""Images (AMIs) that an account makes from its instances and snapshots.

Source: EC2 API reference, "CreateImage" (it restarts a running instance unless ``NoReboot`` is set), "RegisterImage",
"CopyImage", "DeregisterImage" (the snapshots stay unless the request says otherwise), "Error codes for the Amazon EC2
API" (``InvalidAMIName.Duplicate``, ``InvalidAMIName.Malformed``, ``AuthFailure``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..effects import effect
from ..errors import AwsError
from ..registry import operation
from . import instances, snapshots, states
from .dry_run import refuse_dry_run
from .tag_specifications import tags_for

if TYPE_CHECKING:
    from ..gateway.call import Call
    from ..world import World

AVAILABLE_SECONDS = snapshots.COMPLETE_SECONDS + 30
_NAME = re.compile(r"[A-Za-z0-9()\[\] ./\-'@_]{3,128}")


@operation("ec2", "CreateImage")
def create_image(call: Call) -> dict[str, Any]:
    """Create an image of an instance, with a snapshot of each of its volumes."""
    instance = instances.find(call.account, call.region, call.params["InstanceId"])
    if instance.state not in {"running", "stopped", "stopping", "pending"}:
        raise AwsError(
            "IncorrectState",
            f"The instance '{instance.id}' is not in a state from which an image can be created.",
        )
    name = _free_name(call)
    refuse_dry_run(call)
    mappings = [
        _mapping(device, _snapshot_of(call, instance.id, mounted.volume_id), mounted)
        for device, mounted in instance.block_device_mapping.items()
    ]
    image = _make(
        call, name, mappings, instance.root_device_name,
        architecture=instance.architecture, instance_id=instance.id, boot_mode=None,
    )  # fmt: skip
    for mapping in mappings:
        snapshot = snapshots.find(call.account, call.region, mapping["Ebs"]["SnapshotId"])
        snapshot.description = f"Created by CreateImage({instance.id}) for {image.id}"
    if instance.state == "running" and not call.params.get("NoReboot"):
        states.reboot(call.world, instance)
    return {"ImageId": image.id}


def _snapshot_of(call: Call, instance_id: str, volume_id: str) -> Any:
    description = f"Created by CreateImage({instance_id})"
    return snapshots.create(call, volume_id, description, tags_for(call, "snapshot"))


def _mapping(device: str, snapshot: Any, mounted: Any) -> dict[str, Any]:
    ebs = {
        "SnapshotId": snapshot.id,
        "VolumeSize": int(snapshot.volume.size),
        "VolumeType": snapshot.volume.volume_type,
        "DeleteOnTermination": bool(mounted.delete_on_termination),
        "Encrypted": snapshot.encrypted,
    }
    return {"DeviceName": device, "Ebs": ebs}


@operation("ec2", "RegisterImage")
def register_image(call: Call) -> dict[str, Any]:
    """Register an image whose root volume is a snapshot."""
    name = _free_name(call)
    root = call.params.get("RootDeviceName")
    mappings = [_registered(call, given) for given in call.params.get("BlockDeviceMappings", [])]
    if not root or root not in {mapping["DeviceName"] for mapping in mappings}:
        raise AwsError(
            "InvalidBlockDeviceMapping", "A block device mapping with the root device's snapshot is required."
        )  # fmt: skip
    refuse_dry_run(call)
    facts = {"architecture": call.params.get("Architecture", "i386"), "boot_mode": call.params.get("BootMode")}  # fmt: skip
    return {"ImageId": _make(call, name, mappings, root, **facts).id}


def _registered(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    ebs = given.get("Ebs", {})
    if "SnapshotId" not in ebs:
        raise AwsError("InvalidBlockDeviceMapping", "snapshotId can not be empty")
    snapshot = snapshots.find(call.account, call.region, ebs["SnapshotId"])
    made = {
        "VolumeSize": int(snapshot.volume.size), "VolumeType": "gp2", "DeleteOnTermination": True,
        "Encrypted": snapshot.encrypted, **ebs,
    }  # fmt: skip
    return {"DeviceName": given["DeviceName"], "Ebs": made}


@operation("ec2", "CopyImage")
def copy_image(call: Call) -> dict[str, Any]:
    """Copy an own image from another Region, or within this one, with its snapshots."""
    region, source_id = call.params["SourceRegion"], call.params["SourceImageId"]
    source = instances.backend(call.account, region).amis.get(source_id)
    if source is None:
        raise AwsError("InvalidAMIID.NotFound", f"The image id '[{source_id}]' does not exist")
    if source.owner_id != call.account:
        raise AwsError("InvalidRequest", "The storage for the ami is not available in the source Region.")  # fmt: skip
    name = _free_name(call)
    refuse_dry_run(call)
    mappings = [_copied(call, region, source_id, mapping) for mapping in source.mappings]
    facts = {"architecture": source.architecture, "boot_mode": source.boot_mode}
    return {"ImageId": _make(call, name, mappings, source.root_device_name, **facts).id}


def _copied(call: Call, region: str, source_id: str, mapping: dict[str, Any]) -> dict[str, Any]:
    source = snapshots.find(call.account, region, mapping["Ebs"]["SnapshotId"])
    description = f"Copied for {source_id} from {region}"
    made = snapshots.copy(call, region, source, description, tags_for(call, "snapshot"))
    return {**mapping, "Ebs": {**mapping["Ebs"], "SnapshotId": made.id}}


def _free_name(call: Call) -> str:
    name: str = call.params.get("Name", "")
    if _NAME.fullmatch(name) is None:
        raise AwsError(
            "InvalidAMIName.Malformed",
            "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', "
            "'-', '/' and '_'",
        )
    for image in instances.backend(call.account, call.region).amis.values():
        if image.owner_id == call.account and image.name == name:
            raise AwsError(
                "InvalidAMIName.Duplicate", f"AMI name {name} is already in use by AMI {image.id}"
            )
    return name


def _make(call: Call, name: str, mappings: list[dict[str, Any]], root: str, **facts: Any) -> Any:
    from ..moto_patches.ec2_created_images import CreatedImage  # noqa: PLC0415 - loads moto's EC2

    backend = instances.backend(call.account, call.region)
    description = call.params.get("Description", "")
    image = CreatedImage(backend, name, description, mappings, root, call.now, **facts)
    image.add_tags(tags_for(call, "image"))
    backend.amis[image.id] = image
    call.world.later(
        "ec2.image_available", AVAILABLE_SECONDS,
        account=call.account, region=call.region, image_id=image.id,
    )  # fmt: skip
    return image


@effect("ec2.image_available")
def available(world: World, account: str, region: str, image_id: str) -> None:
    """Let an image that still exists be used."""
    del world
    image = instances.backend(account, region).amis.get(image_id)
    if image is not None:
        image.state = "available"


@operation("ec2", "DeregisterImage")
def deregister_image(call: Call) -> dict[str, Any]:
    """Deregister an own image, and delete its snapshots if the request says so."""
    backend = instances.backend(call.account, call.region)
    image_id = call.params["ImageId"]
    image = backend.amis.get(image_id)
    if image is None:
        if image_id in backend.deleted_amis:
            raise AwsError("InvalidAMIID.Unavailable", f"The image ID '{image_id}' is no longer available")  # fmt: skip
        raise AwsError("InvalidAMIID.NotFound", f"The image id '[{image_id}]' does not exist")
    if image.owner_id != call.account:
        raise AwsError("AuthFailure", f"Not authorized for image:{image_id}", 403)
    refuse_dry_run(call)
    backend.deregister_image(image_id)
    backend.tags.pop(image_id, None)
    answer: dict[str, Any] = {"Return": True}
    if call.params.get("DeleteAssociatedSnapshots"):
        answer["DeleteSnapshotResults"] = [
            _delete(backend, one) for one in snapshots.of_image(image)
        ]
    return answer


def _delete(backend: Any, snapshot_id: str) -> dict[str, str]:
    if any(snapshot_id in snapshots.of_image(image) for image in backend.amis.values()):
        return {"SnapshotId": snapshot_id, "ReturnCode": "skipped"}
    if backend.snapshots.pop(snapshot_id, None) is None:
        return {"SnapshotId": snapshot_id, "ReturnCode": "client-error"}
    backend.tags.pop(snapshot_id, None)
    return {"SnapshotId": snapshot_id, "ReturnCode": "success"}
