"""From the names of tables in a query to the tables and views of Glue that they are.

Source: Athena user guide, "Work with views" (a view's query runs with the rights of whoever asks).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import traverse_scope

from . import parsing, sources
from .checks import check_names, check_types, place_of
from .failure import MalformedQueryError, QueryError, UnsupportedStatementError
from .inference import Inference
from .mends.typed import mend_by_type
from .mends.unnesting import expand_unnest
from .view_texts import CATALOG, view_of

_DEEPEST_VIEW = 16
_PARTITIONS = "$partitions"
Key = tuple[str, str]
"""Database and name."""


@dataclass
class Resolved:
    """The tables that a query reads, and the names of all tables and views on the way to them."""

    tables: dict[Key, sources.Source] = field(default_factory=dict)
    names: set[Key] = field(default_factory=set)


def resolve(tree: exp.Query, database: str, asker: sources.Asker) -> Resolved:
    """Find every table that a query names, and have the query name it as the engine will.

    Views are put in as the queries that they are. What depends on types is checked and mended on the way,
    query by query. Raises ``QueryError``.
    """
    resolved = Resolved()
    _resolve(tree, database, asker, resolved, ())
    return resolved


def _resolve(
    tree: exp.Query, database: str, asker: sources.Asker, found: Resolved, above: tuple[Key, ...]
) -> None:
    """``above``: the views in whose query this one is."""
    check_names(tree)
    try:
        scopes = traverse_scope(tree)
    except SqlglotError as error:
        raise QueryError(f"SYNTAX_ERROR: line 1:1: {error}") from error
    for scope in scopes:
        for table in scope.tables:
            if isinstance(scope.sources.get(table.alias_or_name), exp.Table):
                _resolve_table(table, database, asker, found, above)
    tables = {source.name: dict(source.columns + source.keys) for source in found.tables.values()}
    types = Inference(tree, tables)
    check_types(types, tree.meta["text"])
    mend_by_type(types)
    expand_unnest(types)


def _resolve_table(
    table: exp.Table, database: str, asker: sources.Asker, found: Resolved, above: tuple[Key, ...]
) -> None:
    name, schema = table.name.lower(), (table.db or database).lower()
    catalog = (table.catalog or CATALOG).lower()
    key = (schema, name)
    found.names.add(key)
    if key not in found.tables:
        called = f"table_{len(found.tables)}"
        table_name = name.removesuffix(_PARTITIONS)
        definition = (
            sources.definition_of(asker, schema, table_name) if catalog == CATALOG else None
        )
        if definition is None:
            raise _not_found(table, catalog, schema, name)
        if table_name == name and definition.get("TableType") == "VIRTUAL_VIEW":
            if key in above or len(above) == _DEEPEST_VIEW:
                message = f"View '{catalog}.{schema}.{name}' is recursive"
                raise QueryError(f"VIEW_IS_RECURSIVE: {place_of(table.this)}: {message}")
            view = view_of(definition)
            inner = _of_view(view.sql, f"{catalog}.{schema}.{name}")
            _resolve(inner, view.database, asker, found, (*above, key))
            _put_in(table, inner)
            return
        made = sources.source_of if table_name == name else sources.partitions_of
        source = made(definition, called)
        if source is None:
            raise _not_found(table, catalog, schema, name)
        found.tables[key] = source
    _rename(table, found.tables[key].name)


def _not_found(table: exp.Table, catalog: str, schema: str, name: str) -> QueryError:
    message = f"Table '{catalog}.{schema}.{name}' does not exist"
    return QueryError(f"TABLE_NOT_FOUND: {place_of(table.this)}: {message}")


def _of_view(sql: str, name: str) -> exp.Query:
    try:
        return parsing.parse(sql)
    except (MalformedQueryError, UnsupportedStatementError) as error:
        raise QueryError(f"INVALID_VIEW: Failed analyzing stored view '{name}': {error}") from error


def _put_in(table: exp.Table, inner: exp.Query) -> None:
    """Put a view's query in the place of its name."""
    alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name))
    names_only = exp.Subquery(this=inner, alias=alias.copy())
    table.replace(names_only)


def _rename(table: exp.Table, name: str) -> None:
    alias = table.alias_or_name
    table.set("this", exp.to_identifier(name))
    table.set("db", None)
    table.set("catalog", None)
    if not table.alias:
        table.set("alias", exp.TableAlias(this=exp.to_identifier(alias)))
