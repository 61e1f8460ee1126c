"""EC2: networks.

Source: CloudFormation template reference, "AWS::EC2::VPC", "…::Subnet", "…::InternetGateway",
"…::VPCGatewayAttachment", "…::RouteTable", "…::Route", "…::SubnetRouteTableAssociation".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .ec2_tags import TaggedType, specifications
from .handler import ResourceFailed, ResourceType, Work, resource_type


@resource_type("AWS::EC2::VPC")
class Vpc(TaggedType):
    """A VPC."""

    supported = frozenset(
        {"CidrBlock", "EnableDnsHostnames", "EnableDnsSupport", "InstanceTenancy", "Tags"}
    )
    attributes = frozenset(
        {
            "VpcId",
            "CidrBlock",
            "CidrBlockAssociations",
            "DefaultSecurityGroup",
            "Ipv6CidrBlocks",
        }
    )
    updatable = frozenset({"EnableDnsHostnames", "EnableDnsSupport"})
    create_seconds = 12.0

    def create(self, work: Work) -> None:
        given = work.properties
        made = work.call(
            "ec2", "CreateVpc",
            CidrBlock=given.get("CidrBlock"),
            InstanceTenancy=given.get("InstanceTenancy"),
            TagSpecifications=specifications(work, "vpc"),
        )["Vpc"]  # fmt: skip
        work.identify(
            made["VpcId"],
            VpcId=made["VpcId"],
            CidrBlock=made["CidrBlock"],
            CidrBlockAssociations=[
                each["AssociationId"] for each in made.get("CidrBlockAssociationSet", [])
            ],
            Ipv6CidrBlocks=[],
        )
        self._set_dns(work, {})

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        self._set_dns(work, before)
        super().update(work, before)

    def _set_dns(self, work: Work, before: Mapping[str, Any]) -> None:
        for name, default in (("EnableDnsSupport", True), ("EnableDnsHostnames", False)):
            wanted = work.properties.get(name, default)
            if wanted != before.get(name, default):
                work.call(
                    "ec2", "ModifyVpcAttribute", VpcId=work.physical_id, **{name: {"Value": wanted}}
                )

    def attribute(self, work: Work, name: str) -> Any:
        if name != "DefaultSecurityGroup":
            return super().attribute(work, name)
        found = work.call(
            "ec2", "DescribeSecurityGroups",
            Filters=[
                {"Name": "vpc-id", "Values": [work.physical_id]},
                {"Name": "group-name", "Values": ["default"]},
            ],
        )["SecurityGroups"]  # fmt: skip
        return found[0]["GroupId"]

    def delete(self, work: Work) -> None:
        work.delete_if_exists("ec2", "DeleteVpc", "InvalidVpcID.NotFound", VpcId=work.physical_id)

    def gone(self, work: Work) -> bool:
        return not work.exists(
            "ec2", "DescribeVpcs", "InvalidVpcID.NotFound", VpcIds=[work.physical_id]
        )


@resource_type("AWS::EC2::Subnet")
class Subnet(TaggedType):
    """A subnet."""

    supported = frozenset({"VpcId", "CidrBlock", "AvailabilityZone", "MapPublicIpOnLaunch", "Tags"})
    attributes = frozenset({"SubnetId", "VpcId", "CidrBlock", "AvailabilityZone", "Ipv6CidrBlocks"})
    updatable = frozenset({"MapPublicIpOnLaunch"})

    def create(self, work: Work) -> None:
        given = work.properties
        made = work.call(
            "ec2", "CreateSubnet",
            VpcId=given["VpcId"],
            CidrBlock=given.get("CidrBlock"),
            AvailabilityZone=given.get("AvailabilityZone"),
            TagSpecifications=specifications(work, "subnet"),
        )["Subnet"]  # fmt: skip
        names = ("SubnetId", "VpcId", "CidrBlock", "AvailabilityZone")
        work.identify(made["SubnetId"], **{name: made[name] for name in names}, Ipv6CidrBlocks=[])
        self._set_public(work, before=False)

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        self._set_public(work, before=bool(before.get("MapPublicIpOnLaunch")))
        super().update(work, before)

    def _set_public(self, work: Work, *, before: bool) -> None:
        wanted = bool(work.properties.get("MapPublicIpOnLaunch"))
        if wanted != before:
            work.call(
                "ec2", "ModifySubnetAttribute",
                SubnetId=work.physical_id, MapPublicIpOnLaunch={"Value": wanted},
            )  # fmt: skip

    def delete(self, work: Work) -> None:
        work.delete_if_exists(
            "ec2", "DeleteSubnet", "InvalidSubnetID.NotFound", SubnetId=work.physical_id
        )

    def gone(self, work: Work) -> bool:
        return not work.exists(
            "ec2", "DescribeSubnets", "InvalidSubnetID.NotFound", SubnetIds=[work.physical_id]
        )


@resource_type("AWS::EC2::InternetGateway")
class InternetGateway(TaggedType):
    """An internet gateway."""

    supported = frozenset({"Tags"})
    attributes = frozenset({"InternetGatewayId"})
    create_seconds = 16.0

    def create(self, work: Work) -> None:
        made = work.call(
            "ec2",
            "CreateInternetGateway",
            TagSpecifications=specifications(work, "internet-gateway"),
        )["InternetGateway"]
        work.identify(made["InternetGatewayId"], InternetGatewayId=made["InternetGatewayId"])

    def delete(self, work: Work) -> None:
        work.delete_if_exists(
            "ec2", "DeleteInternetGateway", "InvalidInternetGatewayID.NotFound",
            InternetGatewayId=work.physical_id,
        )  # fmt: skip

    def gone(self, work: Work) -> bool:
        return not work.exists(
            "ec2", "DescribeInternetGateways", "InvalidInternetGatewayID.NotFound",
            InternetGatewayIds=[work.physical_id],
        )  # fmt: skip


@resource_type("AWS::EC2::VPCGatewayAttachment")
class VpcGatewayAttachment(ResourceType):
    """The attachment of an internet gateway; its ID is ``IGW|vpc-…``."""

    supported = frozenset({"VpcId", "InternetGatewayId"})
    attributes = frozenset({"AttachmentType"})

    def create(self, work: Work) -> None:
        if "InternetGatewayId" not in work.properties:
            raise ResourceFailed("Either 'VpnGatewayId' or 'InternetGatewayId' must be specified")
        work.call("ec2", "AttachInternetGateway", **self._parts(work))
        work.identify(f"IGW|{work.properties['VpcId']}", AttachmentType="IGW")

    def delete(self, work: Work) -> None:
        work.delete_if_exists(
            "ec2", "DetachInternetGateway", "Gateway.NotAttached",
            "InvalidInternetGatewayID.NotFound", **self._parts(work),
        )  # fmt: skip

    def gone(self, work: Work) -> bool:
        parts = self._parts(work)
        found = work.call(
            "ec2", "DescribeInternetGateways",
            Filters=[{"Name": "internet-gateway-id", "Values": [parts["InternetGatewayId"]]}],
        )["InternetGateways"]  # fmt: skip
        attached = [each["VpcId"] for gateway in found for each in gateway.get("Attachments", [])]
        return parts["VpcId"] not in attached

    def _parts(self, work: Work) -> dict[str, str]:
        return {name: work.properties[name] for name in ("VpcId", "InternetGatewayId")}


@resource_type("AWS::EC2::RouteTable")
class RouteTable(TaggedType):
    """A route table."""

    supported = frozenset({"VpcId", "Tags"})
    attributes = frozenset({"RouteTableId"})
    create_seconds = 11.0

    def create(self, work: Work) -> None:
        made = work.call(
            "ec2", "CreateRouteTable",
            VpcId=work.properties["VpcId"], TagSpecifications=specifications(work, "route-table"),
        )["RouteTable"]  # fmt: skip
        work.identify(made["RouteTableId"], RouteTableId=made["RouteTableId"])

    def delete(self, work: Work) -> None:
        work.delete_if_exists(
            "ec2", "DeleteRouteTable", "InvalidRouteTableID.NotFound", RouteTableId=work.physical_id
        )

    def gone(self, work: Work) -> bool:
        return not work.exists(
            "ec2", "DescribeRouteTables", "InvalidRouteTableID.NotFound",
            RouteTableIds=[work.physical_id],
        )  # fmt: skip


@resource_type("AWS::EC2::Route")
class Route(ResourceType):
    """A route; its ID is ``rtb-…|destination``."""

    supported = frozenset(
        {
            "RouteTableId",
            "DestinationCidrBlock",
            "GatewayId",
            "InstanceId",
            "NetworkInterfaceId",
            "VpcPeeringConnectionId",
            "NatGatewayId",
        }
    )
    attributes = frozenset({"CidrBlock"})

    def create(self, work: Work) -> None:
        given = work.properties
        if "DestinationCidrBlock" not in given:
            raise ResourceFailed("One of the destination blocks must be specified")
        work.call("ec2", "CreateRoute", **given)
        destination = given["DestinationCidrBlock"]
        work.identify(f"{given['RouteTableId']}|{destination}", CidrBlock=destination)

    def delete(self, work: Work) -> None:
        work.delete_if_exists(
            "ec2", "DeleteRoute", "InvalidRoute.NotFound", "InvalidRouteTableID.NotFound",
            RouteTableId=work.properties["RouteTableId"],
            DestinationCidrBlock=work.properties["DestinationCidrBlock"],
        )  # fmt: skip

    def gone(self, work: Work) -> bool:
        tables = work.call(
            "ec2", "DescribeRouteTables",
            Filters=[{"Name": "route-table-id", "Values": [work.properties["RouteTableId"]]}],
        )["RouteTables"]  # fmt: skip
        routes = [route.get("DestinationCidrBlock") for each in tables for route in each["Routes"]]
        return work.properties["DestinationCidrBlock"] not in routes


@resource_type("AWS::EC2::SubnetRouteTableAssociation")
class SubnetRouteTableAssociation(ResourceType):
    """The association of a subnet with a route table."""

    supported = frozenset({"RouteTableId", "SubnetId"})
    attributes = frozenset({"Id"})

    def create(self, work: Work) -> None:
        made = work.call("ec2", "AssociateRouteTable", **work.properties)["AssociationId"]
        work.identify(made, Id=made)

    def delete(self, work: Work) -> None:
        work.delete_if_exists(
            "ec2", "DisassociateRouteTable", "InvalidAssociationID.NotFound",
            AssociationId=work.physical_id,
        )  # fmt: skip

    def gone(self, work: Work) -> bool:
        found = work.call(
            "ec2", "DescribeRouteTables",
            Filters=[
                {
                    "Name": "association.route-table-association-id",
                    "Values": [work.physical_id],
                }
            ],
        )  # fmt: skip
        return not found["RouteTables"]
