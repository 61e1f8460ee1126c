"""Run one incident in one seat."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from labkit.aws import Account, explain_errors
from labkit.clock import Clock, backoff
from labkit.deploy.lab import DeployedLab, describe_instances
from labkit.errors import CloudError, UsageError
from labkit.model import Incident, Instance, Via, Workshop
from labkit.scenario import find_scenario, threat_addresses
from labkit.simulate import ledger, operator, stolen_credentials
from labkit.simulate.randomize import randomize_run

_MAX_POLLS = 120


@dataclass(frozen=True, slots=True)
class RunContext:
    """What a run needs besides the lab."""

    via: Via
    address: str | None
    """The operator's public address; None for ``ssm``, which opens no port."""
    clock: Clock
    rng: random.Random


def access_method(workshop: Workshop, wanted: Via | None) -> Via:
    """How the operator gets in; raises ``UsageError`` for a method that the scenario doesn't have."""
    scenario = find_scenario(workshop.scenario)
    if wanted is None:
        return scenario.access_methods[0]
    if wanted not in scenario.access_methods:
        raise UsageError(
            f"{scenario.name} doesn't support --via {wanted}.",
            f"Omit it, or use --via {' or '.join(scenario.access_methods)}.",
        )
    return wanted


def run_incident(
    account: Account, workshop: Workshop, seat: str, deployed: DeployedLab, context: RunContext
) -> Incident:
    """Run the incident in a seat: operator first, then responder.

    The ledger records each step right before or after it, so that a run that breaks off is never lost or repeated
    under the same number.
    """
    lab = deployed.lab
    running = [server for server in lab.instances if server.public_address is not None]
    just_started = not running
    if just_started:  # earlier runs stopped every server
        running = [_start_server(account, context.rng.choice(lab.instances), context.clock)]
    scenario = find_scenario(workshop.scenario)
    script = randomize_run(
        scenario, running, threat_addresses(workshop), deployed.outputs, account.region, context.rng
    )
    record = _Record(
        account,
        workshop,
        seat,
        context.clock,
        ledger.begin(
            account, workshop, seat, script.instance.instance_id, context.clock.now(), context.via
        ),
    )
    as_operator = account.assume(
        lab.operator_role_arn, script.session_name, sleep=context.clock.sleep
    )
    output = ""
    if context.address is not None:
        output = operator.run_by_ssh(
            as_operator,
            script.instance,
            deployed.security_group,
            context.address,
            # A server that was just started doesn't accept logins yet.
            operator.Typing(
                script.lines,
                record.about_to_happen,
                operator.BOOT_RETRY_PAUSES if just_started else (),
            ),
            context.clock,
        )
    else:
        record.about_to_happen()
        operator.run_by_ssm(as_operator, script.instance, script.lines, context.clock)
    used = None
    if script.calls:
        credentials = stolen_credentials.read_credentials(output)
        used = stolen_credentials.use_credentials(
            credentials, account, script.calls, script.values, context.address, context.rng
        )
    record.happened()
    stop_server(account, lab.responder_role_arn, script.instance.instance_id, context.clock)
    finished = record.finished()
    return Incident(
        instance_id=script.instance.instance_id,
        command=script.lines[-1],
        callout_address=script.callout_address,
        operator_address=context.address,
        operator_session=script.session_name,
        via=context.via,
        started_at=record.entry.started_at,
        finished_at=finished,
        outside=used,
    )


def finish_interrupted(
    account: Account, workshop: Workshop, seat: str, deployed: DeployedLab, clock: Clock
) -> int | None:
    """Finish the last run if it broke off after its incident: stop its server, and complete the ledger.

    Returns the run's number, or None if there's nothing to finish.
    """
    entries = ledger.read(account, workshop, seat)
    servers = {server.instance_id for server in deployed.lab.instances}
    if not entries or not entries[-1].must_finish or entries[-1].instance_id not in servers:
        return None
    last = entries[-1]
    stop_server(account, deployed.lab.responder_role_arn, str(last.instance_id), clock)
    _Record(account, workshop, seat, clock, last).finished()
    return last.number


@dataclass(slots=True)
class _Record:
    """A run's entry in the ledger, kept up to date."""

    account: Account
    workshop: Workshop
    seat: str
    clock: Clock
    entry: ledger.Entry

    def about_to_happen(self) -> None:
        self._write(replace(self.entry, incident_at=self.clock.now()))

    def happened(self) -> None:
        self._write(replace(self.entry, happened_at=self.clock.now()))

    def finished(self) -> datetime:
        """Record the end of the run; returns its time."""
        now = self.clock.now()
        self._write(replace(self.entry, finished_at=now))
        return now

    def _write(self, entry: ledger.Entry) -> None:
        self.entry = ledger.update(self.account, self.workshop, self.seat, entry)


def _start_server(account: Account, server: Instance, clock: Clock) -> Instance:
    """Start a stopped server and wait for its new public address."""
    with explain_errors(f"starting {server.instance_id}"):
        account.client("ec2").start_instances(InstanceIds=[server.instance_id])
    for pause in islice(backoff(first=0.2, longest=5.0, growth=1.5), _MAX_POLLS):
        (found,) = describe_instances(account, (server.instance_id,))
        if found.public_address is not None:
            return found
        clock.sleep(pause)
    raise CloudError(f"{server.instance_id} doesn't start.", "Look at it in the EC2 console.")


def stop_server(account: Account, role_arn: str, instance_id: str, clock: Clock) -> None:
    """Stop the server as an incident responder would, and wait until it has stopped."""
    responder = account.assume(role_arn, "incident-response", sleep=clock.sleep)
    with explain_errors(f"stopping {instance_id}"):
        responder.client("ec2").stop_instances(InstanceIds=[instance_id])
    for pause in islice(backoff(first=0.2, longest=5.0, growth=1.5), _MAX_POLLS):
        with explain_errors(f"waiting for {instance_id} to stop"):
            answer = account.client("ec2").describe_instances(InstanceIds=[instance_id])
        if answer["Reservations"][0]["Instances"][0]["State"]["Name"] == "stopped":
            return
        clock.sleep(pause)
    raise CloudError(f"{instance_id} doesn't stop.", "Look at it in the EC2 console.")
