"""Runs a query in two steps.

``plan`` reads the query's inputs in one transaction. ``Plan.compute`` no longer needs the world, so
it can take its time.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.errors import SqlglotError

from ..store import Column, Result
from . import printing, sources
from .checks import place_of
from .engine import Engine, TooSlowError, UnknownColumnError
from .failure import QueryError
from .hive_types import quoted
from .resolving import resolve
from .rewrites import rewrite
from .rewrites.evaluation import keep_order
from .rewrites.names import result_names


@dataclass(frozen=True)
class Answer:
    """A statement's result and how much data it read.

    ``substatement_type`` is set if the statement's text alone didn't reveal it.
    """

    result: Result
    scanned: sources.Scanned = field(default_factory=sources.Scanned)
    substatement_type: str | None = None


class StoppedError(Exception):
    """Someone stopped the query, so nobody needs its result."""


class Plan:
    """Everything needed to compute a query."""

    def __init__(
        self, original: exp.Query, rewritten: exp.Query, contents: tuple[sources.Content, ...]
    ) -> None:
        self._original = original
        self._rewritten = rewritten
        self._contents = contents
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._stopped = False

    def compute(self) -> Answer:
        """Compute the result; raises ``QueryError``, or ``StoppedError`` after ``stop``."""
        with _engine(self._original) as engine:
            self._begin(engine)
            try:
                total = sources.Scanned()
                for content in self._contents:
                    engine.make_table(
                        content.source.name, content.source.columns + content.source.keys
                    )
                    scanned = sources.load(engine, content, self._check)
                    total.size += scanned.size
                    total.rows += scanned.rows
                engine.lock_configuration()
                return Answer(_run(engine, self._rewritten), total)
            except TooSlowError as error:
                if self._stopped:
                    raise StoppedError from error
                raise QueryError("Query timeout", error_type=206) from error
            finally:
                self._end()

    def stop(self) -> None:
        """Stop the computation soon; called from another thread."""
        with self._lock:
            self._stopped = True
            if self._engine is not None:
                self._engine.interrupt()

    def _begin(self, engine: Engine) -> None:
        with self._lock:
            self._engine = engine
        self._check()

    def _check(self) -> None:
        if self._stopped:
            raise StoppedError

    def _end(self) -> None:
        with self._lock:
            self._engine = None


def plan(tree: exp.Query, database: str, requester: sources.Requester) -> Plan:
    """Read a query's inputs with the requester's permissions; raises ``QueryError``."""
    original = tree.copy()
    found, rewritten = _analysed(tree, database, requester)
    contents = []
    for source in found:
        places = [node for node in rewritten.find_all(exp.Table) if node.name == source.name]
        contents.append(sources.read(requester, source, _conditions(source, places)))
    return Plan(original, keep_order(rewritten), tuple(contents))


@contextmanager
def _engine(original: exp.Query) -> Iterator[Engine]:
    """Yield an engine for one query; errors about unknown columns point to the query's text."""
    engine = Engine()
    try:
        yield engine
    except UnknownColumnError as error:
        name = str(error)
        message = f"COLUMN_NOT_FOUND: {_place(original, name)}: Column '{name}' cannot be resolved"
        raise QueryError(
            f"{message} or requester is not authorized to access requested resources"
        ) from error
    finally:
        engine.close()


def _analysed(
    tree: exp.Query, database: str, requester: sources.Requester
) -> tuple[list[sources.Source], exp.Query]:
    """Return a query's tables and its tree, rewritten for DuckDB."""
    found = resolve(tree, database, requester)
    return list(found.values()), rewrite(tree, requester.now)


def _conditions(source: sources.Source, tables: list[exp.Table]) -> list[str] | None:
    """Return the query's conditions on a table's partitions, one for each use of the table.

    ``None`` means that the query needs all partitions.
    """
    keys = {name for name, _ in source.keys}
    conditions: list[str] = []
    for table in tables:
        select = table.find_ancestor(exp.Select)
        where = select.args.get("where") if select else None
        if select is None or where is None or select.args.get("joins") or select.args.get("laterals"):  # fmt: skip
            return None
        asked = list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]
        about = [part for part in asked if _is_about(part, keys)]
        if not about:
            return None
        conditions.append(" AND ".join(f"({_bare(part)})" for part in about))
    return conditions


def _is_about(part: exp.Expr, keys: set[str]) -> bool:
    columns = list(part.find_all(exp.Column))
    return (
        bool(columns)
        and all(column.name in keys for column in columns)
        and part.find(exp.Query) is None
    )


def _bare(part: exp.Expr) -> str:
    copy = part.copy()
    for column in copy.find_all(exp.Column):
        column.set("table", None)
    return copy.sql("duckdb")


def _sql(tree: exp.Query) -> str:
    try:
        return tree.sql("duckdb")
    except SqlglotError as error:
        raise QueryError(f"NOT_SUPPORTED: {error}") from error


def _run(engine: Engine, tree: exp.Query) -> Result:
    sql = _sql(tree)
    described = engine.describe(sql)
    rows = engine.rows(_without_zones(sql, described))
    names = result_names([name for name, _ in described])
    columns = tuple(
        Column(name, printing.type_name(kind))
        for name, (_, kind) in zip(names, described, strict=True)
    )
    printed = tuple(tuple(printing.text_of(value) for value in row) for row in rows)
    return Result(columns, printed, has_header=True)


def _without_zones(sql: str, described: list[tuple[str, str]]) -> str:
    """Rewrite the query to return zoned times as text; Python needs a package to read them."""
    if not any("WITH TIME ZONE" in kind for _, kind in described):
        return sql
    names = [quoted(f"c{place}") for place in range(len(described))]
    picked = [
        f"strftime({name}, '%Y-%m-%d %H:%M:%S.%g UTC')"
        if kind == "TIMESTAMP WITH TIME ZONE"
        else f"CAST({name} AS VARCHAR)"
        if "WITH TIME ZONE" in kind
        else name
        for name, (_, kind) in zip(names, described, strict=True)
    ]
    return f"SELECT {', '.join(picked)} FROM ({sql}) AS q({', '.join(names)})"  # noqa: S608


def _place(tree: exp.Query, name: str) -> str:
    for identifier in tree.find_all(exp.Identifier):
        if identifier.name.lower() == name.lower():
            return place_of(identifier)
    return "line 1:1"
