"""What a scenario says about its incident after the exercise: ``debrief.py`` beside its checks.

It holds ``timeline(evidence)``, which gives what happened in order of time as ``labkit.model.Proof``, with the
lines of the seat's own logs that prove each answer.
"""

from __future__ import annotations

from pathlib import Path

from labkit.errors import GraderError
from labkit.grading import checks
from labkit.model import Evidence, Proof

MODULE = "debrief"


def timeline(folder: Path, evidence: Evidence) -> tuple[Proof, ...]:
    """The incident of a seat; raises ``GraderError`` where the scenario does not tell it."""
    if not (folder / f"{MODULE}.py").exists():
        raise GraderError(
            f"The scenario has no {MODULE}.py beside its checks, so its incident cannot be told.",
            "docs/writing-a-check.md says what it holds.",
        )
    if not evidence.runs:
        return ()
    found: tuple[Proof, ...] = tuple(checks.load_module(folder, MODULE).timeline(evidence))
    return found
