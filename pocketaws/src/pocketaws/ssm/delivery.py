"""How a command gets to an instance, and runs there as root.

While the agent doesn't run, the command waits until it does or until its time is over: the sum of ``TimeoutSeconds``
and the execution timeout. A new command isn't visible to reads at once.

Source: Systems Manager user guide, "Understanding command statuses"; botocore's waiter ``CommandExecuted``, which waits
for the error ``InvocationDoesNotExist`` to end.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ..effects import effect
from ..guests import store
from ..guests.shell.control_flow import LimitError
from ..guests.shell.streams import Capture
from .store import Command, Invocation, SsmStore

if TYPE_CHECKING:
    from ..guests.machine import Machine
    from ..world import World

_VISIBLE_SECONDS = 1
_DELIVERY_SECONDS = 2
_LOOK_AGAIN = timedelta(seconds=30)


def begin(world: World, account: str, region: str, command: Command, instance_id: str) -> None:
    """Deliver a new command to an instance soon."""
    for name, seconds in (("ssm.visible", _VISIBLE_SECONDS), ("ssm.run", _DELIVERY_SECONDS)):
        world.later(
            name, seconds,
            account=account, region=region, command_id=command.command_id, instance_id=instance_id,
        )  # fmt: skip


@effect("ssm.visible")
def visible(world: World, account: str, region: str, command_id: str, instance_id: str) -> None:
    """Let reads see a new command."""
    store = world.store(SsmStore, account, region)
    store.commands[command_id].invocations[instance_id].visible = True


@effect("ssm.run")
def run(world: World, account: str, region: str, command_id: str, instance_id: str) -> None:
    """Run a delivered command on an instance."""
    command = world.store(SsmStore, account, region).commands[command_id]
    invocation = command.invocations[instance_id]
    guest = store.find(world, account, region, instance_id)
    if invocation.status not in {"Pending", "InProgress"} or invocation.started_at is not None:
        return
    if guest is None:
        invocation.set_status("Failed", "Undeliverable")
        return
    if not guest.up or guest.services["amazon-ssm-agent"].state != "active":
        _wait_for_agent(world, account, region, command, invocation)
        return
    invocation.started_at = world.now
    with store.open_machine(world, guest) as machine:
        _execute(machine, command, invocation)
        invocation.ended_at = world.now + timedelta(
            seconds=min(machine.slept, command.timeout_seconds) + 0.1
        )


def _wait_for_agent(
    world: World, account: str, region: str, command: Command, invocation: Invocation
) -> None:
    """Look again soon, until the time for the delivery is over."""
    if world.now >= command.expires_after:
        invocation.set_status("TimedOut", "Delivery Timed Out")
        return
    invocation.set_status("InProgress")
    world.at(
        min(world.now + _LOOK_AGAIN, command.expires_after), "ssm.run",
        account=account, region=region, command_id=command.command_id, instance_id=invocation.instance_id,
    )  # fmt: skip


def _execute(machine: Machine, command: Command, invocation: Invocation) -> None:
    from ..guests.scripts import root_shell  # noqa: PLC0415 - loads the shell

    output, errors = Capture(), Capture()
    shell = root_shell(machine, "/usr/bin", output)
    shell.state.streams[2] = errors
    shell.state.name = f"/var/lib/amazon/ssm/{invocation.instance_id}/document/orchestration/{command.command_id}/awsrunShellScript/0.awsrunShellScript/_script.sh"
    try:
        if command.folder and machine.files.get(command.folder) is None:
            errors.write(
                f"failed to run commands: chdir {command.folder}: no such file or directory\n"
            )
            status = 1
        else:
            shell.state.cwd = command.folder or shell.state.cwd
            status = shell.run_to_end("\n".join(command.commands) + "\n")
    except LimitError as error:
        errors.write(f"{error}\n")
        status = 137
    invocation.exit_status = status
    invocation.output, invocation.errors = output.take(), errors.take()
    if machine.slept > command.timeout_seconds:
        invocation.set_status("TimedOut", "Execution Timed Out")
    elif status:
        invocation.set_status("Failed")
        invocation.errors += f"failed to run commands: exit status {status}"
    else:
        invocation.set_status("Success")
