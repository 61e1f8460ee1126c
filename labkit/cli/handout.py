"""``labkit handout``: the files for each attendee."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labkit.cli.common.app import Group, verb
from labkit.cli.common.options import DEFAULT_FILE, Seats, WorkshopFile, load


@verb("handout", Group.INSTRUCTOR)
def handout(
    file: WorkshopFile = DEFAULT_FILE,
    *,
    seat: Seats = None,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", help="Folder in which each seat gets its own folder."),
    ] = Path("handouts"),
) -> None:
    """Write a page and a workshop.toml for each attendee.

    The file names no other seat and no email addresses. Neither file contains credentials.
    """
    from labkit.workflow.handouts import write_handouts
    from labkit.workflow.operations import Operations

    written = write_handouts(Operations.on(load(file), seat), out)
    for folder in written:
        typer.echo(f"Wrote {folder}.")
    without = [folder.name for folder, has_lab in written.items() if not has_lab]
    if without:
        typer.echo(
            f"No lab yet, so the page names no servers: {', '.join(without)}. Rerun this after 'labkit up'.",
            err=True,
        )
