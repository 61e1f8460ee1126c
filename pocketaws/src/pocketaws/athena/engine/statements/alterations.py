"""``ALTER TABLE … ADD PARTITION``. Other changes to tables aren't emulated.

Source: Athena user guide, "ALTER TABLE ADD PARTITION".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ....errors import AwsError
from ..failure import QueryError, UnsupportedStatementError
from ..partitions import hive_location, partition_name
from ..querying import Answer
from .hive import Table, as_task_failure, find_table, glue_of, task_failed
from .reader import Name, Reader
from .statement import Session, ddl, nothing

_NOT_EMULATED = (
    ("ADD", "COLUMNS"),
    ("CHANGE",),
    ("DROP",),
    ("PARTITION",),
    ("RENAME",),
    ("REPLACE", "COLUMNS"),
    ("SET", "LOCATION"),
    ("SET", "TBLPROPERTIES"),
)


@dataclass(frozen=True)
class Partition:
    """A partition as the statement names it: its values by key, and its location."""

    values: dict[str, str]
    location: str | None = None

    def of(self, table: Table) -> tuple[str, ...]:
        """Return the values in the order of the table's keys; raises ``QueryError``."""
        keys = [str(key["Name"]) for key in table.keys]
        if set(self.values) != set(keys):
            given = "{" + ", ".join(f"{key}={value}" for key, value in self.values.items()) + "}"
            raise QueryError(
                f"FAILED: SemanticException partition spec {given} doesn't contain all "
                f"({len(keys)}) partition columns",
                error_type=1006,
            )
        return tuple(self.values[key] for key in keys)


def _partition_input(session: Session, table: Table, values: tuple[str, ...], location: str) -> dict[str, Any]:  # fmt: skip
    return {
        "Values": list(values),
        "StorageDescriptor": {**table.storage, "Location": location},
        "Parameters": {"transient_lastDdlTime": str(int(session.requester.now.timestamp()))},
    }


@dataclass(frozen=True)
class AddPartitions:
    """Add partitions to Glue; without a location, they use Hive's default folders."""

    name: Name
    if_not_exists: bool
    partitions: tuple[Partition, ...]
    kind = ddl("ALTER_TABLE_ADD_PARTITION")

    def begin(self, session: Session) -> Answer:
        table = find_table(session, self.name)
        keys = [str(key["Name"]) for key in table.keys]
        for partition in self.partitions:
            values = partition.of(table)
            place = partition.location or hive_location(table.location, keys, list(values))
            with as_task_failure():
                try:
                    glue_of(session).call(
                        "CreatePartition", DatabaseName=table.database, TableName=table.name,
                        PartitionInput=_partition_input(session, table, values, place),
                    )  # fmt: skip
                except AwsError as error:
                    if error.code != "AlreadyExistsException":
                        raise
                    if not self.if_not_exists:
                        problem = f"Partition already exists: {partition_name(keys, values)}"
                        raise task_failed(f"AlreadyExistsException(message:{problem})") from error
        return nothing()


def alter(reader: Reader) -> AddPartitions:
    """Parse what follows ``ALTER TABLE``."""
    name = reader.name()
    for words in _NOT_EMULATED:
        if reader.sees(*words):
            raise UnsupportedStatementError(f"ALTER TABLE {' '.join(words)}")
    if not reader.take("ADD"):
        raise reader.unexpected("'ADD'", "'DROP'", "'REPLACE'", "'SET'")
    if_not_exists = reader.take("IF", "NOT", "EXISTS")
    found = AddPartitions(name, if_not_exists, _partitions(reader))
    reader.end()
    return found


def _partitions(reader: Reader) -> tuple[Partition, ...]:
    found: list[Partition] = []
    while not found or reader.sees("PARTITION") or reader.take(","):
        reader.expect("PARTITION")
        values = _values(reader)
        location = reader.text() if reader.take("LOCATION") else None
        found.append(Partition(values, location))
    return tuple(found)


def _values(reader: Reader) -> dict[str, str]:
    reader.expect("(")
    values: dict[str, str] = {}
    while not values or reader.take(","):
        key = reader.identifier()
        reader.expect("=")
        values[key] = reader.value()
    reader.expect(")")
    return values
