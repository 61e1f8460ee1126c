"""The quotas that the emulator applies. Whoever runs it can set other values (``faults``).

An account here is one whose quotas were raised for a class: AWS's own values would let two labs in.

Source: Service Quotas user guide, "Viewing service quotas"; EC2 user guide, "On-Demand Instance quotas"; VPC user guide,
"Amazon VPC quotas" (AWS's own values). Names and codes are those of Service Quotas.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .faults import faults

if TYPE_CHECKING:
    from .world import World

_EC2 = "Amazon Elastic Compute Cloud (Amazon EC2)"
_VPC = "Amazon Virtual Private Cloud (Amazon VPC)"


@dataclass(frozen=True)
class Quota:
    """A quota of each account in each Region."""

    service: str
    service_name: str
    code: str
    name: str
    default: float
    """AWS's own value."""
    here: float
    """The value in the emulator, unless another one is set."""


VCPUS = Quota(
    "ec2", _EC2, "L-1216C47A", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 5, 10_000
)  # fmt: skip
ADDRESSES = Quota("ec2", _EC2, "L-0263D0A3", "EC2-VPC Elastic IPs", 5, 5)
VPCS = Quota("vpc", _VPC, "L-F678F1CE", "VPCs per Region", 5, 1_000)
GATEWAYS = Quota("vpc", _VPC, "L-A4707A72", "Internet gateways per Region", 5, 1_000)
ALL = (VCPUS, ADDRESSES, VPCS, GATEWAYS)


def applied(world: World, quota: Quota) -> float:
    """The value that a quota has now."""
    return dict(faults(world).quotas).get(quota.code, quota.here)
