"""``labkit check``: an attendee's own progress."""

from __future__ import annotations

import typer

from labkit.cli.common.app import verb
from labkit.cli.common.options import DEFAULT_FILE, AsJson, OneSeat, WorkshopFile, load


@verb("check")
def check(
    file: WorkshopFile = DEFAULT_FILE, *, seat: OneSeat = None, as_json: AsJson = False
) -> None:
    """Judge the answers of one seat against its own logs.

    Exits 0 when every task is passed, 1 when not, 3 when the grader could not judge.
    """
    from rich.console import Console

    from labkit.cli.common.seat import Place
    from labkit.cli.common.shown import print_json
    from labkit.cli.common.verdicts import exit_code
    from labkit.report.as_json import seat_as_json
    from labkit.report.as_text import seat_table

    grades = Place.of(load(file), seat).check()
    (graded,) = grades.seats
    if as_json:
        print_json(seat_as_json(graded))
    else:
        Console().print(seat_table(graded))
    raise typer.Exit(exit_code(grades))
