"""Patterns for JSON properties: ``{ $.user.id = 1 && $.tags[*] != "x*" }``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..regex import Regex
from .expressions import COMPARISONS, Condition, Reader, parse_expression
from .pattern import Pattern, invalid
from .values import Literal, any_match

MAX_WILDCARDS = 3
_COST = 12

_NAME = re.compile(r"[A-Za-z0-9_-]+")
_BRACKET = re.compile(r"\[(?:(?P<index>\d{1,9})|(?P<any>\*)|'(?P<name>[^']+)')\]")
_KEYWORDS = re.compile(r"IS\s+(?P<what>NULL|TRUE|FALSE)\b|(?P<absent>NOT\s+EXISTS)\b")
# Characters that JSON writes either literally or as \uXXXX, with no shorter escape.
_PLAIN = re.compile(r"[A-Za-z0-9_.-]+")
_LETTERS = re.compile(r"[A-DF-Za-df-z]")
_CONSTANTS = {"NULL": None, "TRUE": True, "FALSE": False}


class _Anything:
    """The wildcard step, ``*``."""


_ANY: Final = _Anything()
Step = str | int | _Anything
Document = Any


@dataclass(frozen=True, slots=True)
class Selector:
    """A path into a document; a ``*`` can select several values."""

    steps: tuple[Step, ...]

    def values(self, document: Document) -> list[Any]:
        """Return the values that the path selects, or an empty list."""
        found = [document]
        for step in self.steps:
            found = [value for parent in found for value in _children(parent, step)]
        return found

    def needles(self) -> tuple[bytes, ...]:
        names = [step for step in self.steps if isinstance(step, str) and _PLAIN.fullmatch(step)]
        return (max(names, key=len).encode(), b"\\u") if names else ()


def _children(parent: Any, step: Step) -> Iterable[Any]:
    if isinstance(step, _Anything):
        if isinstance(parent, dict):
            return parent.values()
        return parent if isinstance(parent, list) else ()
    if isinstance(step, str):
        return (parent[step],) if isinstance(parent, dict) and step in parent else ()
    return (parent[step],) if isinstance(parent, list) and step < len(parent) else ()


@dataclass(frozen=True, slots=True)
class _Comparison:
    selector: Selector
    operator: str
    literal: Literal

    def test(self, rows: Sequence[Document]) -> list[bool]:
        return [any(map(self._holds, self.selector.values(row))) for row in rows]

    def _holds(self, value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return False
        if self.operator in COMPARISONS:
            number = self.literal.number
            if isinstance(value, str) or number is None:
                return False
            return COMPARISONS[self.operator](value, number)
        return self._equals(value) == (self.operator == "=")

    def _equals(self, value: str | float) -> bool:
        if isinstance(value, str):
            return self.literal.equals(value)
        number = self.literal.number
        return value == number if number is not None else self.literal.equals(str(value))

    def needles(self) -> tuple[bytes, ...]:
        if self.operator == "=":
            plain = [run for part in self.literal.parts for run in _PLAIN.findall(part)]
            # The digits can be part of a number that's written differently, such as 1e3.
            plain = [run for run in plain if len(run) > 2 and _LETTERS.search(run)]
            if plain:
                return max(plain, key=len).encode(), b"\\u"
        return self.selector.needles()


@dataclass(frozen=True, slots=True)
class _Matching:
    selector: Selector
    regex: Regex
    negated: bool

    def test(self, rows: Sequence[Document]) -> list[bool]:
        texts = [
            [
                value if isinstance(value, str) else json.dumps(value)
                for value in self.selector.values(row)
                if isinstance(value, str | int | float) and not isinstance(value, bool)
            ]
            for row in rows
        ]
        found = any_match(self.regex, texts)
        if not self.negated:
            return found
        return [bool(row) and not hit for row, hit in zip(texts, found, strict=True)]

    def needles(self) -> tuple[bytes, ...]:
        return self.selector.needles()


@dataclass(frozen=True, slots=True)
class _Is:
    selector: Selector
    constant: bool | None

    def test(self, rows: Sequence[Document]) -> list[bool]:
        return [any(v is self.constant for v in self.selector.values(row)) for row in rows]

    def needles(self) -> tuple[bytes, ...]:
        return self.selector.needles()


@dataclass(frozen=True, slots=True)
class _Absent:
    selector: Selector

    def test(self, rows: Sequence[Document]) -> list[bool]:
        return [not self.selector.values(row) for row in rows]

    def needles(self) -> tuple[bytes, ...]:
        return ()


def compile_json(text: str) -> Pattern:
    """Compile the text between ``{`` and ``}``; raises ``AwsError``."""
    reader = Reader(text)
    wildcards = 0

    def condition(reader: Reader) -> Condition[Document]:
        nonlocal wildcards
        selector = _parse_selector(reader)
        wildcards += sum(isinstance(step, _Anything) for step in selector.steps)
        if wildcards > MAX_WILDCARDS:
            raise invalid()
        return _parse_condition(reader, selector)

    expression = parse_expression(reader, condition)
    if not reader.at_end:
        raise invalid()

    def test(messages: Sequence[str]) -> list[bool]:
        documents = [parse_document(message) for message in messages]
        found = expression.test(documents)
        return [hit and doc is not None for hit, doc in zip(found, documents, strict=True)]

    return Pattern(expression.needles(), test, _COST)


def parse_document(message: str) -> Document | None:
    """Parse a message as a JSON object or array; return None if it's neither."""
    if not message.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(message, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _parse_condition(reader: Reader, selector: Selector) -> Condition[Document]:
    operator = reader.operator()
    if operator is None:
        match = reader.match(_KEYWORDS)
        if match is None:
            raise invalid()
        return _Absent(selector) if match["absent"] else _Is(selector, _CONSTANTS[match["what"]])
    value = reader.value()
    if isinstance(value, Regex):
        if operator in COMPARISONS:
            raise invalid()
        return _Matching(selector, value, negated=operator == "!=")
    if operator in COMPARISONS and value.number is None:
        raise invalid()
    return _Comparison(selector, operator, value)


def _parse_selector(reader: Reader) -> Selector:
    if not reader.take("$"):
        raise invalid()
    steps: list[Step] = []
    while True:
        dotted = reader.text.startswith(".", reader.position)
        reader.position += dotted
        if match := reader.match(_BRACKET):
            named = match["name"] if match["index"] is None else int(match["index"])
            steps.append(_ANY if match["any"] else named)
        elif dotted and reader.text.startswith("*", reader.position):
            reader.position += 1
            steps.append(_ANY)
        elif dotted and (match := reader.match(_NAME)):
            steps.append(match[0])
        elif dotted or not steps:
            raise invalid()
        else:
            break
    if sum(isinstance(step, _Anything) for step in steps) > 1:
        raise invalid()
    return Selector(tuple(steps))
