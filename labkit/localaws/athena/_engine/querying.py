"""A query from text to answer."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import traverse_scope

from ..store import Column, Result
from . import printing, sources
from .engine import Engine, UnknownColumnError
from .failure import QueryError
from .functions import MISSING, SAME
from .hive_types import quoted
from .mends import mend
from .mends.evaluation import keep_order
from .mends.names import result_names

_CATALOG = "awsdatacatalog"
_READS_FILES = (exp.ReadCSV, exp.ReadParquet)


@dataclass(frozen=True)
class Answer:
    """What a query answered, and how much it read to do so."""

    result: Result
    scanned: sources.Scanned


def answer(tree: exp.Query, database: str, asker: sources.Asker) -> Answer:
    """Run a query for somebody; raises ``QueryError`` where it fails."""
    original = tree.copy()
    _check(tree)
    engine = Engine()
    try:
        scanned, mended = _prepare(tree, database, asker, engine)
        engine.shut()
        return Answer(_run(engine, mended), scanned)
    except UnknownColumnError as error:
        name = str(error)
        message = f"COLUMN_NOT_FOUND: {_place(original, name)}: Column '{name}' cannot be resolved"
        raise QueryError(
            f"{message} or requester is not authorized to access requested resources"
        ) from error
    finally:
        engine.close()


def _check(tree: exp.Query) -> None:
    """Refuse what Athena has not: tables that are functions, and functions it does not know."""
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier):
            name = table.this.name or table.this.sql("athena")
            message = f"SYNTAX_ERROR: line 1:1: Table function {name.lower()} not registered"
            raise QueryError(message)
    for function in tree.find_all(*_READS_FILES):
        name = function.sql_name().lower()
        raise QueryError(f"FUNCTION_NOT_FOUND: line 1:1: Function '{name}' not registered")
    for function in tree.find_all(exp.Anonymous):
        name = function.name.upper()
        if name in MISSING:
            raise QueryError(f"NOT_SUPPORTED: the function {name.lower()} is not emulated here")
        if name not in SAME:
            message = f"Function '{name.lower()}' not registered"
            raise QueryError(f"FUNCTION_NOT_FOUND: {_at(function)}: {message}")


def _prepare(
    tree: exp.Query, database: str, asker: sources.Asker, engine: Engine
) -> tuple[sources.Scanned, exp.Query]:
    """Find and load the tables, and mend the tree that reads them."""
    found = _tables(tree, database, asker, engine)
    mended = mend(tree, asker.now)
    total = sources.Scanned()
    for source in found:
        places = [node for node in mended.find_all(exp.Table) if node.name == source.name]
        conditions = _conditions(source, places)
        scanned = sources.load(asker, engine, source, conditions)
        total.size += scanned.size
        total.rows += scanned.rows
    return total, keep_order(mended)


def _tables(
    tree: exp.Query, database: str, asker: sources.Asker, engine: Engine
) -> list[sources.Source]:
    """Make every table that the query names, empty, and have the query name it as the engine does."""
    known: dict[tuple[str, str], sources.Source] = {}
    try:
        scopes = traverse_scope(tree)
    except SqlglotError as error:
        raise QueryError(f"SYNTAX_ERROR: line 1:1: {error}") from error
    for scope in scopes:
        for table in scope.tables:
            if not isinstance(scope.sources.get(table.alias_or_name), exp.Table):
                continue
            name, schema = table.name.lower(), (table.db or database).lower()
            catalog = (table.catalog or _CATALOG).lower()
            source = known.get((schema, name))
            if source is None and catalog == _CATALOG:
                source = sources.find(asker, schema, name, f"table_{len(known)}")
            if source is None:
                message = f"Table '{catalog}.{schema}.{name}' does not exist"
                raise QueryError(f"TABLE_NOT_FOUND: {_at(table.this)}: {message}")
            if (schema, name) not in known:
                known[schema, name] = source
                engine.make_table(source.name, source.columns + source.keys)
            _rename(table, source.name)
    return list(known.values())


def _rename(table: exp.Table, name: str) -> None:
    alias = table.alias_or_name
    table.set("this", exp.to_identifier(name))
    table.set("db", None)
    table.set("catalog", None)
    if not table.alias:
        table.set("alias", exp.TableAlias(this=exp.to_identifier(alias)))


def _conditions(source: sources.Source, tables: list[exp.Table]) -> list[str] | None:
    """What the query asks of a table's partitions, one condition a place; ``None`` where any will do."""
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


def _run(engine: Engine, tree: exp.Query) -> Result:
    try:
        sql = tree.sql("duckdb")
    except SqlglotError as error:
        raise QueryError(f"NOT_SUPPORTED: {error}") from error
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
    """The query with times that have a zone as text: Python would need a package to take them."""
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
            return _at(identifier)
    return "line 1:1"


def _at(node: exp.Expr) -> str:
    """``line 2:15``: where a node begins in the text."""
    line, end = node.meta.get("line", 1), node.meta.get("col", 1)
    length = int(node.meta.get("end", 0)) - int(node.meta.get("start", 0))
    return f"line {line}:{max(1, int(end) - length)}"
