"""``labkit sweep``: labs past their time."""

from __future__ import annotations

import sys

import typer

from labkit.cli.common.app import verb
from labkit.cli.common.options import (
    DEFAULT_FILE,
    AsJson,
    DryRun,
    Seats,
    WorkshopFile,
    Yes,
    confirm,
    load,
)  # fmt: skip


@verb("sweep")
def sweep(
    file: WorkshopFile = DEFAULT_FILE,
    *,
    seat: Seats = None,
    as_json: AsJson = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """List the labs past their expiry; with --yes, or asked on a terminal, remove them."""
    from labkit.cli.common.shown import print_plan, print_seats
    from labkit.cli.common.work import Work

    work = Work.on(load(file), seat).expired()
    if dry_run:
        print_plan(work.workshop, work.plan_down() if work.seats else (), as_json=as_json)
        return
    listed = [
        {
            "seat": seat.id,
            "account": work.account_of(seat),
            "state": "expired",
            "detail": "past its expiry",
        }
        for seat in work.seats
    ]
    if not work.seats or not (yes or sys.stdin.isatty()):
        print_seats(work.workshop, listed, as_json=as_json)
        if not work.seats and not as_json:
            typer.echo("No lab is past its expiry.")
        return
    confirm(
        f"Remove {len(work.seats)} expired lab(s) ({', '.join(s.id for s in work.seats)})?", yes=yes
    )
    rows = work.down(quiet=as_json)
    print_seats(work.workshop, rows, as_json=as_json)
    if any(row["state"] != "absent" for row in rows):
        raise typer.Exit(1)
