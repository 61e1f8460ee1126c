"""``labkit sweep``: whatever is past its expiry."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from labkit.cli.common import options
from labkit.cli.common.app import Group, verb


@verb("sweep", Group.INSTRUCTOR)
def sweep(
    file: options.WorkshopFile = options.DEFAULT_FILE,
    *,
    seat: options.Seats = None,
    all_workshops: Annotated[
        bool,
        typer.Option("--all-workshops", help="Also what other workshops left in the accounts."),
    ] = False,
    as_json: options.AsJson = False,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
) -> None:
    """List what's past its expiry. With --yes, or after you confirm on a terminal, save evidence and remove it.

    Looks in every account that it can enter, and finds labs, evidence, and orphaned resources by their tags. labkit
    can't save the evidence of other workshops.
    """
    from labkit.cli.common.changes import Rounds, finish, show_plan
    from labkit.cli.common.options import confirm
    from labkit.cli.common.output import note_closed_accounts, print_seats
    from labkit.cli.common.progress import terminal_progress
    from labkit.cli.down import save_evidence
    from labkit.plurals import counted
    from labkit.workflow.operations import Operations

    operations = Operations.everywhere(options.load(file), seat, terminal_progress(quiet=as_json))
    workshop = operations.workshop
    note_closed_accounts(operations.closed)
    if dry_run:
        plan = operations.plan_sweep(any_workshop=all_workshops)
        show_plan(workshop, plan, as_json=as_json)
        return
    rows = operations.expired_rows(any_workshop=all_workshops)
    expired = [row for row in rows if row["state"] == "expired"]
    if not expired or not (yes or sys.stdin.isatty()):
        if not rows and not as_json:
            typer.echo("Nothing is past its expiry.")
        else:
            finish(workshop, rows, as_json=as_json)
        return
    if not yes:
        print_seats(workshop, rows, as_json=False)
    confirm(f"Permanently remove {counted(len(expired), 'expired lab')}?", yes=yes)
    kept = save_evidence(operations.only({row["seat"] for row in expired}))
    rounds = Rounds()
    swept = operations.sweep(kept, rounds.show, any_workshop=all_workshops)
    finish(workshop, swept, as_json=as_json, rounds=rounds)
