"""One value of an event against one entry of a pattern's list.

Source: EventBridge user guide, "Comparison operators for use in event patterns".
"""

from __future__ import annotations

import functools
import ipaddress
import operator
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

Matcher = Callable[[Any], bool]

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_LARGEST = Decimal("5.0e9")


class PatternError(ValueError):
    """A pattern that EventBridge would not take; says why."""


class Number(str):
    """A JSON number as it was written: plain matching compares the text (``300`` is not ``3.0e2``)."""

    __slots__ = ()

    @property
    def value(self) -> Decimal:
        return Decimal(str(self))


def is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, Number)


def matcher(entry: Any) -> Matcher:
    """The test that one entry of a pattern's list stands for; raises ``PatternError``.

    ``exists: false`` is no test of a value; ``pattern`` handles it.
    """
    if isinstance(entry, list):
        raise PatternError("Match value must be String, number, true, false, or null")
    if not isinstance(entry, dict):
        return functools.partial(_same, entry)
    if len(entry) != 1:
        raise PatternError("Only one key allowed in match expression")
    ((kind, operand),) = entry.items()
    make = _KINDS.get(kind)
    if make is None:
        raise PatternError(f"Unrecognized match type {kind}")
    return make(operand)


def _same(wanted: Any, value: Any) -> bool:
    return type(wanted) is type(value) and bool(wanted == value)


def _prefix(operand: Any) -> Matcher:
    if isinstance(operand, dict):
        start = _ignoring_case(operand, "prefix")
        return lambda value: is_text(value) and value.casefold().startswith(start)
    start = _text(operand, "prefix")
    return lambda value: is_text(value) and value.startswith(start)


def _suffix(operand: Any) -> Matcher:
    if isinstance(operand, dict):
        end = _ignoring_case(operand, "suffix")
        return lambda value: is_text(value) and value.casefold().endswith(end)
    end = _text(operand, "suffix")
    return lambda value: is_text(value) and value.endswith(end)


def _ignoring_case(operand: dict[str, Any], kind: str) -> str:
    if set(operand) != {"equals-ignore-case"}:
        raise PatternError(f"Unsupported {kind} pattern: only equals-ignore-case is allowed")
    return _text(operand["equals-ignore-case"], kind).casefold()


def _equals_ignore_case(operand: Any) -> Matcher:
    wanted = _text(operand, "equals-ignore-case").casefold()
    return lambda value: is_text(value) and value.casefold() == wanted


def _wildcard(operand: Any) -> Matcher:
    text = _text(operand, "wildcard")
    if "**" in text.replace("\\*", ""):
        raise PatternError("Consecutive wildcard characters at pos 0")
    parts: list[str] = []
    characters = iter(text)
    for character in characters:
        if character == "*":
            parts.append(".*")
        elif character == "\\":
            escaped = next(characters, "")
            if escaped not in {"*", "\\"}:
                raise PatternError("Invalid escape character at pos 0")
            parts.append(re.escape(escaped))
        else:
            parts.append(re.escape(character))
    wanted = re.compile("".join(parts), re.DOTALL)
    return lambda value: is_text(value) and wanted.fullmatch(value) is not None


def _cidr(operand: Any) -> Matcher:
    text = _text(operand, "cidr")
    if "/" not in text:
        raise PatternError("Malformed CIDR, one '/' required")
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise PatternError(f"Malformed CIDR: {text}") from error

    def inside(value: Any) -> bool:
        if not is_text(value):
            return False
        try:
            return ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return inside


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
        if kind not in {"prefix", "suffix", "equals-ignore-case", "wildcard"}:
            raise PatternError(f"Unsupported anything-but pattern: {kind}")
        refused = [_KINDS[kind](each) for each in (inner if isinstance(inner, list) else [inner])]
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
    "suffix": _suffix,
    "equals-ignore-case": _equals_ignore_case,
    "wildcard": _wildcard,
    "cidr": _cidr,
    "numeric": _numeric,
    "anything-but": _anything_but,
    "exists": _exists,
}

RESERVED = frozenset(_KINDS)
