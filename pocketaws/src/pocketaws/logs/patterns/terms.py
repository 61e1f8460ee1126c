"""Patterns of words and phrases: ``ERROR -"not found"``, ``?a ?b``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .pattern import EVERYTHING, Pattern, invalid

# What a bare term may have beside letters and digits is not documented in full: "@" and "/" are known
# to be refused ("Invalid filter pattern"), addresses to pass.
_TERM = re.compile(
    r'(?P<sign>[?-]?)(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[\w.][\w.-]*))(?=\s|$)', re.DOTALL
)
_SPACE = re.compile(r"\s+")

Role = Literal["needed", "optional", "excluded"]
_ROLES: dict[str, Role] = {"": "needed", "?": "optional", "-": "excluded"}


@dataclass(frozen=True, slots=True)
class Term:
    """A text that is looked for as it stands, anywhere in the message."""

    role: Role
    text: str


def parse_terms(pattern: str) -> list[Term]:
    """The terms of a pattern, in order; raises ``AwsError`` where it is not made of terms."""
    terms: list[Term] = []
    position = 0
    while position < len(pattern):
        if space := _SPACE.match(pattern, position):
            position = space.end()
            continue
        match = _TERM.match(pattern, position)
        if match is None:
            raise invalid()
        quoted = match["quoted"]
        text = match["bare"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL)
        terms.append(Term(_ROLES[match["sign"]], text))
        position = match.end()
    return terms


def compile_terms(pattern: str) -> Pattern:
    """All needed terms and none of the excluded ones, or any of the optional ones.

    A phrase of nothing but spaces is in every message. Optional terms count only among themselves:
    beside terms of another kind AWS ignores them.
    """
    terms = parse_terms(pattern)
    needed = [t.text for t in terms if t.role == "needed" and t.text.strip()]
    excluded = [t.text for t in terms if t.role == "excluded" and t.text]
    if all(t.role == "optional" for t in terms):
        optional = [t.text for t in terms]
        if any(not text.strip() for text in optional):
            return EVERYTHING
        return Pattern(needles=tuple(text.encode() for text in optional))
    if not needed and not excluded:
        return EVERYTHING
    needles = (max(needed, key=len).encode(),) if needed else ()
    if len(needed) == 1 and not excluded:
        return Pattern(needles)

    def test(messages: Sequence[str]) -> list[bool]:
        return [
            all(text in message for text in needed)
            and not any(text in message for text in excluded)
            for message in messages
        ]

    return Pattern(needles, test)
