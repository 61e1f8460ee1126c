"""The steps of every command that changes labs: show the plan, or ask, carry it out, and print a row per seat."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from labkit.cli.common.options import confirm
from labkit.cli.common.output import plan_lines, print_plan, print_seats

if TYPE_CHECKING:
    from labkit.model import Plan, Workshop
    from labkit.workflow.plans import ClassPlan


@dataclass(frozen=True, slots=True)
class Flags:
    """The options of such a command."""

    as_json: bool
    dry_run: bool
    yes: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What such a command does."""

    plan: Callable[[], ClassPlan]
    question: str
    run: Callable[[Rounds], list[dict[str, Any]]]


def carry_out(workshop: Workshop, change: Change, flags: Flags) -> None:
    """In a dry run, print the plan. Otherwise, ask, run the change, and print each seat's row."""
    if flags.dry_run:
        show_plan(workshop, change.plan(), as_json=flags.as_json)
        return
    confirm(change.question, yes=flags.yes)
    rounds = Rounds()
    finish(workshop, change.run(rounds), as_json=flags.as_json, rounds=rounds)


def show_plan(workshop: Workshop, plan: ClassPlan, *, as_json: bool) -> None:
    """Print a plan; exit with 1 if there's none for a seat."""
    print_plan(workshop, plan, as_json=as_json)
    if plan.failed:
        raise typer.Exit(1)


def finish(
    workshop: Workshop,
    rows: list[dict[str, Any]],
    *,
    as_json: bool,
    rounds: Rounds | None = None,
) -> None:
    """Print each seat's row and, as JSON, the plan of each round; exit with 1 if a seat has failed."""
    print_seats(workshop, rows, as_json=as_json, rounds=rounds.as_rows() if rounds else None)
    if any(row["state"] == "failed" for row in rows):
        raise typer.Exit(1)


class Rounds:
    """The plans that a command carries out, round by round in each account.

    Prints those of later rounds on standard error. ``--dry-run`` shows the first.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._plans: list[tuple[int, Plan]] = []

    def show(self, number: int, plan: Plan) -> None:
        """Note a round's plan and, unless it's the first, print it."""
        with self._lock:
            self._plans.append((number, plan))
            if number > 1:
                title = f"Account {plan.account}, round {number}:"
                typer.echo("\n".join([title, *plan_lines(plan.actions)]), err=True)

    def as_rows(self) -> list[list[dict[str, Any]]]:
        """Return the actions of all accounts, by round."""
        from labkit.workflow.plans import action_row

        last = max((number for number, _ in self._plans), default=0)
        return [
            [action_row(a) for number, plan in self._plans if number == n for a in plan.actions]
            for n in range(1, last + 1)
        ]
