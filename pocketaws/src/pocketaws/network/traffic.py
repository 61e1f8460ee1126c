"""A conversation at an interface, and the listeners to traffic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ..world import World

Direction = Literal["INBOUND", "OUTBOUND"]
Action = Literal["ACCEPT", "REJECT"]


@dataclass(frozen=True, slots=True)
class Traffic:
    """A conversation between a server's interface and another address.

    ``direction`` says who started it. ``protocol`` is IANA's number (6 TCP, 17 UDP, 1 ICMP); ports are 0 if the
    protocol has none. Times are aware UTC. The counts are packets and bytes at the interface.
    """

    account: str
    region: str
    instance_id: str
    interface_id: str
    private_address: str
    remote_address: str
    local_port: int
    remote_port: int
    protocol: int
    direction: Direction
    action: Action
    packets_in: int
    bytes_in: int
    packets_out: int
    bytes_out: int
    started_at: datetime
    ended_at: datetime


Listener = Callable[["World", Traffic], None]

_LISTENERS: list[Listener] = []


def listener(function: Listener) -> Listener:
    """Register ``function(world, traffic)`` as a listener to all traffic."""
    _LISTENERS.append(function)
    return function


def publish(world: World, traffic: Traffic) -> None:
    """Pass traffic to every listener."""
    for listen in _LISTENERS:
        listen(world, traffic)
