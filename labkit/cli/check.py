"""``labkit check``: the verdicts on an attendee's own answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from labkit.cli.common.app import Group, verb
from labkit.cli.common.options import DEFAULT_FILE, AsJson, OneSeat, WorkshopFile, load

if TYPE_CHECKING:
    from rich.console import Console

    from labkit.model import SeatGrade
    from labkit.workflow.attendee_seat import AttendeeSeat


@verb("check", Group.ATTENDEE)
def check(
    file: WorkshopFile = DEFAULT_FILE, *, seat: OneSeat = None, as_json: AsJson = False
) -> None:
    """Check your answers against the logs of your seat.

    Exits 0 if every task passed, 1 if some didn't, 3 if the grader couldn't judge.
    """
    from rich.console import Console

    from labkit.cli.common import exit_codes
    from labkit.cli.common.output import print_json
    from labkit.report.as_json import seat_as_json
    from labkit.report.as_text import seat_table
    from labkit.workflow.attendee_seat import AttendeeSeat

    own = AttendeeSeat.of(load(file), seat)
    grades = own.check()
    (graded,) = grades.seats
    if as_json:
        print_json(seat_as_json(graded))
    else:
        console = Console()
        console.print(seat_table(graded))
        _print_open_questions(console, own, graded)
    raise typer.Exit(exit_codes.of_grades(grades))


def _print_open_questions(console: Console, own: AttendeeSeat, graded: SeatGrade) -> None:
    """Print the questions of the tasks that haven't passed yet."""
    from rich.text import Text

    open_tasks = {verdict.task for verdict in graded.verdicts if verdict.outcome != "passed"}
    for task in own.tasks():
        if task.name in open_tasks:
            console.print(Text(f"\n{task.name}: {' '.join(task.question.split())}"))
