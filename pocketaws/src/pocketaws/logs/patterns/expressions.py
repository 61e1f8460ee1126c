"""Conditions joined by ``&&``, ``||``, and parentheses, shared by JSON and field patterns."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from ..regex import Regex
from .pattern import invalid
from .values import Literal, parse_regex

MAX_DEPTH = 50
MAX_REGEXES = 2
"""Source: "Filter pattern syntax …", quotas of JSON and delimited patterns."""

Row = TypeVar("Row")
Row_contra = TypeVar("Row_contra", contravariant=True)

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_REGEX = re.compile(r"%([^%]*)%")
_BARE = re.compile(r"[\w.*:/@+-]+")
_OPERATOR = re.compile(r"!=|>=|<=|=|>|<")
_SPACE = re.compile(r"\s*")


class Condition(Protocol[Row_contra]):
    """A condition that can test many rows at once."""

    def test(self, rows: Sequence[Row_contra]) -> list[bool]: ...

    def needles(self) -> tuple[bytes, ...]:
        """Return byte strings of which every matching message contains at least one.

        An empty tuple means that nothing is known.
        """


@dataclass(frozen=True, slots=True)
class Both(Generic[Row]):
    """``left && right``."""

    left: Condition[Row]
    right: Condition[Row]

    def test(self, rows: Sequence[Row]) -> list[bool]:
        return list(map(operator.and_, self.left.test(rows), self.right.test(rows)))

    def needles(self) -> tuple[bytes, ...]:
        sides = [side for side in (self.left.needles(), self.right.needles()) if side]
        return max(sides, key=lambda side: min(map(len, side)), default=())


@dataclass(frozen=True, slots=True)
class Either(Generic[Row]):
    """``left || right``."""

    left: Condition[Row]
    right: Condition[Row]

    def test(self, rows: Sequence[Row]) -> list[bool]:
        return list(map(operator.or_, self.left.test(rows), self.right.test(rows)))

    def needles(self) -> tuple[bytes, ...]:
        left, right = self.left.needles(), self.right.needles()
        return tuple(dict.fromkeys(left + right)) if left and right else ()


class Reader:
    """A pattern and the current position in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.regexes = 0

    def skip_space(self) -> None:
        match = _SPACE.match(self.text, self.position)
        self.position = match.end() if match else self.position

    @property
    def at_end(self) -> bool:
        self.skip_space()
        return self.position == len(self.text)

    def take(self, text: str) -> bool:
        """Consume ``text`` if it comes next, and return whether it did."""
        self.skip_space()
        if not self.text.startswith(text, self.position):
            return False
        self.position += len(text)
        return True

    def match(self, regex: re.Pattern[str]) -> re.Match[str] | None:
        """Consume and return the match of ``regex`` at this position, if any."""
        match = regex.match(self.text, self.position)
        if match is not None:
            self.position = match.end()
        return match

    def operator(self) -> str | None:
        self.skip_space()
        match = self.match(_OPERATOR)
        return match[0] if match else None

    def value(self) -> Literal | Regex:
        """Parse a value to compare with; raises ``AwsError`` if none comes next."""
        self.skip_space()
        if match := self.match(_QUOTED):
            return Literal(re.sub(r"\\(.)", r"\1", match[1], flags=re.DOTALL), quoted=True)
        if match := self.match(_REGEX):
            self.regexes += 1
            if self.regexes > MAX_REGEXES:
                raise invalid()
            return parse_regex(match[1])
        if match := self.match(_BARE):
            return Literal(match[0], quoted=False)
        raise invalid()


def parse_expression(
    reader: Reader, condition: Callable[[Reader], Condition[Row]], depth: int = 0
) -> Condition[Row]:
    """Parse conditions joined by ``||``, with ``&&`` binding tighter; raises ``AwsError``."""
    found = _parse_both(reader, condition, depth)
    while reader.take("||"):
        found = Either(found, _parse_both(reader, condition, depth))
    return found


def _parse_both(
    reader: Reader, condition: Callable[[Reader], Condition[Row]], depth: int
) -> Condition[Row]:
    found = _parse_one(reader, condition, depth)
    while reader.take("&&"):
        found = Both(found, _parse_one(reader, condition, depth))
    return found


def _parse_one(
    reader: Reader, condition: Callable[[Reader], Condition[Row]], depth: int
) -> Condition[Row]:
    if not reader.take("("):
        return condition(reader)
    if depth == MAX_DEPTH:
        raise invalid()
    found = parse_expression(reader, condition, depth + 1)
    if not reader.take(")"):
        raise invalid()
    return found
