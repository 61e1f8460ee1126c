"""The checks of ``RunInstances``, in the order in which AWS is likely to make them.

Source: EC2 API reference, "Error codes for the Amazon EC2 API".
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any

from .. import moto_state
from ..errors import AwsError
from ..faults import faults
from . import instances, limits

if TYPE_CHECKING:
    from ..gateway.call import Call
    from ..world import World

MAX_USER_DATA_BYTES = 16384
_IMAGE_ID = re.compile(r"ami-([0-9a-f]{8}|[0-9a-f]{17})")


def check(call: Call) -> Any:
    """Refuse what AWS refuses, and return moto's image."""
    params = call.params
    backend = instances.backend(call.account, call.region)
    least, most = int(params.get("MinCount", 0)), int(params.get("MaxCount", 0))
    if not 1 <= least <= most:
        raise _invalid(
            "Invalid value for MinCount and MaxCount: MinCount must be at least 1 and at most MaxCount"
        )
    image = _image(backend, params.get("ImageId"))
    _instance_type(backend, call.region, params.get("InstanceType", "m1.small"), image)
    _key(backend, params.get("KeyName"))
    _user_data(params.get("UserData"))
    _profile(call, params.get("IamInstanceProfile"))
    _network(backend, params)
    limits.check_vcpus(call, params.get("InstanceType", "m1.small"), most)
    _capacity(call, backend)
    return image


def _capacity(call: Call, backend: Any) -> None:
    specs: list[dict[str, Any]] = call.params.get("NetworkInterfaces", [])
    subnet_id = call.params.get("SubnetId") or next((s.get("SubnetId") for s in specs), None)
    placed: str | None = call.params.get("Placement", {}).get("AvailabilityZone")
    for zone, subnets in backend.subnets.items():
        if subnet_id in subnets:
            placed = zone
    check_capacity(call.world, call.region, placed, call.params.get("InstanceType", "m1.small"))


def check_capacity(world: World, region: str, zone: str | None, instance_type: str) -> None:
    """Refuse a zone without capacity (a fault that's switched on).

    Source: EC2 API reference, "Error codes for the Amazon EC2 API" (a server error); the message is AWS's own.
    """
    empty = faults(world).no_capacity
    if zone is None or zone not in empty:
        return
    others = [f"{region}{letter}" for letter in "abc" if f"{region}{letter}" not in empty]
    elsewhere = f" or choosing {', '.join(others)}" if others else ""
    raise AwsError(
        "InsufficientInstanceCapacity",
        f"We currently do not have sufficient {instance_type} capacity in the Availability Zone you requested ({zone}). "
        f"Our system will be working on provisioning additional capacity. You can currently get {instance_type} capacity "
        f"by not specifying an Availability Zone in your request{elsewhere}.",
        500,
    )


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValue", message)


def _image(backend: Any, image_id: str | None) -> Any:
    if not image_id:
        raise AwsError("MissingParameter", "The request must contain the parameter ImageId")
    if _IMAGE_ID.fullmatch(image_id) is None:
        raise AwsError("InvalidAMIID.Malformed", f'Invalid id: "{image_id}"')
    image = backend.amis.get(image_id)
    if image is None:
        if image_id in backend.deleted_amis:
            raise AwsError(
                "InvalidAMIID.Unavailable", f"The image ID '{image_id}' is not available"
            )
        raise AwsError("InvalidAMIID.NotFound", f"The image id '[{image_id}]' does not exist")
    if image.state != "available":
        raise AwsError("InvalidAMIID.Unavailable", f"The image ID '{image_id}' is not available")
    return image


def _instance_type(backend: Any, region: str, name: str, image: Any) -> None:
    found = [t for t in backend.describe_instance_types([], {}) if t["InstanceType"] == name]
    offered = backend.describe_instance_type_offerings("region", {"instance-type": [name]})
    if not found or not offered:
        raise _invalid(f"Invalid value '{name}' for InstanceType.")
    architectures = found[0].get("ProcessorInfo", {}).get("SupportedArchitectures", [])
    if architectures and image.architecture not in architectures:
        raise AwsError(
            "Unsupported",
            f"The requested configuration is currently not supported in {region}: the architecture '{image.architecture}' "
            f"of the specified AMI does not match the instance type's ({', '.join(architectures)}).",
        )


def _key(backend: Any, name: str | None) -> None:
    if name and name not in backend.key_pairs:
        raise AwsError("InvalidKeyPair.NotFound", f"The key pair '{name}' does not exist")


def _user_data(text: str | None) -> None:
    if not text:
        return
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _invalid("Invalid BASE64 encoding of user data.") from None
    if len(data) > MAX_USER_DATA_BYTES:
        raise _invalid(f"User data is limited to {MAX_USER_DATA_BYTES} bytes")


def _profile(call: Call, profile: dict[str, str] | None) -> None:
    if not profile:
        return
    known = moto_state.backend("iam", call.account, "aws").instance_profiles.values()
    name, arn = profile.get("Name"), profile.get("Arn")
    if arn is not None and arn not in {p.arn for p in known}:
        raise _invalid(
            f"Value ({arn}) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN"
        )
    if name is not None and name not in {p.name for p in known}:
        raise _invalid(
            f"Value ({name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"
        )


def _network(backend: Any, params: dict[str, Any]) -> None:
    specs: list[dict[str, Any]] = params.get("NetworkInterfaces", [])
    if specs and (params.get("SubnetId") or params.get("SecurityGroupIds")):
        raise AwsError(
            "InvalidParameterCombination",
            "Network interfaces and an instance-level subnet ID or security groups may not be specified on the same request",
        )
    pairs = [(params.get("SubnetId"), params.get("SecurityGroupIds", []))]
    pairs += [(spec.get("SubnetId"), spec.get("Groups", [])) for spec in specs]
    for subnet_id, groups in pairs:
        subnet = next(
            (
                s
                for by_zone in backend.subnets.values()
                for s in by_zone.values()
                if s.id == subnet_id
            ),
            None,
        )
        if subnet_id and subnet is None:
            raise AwsError(
                "InvalidSubnetID.NotFound", f"The subnet ID '{subnet_id}' does not exist"
            )
        for group_id in groups:
            group = backend.get_security_group_from_id(group_id)
            if group is None:
                raise AwsError(
                    "InvalidGroup.NotFound", f"The security group '{group_id}' does not exist"
                )
            if subnet is not None and group.vpc_id != subnet.vpc_id:
                raise AwsError(
                    "InvalidParameter",
                    f"Security group {group_id} and subnet {subnet_id} belong to different networks.",
                )
