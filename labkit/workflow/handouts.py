"""What each attendee gets: a page about their seat, and a workshop file that contains only their seat."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from labkit import __version__
from labkit.model import Seat, Workshop
from labkit.render import handout
from labkit.scaffold import CHECKOUT
from labkit.workflow.new_workshop import quoted
from labkit.workflow.operations import Operations
from labkit.workshop import FILE_NAME, parse_workshop

PAGE = "handout.md"
DIST = CHECKOUT / "dist"


def find_wheel(folder: Path = DIST) -> Path | None:
    """Return the wheel of this version that ``make wheel`` built in a checkout, or None."""
    return next(iter(sorted(folder.glob(f"labkit_aws-{__version__}-*.whl"))), None)


def write_handouts(operations: Operations, out: Path, wheel: Path | None) -> dict[Path, bool]:
    """Write a folder for each seat below ``out``, with a copy of ``wheel`` if there is one.

    Returns the folders, and for each whether its page describes a lab.
    """
    labs = operations.labs()
    if operations.workshop.check == "grader":
        wheel = None  # It contains the checks.
    written = {}
    for seat in operations.seats:
        own = replace(seat, account=operations.account_of(seat), email=None)
        folder = out / seat.id
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE_NAME).write_text(own_file(operations.workshop, own), encoding="utf-8")
        page = handout(operations.workshop, own, labs[seat.id], wheel.name if wheel else None)
        (folder / PAGE).write_text(page, encoding="utf-8")
        if wheel is not None:
            shutil.copy(wheel, folder)
        written[folder] = labs[seat.id] is not None
    return written


def own_file(workshop: Workshop, seat: Seat) -> str:
    """Return a ``workshop.toml`` with one seat, without what only instructors need (access, roster, email)."""
    about = {"name": workshop.name, "scenario": workshop.scenario, "region": workshop.region}
    place = {"id": seat.id} | ({"account": seat.account} if seat.account else {})
    text = "\n".join(
        (
            f"# Seat {seat.id}. Keep this file in the folder where you run labkit.",
            *_table("[workshop]", about),
            *(_table("[access]", {"check": workshop.check}) if workshop.check != "self" else ()),
            *_table("[scenario]", workshop.settings),
            *_table("[[seat]]", place),
        )
    )
    parse_workshop(tomllib.loads(text), Path(FILE_NAME))
    return text + "\n"


def _table(head: str, values: Mapping[str, Any]) -> tuple[str, ...]:
    lines = (f"{key} = {_toml(value)}" for key, value in values.items() if value is not None)
    return ("", head, *lines)


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{quoted(key)} = {_toml(value[key])}" for key in value) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else quoted(value)
