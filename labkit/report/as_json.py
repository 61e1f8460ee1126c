"""The contract's JSON. Its keys and their order are fixed, because other people's scripts depend on them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from labkit.model import Grades, SeatGrade, Verdict
from labkit.report.totals import max_score, score, utc_timestamp


def as_json(grades: Grades) -> dict[str, Any]:
    """Return what ``labkit grade --json`` prints."""
    return {
        "workshop": grades.workshop,
        "scenario": grades.scenario,
        "graded_at": utc_timestamp(grades.graded_at),
        "seats": [seat_as_json(seat) for seat in grades.seats],
        "signs": [asdict(sign) for sign in grades.possible_copies],
    }


def seat_as_json(seat: SeatGrade) -> dict[str, Any]:
    """Return what ``labkit check --json`` prints: one seat."""
    found: dict[str, Any] = {
        "seat": seat.seat,
        "account": seat.account,
        "score": _number(score(seat)),
        "max_score": _number(max_score(seat)),
        "verdicts": [_verdict(verdict) for verdict in seat.verdicts],
    }
    if seat.activity is not None:
        found["activity"] = [{**asdict(act), "at": utc_timestamp(act.at)} for act in seat.activity]
    return found


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "task": verdict.task,
        "outcome": verdict.outcome.value,
        "message": verdict.message,
        "points": _number(verdict.points),
        "max_points": _number(verdict.max_points),
        "attempts": verdict.attempts,
        "hints_used": verdict.hints_used,
        "submitted_at": utc_timestamp(verdict.submitted_at) if verdict.submitted_at else None,
        "seconds_after_incident": int(verdict.after.total_seconds())
        if verdict.after is not None
        else None,
    }


def _number(value: float) -> float | int:
    """Convert whole numbers of points to integers."""
    return int(value) if value == int(value) else value
