"""The value of an expression for each of many rows."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import Any, assert_never

from ..regex import Regex, compile_regex
from .functions import AGGREGATES, FUNCTIONS, MAX_TEXT, WITH_THE_QUERY, Argument, power
from .periods import floor
from .syntax import Binary, Call, Constant, Expression, Field, In, Like, Period, Unary
from .values import Value, is_equal, sort_key, to_number, to_text, to_truth

Row = dict[str, Value]

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
    "^": power,
}


@dataclass(frozen=True, slots=True)
class Context:
    """When a query began (seconds), and the window it looks at (milliseconds)."""

    now: int
    start: int
    end: int


def evaluate(expression: Expression, rows: Sequence[Row], context: Context) -> list[Value]:
    """One value per row. What cannot be worked out of a row is missing from it (None).

    A comparison with what is missing is false; ``!=`` and ``not like`` are the opposites of ``=`` and
    ``like``, so they hold there (AWS does not document it).
    """
    result: list[Value]
    match expression:
        case Field(name):
            result = [row.get(name) for row in rows]
        case Constant(value):
            result = [value] * len(rows)
        case Period():
            result = [None] * len(rows)
        case Unary(name, operand):
            result = [_unary(name, value) for value in evaluate(operand, rows, context)]
        case Binary(name, left, right):
            first, second = evaluate(left, rows, context), evaluate(right, rows, context)
            result = list(map(_BINARY[name], first, second))
        case Like(operand, wanted):
            result = list(_like(evaluate(operand, rows, context), wanted))
        case In(operand, options):
            values = evaluate(operand, rows, context)
            lists = [evaluate(option, rows, context) for option in options]
            result = [
                any(is_equal(value, option) for option in choices)
                for value, choices in zip(values, zip(*lists, strict=True), strict=True)
            ]
        case Call():
            result = _call(expression, rows, context)
        case _:
            assert_never(expression)
    return result


def _unary(name: str, value: Value) -> Value:
    if name == "not":
        return not to_truth(value)
    number = to_number(value)
    return None if number is None else -number


def _like(values: list[Value], wanted: Regex | str) -> list[bool]:
    texts = [to_text(value) for value in values]
    regex = wanted if isinstance(wanted, Regex) else None
    found = regex.matches(texts) if regex else [str(wanted) in text for text in texts]
    return [hit and value is not None for hit, value in zip(found, values, strict=True)]


def _comparison(name: str) -> Callable[[Value, Value], Value]:
    compare = _COMPARISONS[name]

    def holds(left: Value, right: Value) -> Value:
        if left is None or right is None:
            return False
        first, second = to_number(left), to_number(right)
        if first is not None and second is not None:
            return compare(first, second)
        return compare(sort_key(left), sort_key(right))

    return holds


def _arithmetic(name: str) -> Callable[[Value, Value], Value]:
    apply = _ARITHMETIC[name]

    def result(left: Value, right: Value) -> Value:
        first, second = to_number(left), to_number(right)
        if first is None or second is None:
            return None
        try:
            found = apply(int(first) if type(first) is bool else first, second)
        except (ZeroDivisionError, OverflowError):
            return None
        # Beyond this, whole numbers would grow with every step of a long expression.
        return found if abs(found) < 1e300 else None

    return result


_BINARY: dict[str, Callable[[Value, Value], Value]] = {
    "and": lambda left, right: to_truth(left) and to_truth(right),
    "or": lambda left, right: to_truth(left) or to_truth(right),
    "=": is_equal,
    "!=": lambda left, right: not is_equal(left, right),
    **{name: _comparison(name) for name in _COMPARISONS},
    **{name: _arithmetic(name) for name in _ARITHMETIC},
}


def _call(call: Call, rows: Sequence[Row], context: Context) -> list[Value]:
    if call.name in AGGREGATES:
        # Worked out before, and put into the row under its own text.
        return [row.get(call.text) for row in rows]
    if call.name == "bin":
        return [_bin(row.get("@timestamp"), call.arguments[0]) for row in rows]
    if call.name in WITH_THE_QUERY:
        known: dict[str, Value] = {
            "now": context.now,
            "querystarttime": context.start,
            "queryendtime": context.end,
            "querytimerange": context.end - context.start,
        }
        return [known[call.name]] * len(rows)
    if call.name == "regexreplace":
        return _regex_replace(call, evaluate(call.arguments[0], rows, context))
    columns: list[list[Argument]] = [
        [argument] * len(rows)
        if isinstance(argument, Period)
        else list(evaluate(argument, rows, context))
        for argument in call.arguments
    ]
    return list(starmap(FUNCTIONS[call.name].apply, zip(*columns, strict=True)))


def _bin(moment: Value, period: Expression) -> Value:
    if not isinstance(moment, int) or not isinstance(period, Period):
        return None
    return floor(moment, period)


def _regex_replace(call: Call, values: list[Value]) -> list[Value]:
    _, pattern, replacement = (
        to_text(argument.value) if isinstance(argument, Constant) else ""
        for argument in call.arguments
    )
    longest = MAX_TEXT // (len(replacement) + 1)
    texts = [to_text(value)[:longest] for value in values]
    replaced = compile_regex(pattern).replace(texts, replacement)
    return [None if value is None else text for value, text in zip(values, replaced, strict=True)]
