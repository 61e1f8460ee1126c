"""The report as one self-contained page: statistics, a table of results, and details for each seat."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from labkit.evidence.activity import activity_rows
from labkit.model import Grades, Outcome, SeatGrade, Verdict
from labkit.plurals import counted
from labkit.report import charts
from labkit.report.class_statistics import (
    TaskStatistics,
    distribution,
    needing_help,
    task_label,
    task_statistics,
)
from labkit.report.totals import (
    format_duration,
    max_score,
    points,
    row,
    score,
    tasks,
    utc_timestamp,
)

# Symbols, because color alone doesn't help on paper or with a screen reader.
OUTCOME_SYMBOL = {
    Outcome.PASSED: "✓",
    Outcome.WRONG: "✗",
    Outcome.ERROR: "!",
    Outcome.PENDING: "…",
    Outcome.UNANSWERED: "○",
}
_ORDER = tuple(reversed(Outcome))  # passed first
# With more seats than this, printing the details takes too much paper: two seats fit on a page.
_MOST_ON_PAPER = 40
_NOTHING = "\u2013"


def environment() -> Environment:
    """Return the Jinja environment for the templates next to this file."""
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def as_html(grades: Grades) -> str:
    """Return the grades as an HTML page without external resources or scripts."""
    names = tasks(grades.seats)
    anchors = {seat.seat: f"seat-{number}" for number, seat in enumerate(grades.seats, 1)}
    page = environment().get_template("report.html.j2")
    return page.render(
        workshop=grades.workshop,
        scenario=grades.scenario,
        graded_at=utc_timestamp(grades.graded_at),
        outcomes=[(outcome.value, OUTCOME_SYMBOL[outcome]) for outcome in _ORDER],
        seats=[_seat(seat, names, anchors[seat.seat]) for seat in grades.seats],
        possible_copies=_possible_copies(grades, anchors),
        help=[
            {"seat": needs.seat, "id": anchors[needs.seat], "reasons": needs.reasons}
            for needs in needing_help(grades)
        ],
        facts=_facts(grades),
        most_on_paper=_MOST_ON_PAPER,
        **_tasks(grades),
    )


def _facts(grades: Grades) -> list[tuple[str, str]]:
    """Return the headline numbers."""
    scores = [100 * score(seat) / most for seat in grades.seats if (most := max_score(seat))]
    verdicts = [verdict for seat in grades.seats for verdict in seat.verdicts]
    finished = sum(all(v.outcome is Outcome.PASSED for v in seat.verdicts) for seat in grades.seats)
    solved = sum(verdict.outcome is Outcome.PASSED for verdict in verdicts)
    found = [("Seats", str(len(grades.seats)))]
    if scores:
        found += [
            ("Seats that solved everything", str(finished)),
            ("Tasks solved", f"{round(100 * solved / len(verdicts))}%"),
            ("Median score", f"{round(median(scores))}%"),
        ]
    return found


def _tasks(grades: Grades) -> dict[str, Any]:
    figures = task_statistics(grades)
    bins = distribution(grades.seats)
    outcome_rows = charts.outcome_rows(figures)
    time_rows, marks = charts.time_rows(figures)
    return {
        "tasks": [_task(task) for task in figures],
        "score_bars": charts.score_bars(bins),
        "score_about": _about_scores(bins),
        "outcome_rows": outcome_rows,
        "outcome_height": charts.height_of(outcome_rows),
        "time_rows": time_rows,
        "time_height": charts.height_of(time_rows, below=20),
        "marks": marks if any(task.after for task in figures) else (),
    }


def _about_scores(bins: Sequence[int]) -> str:
    """Describe the chart of scores in words, because no table has its numbers."""
    parts = [
        f"{counted(count, 'seat')} with {10 * (place - 1)}\u2013{10 * place}%"
        for place, count in enumerate(bins, 1)
        if count
    ]
    return f"Seats by score: {', '.join(parts)}."


def _task(task: TaskStatistics) -> dict[str, Any]:
    attempts, after = typically(task)
    return {
        "name": task_label(task.name),
        "question": task.question,
        "solved": task.solved,
        "seats": task.seats,
        "attempts": attempts,
        "most_attempts": task.attempts[-1] if len(set(task.attempts)) > 1 else None,
        "after": after,
        "after_range": _range(task),
        "hints": hints_of(task),
        "others": [(o.value, task.outcomes[o]) for o in _ORDER if o is not Outcome.PASSED],
    }


def typically(task: TaskStatistics) -> tuple[str, str]:
    """Return the median number of attempts, and the median time after the incident, of seats that solved a task."""
    attempts = _NOTHING if task.typical_attempts is None else f"{task.typical_attempts:g}"
    return attempts, _NOTHING if task.typical_after is None else format_duration(task.typical_after)


def _range(task: TaskStatistics) -> str:
    """Return the shortest and the longest duration, or an empty string if they're the same."""
    ends = [format_duration(task.after[0]), format_duration(task.after[-1])] if task.after else []
    return " to ".join(ends) if len(set(ends)) > 1 else ""


def hints_of(task: TaskStatistics) -> list[str]:
    """Return how many seats took each hint."""
    return [
        f"hint {n}: {counted(count, 'seat')}"
        for n, count in enumerate(task.hints_taken, 1)
        if count
    ]


def _possible_copies(grades: Grades, anchors: Mapping[str, str]) -> list[dict[str, Any]]:
    others: dict[tuple[str, str], list[str]] = defaultdict(list)
    for copy in grades.possible_copies:
        others[copy.seat, copy.task].append(copy.other)
    return [
        {"seat": seat, "id": anchors[seat], "task": task_label(task), "others": found}
        for (seat, task), found in others.items()
    ]


def _seat(seat: SeatGrade, names: Sequence[str], anchor: str) -> dict[str, Any]:
    most = max_score(seat)
    return {
        "id": seat.seat,
        "anchor": anchor,
        "account": seat.account,
        "activity": None if seat.activity is None else list(activity_rows(seat.activity)),
        "score": points(score(seat)),
        "max_score": points(most),
        "share": round(100 * score(seat) / most) if most else 0,
        "cells": [
            None if verdict is None else _cell(name, verdict)
            for name, verdict in zip(names, row(seat, names), strict=True)
        ],
    }


def _cell(name: str, verdict: Verdict) -> dict[str, Any]:
    return {
        "task": task_label(name),
        "outcome": verdict.outcome.value,
        "symbol": OUTCOME_SYMBOL[verdict.outcome],
        "message": verdict.message,
        "points": points(verdict.points),
        "max_points": points(verdict.max_points),
        "attempts": verdict.attempts,
        "hints_used": verdict.hints_used,
        "when": when(verdict),
    }


def when(verdict: Verdict) -> str:
    """Return when the answer was submitted, and how long that was after the incident."""
    if verdict.submitted_at is None:
        return _NOTHING
    after = (
        f" ({format_duration(verdict.after)} after the incident)"
        if verdict.after is not None
        else ""
    )
    return f"{verdict.submitted_at:%H:%M} UTC{after}"
