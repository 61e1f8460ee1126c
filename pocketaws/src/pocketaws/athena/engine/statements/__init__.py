"""Athena's statements: each is a value that describes itself and can run.

Each module here parses and runs the statements of one subject. ``read`` picks the module by the
statement's first words. Anything else is a query, and goes to sqlglot.

Source: Athena user guide, "SQL reference for Athena"; the results' layout is as observed on Athena
(fixed-width text comes from Hive, which runs Athena's DDL).
"""

from __future__ import annotations

from collections.abc import Callable

from ..failure import UnsupportedStatementError
from . import alterations, databases, describe, queries, show, tables
from .lexer import tokens_of
from .reader import Reader
from .statement import Statement

_ReadOne = Callable[[Reader], Statement]

_BEGINNINGS: dict[tuple[str, ...], _ReadOne] = {
    ("SHOW", "DATABASES"): show.databases,
    ("SHOW", "SCHEMAS"): show.databases,
    ("SHOW", "TABLES"): show.tables,
    ("SHOW", "COLUMNS"): show.columns,
    ("SHOW", "PARTITIONS"): show.partitions,
    ("DESCRIBE",): describe.describe,
    ("DESC",): describe.describe,
    ("CREATE", "DATABASE"): databases.create,
    ("CREATE", "SCHEMA"): databases.create,
    ("DROP", "DATABASE"): databases.drop,
    ("DROP", "SCHEMA"): databases.drop,
    ("CREATE", "EXTERNAL", "TABLE"): tables.create_external,
    ("CREATE", "TABLE"): tables.create,
    ("DROP", "TABLE"): tables.drop,
    ("ALTER", "TABLE"): alterations.alter,
}
# Readable names for beginnings that are cryptic on their own.
_SHOWN: dict[tuple[str, ...], str] = {("ALTER", "TABLE"): "ALTER TABLE … ADD PARTITION"}
# DDL statements that are refused by name. Anything else goes to the query parser.
_NOT_EMULATED = (
    ("SHOW", "VIEWS"),
    ("SHOW", "TBLPROPERTIES"),
    ("SHOW", "CREATE", "TABLE"),
    ("SHOW", "CREATE", "VIEW"),
    ("MSCK", "REPAIR", "TABLE"),
    ("CREATE", "VIEW"),
    ("CREATE", "OR", "REPLACE", "VIEW"),
    ("DROP", "VIEW"),
    ("EXPLAIN",),
)
_LONGEST = max(map(len, (*_BEGINNINGS, *_NOT_EMULATED)))


def read(text: str, parameters: list[str]) -> Statement:
    """Parse a statement.

    Raises ``MalformedQueryError`` if the text isn't an Athena statement, and
    ``UnsupportedStatementError`` if the statement isn't emulated.
    """
    words = _first_words(text)
    for length in range(_LONGEST, 0, -1):
        if words[:length] in _NOT_EMULATED:
            raise UnsupportedStatementError(" ".join(words[:length]))
        read_one = _BEGINNINGS.get(words[:length])
        if read_one is not None:
            reader = Reader(text)
            reader.expect(*words[:length])
            return read_one(reader)
    return queries.read(text, parameters)


def emulated() -> list[tuple[str, object]]:
    """Return the emulated statements' first words and parsers; used for the documentation."""
    return [
        *((_SHOWN.get(words, " ".join(words)), one) for words, one in _BEGINNINGS.items()),
        ("SELECT", queries.read),
    ]


def _first_words(text: str) -> tuple[str, ...]:
    words: list[str] = []
    for token in tokens_of(text):
        if token.kind != "word" or len(words) == _LONGEST:
            break
        words.append(token.raw.upper())
    return tuple(words)
