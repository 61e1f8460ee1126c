"""Statistics of a class: results by task, the distribution of scores, and who needs help."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from labkit.model import Grades, Outcome, SeatGrade
from labkit.report.totals import max_score, score, tasks

BINS = 10
_MANY_ATTEMPTS = 3
_MANY_HINTS = 2
_QUIET = timedelta(minutes=30)
_UNJUDGED = "the grader couldn't judge"


@dataclass(frozen=True, slots=True)
class TaskStatistics:
    """How a class did on one task."""

    name: str
    question: str
    hint_texts: tuple[str, ...]
    outcomes: dict[Outcome, int]
    attempts: tuple[int, ...]
    """The attempts of the seats that solved it, sorted."""
    after: tuple[timedelta, ...]
    """How long after the incident those seats submitted their answers, sorted."""
    hints_taken: tuple[int, ...]
    """How many seats took the first hint, the second, and so on."""

    @property
    def seats(self) -> int:
        """How many seats have the task."""
        return sum(self.outcomes.values())

    @property
    def solved(self) -> int:
        return self.outcomes[Outcome.PASSED]

    @property
    def typical_attempts(self) -> float | None:
        return median(self.attempts) if self.attempts else None

    @property
    def typical_after(self) -> timedelta | None:
        if not self.after:
            return None
        return timedelta(seconds=median(length.total_seconds() for length in self.after))


@dataclass(frozen=True, slots=True)
class NeedsHelp:
    """A seat that needs the instructor's attention, and why."""

    seat: str
    reasons: tuple[str, ...]


def task_statistics(grades: Grades) -> tuple[TaskStatistics, ...]:
    """Return the statistics of every task, in order."""
    questions = {question.task: question for question in grades.questions}
    found = []
    for name in tasks(grades.seats):
        verdicts = [v for seat in grades.seats for v in seat.verdicts if v.task == name]
        solved = [verdict for verdict in verdicts if verdict.outcome is Outcome.PASSED]
        question = questions.get(name)
        hints = question.hints if question else ()
        counted = Counter(verdict.outcome for verdict in verdicts)
        most = max((len(hints), *(verdict.hints_used for verdict in verdicts)))
        found.append(
            TaskStatistics(
                name=name,
                question=question.text if question else "",
                hint_texts=hints,
                outcomes={outcome: counted[outcome] for outcome in Outcome},
                attempts=tuple(sorted(verdict.attempts for verdict in solved)),
                after=tuple(sorted(v.after for v in solved if v.after is not None)),
                hints_taken=tuple(
                    sum(verdict.hints_used > number for verdict in verdicts)
                    for number in range(most)
                ),
            )
        )
    return tuple(found)


def distribution(seats: Sequence[SeatGrade]) -> tuple[int, ...]:
    """Count the seats that have up to a tenth of their points, up to two tenths, and so on.

    A seat on a boundary counts in the lower part, and a seat without points in the first.
    """
    bins = [0] * BINS
    for seat in seats:
        most = max_score(seat)
        share = score(seat) / most if most else 0.0
        bins[max(0, math.ceil(round(share * BINS, 9)) - 1)] += 1
    return tuple(bins)


def needing_help(grades: Grades) -> tuple[NeedsHelp, ...]:
    """Return the seats that need help now; those that the grader couldn't judge come first."""
    latest = max((at for seat in grades.seats for at in _submitted(seat)), default=None)
    under_way = latest is not None and grades.graded_at - latest < _QUIET
    active = sum(_has_begun(seat) for seat in grades.seats)
    found = []
    for seat in grades.seats:
        reasons = [*_trouble(seat)]
        if under_way:
            reasons += _silence(seat, grades.graded_at)
        if not _has_begun(seat) and 2 * active >= len(grades.seats):
            reasons.append(
                f"no answers yet, although {active} of {len(grades.seats)} seats have submitted some"
            )
        if reasons:
            found.append(NeedsHelp(seat.seat, tuple(reasons)))
    return tuple(sorted(found, key=lambda needs: not needs.reasons[0].startswith(_UNJUDGED)))


def _trouble(seat: SeatGrade) -> Iterator[str]:
    failed = [task_label(v.task) for v in seat.verdicts if v.outcome is Outcome.ERROR]
    if failed:
        yield f"{_UNJUDGED} {', '.join(failed)}"
    for verdict in seat.verdicts:
        if verdict.outcome is not Outcome.WRONG:
            continue
        if verdict.attempts >= _MANY_ATTEMPTS:
            yield f"{task_label(verdict.task)} is still wrong after {verdict.attempts} attempts"
        elif verdict.hints_used >= _MANY_HINTS:
            yield f"{task_label(verdict.task)} is still wrong after {verdict.hints_used} hints"


def _silence(seat: SeatGrade, now: datetime) -> Iterator[str]:
    """Report how long a seat has been silent, but only while others still submit answers."""
    latest = max(_submitted(seat), default=None)
    finished = all(verdict.outcome is Outcome.PASSED for verdict in seat.verdicts)
    if latest is not None and not finished and now - latest >= _QUIET:
        yield f"no answers for {(now - latest) // timedelta(minutes=1)} minutes"


def _submitted(seat: SeatGrade) -> Iterator[datetime]:
    return (v.submitted_at for v in seat.verdicts if v.submitted_at is not None)


def _has_begun(seat: SeatGrade) -> bool:
    return any(verdict.attempts for verdict in seat.verdicts)


def task_label(task: str) -> str:
    """Return a task's name as words."""
    return task.replace("_", " ")
