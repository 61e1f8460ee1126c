"""Network interfaces of the account's own, besides those that instances are launched with.

Source: EC2 API reference, "CreateNetworkInterface", "AttachNetworkInterface", "DetachNetworkInterface",
"DeleteNetworkInterface", "Error codes for the Amazon EC2 API" (``InvalidNetworkInterface.InUse``,
``OperationNotPermitted``); EC2 user guide, "Requester-managed network interfaces".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from ..registry import before
from . import addresses, instances

if TYPE_CHECKING:
    from ..gateway.call import Call


def find(call: Call, interface_id: str) -> Any:
    """moto's interface with an ID; raises ``AwsError``."""
    nic = instances.backend(call.account, call.region).enis.get(interface_id)
    if nic is None:
        raise AwsError(
            "InvalidNetworkInterfaceID.NotFound",
            f"The networkInterface ID '{interface_id}' does not exist",
        )
    return nic


@before("ec2", "CreateNetworkInterface")
def groups_exist(call: Call) -> None:
    """Refuse unknown subnets and groups, which moto would invent."""
    backend = instances.backend(call.account, call.region)
    subnet_id = call.params["SubnetId"]
    subnets = {s.id: s for by_zone in backend.subnets.values() for s in by_zone.values()}
    if subnet_id not in subnets:
        raise AwsError("InvalidSubnetID.NotFound", f"The subnet ID '{subnet_id}' does not exist")
    for group_id in call.params.get("Groups", []):
        group = backend.get_security_group_from_id(group_id)
        if group is None or group.vpc_id != subnets[subnet_id].vpc_id:
            raise AwsError("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist")  # fmt: skip


@before("ec2", "AttachNetworkInterface")
def can_be_attached(call: Call) -> None:
    """Refuse an interface in use, a device index in use, and an instance in another zone or on its way out."""
    nic = find(call, call.params["NetworkInterfaceId"])
    instance = instances.find(call.account, call.region, call.params["InstanceId"])
    index = call.params["DeviceIndex"]
    if nic.instance is not None or nic.requester_managed:
        raise AwsError("InvalidNetworkInterface.InUse", f"Interface: [{nic.id}] in use.")
    if instance.state not in {"running", "stopped"}:
        raise AwsError("IncorrectState", f"Instance '{instance.id}' is not 'running' or 'stopped'.")
    if instances.interface(instance).subnet.availability_zone != nic.subnet.availability_zone:
        raise AwsError(
            "InvalidParameterCombination",
            f"You may not attach a network interface to an instance if they are not in the same availability zone {nic.id}",
        )
    if index in instance.nics:
        raise AwsError(
            "InvalidParameterValue", f"Instance '{instance.id}' already has an interface attached at device index '{index}'."
        )  # fmt: skip


@before("ec2", "DetachNetworkInterface")
def is_not_primary(call: Call) -> None:
    """Refuse to detach an instance's primary interface, or one of another service."""
    attachment = call.params["AttachmentId"]
    backend = instances.backend(call.account, call.region)
    nic = next((n for n in backend.enis.values() if n.attachment_id == attachment), None)
    if nic is not None and nic.device_index == 0:
        raise AwsError(
            "OperationNotPermitted",
            "The network interface at device index 0 and networkCard index 0 cannot be detached.",
        )


@before("ec2", "DeleteNetworkInterface")
def is_detached(call: Call) -> None:
    """Refuse to delete an interface in use, and give up its Elastic IP address."""
    nic = find(call, call.params["NetworkInterfaceId"])
    if nic.instance is not None or nic.requester_managed:
        raise AwsError(
            "InvalidParameterValue", f"Network interface '{nic.id}' is currently in use."
        )
    own = addresses.elastic(nic)
    if own is not None and not call.params.get("DryRun"):
        addresses.disassociate(call.world, own)
