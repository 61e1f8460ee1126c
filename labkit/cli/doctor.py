"""``labkit doctor``: what would stop the workshop."""

from __future__ import annotations

import typer

from labkit.cli.common.app import Group, verb
from labkit.cli.common.options import DEFAULT_FILE, AsJson, Seats, WorkshopFile, load


@verb("doctor", Group.INSTRUCTOR)
def doctor(
    file: WorkshopFile = DEFAULT_FILE, *, seat: Seats = None, as_json: AsJson = False
) -> None:
    """Show what would stop the workshop, in each account, before anything is created.

    Looks at access, permissions, quotas, the Region, GuardDuty, network settings, leftovers of earlier events, and emails.
    Says for each finding what to do and, if someone else must act, what to send them. Also estimates the price. Changes
    nothing. Exits 1 if there's a blocker.
    """
    from labkit.cli.common.output import print_json, printable
    from labkit.doctor.examine import examine
    from labkit.doctor.summary import as_json as examination_as_json
    from labkit.doctor.summary import as_lines
    from labkit.render import render
    from labkit.workflow.operations import Operations

    work = Operations.on(load(file), seat)
    found = examine(work.workshop, work.seats, work.cloud, render(work.workshop), work.interrupt)
    if as_json:
        print_json(examination_as_json(found))
    else:
        for line in as_lines(found):
            typer.echo(printable(line))
    if found.blocked:
        raise typer.Exit(1)
