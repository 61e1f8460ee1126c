"""One incident in one seat, and the plan of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from labkit.aws import Account, explained
from labkit.deploy.lab import DeployedLab, describe_instances
from labkit.errors import CloudError, UsageError
from labkit.model import Incident, Instance, Step, Via, Workshop
from labkit.names import seat_stack
from labkit.scenario import find_scenario, threat_addresses
from labkit.simulate import ledger, operator, outside
from labkit.simulate.invent import invent

Now = Callable[[], datetime]
Sleep = Callable[[float], None]

_POLL_SECONDS = 0.2
_LONGEST_POLL_SECONDS = 5.0
_STOP_POLLS = 120


@dataclass(frozen=True, slots=True)
class Means:
    """What a run depends on besides the lab."""

    via: Via
    address: str | None
    """Where the operator comes from; None where no door is opened (``ssm``)."""
    now: Now
    sleep: Sleep
    rng: random.Random


def way(workshop: Workshop, wanted: Via | None) -> Via:
    """How the operator gets in; raises ``UsageError`` for a way that the scenario does not have."""
    scenario = find_scenario(workshop.scenario)
    if wanted is None:
        return scenario.ways[0]
    if wanted not in scenario.ways:
        raise UsageError(
            f"{scenario.name} does not happen by --via {wanted}.",
            f"Leave it out, or take --via {' or '.join(scenario.ways)}.",
        )
    return wanted


def plan(workshop: Workshop, accounts: Mapping[str, str]) -> tuple[Step, ...]:
    """What ``simulate`` would do, by seat and its account.

    Which server and what exactly is decided when it happens.
    """
    used = (("use", "credentials"),) if find_scenario(workshop.scenario).outside else ()
    return tuple(
        Step(seat, action, kind, seat_stack(workshop, seat), account)
        for seat, account in accounts.items()
        for action, kind in (("operate", "server"), *used, ("stop", "server"))
    )


def make_it_happen(
    account: Account, workshop: Workshop, seat: str, deployed: DeployedLab, means: Means
) -> Incident:
    """Run the incident in a seat: operator, then responder; the ledger knows of it before it begins."""
    lab = deployed.lab
    running = [server for server in lab.instances if server.public_address is not None]
    woken = not running
    if woken:  # earlier runs stopped them all
        running = [_wake(account, means.rng.choice(lab.instances), means.sleep)]
    scenario = find_scenario(workshop.scenario)
    script = invent(
        scenario, running, threat_addresses(workshop), deployed.outputs, account.region, means.rng
    )
    entry = ledger.begin(account, workshop, seat, means.now(), means.via)
    as_operator = account.assume(lab.operator_role_arn, script.session_name, sleep=means.sleep)
    shown = ""
    if means.address is not None:
        shown = operator.by_ssh(
            as_operator,
            script.instance,
            deployed.security_group,
            means.address,
            script.lines,
            # A server that was just started does not listen yet.
            operator.WAKING_PAUSES if woken else (),
            means.sleep,
        )
    else:
        operator.by_ssm(as_operator, script.instance, script.lines, means.sleep)
    used = None
    if script.calls:
        keys = outside.read_keys(shown)
        used = outside.use(keys, account, script.calls, script.values, means.address, means.rng)
    respond(account, lab.responder_role_arn, script.instance.instance_id, means.sleep)
    finished = means.now()
    ledger.finish(account, workshop, seat, replace(entry, finished_at=finished))
    return Incident(
        instance_id=script.instance.instance_id,
        command=script.lines[-1],
        callout_address=script.callout_address,
        operator_address=means.address,
        operator_session=script.session_name,
        via=means.via,
        started_at=entry.started_at,
        finished_at=finished,
        outside=used,
    )


def _wake(account: Account, server: Instance, sleep: Sleep) -> Instance:
    """Start a stopped server again, and wait for its new public address."""
    with explained(f"starting {server.instance_id}"):
        account.client("ec2").start_instances(InstanceIds=[server.instance_id])
    pause = _POLL_SECONDS
    for _ in range(_STOP_POLLS):
        (found,) = describe_instances(account, (server.instance_id,))
        if found.public_address is not None:
            return found
        sleep(pause)
        pause = min(pause * 1.5, _LONGEST_POLL_SECONDS)
    raise CloudError(f"{server.instance_id} does not start.", "Look at it in the EC2 console.")


def respond(account: Account, role_arn: str, instance_id: str, sleep: Sleep) -> None:
    """Stop the server as an incident process would, and wait until it is stopped."""
    responder = account.assume(role_arn, "incident-response", sleep=sleep)
    with explained(f"stopping {instance_id}"):
        responder.client("ec2").stop_instances(InstanceIds=[instance_id])
    pause = _POLL_SECONDS
    for _ in range(_STOP_POLLS):
        with explained(f"waiting for {instance_id} to stop"):
            answer = account.client("ec2").describe_instances(InstanceIds=[instance_id])
        if answer["Reservations"][0]["Instances"][0]["State"]["Name"] == "stopped":
            return
        sleep(pause)
        pause = min(pause * 1.5, _LONGEST_POLL_SECONDS)
    raise CloudError(f"{instance_id} does not stop.", "Look at it in the EC2 console.")
