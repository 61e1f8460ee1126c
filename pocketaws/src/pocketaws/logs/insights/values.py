"""Field values: conversion to text, numbers, and Booleans, and their order."""

from __future__ import annotations

import base64
import json
import math
import re
from datetime import UTC, datetime
from typing import NamedTuple

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_CHUNK = re.compile(r"\d+|\D+", re.ASCII)
_EXACT_DIGITS = 15


class Timestamp(int):
    """Milliseconds since 1970, UTC, formatted as a date."""

    def __str__(self) -> str:
        seconds, rest = divmod(int(self), 1000)
        if not 0 <= seconds < 253402300800:
            return str(int(self))
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}.{rest:03d}"


class Pointer(NamedTuple):
    """An event's location (``@ptr``)."""

    group: str
    stream: str
    timestamp: int
    sequence: int

    def __str__(self) -> str:
        return base64.b64encode(json.dumps(list(self)).encode()).decode()


Value = str | int | float | bool | Pointer | None


def to_text(value: Value) -> str:
    """Format a value as query results show it."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        rounded = f"{value:.4f}".rstrip("0").rstrip(".")
        return rounded if float(rounded) else repr(value)
    return "" if value is None else str(value)


def to_number(value: Value) -> float | None:
    """Convert a number or numeric text to a number, or return ``None``."""
    if isinstance(value, int | float):
        return value
    if not isinstance(value, str) or _NUMBER.fullmatch(value) is None:
        return None
    if value.isdigit() and len(value) <= _EXACT_DIGITS:
        return int(value)
    number = float(value)
    return number if math.isfinite(number) else None


def to_truth(value: Value) -> bool:
    """Convert a value to a Boolean, as a condition does."""
    if isinstance(value, str):
        return value.lower() == "true" or bool(to_number(value))
    return bool(value)


def is_equal(left: Value, right: Value) -> bool:
    """Compare numbers by value and everything else as text; a missing value equals nothing."""
    if left is None or right is None:
        return False
    if isinstance(left, bool) or isinstance(right, bool):
        if {type(left), type(right)} == {bool, str}:
            return to_truth(left) == to_truth(right) and _says_truth(left) and _says_truth(right)
        return to_number(left) == to_number(right)
    first, second = to_text(left), to_text(right)
    if first == second:
        return True
    if max(len(first), len(second)) > _EXACT_DIGITS and first.isdigit() and second.isdigit():
        return False
    number = to_number(left)
    return number is not None and number == to_number(right)


def _says_truth(value: Value) -> bool:
    return isinstance(value, bool) or str(value).lower() in ("true", "false", "1", "0")


def sort_key(value: Value) -> tuple[int, float, tuple[tuple[str, int, str], ...], str]:
    """A key for natural order. Source: CloudWatch Logs user guide, sort.

    Non-numeric values come first, ordered by runs of digits (by length, then value) and runs of
    other characters. Numbers follow.
    """
    text = to_text(value)
    if isinstance(value, int | float):
        return 1, value, (), text
    if text.isdigit() and text.isascii():
        return 1, float(text[:300]), (), text
    number = to_number(value)
    if number is not None and isinstance(value, str) and "e" not in value.lower():
        return 1, number, (), text
    chunks = tuple(
        ("0", len(chunk), chunk) if chunk[0] in "0123456789" else (chunk, 0, "")
        for chunk in _CHUNK.findall(text)
    )
    return 0, 0.0, chunks, text
