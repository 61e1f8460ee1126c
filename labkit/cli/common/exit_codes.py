"""Exit codes that don't belong to an error class."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labkit.model import Grades

INTERRUPTED = 130


def of_grades(grades: Grades) -> int:
    """Return 3 if the grader couldn't judge a task, 1 if a task didn't pass, and 0 if all passed."""
    from labkit.model import Outcome

    outcomes = {verdict.outcome for seat in grades.seats for verdict in seat.verdicts}
    if Outcome.ERROR in outcomes:
        return 3
    return 0 if outcomes <= {Outcome.PASSED} else 1
