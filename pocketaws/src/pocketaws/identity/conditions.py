"""The ``Condition`` of a policy statement.

Source: IAM user guide, "IAM JSON policy elements: Condition operators", "Set operators for multivalued
context keys".
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Literal

from .patterns import Context, Pattern, expand

Test = Callable[[str, Context], bool]
"""Whether a value of the request matches the policy's value or one of its values."""

_SETS = {"forallvalues": "all", "foranyvalue": "any"}
_EPOCH = re.compile(r"\d+(\.\d+)?")


class UnknownOperatorError(ValueError):
    """A condition operator that IAM doesn't have."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One key of one operator, compiled."""

    key: str
    test: Test | None
    """``None`` for ``Null``."""
    negated: bool
    if_exists: bool
    over: Literal["one", "all", "any"]
    absent: tuple[bool, ...] = ()
    """For ``Null``: whether the key must be absent."""

    def holds(self, context: Context) -> bool:
        values = context.get(self.key)
        if self.test is None:
            return (not values) in self.absent
        if not values:
            return self._holds_without()
        if self.over == "all" or (self.over == "one" and self.negated):
            return all(self.test(value, context) != self.negated for value in values)
        return any(self.test(value, context) != self.negated for value in values)

    def _holds_without(self) -> bool:
        if self.if_exists or self.over == "all":
            return True
        return self.negated and self.over == "one"


def compile_condition(operator: str, key: str, values: list[str], *, variables: bool) -> Condition:
    """Compile ``{operator: {key: values}}``; raises ``UnknownOperatorError``."""
    name = operator.lower()
    over, _, rest = name.rpartition(":")
    if over and over not in _SETS:
        raise UnknownOperatorError(operator)
    if_exists = rest.endswith("ifexists")
    base = rest.removesuffix("ifexists")
    if base == "null" and not if_exists and not over:
        wanted = tuple(value.lower() == "true" for value in values)
        return Condition(
            key.lower(), None, negated=False, if_exists=False, over="one", absent=wanted
        )
    maker, negated = _operator(base, operator)
    tests = [maker(value, variables) for value in values]
    return Condition(
        key.lower(),
        tests[0]
        if len(tests) == 1
        else lambda value, context: any(t(value, context) for t in tests),
        negated=negated,
        if_exists=if_exists,
        over=_SETS.get(over, "one"),  # type: ignore[arg-type]
    )


def _operator(base: str, operator: str) -> tuple[Callable[[str, bool], Test], bool]:
    maker = _MAKERS.get(base)
    if maker is not None:
        return maker, False
    opposite = _NEGATED.get(base)
    if opposite is None:
        raise UnknownOperatorError(operator)
    return _MAKERS[opposite], True


def _equals(wanted: str, variables: bool) -> Test:  # noqa: FBT001
    if not variables or "${" not in wanted:
        return lambda value, _: value == wanted
    return lambda value, context: value == expand(wanted, context)


def _equals_ignoring_case(wanted: str, variables: bool) -> Test:  # noqa: FBT001
    def test(value: str, context: Context) -> bool:
        expanded = expand(wanted, context, variables=variables)
        return expanded is not None and value.lower() == expanded.lower()

    return test


def _like(wanted: str, variables: bool) -> Test:  # noqa: FBT001
    return Pattern(wanted, variables=variables).matches


def _arn_like(wanted: str, variables: bool) -> Test:  # noqa: FBT001
    return Pattern(wanted, variables=variables, arn=True).matches


def _bool(wanted: str, _variables: bool) -> Test:  # noqa: FBT001
    low = wanted.lower()
    return lambda value, _: value.lower() == low


def _ordered(
    read: Callable[[str], Decimal | None], compare: Callable[[Decimal, Decimal], bool]
) -> Callable[[str, bool], Test]:
    def maker(wanted: str, _variables: bool) -> Test:  # noqa: FBT001
        limit = read(wanted)

        def test(value: str, _: Context) -> bool:
            number = read(value)
            return limit is not None and number is not None and compare(number, limit)

        return test

    return maker


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _date(text: str) -> Decimal | None:
    """Convert an ISO 8601 date, or a number of seconds, to seconds since 1970."""
    if _EPOCH.fullmatch(text):
        return _number(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return Decimal(str(moment.timestamp()))


def _ip(wanted: str, _variables: bool) -> Test:  # noqa: FBT001
    network = _network(wanted)

    def test(value: str, _: Context) -> bool:
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            return False
        return network is not None and address in network

    return test


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


_COMPARISONS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "equals": lambda a, b: a == b,
    "lessthan": lambda a, b: a < b,
    "lessthanequals": lambda a, b: a <= b,
    "greaterthan": lambda a, b: a > b,
    "greaterthanequals": lambda a, b: a >= b,
}
_MAKERS: dict[str, Callable[[str, bool], Test]] = {
    "stringequals": _equals,
    "stringequalsignorecase": _equals_ignoring_case,
    "stringlike": _like,
    "arnequals": _arn_like,
    "arnlike": _arn_like,
    "bool": _bool,
    "binaryequals": _equals,
    "ipaddress": _ip,
    **{f"numeric{name}": _ordered(_number, compare) for name, compare in _COMPARISONS.items()},
    **{f"date{name}": _ordered(_date, compare) for name, compare in _COMPARISONS.items()},
}
_NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "notipaddress": "ipaddress",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
}
