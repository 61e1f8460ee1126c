"""Queries.

Source: Athena user guide, "SELECT".
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from .. import parsing, querying
from ..querying import Plan
from .statement import Session, dml


@dataclass(frozen=True)
class Select:
    """A query with its parameters filled in."""

    tree: exp.Query
    kind = dml("SELECT", ".csv")

    def begin(self, session: Session) -> Plan:
        return querying.plan(self.tree, session.database, session.requester)


def read(text: str, parameters: list[str]) -> Select:
    return Select(parsing.bind(parsing.parse(text), parameters))
