"""The clock that every function takes as a parameter if it needs the time or waits."""

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
    """Yield endless pauses in seconds for polling: each is ``growth`` times the previous one, up to ``longest``."""
    pause = first
    while True:
        yield pause
        pause = min(pause * growth, longest)
