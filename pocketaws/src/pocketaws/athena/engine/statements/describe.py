"""``DESCRIBE``: a table's columns.

Source: Athena user guide, "DESCRIBE". Hive pads each column to 20 characters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..failure import UnsupportedStatementError
from ..querying import Answer
from .formats import comment_of
from .hive import Table, find_table
from .reader import Name, Reader
from .show import WIDTH
from .statement import Session, lines, utility

_BLANK = "\t \t "


@dataclass(frozen=True)
class Describe:
    """List a table's columns, then its partition columns again in a section of their own."""

    name: Name
    kind = utility("DESCRIBE_TABLE", described=True)

    def begin(self, session: Session) -> Answer:
        table = find_table(session, self.name)
        rows = [*_columns(table, table.columns + table.keys), *_partitioning(table)]
        return lines("col_name,data_type,comment", rows, counted=False)


def describe(reader: Reader) -> Describe:
    how = reader.take_one("FORMATTED", "EXTENDED")
    if how is not None:
        raise UnsupportedStatementError(f"DESCRIBE {how}")
    name = reader.name(quoted=True)
    if reader.sees("PARTITION") or reader.token.kind in {"word", "name"}:
        raise UnsupportedStatementError("DESCRIBE of a partition or of one column")
    reader.end()
    return Describe(name)


def _row(*parts: str) -> str:
    return "\t".join(part.ljust(WIDTH) for part in parts)


def _columns(table: Table, columns: list[dict[str, Any]]) -> list[str]:
    keys = {key["Name"] for key in table.keys}
    serde = table.storage.get("SerdeInfo", {}).get("SerializationLibrary", "")
    rows = []
    for column in columns:
        of_key = column["Name"] in keys
        comment = column.get("Comment", "") if of_key else comment_of(column, serde)
        # A tab starts another column, so what follows it gets lost, in Athena too.
        row = _row(column["Name"], column.get("Type", "string"), comment)
        rows.append("\t".join(row.split("\t")[:3]))
    return rows


def _partitioning(table: Table) -> list[str]:
    if not table.keys:
        return []
    heading = _row("# col_name", "data_type", "comment")
    return [
        _BLANK,
        f"# Partition Information{_BLANK}",
        heading,
        _BLANK,
        *_columns(table, table.keys),
    ]
