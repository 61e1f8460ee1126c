"""What every statement has: a kind, and work to do with the caller's permissions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from ...store import Column, Result
from ..querying import Answer, Plan
from ..sources import Requester

_TEXT = "binary/octet-stream"
_PLANNED = "application/octet-stream"


@dataclass(frozen=True)
class Kind:
    """How executions of a statement are described.

    Source: Athena API reference, "QueryExecution" (``StatementType``); user guide, "SHOW TABLES" (a utility),
    "Work with query results and recent queries" (results of queries are CSV files, others texts).
    """

    statement_type: Literal["DDL", "DML", "UTILITY"]
    substatement_type: str
    suffix: str = ".txt"
    """Of the result's file."""
    content_type: str = _TEXT
    """Of the result's file, as Athena was seen to give it."""


def ddl(substatement_type: str) -> Kind:
    return Kind("DDL", substatement_type)


def utility(substatement_type: str, *, described: bool = False) -> Kind:
    """``described``: the answer is about one table, and counts nothing."""
    return Kind("UTILITY", substatement_type, content_type=_PLANNED if described else _TEXT)


def dml(substatement_type: str, suffix: str) -> Kind:
    return Kind("DML", substatement_type, suffix, _PLANNED)


@dataclass(frozen=True)
class Session:
    """In whose name a statement runs, and in which database."""

    requester: Requester
    database: str


class Statement(Protocol):
    """One statement of Athena's."""

    @property
    def kind(self) -> Kind: ...

    def begin(self, session: Session) -> Answer | Plan:
        """Do it, or find out what must be computed for it.

        Raises ``QueryError`` where it fails.
        """
        ...


def nothing() -> Answer:
    """The answer to what only does something: no rows and no columns."""
    return Answer(Result((), (), has_header=False, update_count=None))


def lines(names: str, rows: list[str], *, counted: bool = True) -> Answer:
    """Rows of one text each, whatever the number of columns they have.

    ``counted``: with a count of changed rows, nought, as most have it.
    """
    columns = tuple(Column(name, "string", precision=0) for name in names.split(","))
    update_count = 0 if counted else None
    return Answer(
        Result(columns, tuple((row,) for row in rows), has_header=False, update_count=update_count)
    )
