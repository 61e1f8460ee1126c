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
    """Give an instance that starts running its public address: its Elastic IP address, or one of its Region."""
    _settle_interface(world, instances.interface(instance))


def _settle_interface(world: World, nic: Any) -> None:
    own = elastic(nic)
    if own is not None:
        nic.public_ip = own.public_ip
    elif nic.public_ip_auto_assign:
        nic.public_ip = unused(world, nic.ec2_backend)


def elastic(nic: Any) -> Any | None:
    """moto's Elastic IP address of an interface, or ``None``."""
    return next((eip for eip in nic.ec2_backend.addresses if eip.eni is nic), None)


def disassociate(world: World, eip: Any) -> None:
    """Take an Elastic IP address from its interface, which gets another address if it's to have one.

    Source: EC2 user guide, "Elastic IP addresses" ("Disassociate an Elastic IP address").
    """
    nic = eip.eni
    eip.eni = eip.instance = eip.association_id = None
    if nic is None:
        return
    nic.public_ip = None
    if nic.instance is not None and nic.instance.state == "running":
        _settle_interface(world, nic)


def unused(world: World, backend: Any) -> str:
    """A public address of a Region that nothing there has."""
    used = {str(eni.public_ip) for eni in backend.enis.values() if eni.public_ip}
    used |= {eip.public_ip for eip in backend.addresses}
    address = pick(world, backend.region_name)
    while address in used:
        address = pick(world, backend.region_name)
    return address


def pick(world: World, region: str) -> str:
    """A random public address of a Region."""
    network = ipaddress.ip_network(world.random.choice(_NETWORKS.get(region, _ELSEWHERE)))
    return str(network[world.random.randrange(256, network.num_addresses - 256)])
