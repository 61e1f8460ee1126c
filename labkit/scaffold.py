"""A new scenario: the one in ``skeleton/`` under another name, small and whole, in a checkout of labkit.

What is installed has no skeleton, and no place where a scenario would be kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from labkit.errors import LabkitError, UsageError
from labkit.scenario import refuse_name

CHECKOUT = Path(__file__).resolve().parent.parent
_PLACEHOLDER = "new_scenario"


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that is to be made."""

    path: Path
    text: str


def plan(name: str, here: Path, checkout: Path = CHECKOUT) -> tuple[NewFile, ...]:
    """The files of a new scenario.

    Raises ``UsageError`` for what cannot be its name, where ``here`` is not in the checkout that labkit runs from, and
    where one of the files is there already.
    """
    refuse_name(name)
    skeleton = checkout / "skeleton"
    if not skeleton.is_dir():
        raise UsageError(
            "This labkit is installed; a scenario is made in a checkout of it.",
            "Clone labkit, and run this there ('make demo' sets it up; its labkit is .venv/bin/labkit).",
        )
    if not here.resolve().is_relative_to(checkout):
        raise UsageError(
            f"This labkit runs from {checkout}, and {here} is not in it.",
            "Go there, or run the labkit of the checkout that you are in.",
        )
    files = tuple(
        NewFile(_target(path.relative_to(skeleton), name, checkout), _named(path, name))
        for path in sorted(skeleton.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    )
    for file in files:
        if file.path.exists():
            raise UsageError(
                f"{file.path} is there already.",
                "Take another name, or remove that scenario yourself.",
            )
    return files


def make(files: tuple[NewFile, ...]) -> None:
    """Write them; raises ``LabkitError`` where that fails."""
    for file in files:
        try:
            file.path.parent.mkdir(parents=True, exist_ok=True)
            with file.path.open("x", encoding="utf-8") as target:
                target.write(file.text)
        except OSError as error:
            raise LabkitError(
                f"{file.path} cannot be written: {error.strerror}.",
                "Remove what was made of the scenario, and try again.",
            ) from error


def _target(inside: Path, name: str, checkout: Path) -> Path:
    """Where a file of the skeleton goes: ``checks/x`` to ``checks/<name>/x``; the value is a module."""
    if inside.parts == ("scenario.py",):
        return checkout / "labkit" / "scenarios" / f"{name}.py"
    kind, *rest = inside.parts
    return checkout.joinpath(kind, name, *rest)


def _named(path: Path, name: str) -> str:
    return path.read_text(encoding="utf-8").replace(_PLACEHOLDER, name)
