"""What a workshop's servers cost: an estimate from a small table of list prices.

The prices are in US dollars without tax, from the pages "Amazon EC2 On-Demand Pricing", "Amazon VPC pricing" (public IPv4
addresses), and "Amazon EBS pricing", as of January 2026. Logs, GuardDuty, and Athena are billed by use and aren't included.
"""

from __future__ import annotations

from dataclasses import dataclass

from labkit.doctor.quotas import resources_in
from labkit.model import Workshop

PRICES_AS_OF = "January 2026"
_ADDRESS_HOUR = 0.005
_DISK_GIB = 8
_HOURS_PER_MONTH = 730
# Per Region: an hour of a t3.micro, and a month of a GiB of a gp3 volume.
_PRICES = {"us-east-1": (0.0104, 0.08), "eu-west-1": (0.0114, 0.088)}
_REFERENCE = "us-east-1"


@dataclass(frozen=True, slots=True)
class Cost:
    """An estimate for all servers of a workshop, in US dollars."""

    servers: int
    per_hour: float
    for_ttl: float
    prices_of: str
    """The Region whose prices were used."""


def estimate(workshop: Workshop, lab_template: str) -> Cost:
    """Return what the servers of all seats cost per hour, and if every lab lives for its whole time to live."""
    servers = resources_in(lab_template, "AWS::EC2::Instance") * len(workshop.seats)
    region = workshop.region if workshop.region in _PRICES else _REFERENCE
    server, gib_month = _PRICES[region]
    per_hour = servers * (server + _ADDRESS_HOUR + _DISK_GIB * gib_month / _HOURS_PER_MONTH)
    return Cost(servers, per_hour, per_hour * workshop.ttl.total_seconds() / 3600, region)
