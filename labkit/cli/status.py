"""``labkit status``: where every seat's lab stands."""

from __future__ import annotations

import typer

from labkit.cli.common.app import verb
from labkit.cli.common.options import DEFAULT_FILE, AsJson, Seats, WorkshopFile, load


@verb("status")
def status(
    file: WorkshopFile = DEFAULT_FILE, *, seat: Seats = None, as_json: AsJson = False
) -> None:
    """Show the state of every seat's lab.

    States: absent, deploying, preparing (something is awaited, it says what), ready, incident (it has
    happened), failed, removing. Exits 1 when a seat has failed.
    """
    from labkit.cli.common.shown import print_seats
    from labkit.cli.common.work import Work

    work = Work.on(load(file), seat)
    rows = work.status()
    print_seats(work.workshop, rows, as_json=as_json)
    if any(row["state"] == "failed" for row in rows):
        raise typer.Exit(1)
