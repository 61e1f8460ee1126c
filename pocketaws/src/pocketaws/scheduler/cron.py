"""Cron expressions of six fields: minutes, hours, day of month, month, day of week, year.

Source: EventBridge Scheduler user guide, "Schedule types", "Cron-based schedules".
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self

_MONTH_NAMES = (
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
)  # fmt: skip
_DAY_NAMES = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_DAYS = {name: number for number, name in enumerate(_DAY_NAMES, 1)}
_FIRST_YEAR, _LAST_YEAR = 1970, 2199


@dataclass(frozen=True)
class Cron:
    """A parsed expression; times are those on the wall, without a zone."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    day_of_month: str
    months: frozenset[int]
    day_of_week: str
    years: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse the text between the parentheses; raises ``ValueError``."""
        fields = text.upper().split()
        if len(fields) == 5:
            fields.append("*")
        if len(fields) != 6:
            raise ValueError("a cron expression has six fields")
        minutes, hours, day_of_month, months, day_of_week, years = fields
        if (day_of_month == "?") == (day_of_week == "?"):
            raise ValueError("one of day of month and day of week must be ?")
        _check_day_of_month(day_of_month)
        _check_day_of_week(day_of_week)
        return cls(
            _values(minutes, 0, 59),
            _values(hours, 0, 23),
            day_of_month,
            frozenset(_values(months, 1, 12, _MONTHS)),
            day_of_week,
            frozenset(_values(years, _FIRST_YEAR, _LAST_YEAR)),
        )

    def next_at(self, after: datetime) -> datetime | None:
        """The first time at or after ``after`` (whole minutes), or ``None`` if there is none."""
        moment = after.replace(second=0, microsecond=0)
        if moment < after:
            moment += timedelta(minutes=1)
        day = moment.date()
        earliest = moment.time()
        while day.year <= max(self.years):
            if day.year not in self.years:
                day, earliest = date(day.year + 1, 1, 1), time()
                continue
            if day.month not in self.months:
                day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
                earliest = time()
                continue
            if self._is_day(day):
                for hour in self.hours:
                    for minute in self.minutes:
                        if time(hour, minute) >= earliest:
                            return datetime.combine(day, time(hour, minute))
            day, earliest = day + timedelta(days=1), time()
        return None

    def _is_day(self, day: date) -> bool:
        if self.day_of_week == "?":
            return _meets_day_of_month(self.day_of_month, day)
        return _meets_day_of_week(self.day_of_week, day)


def _values(
    field: str, low: int, high: int, names: dict[str, int] | None = None
) -> tuple[int, ...]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        if span == "*":
            start, end = low, high
        elif dash:
            start, end = _number(first, names), _number(last, names)
        else:
            start = _number(first, names)
            end = high if step else start
        if not low <= start <= end <= high or (step and not step.isdigit()):
            raise ValueError(f"{part} is not within {low} and {high}")
        found.update(range(start, end + 1, int(step or 1) or 1))
    return tuple(sorted(found))


def _number(text: str, names: dict[str, int] | None) -> int:
    if names and text in names:
        return names[text]
    if not text.isdigit():
        raise ValueError(f"{text!r} is no number")
    return int(text)


def _check_day_of_month(field: str) -> None:
    if field not in {"?", "L", "LW"} and not re.fullmatch(r"([1-9]|[12]\d|3[01])W", field):
        _values(field, 1, 31)


def _check_day_of_week(field: str) -> None:
    if field in {"?", "L"} or re.fullmatch(r"([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5])", field):
        return
    _values(field, 1, 7, _DAYS)


def _meets_day_of_month(field: str, day: date) -> bool:
    last = calendar.monthrange(day.year, day.month)[1]
    if field == "L":
        return day.day == last
    if field == "LW":
        return day == _nearest_weekday(day.replace(day=last))
    if field.endswith("W"):
        wanted = min(int(field[:-1]), last)
        return day == _nearest_weekday(day.replace(day=wanted))
    return day.day in _values(field, 1, 31)


def _nearest_weekday(day: date) -> date:
    """The weekday nearest to a day, within its month."""
    shift = {5: -1, 6: 1}.get(day.weekday(), 0)
    moved = day + timedelta(days=shift)
    if moved.month != day.month:
        moved = day + timedelta(days=2 if shift < 0 else -2)
    return moved


def _meets_day_of_week(field: str, day: date) -> bool:
    number = day.isoweekday() % 7 + 1
    if field == "L":
        return number == 7
    if field.endswith("L"):
        last = calendar.monthrange(day.year, day.month)[1]
        return number == _number(field[:-1], _DAYS) and day.day + 7 > last
    if "#" in field:
        wanted, _, which = field.partition("#")
        return number == _number(wanted, _DAYS) and (day.day - 1) // 7 + 1 == int(which)
    return number in _values(field, 1, 7, _DAYS)
