"""``labkit hint``: the next hint for a task."""

from __future__ import annotations

from typing import Annotated

import typer

from labkit.cli.common.app import verb
from labkit.cli.common.options import DEFAULT_FILE, OneSeat, WorkshopFile, load


@verb("hint")
def hint(
    task: Annotated[str, typer.Argument(metavar="TASK", help="Which task.")],
    file: WorkshopFile = DEFAULT_FILE,
    *,
    seat: OneSeat = None,
) -> None:
    """Give the next hint for a task; it may cost points."""
    from labkit.cli.common.seat import Place
    from labkit.submissions import read_hints, take_hint

    place = Place.of(load(file), seat)
    hints = place.task(task).hints
    taken = read_hints(place.account, place.workshop, place.seat.id).get(task, 0)
    if taken >= len(hints):
        for number, old in enumerate(hints, 1):
            typer.echo(f"{number}. {old.text}")
        typer.echo(
            "That was all: there is no further hint." if hints else "There are no hints for this."
        )
        return
    following = hints[taken]
    # Written down first: a hint that was seen and not counted would be unfair to the others.
    take_hint(place.account, place.workshop, place.seat.id, task, taken + 1)
    cost = f" (cost {following.cost:g} points)" if following.cost else ""
    typer.echo(f"{taken + 1} of {len(hints)}{cost}: {following.text}")
