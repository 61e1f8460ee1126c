"""Elastic IP addresses. moto invents addresses outside EC2's ranges and releases addresses that are in use.

Source: EC2 API reference, "AllocateAddress", "AssociateAddress", "DisassociateAddress", "ReleaseAddress", "Error codes
for the Amazon EC2 API" (``AddressLimitExceeded``, ``Gateway.NotAttached``, ``InvalidIPAddress.InUse``); EC2 user
guide, "Elastic IP addresses" (five in each Region by default).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import quotas
from ..errors import AwsError
from ..registry import operation
from . import addresses, instances
from .dry_run import refuse_dry_run
from .tag_specifications import tags_for

if TYPE_CHECKING:
    from ..gateway.call import Call


@operation("ec2", "AllocateAddress")
def allocate_address(call: Call) -> dict[str, Any]:
    """Allocate an address of the Region."""
    backend = instances.backend(call.account, call.region)
    if len(backend.addresses) >= quotas.applied(call.world, quotas.ADDRESSES):
        raise AwsError("AddressLimitExceeded", "The maximum number of addresses has been reached.")
    refuse_dry_run(call)
    eip = backend.allocate_address(
        "vpc", address=addresses.unused(call.world, backend), tags=tags_for(call, "elastic-ip")
    )
    return {
        "PublicIp": eip.public_ip,
        "AllocationId": eip.allocation_id,
        "PublicIpv4Pool": "amazon",
        "NetworkBorderGroup": call.region,
        "Domain": "vpc",
    }


@operation("ec2", "AssociateAddress")
def associate_address(call: Call) -> dict[str, Any]:
    """Associate an address with an interface. The address that the interface has is no longer associated with it."""
    backend = instances.backend(call.account, call.region)
    eip = _named(backend, call.params)
    nic = _interface(call)
    if not _is_connected(backend, nic.subnet.vpc_id):
        raise AwsError(
            "Gateway.NotAttached",
            f"Network {nic.subnet.vpc_id} is not attached to any internet gateway",
        )
    if eip.eni not in (None, nic) and call.params.get("AllowReassociation") is False:
        raise AwsError(
            "Resource.AlreadyAssociated",
            f"resource {eip.allocation_id} is already associated with associate-id {eip.association_id}",
        )
    refuse_dry_run(call)
    if eip.eni is not nic:
        for other in (eip, addresses.elastic(nic)):
            if other is not None:
                addresses.disassociate(call.world, other)
        backend.associate_address(eni=nic, allocation_id=eip.allocation_id)
        eip.instance = nic.instance
    return {"AssociationId": eip.association_id}


def _interface(call: Call) -> Any:
    interface_id, instance_id = (call.params.get(n) for n in ("NetworkInterfaceId", "InstanceId"))
    if interface_id:
        nic = instances.backend(call.account, call.region).enis.get(interface_id)
        if nic is None:
            raise AwsError(
                "InvalidNetworkInterfaceID.NotFound",
                f"The networkInterface ID '{interface_id}' does not exist",
            )
        return nic
    if not instance_id:
        raise AwsError(
            "MissingParameter", "Either 'InstanceId' or 'NetworkInterfaceId' must be provided"
        )
    instance = instances.find(call.account, call.region, instance_id)
    if instance.state not in {"pending", "running", "stopping", "stopped"}:
        raise AwsError(
            "InvalidInstanceID", f"The instance '{instance_id}' is not in a valid state for this operation."
        )  # fmt: skip
    return instances.interface(instance)


def _is_connected(backend: Any, vpc_id: str) -> bool:
    gateways = backend.internet_gateways.values()
    return any(g.vpc is not None and g.vpc.id == vpc_id for g in gateways)


@operation("ec2", "DisassociateAddress")
def disassociate_address(call: Call) -> dict[str, Any]:
    """Disassociate an address. That it isn't associated is no error if the request names the address itself."""
    backend = instances.backend(call.account, call.region)
    association = call.params.get("AssociationId")
    if association:
        eip = next((e for e in backend.addresses if e.association_id == association), None)
        if eip is None:
            raise AwsError(
                "InvalidAssociationID.NotFound",
                f"The association ID '{association}' does not exist",
            )
    else:
        eip = _named(backend, call.params)
    refuse_dry_run(call)
    addresses.disassociate(call.world, eip)
    return {}


@operation("ec2", "ReleaseAddress")
def release_address(call: Call) -> dict[str, Any]:
    """Release an address that isn't associated."""
    backend = instances.backend(call.account, call.region)
    eip = _named(backend, call.params)
    if eip.eni is not None:
        raise AwsError("InvalidIPAddress.InUse", f"Address {eip.public_ip} is in use.")
    refuse_dry_run(call)
    backend.addresses.remove(eip)
    backend.tags.pop(eip.allocation_id, None)
    return {}


def _named(backend: Any, params: dict[str, Any]) -> Any:
    allocation, address = params.get("AllocationId"), params.get("PublicIp")
    if not allocation and not address:
        raise AwsError("MissingParameter", "Either public IP or allocation id must be specified")
    for eip in backend.addresses:
        if allocation == eip.allocation_id or (not allocation and address == eip.public_ip):
            return eip
    if allocation:
        raise AwsError(
            "InvalidAllocationID.NotFound", f"The allocation ID '{allocation}' does not exist"
        )
    raise AwsError("InvalidAddress.NotFound", f"Address '{address}' not found.")
