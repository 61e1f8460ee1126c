"""Points in time, cut down to periods (in UTC)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from .syntax import Period
from .values import Timestamp

_MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_CAPS = {"ms": 1000, "s": 60, "m": 60, "h": 24}
"""Source: "Boolean, comparison, numeric, datetime, and other functions": more counts as this."""
_MONTHS = {"mo": 1, "q": 3, "y": 12}
_FIRST_MONDAY = 4 * 86_400_000
_LAST = 253_370_764_800_000
"""The first moment of the year 9999."""


def floor(moment: int, period: Period) -> Timestamp | None:
    """The beginning of the period in which a moment (milliseconds since 1970) lies."""
    if not 0 <= moment < _LAST or period.count == 0:
        return None
    if period.unit in _MONTHS:
        return _month(moment, min(period.count, 12_000) * _MONTHS[period.unit], later=0)
    length = _length(period)
    offset = _FIRST_MONDAY if period.unit == "w" else 0
    return Timestamp((moment - offset) // length * length + offset)


def ceiling(moment: int, period: Period) -> Timestamp | None:
    """The moment itself where a period begins, else the beginning of the next one."""
    begin = floor(moment, period)
    if begin is None or begin == moment:
        return begin
    if period.unit in _MONTHS:
        return _month(moment, min(period.count, 12_000) * _MONTHS[period.unit], later=1)
    return Timestamp(begin + _length(period))


def _length(period: Period) -> int:
    return min(period.count, _CAPS.get(period.unit, 100_000)) * _MILLISECONDS[period.unit]


def _month(moment: int, months: int, *, later: int) -> Timestamp | None:
    date = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=moment)
    number = ((date.year * 12 + date.month - 1) // months + later) * months
    year, month = divmod(number, 12)
    if not 1 <= year <= 9999:
        return None
    begin = datetime(year, month + 1, 1, tzinfo=UTC)
    return Timestamp(int(begin.timestamp()) * 1000)
