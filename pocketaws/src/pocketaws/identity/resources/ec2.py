"""EC2: the actions and resources that authorization checks for each call.

Source: service authorization reference, "Amazon EC2"; EC2 API reference, "Granting permissions".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ... import moto_state
from ..checks import Check, Keys, action_of, checks, pass_role

if TYPE_CHECKING:
    from ...gateway.call import Call

# Parameter -> resource type.
_NAMED = {
    "InstanceId": "instance",
    "InstanceIds": "instance",
    "VpcId": "vpc",
    "SubnetId": "subnet",
    "SubnetIds": "subnet",
    "GroupId": "security-group",
    "Groups": "security-group",
    "SecurityGroupIds": "security-group",
    "InternetGatewayId": "internet-gateway",
    "RouteTableId": "route-table",
    "RouteTableIds": "route-table",
    "NetworkInterfaceId": "network-interface",
    "NetworkAclId": "network-acl",
    "VolumeId": "volume",
    "SnapshotId": "snapshot",
    "AllocationId": "elastic-ip",
    "FlowLogIds": "vpc-flow-log",
    "NatGatewayId": "natgateway",
    "VpcEndpointIds": "vpc-endpoint",
    "KeyName": "key-pair",
    "ImageId": "image",
}
# Operation -> the resource types that it creates, which are checked as TYPE/*.
_MADE = {
    "CreateVpc": ("vpc",),
    "CreateSubnet": ("subnet",),
    "CreateInternetGateway": ("internet-gateway",),
    "CreateRouteTable": ("route-table",),
    "CreateSecurityGroup": ("security-group",),
    "CreateNetworkInterface": ("network-interface",),
    "CreateVolume": ("volume",),
    "CreateSnapshot": ("snapshot",),
    "CreateKeyPair": ("key-pair",),
    "ImportKeyPair": ("key-pair",),
    "AllocateAddress": ("elastic-ip",),
    "CreateImage": ("image", "snapshot"),
    "RegisterImage": ("image",),
    "CopyImage": ("image",),
    "CopySnapshot": ("snapshot",),
    "CreateVpcEndpoint": ("vpc-endpoint",),
    "RunInstances": ("instance", "network-interface", "volume"),
}
_ROUTE_TARGETS = {"InstanceId", "NetworkInterfaceId", "NatGatewayId", "VpcEndpointId"}
_NOT_CHECKED_ON = {
    "CreateVolume": {"SnapshotId"},
    "CreateKeyPair": {"KeyName"},
    "ImportKeyPair": {"KeyName"},
    "CreateRoute": _ROUTE_TARGETS,
    "ReplaceRoute": _ROUTE_TARGETS,
}
_DESCRIBES_ONE = {
    "DescribeInstanceAttribute", "DescribeVpcAttribute", "DescribeVolumeAttribute",
    "DescribeImageAttribute", "DescribeSnapshotAttribute",
}  # fmt: skip
_PREFIXES = {
    "i": "instance", "vpc": "vpc", "subnet": "subnet", "sg": "security-group", "sgr": "security-group-rule",
    "igw": "internet-gateway", "rtb": "route-table", "eni": "network-interface", "vol": "volume",
    "ami": "image", "snap": "snapshot", "eipalloc": "elastic-ip", "fl": "vpc-flow-log", "key": "key-pair",
    "nat": "natgateway", "acl": "network-acl", "vpce": "vpc-endpoint", "dopt": "dhcp-options",
    "lt": "launch-template",
}  # fmt: skip


@checks("ec2")
def by_parameters(call: Call) -> Iterable[Check]:
    """The resources in the parameters, and the ones to create; lists have none."""
    if call.operation.startswith("Describe") and call.operation not in _DESCRIBES_ONE:
        return (Check(action_of(call), keys=_keys(call)),)
    found = list(_named_and_made(call))
    return found or (Check(action_of(call), keys=_keys(call)),)


@checks("ec2", "RunInstances")
def run_instances(call: Call) -> Iterator[Check]:
    """The image, the network, the resources to create with their tags, and the passed role."""
    yield from _named_and_made(call)
    for interface in call.params.get("NetworkInterfaces", []):
        for name in ("SubnetId", "Groups", "NetworkInterfaceId"):
            yield from _of_parameter(call, name, interface.get(name))
    profile = call.params.get("IamInstanceProfile", {})
    yield from _role_of_profile(call, profile)


@checks("ec2", "AssociateIamInstanceProfile", "ReplaceIamInstanceProfileAssociation")
def associate_profile(call: Call) -> Iterator[Check]:
    """The instance, and the role that the caller passes to it."""
    yield from by_parameters(call)
    yield from _role_of_profile(call, call.params.get("IamInstanceProfile", {}))


@checks("ec2", "CreateFlowLogs")
def create_flow_logs(call: Call) -> Iterator[Check]:
    """The flow log, the resources that it monitors, and the role that the caller passes."""
    yield _check(call, "vpc-flow-log", "*")
    for resource in call.params.get("ResourceIds", []):
        yield _check(call, type_of(resource), resource)
    yield from _tagging(call)
    role = call.params.get("DeliverLogsPermissionArn")
    if role:
        yield pass_role(call, role, "vpc-flow-logs.amazonaws.com")


@checks("ec2", "CreateTags", "DeleteTags")
def tags(call: Call) -> Iterator[Check]:
    """Every resource to tag."""
    for resource in call.params.get("Resources", []):
        yield _check(call, type_of(resource), resource)


@checks("ec2", "DisassociateRouteTable")
def disassociate(call: Call) -> Iterator[Check]:
    """The association's route table."""
    wanted = call.params.get("AssociationId")
    tables = moto_state.backend("ec2", call.account, call.region).route_tables.values()
    table = next((t.id for t in tables if wanted in t.all_associations_ids), "*")
    yield _check(call, "route-table", table)


@checks("ec2", "DetachNetworkInterface")
def detach_interface(call: Call) -> Iterator[Check]:
    """The attachment's network interface and instance."""
    wanted = call.params.get("AttachmentId")
    interfaces = moto_state.backend("ec2", call.account, call.region).enis.values()
    found = next((i for i in interfaces if i.attachment_id == wanted), None)
    yield _check(call, "network-interface", found.id if found else "*")
    yield _check(call, "instance", found.instance.id if found else "*")


@checks("ec2", "DisassociateAddress")
def disassociate_address(call: Call) -> Iterator[Check]:
    """The association's address and network interface."""
    wanted, address = call.params.get("AssociationId"), call.params.get("PublicIp")
    addresses = moto_state.backend("ec2", call.account, call.region).addresses
    found = next(
        (a for a in addresses if wanted == a.association_id or address == a.public_ip), None
    )
    yield _check(call, "elastic-ip", found.allocation_id if found else "*")
    if found is not None and found.eni is not None:
        yield _check(call, "network-interface", found.eni.id)


@checks("ec2", "AssociateRouteTable")
def associate(call: Call) -> Iterator[Check]:
    """The route table, and the subnet or gateway."""
    yield from _named_and_made(call)
    gateway = call.params.get("GatewayId")
    if gateway:
        yield _check(call, type_of(gateway), gateway)


def type_of(resource: str) -> str:
    """Return an ID's resource type by its prefix, or the prefix itself if it's unknown."""
    prefix = resource.partition("-")[0]
    return _PREFIXES.get(prefix, prefix)


def arn_of(call: Call, kind: str, resource: str) -> str:
    """Return a resource's ARN; images and snapshots have no account in theirs."""
    account = "" if kind in {"image", "snapshot"} else call.account
    return f"arn:aws:ec2:{call.region}:{account}:{kind}/{resource}"


def instance_check(call: Call, instance: str, action: str, keys: Keys) -> Check:
    """Return a check of another service's action on an instance."""
    return Check(
        action, arn_of(call, "instance", instance), keys=keys, tags=lambda: tags_of(call, instance)
    )


def tags_of(call: Call, resource: str) -> dict[str, str]:
    """Return the tags that a resource has now."""
    found = moto_state.backend("ec2", call.account, call.region).tags.get(resource, {})
    return {str(key): str(value) for key, value in found.items()}


def _named_and_made(call: Call) -> Iterator[Check]:
    skipped = _NOT_CHECKED_ON.get(call.operation, set())
    for name in _NAMED.keys() & call.params.keys() - skipped:
        yield from _of_parameter(call, name, call.params[name])
    for kind in _MADE.get(call.operation, ()):
        yield _check(call, kind, "*")
    yield from _tagging(call)


def _of_parameter(call: Call, name: str, value: Any) -> Iterator[Check]:
    for resource in value if isinstance(value, list) else [value]:
        if isinstance(resource, str):
            yield _check(call, _NAMED[name], resource)


def _check(call: Call, kind: str, resource: str) -> Check:
    tags = None if resource == "*" else lambda: tags_of(call, resource)
    return Check(
        action_of(call), arn_of(call, kind, resource), keys=_keys(call, kind, resource), tags=tags
    )


def _tagging(call: Call) -> Iterator[Check]:
    """Tags on creation need permission for ``CreateTags`` too."""
    for specification in call.params.get("TagSpecifications", []):
        if specification.get("Tags"):
            kind = specification.get("ResourceType", "*")
            yield Check(
                "ec2:CreateTags",
                arn_of(call, kind, "*"),
                keys={**_keys(call), "ec2:createaction": (call.operation,)},
            )


def _keys(call: Call, kind: str = "", resource: str = "") -> Keys:
    keys: dict[str, Any] = {"ec2:region": (call.region,)}
    if kind == "instance":
        if resource != "*":
            keys["ec2:instanceid"] = (resource,)
        elif "InstanceType" in call.params:
            keys["ec2:instancetype"] = (str(call.params["InstanceType"]),)
    elif kind in {"security-group", "subnet", "network-interface", "route-table"}:
        keys["ec2:vpc"] = lambda: _vpc_of(call, kind, resource)
    elif kind == "vpc-endpoint" and "ServiceName" in call.params:
        keys["ec2:vpceservicename"] = (str(call.params["ServiceName"]),)
    return keys


def _vpc_of(call: Call, kind: str, resource: str) -> tuple[str, ...] | None:
    vpc: Any = call.params.get("VpcId")
    if resource != "*":
        backend = moto_state.backend("ec2", call.account, call.region)
        found: Any = None
        if kind == "security-group":
            found = backend.get_security_group_from_id(resource)
        elif kind == "subnet":
            found = next((s[resource] for s in backend.subnets.values() if resource in s), None)
        elif kind == "network-interface":
            found = getattr(backend.enis.get(resource), "subnet", None)
        else:
            found = backend.route_tables.get(resource)
        vpc = getattr(found, "vpc_id", None)
    return (arn_of(call, "vpc", vpc),) if vpc else None


def _role_of_profile(call: Call, profile: dict[str, str]) -> Iterator[Check]:
    name = profile.get("Name") or profile.get("Arn", "").rpartition("/")[2]
    iam = moto_state.backend("iam", call.account, "aws")
    found = iam.instance_profiles.get(name) if name else None
    for role in found.roles if found is not None else []:
        yield pass_role(call, role.arn, "ec2.amazonaws.com")
