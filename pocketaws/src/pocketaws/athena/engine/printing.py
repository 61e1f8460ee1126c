"""Formats values and type names the way Athena's results do.

Source: Athena API reference, "Datum" (every value is text); structures and times look as in Trino.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

_TYPES = {
    "VARCHAR": "varchar", "BOOLEAN": "boolean", "TINYINT": "tinyint", "SMALLINT": "smallint",
    "INTEGER": "integer", "BIGINT": "bigint", "HUGEINT": "bigint", "FLOAT": "float",
    "DOUBLE": "double", "DATE": "date", "TIMESTAMP": "timestamp", "TIME": "time", "JSON": "json",
    "BLOB": "varbinary", "INTERVAL": "interval day to second", '"NULL"': "unknown",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone", "UBIGINT": "bigint",
    "UINTEGER": "bigint", "USMALLINT": "integer", "UTINYINT": "smallint",
}  # fmt: skip


def type_name(duckdb: str) -> str:
    """The name that ``ResultSetMetadata`` uses for a DuckDB type."""
    if duckdb.endswith("]"):
        return "array"
    for start, name in (("STRUCT", "row"), ("MAP", "map"), ("DECIMAL", "decimal")):
        if duckdb.startswith(start):
            return name
    return _TYPES.get(duckdb, "varchar")


def text_of(value: Any) -> str | None:
    """Format a value as text; NULL stays ``None``."""
    return None if value is None else _text(value)


def _text(value: Any) -> str:
    if value is None:
        return "null"
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    return str(value)


def _milliseconds(value: datetime | time) -> str:
    return f".{value.microsecond // 1000:03d}"


def _double(value: float) -> str:
    """Format a double as Java does: ``1.0``, ``1.0E10``, ``Infinity``, ``NaN``."""
    if value != value:  # noqa: PLR0124 - only NaN differs from itself
        return "NaN"
    if value in {float("inf"), float("-inf")}:
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value) if "e" not in repr(value) else format(value, "f")
    mantissa, exponent = f"{Decimal(repr(value)):E}".split("E")
    digits = mantissa if "." in mantissa else f"{mantissa}.0"
    digits = re.sub(r"(\.\d+?)0+$", r"\1", digits)
    return f"{digits}E{int(exponent)}"


def _interval(value: timedelta) -> str:
    sign = "-" if value < timedelta() else ""
    rest = abs(value)
    hours, seconds = divmod(rest.seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    milliseconds = rest.microseconds // 1000
    return f"{sign}{rest.days} {hours:02d}:{minutes:02d}:{seconds:02d}.{milliseconds:03d}"


# The first match wins: a bool is also an int, and a datetime is also a date.
_WRITERS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (bool, lambda value: str(value).lower()),
    (float, _double),
    (dict, lambda value: "{" + ", ".join(f"{_text(k)}={_text(v)}" for k, v in value.items()) + "}"),
    (list, lambda value: "[" + ", ".join(map(_text, value)) + "]"),
    (datetime, lambda value: value.strftime("%Y-%m-%d %H:%M:%S") + _milliseconds(value)),
    (date, lambda value: value.isoformat()),
    (time, lambda value: value.strftime("%H:%M:%S") + _milliseconds(value)),
    (timedelta, _interval),
    (bytes, lambda value: value.hex(" ")),
    (Decimal, lambda value: format(value, "f")),
)
