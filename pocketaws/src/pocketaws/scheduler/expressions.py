"""When a schedule runs: ``at`` and ``rate`` expressions. Cron expressions aren't emulated.

Source: EventBridge Scheduler user guide, "Schedule types".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ..errors import AwsError

_AT = re.compile(r"at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)")
_RATE = re.compile(r"rate\(\s*([1-9]\d*)\s+(minutes?|hours?|days?)\s*\)")
_CRON = re.compile(r"cron\(.*\)")
_UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}


@dataclass(frozen=True)
class Expression:
    """A parsed expression. ``next_run(start, after)`` is the first run at or after ``after``.

    ``start`` is when the schedule begins; both times are aware. ``once`` is true for ``at``.
    """

    once: bool
    next_run: Callable[[datetime, datetime], datetime | None]


def parse(text: str, timezone: str) -> Expression:
    """Parse an expression in a time zone.

    Raises ``ValueError`` if either is invalid, and ``NotImplemented`` for cron expressions.
    """
    try:
        zone = ZoneInfo(timezone)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{timezone} is not a time zone") from error
    if match := _AT.fullmatch(text):
        return _at(datetime.fromisoformat(match[1]).replace(tzinfo=zone))
    if match := _RATE.fullmatch(text):
        return _rate(int(match[1]) * _UNITS[match[2].rstrip("s")])
    if _CRON.fullmatch(text):
        message = "pocketaws emulates at and rate expressions, but not cron expressions."
        raise AwsError("NotImplemented", message, 501)
    raise ValueError(f"{text} is not a schedule expression")


def _at(moment: datetime) -> Expression:
    due = moment.astimezone(UTC)
    return Expression(once=True, next_run=lambda _start, after: due if due >= after else None)


def _rate(every: timedelta) -> Expression:
    def next_run(start: datetime, after: datetime) -> datetime:
        if after <= start:
            return start
        return start + -((start - after) // every) * every

    return Expression(once=False, next_run=next_run)
