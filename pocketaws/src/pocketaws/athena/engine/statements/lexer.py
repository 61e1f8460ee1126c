"""Splits Athena's DDL into tokens. As in Hive, names can be in backquotes.

Strings can be in single or double quotes.

Source: Athena user guide, "CREATE TABLE", "Escape reserved keywords in queries"; the escapes in
strings are those of Hive's language manual, "Literals".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..failure import MalformedQueryError

Kind = Literal["word", "name", "text", "number", "symbol", "end"]

_TOKEN = re.compile(
    r"""(?P<blank>\s+|--[^\n]*|/\*.*?\*/)
      | `(?P<name>(?:[^`]|``)+)`
      | '(?P<single>(?:[^'\\]|\\.|'')*)'
      | "(?P<double>(?:[^"\\]|\\.|"")*)"
      | (?P<number>-?\d+(?:\.\d+)?(?![A-Za-z_0-9]))
      | (?P<word>[A-Za-z_0-9][A-Za-z_0-9$]*)
      | (?P<symbol>.)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([0-3][0-7]{2})|(.))", re.DOTALL)
_ESCAPED = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a", "%": "\\%", "_": "\\_"}  # fmt: skip


@dataclass(frozen=True)
class Token:
    """A token. ``text`` is unquoted and unescaped, ``raw`` is verbatim, ``start`` is its offset."""

    kind: Kind
    text: str
    raw: str
    start: int


def tokens_of(statement: str) -> Iterator[Token]:
    """Lazily yield a statement's tokens, followed by an ``end`` token.

    Raises ``MalformedQueryError`` at a quotation mark without a closing one.
    """
    for match in _TOKEN.finditer(statement):
        raw, start = match[0], match.start()
        if match["name"] is not None:
            yield Token("name", match["name"].replace("``", "`"), raw, start)
        elif match["single"] is not None or match["double"] is not None:
            yield Token("text", _unescaped(raw), raw, start)
        elif match["number"]:
            yield Token("number", raw, raw, start)
        elif match["word"]:
            yield Token("word", raw, raw, start)
        elif match["symbol"]:
            if raw in "`'\"":
                raise MalformedQueryError(f"{place_of(statement, start)}: mismatched input '{raw}'")
            yield Token("symbol", raw, raw, start)
    yield Token("end", "<EOF>", "<EOF>", len(statement))


def place_of(statement: str, start: int) -> str:
    """Return a position in a statement, such as ``line 2:15``."""
    before = statement[:start]
    return f"line {before.count(chr(10)) + 1}:{start - before.rfind(chr(10))}"


def _unescaped(raw: str) -> str:
    quote = raw[0]

    def character(match: re.Match[str]) -> str:
        if match[1]:
            return chr(int(match[1], 16))
        if match[2]:
            return chr(int(match[2], 8))
        return _ESCAPED.get(match[3], match[3])

    return _ESCAPE.sub(character, raw[1:-1].replace(quote * 2, quote))
