"""Plan one run of the incident: what ``simulate`` is going to change in a seat.

Which of the servers it is, and what exactly is typed, is random, so an action names every server that it may be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from labkit.deploy.lab import DeployedLab
from labkit.model import Action, Seat, Via, Workshop
from labkit.names import runs_path, seat_stack
from labkit.scenario import find_scenario
from labkit.simulate.ledger import Entry


def plan_run(
    workshop: Workshop,
    seat: Seat,
    account: str,
    deployed: DeployedLab,
    runs: Sequence[Entry],
    via: Via,
) -> tuple[Action, ...]:
    """Return the actions of a run, or those that finish a run that broke off after its incident."""
    reason = f"stack {seat_stack(workshop, seat.id)}"
    last = runs[-1] if runs else None
    servers = {server.instance_id for server in deployed.lab.instances}
    if last is not None and last.must_finish and last.instance_id in servers:
        path = f"{runs_path(workshop, seat.id)}/{last.number}"
        steps = [("stop", "instance", str(last.instance_id)), ("complete", "parameter", path)]
    else:
        number = last.number + 1 if last is not None else 1
        path = f"{runs_path(workshop, seat.id)}/{number}"
        steps = list(_steps(workshop, deployed, path, via))
    return tuple(
        Action(account, workshop.region, seat.id, verb, kind, key, reason)
        for verb, kind, key in steps
    )


def _steps(
    workshop: Workshop, deployed: DeployedLab, path: str, via: Via
) -> Iterator[tuple[str, str, str]]:
    """Yield verb, kind, and ID of each action of a whole run."""
    servers = deployed.lab.instances
    running = [server for server in servers if server.public_address is not None]
    which = " or ".join(server.instance_id for server in running or servers)
    if not running:
        yield "start", "instance", which
    yield "create", "parameter", path
    if via == "ssh":
        yield "open", "port 22", deployed.security_group
    yield "operate", "instance", which
    if via == "ssh":
        yield "close", "port 22", deployed.security_group
    if find_scenario(workshop.scenario).outside:
        yield "use", "credentials", which
    yield "stop", "instance", which
    yield "complete", "parameter", path
