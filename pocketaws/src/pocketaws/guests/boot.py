"""Starts and stops guests, and runs user data as cloud-init does.

Source: EC2 user guide, "Run commands when you launch an EC2 instance with user data input";
cloud-init documentation, "User-Data Formats".
"""

from __future__ import annotations

import base64
import binascii
import logging
from typing import TYPE_CHECKING

from ..ec2 import instances
from ..effects import effect
from ..network import background
from . import agent, services, store, system_log
from .machine import Machine
from .metadata import user_data_of

if TYPE_CHECKING:
    from ..world import World
    from .guest import Guest

log = logging.getLogger(__name__)

OUTPUT_LOG = "/var/log/cloud-init-output.log"
_SCRIPT = "/var/lib/cloud/instance/scripts/part-001"
_KERNEL_LINES = (
    "[    0.000000] Linux version 6.1.155-176.282.amzn2023.x86_64 (mockbuild@ip-10-0-41-12) #1 SMP PREEMPT_DYNAMIC\n"
    "[    0.000000] Command line: BOOT_IMAGE=(hd0,gpt1)/boot/vmlinuz-6.1 root=UUID=a console=tty0 console=ttyS0,115200n8\n"
    "[    0.411204] Booting paravirtualized kernel on KVM\n"
    "[    2.034411] systemd[1]: Hostname set to <{host}>.\n"
)


@effect("guests.boot")
def boot(world: World, account: str, region: str, instance_id: str) -> None:
    """Start the guest of a running instance. The first start runs the user data."""
    instance = instances.find_or_none(account, region, instance_id)
    if instance is None or instance.state != "running":
        return
    host = str(instance.private_dns_name)
    guest = store.find(world, account, region, instance_id) or store.create(
        world, account, region, instance_id, host
    )
    if guest.up:
        return
    guest.up, guest.booted_at = True, world.now
    guest.boots += 1
    guest.console = _KERNEL_LINES.format(host=guest.hostname)
    background.happen(world, account, region, instance, 60)
    with store.open_machine(world, guest, store.BOOT_STEPS) as machine:
        services.boot(machine)
        first = not guest.user_data_ran
        guest.user_data_ran = True
        if first:
            _run_user_data(machine)
        up = 21.0 + machine.slept
        guest.console += (
            f"[{up:12.6f}] cloud-init[1648]: Cloud-init v. 22.2.2 finished at {world.now:%a, %d %b %Y %H:%M:%S} +0000. "
            f"Datasource DataSourceEc2.  Up {up:.2f} seconds\n\n"
            f"Amazon Linux 2023.9.20260930\nKernel 6.1.155-176.282.amzn2023.x86_64 on an x86_64 (-)\n\n"
            f"{guest.hostname.split('.')[0]} login: "
        )
    world.later(
        "ssm.agent",
        30,
        account=account,
        region=region,
        instance_id=instance_id,
        boots=guest.boots,
        number=0,
    )


def _run_user_data(machine: Machine) -> None:
    text = _decoded(user_data_of(machine.instance))
    if not text.strip():
        return
    if not text.startswith("#!"):
        _say(
            machine, "__init__.py[WARNING]: Unhandled non-multipart (text/x-not-multipart) userdata"
        )
        return
    machine.files.make_directories(_SCRIPT.rpartition("/")[0], machine.now)
    machine.files.write(_SCRIPT, text, machine.now, mode=0o700)
    machine.files.change(_SCRIPT, "/", machine.identity("root"), mode=0o700)
    from .scripts import run_script  # noqa: PLC0415 - loads the shell

    status, output = run_script(machine, _SCRIPT)
    machine.files.write(OUTPUT_LOG, output, machine.now, append=True)
    for line in output.splitlines():
        _say(machine, line)
    if status:
        _say(
            machine,
            f"cc_scripts_user.py[WARNING]: Failed to run module scripts-user (scripts in {_SCRIPT.rpartition('/')[0]})",
        )
        _say(machine, f"util.py[WARNING]: Running module scripts-user failed: exit code {status}")


def _say(machine: Machine, line: str) -> None:
    machine.guest.console += f"[{21.0 + machine.slept:12.6f}] cloud-init[1648]: {line}\n"


def _decoded(text: str) -> str:
    """User data, decoded a second time if the caller had already encoded it in base64."""
    if text.startswith("#") or not text:
        return text
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return text


def halt(world: World, guest: Guest) -> None:
    """Shut down a guest: end its sessions and stop its services."""
    if not guest.up:
        return
    machine = Machine(world, guest)
    for session in guest.shells.values():
        session.closed = True
    guest.shells.clear()
    for login in guest.logins:
        login.ended = login.ended or world.now
    system_log.write(machine, "systemd", 1, "Stopped target Multi-User System.")
    agent.flush(machine)  # the agent sends its remaining lines before it stops
    services.halt(machine)
    guest.up = False


def switch_off(world: World, guest: Guest) -> None:
    """Shut down the guest of an instance that stops. After the next start, it gets new credentials.

    Credentials that it has already issued stay valid until they expire. Source: IAM user guide, "Troubleshoot IAM and Amazon EC2"
    (stop and start to force the change); "Revoke IAM role temporary security credentials".
    """
    halt(world, guest)
    guest.sessions.clear()
    guest.metadata_tokens.clear()
