"""What commands print: the contract's JSON, plans, rows of seats, and verdicts."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import typer

if TYPE_CHECKING:
    from labkit.model import Action, Grades, Workshop
    from labkit.workflow.plans import ClassPlan

_MOST_ACCOUNTS = 10
_SHARED = "-"
"""Stands for the seat of resources that all seats of an account share."""


def print_json(value: Any) -> None:
    """Print one JSON document on standard output."""
    typer.echo(json.dumps(value, indent=2, default=_plain))


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    raise TypeError(f"{type(value).__name__} can't be written as JSON")


def print_plan(workshop: Workshop, plan: ClassPlan, *, as_json: bool) -> None:
    """Print the actions that a run would take, and the seats for which there's no plan."""
    from labkit.workflow.plans import action_row

    if as_json:
        document = {"workshop": workshop.name, "plan": [action_row(a) for a in plan.actions]}
        print_json(document | ({"failed": plan.failed} if plan.failed else {}))
        return
    for line in plan_lines(plan.actions):
        typer.echo(fold(line, indent="    "))
    if not plan.actions and not plan.failed:
        typer.echo("Nothing to do.")
    _print_rows(plan.failed)


def plan_lines(actions: Sequence[Action]) -> Iterator[str]:
    """Yield a line for each action: account, seat, what, and why."""
    width = max((len(action.seat or _SHARED) for action in actions), default=0)
    for action in actions:
        whose = f"{action.account}  {action.seat or _SHARED:<{width}}"
        yield f"{whose}  {action.verb} {action.kind} {action.id} ({action.reason})"


def print_seats(
    workshop: Workshop,
    rows: Iterable[dict[str, Any]],
    *,
    as_json: bool,
    rounds: Sequence[Any] | None = None,
) -> None:
    """Print one entry per seat: the contract's JSON, or a line each. ``rounds`` are plans, for the JSON only."""
    rows = list(rows)
    if as_json:
        document = {"workshop": workshop.name, "seats": rows}
        print_json(document if rounds is None else document | {"rounds": rounds})
        return
    _print_rows(rows)


def _print_rows(rows: Sequence[dict[str, Any]]) -> None:
    width = max((len(row["seat"] or _SHARED) for row in rows), default=4)
    for row in rows:
        start = f"{row['seat'] or _SHARED:<{width}}  {row['state']:<9}  "
        text = start + printable(row["detail"]) + _self_removing(row.get("goes_by_itself", ()))
        typer.echo(fold(text, indent=" " * len(start)))
        for left in row.get("leftovers", ()):
            indent = " " * (width + 2)
            text = printable(f"{left['kind']} {left['id']}: {left['reason']}")
            typer.echo(fold(indent + text, indent=indent))


def _self_removing(things: Sequence[dict[str, Any]]) -> str:
    """Say what AWS removes on its own, and until when."""
    if not things:
        return ""
    from labkit.plurals import counted

    known = [thing["until"] for thing in things if thing["until"] is not None]
    when = f"by {max(known):%H:%M} UTC" if len(known) == len(things) else "within about an hour"
    what = counted(len(things), f"terminated {things[0]['kind']}")
    return f" ({what}; AWS forgets {'it' if len(things) == 1 else 'them'} {when})"


def note_closed_accounts(accounts: Sequence[str]) -> None:
    """Say on standard error which of the organization's accounts nobody looks in."""
    if not accounts:
        return
    listed = ", ".join(accounts[:_MOST_ACCOUNTS])
    rest = f" and {len(accounts) - _MOST_ACCOUNTS} more" if len(accounts) > _MOST_ACCOUNTS else ""
    text = (
        "Your credentials can't enter these accounts of the organization, so labkit doesn't search them: "
        f"{listed}{rest}. No roster and no note says that the workshop used them."
    )
    typer.echo(fold(text, sys.stderr), err=True)


def print_grades(grades: Grades, *, as_json: bool, out: Path | None = None) -> None:
    """Print the verdicts, and write them to the folder ``out`` if there is one."""
    from rich.console import Console

    from labkit.report.as_json import as_json as grades_as_json
    from labkit.report.as_text import class_table, time_line

    if as_json:
        print_json(grades_as_json(grades))
    else:
        console = Console()
        console.print(class_table(grades))
        for seat in grades.seats:
            if seat.activity is not None:
                console.print(time_line(seat))
    if out is not None:
        from labkit.report.write import write_all

        for path in write_all(grades, out):
            typer.echo(f"Wrote {path}.", err=True)


def exit_with_tasks(workshop: Workshop) -> NoReturn:
    """List the workshop's tasks, and exit with 2: the command needs one of them."""
    from labkit.grading.checks import tasks
    from labkit.scenario import find_scenario

    known = tasks(find_scenario(workshop.scenario).checks_folder)
    width = max(len(task.name) for task in known)
    typer.echo("Which task?")
    for task in known:
        start = f"  {task.name:<{width}}  "
        question = " ".join(task.question.split())
        typer.echo(fold(start + question, indent=" " * len(start)))
    raise typer.Exit(2)


def fold(line: str, stream: TextIO | None = None, indent: str = "") -> str:
    """Wrap a line between words if it's longer than the terminal is wide; otherwise, return it unchanged."""
    if not (stream or sys.stdout).isatty():
        return line
    return textwrap.fill(
        line, shutil.get_terminal_size().columns, subsequent_indent=indent, drop_whitespace=True,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def printable(text: str) -> str:
    """Escape the control characters in untrusted text, except line breaks."""
    return "".join(
        character if character == "\n" or character.isprintable() else f"\\x{ord(character):02x}"
        for character in text
    )
