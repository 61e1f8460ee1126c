"""An instance's SSM Agent: it registers with the instance's role and reports every few minutes.

Some of its calls aren't in any service model. Calls that name the instance in real records get the
instance's ARN under ``resources``.

Source: Systems Manager user guide, "Working with SSM Agent"; public CloudTrail records of agents.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ..cloudtrail.synthetic_events import record_unmodelled
from ..effects import effect
from ..errors import AwsError
from ..gateway.call import Call
from ..gateway.http import Headers, HttpRequest
from ..guests import store
from ..guests.machine import Machine
from ..identity.authorize import authorize
from .store import ManagedInstance, SsmStore

if TYPE_CHECKING:
    from ..guests.guest import Guest
    from ..identity.caller import Caller
    from ..world import World

PING_EVERY = timedelta(minutes=5)
_ASSOCIATIONS_EVERY = 6
"""The agent asks for associations once every this many pings."""
_OFFLINE_AFTER = timedelta(minutes=15)
VERSION = "3.3.2746.0"
_USER_AGENT = f"aws-sdk-go/1.55.5 (go1.22.8; linux; amd64) amazon-ssm-agent/{VERSION}"


@effect("ssm.agent")
def agent_pings(
    world: World, account: str, region: str, instance_id: str, boots: int, number: int
) -> None:
    """Ping as a running agent. Without permissions the instance stays unmanaged; it tries again."""
    guest = store.find(world, account, region, instance_id)
    if guest is None or not guest.up or guest.boots != boots:
        return
    if guest.services["amazon-ssm-agent"].state == "active":
        ping(world, guest, number)
    world.at(
        world.now + PING_EVERY, "ssm.agent",
        account=account, region=region, instance_id=instance_id, boots=boots, number=number + 1,
    )  # fmt: skip


def ping(world: World, guest: Guest, number: int) -> None:
    """Make one round of the agent's calls."""
    machine = Machine(world, guest)
    try:
        caller = machine.role_caller(_USER_AGENT)
        if caller is None:
            return
        _allowed(machine, caller, "UpdateInstanceInformation")
    except AwsError:
        return  # a real agent only writes a line to its own log
    _record_information(machine, caller)
    store = world.store(SsmStore, guest.account, guest.region)
    known = store.instances.get(guest.instance_id)
    if known is None or known.boots != guest.boots:
        role = caller.session.role_name if caller.session is not None else ""
        since = known.registered_at if known is not None else world.now
        store.instances[guest.instance_id] = ManagedInstance(
            guest.instance_id, role, since, world.now, guest.boots
        )
    else:
        known.last_ping = world.now
    if number % _ASSOCIATIONS_EVERY == 0:
        try:
            _allowed(machine, caller, "ListInstanceAssociations")
        except AwsError:
            return
        _record_associations(machine, caller)


def _allowed(machine: Machine, caller: Caller, operation: str) -> None:
    """Authorize one of the agent's calls; raises ``AwsError``."""
    guest, world = machine.guest, machine.world
    request = HttpRequest("POST", "/", "", Headers(), b"")
    params = {"InstanceId": guest.instance_id}
    authorize(Call(world, caller, "ssm", operation, guest.region, params, "", world.now, request))


def _record_information(machine: Machine, caller: Caller) -> None:
    guest = machine.guest
    record_unmodelled(
        machine.world, caller, "ssm.amazonaws.com", "UpdateInstanceInformation", guest.region, read_only=False,
        parameters={
            "agentName": "amazon-ssm-agent",
            "agentStatus": "Active",
            "agentVersion": VERSION,
            "availabilityZone": str(machine.instance.availability_zone),
            "computerName": guest.hostname,
            "iPAddress": str(machine.network.interface.private_ip_address),
            "instanceId": guest.instance_id,
            "platformName": "Amazon Linux",
            "platformType": "Linux",
            "platformVersion": "2023",
        },
    )  # fmt: skip


def _record_associations(machine: Machine, caller: Caller) -> None:
    guest = machine.guest
    arn = f"arn:aws:ec2:{guest.region}:{guest.account}:instance/{guest.instance_id}"
    record_unmodelled(
        machine.world, caller, "ssm.amazonaws.com", "ListInstanceAssociations", guest.region, read_only=True,
        parameters={"instanceId": guest.instance_id, "maxResults": 20},
        resources=[{"accountId": guest.account, "ARN": arn}],
    )  # fmt: skip


def is_online(world: World, known: ManagedInstance, account: str, region: str) -> bool:
    """Whether an instance's agent is reachable."""
    guest = store.find(world, account, region, known.instance_id)
    if guest is None or not guest.up or guest.services["amazon-ssm-agent"].state != "active":
        return False
    return known.boots == guest.boots and world.now - known.last_ping < _OFFLINE_AFTER
