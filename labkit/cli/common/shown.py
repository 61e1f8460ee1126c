"""Values as the contract's JSON, and what every verb over seats prints with them."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from labkit.model import Step, Workshop

_SHARED = "-"
"""Stands for the seat of what all seats of an account share."""


def print_json(value: Any) -> None:
    """Print one JSON document on standard output."""
    typer.echo(json.dumps(value, indent=2, default=_plain))


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    raise TypeError(f"{type(value).__name__} is not for JSON")


def print_plan(workshop: Workshop, steps: Sequence[Step], *, as_json: bool) -> None:
    """Print what would be done."""
    if as_json:
        print_json({"workshop": workshop.name, "plan": [asdict(step) for step in steps]})
        return
    width = max((len(step.seat or _SHARED) for step in steps), default=0)
    for step in steps:
        whose = f"{step.account}  {step.seat or _SHARED:<{width}}"
        typer.echo(f"{whose}  {step.action} {step.kind} {step.id}")
    if not steps:
        typer.echo("Nothing to do.")


def print_seats(workshop: Workshop, rows: Iterable[dict[str, Any]], *, as_json: bool) -> None:
    """Print one entry per seat: the contract's JSON, or a line each."""
    rows = list(rows)
    if as_json:
        print_json({"workshop": workshop.name, "seats": rows})
        return
    width = max((len(row["seat"]) for row in rows), default=4)
    for row in rows:
        typer.echo(_folded(f"{row['seat']:<{width}}  {row['state']:<9}  ", row["detail"]))
        for left in row.get("leftovers", ()):
            typer.echo(
                _folded(f"{'':<{width}}  ", f"{left['kind']} {left['id']}: {left['reason']}")
            )


def _folded(before: str, text: str) -> str:
    """A line; on a terminal that is too narrow for it several, between words."""
    line = f"{before}{printable(text)}"
    if not sys.stdout.isatty():
        return line
    return textwrap.fill(
        line, shutil.get_terminal_size().columns, subsequent_indent=" " * len(before),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def printable(text: str) -> str:
    """Text from outside without what a terminal would obey: control characters but line breaks are shown."""
    return "".join(
        character if character == "\n" or character.isprintable() else f"\\x{ord(character):02x}"
        for character in text
    )
