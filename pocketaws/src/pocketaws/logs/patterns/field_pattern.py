"""Patterns for space-delimited fields: ``[ip, user, ..., status = 4*, bytes > 1000]``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..regex import Regex
from .expressions import COMPARISONS, Condition, Reader, parse_expression
from .pattern import Pattern, invalid
from .values import Literal, to_number

_COST = 12
_NAME = re.compile(r"[A-Za-z0-9_.$-]+")
_WORD = re.compile(r"\S+")
_SPACE = re.compile(r"\s*")

Field = str


@dataclass(frozen=True, slots=True)
class _Comparison:
    operator: str
    value: Literal | Regex

    def test(self, rows: Sequence[Field]) -> list[bool]:
        if isinstance(self.value, Regex):
            found = self.value.matches(rows)
        elif self.operator in COMPARISONS:
            return [self._compares(self.value, field) for field in rows]
        else:
            found = [_equals(self.value, field) for field in rows]
        return [hit == (self.operator == "=") for hit in found]

    def _compares(self, literal: Literal, field: Field) -> bool:
        number, limit = to_number(field), literal.number
        if number is None or limit is None:
            return False
        return COMPARISONS[self.operator](number, limit)

    def needles(self) -> tuple[bytes, ...]:
        if self.operator != "=" or isinstance(self.value, Regex) or self.value.number is not None:
            return ()
        longest = max(self.value.parts, key=len)
        return (longest.encode(),) if longest else ()


def _equals(literal: Literal, field: Field) -> bool:
    if literal.equals(field):
        return True
    number = literal.number
    return number is not None and to_number(field) == number


@dataclass(frozen=True, slots=True)
class _Slot:
    """One field of a pattern; without a name (``...``), any number of fields."""

    name: str | None
    condition: Condition[Field] | None = None


def compile_fields(text: str) -> Pattern:
    """Compile the text between ``[`` and ``]``; raises ``AwsError``.

    Without ``...``, the last field takes the rest of the message, as in AWS's own ``[timestamp=*Z,
    request_id="*-*", event]`` for Lambda logs.
    """
    slots = _parse_slots(Reader(text))
    needles = [slot.condition.needles() for slot in slots if slot.condition is not None]
    best = max((n for n in needles if n), key=lambda n: min(map(len, n)), default=())

    def test(messages: Sequence[str]) -> list[bool]:
        rows = [_fit(slots, message) for message in messages]
        found = [row is not None for row in rows]
        for place, slot in enumerate(slots):
            if slot.condition is None:
                continue
            alive = [(i, row[place]) for i, row in enumerate(rows) if row is not None and found[i]]
            answers = slot.condition.test([field for _, field in alive])
            for (i, _), answer in zip(alive, answers, strict=True):
                found[i] = answer
        return found

    return Pattern(best, test, _COST)


def _parse_slots(reader: Reader) -> tuple[_Slot, ...]:
    slots: list[_Slot] = []
    while True:
        slots.append(_parse_slot(reader))
        if reader.at_end:
            break
        if not reader.take(","):
            raise invalid()
    names = [slot.name for slot in slots]
    if len(set(names)) != len(names):
        raise invalid()
    return tuple(slots)


def _parse_slot(reader: Reader) -> _Slot:
    if reader.take("..."):
        return _Slot(None)
    begin = reader.position
    while reader.take("("):
        pass
    match = reader.match(_NAME)
    if match is None:
        raise invalid()
    name = match[0]
    if reader.operator() is None:
        if reader.text[begin : match.start()].strip():
            raise invalid()
        return _Slot(name)
    reader.position = begin

    def condition(reader: Reader) -> Condition[Field]:
        reader.skip_space()
        own = reader.match(_NAME)
        operator = reader.operator()
        if own is None or own[0] != name or operator is None:
            raise invalid()
        value = reader.value()
        if operator in COMPARISONS and (isinstance(value, Regex) or value.number is None):
            raise invalid()
        return _Comparison(operator, value)

    return _Slot(name, parse_expression(reader, condition))


def _fit(slots: tuple[_Slot, ...], message: str) -> list[Field] | None:
    """Return the field for each slot ("" for ``...``), or None if the message has too few."""
    gap = next((place for place, slot in enumerate(slots) if slot.name is None), None)
    fields = split_fields(message)
    if gap is None:
        if len(fields) < len(slots):
            return None
        found = [text for text, _ in fields[: len(slots)]]
        if len(fields) > len(slots):
            found[-1] = message[fields[len(slots) - 1][1] :].rstrip()
        return found
    after = len(slots) - gap - 1
    if len(fields) < len(slots) - 1:
        return None
    texts = [text for text, _ in fields]
    return [*texts[:gap], "", *texts[len(texts) - after :]]


def split_fields(message: str) -> list[tuple[Field, int]]:
    """Split a message into fields and their offsets; ``[…]`` and ``"…"`` are one field each."""
    fields: list[tuple[Field, int]] = []
    position, length = 0, len(message)
    closers = {"[": "]", '"': '"'}
    while True:
        space = _SPACE.match(message, position)
        position = space.end() if space else position
        if position == length:
            return fields
        closer = closers.get(message[position])
        if closer is not None:
            end = message.find(closer, position + 1)
            if end >= 0:
                fields.append((message[position + 1 : end], position))
                position = end + 1
                continue
            # No closing delimiter is left, so stop looking for one.
            closers = {o: c for o, c in closers.items() if c != closer}
        word = _WORD.match(message, position)
        end = word.end() if word else length
        fields.append((message[position:end], position))
        position = end
