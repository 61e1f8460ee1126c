"""What an SSH connection does to the world: it is let in or not, and it is traffic on port 22."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ..ec2 import instances
from ..guests import users, work
from ..inputs import world_input
from ..instance_connect.keys import door_for
from ..network import background, reach
from ..network.traffic import Traffic, publish

if TYPE_CHECKING:
    from ..world import World

PORT = 22


@dataclass
class SshStore:
    """The servers' host key (one for the whole world)."""

    host_key: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Visit:
    """An SSH connection that was let in."""

    account: str
    region: str
    instance_id: str
    user: str
    address: str
    """The address that the visitor is shown under."""
    port: int
    began: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """An SSH connection that was not; ``silent`` where the network drops it."""

    silent: bool


@world_input("ssh.host_key")
def host_key(world: World) -> bytes:
    """The host key, an ed25519 key in OpenSSH's format; made once."""
    store = world.store(SshStore, "", "")
    if not store.host_key:
        from .host_key import host_key as made  # noqa: PLC0415 - loads cryptography

        store.host_key = made(world.random.randbytes(32))
    return store.host_key


@world_input("ssh.knock")
def knock(world: World, user: str, blob: bytes) -> Visit | Refusal:
    """Somebody shows a key: who is let in where, and what the network makes of it."""
    door = door_for(world, user, blob)
    if door is None:
        return Refusal(silent=False)
    address = door.key.source_address
    instance = instances.find_or_none(door.account, door.region, door.key.instance_id)
    guest = work.find(world, door.account, door.region, door.key.instance_id)
    if instance is None or instance.state != "running" or guest is None or not guest.up:
        return Refusal(silent=True)
    interface = instances.interface(instance)
    port = world.random.randrange(49152, 65535)
    visit = Visit(door.account, door.region, instance.id, user, address, port, world.now)
    if not (
        reach.has_internet(interface) and reach.allowed(interface, "INBOUND", 6, PORT, address)
    ):
        if interface.public_ip:
            _publish(
                world,
                visit,
                Flow(5, 300, 0, 0),
                "REJECT",
                world.now,
                world.now + timedelta(seconds=15),
            )
        return Refusal(silent=True)
    if users.find(guest.files, user) is None or guest.services["sshd"].state != "active":
        return Refusal(silent=False)
    background.around(world, visit.account, visit.region, visit.instance_id)
    return visit


@dataclass(frozen=True, slots=True)
class Flow:
    """Packets and bytes each way."""

    packets_in: int
    bytes_in: int
    packets_out: int
    bytes_out: int


@world_input("ssh.traffic")
def traffic(world: World, visit: Visit, flow: Flow, began: datetime) -> datetime:
    """What went over a connection since ``began``; returns until when."""
    _publish(world, visit, flow, "ACCEPT", began, world.now)
    return world.now


def _publish(
    world: World, visit: Visit, flow: Flow, action: str, began: datetime, ended: datetime
) -> None:
    instance = instances.find_or_none(visit.account, visit.region, visit.instance_id)
    if instance is None or not instance.network_interfaces:
        return
    interface = instances.interface(instance)
    publish(
        world,
        Traffic(
            visit.account, visit.region, visit.instance_id, interface.id, str(interface.private_ip_address),
            visit.address, PORT, visit.port, 6, "INBOUND", "ACCEPT" if action == "ACCEPT" else "REJECT",
            flow.packets_in, flow.bytes_in, flow.packets_out, flow.bytes_out, began, ended,
        ),
    )  # fmt: skip
