"""Patterns of words and phrases: ``ERROR -"not found"``, ``?a ?b``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .pattern import EVERYTHING, Pattern, invalid

# AWS doesn't fully document which characters a bare term can contain besides letters and digits.
# It's known to reject "@" and "/" ("Invalid filter pattern"), and to accept addresses.
_TERM = re.compile(
    r'(?P<sign>[?-]?)(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[\w.][\w.-]*))(?=\s|$)', re.DOTALL
)
_SPACE = re.compile(r"\s+")

Role = Literal["needed", "optional", "excluded"]
_ROLES: dict[str, Role] = {"": "needed", "?": "optional", "-": "excluded"}


@dataclass(frozen=True, slots=True)
class Term:
    """Text to find verbatim, anywhere in the message."""

    role: Role
    text: str


def parse_terms(pattern: str) -> list[Term]:
    """Parse a pattern into its terms, in order; raises ``AwsError`` if it has any other syntax."""
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
    """Match all required and no excluded terms, or else any of the optional terms.

    A phrase of only spaces matches every message. AWS ignores optional terms next to terms of
    another kind.
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
