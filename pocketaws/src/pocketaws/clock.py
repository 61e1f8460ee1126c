"""The one clock. Everything that needs the time asks it, including moto."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The source of time; all times are aware and in UTC."""

    @property
    def speed(self) -> float:
        """The number of emulated seconds that pass in a real second."""
        ...

    def now(self) -> datetime: ...

    def wait_seconds(self, due: datetime) -> float:
        """Real seconds until ``due`` (0 if it's past)."""
        ...

    def not_before(self, moment: datetime) -> None:
        """Continue from ``moment`` if that's later than now, so that a restart never turns time back."""
        ...


class SystemClock:
    """Real time that runs ``speed`` times as fast, starting at ``start``."""

    def __init__(self, speed: float = 1.0, start: datetime | None = None) -> None:
        self.speed = speed
        self._start = start or datetime.now(UTC)
        self._origin = time.monotonic()

    def now(self) -> datetime:
        elapsed = (time.monotonic() - self._origin) * self.speed
        return self._start + timedelta(seconds=elapsed)

    def wait_seconds(self, due: datetime) -> float:
        return max(0.0, (due - self.now()).total_seconds() / self.speed)

    def not_before(self, moment: datetime) -> None:
        ahead = moment - self.now()
        if ahead > timedelta():
            self._start += ahead


class ManualClock:
    """Time that stands still until a test advances it."""

    speed = 1.0

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)

    def wait_seconds(self, due: datetime) -> float:
        return max(0.0, (due - self._now).total_seconds())

    def not_before(self, moment: datetime) -> None:
        self._now = max(self._now, moment)
