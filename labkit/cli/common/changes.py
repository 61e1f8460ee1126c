"""The steps of every command that changes labs: show the plan, or ask, carry it out, and print a row per seat."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
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
    run: Callable[[], list[dict[str, Any]]]


def carry_out(workshop: Workshop, change: Change, flags: Flags) -> None:
    """In a dry run, print the plan. Otherwise, ask, run the change, and print each seat's row."""
    if flags.dry_run:
        show_plan(workshop, change.plan(), as_json=flags.as_json)
        return
    confirm(change.question, yes=flags.yes)
    finish(workshop, change.run(), as_json=flags.as_json)


def show_plan(workshop: Workshop, plan: ClassPlan, *, as_json: bool) -> None:
    """Print a plan; exit with 1 if there's none for a seat."""
    print_plan(workshop, plan, as_json=as_json)
    if plan.failed:
        raise typer.Exit(1)


def finish(workshop: Workshop, rows: list[dict[str, Any]], *, as_json: bool) -> None:
    """Print each seat's row; exit with 1 if a seat has failed."""
    print_seats(workshop, rows, as_json=as_json)
    if any(row["state"] == "failed" for row in rows):
        raise typer.Exit(1)


class LaterRounds:
    """Prints the plans of later rounds on standard error, as the first one's ``--dry-run`` would."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def show(self, number: int, plan: Plan) -> None:
        """Print a round's plan, except the first, which ``--dry-run`` shows."""
        if number > 1:
            self._print(f"Account {plan.account}, round {number}:", plan_lines(plan.actions))

    def _print(self, title: str, lines: Iterable[str]) -> None:
        with self._lock:
            typer.echo("\n".join([title, *lines]), err=True)
