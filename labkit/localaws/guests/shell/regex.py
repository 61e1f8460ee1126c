"""POSIX regular expressions (grep, sed, ``[[ =~ ]]``) in Python's terms.

Only the notation is translated. Subjects are kept short and nested repeats are refused, because a
pattern that takes for ever would stop the whole world.

Source: POSIX, "Regular Expressions"; GNU grep manual, "Regular Expressions".
"""

from __future__ import annotations

import functools
import re

from .patterns import bracket_body

_NESTED = re.compile(r"\([^()]*[*+}][^()]*\)[*+{]")
_BRACKET = re.compile(r"\[\^?\]?(?:\[:\w+:\]|[^\]])*\]")


class RegexError(Exception):
    """The expression is not one, or not one that is understood here."""


@functools.lru_cache(maxsize=256)
def compile_posix(text: str, *, extended: bool, ignore_case: bool = False) -> re.Pattern[str]:
    """The compiled form of a basic or extended expression; raises ``RegexError``."""
    translated = _translate(text, extended=extended)
    if _NESTED.search(translated):
        raise RegexError("nested repeats are not understood here")
    try:
        return re.compile(translated, re.IGNORECASE if ignore_case else 0)
    except re.error as error:
        raise RegexError(str(error)) from error


def _translate(text: str, *, extended: bool) -> str:
    made: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char == "[":
            match = _BRACKET.match(text, at)
            if match is None:
                raise RegexError("Unmatched [, [^, [:, [., or [=")
            inner = match.group()[1:-1]
            negated = inner.startswith("^")
            made.append(f"[{'^' if negated else ''}{bracket_body(inner[negated:])}]")
            at = match.end()
            continue
        if char == "\\" and at + 1 < len(text):
            made.append(_escaped(text[at + 1], extended=extended))
            at += 2
            continue
        made.append(_plain(char, extended=extended, first=at == 0))
        at += 1
    return "".join(made)


def _escaped(char: str, *, extended: bool) -> str:
    if not extended and char in "(){}|+?":
        return char
    if char in "<>":
        return r"\b"
    if char in "wWsSbB" or char.isdigit():
        return "\\" + char
    return {"n": "\n", "t": "\t"}.get(char) or re.escape(char)


def _plain(char: str, *, extended: bool, first: bool) -> str:
    if not extended and char in "(){}|+?":
        return re.escape(char)
    if char == "*" and first:
        return r"\*"
    return char
