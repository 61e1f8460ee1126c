"""Shell patterns (``*``, ``?``, ``[…]``) as regular expressions.

Source: Bash reference manual, "Pattern Matching"; POSIX, "RE Bracket Expression".
"""

from __future__ import annotations

import functools
import re

Segment = tuple[str, bool]
"""Some text, and whether it was quoted, so that no character in it is special."""

_CLASSES = {
    "alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z",
    "space": r"\s", "blank": r" \t", "punct": r"!-/:-@\[-`{-~", "xdigit": "0-9A-Fa-f",
    "print": r"\x20-\x7e", "graph": r"\x21-\x7e", "cntrl": r"\x00-\x1f\x7f",
}  # fmt: skip
_CLASS = re.compile(r"\[:(\w+):\]")
MAGIC = re.compile(r"[*?\[]")


def pattern(segments: list[Segment]) -> str:
    """The regular expression that finds a pattern within a text."""
    return ".*".join(_between_stars(segments, path=False))


def whole(segments: list[Segment], *, path: bool = False) -> re.Pattern[str]:
    """The regular expression that matches a whole text. In a ``path``, ``*`` and ``?`` don't match a slash.

    A piece between two ``*`` matches at its first occurrence, without backtracking. A later occurrence wouldn't match
    more texts, and trying them all could take exponential time.
    """
    any_chars = "[^/]*" if path else ".*"
    first, *others = _between_stars(segments, path=path)
    if not others:
        return re.compile(first, re.DOTALL)
    middle = "".join(f"(?>{any_chars}?{piece})" for piece in others[:-1])
    return re.compile(f"{first}{middle}{any_chars}{others[-1]}", re.DOTALL)


def stars(segments: list[Segment]) -> int:
    """The number of ``*`` in a pattern."""
    return len(_between_stars(segments, path=False)) - 1


def _between_stars(segments: list[Segment], *, path: bool) -> list[str]:
    found = [""]
    for text, quoted in segments:
        if quoted:
            found[-1] += re.escape(text)
            continue
        first, *others = _translate(text, path=path)
        found[-1] += first
        found.extend(others)
    return found


@functools.lru_cache(maxsize=512)
def _translate(text: str, *, path: bool) -> tuple[str, ...]:
    any_char = "[^/]" if path else "."
    pieces: list[str] = [""]
    at = 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == "*":
            pieces.append("")
        elif char == "?":
            pieces[-1] += any_char
        elif char == "[" and (bracket := _bracket(text, at - 1)) is not None:
            pieces[-1] += bracket[0]
            at = bracket[1]
        elif char == "\\" and at < len(text):
            pieces[-1] += re.escape(text[at])
            at += 1
        else:
            pieces[-1] += re.escape(char)
    return tuple(pieces)


def _bracket(text: str, at: int) -> tuple[str, int] | None:
    end = at + 1
    if text[end : end + 1] in ("!", "^"):
        end += 1
    if text[end : end + 1] == "]":
        end += 1
    while end < len(text) and text[end] != "]":
        inner = _CLASS.match(text, end)
        end = inner.end() if inner else end + 1
    if end >= len(text):
        return None
    body = text[at + 1 : end]
    negated = body[:1] in ("!", "^")
    body = bracket_body(body[1:] if negated else body)
    return f"[{'^' if negated else ''}{body}]", end + 1


def bracket_body(body: str) -> str:
    """Translate the inside of a POSIX bracket expression for ``re``."""
    made: list[str] = []
    at = 0
    while at < len(body):
        named = _CLASS.match(body, at)
        if named:
            made.append(_CLASSES.get(named.group(1), ""))
            at = named.end()
            continue
        char = body[at]
        made.append("\\" + char if char in "\\[]&~|^" else char)
        at += 1
    return "".join(made)


def matches(segments: list[Segment], text: str) -> bool:
    """Whether the whole of ``text`` matches a pattern."""
    return whole(segments).fullmatch(text) is not None
