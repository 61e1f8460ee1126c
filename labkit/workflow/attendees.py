"""Scripted attendees, who use the attendee role's credentials and AWS's APIs like people.

How they find the answers is up to the scenario's solver, ``checks/<scenario>/solver/solve.py``.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Protocol, runtime_checkable

from labkit.aws import Account
from labkit.errors import LabkitError
from labkit.grading.checks import load_module
from labkit.model import Lab
from labkit.workflow.investigation import Answers


class Attendee(StrEnum):
    """The kinds of scripted attendees."""

    SOLVER = "solves everything"
    GUESSER = "submits plausible wrong answers"
    IDLE = "does nothing"


@runtime_checkable
class Solver(Protocol):
    """What a scenario's solver offers."""

    def solve(self, attendee: Account, lab: Lab) -> Answers:
        """The right answer to each task."""
        ...

    def guess(self, attendee: Account, lab: Lab) -> Answers:
        """A wrong but plausible answer to each task, as from someone who stopped looking too early."""
        ...


def answers_of(kind: Attendee, solver: Solver, account: Account, lab: Lab) -> Answers:
    """Return the answers of an attendee of this kind in one lab, by task."""
    if kind is Attendee.SOLVER:
        return solver.solve(account, lab)
    return solver.guess(account, lab) if kind is Attendee.GUESSER else {}


def load_solver(path: Path) -> Solver:
    """Load the solver in a file; raises ``LabkitError`` if there is none."""
    if not path.is_file():
        raise LabkitError(
            f"There is no solver {path}.", "Add it, with the functions solve and guess."
        )
    module = load_module(path.parent, path.stem)
    if not isinstance(module, Solver):
        raise LabkitError(f"{path} isn't a solver.", "Give it the functions solve and guess.")
    return module
