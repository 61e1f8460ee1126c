"""What the process that judges and the process that started it say to each other.

Each message is a pickled value behind its length. Both ends are labkit's own, on the same machine.
"""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from labkit.grading.types import Values
from labkit.model import EvidenceBundle, SeatGrade, Verdict

_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True, slots=True)
class GradedSeat:
    """A seat to grade: its evidence bundle, or the snapshot that holds it."""

    seat: str
    source: EvidenceBundle | Path


@dataclass(frozen=True, slots=True)
class JudgeSeat:
    """A request: judge these tasks of a seat."""

    seat: GradedSeat
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TryAnswers:
    """A request: which of these answers are right for this seat? Each is a task and its values."""

    seat: GradedSeat
    answers: tuple[tuple[str, Values], ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """The seat's evidence is open; the grade has no verdicts yet."""

    seat: SeatGrade


@dataclass(frozen=True, slots=True)
class Failed:
    """The seat's evidence can't be opened."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Started:
    """A check is about to run. ``if_lost`` is the verdict if nothing more is heard of it."""

    task: str
    if_lost: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict, or None if the task doesn't apply; ``wrong`` is a wrong answer to a unique task."""

    task: str
    verdict: Verdict | None
    wrong: Values | None = None


@dataclass(frozen=True, slots=True)
class IsRight:
    """An answer of another seat is right for this seat."""

    task: str
    values: Values


@dataclass(frozen=True, slots=True)
class Done:
    """Everything that was requested is done."""


Reply = Opened | Failed | Started | Judged | IsRight | Done


def write(stream: IO[bytes], message: Any) -> None:
    """Write a message."""
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(body)) + body)
    stream.flush()


def read(stream: IO[bytes]) -> Any:
    """Read a message; raises ``EOFError`` at the end."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    body = stream.read(length)
    if len(body) < length:
        raise EOFError
    return pickle.loads(body)  # noqa: S301 - from labkit's own process
