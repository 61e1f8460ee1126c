"""Create a scenario in a checkout of labkit: a small, working copy of ``skeleton/`` under a new name.

This needs a checkout, because an installed labkit has no skeleton and no place for a new scenario.
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
    """A file to create."""

    path: Path
    text: str


def plan(name: str, here: Path, checkout: Path = CHECKOUT) -> tuple[NewFile, ...]:
    """Return the files of a new scenario.

    Raises ``UsageError`` if the name is invalid, if ``here`` isn't in the checkout that labkit runs from, or if one of
    the files already exists.
    """
    refuse_name(name)
    skeleton = checkout / "skeleton"
    if not skeleton.is_dir():
        raise UsageError(
            "This labkit is installed, but a new scenario needs a checkout.",
            "Clone labkit, run 'make demo' there once, and use its .venv/bin/labkit.",
        )
    if not here.resolve().is_relative_to(checkout):
        raise UsageError(
            f"This labkit runs from {checkout}, but {here} isn't in that folder.",
            "Change to that folder, or run the labkit of your own checkout.",
        )
    files = tuple(
        NewFile(_target(path.relative_to(skeleton), name, checkout), _named(path, name))
        for path in sorted(skeleton.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    )
    for file in files:
        if file.path.exists():
            raise UsageError(
                f"{file.path} already exists.",
                "Choose another name, or remove that scenario yourself.",
            )
    return files


def make(files: tuple[NewFile, ...]) -> None:
    """Write the files; raises ``LabkitError`` if that fails."""
    for file in files:
        try:
            file.path.parent.mkdir(parents=True, exist_ok=True)
            with file.path.open("x", encoding="utf-8") as target:
                target.write(file.text)
        except OSError as error:
            raise LabkitError(
                f"Can't write {file.path}: {error.strerror}.",
                "Remove the scenario's other files, and try again.",
            ) from error


def _target(inside: Path, name: str, checkout: Path) -> Path:
    """Return where to write a file of the skeleton: ``checks/x`` to ``checks/<name>/x``, and ``scenario.py`` to a module."""
    if inside.parts == ("scenario.py",):
        return checkout / "labkit" / "scenarios" / f"{name}.py"
    kind, *rest = inside.parts
    return checkout.joinpath(kind, name, *rest)


def _named(path: Path, name: str) -> str:
    return path.read_text(encoding="utf-8").replace(_PLACEHOLDER, name)
