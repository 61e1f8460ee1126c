"""``labkit up``: a lab for every seat."""

from __future__ import annotations

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
)


@verb("up")
def up(
    file: WorkshopFile = DEFAULT_FILE,
    *,
    seat: Seats = None,
    as_json: AsJson = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Deploy a lab for every seat; returns when all are complete.

    Run again, it keeps what is there and tries again what failed. Exits 1 when a seat has failed.
    """
    from labkit.cli.common.shown import print_plan, print_seats
    from labkit.cli.common.work import Work

    work = Work.on(load(file), seat)
    if dry_run:
        print_plan(work.workshop, work.plan_up(), as_json=as_json)
        return
    confirm(f"Deploy {len(work.seats)} lab(s) of {work.workshop.name}?", yes=yes)
    rows = work.up(quiet=as_json)
    print_seats(work.workshop, rows, as_json=as_json)
    if any(row["state"] == "failed" for row in rows):
        raise typer.Exit(1)
