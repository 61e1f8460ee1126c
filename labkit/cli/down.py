"""``labkit down``: take everything down, and prove it."""

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


@verb("down")
def down(
    file: WorkshopFile = DEFAULT_FILE,
    *,
    seat: Seats = None,
    as_json: AsJson = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Remove every seat's lab and everything that came of it.

    Answers go with it: run 'labkit grade --out DIR' before. Exits 1 when something is left.
    """
    from labkit.cli.common.shown import print_plan, print_seats
    from labkit.cli.common.work import Work

    work = Work.on(load(file), seat)
    if dry_run:
        print_plan(work.workshop, work.plan_down(), as_json=as_json)
        return
    confirm(f"Remove {len(work.seats)} lab(s) of {work.workshop.name} for good?", yes=yes)
    rows = work.down(quiet=as_json)
    print_seats(work.workshop, rows, as_json=as_json)
    if any(row["state"] != "absent" for row in rows):
        raise typer.Exit(1)
