"""Answers, verdicts, and grades."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from labkit.model.evidence import Evidence, Source


@dataclass(frozen=True, slots=True)
class Submission:
    """An answer that an attendee has replaced since; ``attempt`` is its number."""

    values: tuple[str, ...]
    attempt: int
    submitted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What an attendee submitted for a task, as typed. ``attempts`` counts the submissions."""

    task: str
    values: tuple[str, ...]
    attempts: int = 1
    submitted_at: datetime | None = None
    problem: str | None = None
    """Why labkit can't read the stored answer, if that's the case: it's a SecureString, isn't a JSON array …"""
    earlier: tuple[Submission, ...] = ()
    """What it has replaced, the oldest first. If one of these is right, it stands."""


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that an attendee did: a search, a query, a submission. ``times`` counts its API calls."""

    at: datetime
    kind: str
    detail: str
    times: int = 1
    error_code: str | None = None


@dataclass(frozen=True, slots=True)
class EvidenceBundle:
    """Everything that grading one seat needs: what the logs say and what the attendee submitted."""

    evidence: Evidence
    answers: tuple[Answer, ...] = ()
    hints_used: Mapping[str, int] = field(default_factory=dict)
    """How many hints the attendee took, by task."""
    activity: tuple[Activity, ...] | None = None
    """What the attendee did, by time; None if it wasn't collected."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A log line and what it shows; ``task`` is the task whose answer it proves, if any.

    Without a ``line``, it says that something isn't in the logs.
    """

    at: datetime
    source: Source
    what: str
    line: str
    task: str | None = None


class Outcome(StrEnum):
    """The outcome of one task for one seat, in the order in which labkit checks them."""

    UNANSWERED = "unanswered"
    ERROR = "error"
    PENDING = "pending"
    WRONG = "wrong"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a task, with the message for the attendee."""

    task: str
    outcome: Outcome
    message: str
    points: float
    max_points: float
    attempts: int = 0
    hints_used: int = 0
    submitted_at: datetime | None = None
    """When the judged answer was submitted."""
    after: timedelta | None = None
    """How long that was after the incident."""
    hint_cost: float = 0.0
    """What the hints that were used cost, in points."""


@dataclass(frozen=True, slots=True)
class Question:
    """A task as reports show it: its text, points, and hints."""

    task: str
    text: str
    points: float
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PossibleCopy:
    """A seat's wrong answer would be correct for the seat ``other``: possibly copied, but that isn't proof."""

    seat: str
    task: str
    other: str


@dataclass(frozen=True, slots=True)
class SeatGrade:
    """All verdicts of one seat, in the order of the tasks."""

    seat: str
    account: str
    verdicts: tuple[Verdict, ...]
    activity: tuple[Activity, ...] | None = None
    """What the attendee did, by time; None if it wasn't collected."""


@dataclass(frozen=True, slots=True)
class Grades:
    """The verdicts of a workshop."""

    workshop: str
    scenario: str
    graded_at: datetime
    seats: tuple[SeatGrade, ...]
    questions: tuple[Question, ...] = ()
    possible_copies: tuple[PossibleCopy, ...] = ()
