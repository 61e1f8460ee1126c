"""Background traffic of an interface: time servers, neighbors' health checks, and scanners.

It's moderate and plausible, so that people must tell the conversation that matters from the others. It's modeled on
the traffic of servers with a public address; the numbers are random within a transaction.
"""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from ..ec2 import instances
from ..effects import effect
from . import reach
from .traffic import Traffic, publish

if TYPE_CHECKING:
    from ..world import World

EVERY_SECONDS = 300
_TIME_SERVERS = (
    "64.6.144.6",
    "185.125.190.56",
    "162.159.200.1",
    "45.79.51.42",
    "129.250.35.250",
    "178.79.160.57",
)
# Networks that scans often come from: hosting providers and access networks.
_SCANNERS = tuple(
    ipaddress.ip_network(cidr)
    for cidr in ("45.155.204.0/22", "80.94.92.0/23", "92.63.196.0/22", "141.98.8.0/22", "185.224.128.0/22",
                 "194.26.28.0/22", "117.50.0.0/16", "162.142.125.0/24", "71.6.128.0/17", "167.94.138.0/24")
)  # fmt: skip
_SCANNED = (
    22,
    23,
    23,
    80,
    443,
    445,
    1433,
    2375,
    3306,
    3389,
    5060,
    5900,
    6379,
    8080,
    8443,
    9200,
    22222,
)
_HEALTH_PORT = 8080


@effect("network.background")
def background(world: World, account: str, region: str, instance_id: str, began: str) -> None:
    """Publish a running instance's traffic of the last few minutes, and schedule the next."""
    instance = instances.find_or_none(account, region, instance_id)
    if instance is None or instance.state != "running" or _launch(instance) != began:
        return
    happen(world, account, region, instance, EVERY_SECONDS)
    plan(world, account, region, instance)


def plan(world: World, account: str, region: str, instance: Any) -> None:
    """Schedule the traffic of the next few minutes for their end."""
    due = world.now + timedelta(seconds=EVERY_SECONDS)
    world.at(
        due,
        "network.background",
        account=account,
        region=region,
        instance_id=instance.id,
        began=_launch(instance),
    )


def _launch(instance: Any) -> str:
    """Identifies one start of an instance, because each start begins with fresh traffic."""
    return str(getattr(instance, "running_since", ""))


def happen(world: World, account: str, region: str, instance: Any, seconds: int) -> None:
    """Publish the traffic of the last ``seconds``."""
    interface = instances.interface(instance)
    scene = _Scene(world, account, region, instance.id, interface, seconds)
    if reach.has_internet(interface):
        scene.time_servers(2)
        scene.scanners(world.random.randrange(4, 8))
    scene.neighbors(2)


def around(world: World, account: str, region: str, instance_id: str) -> None:
    """Publish a little of every kind in the minute of a login."""
    instance = instances.find_or_none(account, region, instance_id)
    if instance is None or instance.state != "running":
        return
    interface = instances.interface(instance)
    scene = _Scene(world, account, region, instance_id, interface, 20)
    scene.time_servers(1)
    scene.scanners(3, ports=(22, 23, 3389))
    scene.neighbors(1)


class _Scene:
    """One interface for a few seconds."""

    def __init__(
        self,
        world: World,
        account: str,
        region: str,
        instance_id: str,
        interface: Any,
        seconds: int,
    ) -> None:
        self.world = world
        self.account = account
        self.region = region
        self.instance_id = instance_id
        self.interface = interface
        self.seconds = seconds

    def moment(self) -> datetime:
        return self.world.now - timedelta(seconds=self.world.random.uniform(1, self.seconds))

    def publish(
        self, remote: str, local_port: int, remote_port: int, protocol: int, direction: Literal["INBOUND", "OUTBOUND"],
        counts: tuple[int, int, int, int],
    ) -> None:  # fmt: skip
        """Publish a conversation, accepted or rejected by the security groups."""
        port = local_port if direction == "INBOUND" else remote_port
        through = reach.allowed(self.interface, direction, protocol, port, remote)
        came, sent = counts[:2], counts[2:]
        if not through:
            came, sent = (came, (0, 0)) if direction == "INBOUND" else ((0, 0), sent)
        at = self.moment()
        publish(
            self.world,
            Traffic(
                self.account, self.region, self.instance_id, self.interface.id, str(self.interface.private_ip_address),
                remote, local_port, remote_port, protocol, direction, "ACCEPT" if through else "REJECT",
                *came, *sent, at, at + timedelta(seconds=min(2.0, (self.world.now - at).total_seconds())),
            ),
        )  # fmt: skip

    def time_servers(self, count: int) -> None:
        """The clock asks pool servers (flow logs never show AWS's own time server)."""
        for address in self.world.random.sample(_TIME_SERVERS, count):
            packets = self.world.random.randrange(1, 4)
            self.publish(
                address, 123, 123, 17, "OUTBOUND", (packets, packets * 76, packets, packets * 76)
            )

    def scanners(self, count: int, ports: tuple[int, ...] = _SCANNED) -> None:
        """Strangers try ports; an open port answers with a few packets."""
        for _ in range(count):
            network = self.world.random.choice(_SCANNERS)
            address = str(network[self.world.random.randrange(1, network.num_addresses - 1)])
            port = self.world.random.choice(ports)
            source = self.world.random.randrange(1024, 65535)
            tries = self.world.random.randrange(1, 3)
            if reach.allowed(self.interface, "INBOUND", 6, port, address):
                counts = (4, 228, 3, 181) if port == 22 else (3, 140, 2, 84)
            else:
                counts = (tries, tries * 44, 0, 0)
            self.publish(address, port, source, 6, "INBOUND", counts)

    def neighbors(self, count: int) -> None:
        """Hosts of the same subnet check a service's health, and get in only if a rule allows it."""
        network = ipaddress.ip_network(str(self.interface.subnet.cidr_block))
        for number in range(count):
            address = str(network[network.num_addresses - 6 - number])
            source = self.world.random.randrange(32768, 60999)
            if reach.allowed(self.interface, "INBOUND", 6, _HEALTH_PORT, address):
                counts = (5, 397, 4, 612)
            else:
                counts = (2, 120, 0, 0)
            self.publish(address, _HEALTH_PORT, source, 6, "INBOUND", counts)
