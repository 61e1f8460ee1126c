"""Where servers can run, and from which image.

Not every zone has every instance type, and a zone can run out of capacity (EC2 user guide, "Find an Amazon EC2
instance type", "Troubleshoot instance launch issues").
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from labkit.aws import Account, explain_errors
from labkit.errors import CloudError

_INSTANCE_TYPES = ("t3.micro", "t3a.micro")
# Systems Manager user guide, "Calling AMI public parameters in Parameter Store".
_IMAGE_PARAMETER = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"


@dataclass(frozen=True, slots=True)
class Placement:
    """An instance type and a zone that offers it."""

    instance_type: str
    zone: str

    @property
    def parameters(self) -> dict[str, str]:
        """The lab's stack parameters for it."""
        return {"InstanceType": self.instance_type, "AvailabilityZone": self.zone}


def placements(account: Account, seat: str) -> tuple[Placement, ...]:
    """Return where a seat's servers can run, best first.

    Different seats begin with different zones. If a zone has no capacity, use the next placement.
    Raises ``CloudError`` if there is none.
    """
    found = [
        Placement(instance_type, zone)
        for instance_type in _INSTANCE_TYPES
        for zone in _rotated(_zones(account, instance_type), zlib.crc32(seat.encode()))
    ]
    if not found:
        raise CloudError(
            f"No zone of {account.region} offers {' or '.join(_INSTANCE_TYPES)}.",
            "Set another Region in workshop.toml.",
        )
    return tuple(found)


def latest_image(account: Account) -> str:
    """Return the ID of the newest Amazon Linux 2023 image.

    ``up`` passes it to new labs only. If an existing lab got a newer one, CloudFormation would replace its servers.
    """
    with explain_errors("looking up the servers' image"):
        found = account.client("ssm").get_parameter(Name=_IMAGE_PARAMETER)
    return str(found["Parameter"]["Value"])


def _zones(account: Account, instance_type: str) -> list[str]:
    with explain_errors("looking for a zone that has the servers' type"):
        offered = account.client("ec2").describe_instance_type_offerings(
            LocationType="availability-zone",
            Filters=[{"Name": "instance-type", "Values": [instance_type]}],
        )["InstanceTypeOfferings"]
    return sorted(offering["Location"] for offering in offered)


def _rotated(zones: list[str], number: int) -> list[str]:
    first = number % len(zones) if zones else 0
    return zones[first:] + zones[:first]
