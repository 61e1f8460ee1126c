"""``labkit grade``: who found what."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labkit.cli.common.app import verb
from labkit.cli.common.options import DEFAULT_FILE, AsJson, Seats, WorkshopFile, load


@verb("grade")
def grade(
    file: WorkshopFile = DEFAULT_FILE,
    *,
    seat: Seats = None,
    as_json: AsJson = False,
    save_evidence: Annotated[
        Path | None,
        typer.Option("--save-evidence", metavar="DIR", help="Keep what was collected there."),
    ] = None,
    evidence: Annotated[
        Path | None,
        typer.Option(
            "--evidence", metavar="DIR", help="Grade what was kept there, without a cloud."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Write JSON, CSV, JUnit XML, HTML and Markdown there."
        ),
    ] = None,
    wait: Annotated[
        str | None, typer.Option("--wait", metavar="TIME", help="Wait so long for late logs (10m).")
    ] = None,
    activity: Annotated[
        bool,
        typer.Option("--activity", help="Add the attendees' own searches, as CloudTrail has them."),
    ] = False,
) -> None:
    """Collect the evidence of every seat and judge the answers."""
    from labkit.cli.common.verdicts import exit_code, show
    from labkit.errors import UsageError

    workshop = load(file)
    if evidence is not None:
        if save_evidence is not None:
            raise UsageError("--evidence and --save-evidence do not go together.", "Leave one out.")
        from labkit.cli.common.kept import grade_kept

        grades = grade_kept(workshop, evidence, seat, activity=activity)
    else:
        from labkit.cli.common.judging import grade_class
        from labkit.cli.common.work import Work

        work = Work.on(workshop, seat)
        grades = grade_class(work, wait=wait, keep=save_evidence, quiet=as_json, activity=activity)
    show(grades, as_json=as_json, out=out)
    raise typer.Exit(exit_code(grades))
