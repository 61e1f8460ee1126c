"""EBS volumes where moto says yes and AWS says no.

Source: EC2 API reference, "AttachVolume", "DetachVolume" (a root volume only from a stopped instance), "DeleteVolume",
"Error codes for the Amazon EC2 API" (``InvalidVolume.ZoneMismatch``, ``VolumeInUse``, ``IncorrectState``). The
message about an available volume is AWS's own (github.com/kubernetes-sigs/aws-ebs-csi-driver, issue 1801).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from ..registry import before, operation
from . import instances
from .dry_run import refuse_dry_run

if TYPE_CHECKING:
    from ..gateway.call import Call


def _volume(call: Call) -> Any:
    volume_id = call.params["VolumeId"]
    volume = instances.backend(call.account, call.region).volumes.get(volume_id)
    if volume is None:
        raise AwsError("InvalidVolume.NotFound", f"The volume '{volume_id}' does not exist.")
    return volume


@before("ec2", "AttachVolume")
def can_be_attached(call: Call) -> None:
    """Refuse a volume that's in use or in another zone, a device that's in use, and an instance on its way out."""
    volume = _volume(call)
    instance = instances.find(call.account, call.region, call.params["InstanceId"])
    device = call.params["Device"]
    if volume.attachment is not None:
        raise AwsError("VolumeInUse", f"{volume.id} is already attached to an instance")
    if instance.state not in {"running", "stopped"}:
        raise AwsError("IncorrectState", f"Instance '{instance.id}' is not 'running'.")
    if volume.availability_zone != instances.interface(instance).subnet.availability_zone:
        raise AwsError(
            "InvalidVolume.ZoneMismatch",
            f"The volume '{volume.id}' is not in the same availability zone as instance '{instance.id}'",
        )
    if device in instance.block_device_mapping:
        raise AwsError(
            "InvalidParameterValue",
            f"Invalid value '{device}' for unixDevice. Attachment point {device} is already in use",
        )


@operation("ec2", "DetachVolume")
def detach_volume(call: Call) -> dict[str, Any]:
    """Detach a volume; the instance and the device need not be named."""
    volume = _volume(call)
    attachment = volume.attachment
    if attachment is None:
        raise AwsError("IncorrectState", f"Volume '{volume.id}' is in the 'available' state.")
    instance, device = attachment.instance, attachment.device
    if call.params.get("InstanceId", instance.id) != instance.id or call.params.get("Device", device) != device:  # fmt: skip
        raise AwsError(
            "InvalidAttachment.NotFound",
            f"The volume '{volume.id}' is not attached to instance '{call.params.get('InstanceId', instance.id)}'.",
        )
    if device == instance.root_device_name and instance.state != "stopped":
        raise AwsError(
            "OperationNotPermitted",
            f"Unable to detach root volume '{volume.id}' from instance '{instance.id}'",
        )
    refuse_dry_run(call)
    instances.backend(call.account, call.region).detach_volume(volume.id, instance.id, device)
    return {
        "VolumeId": volume.id, "InstanceId": instance.id, "Device": device, "State": "detaching",
        "AttachTime": attachment.attach_time,
    }  # fmt: skip
