"""Deletions that AWS refuses because something still depends on the resource.

Source: EC2 API reference, "Error codes for the Amazon EC2 API" (``DependencyViolation``); VPC user guide, "Delete
your VPC".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from ..registry import after, before
from . import instances

if TYPE_CHECKING:
    from ..gateway.call import Call


def _violation(message: str) -> AwsError:
    return AwsError("DependencyViolation", message)


@before("ec2", "DeleteSubnet")
def subnet_is_free(call: Call) -> None:
    """Refuse to delete a subnet that contains a network interface."""
    backend = instances.backend(call.account, call.region)
    subnet_id = call.params.get("SubnetId")
    if any(eni.subnet.id == subnet_id for eni in backend.enis.values()):
        raise _violation(f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")


@before("ec2", "DeleteSecurityGroup")
def group_is_free(call: Call) -> None:
    """Refuse to delete a group that an interface or another group's rule refers to, or a VPC's default group."""
    backend = instances.backend(call.account, call.region)
    group_id = call.params.get("GroupId")
    group = backend.get_security_group_from_id(group_id) if group_id else None
    if group is None:
        return
    if group.name == "default":
        raise AwsError(
            "CannotDelete",
            f'the specified group: "{group_id}" name: "default" cannot be deleted by a user',
        )
    used = any(any(g.id == group_id for g in eni.group_set) for eni in backend.enis.values())
    if used or _is_referenced(backend, group):
        raise _violation(f"resource {group_id} has a dependent object")


def _is_referenced(backend: Any, group: Any) -> bool:
    return any(
        (rule.source_group or {}).get("GroupId") == group.id
        for groups in backend.groups.values()
        for other in groups.values()
        if other.id != group.id
        for rule in (*other.ingress_rules, *other.egress_rules)
    )


@before("ec2", "DeleteVpc")
def vpc_is_free(call: Call) -> None:
    """Refuse to delete a VPC that still has subnets, gateways, interfaces, endpoints, or groups other than the default one."""
    backend = instances.backend(call.account, call.region)
    vpc_id = call.params.get("VpcId")
    if vpc_id not in backend.vpcs:
        return
    left = [
        *(eni for eni in backend.enis.values() if eni.subnet.vpc_id == vpc_id),
        *(
            s
            for by_zone in backend.subnets.values()
            for s in by_zone.values()
            if s.vpc_id == vpc_id
        ),
        *(
            g
            for g in backend.internet_gateways.values()
            if g.vpc is not None and g.vpc.id == vpc_id
        ),
        *(e for e in backend.vpc_end_points.values() if e.vpc_id == vpc_id),
        *(g for g in backend.groups.get(vpc_id, {}).values() if g.name != "default"),
    ]
    if left:
        raise _violation(f"The vpc '{vpc_id}' has dependencies and cannot be deleted.")


@before("ec2", "DetachInternetGateway")
def no_public_addresses(call: Call) -> None:
    """Refuse to detach an internet gateway while an interface of the VPC has a public address."""
    backend = instances.backend(call.account, call.region)
    vpc_id = call.params.get("VpcId")
    if any(eni.public_ip for eni in backend.enis.values() if eni.subnet.vpc_id == vpc_id):
        raise _violation(
            f"Network {vpc_id} has some mapped public address(es). Please unmap those public address(es) before "
            "detaching the gateway."
        )


@after("ec2", "DeleteVpc", "DeleteSubnet")
def delete_flow_logs(call: Call, _result: dict[str, Any]) -> None:
    """Delete the flow logs of a deleted network."""
    backend = instances.backend(call.account, call.region)
    resource = call.params.get("VpcId") or call.params.get("SubnetId")
    for flow_log in list(backend.flow_logs.values()):
        if flow_log.resource_id == resource:
            del backend.flow_logs[flow_log.id]


@before("ec2", "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress")
def check_port_ranges(call: Call) -> None:
    """Refuse port ranges that aren't ascending or aren't between 0 and 65535."""
    for rule in [*call.params.get("IpPermissions", []), call.params]:
        first, last = rule.get("FromPort"), rule.get("ToPort")
        protocol = str(rule.get("IpProtocol", "-1"))
        if protocol not in {"tcp", "udp", "6", "17"}:
            continue
        if first is None or last is None:
            raise AwsError(
                "InvalidParameterValue",
                f"Invalid value 'Must specify both from and to ports with {protocol.upper()}.' for portRange.",
            )
        if not 0 <= int(first) <= int(last) <= 65535:
            raise AwsError(
                "InvalidParameterValue", f"Invalid {protocol.upper()} port range: {first}-{last}"
            )
