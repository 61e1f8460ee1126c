"""Evaluates an expression for many rows at once."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, assert_never

from ..regex import Regex
from .syntax import Binary, Constant, Expression, Field, In, Like, Not
from .values import Value, is_equal, sort_key, to_number, to_text, to_truth

Row = dict[str, Value]

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def evaluate(expression: Expression, rows: Sequence[Row]) -> list[Value]:
    """Return one value per row, or None for a row that lacks the field.

    A comparison with a missing field is false. ``!=`` and ``not like`` negate ``=`` and ``like``,
    so they're true for a missing field (AWS doesn't document this).
    """
    result: list[Value]
    match expression:
        case Field(name):
            result = [row.get(name) for row in rows]
        case Constant(value):
            result = [value] * len(rows)
        case Not(operand):
            result = [not to_truth(value) for value in evaluate(operand, rows)]
        case Binary(name, left, right):
            result = list(map(_BINARY[name], evaluate(left, rows), evaluate(right, rows)))
        case Like(operand, wanted):
            result = list(_like(evaluate(operand, rows), wanted))
        case In(operand, options):
            values = evaluate(operand, rows)
            lists = [evaluate(option, rows) for option in options]
            result = [
                any(is_equal(value, option) for option in choices)
                for value, choices in zip(values, zip(*lists, strict=True), strict=True)
            ]
        case _:
            assert_never(expression)
    return result


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


_BINARY: dict[str, Callable[[Value, Value], Value]] = {
    "and": lambda left, right: to_truth(left) and to_truth(right),
    "or": lambda left, right: to_truth(left) or to_truth(right),
    "=": is_equal,
    "!=": lambda left, right: not is_equal(left, right),
    **{name: _comparison(name) for name in _COMPARISONS},
}
