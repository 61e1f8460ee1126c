"""``labkit simulate``: make the incident happen."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from labkit.cli.common import options
from labkit.cli.common.app import Group, verb


class AccessMethod(StrEnum):
    """How the operator gets in: the values of ``labkit.model.Via``."""

    SSH = "ssh"
    SSM = "ssm"


@verb("simulate", Group.INSTRUCTOR)
def simulate(
    file: options.WorkshopFile = options.DEFAULT_FILE,
    *,
    seat: options.Seats = None,
    via: Annotated[
        AccessMethod | None,
        typer.Option(
            "--via", help="Log in by SSH or use Run Command (default: the scenario's first choice)."
        ),
    ] = None,
    address: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="ADDRESS",
            help="Your own IPv4 address, for the port 22 rule (default: asks LABKIT_CHECKIP_URL).",
        ),
    ] = None,
    no_wait: Annotated[
        bool,
        typer.Option(
            "--no-wait", help="Fail at once in seats where nothing would detect the incident yet."
        ),
    ] = False,
    as_json: options.AsJson = False,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
) -> None:
    """Make the incident happen in the given seats, or in every seat that hasn't had one.

    First waits until an incident would be detected, for up to 45 minutes: a threat list can take that long to become
    active. Exits 1 if it fails in a seat.
    """
    from labkit.cli.common.changes import Change, Flags, carry_out
    from labkit.cli.common.output import print_seats
    from labkit.cli.common.progress import terminal_progress
    from labkit.plurals import counted
    from labkit.simulate.incident import access_method
    from labkit.workflow.operations import Operations

    workshop = options.load(file)
    method = access_method(workshop, via.value if via is not None else None)
    operations = Operations.on(workshop, seat, terminal_progress(quiet=as_json))
    if seat is None:
        operations = operations.without_runs()
    if not operations.seats and not dry_run:
        typer.echo(
            "Every seat has had its incident. To repeat it, name seats with --seat.", err=True
        )
        print_seats(workshop, [], as_json=as_json)
        return
    question = f"Make the incident happen in {counted(len(operations.seats), 'seat')}?"
    change = Change(
        lambda: operations.plan_simulate(method),
        question,
        lambda _rounds: operations.simulate(method, address, wait=not no_wait),
    )
    carry_out(workshop, change, Flags(as_json, dry_run, yes))
