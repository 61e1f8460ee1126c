"""A VPC with internet access, a role and servers in it, made with plain boto3."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pocketaws.server import LocalAws

from .conftest import REGION, ClientFactory

AMI_PARAMETER = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def policy(*statements: dict[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def make_role(client: ClientFactory, name: str, service: str, *statements: dict[str, Any]) -> str:
    """A role that a service may assume; returns its ARN."""
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    iam = client("iam")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=policy(*statements))
    return str(made["Role"]["Arn"])


@dataclass
class Site:
    """A network to put servers in."""

    client: ClientFactory
    vpc: str
    subnet: str
    group: str
    profile: str
    image: str

    def run(self, user_data: str = "", **options: Any) -> str:
        """Start a server; returns its id."""
        options = {
            "ImageId": self.image,
            "InstanceType": "t3.micro",
            "MinCount": 1,
            "MaxCount": 1,
            "SubnetId": self.subnet,
            "SecurityGroupIds": [self.group],
            "UserData": user_data,
            "IamInstanceProfile": {"Name": self.profile},
            **options,
        }
        made = self.client("ec2").run_instances(**options)
        return str(made["Instances"][0]["InstanceId"])

    def describe(self, instance_id: str) -> dict[str, Any]:
        """The instance as DescribeInstances shows it."""
        found = self.client("ec2").describe_instances(InstanceIds=[instance_id])
        instance: dict[str, Any] = found["Reservations"][0]["Instances"][0]
        return instance

    def console(self, instance_id: str) -> str:
        """The console output, as text."""
        answer = self.client("ec2").get_console_output(InstanceId=instance_id)
        return str(answer.get("Output", "")).replace("\r\n", "\n")  # botocore has decoded it

    def open_port(self, port: int, cidr: str) -> None:
        """Let a network in."""
        permission = {
            "IpProtocol": "tcp",
            "FromPort": port,
            "ToPort": port,
            "IpRanges": [{"CidrIp": cidr}],
        }
        self.client("ec2").authorize_security_group_ingress(
            GroupId=self.group, IpPermissions=[permission]
        )

    def log(self, group: str, **options: Any) -> list[str]:
        """The messages in a log group."""
        pages = (
            self.client("logs")
            .get_paginator("filter_log_events")
            .paginate(logGroupName=group, **options)
        )
        return [event["message"] for page in pages for event in page["events"]]


def make_site(client: ClientFactory, name: str = "site") -> Site:
    """A VPC with one public subnet, a closed security group, and an instance profile that may do all."""
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    group = ec2.create_security_group(GroupName=name, Description="d", VpcId=vpc)["GroupId"]
    make_role(client, name, "ec2.amazonaws.com", ALL)
    iam = client("iam")
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    image = client("ssm").get_parameter(Name=AMI_PARAMETER)["Parameter"]["Value"]
    return Site(client, vpc, subnet, group, name, image)


def push(site: Site, server: str, key: Path, user: str = "ec2-user") -> None:
    """Open a server for a minute to whoever has a key."""
    public = key.with_suffix(".pub").read_text()
    site.client("ec2-instance-connect").send_ssh_public_key(
        InstanceId=server, InstanceOSUser=user, SSHPublicKey=public
    )


def make_flow_log(site: Site, group: str, role_arn: str, **options: Any) -> str:
    """A flow log of the site's VPC."""
    options = {
        "ResourceIds": [site.vpc],
        "ResourceType": "VPC",
        "TrafficType": "ALL",
        "LogGroupName": group,
        "DeliverLogsPermissionArn": role_arn,
        "MaxAggregationInterval": 60,
        **options,
    }
    return str(site.client("ec2").create_flow_logs(**options)["FlowLogIds"][0])


class Shell:
    """An interactive shell in a guest, without SSH in between."""

    def __init__(
        self,
        aws: LocalAws,
        account: str,
        instance_id: str,
        user: str = "ec2-user",
        address: str = "198.18.0.9",
    ) -> None:
        self.world = aws.world
        self.where = {"account": account, "region": REGION, "instance_id": instance_id}
        self.id, self.reply = self.world.apply(
            "guests.open_shell", user=user, remote_address=address, **self.where
        )

    def type(self, *lines: str) -> str:
        """Type lines; returns what they put out."""
        output = ""
        for line in lines:
            self.reply = self.world.apply("guests.feed", shell_id=self.id, line=line, **self.where)
            output += self.reply.output
        return re.sub("\x1b][^\x07]*\x07", "", output)  # without what sets a window's title
