"""Public addresses that look like EC2's, instead of moto's 127.0.0.0/8 and 54.214.0.0/16.

Source: AWS's ip-ranges.json (service EC2): the networks below are a few of each Region's.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from . import instances

if TYPE_CHECKING:
    from ..world import World

_NETWORKS = {
    "eu-west-1": (
        "3.248.0.0/13",
        "34.240.0.0/13",
        "52.208.0.0/13",
        "54.216.0.0/14",
        "18.200.0.0/16",
    ),
    "us-east-1": ("3.80.0.0/12", "34.224.0.0/12", "52.20.0.0/14", "54.144.0.0/14", "18.204.0.0/14"),
    "ap-southeast-2": ("3.24.0.0/14", "13.236.0.0/14", "52.62.0.0/15", "54.252.0.0/16"),
}
_ELSEWHERE = ("3.120.0.0/14", "18.184.0.0/15", "35.156.0.0/14", "52.28.0.0/15")


def settle(world: World, instance: Any) -> None:
    """Give an instance that starts running a public address of its Region, if it should have one."""
    nic = instances.interface(instance)
    if not nic.public_ip_auto_assign:
        return
    used = {str(eni.public_ip) for eni in nic.ec2_backend.enis.values() if eni.public_ip}
    address = pick(world, nic.ec2_backend.region_name)
    while address in used:
        address = pick(world, nic.ec2_backend.region_name)
    nic.public_ip = address


def pick(world: World, region: str) -> str:
    """A random public address of a Region."""
    network = ipaddress.ip_network(world.random.choice(_NETWORKS.get(region, _ELSEWHERE)))
    return str(network[world.random.randrange(256, network.num_addresses - 256)])
