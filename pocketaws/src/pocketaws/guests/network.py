"""A guest's network: name resolution, outgoing TCP connections, and the traffic that they cause."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Protocol

from ..ec2 import instances
from ..network import internet, reach
from ..network.traffic import Traffic, publish
from .files import FileTree
from .guest import Guest

if TYPE_CHECKING:
    from ..world import World

Outcome = Literal["open", "refused", "timeout", "unreachable"]
METADATA = "169.254.169.254"
_TCP = 6
# VPC flow logs don't record traffic to these addresses.
_NOT_SEEN = (METADATA, "169.254.169.123", "169.254.169.253")


@dataclass(frozen=True, slots=True)
class Exchange:
    """The packets and bytes that an open connection carries in each direction."""

    packets_out: int
    bytes_out: int
    packets_in: int
    bytes_in: int
    seconds: float = 1.0


class Host(Protocol):
    """The parts of the machine that the network uses."""

    @property
    def world(self) -> World:
        """The emulated AWS around the machine."""

    @property
    def guest(self) -> Guest:
        """The machine's lasting state."""

    @property
    def files(self) -> FileTree:
        """The machine's file tree."""

    @property
    def instance(self) -> Any:
        """moto's instance."""

    @property
    def now(self) -> datetime:
        """The time."""

    def sleep(self, seconds: float) -> None:
        """Let time pass for the guest."""


class Network:
    """The connections of one guest during one transaction."""

    def __init__(self, machine: Host) -> None:
        self.machine = machine

    @property
    def interface(self) -> Any:
        return instances.interface(self.machine.instance)

    def shown_address(self) -> str:
        """The address that AWS and the internet see."""
        interface = self.interface
        return str(interface.public_ip or interface.private_ip_address)

    def resolve(self, name: str) -> str | None:
        """Resolve a name or an address; returns None if the name doesn't exist."""
        try:
            return str(ipaddress.ip_address(name.strip("[]")))
        except ValueError:
            pass
        lowered = name.lower().rstrip(".")
        guest = self.machine.guest
        for line in self.machine.files.read("/etc/hosts").splitlines():
            fields = line.split("#")[0].split()
            if lowered in (field.lower() for field in fields[1:]) and ":" not in fields[0]:
                return fields[0]
        if lowered in {guest.hostname.lower(), guest.hostname.split(".")[0].lower()}:
            return str(self.interface.private_ip_address)
        return internet.resolve(lowered)

    def connect(
        self, address: str, port: int, exchange: Exchange, *, patience: float = 130.0
    ) -> Outcome:
        """Open an outgoing TCP connection and publish its traffic.

        ``patience`` is the timeout in seconds for a connection that gets no answer.
        """
        if ipaddress.ip_address(address).is_loopback:
            return "refused"
        if ":" in address:
            return "unreachable"  # pocketaws doesn't emulate IPv6
        if address in _NOT_SEEN:
            return "open" if port in {53, 80, 123} else "refused"
        interface = self.interface
        if not reach.allowed(interface, "OUTBOUND", _TCP, port, address):
            self._publish(address, port, _unanswered(patience), "REJECT")
            self.machine.sleep(patience)
            return "timeout"
        if ipaddress.ip_address(address) in ipaddress.ip_network(str(self._vpc().cidr_block)):
            return "unreachable"  # pocketaws doesn't emulate connections between servers
        outcome = self._outside(address, port)
        self.machine.sleep(exchange.seconds if outcome == "open" else patience)
        sent = exchange if outcome == "open" else _unanswered(patience)
        self._publish(address, port, sent, "ACCEPT")
        return outcome

    def _vpc(self) -> Any:
        interface = self.interface
        return interface.ec2_backend.get_vpc(interface.subnet.vpc_id)

    def _outside(self, address: str, port: int) -> Outcome:
        if not reach.has_internet(self.interface):
            return "timeout"
        if not internet.is_public(address):
            return "timeout"
        return "open" if internet.answers(address, _TCP, port) else "timeout"

    def _publish(
        self,
        address: str,
        port: int,
        sent: Exchange,
        action: Literal["ACCEPT", "REJECT"],
    ) -> None:
        guest, interface, now = self.machine.guest, self.interface, self.machine.now
        step = self.machine.world.random.randrange(2, 40, 2)
        publish(
            self.machine.world,
            Traffic(
                guest.account, guest.region, guest.instance_id, interface.id,
                str(interface.private_ip_address), address,
                guest.new_port(step), port, _TCP, "OUTBOUND", action,
                sent.packets_in, sent.bytes_in, sent.packets_out, sent.bytes_out,
                now, now + timedelta(seconds=sent.seconds),
            ),
        )  # fmt: skip


def _unanswered(patience: float) -> Exchange:
    """The SYNs of a connection that gets no answer, after 0, 1, 3, 7 … seconds."""
    tries, waited = 1, 1.0
    while waited < patience and tries < 7:
        tries += 1
        waited = waited * 2 + 1
    return Exchange(tries, tries * 60, 0, 0, min(patience, 59.0))
