"""Views: queries with a name, kept in Glue and run whenever they are named.

Source: Athena user guide, "CREATE VIEW", "DROP VIEW", "DESCRIBE VIEW", "Work with views".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from ....errors import AwsError
from ...glue import is_missing
from .. import parsing, querying
from ..failure import QueryError
from ..querying import Answer
from ..resolving import resolve
from ..type_names import hive_name, trino_name
from ..view_texts import View, view_of
from .hive import Table, carried_out, find_table_if_any, glue_of, no_database
from .reader import Name, Reader
from .statement import Session, ddl, lines, nothing


@dataclass(frozen=True)
class CreateView:
    """``sql`` is the query as it is written, ``tree`` what it is."""

    name: Name
    replace: bool
    sql: str
    tree: exp.Query
    kind = ddl("CREATE_VIEW")

    def begin(self, session: Session) -> Answer:
        database, name = self.name.within(session.database)
        before = find_table_if_any(session, self.name)
        if before is not None and not (self.replace and before.is_view):
            what = f"'awsdatacatalog.{database}.{name}' already exists"
            raise QueryError(f"TABLE_ALREADY_EXISTS: line 1:1: {'View' if before.is_view else 'Table'} {what}")  # fmt: skip
        resolved = resolve(self.tree.copy(), session.database, session.asker)
        if (database, name) in resolved.names:
            raise QueryError("VIEW_IS_RECURSIVE: line 1:1: Statement would create a recursive view")
        columns = querying.describe(self.tree.copy(), session.database, session.asker)
        names = [column for column, _ in columns]
        unnamed = next((column for column in names if column.startswith("_col")), None)
        if unnamed is not None:
            place = names.index(unnamed) + 1
            message = f"Column name not specified at position {place}"
            raise QueryError(f"MISSING_COLUMN_NAME: line 1:1: {message}")
        view = View(self.sql, session.database, tuple((column, trino_name(of)) for column, of in columns))  # fmt: skip
        given = _input(name, view, [{"Name": column, "Type": hive_name(of)} for column, of in columns])  # fmt: skip
        with carried_out():
            try:
                operation = "CreateTable" if before is None else "UpdateTable"
                glue_of(session).call(operation, DatabaseName=database, TableInput=given)
            except AwsError as error:
                if is_missing(error):
                    raise no_database(database) from error
                raise
        return nothing()


def _input(name: str, view: View, columns: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "Name": name,
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"presto_view": "true", "comment": "Presto View"},
        "PartitionKeys": [],
        "StorageDescriptor": {"Columns": columns, "Location": "", "SerdeInfo": {}},
        "ViewOriginalText": view.original_text,
        "ViewExpandedText": "/* Presto View */",
    }


def create(reader: Reader) -> CreateView:
    return _create(reader, replace=False)


def create_or_replace(reader: Reader) -> CreateView:
    return _create(reader, replace=True)


def _create(reader: Reader, *, replace: bool) -> CreateView:
    name = reader.name(quoted=True)
    reader.expect("AS")
    return CreateView(name, replace, reader.rest(), parsing.parse(reader.rest_in_place()))


@dataclass(frozen=True)
class DropView:
    """Remove a view."""

    name: Name
    if_exists: bool
    kind = ddl("DROP_VIEW")

    def begin(self, session: Session) -> Answer:
        database, name = self.name.within(session.database)
        table = find_table_if_any(session, self.name)
        if table is None:
            if self.if_exists:
                return nothing()
            what = f"View 'awsdatacatalog.{database}.{name}' does not exist"
            raise QueryError(f"TABLE_NOT_FOUND: line 1:1: {what}")
        if not table.is_view:
            what = f"View 'awsdatacatalog.{database}.{name}' does not exist, but a table with that name exists."  # fmt: skip
            raise QueryError(f"GENERIC_USER_ERROR: line 1:1: {what}")
        with carried_out():
            glue_of(session).call("DeleteTable", DatabaseName=database, Name=name)
        return nothing()


def drop(reader: Reader) -> DropView:
    if_exists = reader.take("IF", "EXISTS")
    name = reader.name(quoted=True)
    reader.end()
    return DropView(name, if_exists)


def column_lines(table: Table) -> Answer:
    """A view's columns with their types, as both ``DESCRIBE`` and ``SHOW COLUMNS`` answer."""
    rows = [f"{name}\t{kind}" for name, kind in view_of(table.definition).columns]
    answer = lines("column,type", rows, kind="varchar")
    return Answer(answer.result, answer.scanned, substatement_type="DESC_VIEW")
