"""``labkit answer``: hand in an answer."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from labkit.cli.common.app import verb
from labkit.cli.common.options import DEFAULT_FILE, OneSeat, WorkshopFile, load


@verb("answer")
def answer(
    task: Annotated[str, typer.Argument(metavar="TASK", help="Which task.")],
    value: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="VALUE",
            help="The answer, in quotation marks if it has spaces; read from standard input if missing.",
        ),
    ] = None,
    file: WorkshopFile = DEFAULT_FILE,
    *,
    seat: OneSeat = None,
) -> None:
    """Hand in an answer; it may be handed in again.

    Several values are several arguments, or one a line on standard input. On a terminal a missing value
    is asked for.
    """
    from labkit.cli.common.seat import Place
    from labkit.errors import UsageError
    from labkit.grading.outcomes import Wrong
    from labkit.submissions import submit

    place = Place.of(load(file), seat)
    wanted = place.task(task)
    values = value or _typed(wanted.question)
    if not any(part.strip() for part in values):
        raise UsageError("The answer is empty.", f"labkit answer {task} VALUE")
    try:
        wanted.read(tuple(values))
    except Wrong as error:
        raise UsageError(f"Not handed in: {error}", wanted.question.splitlines()[0]) from error
    attempt = submit(place.account, place.workshop, place.seat.id, task, values)
    typer.echo(f"Handed in (attempt {attempt}). 'labkit check' says how it stands.")


def _typed(question: str) -> list[str]:
    """The values from standard input, one a line; on a terminal the question is asked."""
    if sys.stdin.isatty():
        return [str(typer.prompt(question, err=True))]
    return [line for line in sys.stdin.read().splitlines() if line.strip()]
