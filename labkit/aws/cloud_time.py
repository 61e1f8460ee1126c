"""The cloud's time, taken from its answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


class CloudTime:
    """The cloud's time, according to the ``Date`` header of its answers.

    labkit looks for events in logs that the cloud writes, so a wrong clock on this machine must not matter.
    Differences of up to two seconds don't count: the header has whole seconds, and the answer took a while.
    """

    _TOLERANCE = timedelta(seconds=2)

    def __init__(self, local_time: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._local_time = local_time
        self._offset = timedelta()

    def observe(self, date: str | None) -> None:
        """Take the time from an answer's ``Date`` header, if it has one."""
        if date is None:
            return
        try:
            offset = parsedate_to_datetime(date).astimezone(UTC) - self._local_time()
        except ValueError:  # a proxy that writes no valid date
            return
        self._offset = offset if abs(offset) > self._TOLERANCE else timedelta()

    def now(self) -> datetime:
        """The cloud's time; aware, UTC."""
        return self._local_time() + self._offset
