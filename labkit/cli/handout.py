"""``labkit handout``: the files for each attendee."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labkit.cli.common.app import verb
from labkit.cli.common.options import DEFAULT_FILE, Seats, WorkshopFile, load


@verb("handout")
def handout(
    file: WorkshopFile = DEFAULT_FILE,
    *,
    seat: Seats = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where to make a folder for each seat.")
    ] = Path("handouts"),
) -> None:
    """Write what each attendee is given: a page to read, and a workshop.toml of their own.

    That file names no other seat, and nobody's e-mail address. Neither file is a secret or holds credentials.
    """
    from labkit.workflow.handouts import write_handouts
    from labkit.workflow.operations import Operations

    written = write_handouts(Operations.on(load(file), seat), out)
    for folder in written:
        typer.echo(f"Wrote {folder}.")
    without = [folder.name for folder, has_lab in written.items() if not has_lab]
    if without:
        typer.echo(
            f"No lab yet, so no servers on the page: {', '.join(without)}. After 'labkit up', again.",
            err=True,
        )
