"""DuckDB in a sandbox: no files, no network, fixed settings, limited memory and time."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb

from .failure import QueryError
from .functions import MACROS
from .hive_types import HiveType, quoted

_MEMORY = "1GB"
_LONGEST_SECONDS = 60.0
# The limit for work that blocks all other requests.
_SELECT_SECONDS = 1.0
_SANDBOX: dict[str, Any] = {
    # Data arrives only as parameters, so DuckDB never needs the outside world.
    "enable_external_access": False,
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "python_enable_replacements": False,
    "temp_directory": "",
    "memory_limit": _MEMORY,
    # One thread keeps the order of unordered rows reproducible.
    "threads": 1,
}
_CODES: tuple[tuple[type[Exception], str], ...] = (
    (duckdb.OutOfMemoryException, "EXCEEDED_LOCAL_MEMORY_LIMIT"),
    (duckdb.ConversionException, "INVALID_CAST_ARGUMENT"),
    (duckdb.OutOfRangeException, "NUMERIC_VALUE_OUT_OF_RANGE"),
    (duckdb.InvalidInputException, "INVALID_FUNCTION_ARGUMENT"),
    (duckdb.BinderException, "SYNTAX_ERROR"),
    (duckdb.CatalogException, "SYNTAX_ERROR"),
    (duckdb.ParserException, "SYNTAX_ERROR"),
)
_FUNCTION = re.compile(r"(?:Scalar|Aggregate|Table) Function with name (\S+) does not exist")
_COLUMN = re.compile(r'Referenced (?:column|table) "([^"]+)" not found|column named "([^"]+)"')


class TooSlowError(Exception):
    """A computation exceeded its time limit."""


class UnknownColumnError(Exception):
    """The query names a column that none of its sources has."""


class Engine:
    """One in-memory database for one query."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(":memory:", config=dict(_SANDBOX))
        self._connection.execute("SET integer_division = true")
        self._connection.execute("SET TimeZone = 'UTC'")
        for macro in MACROS:
            self._connection.execute(f"CREATE MACRO {macro}")

    def close(self) -> None:
        self._connection.close()

    def make_table(self, name: str, columns: list[tuple[str, HiveType]]) -> None:
        """Create an empty table."""
        listed = ", ".join(f"{quoted(column)} {of.duckdb}" for column, of in columns)
        self._connection.execute(f"CREATE TABLE {quoted(name)} ({listed})")

    def load(
        self,
        name: str,
        columns: list[tuple[str, HiveType]],
        rows: list[dict[str, Any]],
        partition: tuple[str, ...],
    ) -> None:
        """Insert rows (plain JSON from ``records.row_converter``) and their partition's values.

        A value that DuckDB can't read as its column's type becomes NULL.
        """
        shape = json.dumps([{column: _shape(of) for column, of in columns}])
        values = ", ".join(["r.*", *("?" for _ in partition)])
        self._connection.execute(
            f"INSERT INTO {quoted(name)} SELECT {values} FROM ("  # noqa: S608 - names are quoted
            "SELECT unnest(r) FROM (SELECT unnest(json_transform(?::JSON, ?)) AS r)) AS r",
            [*partition, json.dumps(rows), shape],
        )

    def lock_configuration(self) -> None:
        """Lock the configuration before the client's SQL runs."""
        self._connection.execute("SET lock_configuration = true")

    def select(
        self, sql: str, keys: list[tuple[str, HiveType]], rows: list[tuple[str, ...]]
    ) -> list[tuple[str, ...]]:
        """Return the rows (tuples of text) that match a condition over typed columns.

        This blocks all other requests, so it raises ``TooSlowError`` after a short time limit.
        """
        numbers = ", ".join(f'"#{place}"' for place in range(len(keys)))
        typed = ", ".join(
            f'TRY_CAST("#{place}" AS {of.duckdb}) AS {quoted(name)}'
            for place, (name, of) in enumerate(keys)
        )
        places = ", ".join("(" + ", ".join("?" for _ in keys) + ")" for _ in rows)
        values = [value for row in rows for value in row]
        with self._within_time(_SELECT_SECONDS), _translated():
            found = self._connection.execute(
                f"SELECT {numbers} FROM (SELECT {numbers}, {typed} "  # noqa: S608 - names are quoted
                f"FROM (VALUES {places}) AS v({numbers})) AS p WHERE {sql}",
                values,
            )
            return [tuple(map(str, row)) for row in found.fetchall()]

    def describe(self, sql: str) -> list[tuple[str, str]]:
        """Return the names and types of a query's columns.

        Raises ``QueryError`` or ``UnknownColumnError``.
        """
        found = self._run(f"DESCRIBE {sql}", [])
        return [(str(row[0]), str(row[1])) for row in found.fetchall()]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query and return its rows; raises ``QueryError``."""
        with self._within_time(_LONGEST_SECONDS), _translated():
            return list(self._connection.execute(sql).fetchall())

    def _run(self, sql: str, values: list[Any]) -> Any:
        with _translated():
            return self._connection.execute(sql, values)

    def interrupt(self) -> None:
        """Interrupt the running query; called from another thread."""
        self._connection.interrupt()

    @contextmanager
    def _within_time(self, seconds: float) -> Iterator[None]:
        watch = threading.Timer(seconds, self._connection.interrupt)
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()


def matching(names: list[str], expression: str) -> list[str] | None:
    """Return the names that fully match a regular expression, or ``None`` if it's invalid.

    DuckDB uses RE2, whose run time is linear in the input for every expression.
    """
    connection = duckdb.connect(":memory:", config=dict(_SANDBOX))
    try:
        found = connection.execute(
            "SELECT n FROM (SELECT unnest(?::VARCHAR[]) AS n) WHERE regexp_full_match(n, ?)",
            [names, expression],
        )
        return [str(name) for (name,) in found.fetchall()]
    except duckdb.InvalidInputException:
        return None
    finally:
        connection.close()


def _shape(of: HiveType) -> Any:
    """The structure of a type, in the form that ``json_transform`` expects."""
    if of.kind == "struct":
        return {name: _shape(inner) for name, inner in zip(of.fields, of.inner, strict=True)}
    if of.kind == "array":
        return [_shape(of.inner[0])]
    return of.duckdb


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except duckdb.InterruptException as error:
        raise TooSlowError from error
    except duckdb.Error as error:
        text = str(error)
        if (column := _COLUMN.search(text)) is not None:
            raise UnknownColumnError(column[1] or column[2]) from error
        if "Division by zero" in text:
            raise QueryError("DIVISION_BY_ZERO: Division by zero") from error
        if (function := _FUNCTION.search(text)) is not None:
            message = f"FUNCTION_NOT_FOUND: line 1:1: Function '{function[1]}' not registered"
            raise QueryError(message) from error
        code = next(
            (code for kind, code in _CODES if isinstance(error, kind)), "GENERIC_USER_ERROR"
        )
        first_line = text.splitlines()[0].partition(": ")[2] or text
        raise QueryError(f"{code}: {first_line}") from error
