"""The interface of every statement: its kind, and how it runs."""

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
    """How an execution of the statement is described.

    Source: Athena API reference, "QueryExecution" (``StatementType``); user guide, "SHOW TABLES" (a
    utility), "Work with query results and recent queries" (query results are CSV files, others are
    text files).
    """

    statement_type: Literal["DDL", "DML", "UTILITY"]
    substatement_type: str
    suffix: str = ".txt"
    """The result file's suffix."""
    content_type: str = _TEXT
    """The result file's content type, as observed on Athena."""


def ddl(substatement_type: str) -> Kind:
    return Kind("DDL", substatement_type)


def utility(substatement_type: str, *, described: bool = False) -> Kind:
    """Return a utility's kind; ``described`` is for results that describe one table."""
    return Kind("UTILITY", substatement_type, content_type=_PLANNED if described else _TEXT)


def dml(substatement_type: str, suffix: str) -> Kind:
    return Kind("DML", substatement_type, suffix, _PLANNED)


@dataclass(frozen=True)
class Session:
    """The caller and the database in which a statement runs."""

    requester: Requester
    database: str


class Statement(Protocol):
    """One Athena statement."""

    @property
    def kind(self) -> Kind: ...

    def begin(self, session: Session) -> Answer | Plan:
        """Run the statement, or plan the query that must be computed; raises ``QueryError``."""
        ...


def nothing() -> Answer:
    """The answer of a statement without a result: no rows and no columns."""
    return Answer(Result((), (), has_header=False, update_count=None))


def lines(names: str, rows: list[str], *, counted: bool = True) -> Answer:
    """Return single-value rows, however many columns the result declares.

    ``counted`` adds an update count of 0, as most statements do.
    """
    columns = tuple(Column(name, "string", precision=0) for name in names.split(","))
    update_count = 0 if counted else None
    return Answer(
        Result(columns, tuple((row,) for row in rows), has_header=False, update_count=update_count)
    )
