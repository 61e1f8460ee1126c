"""Lists databases, tables, columns, and partitions.

Source: Athena user guide, "SHOW DATABASES", "SHOW TABLES", "SHOW COLUMNS", "SHOW PARTITIONS".
"""

from __future__ import annotations

from dataclasses import dataclass

from ....errors import AwsError
from ...glue import is_missing
from ..engine import matching
from ..partitions import partition_name
from ..querying import Answer
from .hive import as_task_failure, find_table, glue_of, no_database, task_failed
from .reader import Name, Reader
from .statement import Session, lines, utility

WIDTH = 20
"""The width of a column in Hive's text output."""


@dataclass(frozen=True)
class ShowDatabases:
    """List the databases whose whole name matches a regular expression."""

    expression: str | None
    kind = utility("SHOW_DATABASES")

    def begin(self, session: Session) -> Answer:
        with as_task_failure():
            found = glue_of(session).every("GetDatabases", "DatabaseList")
        names = [str(database["Name"]) for database in found]
        if self.expression not in (None, "*"):
            names = _fitting(names, self.expression)
        return lines("database_name", names)


def _fitting(names: list[str], expression: str) -> list[str]:
    found = matching(names, expression)
    if found is None:
        raise task_failed(
            "MetaException(message:Unable to get databases: "
            f"java.util.regex.PatternSyntaxException: {expression})"
        )
    return found


def databases(reader: Reader) -> ShowDatabases:
    expression = reader.text() if reader.take("LIKE") else None
    reader.end()
    return ShowDatabases(expression)


@dataclass(frozen=True)
class ShowTables:
    """List the tables whose name matches a pattern with ``*`` and ``|``."""

    database: str | None
    pattern: str | None
    kind = utility("SHOW_TABLES")

    def begin(self, session: Session) -> Answer:
        database = self.database or session.database
        with as_task_failure():
            try:
                found = glue_of(session).every("GetTables", "TableList", DatabaseName=database)
            except AwsError as error:
                if is_missing(error):
                    raise no_database(database) from error
                raise
        names = [str(table["Name"]) for table in found]
        if self.pattern is not None:
            names = _fitting(names, _expression(self.pattern))
        return lines("tab_name", names)


def _expression(pattern: str) -> str:
    """Convert Hive's pattern to a regular expression: ``*`` and ``.*`` match anything."""
    pieces = pattern.lower().replace(".*", "*").split("*")
    return ".*".join(piece.replace(".", r"\.") for piece in pieces)


def tables(reader: Reader) -> ShowTables:
    database = reader.identifier() if reader.take_one("IN", "FROM") else None
    reader.take("LIKE")
    pattern = None if reader.token.kind != "text" else reader.text()
    reader.end()
    return ShowTables(database, pattern)


@dataclass(frozen=True)
class ShowColumns:
    """List a table's column names, partition columns last."""

    name: Name
    kind = utility("SHOW_COLUMNS")

    def begin(self, session: Session) -> Answer:
        table = find_table(session, self.name)
        names = [str(column["Name"]).ljust(WIDTH) for column in table.columns + table.keys]
        return lines("field", names)


def columns(reader: Reader) -> ShowColumns:
    name = _from(reader)
    if reader.take_one("IN", "FROM"):
        name = Name(reader.identifier(), name.table)
    reader.end()
    return ShowColumns(name)


def _from(reader: Reader) -> Name:
    if reader.take_one("IN", "FROM") is None:
        raise reader.unexpected("'FROM'", "'IN'")
    return reader.name(quoted=True)


@dataclass(frozen=True)
class ShowPartitions:
    """List the partitions in Glue as ``a=1/b=2``; projected partitions aren't included."""

    name: Name
    kind = utility("SHOW_PARTITIONS")

    def begin(self, session: Session) -> Answer:
        table = find_table(session, self.name)
        if not table.keys:
            raise task_failed(f"Table {table.name} is not a partitioned table")
        with as_task_failure():
            found = glue_of(session).every(
                "GetPartitions", "Partitions", DatabaseName=table.database, TableName=table.name
            )
        keys = [str(key["Name"]) for key in table.keys]
        return lines("partition", [partition_name(keys, each["Values"]) for each in found])


def partitions(reader: Reader) -> ShowPartitions:
    name = reader.name()
    reader.end()
    return ShowPartitions(name)
