"""``labkit handout``: the files for each attendee."""

from __future__ import annotations

import sys
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
    wheel: Annotated[
        Path | None,
        typer.Option(
            "--wheel",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="The labkit wheel to include (default: the one that make wheel built).",
        ),
    ] = None,
) -> None:
    """Write a page, a workshop.toml, and a copy of the labkit wheel for each attendee.

    The workshop.toml contains only the attendee's own seat and no email addresses. No file contains credentials.
    """
    from labkit.workflow.handouts import find_wheel, write_handouts
    from labkit.workflow.operations import Operations

    wheel = wheel or find_wheel()
    written = write_handouts(Operations.on(load(file), seat), out, wheel)
    for folder in written:
        typer.echo(f"Wrote {folder}.")
    if wheel is None:
        _warn(
            "There's no labkit wheel to include, so the page doesn't say how to install labkit. To include one, run "
            "'make wheel' in your checkout, or pass --wheel FILE."
        )
    without = [folder.name for folder, has_lab in written.items() if not has_lab]
    if without:
        _warn(
            f"The pages of these seats don't name servers because they have no lab yet: {', '.join(without)}. "
            "Rerun this command after 'labkit up'."
        )


def _warn(text: str) -> None:
    from labkit.cli.common.output import fold

    typer.echo(fold(text, sys.stderr), err=True)
