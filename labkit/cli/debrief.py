"""``labkit debrief``: what really happened, seat by seat."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labkit.cli.common.app import verb
from labkit.cli.common.options import DEFAULT_FILE, Seats, WorkshopFile, load

if TYPE_CHECKING:
    from labkit.model import EvidenceBundle


@verb("debrief")
def debrief(
    file: WorkshopFile = DEFAULT_FILE,
    *,
    seat: Seats = None,
    evidence: Annotated[
        Path | None,
        typer.Option(
            "--evidence", metavar="DIR", help="From what was kept there, without a cloud."
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where to write the pages.")
    ] = Path("debrief"),
) -> None:
    """Write what happened in each seat, with the log lines that prove each answer.

    For the instructor, after the exercise: the pages hold the answers. Beside the incident stand the attendee's own
    searches, where CloudTrail recorded them. Exits 1 when a seat could not be read.
    """
    from labkit.cli.common.debriefing import write

    workshop = load(file)
    failed = False
    if evidence is not None:
        from labkit.cli.common.kept import bundles_kept

        bundles: Iterable[EvidenceBundle] = bundles_kept(workshop, evidence, seat)
    else:
        from labkit.cli.common.judging import collect_class, collected
        from labkit.cli.common.work import Work

        bundles, lost = collected(collect_class(Work.on(workshop, seat), activity=True))
        for one, error in lost:
            typer.echo(f"labkit: {one.id}: {error.message}\n  {error.hint}", err=True)
        failed = bool(lost)
    pages = list(write(workshop, bundles, out))
    typer.echo(f"Wrote {len(pages)} files; begin with {out / 'index.html'}.")
    raise typer.Exit(1 if failed else 0)
