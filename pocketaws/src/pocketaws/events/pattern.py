"""Event patterns, which select a rule's events.

A pattern names fields and gives each a list, of which at least one entry must match. In arrays of
objects, the fields of one pattern must match in the same element: ``{"tags": {"key": ["a"],
"value": ["b"]}}`` matches one tag, not halves of two different tags.

Source: EventBridge user guide, "Event patterns"; README of aws/event-ruler, the engine behind it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from ..errors import AwsError
from .matchers import Matcher, Number, PatternError, matcher

__all__ = ["Pattern", "PatternError"]

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Condition:
    """A pattern's condition on one field; ``absent`` also accepts a missing field."""

    path: Path
    matchers: tuple[Matcher, ...]
    absent: bool


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A value in an event, with its element's index in each array on the path."""

    value: Any
    elements: dict[tuple[str | int, ...], int]

    def beside(self, others: list[_Leaf]) -> bool:
        return all(
            other.elements.get(array, index) == index
            for other in others
            for array, index in self.elements.items()
        )


class Pattern:
    """A compiled pattern: ``Pattern.parse(text)`` or ``Pattern.of(document)``, then ``matches``."""

    def __init__(self, conditions: tuple[_Condition, ...]) -> None:
        self._conditions = conditions

    @classmethod
    def parse(cls, text: str) -> Self:
        """Compile a pattern from JSON text; raises ``PatternError`` or ``NotImplemented``."""
        try:
            document = json.loads(text, parse_int=Number, parse_float=Number)
        except ValueError as error:
            raise PatternError(f"Event pattern is not valid JSON: {error}") from error
        if not isinstance(document, dict):
            raise PatternError("Filter is not an object")
        if not document:
            raise PatternError("Empty filter")
        return cls(tuple(_conditions(document, ())))

    @classmethod
    def of(cls, document: Any) -> Self:
        """Compile a pattern from parsed JSON; raises ``PatternError``."""
        return cls.parse(json.dumps(document))

    def matches(self, event: dict[str, Any]) -> bool:
        """Whether the pattern matches an event (parsed JSON)."""
        leaves: dict[Path, list[_Leaf]] = {}
        as_written = json.loads(json.dumps(event), parse_int=Number, parse_float=Number)
        for path, leaf in _leaves(as_written, (), (), {}):
            leaves.setdefault(path, []).append(leaf)
        return _holds(self._conditions, leaves, [])


def _holds(
    conditions: tuple[_Condition, ...], leaves: dict[Path, list[_Leaf]], chosen: list[_Leaf]
) -> bool:
    if not conditions:
        return True
    first, rest = conditions[0], conditions[1:]
    found = leaves.get(first.path, [])
    if first.absent and not found and _holds(rest, leaves, chosen):
        return True
    return any(
        leaf.beside(chosen)
        and any(test(leaf.value) for test in first.matchers)
        and _holds(rest, leaves, [*chosen, leaf])
        for leaf in found
    )


def _leaves(
    node: Any,
    path: Path,
    place: tuple[str | int, ...],
    elements: dict[tuple[str | int, ...], int],
) -> Iterator[tuple[Path, _Leaf]]:
    if isinstance(node, dict):
        for name, inner in node.items():
            yield from _leaves(inner, (*path, name), (*place, name), elements)
    elif isinstance(node, list):
        for index, inner in enumerate(node):
            yield from _leaves(inner, path, (*place, index), {**elements, place: index})
    else:
        yield path, _Leaf(node, elements)


def _conditions(node: dict[str, Any], path: Path) -> Iterator[_Condition]:
    """Yield the conditions of the pattern below ``path``, which must all be true."""
    for name, inner in node.items():
        if name == "$or":
            message = "pocketaws doesn't emulate event patterns with $or."
            raise AwsError("NotImplemented", message, 501)
        if isinstance(inner, dict):
            if not inner:
                raise PatternError(f'Empty objects are not allowed: "{name}"')
            yield from _conditions(inner, (*path, name))
        elif isinstance(inner, list):
            yield _condition((*path, name), inner)
        else:
            raise PatternError(f'"{name}" must be an object or an array')


def _condition(path: Path, entries: list[Any]) -> _Condition:
    if not entries:
        raise PatternError("Empty arrays are not allowed")
    absent = [entry for entry in entries if entry == {"exists": False}]
    tests = tuple(matcher(entry) for entry in entries if entry != {"exists": False})
    return _Condition(path, tests, bool(absent))
