"""Regular expressions of RE2, over many texts at once.

CloudWatch Logs Insights documents RE2 ("Boolean, comparison, numeric, datetime, and other functions",
regexReplace). RE2 takes time in proportion to the text, whatever the expression, so nobody can stall the emulator
with one; Python's ``re`` can't promise that. DuckDB brings it along.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

_MATCHES = "SELECT list_transform($texts::VARCHAR[], lambda t: regexp_matches(t, $regex))"
# "(?<name>" is "(?P<name>" to RE2; "(?<=" and "(?<!" are nothing to it and stay, to be refused.
_PIECE = re.compile(
    r"\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|\(\?(?:P?<(?P<name>\w+)>)?|\(|.", re.DOTALL
)


class BadRegexError(ValueError):
    """The expression is not one of RE2's; the message says why."""


@dataclass(frozen=True, slots=True)
class Regex:
    """An expression that is known to be right."""

    text: str

    def matches(self, texts: Sequence[str]) -> list[bool]:
        """Whether the expression is found anywhere in each text."""
        if not texts:
            return []
        import duckdb  # noqa: PLC0415 - a twentieth of a start, and most need no expression

        parameters = {"texts": list(texts), "regex": self.text}
        try:
            row = _engine().execute(_MATCHES, parameters).fetchone()
        except duckdb.Error as error:
            raise BadRegexError(str(error)) from error
        return list(row[0]) if row else []


@functools.lru_cache(maxsize=256)
def compile_regex(text: str) -> Regex:
    """Check an expression; raises ``BadRegexError``."""
    regex = Regex(_PIECE.sub(_as_re2, text))
    try:
        regex.matches([""])
    except BadRegexError as error:
        raise BadRegexError(str(error).removeprefix("Invalid Input Error: ")) from error
    return regex


def _as_re2(piece: re.Match[str]) -> str:
    return piece[0] if piece["name"] is None else f"(?P<{piece['name']}>"


@functools.cache
def _engine() -> duckdb.DuckDBPyConnection:
    """An empty database in memory; nothing is kept in it, so one does for all."""
    import duckdb  # noqa: PLC0415 - as above

    connection = duckdb.connect(":memory:")
    connection.execute("SET threads = 1")
    return connection
