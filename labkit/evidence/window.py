"""The time windows that belong to a seat's runs.

Records outside the windows don't count: a recycled account has a history, and one run's records must not affect the
verdict on another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from labkit.model import Run

# The ledger has the time of the instructor's machine, but the records have AWS's time, so allow for a difference.
# Allow more after a run, because an interrupted run counts as finished when it started.
BEFORE = timedelta(minutes=2)
AFTER = timedelta(minutes=10)
# Collect some records from around an incident, too: they show what's normal.
MARGIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Window:
    """From ``start`` to ``end``, both included."""

    start: datetime
    end: datetime

    def contains(self, moment: datetime) -> bool:
        return self.start <= moment <= self.end

    def overlaps(self, start: datetime, end: datetime) -> bool:
        """Whether the time from ``start`` to ``end`` overlaps this window."""
        return start <= self.end and end >= self.start


def run_window(run: Run, runs: Iterable[Run]) -> Window:
    """Return the window that belongs to a run: the time around it, up to its neighbors among ``runs``."""
    start, end = run.started_at - BEFORE, run.finished_at + AFTER
    for other in runs:
        if other.number < run.number:
            start = max(start, min(other.finished_at, run.started_at))
        elif other.number > run.number:
            end = min(end, max(other.started_at, run.finished_at))
    return Window(start.replace(microsecond=0), end)  # the logs have whole seconds


def run_windows(runs: Sequence[Run]) -> tuple[Window, ...]:
    """Return the window of each run."""
    return tuple(run_window(run, runs) for run in runs)


def collection_windows(runs: Iterable[Run]) -> tuple[Window, ...]:
    """Return the windows to collect: the time around each run, in order, with overlaps merged."""
    merged: list[Window] = []
    for run in sorted(runs, key=lambda run: run.started_at):
        start, end = run.started_at - MARGIN, run.finished_at + AFTER
        if merged and start <= merged[-1].end:
            merged[-1] = Window(merged[-1].start, max(end, merged[-1].end))
        else:
            merged.append(Window(start, end))
    return tuple(merged)
