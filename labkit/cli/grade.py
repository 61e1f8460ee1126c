"""``labkit grade``: the verdicts of every seat."""

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
    from labkit.cli.common import exit_codes
    from labkit.cli.common.output import print_grades
    from labkit.errors import UsageError

    workshop = load(file)
    if evidence is not None:
        if save_evidence is not None:
            raise UsageError("--evidence and --save-evidence do not go together.", "Leave one out.")
        from labkit.workflow.offline_grading import grade_snapshots

        grades = grade_snapshots(workshop, evidence, seat, activity=activity)
    else:
        from labkit.cli.common.progress import terminal_progress
        from labkit.workflow.grade import grade_class
        from labkit.workflow.operations import Operations

        operations = Operations.on(workshop, seat, terminal_progress(quiet=as_json))
        grades = grade_class(operations, wait=wait, save_to=save_evidence, activity=activity)
    print_grades(grades, as_json=as_json, out=out)
    raise typer.Exit(exit_codes.of_grades(grades))
