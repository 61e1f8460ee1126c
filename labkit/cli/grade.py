"""``labkit grade``: the verdicts of every seat."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labkit.cli.common.app import Group, verb
from labkit.cli.common.options import DEFAULT_FILE, AsJson, Seats, WorkshopFile, load


@verb("grade", Group.INSTRUCTOR)
def grade(
    file: WorkshopFile = DEFAULT_FILE,
    *,
    seat: Seats = None,
    as_json: AsJson = False,
    save_evidence: Annotated[
        Path | None,
        typer.Option("--save-evidence", metavar="DIR", help="Save the collected evidence there."),
    ] = None,
    evidence: Annotated[
        Path | None,
        typer.Option(
            "--evidence", metavar="DIR", help="Grade the evidence saved there, without AWS."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Write JSON, CSV, JUnit XML, HTML, and Markdown there."
        ),
    ] = None,
    wait: Annotated[
        str | None,
        typer.Option(
            "--wait", metavar="TIME", help="Wait this long for late logs, for example 10m."
        ),
    ] = None,
    activity: Annotated[
        bool,
        typer.Option(
            "--activity", help="Add the attendees' own searches, as CloudTrail recorded them."
        ),
    ] = False,
) -> None:
    """Collect every seat's evidence and judge the answers.

    Exits 0 if every task passed, 1 if some didn't, 3 if the grader couldn't judge.
    """
    from labkit.cli.common import exit_codes
    from labkit.cli.common.output import print_grades
    from labkit.errors import UsageError

    workshop = load(file)
    if evidence is not None:
        if save_evidence is not None:
            raise UsageError(
                "You can't combine --evidence and --save-evidence.", "Pass only one of them."
            )
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
