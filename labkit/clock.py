"""The one notion of time: every function that tells the time or waits is given a ``Clock``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """Tells the time and waits. Tests replace both, so they never sleep."""

    now: Callable[[], datetime]
    """The current time; aware, UTC."""
    sleep: Callable[[float], None]
    """Wait for some seconds."""


def backoff(first: float, longest: float, growth: float) -> Iterator[float]:
    """Pauses in seconds for polling, without end: each is ``growth`` times the one before, up to ``longest``."""
    pause = first
    while True:
        yield pause
        pause = min(pause * growth, longest)
