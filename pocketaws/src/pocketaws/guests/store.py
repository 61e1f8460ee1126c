"""The guests of an account: find, create, and delete them, and open one for a transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..effects import effect
from . import agent
from .files import FileTree
from .guest import Guest, GuestStore, Service
from .image import NAME, PACKAGES, SERVICES
from .machine import MAX_STEPS, Machine

if TYPE_CHECKING:
    from ..world import World

BOOT_STEPS = 100_000


@contextmanager
def open_machine(
    world: World, guest: Guest, steps: int = MAX_STEPS, *, visitor: str | None = None
) -> Iterator[Machine]:
    """Open a guest's machine for one transaction. When the block ends, the agent checks for new log lines.

    ``visitor`` is the address of the person who is logged in and sees the output.
    """
    machine = Machine(world, guest, steps, visitor=visitor)
    try:
        yield machine
    finally:
        agent.notice(machine)


def find(world: World, account: str, region: str, instance_id: str) -> Guest | None:
    """The guest of an instance, or None if the instance has never started."""
    return world.store(GuestStore, account, region).guests.get(instance_id)


def create(world: World, account: str, region: str, instance_id: str, hostname: str) -> Guest:
    """Create a guest from the image."""
    guest = Guest(account, region, instance_id, hostname, FileTree(NAME))
    guest.packages.update(PACKAGES)
    guest.services.update({unit: Service(enabled=True) for unit in SERVICES})
    guest.next_pid = 1200 + world.random.randrange(400)
    guest.next_port = 32768 + world.random.randrange(14000) * 2
    world.store(GuestStore, account, region).guests[instance_id] = guest
    return guest


@effect("guests.agent_flush")
def flush_agent(world: World, account: str, region: str, instance_id: str) -> None:
    """Send the log lines that the agent has collected."""
    guest = find(world, account, region, instance_id)
    if guest is not None:
        machine = Machine(world, guest)
        agent.flush(machine)
        agent.notice(machine)


def delete(world: World, account: str, region: str, instance_id: str) -> None:
    """Delete the guest of an instance that no longer exists."""
    world.store(GuestStore, account, region).guests.pop(instance_id, None)
