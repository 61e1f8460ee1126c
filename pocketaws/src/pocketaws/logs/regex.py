"""Regular expressions of RE2, over many texts at once.

RE2 is what CloudWatch Logs Insights documents ("Boolean, comparison, numeric, datetime, and other
functions", regexReplace). It takes time in proportion to the text, whatever the expression, so nobody
can stop the world with one; Python's ``re`` cannot promise that. It comes with DuckDB.
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
_GROUPS = (
    "SELECT list_transform($texts::VARCHAR[], lambda t: CASE WHEN regexp_matches(t, $regex)"
    " THEN regexp_extract(t, $regex, {names}) END)"
)
_REPLACE = (
    "SELECT list_transform($texts::VARCHAR[], lambda t: regexp_replace(t, $regex, $other, 'g'))"
)
# "(?<name>" is "(?P<name>" to RE2; "(?<=" and "(?<!" are nothing to it and stay, to be refused.
_PIECE = re.compile(
    r"\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|\(\?(?:P?<(?P<name>\w+)>)?|\(|.", re.DOTALL
)


class BadRegexError(ValueError):
    """The expression is not one of RE2's; the message says why."""


@dataclass(frozen=True, slots=True)
class Regex:
    """An expression that is known to be right. ``names`` has one entry per group, "" if unnamed."""

    text: str
    names: tuple[str, ...]

    def matches(self, texts: Sequence[str]) -> list[bool]:
        """Whether the expression is found anywhere in each text."""
        return _ask(_MATCHES, texts, self.text)

    def groups(self, texts: Sequence[str]) -> list[tuple[str, ...] | None]:
        """What each group holds where the expression is first found in each text, else None."""
        if not self.names:
            return [() if found else None for found in self.matches(texts)]
        names = ", ".join(f"'g{number}'" for number in range(len(self.names)))
        rows = _ask(_GROUPS.replace("{names}", f"[{names}]"), texts, self.text)
        return [None if row is None else tuple(row.values()) for row in rows]

    def replace(self, texts: Sequence[str], replacement: str) -> list[str]:
        r"""Each text with every match replaced; ``\1`` stands for a group.

        Raises ``BadRegexError`` where the replacement speaks of what is not there.
        """
        return _ask(_REPLACE, texts, self.text, other=replacement)


@functools.lru_cache(maxsize=256)
def compile_regex(text: str) -> Regex:
    """Check an expression; raises ``BadRegexError``."""
    pieces: list[str] = []
    names: list[str] = []
    for match in _PIECE.finditer(text):
        piece = match[0]
        if match["name"] is not None:
            names.append(match["name"])
            piece = f"(?P<{match['name']}>"
        elif piece == "(":
            names.append("")
        pieces.append(piece)
    regex = Regex("".join(pieces), tuple(names))
    try:
        regex.matches([""])
    except BadRegexError as error:
        raise BadRegexError(str(error).removeprefix("Invalid Input Error: ")) from error
    return regex


@functools.cache
def _engine() -> duckdb.DuckDBPyConnection:
    """An empty database in memory; nothing is kept in it, so one does for all."""
    import duckdb  # noqa: PLC0415 - a twentieth of a start, and most need no expression

    connection = duckdb.connect(":memory:")
    connection.execute("SET threads = 1")
    return connection


def _ask(query: str, texts: Sequence[str], regex: str, **more: str) -> list:  # type: ignore[type-arg]
    if not texts:
        return []
    import duckdb  # noqa: PLC0415 - as above

    parameters = {"texts": list(texts), "regex": regex, **more}
    try:
        row = _engine().execute(query, parameters).fetchone()
    except duckdb.Error as error:
        raise BadRegexError(str(error)) from error
    return list(row[0]) if row else []
