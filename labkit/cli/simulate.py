"""``labkit simulate``: make the incident happen."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

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


class Way(StrEnum):
    """How the operator gets in: the words of ``labkit.model.Via``."""

    SSH = "ssh"
    SSM = "ssm"


@verb("simulate")
def simulate(
    file: WorkshopFile = DEFAULT_FILE,
    *,
    seat: Seats = None,
    via: Annotated[
        Way | None,
        typer.Option(
            "--via", help="Log in by SSH, or use Run Command (default: the scenario's usual way)."
        ),
    ] = None,
    address: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="ADDRESS",
            help="Your own IPv4 address, for the rule on port 22 (default: asked of LABKIT_CHECKIP_URL).",
        ),
    ] = None,
    as_json: AsJson = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Make the incident happen in every seat that has had none, or in those named.

    Exits 1 when it could not be made to happen in a seat.
    """
    from labkit.cli.common.shown import print_plan, print_seats
    from labkit.cli.common.work import Work
    from labkit.model import Via
    from labkit.simulate.incident import access_method

    workshop = load(file)
    wanted: Via | None = via.value if via is not None else None
    access_method(workshop, wanted)
    work = Work.on(workshop, seat)
    if seat is None:
        work = work.without_runs()
    if dry_run:
        print_plan(work.workshop, work.plan_simulate(), as_json=as_json)
        return
    if not work.seats:
        typer.echo(
            "Every seat has had its incident; name seats with --seat to repeat it.", err=True
        )
        print_seats(work.workshop, [], as_json=as_json)
        return
    confirm(f"Make the incident happen in {len(work.seats)} seat(s)?", yes=yes)
    rows = work.simulate(wanted, address, quiet=as_json)
    print_seats(work.workshop, rows, as_json=as_json)
    if any(row["state"] == "failed" for row in rows):
        raise typer.Exit(1)
