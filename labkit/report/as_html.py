"""One self-contained page: the class as a matrix, and every seat in detail."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from labkit.model import Grades, Outcome, SeatGrade
from labkit.report.sums import max_score, points, row, score, stamp, tasks

_TEMPLATE = Path(__file__).with_name("report.html.j2")
# Colour alone tells nothing on paper or to a screen reader.
_SIGN = {
    Outcome.PASSED: "✓",
    Outcome.WRONG: "✗",
    Outcome.ERROR: "!",
    Outcome.PENDING: "…",
    Outcome.UNANSWERED: "○",
}


def as_html(grades: Grades) -> str:
    """The grades as an HTML page that needs nothing from elsewhere."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    names = tasks(grades.seats)
    return template.render(
        workshop=grades.workshop,
        scenario=grades.scenario,
        graded_at=stamp(grades.graded_at),
        tasks=[_task(name, grades) for name in names],
        seats=[_seat(seat, names) for seat in grades.seats],
        outcomes=[(outcome.value, _SIGN[outcome]) for outcome in Outcome],
    )


def _task(name: str, grades: Grades) -> dict[str, Any]:
    verdicts = [v for seat in grades.seats for v in seat.verdicts if v.task == name]
    passed = sum(verdict.outcome is Outcome.PASSED for verdict in verdicts)
    return {"name": name.replace("_", " "), "passed": passed, "asked": len(verdicts)}


def _seat(seat: SeatGrade, names: Sequence[str]) -> dict[str, Any]:
    most = max_score(seat)
    return {
        "id": seat.seat,
        "account": seat.account,
        "score": points(score(seat)),
        "max_score": points(most),
        "share": round(100 * score(seat) / most) if most else 0,
        "cells": [
            None
            if verdict is None
            else {
                "task": name.replace("_", " "),
                "outcome": verdict.outcome.value,
                "sign": _SIGN[verdict.outcome],
                "message": verdict.message,
                "points": points(verdict.points),
                "max_points": points(verdict.max_points),
                "attempts": verdict.attempts,
                "hints_used": verdict.hints_used,
            }
            for name, verdict in zip(names, row(seat, names), strict=True)
        ],
    }
