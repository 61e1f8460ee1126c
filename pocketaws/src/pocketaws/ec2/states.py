"""The states of instances over time, with their addresses and interfaces.

moto starts, stops, and terminates an instance within the call. On AWS this takes a while, and the state shows it.

Source: EC2 user guide, "Amazon EC2 instance state changes", "Amazon EC2 instance IP addressing".
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..effects import effect
from ..guests import boot, store
from ..network import background
from . import addresses, instances
from .store import Ec2Store

if TYPE_CHECKING:
    from ..guests.guest import Guest
    from ..world import World

PENDING_SECONDS = 12
BOOT_SECONDS = 25
STOPPING_SECONDS = 30
SHUTTING_DOWN_SECONDS = 35
REBOOT_SECONDS = 20
_KEPT_AFTER_TERMINATION = timedelta(hours=1)
_CODES = {
    "pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80,
}  # fmt: skip


def set_state(instance: Any, name: str) -> None:
    """Set an instance's state."""
    state = instance._state  # noqa: SLF001 - moto has no other way in
    state.name, state.code = name, _CODES[name]


def shown(name: str) -> dict[str, Any]:
    """A state in the form that responses have."""
    return {"Name": name, "Code": _CODES[name]}


def _later(world: World, name: str, seconds: float, instance: Any) -> None:
    backend = instance.ec2_backend
    world.later(
        name,
        seconds,
        account=backend.account_id,
        region=backend.region_name,
        instance_id=instance.id,
    )


def begin(world: World, instance: Any) -> None:
    """Launch or start an instance: it becomes pending and has no public address yet."""
    set_state(instance, "pending")
    _keep_elastic_address(instance)
    _later(world, "ec2.running", PENDING_SECONDS, instance)


@effect("ec2.running")
def running(world: World, account: str, region: str, instance_id: str) -> None:
    """Let a pending instance run; its guest boots soon."""
    instance = instances.find_or_none(account, region, instance_id)
    if instance is None or instance.state != "pending":
        return
    set_state(instance, "running")
    addresses.settle(world, instance)
    instance.running_since = world.now
    background.plan(world, account, region, instance)
    _later(world, "guests.boot", BOOT_SECONDS, instance)


def stop(world: World, instance: Any) -> None:
    """Stop an instance: its guest goes down at once, and the rest takes a moment."""
    instance.stop()
    set_state(instance, "stopping")
    _keep_elastic_address(instance)
    _switch_off(world, instance)
    _later(world, "ec2.stopped", STOPPING_SECONDS, instance)


def _keep_elastic_address(instance: Any) -> None:
    """Give up the public address of an instance that isn't running, unless it's an Elastic IP address."""
    nic = instances.interface(instance)
    own = addresses.elastic(nic)
    nic.public_ip = own.public_ip if own is not None else None


def _guest(world: World, instance: Any) -> Guest | None:
    backend = instance.ec2_backend
    return store.find(world, backend.account_id, backend.region_name, instance.id)


def _switch_off(world: World, instance: Any) -> None:
    guest = _guest(world, instance)
    if guest is not None:
        boot.switch_off(world, guest)


@effect("ec2.stopped")
def stopped(world: World, account: str, region: str, instance_id: str) -> None:
    """Mark a stopping instance as stopped."""
    del world
    instance = instances.find_or_none(account, region, instance_id)
    if instance is not None and instance.state == "stopping":
        set_state(instance, "stopped")


def terminate(world: World, instance: Any) -> None:
    """Terminate an instance: its guest disappears at once, and the rest takes a moment."""
    keep = [nic for nic in instance.nics.values() if nic.delete_on_termination]
    for nic in keep:  # moto would remove the interfaces before the instance is terminated
        nic.delete_on_termination = False
    instance.terminate()
    for nic in keep:
        nic.delete_on_termination = True
        own = addresses.elastic(nic)
        if own is not None:
            addresses.disassociate(world, own)
    set_state(instance, "shutting-down")
    _switch_off(world, instance)
    _later(world, "ec2.terminated", SHUTTING_DOWN_SECONDS, instance)


@effect("ec2.terminated")
def terminated(world: World, account: str, region: str, instance_id: str) -> None:
    """Detach a terminated instance from the network, and remove it after about an hour."""
    instance = instances.find_or_none(account, region, instance_id)
    if instance is None or instance.state != "shutting-down":
        return
    set_state(instance, "terminated")
    instances.strip(instance)
    world.at(
        world.now + _KEPT_AFTER_TERMINATION, "ec2.purge",
        account=account, region=region, instance_id=instance_id,
    )  # fmt: skip


@effect("ec2.purge")
def purge(world: World, account: str, region: str, instance_id: str) -> None:
    """Remove a terminated instance."""
    backend = instances.backend(account, region)
    for key, reservation in list(backend.reservations.items()):
        reservation.instances = [i for i in reservation.instances if i.id != instance_id]
        if not reservation.instances:
            del backend.reservations[key]
    backend.tags.pop(instance_id, None)
    world.store(Ec2Store, account, region).credits.pop(instance_id, None)
    store.delete(world, account, region, instance_id)


def reboot(world: World, instance: Any) -> None:
    """Reboot the guest; the instance stays in the running state."""
    guest = _guest(world, instance)
    if guest is not None:
        boot.halt(world, guest)
    _later(world, "guests.boot", REBOOT_SECONDS, instance)
