"""The steps of every command that changes labs: show the plan, or ask, carry it out, and print a row per seat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from labkit.cli.common.options import confirm
from labkit.cli.common.output import print_plan, print_seats

if TYPE_CHECKING:
    from labkit.model import Step, Workshop


@dataclass(frozen=True, slots=True)
class Flags:
    """The options of such a command."""

    as_json: bool
    dry_run: bool
    yes: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What such a command does."""

    plan: Callable[[], Sequence[Step]]
    question: str
    run: Callable[[], list[dict[str, Any]]]


def carry_out(workshop: Workshop, change: Change, flags: Flags) -> None:
    """In a dry run, print the plan. Otherwise, ask, run the change, and print each seat's row."""
    if flags.dry_run:
        print_plan(workshop, change.plan(), as_json=flags.as_json)
        return
    confirm(change.question, yes=flags.yes)
    finish(workshop, change.run(), as_json=flags.as_json)


def finish(workshop: Workshop, rows: list[dict[str, Any]], *, as_json: bool) -> None:
    """Print each seat's row; exit with 1 if a seat has failed."""
    print_seats(workshop, rows, as_json=as_json)
    if any(row["state"] == "failed" for row in rows):
        raise typer.Exit(1)
