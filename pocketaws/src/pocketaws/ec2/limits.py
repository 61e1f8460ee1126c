"""Launches and networks beyond a quota.

Source: EC2 API reference, "Error codes for the Amazon EC2 API" (``VcpuLimitExceeded``, ``VpcLimitExceeded``,
``InternetGatewayLimitExceeded``); EC2 user guide, "On-Demand Instance quotas" (vCPUs of running instances count). The
message about vCPUs is AWS's own.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from .. import quotas
from ..errors import AwsError
from ..registry import before
from . import instances

if TYPE_CHECKING:
    from ..gateway.call import Call

_RUNNING = {"pending", "running", "stopping"}
_STANDARD = tuple("acdhimrtz")
_MOST_VCPUS = 448
"""No type has more, so with few instances nobody needs to count."""


@before("ec2", "CreateVpc")
def vpcs(call: Call) -> None:
    """Refuse another VPC beyond the quota."""
    known = instances.backend(call.account, call.region).vpcs
    if len(known) >= quotas.applied(call.world, quotas.VPCS):
        raise AwsError("VpcLimitExceeded", "The maximum number of VPCs has been reached.")


@before("ec2", "CreateInternetGateway")
def gateways(call: Call) -> None:
    """Refuse another internet gateway beyond the quota."""
    known = instances.backend(call.account, call.region).internet_gateways
    if len(known) >= quotas.applied(call.world, quotas.GATEWAYS):
        raise AwsError(
            "InternetGatewayLimitExceeded",
            "The maximum number of internet gateways has been reached.",
        )


def check_vcpus(call: Call, instance_type: str, count: int) -> None:
    """Refuse to run more vCPUs than the quota allows. Only standard families are counted."""
    if not instance_type.startswith(_STANDARD):
        return
    limit = quotas.applied(call.world, quotas.VCPUS)
    running = [
        i.instance_type for i in instances.every(call.account, call.region)
        if i.state in _RUNNING and i.instance_type.startswith(_STANDARD)
    ]  # fmt: skip
    if len(running) + count <= limit / _MOST_VCPUS:
        return
    wanted = sum(_vcpus(each) for each in [*running, *[instance_type] * count])
    if wanted > limit:
        raise AwsError(
            "VcpuLimitExceeded",
            f"You have requested more vCPU capacity than your current vCPU limit of {limit:g} allows for the instance "
            "bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request "
            "to request an adjustment to this limit.",
        )


@functools.cache
def _vcpus(instance_type: str) -> int:
    from moto.ec2.models.instance_types import INSTANCE_TYPES  # noqa: PLC0415 - loads moto's EC2

    found = INSTANCE_TYPES.get(instance_type)
    return int(found["VCpuInfo"]["DefaultVCpus"]) if found else 0
