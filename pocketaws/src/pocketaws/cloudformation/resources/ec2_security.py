"""EC2: security groups and their rules.

Source: CloudFormation template reference, "AWS::EC2::SecurityGroup". A group with egress rules in the
template loses EC2's default "allow all" egress rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .ec2_tags import TaggedType, specifications
from .handler import ResourceFailed, Work, resource_type

_EVERYTHING = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
_DIRECTIONS = (("SecurityGroupIngress", "Ingress"), ("SecurityGroupEgress", "Egress"))


def permission(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a template's rule to an ``IpPermissions`` entry of the API."""
    entry: dict[str, Any] = {"IpProtocol": str(rule["IpProtocol"])}
    for port in ("FromPort", "ToPort"):
        if port in rule:
            entry[port] = int(rule[port])
    description = {"Description": rule["Description"]} if rule.get("Description") else {}
    other_group = rule.get("SourceSecurityGroupId") or rule.get("DestinationSecurityGroupId")
    if "CidrIp" in rule:
        entry["IpRanges"] = [{"CidrIp": rule["CidrIp"], **description}]
    elif "CidrIpv6" in rule:
        entry["Ipv6Ranges"] = [{"CidrIpv6": rule["CidrIpv6"], **description}]
    elif other_group:
        entry["UserIdGroupPairs"] = [{"GroupId": other_group, **description}]
    else:
        raise ResourceFailed("The rule must name a CIDR block or a security group")
    return entry


@resource_type("AWS::EC2::SecurityGroup")
class SecurityGroup(TaggedType):
    """A security group in a VPC."""

    supported = frozenset(
        {
            "GroupDescription",
            "GroupName",
            "VpcId",
            "SecurityGroupIngress",
            "SecurityGroupEgress",
            "Tags",
        }
    )
    attributes = frozenset({"GroupId", "Id", "VpcId"})
    updatable = frozenset({"SecurityGroupIngress", "SecurityGroupEgress"})
    create_seconds = 6.0

    def create(self, work: Work) -> None:
        given = work.properties
        made = work.call(
            "ec2", "CreateSecurityGroup",
            GroupName=given.get("GroupName") or work.name(255),
            Description=given["GroupDescription"],
            VpcId=given.get("VpcId"),
            TagSpecifications=specifications(work, "security-group"),
        )["GroupId"]  # fmt: skip
        work.identify(made, GroupId=made, Id=made, VpcId=given.get("VpcId", ""))
        if given.get("SecurityGroupEgress"):
            self._rules(work, "Revoke", "Egress", [_EVERYTHING])
        for name, direction in _DIRECTIONS:
            rules = [permission(rule) for rule in given.get(name, [])]
            self._rules(work, "Authorize", direction, rules)

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        for name, direction in _DIRECTIONS:
            old = [permission(rule) for rule in before.get(name, [])]
            new = [permission(rule) for rule in work.properties.get(name, [])]
            if direction == "Egress":
                old, new = old or [_EVERYTHING], new or [_EVERYTHING]
            self._rules(work, "Revoke", direction, [rule for rule in old if rule not in new])
            self._rules(work, "Authorize", direction, [rule for rule in new if rule not in old])
        super().update(work, before)

    def _rules(self, work: Work, verb: str, direction: str, rules: list[dict[str, Any]]) -> None:
        if rules:
            work.call(
                "ec2", f"{verb}SecurityGroup{direction}",
                GroupId=work.physical_id, IpPermissions=rules,
            )  # fmt: skip

    def delete(self, work: Work) -> None:
        work.delete_if_exists(
            "ec2", "DeleteSecurityGroup", "InvalidGroup.NotFound", GroupId=work.physical_id
        )

    def gone(self, work: Work) -> bool:
        return not work.exists(
            "ec2", "DescribeSecurityGroups", "InvalidGroup.NotFound", GroupIds=[work.physical_id]
        )
