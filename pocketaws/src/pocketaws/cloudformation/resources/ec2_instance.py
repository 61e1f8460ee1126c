"""EC2: instances and flow logs.

Source: CloudFormation template reference, "AWS::EC2::Instance", "AWS::EC2::FlowLog".
"""

from __future__ import annotations

from typing import Any

from ...errors import AwsError
from .ec2_tags import TaggedType, specifications
from .handler import ResourceFailed, Work, resource_type

_AS_THEY_ARE = (
    "ImageId", "InstanceType", "KeyName", "SubnetId", "PrivateIpAddress", "SecurityGroupIds",
    "UserData", "EbsOptimized", "DisableApiTermination", "InstanceInitiatedShutdownBehavior",
    "MetadataOptions", "BlockDeviceMappings",
)  # fmt: skip
_CONVERTED = (
    "IamInstanceProfile", "NetworkInterfaces", "CreditSpecification", "Monitoring",
    "AvailabilityZone", "Tenancy", "Tags", "PropagateTagsToVolumeOnCreation",
)  # fmt: skip
_INTERFACE_NUMBERS = ("DeviceIndex", "SecondaryPrivateIpAddressCount", "Ipv6AddressCount")


@resource_type("AWS::EC2::Instance")
class Instance(TaggedType):
    """An instance; its creation completes when it runs."""

    supported = frozenset({*_AS_THEY_ARE, *_CONVERTED})
    attributes = frozenset(
        {
            "InstanceId",
            "AvailabilityZone",
            "PrivateDnsName",
            "PrivateIp",
            "PublicDnsName",
            "PublicIp",
            "State.Name",
            "VpcId",
        }
    )
    create_seconds = 20.0
    delete_seconds = 40.0

    def create(self, work: Work) -> None:
        given = work.properties
        kinds = ["instance"]
        if given.get("PropagateTagsToVolumeOnCreation"):
            kinds.append("volume")
        made = work.call(
            "ec2", "RunInstances",
            MinCount=1,
            MaxCount=1,
            **{name: given[name] for name in _AS_THEY_ARE if name in given},
            **_api_properties(given),
            TagSpecifications=specifications(work, *kinds),
        )["Instances"][0]  # fmt: skip
        work.identify(made["InstanceId"], InstanceId=made["InstanceId"])

    def settled(self, work: Work) -> bool:
        instance = self._describe(work)
        state = instance["State"]["Name"] if instance else "terminated"
        if state == "pending":
            return False
        if instance is None or state != "running":
            reason = (instance or {}).get("StateTransitionReason", "")
            raise ResourceFailed(
                f"Instance {work.physical_id} failed to stabilize. Current state: {state}. Reason: {reason}"
            )
        work.resource.attributes |= {
            "AvailabilityZone": instance["Placement"]["AvailabilityZone"],
            "PrivateDnsName": instance.get("PrivateDnsName", ""),
            "PrivateIp": instance.get("PrivateIpAddress", ""),
            "PublicDnsName": instance.get("PublicDnsName", ""),
            "PublicIp": instance.get("PublicIpAddress", ""),
            "State.Name": state,
            "VpcId": instance.get("VpcId", ""),
        }
        return True

    def delete(self, work: Work) -> None:
        work.delete_if_exists(
            "ec2", "TerminateInstances", "InvalidInstanceID.NotFound",
            InstanceIds=[work.physical_id],
        )  # fmt: skip

    def gone(self, work: Work) -> bool:
        instance = self._describe(work)
        return instance is None or instance["State"]["Name"] == "terminated"

    def _describe(self, work: Work) -> dict[str, Any] | None:
        try:
            found = work.call("ec2", "DescribeInstances", InstanceIds=[work.physical_id])
        except AwsError as error:
            if error.code != "InvalidInstanceID.NotFound":
                raise
            return None
        for reservation in found["Reservations"]:
            for instance in reservation["Instances"]:
                return dict(instance)
        return None


def _api_properties(given: dict[str, Any]) -> dict[str, Any]:
    """Convert the properties that the API spells differently from templates."""
    made: dict[str, Any] = {}
    if "IamInstanceProfile" in given:
        made["IamInstanceProfile"] = {"Name": given["IamInstanceProfile"]}
    if "NetworkInterfaces" in given:
        made["NetworkInterfaces"] = [_interface(each) for each in given["NetworkInterfaces"]]
    if "CreditSpecification" in given:
        made["CreditSpecification"] = {"CpuCredits": given["CreditSpecification"].get("CPUCredits")}
    if "Monitoring" in given:
        made["Monitoring"] = {"Enabled": given["Monitoring"]}
    placement = {name: given[name] for name in ("AvailabilityZone", "Tenancy") if name in given}
    if placement:
        made["Placement"] = placement
    return made


def _interface(given: dict[str, Any]) -> dict[str, Any]:
    made = {("Groups" if name == "GroupSet" else name): value for name, value in given.items()}
    return {
        name: int(value) if name in _INTERFACE_NUMBERS else value for name, value in made.items()
    }


@resource_type("AWS::EC2::FlowLog")
class FlowLog(TaggedType):
    """A flow log of a VPC, subnet, or network interface."""

    supported = frozenset(
        {
            "DeliverLogsPermissionArn", "LogDestination", "LogDestinationType", "LogFormat",
            "LogGroupName", "MaxAggregationInterval", "ResourceId", "ResourceType", "Tags",
            "TrafficType",
        }
    )  # fmt: skip
    attributes = frozenset({"Id"})

    def create(self, work: Work) -> None:
        given = {k: v for k, v in work.properties.items() if k not in {"ResourceId", "Tags"}}
        made = work.call(
            "ec2", "CreateFlowLogs",
            ResourceIds=[work.properties["ResourceId"]],
            **given,
            TagSpecifications=specifications(work, "vpc-flow-log"),
        )  # fmt: skip
        if made.get("Unsuccessful"):
            raise ResourceFailed(made["Unsuccessful"][0]["Error"]["Message"])
        work.identify(made["FlowLogIds"][0], Id=made["FlowLogIds"][0])

    def delete(self, work: Work) -> None:
        work.delete_if_exists(
            "ec2", "DeleteFlowLogs", "InvalidFlowLogId.NotFound", FlowLogIds=[work.physical_id]
        )

    def gone(self, work: Work) -> bool:
        found = work.call(
            "ec2", "DescribeFlowLogs",
            Filter=[{"Name": "flow-log-id", "Values": [work.physical_id]}],
        )["FlowLogs"]  # fmt: skip
        return work.physical_id not in [each["FlowLogId"] for each in found]
