"""``labkit debrief``: what happened in each seat."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labkit.cli.common.app import Group, verb
from labkit.cli.common.options import DEFAULT_FILE, Seats, WorkshopFile, load

if TYPE_CHECKING:
    from labkit.model import EvidenceBundle


@verb("debrief", Group.INSTRUCTOR)
def debrief(
    file: WorkshopFile = DEFAULT_FILE,
    *,
    seat: Seats = None,
    evidence: Annotated[
        Path | None,
        typer.Option(
            "--evidence", metavar="DIR", help="Use the evidence saved there, without AWS."
        ),
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the pages.")] = Path(
        "debrief"
    ),
) -> None:
    """Write what happened in each seat, with log lines that prove each answer.

    The pages contain the answers, so keep them until after the exercise. They also show the attendee's own searches
    if CloudTrail recorded them. Exits 1 if labkit couldn't read a seat.
    """
    from labkit.workflow.debriefs import write_debriefs

    workshop = load(file)
    failed = False
    if evidence is not None:
        from labkit.workflow.offline_grading import load_bundles

        bundles: Iterable[EvidenceBundle] = load_bundles(workshop, evidence, seat)
    else:
        from labkit.cli.common.progress import terminal_progress
        from labkit.workflow.collect import collect_class, split_results
        from labkit.workflow.operations import Operations

        operations = Operations.on(workshop, seat, terminal_progress())
        bundles, errors = split_results(collect_class(operations, activity=True))
        for one, error in errors:
            typer.echo(f"labkit: {one.id}: {error.message}\n  {error.hint}", err=True)
        failed = bool(errors)
    pages = list(write_debriefs(workshop, bundles, out))
    typer.echo(f"Wrote {len(pages)} files. Start with {out / 'index.html'}.")
    raise typer.Exit(1 if failed else 0)
