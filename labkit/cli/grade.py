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
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write JSON, CSV, JUnit XML and HTML there."),
    ] = None,
) -> None:
    """Collect the evidence of every seat and judge the answers.

    Exits 0 when every seat has passed every task, 1 when not, 3 when the grader could not judge a task or
    reach a seat.
    """
    from labkit.cli.common.judging import collect_class, collected, judge_class
    from labkit.cli.common.verdicts import exit_code, show
    from labkit.cli.common.work import Work

    work = Work.on(load(file), seat)
    dossiers, failed = collected(collect_class(work, quiet=as_json))
    grades = judge_class(work, dossiers)
    show(grades, as_json=as_json, out=out)
    for seat_, error in failed:
        typer.echo(f"labkit: {seat_.id}: {error.message}\n  {error.hint}", err=True)
    raise typer.Exit(exit_code(grades, failed=bool(failed)))
