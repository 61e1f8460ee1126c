"""What EC2 says about an account, and about the CPU credits of its instances.

Source: EC2 API reference, "DescribeAccountAttributes", "DescribeInstanceCreditSpecifications", "RunInstances"
(``CreditSpecification``: T2 instances are ``standard`` by default, later ones ``unlimited``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import quotas
from ..registry import after, operation
from . import instances
from .store import Ec2Store

if TYPE_CHECKING:
    from ..gateway.call import Call

_BURSTABLE = ("t2", "t3", "t3a", "t4g")


@operation("ec2", "DescribeAccountAttributes")
def describe_account_attributes(call: Call) -> dict[str, Any]:
    """Return the account's attributes in this Region."""
    vpcs = instances.backend(call.account, call.region).vpcs.values()
    default = next((vpc.id for vpc in vpcs if str(vpc.is_default).lower() == "true"), "none")
    addresses = f"{quotas.applied(call.world, quotas.ADDRESSES):g}"
    known = {
        "supported-platforms": "VPC",
        "default-vpc": default,
        "max-instances": "20",
        "vpc-max-security-groups-per-interface": "5",
        "max-elastic-ips": addresses,
        "vpc-max-elastic-ips": addresses,
    }
    wanted = call.params.get("AttributeNames") or list(known)
    return {
        "AccountAttributes": [
            {"AttributeName": name, "AttributeValues": [{"AttributeValue": value}]}
            for name, value in known.items()
            if name in wanted
        ]
    }


@after("ec2", "RunInstances")
def remember_credits(call: Call, result: dict[str, Any]) -> None:
    """Remember the credit option of burstable instances."""
    family = call.params.get("InstanceType", "m1.small").partition(".")[0]
    if family not in _BURSTABLE:
        return
    default = "standard" if family == "t2" else "unlimited"
    chosen = call.params.get("CreditSpecification", {}).get("CpuCredits", default)
    for instance in result["Instances"]:
        call.store(Ec2Store).credits[instance["InstanceId"]] = chosen


@operation("ec2", "DescribeInstanceCreditSpecifications")
def describe_instance_credit_specifications(call: Call) -> dict[str, Any]:
    """Return the named instances' credit options, or else all instances with the option ``unlimited``."""
    known = call.store(Ec2Store).credits
    ids: list[str] = call.params.get("InstanceIds", [])
    named = [instances.find(call.account, call.region, each).id for each in ids]
    every = [
        each.id for each in instances.every(call.account, call.region)
        if known.get(each.id) == "unlimited"
    ]  # fmt: skip
    return {
        "InstanceCreditSpecifications": [
            {"InstanceId": each, "CpuCredits": known.get(each, "standard")}
            for each in (named if ids else every)
        ]
    }
