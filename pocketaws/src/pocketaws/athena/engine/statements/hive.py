"""Calls Glue for Hive's DDL, and words failures as Hive does.

The messages are those that Athena was observed to give as the reason for a failed statement.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ....errors import AwsError
from ...glue import Glue, is_missing
from ..failure import QueryError
from .reader import Name
from .statement import Session

_TASK = "FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "
_SYNTAX, _DDL = 1006, 1003


@dataclass(frozen=True)
class Table:
    """A Glue table; ``definition`` is what ``GetTable`` returns."""

    database: str
    name: str
    definition: dict[str, Any]

    @property
    def is_view(self) -> bool:
        return self.definition.get("TableType") == "VIRTUAL_VIEW"

    @property
    def storage(self) -> dict[str, Any]:
        return dict(self.definition.get("StorageDescriptor", {}))

    @property
    def columns(self) -> list[dict[str, Any]]:
        return list(self.storage.get("Columns", []))

    @property
    def keys(self) -> list[dict[str, Any]]:
        """The partition columns."""
        return list(self.definition.get("PartitionKeys", []))

    @property
    def location(self) -> str:
        return str(self.storage.get("Location", ""))


def glue_of(session: Session) -> Glue:
    return session.requester.glue


def find_table(session: Session, name: Name) -> Table:
    """Return a table; raises ``QueryError`` if it's a view, missing, or not permitted."""
    table = find_table_if_any(session, name)
    if table is None:
        database, _ = name.within(session.database)
        _find_database(session, database)
        raise QueryError(
            f"FAILED: SemanticException [Error 10001]: Table not found {database}.{name.table}",
            error_type=_SYNTAX,
        )
    if table.is_view:
        raise QueryError("NOT_SUPPORTED: pocketaws doesn't emulate views")
    return table


def find_table_if_any(session: Session, name: Name) -> Table | None:
    database, table = name.within(session.database)
    try:
        answer = glue_of(session).call("GetTable", DatabaseName=database, Name=table)
    except AwsError as error:
        if is_missing(error):
            return None
        raise _task_failed(error) from error
    return Table(database, table, answer["Table"])


def _find_database(session: Session, database: str) -> None:
    try:
        glue_of(session).call("GetDatabase", Name=database)
    except AwsError as error:
        if is_missing(error):
            raise no_database(database) from error
        raise _task_failed(error) from error


def no_database(database: str) -> QueryError:
    return QueryError(
        f"FAILED: SemanticException [Error 10072]: Database does not exist: {database}",
        error_type=_SYNTAX,
    )


def task_failed(reason: str) -> QueryError:
    """The error for a statement that Hive started but couldn't finish."""
    return QueryError(_TASK + reason, error_type=_SYNTAX)


def _task_failed(error: AwsError) -> QueryError:
    text = (
        f"{error.message} (Service: AmazonDataCatalog; Status Code: {error.status}; "
        f"Error Code: {error.code}; Request ID: {error.request_id}; Proxy: null)"
    )
    return QueryError(f"{_TASK}MetaException(message:{text})", error_type=_DDL)


@contextmanager
def as_task_failure() -> Iterator[None]:
    """Turn Glue's errors into failures of a Hive task."""
    try:
        yield
    except AwsError as error:
        raise _task_failed(error) from error
