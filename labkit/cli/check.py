"""``labkit check``: an attendee's own progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from labkit.cli.common.app import verb
from labkit.cli.common.options import DEFAULT_FILE, AsJson, OneSeat, WorkshopFile, load

if TYPE_CHECKING:
    from rich.console import Console

    from labkit.cli.common.seat import Place
    from labkit.model import SeatGrade


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

    place = Place.of(load(file), seat)
    grades = place.check()
    (graded,) = grades.seats
    if as_json:
        print_json(seat_as_json(graded))
    else:
        console = Console()
        console.print(seat_table(graded))
        _print_open_questions(console, place, graded)
    raise typer.Exit(exit_code(grades))


def _print_open_questions(console: Console, place: Place, graded: SeatGrade) -> None:
    """What is asked in the tasks that are not passed yet."""
    from rich.text import Text

    open_tasks = {verdict.task for verdict in graded.verdicts if verdict.outcome != "passed"}
    for task in place.tasks():
        if task.name in open_tasks:
            console.print(Text(f"\n{task.name}: {' '.join(task.question.split())}"))
