"""Options that several verbs share, and what follows from them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from labkit.model import Workshop

WorkshopFile = Annotated[
    Path, typer.Option("-w", "--workshop", metavar="FILE", help="The workshop's file.")
]
Seats = Annotated[
    list[str] | None,
    typer.Option("--seat", metavar="ID", help="Only this seat; may be given several times."),
]
OneSeat = Annotated[
    str | None, typer.Option("--seat", metavar="ID", help="Your seat (default: LABKIT_SEAT).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print what would be done, and stop.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

_SHOWN = 10
DEFAULT_FILE = Path("workshop.toml")


def load(file: Path) -> Workshop:
    """The workshop in a file."""
    from labkit.workshop import load_workshop

    return load_workshop(file)


def choose(workshop: Workshop, wanted: Sequence[str] | None) -> tuple[str, ...]:
    """The ids of the seats that a verb is for; raises ``UsageError`` for one that is not there."""
    import difflib

    from labkit.errors import UsageError

    known = [seat.id for seat in workshop.seats]
    for seat in wanted or ():
        if seat not in known:
            near = difflib.get_close_matches(seat, known, n=1)
            raise UsageError(
                f"There is no seat {seat!r} in the workshop.",
                f"Did you mean {near[0]!r}?" if near else f"Seats: {_some(known)}.",
            )
    return tuple(seat for seat in known if not wanted or seat in wanted)


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown


def confirm(question: str, *, yes: bool) -> None:
    """Ask on the terminal unless ``--yes``; where there is no terminal, say how to go on."""
    from labkit.errors import UsageError

    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("This needs a yes, and there is no terminal to ask on.", "Add --yes.")
    if not typer.confirm(question, err=True):
        raise typer.Exit(1)
