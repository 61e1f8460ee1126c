"""What Runtime Monitoring puts into networks: an endpoint for its agents and a security group, tagged ``GuardDutyManaged``.

They stay until Runtime Monitoring or its automated agent is disabled, even after the last server is gone, so they must
be deleted before the network.

Source: GuardDuty user guide, "Using Infrastructure as Code (IaC) with GuardDuty automated security agents",
"Disabling, uninstalling, and cleaning up resources in Runtime Monitoring", "How the security agent connects to
GuardDuty" (service ``guardduty-data``), "Service-linked role permissions for GuardDuty" (what the role may do). Name and description of the group are those of real ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..ec2 import instances
from ..effects import effect
from ..errors import AwsError
from ..registry import after
from . import service_role
from .store import Detector, GuardDutyStore

if TYPE_CHECKING:
    from ..gateway.call import Call
    from ..world import World

_TAG = "GuardDutyManaged"
_SECONDS = 120
"""AWS documents no time."""


@after("ec2", "RunInstances")
@after("guardduty", "CreateDetector", "UpdateDetector")
def look_again(call: Call, _result: dict[str, Any]) -> None:
    """Let GuardDuty notice new servers, and changed settings."""
    detector = call.store(GuardDutyStore).detector
    if detector is not None and (_manages_agents(detector) or call.service == "guardduty"):
        call.world.later(
            "guardduty.agent_endpoints", _SECONDS, account=call.account, region=call.region
        )


def _manages_agents(detector: Detector) -> bool:
    feature = detector.features["RUNTIME_MONITORING"]
    agent = feature["Additional"]["EC2_AGENT_MANAGEMENT"]
    return detector.enabled and feature["Status"] == agent["Status"] == "ENABLED"


@effect("guardduty.agent_endpoints")
def manage(world: World, account: str, region: str) -> None:
    """Make an endpoint in each network with servers, or remove all of them when the agent is off."""
    detector = world.store(GuardDutyStore, account, region).detector
    if detector is None:
        return
    ec2 = _Ec2(world, account, region)
    if not _manages_agents(detector):
        ec2.remove()
        return
    servers = [i for i in instances.every(account, region) if i.state in {"pending", "running"}]
    for vpc_id in sorted({instance.vpc_id for instance in servers}):
        if not ec2.endpoints(vpc_id):
            ec2.create(vpc_id, servers)


class _Ec2:
    """EC2 as GuardDuty's service-linked role calls it."""

    def __init__(self, world: World, account: str, region: str) -> None:
        self._world, self._account, self._region = world, account, region

    def _call(self, operation: str, **params: Any) -> dict[str, Any]:
        caller = service_role.session(self._world, self._account)
        return self._world.call(caller, "ec2", operation, self._region, **params)

    def endpoints(self, vpc_id: str | None = None) -> list[dict[str, Any]]:
        backend = instances.backend(self._account, self._region)
        if not backend.vpc_end_points:
            return []
        filters = [{"Name": f"tag:{_TAG}", "Values": ["true"]}]
        if vpc_id is not None:
            filters.append({"Name": "vpc-id", "Values": [vpc_id]})
        found: list[dict[str, Any]] = self._call("DescribeVpcEndpoints", Filters=filters)[
            "VpcEndpoints"
        ]
        return found

    def create(self, vpc_id: str, servers: list[Any]) -> None:
        subnets = sorted({i.subnet_id for i in servers if i.vpc_id == vpc_id})
        group = self._call(
            "CreateSecurityGroup", VpcId=vpc_id, GroupName=f"GuardDutyManagedSecurityGroup-{vpc_id}",
            Description=f"Associated with VPC-{vpc_id} and tagged as {_TAG}",
            TagSpecifications=_tagged("security-group"),
        )["GroupId"]  # fmt: skip
        cidr = instances.backend(self._account, self._region).vpcs[vpc_id].cidr_block
        permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": cidr}]}  # fmt: skip
        self._call("AuthorizeSecurityGroupIngress", GroupId=group, IpPermissions=[permission])
        self._call(
            "CreateVpcEndpoint", VpcId=vpc_id, VpcEndpointType="Interface", SubnetIds=subnets[:1],
            ServiceName=f"com.amazonaws.{self._region}.guardduty-data", SecurityGroupIds=[group],
            PrivateDnsEnabled=True, TagSpecifications=_tagged("vpc-endpoint"),
        )  # fmt: skip

    def remove(self) -> None:
        """Delete the endpoints, then the groups once nothing uses them any longer."""
        doomed = [e["VpcEndpointId"] for e in self.endpoints() if e["State"] != "deleting"]
        if doomed:
            self._call("DeleteVpcEndpoints", VpcEndpointIds=doomed)
        filters = [{"Name": f"tag:{_TAG}", "Values": ["true"]}]
        for group in self._call("DescribeSecurityGroups", Filters=filters)["SecurityGroups"]:
            try:
                self._call("DeleteSecurityGroup", GroupId=group["GroupId"])
            except AwsError as error:
                if error.code != "DependencyViolation":
                    raise
                self._world.later(
                    "guardduty.agent_endpoints",
                    _SECONDS,
                    account=self._account,
                    region=self._region,
                )


def _tagged(kind: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": [{"Key": _TAG, "Value": "true"}]}]
