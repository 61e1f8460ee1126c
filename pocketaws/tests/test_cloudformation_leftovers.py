"""Stacks whose deletion fails because someone made something in their network or bucket."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import ClientFactory
from .test_cloudformation_stacks import describe, steps

TEMPLATE = """
Resources:
  Vpc: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.0.0.0/16}}
  Gateway: {Type: "AWS::EC2::InternetGateway"}
  Attachment:
    Type: AWS::EC2::VPCGatewayAttachment
    Properties: {VpcId: !Ref Vpc, InternetGatewayId: !Ref Gateway}
  Subnet: {Type: "AWS::EC2::Subnet", Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: d, VpcId: !Ref Vpc}
  Bucket: {Type: "AWS::S3::Bucket"}
"""


class Lab:
    """A stack, and what someone makes beside it."""

    def __init__(self, client: ClientFactory, name: str) -> None:
        self.cloudformation, self.ec2, self.s3 = (
            client(s) for s in ("cloudformation", "ec2", "s3")
        )
        self.name = name
        self.cloudformation.create_stack(StackName=name, TemplateBody=TEMPLATE)
        found = self.cloudformation.describe_stack_resources(StackName=name)["StackResources"]
        self.ids = {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in found}

    def delete(self, **options: Any) -> str:
        stack = describe(self.cloudformation, self.name)["StackId"]
        self.cloudformation.delete_stack(StackName=self.name, **options)
        return str(describe(self.cloudformation, stack)["StackStatus"])

    def failed(self) -> dict[str, str]:
        """Logical ID -> reason, of what the last deletion couldn't delete."""
        found = self.cloudformation.describe_stack_resources(StackName=self.name)["StackResources"]
        return {
            r["LogicalResourceId"]: str(steps(self.cloudformation, self.name, r["LogicalResourceId"])[-1][1])
            for r in found if r["ResourceStatus"] == "DELETE_FAILED"
        }  # fmt: skip


def test_a_group_of_somebody_else_keeps_the_network_until_it_is_gone(member: ClientFactory) -> None:
    lab = Lab(member, "group")
    extra = lab.ec2.create_security_group(GroupName="x", Description="d", VpcId=lab.ids["Vpc"])["GroupId"]  # fmt: skip
    assert lab.delete() == "DELETE_FAILED"
    failed = lab.failed()
    assert set(failed) == {"Vpc"}
    assert "has dependencies and cannot be deleted" in failed["Vpc"]
    assert "(Service: Ec2, Status Code: 400" in failed["Vpc"]
    reason = describe(lab.cloudformation, "group")["StackStatusReason"]
    assert reason == "The following resource(s) failed to delete: [Vpc]."
    lab.ec2.delete_security_group(GroupId=extra)
    assert lab.delete() == "DELETE_COMPLETE"


def test_a_rule_that_names_a_group_keeps_it(member: ClientFactory) -> None:
    lab = Lab(member, "rule")
    extra = lab.ec2.create_security_group(GroupName="y", Description="d", VpcId=lab.ids["Vpc"])["GroupId"]  # fmt: skip
    pair = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": lab.ids["Group"]}]}
    lab.ec2.authorize_security_group_ingress(GroupId=extra, IpPermissions=[pair])
    assert lab.delete() == "DELETE_FAILED"
    assert set(lab.failed()) == {"Group"}, "what the group needs is not even tried"
    lab.ec2.revoke_security_group_ingress(GroupId=extra, IpPermissions=[pair])
    lab.ec2.delete_security_group(GroupId=extra)
    assert lab.delete() == "DELETE_COMPLETE"


def test_an_interface_with_an_address_keeps_subnet_and_gateway(member: ClientFactory) -> None:
    lab = Lab(member, "interface")
    nic = lab.ec2.create_network_interface(SubnetId=lab.ids["Subnet"])["NetworkInterface"]
    address = lab.ec2.allocate_address()["AllocationId"]
    association = lab.ec2.associate_address(
        AllocationId=address, NetworkInterfaceId=nic["NetworkInterfaceId"]
    )["AssociationId"]
    assert lab.delete() == "DELETE_FAILED"
    assert set(lab.failed()) == {"Subnet", "Attachment"}
    assert "mapped public address" in lab.failed()["Attachment"]
    lab.ec2.disassociate_address(AssociationId=association)
    lab.ec2.release_address(AllocationId=address)
    assert lab.delete() == "DELETE_FAILED"
    assert set(lab.failed()) == {"Subnet"}
    lab.ec2.delete_network_interface(NetworkInterfaceId=nic["NetworkInterfaceId"])
    assert lab.delete() == "DELETE_COMPLETE"


@pytest.mark.parametrize("way", ["retained", "forced", "emptied"])
def test_a_filled_bucket_fails_the_deletion_and_there_are_three_ways_on(
    member: ClientFactory, way: str
) -> None:
    lab = Lab(member, f"bucket-{way}")
    bucket = lab.ids["Bucket"]
    lab.s3.put_object(Bucket=bucket, Key="mine", Body=b"x")
    assert lab.delete() == "DELETE_FAILED"
    assert "not empty" in lab.failed()["Bucket"]
    match way:
        case "retained":
            assert lab.delete(RetainResources=["Bucket"]) == "DELETE_COMPLETE"
        case "forced":
            assert lab.delete(DeletionMode="FORCE_DELETE_STACK") == "DELETE_COMPLETE"
        case _:
            lab.s3.delete_object(Bucket=bucket, Key="mine")
            assert lab.delete() == "DELETE_COMPLETE"
    left = {each["Name"] for each in lab.s3.list_buckets()["Buckets"]}
    assert (bucket in left) == (way != "emptied"), "a success says nothing about the bucket"
