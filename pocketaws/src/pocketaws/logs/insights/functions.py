"""Functions of one row. Names are in lower case and without underscores.

Source: CloudWatch Logs user guide, "Boolean, comparison, numeric, datetime, and other functions".
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable

from .addresses import ADDRESS_FUNCTIONS
from .function import Function, textual
from .periods import ceiling, floor
from .syntax import Period
from .values import Timestamp, Value, to_number, to_text, to_truth

Argument = Value | Period
MANY = 50
MAX_TEXT = 1 << 20
"""Characters of a text that a function makes; more is cut off, as no event is longer."""

AGGREGATES = {
    "count": (0, 1), "countdistinct": (1, 1), "sum": (1, 1), "avg": (1, 1), "min": (1, 1),
    "max": (1, 1), "pct": (2, 2), "stddev": (1, 1), "variance": (1, 1), "values": (1, 1),
    "collectvalues": (1, 1), "earliest": (1, 1), "latest": (1, 1), "sortsfirst": (1, 1),
    "sortslast": (1, 1),
}  # fmt: skip
"""Functions over many rows -> how few and how many arguments they take."""

WITH_THE_QUERY = {
    "now": (0, 0), "querystarttime": (0, 0), "queryendtime": (0, 0), "querytimerange": (0, 0),
}  # fmt: skip
"""Functions of when a query began and what it looks at; ``evaluate`` knows them."""

_WITH_MORE = {"bin": (1, 1), "regexreplace": (3, 3), **WITH_THE_QUERY}
"""Functions that need more than their arguments' values; ``evaluate`` knows them."""

UNKNOWN_HERE = {
    "jsonparse", "jsonstringify", "parsedate", "formatdate", "strftime", "topk", "haversine",
}  # fmt: skip
"""AWS's, and not emulated."""


def arity(name: str) -> tuple[int, int] | None:
    """How few and how many arguments a function takes; None where there is no such function."""
    special = AGGREGATES.get(name) or _WITH_MORE.get(name)
    function = FUNCTIONS.get(name)
    return (function.fewest, function.most) if function else special


def _numeric(apply: Callable[..., float]) -> Callable[..., Value]:
    """Of numbers only; nothing comes of anything else, nor of what has no result."""

    def checked(*arguments: Value) -> Value:
        numbers = [to_number(argument) for argument in arguments]
        if any(number is None for number in numbers):
            return None
        try:
            result = apply(*numbers)
        except (ValueError, OverflowError, ZeroDivisionError):
            return None
        return result if math.isfinite(result) else None

    return checked


def power(base: float, exponent: float) -> float:
    result = float(base) ** float(exponent)
    return result if isinstance(result, float) else math.nan  # a root of what is negative


def _round(number: float, digits: float = 0) -> float:
    scale = 10.0 ** max(-15.0, min(15.0, float(int(digits))))
    # Halves go up, as they do in Java.
    return math.floor(number * scale + 0.5) / scale


def _case(*arguments: Value) -> Value:
    pairs, default = len(arguments) // 2, arguments[-1] if len(arguments) % 2 else None
    chosen = (arguments[2 * n + 1] for n in range(pairs) if to_truth(arguments[2 * n]))
    return next(chosen, default)


def _substr(text: str, start: Value, length: Value = None) -> Value:
    begin, count = to_number(start), to_number(length)
    if begin is None:
        return None
    begin = max(0, int(begin))
    return text[begin:] if count is None else text[begin : begin + max(0, int(count))]


def _trim(sides: str) -> Callable[..., Value]:
    def trim(text: str, characters: Value = None) -> Value:
        wanted = None if characters is None else to_text(characters)
        text = text.lstrip(wanted) if "l" in sides else text
        return text.rstrip(wanted) if "r" in sides else text

    return trim


def _replace(text: str, old: Value, new: Value) -> str:
    wanted, other = to_text(old), to_text(new)
    if not wanted:
        return text
    times = MAX_TEXT // (len(other) + 1)
    return text.replace(wanted, other, times)[:MAX_TEXT]


def _json_array(text: str) -> list[object] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) else None


def _array_size(text: str) -> Value:
    found = _json_array(text)
    return None if found is None else len(found)


def _array_contains(text: str, wanted: Value) -> bool:
    return to_text(wanted) in (_json_array(text) or [])


def _to_timestamp(number: float) -> Timestamp:
    return Timestamp(number)


def _datefloor(moment: Value, period: Argument) -> Value:
    number = to_number(moment)
    return floor(int(number), period) if number is not None and isinstance(period, Period) else None


def _dateceil(moment: Value, period: Argument) -> Value:
    number = to_number(moment)
    if number is None or not isinstance(period, Period):
        return None
    return ceiling(int(number), period)


def _to_int(bits: int) -> Callable[[float], int]:
    limit = 2 ** (bits - 1)
    return lambda number: max(-limit, min(limit - 1, int(number)))


FUNCTIONS: dict[str, Function] = {
    "abs": Function(_numeric(abs), 1, 1),
    "ceil": Function(_numeric(math.ceil), 1, 1),
    "floor": Function(_numeric(math.floor), 1, 1),
    "greatest": Function(_numeric(lambda *n: max(n)), 1, MANY),
    "least": Function(_numeric(lambda *n: min(n)), 1, MANY),
    "log": Function(_numeric(math.log), 1, 1),
    "round": Function(_numeric(_round), 1, 2),
    "sqrt": Function(_numeric(math.sqrt), 1, 1),
    "tonumber": Function(to_number, 1, 1),
    "toint": Function(_numeric(_to_int(32)), 1, 1),
    "tolong": Function(_numeric(_to_int(64)), 1, 1),
    "todouble": Function(_numeric(float), 1, 1),
    "datefloor": Function(_datefloor, 2, 2),
    "dateceil": Function(_dateceil, 2, 2),
    "frommillis": Function(_numeric(_to_timestamp), 1, 1),
    "tomillis": Function(_numeric(int), 1, 1),
    "ispresent": Function(lambda value: value is not None, 1, 1),
    "coalesce": Function(lambda *v: next((x for x in v if x is not None), None), 1, MANY),
    "case": Function(_case, 2, 21),
    "if": Function(lambda test, yes, no: yes if to_truth(test) else no, 3, 3),
    "isnumeric": Function(lambda value: to_number(value) is not None, 1, 1),
    "messagesize": Function(textual(lambda text: len(text.encode())), 1, 1),
    "jsonarraysize": Function(textual(_array_size), 1, 1),
    "jsonarraycontains": Function(textual(_array_contains), 2, 2),
    **ADDRESS_FUNCTIONS,
    "isempty": Function(lambda value: int(not to_text(value)), 1, 1),
    "isblank": Function(lambda value: int(not to_text(value).strip()), 1, 1),
    "concat": Function(lambda *values: "".join(map(to_text, values))[:MAX_TEXT], 1, MANY),
    "ltrim": Function(textual(_trim("l")), 1, 2),
    "rtrim": Function(textual(_trim("r")), 1, 2),
    "trim": Function(textual(_trim("lr")), 1, 2),
    "strlen": Function(textual(len), 1, 1),
    "toupper": Function(textual(str.upper), 1, 1),
    "tolower": Function(textual(str.lower), 1, 1),
    "substr": Function(textual(_substr), 2, 3),
    "replace": Function(textual(lambda t, old, new: t.replace(to_text(old), to_text(new))), 3, 3),
    "strcontains": Function(textual(lambda t, part: int(to_text(part) in t)), 2, 2),
}
