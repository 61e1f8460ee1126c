"""What the demo accepts as the expected end of a run, and what it reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from labkit.aws import Cloud
from labkit.concurrent import Interrupt
from labkit.errors import LabkitError
from labkit.model import Grades, Outcome, Seat, SeatGrade, Verdict
from labkit.workflow import demo_run
from labkit.workflow.attendees import load_solver
from labkit.workflow.operations import Operations
from labkit.workshop import parse_workshop

NOW = datetime(2026, 11, 24, tzinfo=UTC)
SEATS = tuple(Seat(name) for name in ("ada", "bob", "eve"))
EXPECTED = (Outcome.PASSED, Outcome.WRONG, Outcome.UNANSWERED)


@pytest.fixture
def operations() -> Operations:
    raw = {
        "workshop": {"name": "demo", "region": "eu-west-1"},
        "seat": [{"id": seat.id} for seat in SEATS],
    }
    workshop = parse_workshop(raw, Path("workshop.toml"))
    return Operations(workshop, SEATS, Cloud("eu-west-1"), Interrupt())


def graded(*outcomes: Outcome) -> Grades:
    seats = tuple(
        SeatGrade(seat.id, "210000000001", (Verdict("command", outcome, "a message", 0, 1, 1, 0),))
        for seat, outcome in zip(SEATS, outcomes, strict=False)
    )
    return Grades("demo", "malicious_callout", NOW, seats)


def removed(**changes: Any) -> list[dict[str, Any]]:
    rows = [{"seat": s.id, "state": "absent", "detail": "gone", "leftovers": []} for s in SEATS]
    return [{**rows[0], **changes}, *rows[1:]]


def test_the_expected_end_reports_nothing(operations: Operations) -> None:
    assert demo_run.unexpected_results(operations, graded(*EXPECTED), removed()) == []


@pytest.mark.parametrize("other", sorted(set(Outcome) - {Outcome.WRONG}))
def test_any_other_verdict_is_reported(operations: Operations, other: Outcome) -> None:
    grades = graded(Outcome.PASSED, other, Outcome.UNANSWERED)

    (line,) = demo_run.unexpected_results(operations, grades, removed())

    assert line == f"bob: command is {other}, not wrong: a message"


def test_a_seat_without_grade_or_verdicts_is_reported(operations: Operations) -> None:
    whole = graded(*EXPECTED)
    bare = replace(whole, seats=(replace(whole.seats[0], verdicts=()), whole.seats[1]))

    assert demo_run.unexpected_results(operations, bare, removed()) == [
        "ada: there are no verdicts",
        "eve: there is no grade",
    ]


def test_a_leftover_and_a_failed_removal_are_reported(operations: Operations) -> None:
    left = [{"kind": "bucket", "id": "trail", "reason": "not empty"}]
    rows = removed(state="failed", detail="1 thing left", leftovers=left)

    assert demo_run.unexpected_results(operations, graded(*EXPECTED), rows) == [
        "ada: leftover bucket trail: not empty",
        "ada: 1 thing left",
    ]


def test_a_seat_in_another_state_stops_the_run() -> None:
    rows = removed(state="failed", detail="no capacity")
    with pytest.raises(LabkitError, match="ada is failed: no capacity"):
        demo_run.require_state(rows, "absent")


def test_a_missing_or_incomplete_solver_says_what_to_add(tmp_path: Path) -> None:
    path = tmp_path / "solve.py"
    with pytest.raises(LabkitError, match="There is no solver") as raised:
        load_solver(path)
    assert "solve and guess" in raised.value.hint

    path.write_text("def solve(attendee, lab):\n    return {}\n")
    with pytest.raises(LabkitError, match=r"solve\.py isn't a solver"):
        load_solver(path)
