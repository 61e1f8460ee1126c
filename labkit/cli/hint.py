"""``labkit hint``: the next hint for a task."""

from __future__ import annotations

import sys

import typer

from labkit.cli.common.app import Group, verb
from labkit.cli.common.options import DEFAULT_FILE, OneSeat, TaskName, WorkshopFile, Yes, load


@verb("hint", Group.ATTENDEE)
def hint(
    task: TaskName = None,
    file: WorkshopFile = DEFAULT_FILE,
    *,
    seat: OneSeat = None,
    yes: Yes = False,
) -> None:
    """Show the next hint for a task. A hint can cost points.

    On a terminal, names the price and asks before it takes a hint. Without TASK, lists the tasks. If the logs haven't
    arrived yet, or your answer is already right, shows no hint, because it wouldn't help, and exits 1.
    """
    from labkit.cli.common.output import exit_with_tasks, fold
    from labkit.submissions import take_hint
    from labkit.workflow.attendee_seat import AttendeeSeat
    from labkit.workflow.hints import why_no_hint

    if task is None:
        exit_with_tasks(load(file))
    own = AttendeeSeat.of(load(file), seat)
    wanted = own.task(task)
    hints = wanted.hints
    taken = min(own.hints_taken(task), len(hints))
    for number, old in enumerate(hints[:taken], 1):
        typer.echo(fold(f"{number} of {len(hints)}, taken earlier: {old.text}"))
    if taken == len(hints):
        typer.echo("There are no more hints." if hints else "There are no hints for this task.")
        return
    evidence = own.evidence(wanted.needs)
    if why := why_no_hint(wanted, evidence):
        told = f"There's nothing to find yet, so you didn't take a hint. {why}"
        typer.echo(fold(told, sys.stderr), err=True)
        raise typer.Exit(1)
    if own.has_passed(wanted, evidence):
        typer.echo("Your answer is right, so you didn't take a hint.", err=True)
        raise typer.Exit(1)
    following = hints[taken]
    price = f"{following.cost:g} {'point' if following.cost == 1 else 'points'}"
    if following.cost and not yes and sys.stdin.isatty():
        asked = f"Hint {taken + 1} of {len(hints)} costs {price}, of {wanted.points:g}. Take it?"
        if not typer.confirm(asked, err=True):
            typer.echo("You didn't take a hint.", err=True)
            raise typer.Exit(1)
    # Record the hint before showing it: a free hint would be unfair to the others.
    take_hint(own.account, own.workshop, own.seat.id, task, taken + 1)
    cost = f" (costs {price})" if following.cost else ""
    typer.echo(fold(f"{taken + 1} of {len(hints)}{cost}: {following.text}"))
