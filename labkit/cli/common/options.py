"""Options that several commands share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from labkit.model import Workshop

SEAT_VARIABLE = "LABKIT_SEAT"

WorkshopFile = Annotated[
    Path, typer.Option("-w", "--workshop", metavar="FILE", help="The workshop file.")
]
Seats = Annotated[
    list[str] | None,
    typer.Option("--seat", metavar="ID", help="Only this seat; you can repeat the option."),
]
OneSeat = Annotated[
    str | None,
    typer.Option(
        "--seat",
        metavar="ID",
        envvar=SEAT_VARIABLE,
        show_envvar=False,
        help=f"Your seat (default: {SEAT_VARIABLE}).",
    ),
]
TaskName = Annotated[
    str | None, typer.Argument(metavar="TASK", help="The task. Without it, labkit lists the tasks.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the plan and stop.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask for confirmation.")]

DEFAULT_FILE = Path("workshop.toml")


def load(file: Path) -> Workshop:
    """The workshop in a file."""
    from labkit.workshop import load_workshop

    return load_workshop(file)


def confirm(question: str, *, yes: bool) -> None:
    """Ask on the terminal unless ``--yes``; without a terminal, raise ``UsageError``."""
    from labkit.errors import UsageError

    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            "This needs confirmation, and there's no terminal to ask on.", "Pass --yes to confirm."
        )
    if not typer.confirm(question, err=True):
        raise typer.Exit(1)
