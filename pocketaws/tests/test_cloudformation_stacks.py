"""Stacks from creation to deletion, as seen by an unmodified boto3."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from .conftest import ClientFactory

NETWORK = """
AWSTemplateFormatVersion: 2010-09-09
Description: A server in a network of its own
Parameters:
  Ami:
    Type: AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>
    Default: /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64
  Port: {Type: Number, Default: 443, MinValue: 1, MaxValue: 65535}
Conditions:
  Never: !Equals [!Ref Port, 0]
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.3.0.0/16, EnableDnsHostnames: true}
  Gateway: {Type: "AWS::EC2::InternetGateway", Metadata: {Of: !Sub "${Vpc} in ${AWS::Region}"}}
  Attachment:
    Type: AWS::EC2::VPCGatewayAttachment
    Properties: {VpcId: !Ref Vpc, InternetGatewayId: !Ref Gateway}
  Subnet:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: !Select [1, !Cidr [!GetAtt Vpc.CidrBlock, 4, 8]]
      AvailabilityZone: !Select [0, !GetAZs ""]
      MapPublicIpOnLaunch: true
  Table: {Type: "AWS::EC2::RouteTable", Properties: {VpcId: !Ref Vpc}}
  Route:
    Type: AWS::EC2::Route
    DependsOn: Attachment
    Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}
  Association:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {SubnetId: !Ref Subnet, RouteTableId: !Ref Table}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: what the server may
      VpcId: !Ref Vpc
      SecurityGroupEgress: [{IpProtocol: tcp, FromPort: !Ref Port, ToPort: !Ref Port, CidrIp: 0.0.0.0/0}]
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 10.0.0.0/8}]
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}]
  Profile: {Type: "AWS::IAM::InstanceProfile", Properties: {Roles: [!Ref Role]}}
  Server:
    Type: AWS::EC2::Instance
    Properties:
      ImageId: !Ref Ami
      InstanceType: t3.micro
      SubnetId: !Ref Subnet
      SecurityGroupIds: [!Ref Group]
      IamInstanceProfile: !Ref Profile
      Tags: [{Key: Name, Value: !Sub "${AWS::StackName}-server"}]
  Never: {Type: "AWS::S3::Bucket", Condition: Never}
Outputs:
  Server: {Value: !Ref Server, Description: its id}
  Address: {Value: !GetAtt Server.PrivateIp}
  Vpc: {Value: !Ref Vpc, Export: {Name: !Sub "${AWS::StackName}-vpc"}}
  DefaultGroup: {Value: !GetAtt Vpc.DefaultSecurityGroup}
  None: {Value: !Ref AWS::Region, Condition: Never}
"""

BUCKET = """
Resources:
  Logs:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {Status: Enabled}
      LifecycleConfiguration: {Rules: [{Status: Enabled, ExpirationInDays: 30}]}
      PublicAccessBlockConfiguration: {BlockPublicAcls: "true", BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Logs
      PolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}, Action: "s3:GetObject", Resource: !Sub "${Logs.Arn}/*"}]
Outputs:
  Bucket: {Value: !Ref Logs}
"""


def outputs(stack: dict[str, Any]) -> dict[str, str]:
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}


def describe(cloudformation: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    return found


def events(cloudformation: Any, name: str) -> list[dict[str, Any]]:
    """Return a stack's events, oldest first, using the paginator."""
    pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=name)
    found = [event for page in pages for event in page["StackEvents"]]
    return list(reversed(found))


def steps(cloudformation: Any, name: str, logical_id: str) -> list[tuple[str, str | None]]:
    return [
        (event["ResourceStatus"], event.get("ResourceStatusReason"))
        for event in events(cloudformation, name)
        if event["LogicalResourceId"] == logical_id
    ]


@pytest.fixture(scope="module")
def network(administrator: ClientFactory) -> dict[str, Any]:
    cloudformation = administrator("cloudformation")
    cloudformation.create_stack(
        StackName="network",
        TemplateBody=NETWORK,
        Capabilities=["CAPABILITY_IAM"],
        Tags=[{"Key": "team", "Value": "blue"}],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName="network")
    return describe(cloudformation, "network")


def test_the_templates_resources_exist_in_the_services(
    administrator: ClientFactory, network: dict[str, Any]
) -> None:
    found = outputs(network)
    reservations = administrator("ec2").describe_instances(InstanceIds=[found["Server"]])
    server = reservations["Reservations"][0]["Instances"][0]
    assert server["VpcId"] == found["Vpc"]
    assert server["PrivateIpAddress"] == found["Address"]
    assert server["PrivateIpAddress"].startswith("10.3.1.")
    assert server["IamInstanceProfile"]["Arn"].split("/")[-1].startswith("network-Profile-")
    default = administrator("ec2").describe_security_groups(GroupIds=[found["DefaultGroup"]])
    assert default["SecurityGroups"][0]["GroupName"] == "default"
    assert default["SecurityGroups"][0]["VpcId"] == found["Vpc"]
    groups = administrator("ec2").describe_security_groups(
        GroupIds=[server["SecurityGroups"][0]["GroupId"]]
    )["SecurityGroups"]
    assert [rule["ToPort"] for rule in groups[0]["IpPermissionsEgress"]] == [443]
    assert [rule["ToPort"] for rule in groups[0]["IpPermissions"]] == [22]


def test_a_stack_describes_itself(network: dict[str, Any]) -> None:
    assert network["StackStatus"] == "CREATE_COMPLETE"
    assert network["Description"] == "A server in a network of its own"
    assert network["Capabilities"] == ["CAPABILITY_IAM"]
    assert network["Tags"] == [{"Key": "team", "Value": "blue"}]
    assert set(outputs(network)) == {"Server", "Address", "Vpc", "DefaultGroup"}
    exports = [each.get("ExportName") for each in network["Outputs"]]
    assert sorted(each for each in exports if each) == ["network-vpc"]
    parameters = {each["ParameterKey"]: each for each in network["Parameters"]}
    assert parameters["Ami"]["ParameterValue"].startswith("/aws/service/")
    assert parameters["Ami"]["ResolvedValue"].startswith("ami-")
    assert parameters["Port"]["ParameterValue"] == "443"


def test_resources_carry_the_tags_of_the_stack_and_of_cloudformation(
    administrator: ClientFactory, network: dict[str, Any]
) -> None:
    server = outputs(network)["Server"]
    reservations = administrator("ec2").describe_instances(InstanceIds=[server])
    tags = {t["Key"]: t["Value"] for t in reservations["Reservations"][0]["Instances"][0]["Tags"]}
    assert tags == {
        "team": "blue",
        "Name": "network-server",
        "aws:cloudformation:stack-name": "network",
        "aws:cloudformation:stack-id": network["StackId"],
        "aws:cloudformation:logical-id": "Server",
    }


def test_each_resource_has_its_events_and_the_newest_comes_first(
    administrator: ClientFactory, network: dict[str, Any]
) -> None:
    cloudformation = administrator("cloudformation")
    assert steps(cloudformation, "network", "Server") == [
        ("CREATE_IN_PROGRESS", None),
        ("CREATE_IN_PROGRESS", "Resource creation Initiated"),
        ("CREATE_COMPLETE", None),
    ]
    assert steps(cloudformation, "network", "network") == [
        ("CREATE_IN_PROGRESS", "User Initiated"),
        ("CREATE_COMPLETE", None),
    ]
    newest = cloudformation.describe_stack_events(StackName="network")["StackEvents"][0]
    assert newest["ResourceType"] == "AWS::CloudFormation::Stack"
    assert newest["PhysicalResourceId"] == network["StackId"]
    found = events(cloudformation, "network")
    assert len({event["EventId"] for event in found}) == len(found)
    assert sorted(found, key=lambda event: event["Timestamp"]) == found
    order = [
        event["LogicalResourceId"]
        for event in found
        if event["ResourceStatus"] == "CREATE_COMPLETE"
    ]
    for first, then in (("Vpc", "Subnet"), ("Attachment", "Route"), ("Profile", "Server")):
        assert order.index(first) < order.index(then)


def test_resources_are_listed_in_every_way(
    administrator: ClientFactory, network: dict[str, Any]
) -> None:
    cloudformation = administrator("cloudformation")
    server = outputs(network)["Server"]
    one = cloudformation.describe_stack_resource(StackName="network", LogicalResourceId="Server")
    assert one["StackResourceDetail"]["PhysicalResourceId"] == server
    gateway = cloudformation.describe_stack_resource(
        StackName="network", LogicalResourceId="Gateway"
    )["StackResourceDetail"]
    assert json.loads(gateway["Metadata"]) == {"Of": f"{outputs(network)['Vpc']} in eu-west-1"}
    by_id = cloudformation.describe_stack_resources(PhysicalResourceId=server)["StackResources"]
    assert len(by_id) == 11
    assert {each["StackName"] for each in by_id} == {"network"}
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName="network")
    listed = [each for page in pages for each in page["StackResourceSummaries"]]
    assert {each["ResourceStatus"] for each in listed} == {"CREATE_COMPLETE"}
    assert "Never" not in {each["LogicalResourceId"] for each in listed}


def test_a_stack_is_deleted_in_reverse_and_remains_known_by_its_id(member: ClientFactory) -> None:
    cloudformation = member("cloudformation")
    stack_id = cloudformation.create_stack(
        StackName="passing", TemplateBody=NETWORK, Capabilities=["CAPABILITY_NAMED_IAM"]
    )["StackId"]
    server = outputs(describe(cloudformation, "passing"))["Server"]
    cloudformation.delete_stack(StackName="passing")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="passing")
    assert describe(cloudformation, stack_id)["StackStatus"] == "DELETE_COMPLETE"
    with pytest.raises(ClientError, match="Stack with id passing does not exist"):
        cloudformation.describe_stacks(StackName="passing")
    gone = [
        event["LogicalResourceId"]
        for event in events(cloudformation, stack_id)
        if event["ResourceStatus"] == "DELETE_COMPLETE"
    ]
    for first, then in (
        ("Server", "Group"),
        ("Route", "Attachment"),
        ("Subnet", "Vpc"),
        ("Profile", "Role"),
    ):
        assert gone.index(first) < gone.index(then)
    assert gone[-1] == "passing"
    ec2 = member("ec2")
    assert ec2.describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.3.0.0/16"]}])["Vpcs"] == []
    state = ec2.describe_instances(InstanceIds=[server])["Reservations"][0]["Instances"][0]["State"]
    assert state["Name"] == "terminated"
    summaries = cloudformation.list_stacks(StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"]
    assert [each["StackId"] for each in summaries] == [stack_id]


def test_a_bucket_is_deleted_only_when_it_is_empty(member: ClientFactory) -> None:
    cloudformation, s3 = member("cloudformation"), member("s3")
    cloudformation.create_stack(StackName="bucket", TemplateBody=BUCKET)
    bucket = outputs(describe(cloudformation, "bucket"))["Bucket"]
    assert bucket.startswith("bucket-logs-")
    assert bucket == bucket.lower()
    version = s3.put_object(Bucket=bucket, Key="a", Body=b"a")["VersionId"]
    cloudformation.delete_stack(StackName="bucket")
    with pytest.raises(WaiterError):
        cloudformation.get_waiter("stack_delete_complete").wait(StackName="bucket")
    stack = describe(cloudformation, "bucket")
    assert stack["StackStatus"] == "DELETE_FAILED"
    assert "failed to delete: [Logs]" in stack["StackStatusReason"]
    status, reason = steps(cloudformation, "bucket", "Logs")[-1]
    assert status == "DELETE_FAILED"
    assert "The bucket you tried to delete is not empty" in str(reason)
    assert "(Service: S3, Status Code: 409, Request ID: " in str(reason)
    s3.delete_object(Bucket=bucket, Key="a", VersionId=version)
    cloudformation.delete_stack(StackName="bucket")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack["StackId"])
    assert bucket not in [each["Name"] for each in s3.list_buckets()["Buckets"]]


def test_settings_of_a_bucket_reach_s3(member: ClientFactory) -> None:
    cloudformation, s3 = member("cloudformation"), member("s3")
    stack_id = cloudformation.create_stack(StackName="settings", TemplateBody=BUCKET)["StackId"]
    bucket = outputs(describe(cloudformation, "settings"))["Bucket"]
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert rules[0]["Expiration"]["Days"] == 30
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert block == dict.fromkeys(block, True)
    assert (
        bucket
        in json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"][0]["Resource"]
    )
    tags = {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]}
    assert tags["aws:cloudformation:stack-id"] == stack_id


def test_accounts_and_names_are_kept_apart(
    administrator: ClientFactory, member: ClientFactory, network: dict[str, Any]
) -> None:
    with pytest.raises(ClientError, match="does not exist"):
        member("cloudformation").describe_stacks(StackName=network["StackId"])
    with pytest.raises(ClientError) as caught:
        administrator("cloudformation").create_stack(StackName="network", TemplateBody=BUCKET)
    assert caught.value.response["Error"] == {
        "Type": "Sender",
        "Code": "AlreadyExistsException",
        "Message": "Stack [network] already exists",
    }
