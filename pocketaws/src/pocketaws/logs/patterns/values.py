"""Operands of conditions: text with wildcards, numbers, regular expressions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..regex import BadRegexError, Regex, compile_regex
from .pattern import invalid

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")
_REGEX = re.compile(
    r"(?:[A-Za-z0-9:_#=@/;,\- ^$?\[\]{}|*+.]|\\[dDsSwW]|\\x[0-9A-Fa-f]{2}|\\[^\w()])*", re.ASCII
)
_BOUNDS = re.compile(r"(?<!\\)\{\s*(\d*)\s*,\s*(\d*)\s*\}")


@dataclass(frozen=True, slots=True)
class Literal:
    """Text to compare with, verbatim or with ``*`` wildcards."""

    text: str
    quoted: bool

    @property
    def parts(self) -> list[str]:
        return self.text.split("*")

    @property
    def number(self) -> float | None:
        return None if self.quoted else to_number(self.text)

    def equals(self, value: str) -> bool:
        """Compare with a text, in time linear in its length however many ``*`` there are."""
        first, *rest = self.parts
        if not rest:
            return value == first
        *middle, last = rest
        if len(value) < len(first) + len(last):
            return False
        if not (value.startswith(first) and value.endswith(last)):
            return False
        position, end = len(first), len(value) - len(last)
        for part in middle:
            found = value.find(part, position, end)
            if found < 0:
                return False
            position = found + len(part)
        return True


def to_number(text: str) -> float | None:
    """Convert text to a number, or return ``None`` if it isn't numeric."""
    if _NUMBER.fullmatch(text) is None:
        return None
    return float(text)


def parse_regex(text: str) -> Regex:
    """Parse the regular expression between two ``%``; raises ``AwsError``.

    Filter patterns allow fewer characters than RE2: no parentheses, and only ASCII.
    """
    if not text or _REGEX.fullmatch(text) is None:
        raise invalid(f"Invalid character(s) in term '%{text}%'")
    bounded = _BOUNDS.sub(lambda m: f"{{{m[1] or 0},{m[2]}}}", text)
    try:
        return compile_regex(f"(?s:{bounded})")
    except BadRegexError as error:
        raise invalid() from error


def any_match(regex: Regex, rows: Sequence[Sequence[str]]) -> list[bool]:
    """Return, for each row of texts, whether the expression matches in any of them."""
    flat = [text for row in rows for text in row]
    found = iter(regex.matches(flat))
    # Use a list, not a generator: skipping a result would shift the results of later rows.
    return [any([next(found) for _ in row]) for row in rows]  # noqa: C419
