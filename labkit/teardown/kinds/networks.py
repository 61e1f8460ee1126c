"""Networks: VPCs and what's inside them, including what attendees added."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from labkit.aws import Account
from labkit.clock import Clock
from labkit.teardown.kinds.kind import Kind, Stage
from labkit.teardown.resources import Resource
from labkit.teardown.search import TAG_FILTER, Search, first_of_each


class FlowLogs(Kind):
    """Flow logs."""

    name = "flow log"
    stage = Stage.ATTACHMENTS

    def find(self, search: Search) -> Iterator[Resource]:
        for log in search.pages("ec2", "describe_flow_logs", "FlowLogs", Filter=[*TAG_FILTER]):
            yield from search.tagged("flow log", log["FlowLogId"], log["Tags"])

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        account.client("ec2").delete_flow_logs(FlowLogIds=[key])


class SecurityGroups(Kind):
    """Security groups, except a VPC's default one, which goes with the VPC."""

    name = "security group"
    stage = Stage.GROUPS

    def find(self, search: Search) -> Iterator[Resource]:
        yield from _parts(
            search, "security group", "describe_security_groups", "SecurityGroups", "GroupId",
            lambda group: group["GroupName"] != "default",
        )  # fmt: skip

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        account.client("ec2").delete_security_group(GroupId=key)


class SecurityGroupRules(Kind):
    """Rules that refer to another group in a workshop's VPC: neither group can be deleted before such a rule."""

    name = "security group rule"
    stage = Stage.CONTENTS

    def find(self, search: Search) -> Iterator[Resource]:
        if not search.vpcs:
            return
        groups = search.pages(
            "ec2", "describe_security_groups", "SecurityGroups", Filters=[*search.in_our_vpcs]
        )
        vpc_of = {group["GroupId"]: group["VpcId"] for group in groups if _refers(group)}
        if not vpc_of:
            return
        filters = [{"Name": "group-id", "Values": sorted(vpc_of)}]
        for rule in search.pages(
            "ec2", "describe_security_group_rules", "SecurityGroupRules", Filters=filters
        ):
            group = rule["GroupId"]
            if rule.get("ReferencedGroupInfo", {}).get("GroupId") not in (None, group):
                direction = "egress" if rule["IsEgress"] else "ingress"
                key = f"{direction}/{group}/{rule['SecurityGroupRuleId']}"
                yield from search.inside(
                    "security group rule", rule["SecurityGroupRuleId"], vpc_of[group], target=key
                )

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        direction, group, rule = key.split("/")
        ec2 = account.client("ec2")
        if direction == "egress":
            ec2.revoke_security_group_egress(GroupId=group, SecurityGroupRuleIds=[rule])
        else:
            ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=[rule])


class Subnets(Kind):
    """Subnets."""

    name = "subnet"
    stage = Stage.SUBNETS

    def find(self, search: Search) -> Iterator[Resource]:
        yield from _parts(search, "subnet", "describe_subnets", "Subnets", "SubnetId")

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        account.client("ec2").delete_subnet(SubnetId=key)


class RouteTables(Kind):
    """Route tables, except a VPC's main one, which goes with the VPC."""

    name = "route table"
    stage = Stage.SUBNETS

    def find(self, search: Search) -> Iterator[Resource]:
        yield from _parts(
            search, "route table", "describe_route_tables", "RouteTables", "RouteTableId",
            lambda table: not any(each.get("Main") for each in table["Associations"]),
        )  # fmt: skip

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        ec2 = account.client("ec2")
        (table,) = ec2.describe_route_tables(RouteTableIds=[key])["RouteTables"]
        for association in table["Associations"]:
            ec2.disassociate_route_table(AssociationId=association["RouteTableAssociationId"])
        ec2.delete_route_table(RouteTableId=key)


class InternetGateways(Kind):
    """Internet gateways."""

    name = "internet gateway"
    stage = Stage.SUBNETS

    def find(self, search: Search) -> Iterator[Resource]:
        for gateway in search.pages(
            "ec2", "describe_internet_gateways", "InternetGateways", Filters=[*TAG_FILTER]
        ):
            yield from search.tagged(
                "internet gateway", gateway["InternetGatewayId"], gateway["Tags"]
            )

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        ec2 = account.client("ec2")
        (gateway,) = ec2.describe_internet_gateways(InternetGatewayIds=[key])["InternetGateways"]
        for attachment in gateway["Attachments"]:
            ec2.detach_internet_gateway(InternetGatewayId=key, VpcId=attachment["VpcId"])
        ec2.delete_internet_gateway(InternetGatewayId=key)


class Vpcs(Kind):
    """VPCs."""

    name = "VPC"
    stage = Stage.NETWORKS

    def find(self, search: Search) -> Iterator[Resource]:
        for vpc in search.pages("ec2", "describe_vpcs", "Vpcs", Filters=[*TAG_FILTER]):
            yield from search.tagged("VPC", vpc["VpcId"], vpc["Tags"])

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        account.client("ec2").delete_vpc(VpcId=key)


KINDS = (
    FlowLogs(), SecurityGroups(), SecurityGroupRules(), Subnets(), RouteTables(), InternetGateways(), Vpcs(),
)  # fmt: skip


def _refers(group: dict[str, Any]) -> bool:
    """Whether a rule of a group refers to another group."""
    rules = (*group["IpPermissions"], *group.get("IpPermissionsEgress", ()))
    return any(
        pair.get("GroupId") not in (None, group["GroupId"])
        for rule in rules
        for pair in rule.get("UserIdGroupPairs", ())
    )


def _parts(
    search: Search, kind: str, operation: str, key: str, id_key: str, wanted: Any = lambda _: True
) -> Iterator[Resource]:
    """Yield the parts of a network with a workshop's tags, and any inside a VPC of a workshop."""

    def find() -> Iterator[Resource]:
        for item in search.pages("ec2", operation, key, Filters=[*TAG_FILTER]):
            if wanted(item):
                yield from search.tagged(kind, item[id_key], item["Tags"])
        if search.vpcs:
            for item in search.pages("ec2", operation, key, Filters=[*search.in_our_vpcs]):
                if wanted(item):
                    yield from search.inside(kind, item[id_key], item["VpcId"])

    yield from first_of_each(find())
