"""What every report adds up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from labkit.model import Grades, SeatGrade, Verdict


def score(seat: SeatGrade) -> float:
    """The points of a seat."""
    return round(sum(verdict.points for verdict in seat.verdicts), 3)


def max_score(seat: SeatGrade) -> float:
    """The points a seat can have: tasks that do not apply to it do not count."""
    return round(sum(verdict.max_points for verdict in seat.verdicts), 3)


def tasks(seats: Iterable[SeatGrade]) -> tuple[str, ...]:
    """The tasks of a class in their order; one may be absent for some seats."""
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
    """A seat's verdicts under the names of the tasks; None where one does not apply."""
    verdicts = {verdict.task: verdict for verdict in seat.verdicts}
    return tuple(verdicts.get(name) for name in names)


def points(value: float) -> str:
    """A number of points without needless zeros."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def stamp(moment: datetime) -> str:
    """A time in UTC as ISO 8601 to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def title(grades: Grades) -> str:
    """What the report is about, in a line."""
    return f"{grades.workshop}: {grades.scenario}"


def spoken(length: timedelta) -> str:
    """A length of time in minutes, or in hours and minutes."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 1:
        return "under 1 min"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
