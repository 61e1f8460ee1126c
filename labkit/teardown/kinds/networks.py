"""Networks: VPCs, subnets, gateways, route tables, security groups, flow logs."""

from __future__ import annotations

from labkit.names import TAG_WORKSHOP
from labkit.teardown.scope import Resource, Scope

# Operation, key of the list in the answer, key of the ID, and label. Parts of a VPC come before the VPC.
_KINDS = (
    ("describe_flow_logs", "FlowLogs", "FlowLogId", "flow log"),
    ("describe_security_groups", "SecurityGroups", "GroupId", "security group"),
    ("describe_subnets", "Subnets", "SubnetId", "subnet"),
    ("describe_route_tables", "RouteTables", "RouteTableId", "route table"),
    ("describe_internet_gateways", "InternetGateways", "InternetGatewayId", "internet gateway"),
    ("describe_vpcs", "Vpcs", "VpcId", "VPC"),
)


def find(scope: Scope) -> list[Resource]:
    """Every part of a network with the scope's tags."""
    ec2 = scope.account.client("ec2")
    ours = [{"Name": f"tag:{TAG_WORKSHOP}", "Values": [scope.workshop.name]}]
    found: list[Resource] = []
    for operation, key, id_key, kind in _KINDS:
        parameter = "Filter" if operation == "describe_flow_logs" else "Filters"
        for page in ec2.get_paginator(operation).paginate(**{parameter: ours}):
            for item in page[key]:
                found += scope.match_tags(kind, item[id_key], item["Tags"])
    return found
