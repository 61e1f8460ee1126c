"""AWS's time, taken from its responses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


class CloudTime:
    """AWS's time, according to the ``Date`` header of its responses.

    labkit searches logs that AWS writes, so a wrong clock on this machine must not matter. Differences of up to two
    seconds don't count: the header has whole seconds, and the response takes a while to arrive.
    """

    _TOLERANCE = timedelta(seconds=2)

    def __init__(self, local_time: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._local_time = local_time
        self._offset = timedelta()

    def observe(self, date: str | None) -> None:
        """Take the time from a response's ``Date`` header, if it has one."""
        if date is None:
            return
        try:
            offset = parsedate_to_datetime(date).astimezone(UTC) - self._local_time()
        except ValueError:  # a proxy wrote an invalid date
            return
        self._offset = offset if abs(offset) > self._TOLERANCE else timedelta()

    def now(self) -> datetime:
        """Return AWS's time; aware, UTC."""
        return self._local_time() + self._offset
