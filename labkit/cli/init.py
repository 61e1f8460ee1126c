"""``labkit init``: a ``workshop.toml`` to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labkit.cli.common.app import Group, verb
from labkit.cli.common.options import DEFAULT_FILE
from labkit.scenarios import DEFAULT


@verb("init", Group.INSTRUCTOR)
def init(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="3 to 24 characters: a-z, 0-9, and single hyphens inside."
        ),
    ],
    *,
    seats: Annotated[int, typer.Option("--seats", min=1, metavar="N", help="Number of seats.")] = 1,
    roster: Annotated[
        Path | None,
        typer.Option(
            "--roster", metavar="FILE", help="A CSV file with the columns id,account,email."
        ),
    ] = None,
    scenario: Annotated[
        str,
        typer.Option("--scenario", metavar="NAME", help="The scenario; see labkit scenarios."),
    ] = DEFAULT,
    region: Annotated[str, typer.Option("--region", help="The Region for the labs.")] = "eu-west-1",
    local: Annotated[
        bool, typer.Option("--local", help="Create the accounts in the running AWS emulator.")
    ] = False,
) -> None:
    """Write ./workshop.toml. It never overwrites an existing one."""
    from labkit.workflow.new_workshop import (
        local_seats,
        numbered_seats,
        refuse_existing,
        workshop_text,
        write_new,
    )

    refuse_existing(DEFAULT_FILE)
    if local:
        # Validate the name before creating any accounts.
        workshop_text(name, region, numbered_seats(seats), scenario=scenario)
        made = local_seats(name, seats, region)
        text = workshop_text(name, region, made, local=True, scenario=scenario)
    else:
        listed = () if roster else numbered_seats(seats)
        text = workshop_text(name, region, listed, roster=roster, scenario=scenario)
    write_new(DEFAULT_FILE, text)
    typer.echo(f"Wrote {DEFAULT_FILE}. Next: labkit up")
