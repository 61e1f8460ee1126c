"""Resolves a query's table names to tables in Glue.

Source: Athena user guide, "SELECT", "Query table metadata" (table names with ``$partitions``).
"""

from __future__ import annotations

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import traverse_scope

from . import sources
from .checks import check_names, check_types, place_of
from .failure import QueryError
from .inference import Inference
from .rewrites.typed import rewrite_by_type
from .rewrites.unnesting import expand_unnest

CATALOG = "awsdatacatalog"
_PARTITIONS = "$partitions"
Key = tuple[str, str]
"""``(database, table)``."""


Tables = dict[Key, sources.Source]


def resolve(tree: exp.Query, database: str, requester: sources.Requester) -> Tables:
    """Look up every table that a query names, and rename it to the engine's name for it.

    This also runs the checks and rewrites that depend on types. Raises ``QueryError``.
    """
    found: Tables = {}
    check_names(tree)
    try:
        scopes = traverse_scope(tree)
    except SqlglotError as error:
        raise QueryError(f"SYNTAX_ERROR: line 1:1: {error}") from error
    for scope in scopes:
        for table in scope.tables:
            if isinstance(scope.sources.get(table.alias_or_name), exp.Table):
                _resolve_table(table, database, requester, found)
    tables = {source.name: dict(source.columns + source.keys) for source in found.values()}
    types = Inference(tree, tables)
    check_types(types, tree.meta["text"])
    rewrite_by_type(types)
    expand_unnest(types)
    return found


def _resolve_table(
    table: exp.Table, database: str, requester: sources.Requester, found: Tables
) -> None:
    name, schema = table.name.lower(), (table.db or database).lower()
    catalog = (table.catalog or CATALOG).lower()
    key = (schema, name)
    if key not in found:
        called = f"table_{len(found)}"
        table_name = name.removesuffix(_PARTITIONS)
        definition = (
            sources.definition_of(requester, schema, table_name) if catalog == CATALOG else None
        )
        if definition is None:
            raise _not_found(table, catalog, schema, name)
        if table_name == name and definition.get("TableType") == "VIRTUAL_VIEW":
            raise QueryError(
                f"NOT_SUPPORTED: {place_of(table.this)}: pocketaws doesn't emulate views"
            )
        made = sources.source_of if table_name == name else sources.partitions_of
        source = made(definition, called)
        if source is None:
            raise _not_found(table, catalog, schema, name)
        found[key] = source
    _rename(table, found[key].name)


def _not_found(table: exp.Table, catalog: str, schema: str, name: str) -> QueryError:
    message = f"Table '{catalog}.{schema}.{name}' does not exist"
    return QueryError(f"TABLE_NOT_FOUND: {place_of(table.this)}: {message}")


def _rename(table: exp.Table, name: str) -> None:
    alias = table.alias_or_name
    table.set("this", exp.to_identifier(name))
    table.set("db", None)
    table.set("catalog", None)
    if not table.alias:
        table.set("alias", exp.TableAlias(this=exp.to_identifier(alias)))
