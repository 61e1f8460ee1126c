"""Instances come and go: their states over time, their addresses, their interfaces.

moto starts, stops and ends an instance inside of the call; AWS takes a while, and says so in between.

Source: EC2 user guide, "Amazon EC2 instance state changes", "Amazon EC2 instance IP addressing".
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..effects import effect
from ..guests import boot, work
from ..network import background
from ..registry import after
from . import addresses, instances

if TYPE_CHECKING:
    from ..gateway.call import Call
    from ..world import World

PENDING_SECONDS = 12
BOOT_SECONDS = 25
STOPPING_SECONDS = 30
SHUTTING_DOWN_SECONDS = 35
REBOOT_SECONDS = 20
_KEPT_AFTER_TERMINATION = timedelta(hours=1)
_CODES = {
    "pending": 0,
    "running": 16,
    "shutting-down": 32,
    "terminated": 48,
    "stopping": 64,
    "stopped": 80,
}


def set_state(instance: Any, name: str) -> None:
    """Set an instance's state."""
    state = instance._state  # noqa: SLF001 - moto has no other way in
    state.name, state.code = name, _CODES[name]


def _later(world: World, name: str, seconds: float, instance: Any, **values: object) -> None:
    backend = instance.ec2_backend
    world.later(
        name,
        seconds,
        account=backend.account_id,
        region=backend.region_name,
        instance_id=instance.id,
        **values,
    )


def _ids(call: Call) -> list[str]:
    return list(call.params.get("InstanceIds", []))


@after("ec2", "RunInstances")
def launched(call: Call, result: dict[str, Any]) -> None:
    """New instances are pending; their interfaces go with them unless asked otherwise."""
    for made in result["Instances"]:
        instance = instances.find(call.account, call.region, made["InstanceId"])
        for nic in instance.nics.values():
            nic.delete_on_termination = _goes_along(call, nic)
        _begin(call.world, instance)


def _goes_along(call: Call, nic: Any) -> bool:
    for spec in call.params.get("NetworkInterfaces", []):
        if spec.get("DeviceIndex") == nic.device_index:
            return bool(spec.get("DeleteOnTermination", "NetworkInterfaceId" not in spec))
    return True


def _begin(world: World, instance: Any) -> None:
    set_state(instance, "pending")
    _later(world, "ec2.running", PENDING_SECONDS, instance)


@effect("ec2.running")
def running(world: World, account: str, region: str, instance_id: str) -> None:
    """A pending instance runs; soon its guest boots."""
    instance = instances.find_or_none(account, region, instance_id)
    if instance is None or instance.state != "pending":
        return
    set_state(instance, "running")
    addresses.settle(world, instance)
    instance.running_since = world.now
    background.plan(world, account, region, instance)
    _later(world, "guests.boot", BOOT_SECONDS, instance)


@after("ec2", "StartInstances")
def started(call: Call, _result: dict[str, Any]) -> None:
    """Instances that were stopped are pending again."""
    for instance_id in _ids(call):
        instance = instances.find(call.account, call.region, instance_id)
        guest = work.find(call.world, call.account, call.region, instance_id)
        if guest is None or not guest.up:
            _begin(call.world, instance)


@after("ec2", "StopInstances")
def stopping(call: Call, _result: dict[str, Any]) -> None:
    """The guest goes down at once; the instance is stopped a little later."""
    for instance_id in _ids(call):
        instance = instances.find(call.account, call.region, instance_id)
        set_state(instance, "stopping")
        _halt(call.world, call.account, call.region, instance_id)
        _later(call.world, "ec2.stopped", STOPPING_SECONDS, instance)


def _halt(world: World, account: str, region: str, instance_id: str) -> None:
    guest = work.find(world, account, region, instance_id)
    if guest is not None:
        boot.halt(world, guest)


@effect("ec2.stopped")
def stopped(world: World, account: str, region: str, instance_id: str) -> None:
    """A stopping instance is stopped."""
    del world
    instance = instances.find_or_none(account, region, instance_id)
    if instance is not None and instance.state == "stopping":
        set_state(instance, "stopped")


@after("ec2", "TerminateInstances")
def terminating(call: Call, _result: dict[str, Any]) -> None:
    """The guest is gone at once; the instance is terminated a little later."""
    for instance_id in _ids(call):
        instance = instances.find(call.account, call.region, instance_id)
        _halt(call.world, call.account, call.region, instance_id)
        if isinstance(instance, instances.Terminated):
            continue
        set_state(instance, "shutting-down")
        _later(call.world, "ec2.terminated", SHUTTING_DOWN_SECONDS, instance)


@effect("ec2.terminated")
def terminated(world: World, account: str, region: str, instance_id: str) -> None:
    """A terminated instance has no network any more, and is forgotten after about an hour."""
    instance = instances.find_or_none(account, region, instance_id)
    if instance is None or instance.state != "shutting-down":
        return
    set_state(instance, "terminated")
    instances.strip(instance)
    world.at(
        world.now + _KEPT_AFTER_TERMINATION,
        "ec2.purge",
        account=account,
        region=region,
        instance_id=instance_id,
    )


@effect("ec2.purge")
def purge(world: World, account: str, region: str, instance_id: str) -> None:
    """Forget a terminated instance."""
    backend = instances.backend(account, region)
    for key, reservation in list(backend.reservations.items()):
        reservation.instances = [i for i in reservation.instances if i.id != instance_id]
        if not reservation.instances:
            del backend.reservations[key]
    for name in list(backend.tags.get(instance_id, {})):
        del backend.tags[instance_id][name]
    work.forget(world, account, region, instance_id)


@after("ec2", "RebootInstances")
def rebooting(call: Call, _result: dict[str, Any]) -> None:
    """The guest goes down and comes up again; the instance runs all the while."""
    for instance_id in _ids(call):
        instance = instances.find(call.account, call.region, instance_id)
        _halt(call.world, call.account, call.region, instance_id)
        _later(call.world, "guests.boot", REBOOT_SECONDS, instance)


@effect("ec2.guest_shutdown")
def guest_shutdown(
    world: World, account: str, region: str, instance_id: str, *, reboot: bool
) -> None:
    """Somebody shut the server down from inside."""
    instance = instances.find_or_none(account, region, instance_id)
    if instance is None or instance.state != "running":
        return
    _halt(world, account, region, instance_id)
    if reboot:
        _later(world, "guests.boot", REBOOT_SECONDS, instance)
    elif instance.instance_initiated_shutdown_behavior == "terminate":
        instance.terminate()
        set_state(instance, "shutting-down")
        _later(world, "ec2.terminated", SHUTTING_DOWN_SECONDS, instance)
    else:
        instance.stop()
        set_state(instance, "stopping")
        _later(world, "ec2.stopped", STOPPING_SECONDS, instance)
