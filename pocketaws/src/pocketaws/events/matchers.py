"""Matches one value of an event against one entry of a pattern's list.

Source: EventBridge user guide, "Comparison operators for use in event patterns".
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ..errors import AwsError

Matcher = Callable[[Any], bool]

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_LARGEST = Decimal("5.0e9")
NOT_EMULATED = frozenset({"suffix", "equals-ignore-case", "wildcard", "cidr"})
"""EventBridge operators that the emulator rejects by name."""


class PatternError(ValueError):
    """EventBridge wouldn't accept the pattern; the message says why."""


def _not_emulated(what: str) -> AwsError:
    return AwsError("NotImplemented", f"pocketaws doesn't emulate event patterns with {what}.", 501)


class Number(str):
    """A JSON number as written: exact matching compares the text (``300`` isn't ``3.0e2``)."""

    __slots__ = ()

    @property
    def value(self) -> Decimal:
        return Decimal(str(self))


def is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, Number)


def matcher(entry: Any) -> Matcher:
    """Build the test for one pattern entry; raises ``PatternError`` or ``NotImplemented``.

    ``exists: false`` isn't a test of a value, so ``pattern`` handles it.
    """
    if isinstance(entry, list):
        raise PatternError("Match value must be String, number, true, false, or null")
    if not isinstance(entry, dict):
        return functools.partial(_same, entry)
    if len(entry) != 1:
        raise PatternError("Only one key allowed in match expression")
    ((kind, operand),) = entry.items()
    if kind in NOT_EMULATED:
        raise _not_emulated(kind)
    make = _KINDS.get(kind)
    if make is None:
        raise PatternError(f"Unrecognized match type {kind}")
    return make(operand)


def _same(wanted: Any, value: Any) -> bool:
    return type(wanted) is type(value) and bool(wanted == value)


def _prefix(operand: Any) -> Matcher:
    if isinstance(operand, dict):
        raise _not_emulated("prefix with equals-ignore-case")
    start = _text(operand, "prefix")
    return lambda value: is_text(value) and value.startswith(start)


def _numeric(operand: Any) -> Matcher:
    if not isinstance(operand, list) or len(operand) not in {2, 4}:
        raise PatternError("Value of numeric must be an array of operators and numbers")
    tests = []
    for sign, bound in zip(operand[::2], operand[1::2], strict=True):
        if sign not in _COMPARISONS:
            raise PatternError(f"Unrecognized numeric range operator: {sign}")
        if not isinstance(bound, Number) or abs(bound.value) > _LARGEST:
            raise PatternError("Value of numeric operator must be between -5.0E9 and 5.0E9")
        tests.append((_COMPARISONS[sign], bound.value))
    return lambda value: (
        isinstance(value, Number) and all(test(value.value, bound) for test, bound in tests)
    )


def _anything_but(operand: Any) -> Matcher:
    if isinstance(operand, dict):
        if len(operand) != 1:
            raise PatternError("Only one key allowed in match expression")
        ((kind, inner),) = operand.items()
        if kind in NOT_EMULATED:
            raise _not_emulated(f"anything-but with {kind}")
        if kind != "prefix":
            raise PatternError(f"Unsupported anything-but pattern: {kind}")
        refused = [_prefix(each) for each in (inner if isinstance(inner, list) else [inner])]
    else:
        values = operand if isinstance(operand, list) else [operand]
        if not values or len({isinstance(each, Number) for each in values}) != 1:
            message = "Inside anything but list, either all values are number or string"
            raise PatternError(message)
        if not all(isinstance(each, str) for each in values):
            raise PatternError("Value of anything-but must be strings or numbers")
        refused = [functools.partial(_equal, each) for each in values]
    return lambda value: not any(refuses(value) for refuses in refused)


def _equal(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, Number):
        return isinstance(value, Number) and value.value == wanted.value
    return is_text(value) and bool(value == wanted)


def _exists(operand: Any) -> Matcher:
    if operand is not True:
        raise PatternError("exists match pattern must be either true or false.")
    return lambda _value: True


def _text(operand: Any, kind: str) -> str:
    if not is_text(operand):
        raise PatternError(f"{kind} match pattern must be a string")
    return str(operand)


_KINDS: dict[str, Callable[[Any], Matcher]] = {
    "prefix": _prefix,
    "numeric": _numeric,
    "anything-but": _anything_but,
    "exists": _exists,
}
