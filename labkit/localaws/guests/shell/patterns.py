"""Shell patterns (``*``, ``?``, ``[…]``) as regular expressions.

Source: Bash reference manual, "Pattern Matching"; POSIX, "RE Bracket Expression".
"""

from __future__ import annotations

import functools
import re

Segment = tuple[str, bool]
"""Some text, and whether it was quoted (then nothing in it is special)."""

_CLASSES = {
    "alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z",
    "space": r"\s", "blank": r" \t", "punct": r"!-/:-@\[-`{-~", "xdigit": "0-9A-Fa-f",
    "print": r"\x20-\x7e", "graph": r"\x21-\x7e", "cntrl": r"\x00-\x1f\x7f",
}  # fmt: skip
_CLASS = re.compile(r"\[:(\w+):\]")
MAGIC = re.compile(r"[*?\[]")


def pattern(segments: list[Segment], *, greedy: bool = True, path: bool = False) -> str:
    """A regular expression for a pattern; in a ``path``, ``*`` and ``?`` do not match a slash."""
    made: list[str] = []
    for text, quoted in segments:
        made.append(re.escape(text) if quoted else _translate(text, greedy=greedy, path=path))
    return "".join(made)


@functools.lru_cache(maxsize=512)
def _translate(text: str, *, greedy: bool, path: bool) -> str:
    any_char = "[^/]" if path else "."
    made: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char == "*":
            made.append(any_char + ("*" if greedy else "*?"))
        elif char == "?":
            made.append(any_char)
        elif char == "[":
            bracket = _bracket(text, at)
            if bracket is not None:
                made.append(bracket[0])
                at = bracket[1]
                continue
            made.append(r"\[")
        elif char == "\\" and at + 1 < len(text):
            at += 1
            made.append(re.escape(text[at]))
        else:
            made.append(re.escape(char))
        at += 1
    return "".join(made)


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
    """The inside of a POSIX bracket expression, for Python's ``re``."""
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
    return re.fullmatch(pattern(segments), text, re.DOTALL) is not None
