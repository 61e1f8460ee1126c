"""``labkit hint``: the next hint for a task."""

from __future__ import annotations

import sys

import typer

from labkit.cli.common.app import Group, verb
from labkit.cli.common.options import DEFAULT_FILE, OneSeat, TaskName, WorkshopFile, load


@verb("hint", Group.ATTENDEE)
def hint(
    task: TaskName = None,
    file: WorkshopFile = DEFAULT_FILE,
    *,
    seat: OneSeat = None,
) -> None:
    """Show the next hint for a task. A hint can cost points.

    Without TASK, lists the tasks. If the logs haven't arrived yet, shows no hint, because it wouldn't help, and exits 1.
    """
    from labkit.cli.common.output import exit_with_tasks, fold
    from labkit.submissions import read_hints, take_hint
    from labkit.workflow.attendee_seat import AttendeeSeat
    from labkit.workflow.hints import why_no_hint

    if task is None:
        exit_with_tasks(load(file))
    own = AttendeeSeat.of(load(file), seat)
    wanted = own.task(task)
    hints = wanted.hints
    taken = min(read_hints(own.account, own.workshop, own.seat.id).get(task, 0), len(hints))
    for number, old in enumerate(hints[:taken], 1):
        typer.echo(fold(f"{number} of {len(hints)}, taken earlier: {old.text}"))
    if taken == len(hints):
        typer.echo("There are no more hints." if hints else "There are no hints for this task.")
        return
    if why := why_no_hint(wanted, own.evidence(wanted.needs)):
        told = f"There's nothing to find yet, so you didn't take a hint. {why}"
        typer.echo(fold(told, sys.stderr), err=True)
        raise typer.Exit(1)
    following = hints[taken]
    # Record the hint before showing it: a free hint would be unfair to the others.
    take_hint(own.account, own.workshop, own.seat.id, task, taken + 1)
    points = "point" if following.cost == 1 else "points"
    cost = f" (costs {following.cost:g} {points})" if following.cost else ""
    typer.echo(fold(f"{taken + 1} of {len(hints)}{cost}: {following.text}"))
