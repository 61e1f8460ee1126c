"""Convert EC2's parameters and results: names on the wire, and lists as ``{"items": […]}``.

CloudTrail records EC2's oldest operations with the element names of the former SOAP API
(``instancesSet``, ``filterSet``); see ``ec2_wrapped`` for newer operations. Sources: the real
samples, and the names in EC2's service description (2016-11-15).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime
from typing import Any

from moto.core.utils import get_service_model

from . import ec2_wrapped
from .shapes import late, lower_first

Convert = Callable[[Any], Any]

# A list of IDs or names in a request -> (its element, the element of one item).
_LISTS = {
    "InstanceIds": ("instancesSet", "instanceId"),
    "VpcIds": ("vpcSet", "vpcId"),
    "SubnetIds": ("subnetSet", "subnetId"),
    "InternetGatewayIds": ("internetGatewayIdSet", "internetGatewayId"),
    "RouteTableIds": ("routeTableIdSet", "routeTableId"),
    "NetworkInterfaceIds": ("networkInterfaceIdSet", "networkInterfaceId"),
    "VolumeIds": ("volumeSet", "volumeId"),
    "SnapshotIds": ("snapshotSet", "snapshotId"),
    "ImageIds": ("imagesSet", "imageId"),
    "Owners": ("ownersSet", "owner"),
    "ExecutableUsers": ("executableBySet", "user"),
    "ZoneNames": ("availabilityZoneSet", "zoneName"),
    "ZoneIds": ("availabilityZoneIdSet", "zoneId"),
    "RegionNames": ("regionSet", "regionName"),
    "KeyNames": ("keySet", "keyName"),
    "PublicIps": ("publicIpsSet", "publicIp"),
    "AllocationIds": ("allocationIdsSet", "allocationId"),
    "GroupIds": ("securityGroupIdSet", "groupId"),
    "GroupNames": ("securityGroupSet", "groupName"),
    "SecurityGroupIds": ("groupSet", "groupId"),
    "SecurityGroups": ("groupSet", "groupName"),
    "Resources": ("resourcesSet", "resourceId"),
    "SecurityGroupRuleIds": ("securityGroupRuleIdSet", "securityGroupRuleId"),
    "Groups": ("groupSet", "groupId"),
}
# A list of structures in a request -> its element.
_STRUCTURE_LISTS = {
    "Filters": "filterSet",
    "Tags": "tagSet",
    "TagSpecifications": "tagSpecificationSet",
    "BlockDeviceMappings": "blockDeviceMapping",
    "NetworkInterfaces": "networkInterfaceSet",
    "IpPermissions": "ipPermissions",
    "UserIdGroupPairs": "groups",
    "PrivateIpAddresses": "privateIpAddressesSet",
}
# Lists that keep their items in ``item`` instead of ``items``.
_SINGULAR = {"privateIpAddressesSet"}

# Fields that a record has even if the request didn't set them.
_ALWAYS: dict[str, dict[str, Any]] = {
    "DescribeInstances": {"instancesSet": {}, "filterSet": {}},
    "DescribeInstanceStatus": {"instancesSet": {}, "filterSet": {}, "includeAllInstances": False},
    "DescribeSecurityGroups": {
        "securityGroupSet": {},
        "securityGroupIdSet": {},
        "filterSet": {},
    },
    "DescribeVpcs": {"vpcSet": {}, "filterSet": {}},
    "DescribeSubnets": {"subnetSet": {}, "filterSet": {}},
    "DescribeInternetGateways": {"internetGatewayIdSet": {}, "filterSet": {}},
    "DescribeRouteTables": {"routeTableIdSet": {}, "filterSet": {}},
    "DescribeNetworkInterfaces": {"networkInterfaceIdSet": {}, "filterSet": {}},
    "DescribeVolumes": {"volumeSet": {}, "filterSet": {}},
    "DescribeSnapshots": {
        "snapshotSet": {},
        "ownersSet": {},
        "sharedUsersSet": {},
        "filterSet": {},
    },
    "DescribeImages": {"executableBySet": {}, "imagesSet": {}, "ownersSet": {}, "filterSet": {}},
    "DescribeAvailabilityZones": {"availabilityZoneSet": {}, "availabilityZoneIdSet": {}},
    "DescribeRegions": {"regionSet": {}},
    "DescribeTags": {"filterSet": {}},
    "DescribeKeyPairs": {"keySet": {}, "filterSet": {}},
    "DescribeAddresses": {"publicIpsSet": {}, "filterSet": {}, "allocationIdsSet": {}},
    "StopInstances": {"force": False},
    "AuthorizeSecurityGroupIngress": {"ipPermissions": {}},
    "AuthorizeSecurityGroupEgress": {"ipPermissions": {}},
    "RevokeSecurityGroupIngress": {"ipPermissions": {}},
    "RevokeSecurityGroupEgress": {"ipPermissions": {}},
    "RunInstances": {
        "blockDeviceMapping": {},
        "monitoring": {"enabled": False},
        "disableApiTermination": False,
        "disableApiStop": False,
    },
}
# The fields of RunInstances that are in the single entry of ``instancesSet``.
_PER_INSTANCE = ("imageId", "minCount", "maxCount", "keyName")


@functools.cache
def request_converter(operation: str) -> Convert:
    """Return the function that converts an operation's parameters to ``requestParameters``."""
    shape = get_service_model("ec2").operation_model(operation).input_shape
    if ec2_wrapped.is_wrapped(operation):
        return ec2_wrapped.request_converter(operation, shape)
    convert = _request_structure(shape)
    always = _ALWAYS.get(operation, {})

    def convert_request(params: dict[str, Any]) -> dict[str, Any]:
        converted = {**always, **convert(params)}
        if operation == "RunInstances":
            _gather_per_instance(converted)
        return converted

    return convert_request


def _gather_per_instance(converted: dict[str, Any]) -> None:
    entry = {name: converted.pop(name) for name in _PER_INSTANCE if name in converted}
    converted["instancesSet"] = {"items": [entry]}


def _request_structure(shape: Any) -> Convert:
    if shape is None:
        return lambda _: {}
    members = {name: _request_member(name, member) for name, member in shape.members.items()}

    def convert(params: dict[str, Any]) -> dict[str, Any]:
        converted = {}
        for name, value in params.items():
            if name in members:
                spelling, inner = members[name]
                converted[spelling] = value if inner is None else inner(value)
        return converted

    return convert


def _request_member(name: str, shape: Any) -> tuple[str, Convert | None]:
    if shape.type_name == "list":
        return _request_list(name, shape)
    spelling = lower_first(shape.serialization.get("name", name))
    if shape.type_name == "structure":
        return spelling, _request_structure(shape)
    return spelling, _scalar(shape)


def _request_list(name: str, shape: Any) -> tuple[str, Convert]:
    if name == "Tags" and shape.serialization.get("name") == "Tag":
        inside = _request_structure(shape.member)
        if shape.member.type_name == "structure":
            return "tagSet", lambda values: _items("items", [inside(value) for value in values])
    if shape.member.type_name == "structure":
        spelling = _STRUCTURE_LISTS.get(name) or lower_first(shape.serialization.get("name", name))
        inside = _FILTER if name == "Filters" else _request_structure(shape.member)
        if name == "TagSpecifications":
            inside = _tag_specification
        key = "item" if spelling in _SINGULAR else "items"
        return spelling, lambda values: _items(key, [inside(value) for value in values])
    spelling, entry = _LISTS.get(name) or _guessed_list(name)
    return spelling, lambda values: _items("items", [{entry: value} for value in values])


def _guessed_list(name: str) -> tuple[str, str]:
    singular = lower_first(name.removesuffix("s"))
    return f"{singular}Set", singular


def _FILTER(value: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - stands for a shape
    values = [{"value": item} for item in value.get("Values", [])]
    return {"name": value.get("Name"), "valueSet": _items("items", values)}


def _tag_specification(value: dict[str, Any]) -> dict[str, Any]:
    # Real records have the tags as a plain list here.
    tags = [{"key": tag.get("Key"), "value": tag.get("Value", "")} for tag in value.get("Tags", [])]
    return {"resourceType": value.get("ResourceType"), "tags": tags}


def _items(key: str, values: list[Any]) -> dict[str, Any]:
    return {key: values} if values else {}


@functools.cache
def response_converter(operation: str) -> Callable[[dict[str, Any], str], dict[str, Any]]:
    """Return the function ``(result, request_id)`` that builds ``responseElements``."""
    shape = get_service_model("ec2").operation_model(operation).output_shape
    if ec2_wrapped.is_wrapped(operation):
        return ec2_wrapped.response_converter(operation, shape)
    convert = _response_structure(shape, {}) if shape is not None else None

    def convert_response(result: dict[str, Any], request_id: str) -> dict[str, Any]:
        fields = convert(result) if convert is not None else {}
        if not fields:
            fields = {"_return": True}
        return {"requestId": request_id, **fields}

    return convert_response


def _response_structure(shape: Any, known: dict[str, list[Convert]]) -> Convert:
    if shape.name in known:
        return functools.partial(late, known[shape.name])
    known[shape.name] = holder = []
    members = {
        name: (_response_name(name, member), _response_value(name, member, known))
        for name, member in shape.members.items()
    }

    def convert(value: dict[str, Any]) -> dict[str, Any]:
        converted = {}
        for name, item in value.items():
            if name in members and item is not None and item != "":
                spelling, inner = members[name]
                converted[spelling] = item if inner is None else inner(item)
        return converted

    holder.append(convert)
    return convert


def _response_name(name: str, shape: Any) -> str:
    spelling = lower_first(shape.serialization.get("name", name))
    return "_return" if spelling == "return" else spelling


def _response_value(name: str, shape: Any, known: dict[str, list[Convert]]) -> Convert | None:
    if shape.type_name == "structure":
        return _response_structure(shape, known)
    if shape.type_name != "list":
        return _scalar(shape)
    key = "item" if _response_name(name, shape) in _SINGULAR else "items"
    if shape.member.type_name == "structure":
        inside = _response_structure(shape.member, known)
        return lambda values: _items(key, [inside(value) for value in values])
    return lambda values: _items(key, list(values))


def _scalar(shape: Any) -> Convert | None:
    if shape.type_name == "timestamp":
        return lambda value: _milliseconds(value) if isinstance(value, datetime) else value
    if shape.type_name == "blob":
        return lambda value: value.decode("latin-1") if isinstance(value, bytes) else value
    return None


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000
