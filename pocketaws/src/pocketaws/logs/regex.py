"""RE2 regular expressions, applied to many texts at once.

CloudWatch Logs Insights documents RE2 ("Boolean, comparison, numeric, datetime, and other
functions", regexReplace). RE2 runs in time linear in the text for every expression, so nobody can
stall the emulator with one. Python's ``re`` can't promise that. DuckDB includes RE2.
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
# RE2 spells "(?<name>" as "(?P<name>". It doesn't know "(?<=" and "(?<!", which stay as they are so
# that it rejects them.
_PIECE = re.compile(
    r"\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|\(\?(?:P?<(?P<name>\w+)>)?|\(|.", re.DOTALL
)


class BadRegexError(ValueError):
    """RE2 doesn't accept the expression; the message says why."""


@dataclass(frozen=True, slots=True)
class Regex:
    """A validated regular expression."""

    text: str

    def matches(self, texts: Sequence[str]) -> list[bool]:
        """Return whether the expression matches anywhere in each text."""
        if not texts:
            return []
        import duckdb  # noqa: PLC0415 - slow to import, and rarely needed

        parameters = {"texts": list(texts), "regex": self.text}
        try:
            row = _engine().execute(_MATCHES, parameters).fetchone()
        except duckdb.Error as error:
            raise BadRegexError(str(error)) from error
        return list(row[0]) if row else []


@functools.lru_cache(maxsize=256)
def compile_regex(text: str) -> Regex:
    """Validate an expression; raises ``BadRegexError``."""
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
    """A shared in-memory database; nothing is stored in it."""
    import duckdb  # noqa: PLC0415 - slow to import, and rarely needed

    connection = duckdb.connect(":memory:")
    connection.execute("SET threads = 1")
    return connection
