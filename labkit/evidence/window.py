"""The stretches of time that belong to a seat's runs.

Everything is bounded by them: a recycled account has a history, and a seat's next run must not be judged
by the last one's records.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from labkit.model import Run

# The ledger is written by the instructor's clock, the records by AWS's: allow for some disagreement.
# Behind a run more, because one that broke off counts as over when it began.
BEFORE = timedelta(minutes=2)
AFTER = timedelta(minutes=10)
# Flow records and findings around an incident show what is usual there; collect some of that as well.
MARGIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Window:
    """From ``start`` to ``end``, both included."""

    start: datetime
    end: datetime

    def holds(self, moment: datetime) -> bool:
        return self.start <= moment <= self.end

    def touches(self, start: datetime, end: datetime) -> bool:
        """Whether a stretch of time has a moment in common with this one."""
        return start <= self.end and end >= self.start


def span(run: Run, runs: Iterable[Run]) -> Window:
    """The time in which something belongs to a run: around it, up to its neighbours among ``runs``."""
    start, end = run.started_at - BEFORE, run.finished_at + AFTER
    for other in runs:
        if other.number < run.number:
            start = max(start, min(other.finished_at, run.started_at))
        elif other.number > run.number:
            end = min(end, max(other.started_at, run.finished_at))
    return Window(start.replace(microsecond=0), end)  # the logs have whole seconds


def spans(runs: Sequence[Run]) -> tuple[Window, ...]:
    """The span of each run."""
    return tuple(span(run, runs) for run in runs)


def windows(runs: Iterable[Run]) -> tuple[Window, ...]:
    """What to collect: the time around each run, overlapping stretches made one, in order."""
    merged: list[Window] = []
    for run in sorted(runs, key=lambda run: run.started_at):
        start, end = run.started_at - MARGIN, run.finished_at + AFTER
        if merged and start <= merged[-1].end:
            merged[-1] = Window(merged[-1].start, max(end, merged[-1].end))
        else:
            merged.append(Window(start, end))
    return tuple(merged)
