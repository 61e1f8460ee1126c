"""``EXPLAIN (TYPE VALIDATE)``: whether a query is right. Plans are Trino's own and not emulated.

Source: Athena user guide, "Using EXPLAIN and EXPLAIN ANALYZE in Athena".
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from ...store import Column, Result
from .. import parsing, querying
from ..failure import UnsupportedStatementError
from ..querying import Answer
from .reader import Reader
from .statement import Session, dml


@dataclass(frozen=True)
class Validate:
    """Nothing is read; a query that is wrong fails as it would without ``EXPLAIN``."""

    tree: exp.Query
    kind = dml("EXPLAIN", ".txt")

    def begin(self, session: Session) -> Answer:
        querying.describe(self.tree.copy(), session.database, session.asker)
        rows = (("true",), ("",))  # Athena cuts the text behind each line break, and one ends it
        columns = (Column("Valid", "boolean"),)
        return Answer(Result(columns, rows, has_header=True, update_count=None))


def explain(reader: Reader) -> Validate:
    options: dict[str, str] = {}
    if not reader.take("ANALYZE") and reader.take("("):
        while not options or reader.take(","):
            key = reader.identifier()
            options[key] = reader.identifier()
        reader.expect(")")
    if options.get("type") != "validate":
        raise UnsupportedStatementError("EXPLAIN without (TYPE VALIDATE)")
    return Validate(parsing.parse(reader.rest_in_place()))
