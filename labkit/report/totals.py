"""Totals and formats that every report uses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from labkit.model import Grades, SeatGrade, Verdict


def score(seat: SeatGrade) -> float:
    """The points of a seat."""
    return round(sum(verdict.points for verdict in seat.verdicts), 3)


def max_score(seat: SeatGrade) -> float:
    """Return the most points that a seat can get, without tasks that don't apply to it."""
    return round(sum(verdict.max_points for verdict in seat.verdicts), 3)


def tasks(seats: Iterable[SeatGrade]) -> tuple[str, ...]:
    """Return the tasks of a class in order; some seats might lack some tasks."""
    found: list[str] = []
    for seat in seats:
        place = 0
        for verdict in seat.verdicts:
            if verdict.task in found:
                place = found.index(verdict.task) + 1
            else:
                found.insert(place, verdict.task)
                place += 1
    return tuple(found)


def row(seat: SeatGrade, names: Sequence[str]) -> tuple[Verdict | None, ...]:
    """Return a seat's verdicts in the order of ``names``; None for a task that doesn't apply."""
    verdicts = {verdict.task: verdict for verdict in seat.verdicts}
    return tuple(verdicts.get(name) for name in names)


def points(value: float) -> str:
    """Format a number of points without trailing zeros."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def utc_timestamp(moment: datetime) -> str:
    """Format a time in UTC as ISO 8601, to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def title(grades: Grades) -> str:
    """The report's title."""
    return f"{grades.workshop}: {grades.scenario}"


def format_duration(length: timedelta) -> str:
    """Format a duration in minutes, or in hours and minutes."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 1:
        return "under 1 min"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
