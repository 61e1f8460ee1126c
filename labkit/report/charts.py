"""The geometry of charts; the template draws them as SVG.

Lengths are in units of a view box that's 360 units wide, like a phone's screen: text stays legible there, and grows
on wider pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from labkit.model import Outcome
from labkit.report.class_statistics import BINS, TaskStatistics, task_label
from labkit.report.totals import format_duration

WIDTH = 360
_BAR_HEIGHT = 110
_ROW = 40
# The minimum width of a bar with a number in it.
_ROOM_FOR_A_NUMBER = 16
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440)
_MOST_MARKS = 6


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle with a label."""

    x: float
    y: float
    width: float
    height: float
    label: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a chart: a task with its bars or dots."""

    y: float
    label: str
    note: str
    bars: tuple[Bar, ...] = ()
    dots: tuple[float, ...] = ()
    middle: float | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark on the time axis."""

    x: float
    label: str


def score_bars(bins: Sequence[int]) -> tuple[Bar, ...]:
    """Return the distribution of scores, with a bar for each tenth."""
    step, most = (WIDTH - 15) / BINS, max((*bins, 1))
    heights = [_BAR_HEIGHT * count / most for count in bins]
    return tuple(
        Bar(number * step + 3, 20 + _BAR_HEIGHT - height, step - 6, height, str(count))
        for number, (count, height) in enumerate(zip(bins, heights, strict=True))
    )


def outcome_rows(figures: Sequence[TaskStatistics]) -> tuple[Row, ...]:
    """Return a stacked bar for each task, with a part per outcome."""
    return tuple(
        Row(
            y=number * _ROW,
            label=task_label(task.name),
            note=f"{task.solved} of {task.seats} solved",
            bars=tuple(_parts(task, number * _ROW + 17)),
        )
        for number, task in enumerate(figures)
    )


def _parts(task: TaskStatistics, y: float) -> Iterator[Bar]:
    x = 0.0
    for outcome in reversed(Outcome):  # passed first
        count = task.outcomes[outcome]
        width = WIDTH * count / task.seats if task.seats else 0.0
        if count:
            label = str(count) if width >= _ROOM_FOR_A_NUMBER else ""
            yield Bar(x, y, width, 16, label, outcome.value)
        x += width


def time_rows(figures: Sequence[TaskStatistics]) -> tuple[tuple[Row, ...], tuple[Mark, ...]]:
    """Return when seats solved each task, with a dot per seat, and the marks of the time axis."""
    longest = max((task.after[-1] for task in figures if task.after), default=timedelta())
    minutes = max(1.0, longest.total_seconds() / 60)
    step = next((s for s in _STEPS if minutes / s <= _MOST_MARKS), _STEPS[-1])
    end = step * -(-minutes // step)

    def place(length: timedelta) -> float:
        return 5 + (WIDTH - 10) * length.total_seconds() / 60 / end

    rows = tuple(
        Row(
            y=number * _ROW,
            label=task_label(task.name),
            note=f"median {format_duration(task.typical_after)}" if task.typical_after else "",
            dots=tuple(place(length) for length in task.after),
            middle=place(task.typical_after) if task.typical_after else None,
        )
        for number, task in enumerate(figures)
    )
    marks = tuple(
        Mark(place(timedelta(minutes=at)), f"{at} min" if at < 120 else f"{at / 60:g} h")
        for at in range(0, int(end) + 1, step)
    )
    return rows, marks


def height_of(rows: Sequence[Row], below: float = 0) -> float:
    """Return the height of a chart with these rows."""
    return len(rows) * _ROW + below
