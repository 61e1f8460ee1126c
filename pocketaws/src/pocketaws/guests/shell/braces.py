"""Brace expansion: ``{a,b}``, ``{1..5}``. Source: Bash reference manual, "Brace Expansion"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .signals import LimitError
from .syntax import Part, Text, Word

_RANGE = re.compile(r"(-?\d+|[A-Za-z])\.\.(-?\d+|[A-Za-z])(?:\.\.(-?\d+))?$")
_MAX_WORDS = 10000


def expand_braces(word: Word) -> list[Word]:
    """The words that one word with braces stands for."""
    if not any(isinstance(p, Text) and not p.quoted and "{" in p.text for p in word.parts):
        return [word]
    units = _units(word.parts)
    return [Word(tuple(made)) for made in _expand(units)]


def _units(parts: Sequence[Part]) -> list[Part]:
    """Parts in which every unquoted character stands alone."""
    units: list[Part] = []
    for part in parts:
        if isinstance(part, Text) and not part.quoted:
            units.extend(Text(char) for char in part.text)
        else:
            units.append(part)
    return units


def _sign(unit: Part) -> str:
    return unit.text if isinstance(unit, Text) and not unit.quoted else ""


def _expand(units: list[Part]) -> list[list[Part]]:
    for start, unit in enumerate(units):
        if _sign(unit) != "{":
            continue
        found = _alternatives(units, start)
        if found is None:
            continue
        choices, end = found
        tails = _expand(units[end:])
        if len(choices) * len(tails) > _MAX_WORDS:
            raise LimitError("too many words in braces")
        return [
            _join([*units[:start], *middle, *tail])
            for choice in choices
            for middle in _expand(choice)
            for tail in tails
        ]
    return [_join(units)]


def _alternatives(units: list[Part], start: int) -> tuple[list[list[Part]], int] | None:
    depth = 0
    choices: list[list[Part]] = [[]]
    for at in range(start + 1, len(units)):
        sign = _sign(units[at])
        if sign == "}" and depth == 0:
            if len(choices) > 1:
                return choices, at + 1
            sequence = _sequence("".join(_sign(unit) for unit in choices[0]))
            return (sequence, at + 1) if sequence is not None else None
        if sign == "," and depth == 0:
            choices.append([])
            continue
        depth += {"{": 1, "}": -1}.get(sign, 0)
        choices[-1].append(units[at])
    return None


def _sequence(text: str) -> list[list[Part]] | None:
    match = _RANGE.match(text)
    if match is None:
        return None
    first, last, step = match.groups()
    letters = first.isalpha() and last.isalpha()
    if not letters and (first.isalpha() or last.isalpha()):
        return None
    begin, end = (ord(first), ord(last)) if letters else (int(first), int(last))
    stride = abs(int(step)) if step and int(step) else 1
    if abs(end - begin) // stride > _MAX_WORDS:
        raise LimitError("too many words in braces")
    numbers = range(begin, end + 1, stride) if begin <= end else range(begin, end - 1, -stride)
    padded = not letters and any(re.match(r"-?0\d", t) for t in (first, last))
    width = max(len(first), len(last)) if padded else 0
    return [[Text(chr(n) if letters else f"{n:0{width}d}")] for n in numbers]


def _join(units: list[Part]) -> list[Part]:
    made: list[Part] = []
    for unit in units:
        if made and _sign(unit) and isinstance(made[-1], Text) and not made[-1].quoted:
            made[-1] = Text(made[-1].text + _sign(unit))
        else:
            made.append(unit)
    return made
