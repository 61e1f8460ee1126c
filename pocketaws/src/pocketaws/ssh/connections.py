"""The effects of an SSH connection on the world: it's accepted or refused, and it's traffic on port 22."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ..ec2 import instances
from ..guests import store, users
from ..inputs import world_input
from ..instance_connect.keys import find_key
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
class SshLogin:
    """An SSH connection that was accepted."""

    account: str
    region: str
    instance_id: str
    user: str
    address: str
    """The address that logs show for the client."""
    port: int
    began: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """An SSH connection that was refused; ``silent`` if the network drops it."""

    silent: bool


@world_input("ssh.host_key")
def host_key(world: World) -> bytes:
    """The host key, an ed25519 key in OpenSSH's format. It's generated once."""
    store = world.store(SshStore, "", "")
    if not store.host_key:
        from .host_key import host_key as made  # noqa: PLC0415 - loads cryptography

        store.host_key = made(world.random.randbytes(32))
    return store.host_key


@world_input("ssh.authenticate")
def authenticate(world: World, user: str, blob: bytes) -> SshLogin | Refusal:
    """Decide whether a key opens a server for a user, and publish the traffic if the network rejects it."""
    match = find_key(world, user, blob)
    if match is None:
        return Refusal(silent=False)
    address = match.key.source_address
    instance = instances.find_or_none(match.account, match.region, match.key.instance_id)
    guest = store.find(world, match.account, match.region, match.key.instance_id)
    if instance is None or instance.state != "running" or guest is None or not guest.up:
        return Refusal(silent=True)
    interface = instances.interface(instance)
    port = world.random.randrange(49152, 65535)
    login = SshLogin(match.account, match.region, instance.id, user, address, port, world.now)
    if not (
        reach.has_internet(interface, "INBOUND")
        and reach.allowed(interface, "INBOUND", 6, PORT, address)
    ):
        if interface.public_ip:
            _publish(
                world,
                login,
                Flow(5, 300, 0, 0),
                "REJECT",
                world.now,
                world.now + timedelta(seconds=15),
            )
        return Refusal(silent=True)
    if users.find(guest.files, user) is None or guest.services["sshd"].state != "active":
        return Refusal(silent=False)
    background.around(world, login.account, login.region, login.instance_id)
    return login


@dataclass(frozen=True, slots=True)
class Flow:
    """The packets and bytes in each direction."""

    packets_in: int
    bytes_in: int
    packets_out: int
    bytes_out: int


@world_input("ssh.traffic")
def traffic(world: World, login: SshLogin, flow: Flow, began: datetime) -> datetime:
    """Publish a connection's traffic since ``began``, and return the end of that period."""
    _publish(world, login, flow, "ACCEPT", began, world.now)
    return world.now


def _publish(
    world: World, login: SshLogin, flow: Flow, action: str, began: datetime, ended: datetime
) -> None:
    instance = instances.find_or_none(login.account, login.region, login.instance_id)
    if instance is None or not instance.network_interfaces:
        return
    interface = instances.interface(instance)
    publish(
        world,
        Traffic(
            login.account, login.region, login.instance_id, interface.id, str(interface.private_ip_address),
            login.address, PORT, login.port, 6, "INBOUND", "ACCEPT" if action == "ACCEPT" else "REJECT",
            flow.packets_in, flow.bytes_in, flow.packets_out, flow.bytes_out, began, ended,
        ),
    )  # fmt: skip
