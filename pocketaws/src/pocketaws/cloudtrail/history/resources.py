"""Find the resources that the event history lists for an event.

CloudTrail derives them from parameters and results; the record itself doesn't list them. Sources:
published ``LookupEvents`` responses for real calls (RunInstances: VPC, AMI, interface, instance,
key pair, security groups, subnet; StopInstances, StartInstances, and TerminateInstances: the
instances; AttachVolume; CreateTags: the resource without a type; AssumeRole); CloudTrail user
guide, "Resource types supported by CloudTrail". Read-only calls list no resources, except
AssumeRole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..records.event import Event

Resource = tuple[str, str | None]
"""A resource's name and type; tagged resources have no known type."""

_EC2_TYPES = {
    "vpcId": "AWS::EC2::VPC",
    "imageId": "AWS::EC2::Ami",
    "networkInterfaceId": "AWS::EC2::NetworkInterface",
    "volumeId": "AWS::EC2::Volume",
    "instanceId": "AWS::EC2::Instance",
    "keyName": "AWS::EC2::KeyPair",
    "groupId": "AWS::EC2::SecurityGroup",
    "groupName": "AWS::EC2::SecurityGroup",
    "subnetId": "AWS::EC2::Subnet",
    "internetGatewayId": "AWS::EC2::InternetGateway",
    "routeTableId": "AWS::EC2::RouteTable",
    "associationId": "AWS::EC2::SubnetRouteTableAssociation",
    "snapshotId": "AWS::EC2::Snapshot",
    "networkAclId": "AWS::EC2::NetworkAcl",
}
# Calls whose resource list omits types that their parameters or results name.
_EC2_ONLY = {
    "RunInstances": (
        "vpcId", "imageId", "networkInterfaceId", "instanceId", "keyName", "groupId", "groupName",
        "subnetId",
    ),
    "AuthorizeSecurityGroupIngress": ("groupId", "groupName"),
    "AuthorizeSecurityGroupEgress": ("groupId", "groupName"),
    "RevokeSecurityGroupIngress": ("groupId", "groupName"),
    "RevokeSecurityGroupEgress": ("groupId", "groupName"),
    "AttachVolume": ("volumeId", "instanceId"),
    "DetachVolume": ("volumeId", "instanceId"),
}  # fmt: skip

# (service, member) -> type, for calls that write; members match at any depth.
_OTHER_TYPES: dict[str, dict[str, str]] = {
    "iam": {
        "roleName": "AWS::IAM::Role",
        "userName": "AWS::IAM::User",
        "policyArn": "AWS::IAM::Policy",
        "instanceProfileName": "AWS::IAM::InstanceProfile",
        "accessKeyId": "AWS::IAM::AccessKey",
    },
    "s3": {"bucketName": "AWS::S3::Bucket"},
    "cloudtrail": {
        "trailARN": "AWS::CloudTrail::Trail",
        "trailName": "AWS::CloudTrail::Trail",
        "s3BucketName": "AWS::S3::Bucket",
    },
    "cloudformation": {
        "stackId": "AWS::CloudFormation::Stack",
        "stackName": "AWS::CloudFormation::Stack",
    },
    "sns": {"topicArn": "AWS::SNS::Topic"},
}
_TRAIL_CALLS = frozenset(
    {"CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"}
)


def looked_up_resources(event: Event) -> list[Resource]:
    """Return the resources of an event without duplicates, in CloudTrail's order."""
    found = dict.fromkeys(_resources(event))
    return list(found)


def _resources(event: Event) -> Iterator[Resource]:
    operation = event.operation
    if (operation.service, operation.name) == ("sts", "AssumeRole"):
        yield from _assumed(event)
    elif operation.read_only:
        return
    elif operation.service == "ec2":
        yield from _ec2(event)
    elif operation.service in _OTHER_TYPES:
        yield from _other(event)


def _ec2(event: Event) -> Iterator[Resource]:
    name = event.operation.name
    if name in {"CreateTags", "DeleteTags"}:
        for value in _values(event.parameters, "resourceId"):
            yield value, None
        return
    for member in _EC2_ONLY.get(name, tuple(_EC2_TYPES)):
        for named in (event.parameters, event.response):
            for value in _values(named, member):
                yield value, _EC2_TYPES[member]


def _other(event: Event) -> Iterator[Resource]:
    for member, kind in _OTHER_TYPES[event.operation.service].items():
        for named in (event.parameters, event.response):
            for value in _values(named, member):
                yield value, kind
    if event.operation.name in _TRAIL_CALLS and event.operation.service == "cloudtrail":
        for value in _values(event.parameters, "name"):
            yield value, "AWS::CloudTrail::Trail"


def _assumed(event: Event) -> Iterator[Resource]:
    response = event.response or {}
    if key := response.get("credentials", {}).get("accessKeyId"):
        yield key, "AWS::IAM::AccessKey"
    session = response.get("assumedRoleUser", {})
    for member in ("assumedRoleId", "arn"):
        if member in session:
            yield session[member], "AWS::STS::AssumedRole"
    if arn := (event.parameters or {}).get("roleArn"):
        yield arn, "AWS::IAM::Role"


def _values(named: Any, member: str) -> Iterator[str]:
    """Return every text under ``member`` at any depth, also in wrapped EC2 calls."""
    if isinstance(named, dict):
        for name, value in named.items():
            if name[:1].lower() + name[1:] == member:
                yield from _texts(value)
            else:
                yield from _values(value, member)
    elif isinstance(named, list):
        for value in named:
            yield from _values(value, member)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts(value.get("content"))
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
