"""``labkit hint``: the next hint for a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from labkit.cli.common.app import verb
from labkit.cli.common.options import DEFAULT_FILE, OneSeat, WorkshopFile, load

if TYPE_CHECKING:
    from labkit.grading.tasks import Task
    from labkit.model import Evidence


@verb("hint")
def hint(
    task: Annotated[str, typer.Argument(metavar="TASK", help="Which task.")],
    file: WorkshopFile = DEFAULT_FILE,
    *,
    seat: OneSeat = None,
) -> None:
    """Give the next hint for a task; it may cost points.

    Exits 1 without a hint while there is nothing to find yet: it would cost points for nothing.
    """
    from labkit.submissions import read_hints, take_hint
    from labkit.workflow.attendee_seat import AttendeeSeat

    own = AttendeeSeat.of(load(file), seat)
    wanted = own.task(task)
    hints = wanted.hints
    taken = min(read_hints(own.account, own.workshop, own.seat.id).get(task, 0), len(hints))
    for number, old in enumerate(hints[:taken], 1):
        typer.echo(f"{number} of {len(hints)}, taken before: {old.text}")
    if taken == len(hints):
        typer.echo(
            "That was all: there is no further hint." if hints else "There are no hints for this."
        )
        return
    if why := nothing_to_find(wanted, own.evidence(wanted.needs)):
        typer.echo(f"There is nothing to find yet, so no hint was taken. {why}", err=True)
        raise typer.Exit(1)
    following = hints[taken]
    # Written down first: a hint that was seen and not counted would be unfair to the others.
    take_hint(own.account, own.workshop, own.seat.id, task, taken + 1)
    cost = f" (cost {following.cost:g} points)" if following.cost else ""
    typer.echo(f"{taken + 1} of {len(hints)}{cost}: {following.text}")


def nothing_to_find(task: Task, evidence: Evidence) -> str | None:
    """Why a hint would be of no use now; raises ``GraderError`` where the logs cannot be read."""
    from labkit.errors import GraderError
    from labkit.grading.readiness import why_not_ready
    from labkit.model import Outcome

    if not task.applies(evidence):
        return "This is not asked for in your lab."
    said = why_not_ready(task.needs, evidence)
    if said is not None and said.outcome is Outcome.ERROR:
        raise GraderError(said.message, "No hint was taken. Tell your instructor.")
    return said.message if said is not None else None
