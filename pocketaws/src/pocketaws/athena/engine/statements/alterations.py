"""Changes of tables, and the search for their partitions.

Source: Athena user guide, "ALTER TABLE ADD PARTITION", "ALTER TABLE DROP PARTITION", "ALTER TABLE SET
LOCATION", "ALTER TABLE SET TBLPROPERTIES", "ALTER TABLE ADD COLUMNS", "ALTER TABLE REPLACE COLUMNS", "MSCK
REPAIR TABLE".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ....errors import AwsError
from ...glue import is_missing
from ...store import Result
from ..failure import QueryError, UnsupportedStatementError
from ..partitions import hive_location, partition_name, partitions_in_folders, split_location
from ..querying import Answer
from ..sources import keys_below
from .hive import Table, carried_out, find_table, find_table_if_any, glue_of, task_failed
from .reader import Name, Reader
from .statement import Kind, Session, ddl, nothing
from .tables import Columns, columns_of

_BATCH = 100


@dataclass(frozen=True)
class Partition:
    """A partition as it is named: values by key, and where its files are."""

    values: dict[str, str]
    location: str | None = None

    def of(self, table: Table) -> tuple[str, ...]:
        """The values in the order of the table's keys; raises ``QueryError``."""
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
        "Parameters": {"transient_lastDdlTime": str(int(session.asker.now.timestamp()))},
    }


@dataclass(frozen=True)
class AddPartitions:
    """Tell Glue of partitions; without a place they are in Hive's folders."""

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
            with carried_out():
                try:
                    glue_of(session).call(
                        "CreatePartition", DatabaseName=table.database, TableName=table.name,
                        PartitionInput=_partition_input(session, table, values, place),
                    )  # fmt: skip
                except AwsError as error:
                    if error.code != "AlreadyExistsException":
                        raise
                    if not self.if_not_exists:
                        said = f"Partition already exists: {partition_name(keys, values)}"
                        raise task_failed(f"AlreadyExistsException(message:{said})") from error
        return nothing()


@dataclass(frozen=True)
class DropPartitions:
    """Have Glue forget partitions."""

    name: Name
    if_exists: bool
    partitions: tuple[Partition, ...]
    kind = ddl("ALTER_TABLE_DROP_PARTITION")

    def begin(self, session: Session) -> Answer:
        table = find_table(session, self.name)
        keys = [str(key["Name"]) for key in table.keys]
        for partition in self.partitions:
            values = partition.of(table)
            with carried_out():
                try:
                    glue_of(session).call(
                        "DeletePartition", DatabaseName=table.database, TableName=table.name,
                        PartitionValues=list(values),
                    )  # fmt: skip
                except AwsError as error:
                    if not is_missing(error):
                        raise
                    if not self.if_exists:
                        raise QueryError(
                            "FAILED: SemanticException [Error 10006]: Partition not found "
                            f"{{{partition_name(keys, values)}}}",
                            error_type=1006,
                        ) from error
        return nothing()


@dataclass(frozen=True)
class SetProperties:
    """Add to a table's properties, or change them."""

    name: Name
    properties: dict[str, str]
    kind = ddl("ALTER_TABLE_PROPERTIES")

    def begin(self, session: Session) -> Answer:
        table = find_table(session, self.name)
        return _update(session, table, Parameters={**table.definition.get("Parameters", {}), **self.properties})  # fmt: skip


@dataclass(frozen=True)
class SetLocation:
    """Say where a table's files are."""

    name: Name
    location: str
    kind = ddl("ALTER_TABLE_SET_LOCATION")

    def begin(self, session: Session) -> Answer:
        table = find_table(session, self.name)
        return _update(session, table, StorageDescriptor={**table.storage, "Location": self.location})  # fmt: skip


@dataclass(frozen=True)
class SetColumns:
    """Add columns behind a table's own, or take others in place of them."""

    name: Name
    columns: Columns
    replace: bool
    kind: Kind

    def begin(self, session: Session) -> Answer:
        table = find_table(session, self.name)
        columns = [*([] if self.replace else table.columns), *self.columns]
        names = [column["Name"] for column in columns + table.keys]
        repeated = next((name for name in names if names.count(name) > 1), None)
        if repeated is not None:
            raise task_failed(f"Duplicate column name: {repeated}")
        return _update(session, table, StorageDescriptor={**table.storage, "Columns": columns})


def _update(session: Session, table: Table, **members: Any) -> Answer:
    with carried_out():
        glue_of(session).call(
            "UpdateTable", DatabaseName=table.database, TableInput=table.changed(**members)
        )
    return nothing()


Alteration = AddPartitions | DropPartitions | SetProperties | SetLocation | SetColumns


def alter(reader: Reader) -> Alteration:
    """What follows ``ALTER TABLE``."""
    name = reader.name()
    found = _alteration(reader, name)
    reader.end()
    return found


def _alteration(reader: Reader, name: Name) -> Alteration:
    if reader.take("ADD", "COLUMNS"):
        kind = ddl("ALTER_TABLE_ADD_COLUMN")
        return SetColumns(name, columns_of(reader), replace=False, kind=kind)
    if reader.take("REPLACE", "COLUMNS"):
        kind = ddl("ALTER_TABLE_REPLACE_COLUMN")
        return SetColumns(name, columns_of(reader), replace=True, kind=kind)
    if reader.take("ADD"):
        if_not_exists = reader.take("IF", "NOT", "EXISTS")
        return AddPartitions(name, if_not_exists, _partitions(reader, located=True))
    if reader.take("DROP"):
        if_exists = reader.take("IF", "EXISTS")
        return DropPartitions(name, if_exists, _partitions(reader, located=False))
    if reader.take("SET", "TBLPROPERTIES"):
        return SetProperties(name, reader.properties())
    if reader.take("SET", "LOCATION"):
        return SetLocation(name, reader.text())
    for word in ("CHANGE", "RENAME", "PARTITION"):
        if reader.sees(word):
            raise UnsupportedStatementError(f"ALTER TABLE {word}")
    raise reader.unexpected("'ADD'", "'DROP'", "'REPLACE'", "'SET'")


def _partitions(reader: Reader, *, located: bool) -> tuple[Partition, ...]:
    found: list[Partition] = []
    while not found or reader.sees("PARTITION") or reader.take(","):
        reader.expect("PARTITION")
        values = _values(reader)
        location = reader.text() if located and reader.take("LOCATION") else None
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


@dataclass(frozen=True)
class Repair:
    """Tell Glue of the partitions that there are in folders such as ``year=2026/month=03``."""

    name: Name
    kind = ddl("MSCK_REPAIR")

    def begin(self, session: Session) -> Answer:
        table = find_table_if_any(session, self.name)
        if table is None:
            return _told([f"Tables not in metastore:\t{self.name.table}"])
        keys = [str(key["Name"]) for key in table.keys]
        glue = glue_of(session)
        where = {"DatabaseName": table.database, "TableName": table.name}
        with carried_out():
            listed = glue.every("GetPartitions", "Partitions", **where) if keys else []
        known = {tuple(each["Values"]): _place(each) for each in listed}
        objects = list(keys_below(session.asker, table.location))
        there = partitions_in_folders(keys, table.location, objects)
        new = {values: place for values, place in there.items() if values not in known}
        inputs = [_partition_input(session, table, *each) for each in new.items()]
        with carried_out():
            for start in range(0, len(inputs), _BATCH):
                batch = inputs[start : start + _BATCH]
                glue.call("BatchCreatePartition", **where, PartitionInputList=batch)
        added = [f"{table.name}:{partition_name(keys, values)}" for values in new]
        gone = [
            f"{table.name}:{partition_name(keys, values)}"
            for values, place in known.items()
            if place.startswith(table.location) and not _has_files(place, objects)
        ]
        return _told(
            [
                *(["\t".join(["Partitions not in metastore:", *added])] if added else []),
                *(["\t".join(["Partitions missing from filesystem:", *gone])] if gone else []),
                *(f"Repair: Added partition to metastore {each}" for each in added),
            ]
        )


def _place(partition: dict[str, Any]) -> str:
    return str(partition.get("StorageDescriptor", {}).get("Location", ""))


def _has_files(place: str, objects: list[str]) -> bool:
    _, prefix = split_location(place)
    return any(key.startswith(f"{prefix.rstrip('/')}/") for key in objects)


def _told(rows: list[str]) -> Answer:
    """Rows without columns."""
    texts = tuple((row,) for row in rows)
    return Answer(Result((), texts, has_header=False, update_count=None))


def repair(reader: Reader) -> Repair:
    name = reader.name()
    reader.end()
    return Repair(name)
