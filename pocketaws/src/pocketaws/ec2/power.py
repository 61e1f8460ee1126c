"""Starting, stopping, rebooting, and terminating instances.

Source: EC2 API reference, "StartInstances" and its siblings; EC2 user guide, "Instance lifecycle".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from ..registry import operation
from . import instances, states
from .dry_run import refuse_dry_run
from .launch_checks import check_capacity
from .limits import check_vcpus

if TYPE_CHECKING:
    from ..gateway.call import Call

_INSTANCE_ID = re.compile(r"i-([0-9a-f]{8}|[0-9a-f]{17})")


def chosen(call: Call) -> list[Any]:
    """The instances that a call names; raises ``AwsError`` if one doesn't exist."""
    ids: list[str] = call.params.get("InstanceIds", [])
    if not ids:
        raise AwsError("MissingParameter", "The request must contain the parameter InstanceId")
    for instance_id in ids:
        if _INSTANCE_ID.fullmatch(instance_id) is None:
            raise AwsError("InvalidInstanceID.Malformed", f'Invalid id: "{instance_id}"')
    found = {i.id: i for i in instances.every(call.account, call.region)}
    missing = [instance_id for instance_id in ids if instance_id not in found]
    if missing:
        many = len(missing) > 1
        text = f"The instance ID{'s' if many else ''} '{', '.join(missing)}' do{'' if many else 'es'} not exist"
        raise AwsError("InvalidInstanceID.NotFound", text)
    return [found[instance_id] for instance_id in ids]


def _change(call: Call, key: str, change: Callable[[Any], None]) -> dict[str, Any]:
    answers: list[dict[str, Any]] = []
    chosen_ = chosen(call)
    refuse_dry_run(call)
    for instance in chosen_:
        before = states.shown(instance.state)
        change(instance)
        now = states.shown(instance.state)
        answers.append({"InstanceId": instance.id, "CurrentState": now, "PreviousState": before})
    return {key: answers}


def _wrong_state(instance: Any, done: str) -> AwsError:
    return AwsError(
        "IncorrectInstanceState",
        f"The instance '{instance.id}' is not in a state from which it can be {done}.",
    )


@operation("ec2", "StartInstances")
def start_instances(call: Call) -> dict[str, Any]:
    """Start stopped instances; running ones don't change."""
    for instance in chosen(call):
        if instance.state not in {"stopped", "pending", "running"}:
            raise _wrong_state(instance, "started")
        if instance.state == "stopped":
            zone = str(instances.interface(instance).subnet.availability_zone)
            check_vcpus(call, instance.instance_type, 1)
            check_capacity(call.world, call.region, zone, instance.instance_type)

    def change(instance: Any) -> None:
        if instance.state == "stopped":
            instance.start()
            states.begin(call.world, instance)

    return _change(call, "StartingInstances", change)


@operation("ec2", "StopInstances")
def stop_instances(call: Call) -> dict[str, Any]:
    """Stop instances; stopped ones don't change."""
    for instance in chosen(call):
        if instance.state in {"terminated", "shutting-down"}:
            raise _wrong_state(instance, "stopped")
        if instance.disable_api_stop:
            raise AwsError(
                "OperationNotPermitted",
                f"The instance '{instance.id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.",
            )

    def change(instance: Any) -> None:
        if instance.state in {"pending", "running"}:
            states.stop(call.world, instance)

    return _change(call, "StoppingInstances", change)


@operation("ec2", "TerminateInstances")
def terminate_instances(call: Call) -> dict[str, Any]:
    """Terminate instances; terminated ones don't change."""
    for instance in chosen(call):
        if instance.disable_api_termination and instance.state != "terminated":
            raise AwsError(
                "OperationNotPermitted",
                f"The instance '{instance.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.",
            )

    def change(instance: Any) -> None:
        if instance.state not in {"terminated", "shutting-down"}:
            states.terminate(call.world, instance)

    return _change(call, "TerminatingInstances", change)


@operation("ec2", "RebootInstances")
def reboot_instances(call: Call) -> dict[str, Any]:
    """Reboot running instances."""
    for instance in chosen(call):
        if instance.state != "running":
            raise _wrong_state(instance, "rebooted")
    _change(call, "", lambda instance: states.reboot(call.world, instance))
    return {}
