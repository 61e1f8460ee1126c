"""``labkit sweep``: labs past their expiry."""

from __future__ import annotations

import sys

import typer

from labkit.cli.common.app import Group, verb
from labkit.cli.common.options import (
    DEFAULT_FILE,
    AsJson,
    DryRun,
    Seats,
    WorkshopFile,
    Yes,
    load,
)


@verb("sweep", Group.INSTRUCTOR)
def sweep(
    file: WorkshopFile = DEFAULT_FILE,
    *,
    seat: Seats = None,
    as_json: AsJson = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """List the labs past their expiry. With --yes, or after you confirm on a terminal, remove them."""
    from labkit.cli.common.changes import Change, Flags, carry_out
    from labkit.cli.common.output import print_plan, print_seats
    from labkit.cli.common.progress import terminal_progress
    from labkit.plurals import counted
    from labkit.workflow.operations import Operations

    operations = Operations.on(load(file), seat, terminal_progress(quiet=as_json)).expired()
    workshop, ids = operations.workshop, ", ".join(operations.seat_ids)
    if not ids:
        if dry_run:
            print_plan(workshop, (), as_json=as_json)
        elif as_json:
            print_seats(workshop, [], as_json=True)
        else:
            typer.echo("No lab is past its expiry.")
    elif dry_run or yes or sys.stdin.isatty():
        question = f"Permanently remove {counted(len(operations.seats), 'expired lab')} ({ids})?"
        change = Change(operations.plan_down, question, operations.down)
        carry_out(workshop, change, Flags(as_json, dry_run, yes))
    else:
        print_seats(workshop, operations.expired_rows(), as_json=as_json)
