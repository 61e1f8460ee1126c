"""Describes an instance for a finding, based on EC2's description."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..identity.caller import service_caller
from .service_role import PRINCIPAL

if TYPE_CHECKING:
    from ..world import World


def describe(world: World, account: str, region: str, instance_id: str) -> dict[str, Any]:
    """Return ``resource.instanceDetails`` of a finding; raises ``AwsError`` for a missing instance.

    Source: GuardDuty API reference, "InstanceDetails"; the order and the nulls match real events.
    """
    caller = service_caller(PRINCIPAL, account)
    found = world.call(caller, "ec2", "DescribeInstances", region, InstanceIds=[instance_id])
    instance = found["Reservations"][0]["Instances"][0]
    images = world.call(
        caller, "ec2", "DescribeImages", region,
        Filters=[{"Name": "image-id", "Values": [instance["ImageId"]]}],
    )["Images"]  # fmt: skip
    profile = instance.get("IamInstanceProfile")
    return {
        "instanceId": instance_id,
        "instanceType": instance["InstanceType"],
        "outpostArn": None,
        "launchTime": _launch_time(instance["LaunchTime"]),
        "platform": instance.get("Platform"),
        "productCodes": [
            {"productCodeId": code["ProductCodeId"], "productCodeType": code["ProductCodeType"]}
            for code in instance.get("ProductCodes", [])
        ],
        "iamInstanceProfile": {"arn": profile["Arn"], "id": profile["Id"]} if profile else None,
        "networkInterfaces": [_interface(each) for each in instance["NetworkInterfaces"]],
        "tags": [{"key": tag["Key"], "value": tag["Value"]} for tag in instance.get("Tags", [])],
        "instanceState": instance["State"]["Name"],
        "availabilityZone": instance["Placement"]["AvailabilityZone"],
        "imageId": instance["ImageId"],
        "imageDescription": images[0].get("Description") if images else None,
    }


def _launch_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _interface(interface: dict[str, Any]) -> dict[str, Any]:
    association = interface.get("Association", {})
    return {
        "ipv6Addresses": [each["Ipv6Address"] for each in interface.get("Ipv6Addresses", [])],
        "networkInterfaceId": interface["NetworkInterfaceId"],
        "privateDnsName": interface.get("PrivateDnsName"),
        "privateIpAddress": interface["PrivateIpAddress"],
        "privateIpAddresses": [
            {
                "privateDnsName": each.get("PrivateDnsName"),
                "privateIpAddress": each["PrivateIpAddress"],
            }
            for each in interface.get("PrivateIpAddresses", [])
        ],
        "subnetId": interface["SubnetId"],
        "vpcId": interface["VpcId"],
        "securityGroups": [
            {"groupName": group["GroupName"], "groupId": group["GroupId"]}
            for group in interface.get("Groups", [])
        ],
        "publicDnsName": association.get("PublicDnsName", ""),
        "publicIp": association.get("PublicIp"),
    }
