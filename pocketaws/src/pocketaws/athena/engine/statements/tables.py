"""Creates and drops tables.

Source: Athena user guide, "CREATE TABLE", "DROP TABLE", "Create a table for CloudTrail logs in
Athena using manual partitioning", "Create a table for Amazon VPC flow logs and query it"; the
resulting Glue table, "DESCRIBE" (an example with ``FORMATTED``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ....errors import AwsError
from ...glue import is_missing
from ..failure import MalformedQueryError, UnsupportedStatementError
from ..querying import Answer
from ..records import LAZY_SIMPLE
from .formats import DELIMITERS, NAMED, TEXT, FileFormat
from .hive import as_task_failure, find_table, find_table_if_any, glue_of, no_database, task_failed
from .reader import Name, Reader
from .statement import Session, ddl, nothing

Columns = tuple[dict[str, str], ...]


@dataclass(frozen=True)
class CreateTable:
    """Create a table over files in S3. ``columns`` and ``keys`` have the shape of Glue's."""

    name: Name
    if_not_exists: bool
    columns: Columns
    keys: Columns
    format: FileFormat
    serde: str
    serde_properties: dict[str, str]
    location: str
    properties: dict[str, str]
    kind = ddl("CREATE_TABLE")

    def begin(self, session: Session) -> Answer:
        database, name = self.name.within(session.database)
        if self.if_not_exists and find_table_if_any(session, self.name) is not None:
            return nothing()
        with as_task_failure():
            try:
                glue_of(session).call(
                    "CreateTable", DatabaseName=database, TableInput=self._input(session)
                )
            except AwsError as error:
                if error.code == "AlreadyExistsException":
                    raise task_failed(
                        f"AlreadyExistsException(message:Table {name} already exist)"
                    ) from error
                if is_missing(error):
                    raise no_database(database) from error
                raise
        return nothing()

    def _input(self, session: Session) -> dict[str, Any]:
        made_at = str(int(session.requester.now.timestamp()))
        return {
            "Name": self.name.table,
            "Owner": "hadoop",
            "Retention": 0,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"EXTERNAL": "TRUE", "transient_lastDdlTime": made_at, **self.properties},
            "PartitionKeys": list(self.keys),
            "StorageDescriptor": {
                "Columns": list(self.columns),
                "Location": self.location,
                "InputFormat": self.format.input,
                "OutputFormat": self.format.output,
                "Compressed": False,
                "NumberOfBuckets": -1,
                "SerdeInfo": {
                    "SerializationLibrary": self.serde,
                    "Parameters": {"serialization.format": "1", **self.serde_properties},
                },
                "BucketColumns": [],
                "SortColumns": [],
                "Parameters": {},
                "StoredAsSubDirectories": False,
            },
        }


def create_external(reader: Reader) -> CreateTable:
    return _create(reader, external=True)


def create(reader: Reader) -> CreateTable:
    """Parse ``CREATE TABLE`` without ``EXTERNAL``, whose table types pocketaws doesn't emulate."""
    return _create(reader, external=False)


def _create(reader: Reader, *, external: bool) -> CreateTable:
    if_not_exists = reader.take("IF", "NOT", "EXISTS")
    name = reader.name()
    if reader.sees("AS") or reader.sees("WITH"):
        raise UnsupportedStatementError("CREATE TABLE AS")
    columns = columns_of(reader) if reader.sees("(") else ()
    comment = reader.text() if reader.take("COMMENT") else None
    keys = columns_of(reader) if reader.take("PARTITIONED", "BY") else ()
    if reader.sees("CLUSTERED", "BY"):
        raise UnsupportedStatementError("CREATE TABLE with CLUSTERED BY")
    serde, serde_properties = _row_format(reader)
    file_format = _stored_as(reader)
    if reader.take("WITH", "SERDEPROPERTIES"):
        serde_properties |= reader.properties()
    location = reader.text() if reader.take("LOCATION") else None
    properties = {} if comment is None else {"comment": comment}
    if reader.take("TBLPROPERTIES"):
        properties |= reader.properties()
    reader.end()
    if properties.get("table_type", "").lower() == "iceberg":
        raise UnsupportedStatementError("CREATE TABLE of Iceberg tables")
    if location is None:
        message = "No location was specified for table. An S3 location must be specified"
        raise MalformedQueryError(message)
    if not external:
        raise MalformedQueryError("External keyword required for table type HIVE")
    _check(columns, keys, location)
    return CreateTable(
        name, if_not_exists, columns, keys, file_format,
        serde or file_format.serde or LAZY_SIMPLE, serde_properties, location, properties,
    )  # fmt: skip


def _check(columns: Columns, keys: Columns, location: str) -> None:
    if not location.startswith("s3://"):
        raise MalformedQueryError(f"The location {location} is not in S3")
    names = [column["Name"] for column in columns + keys]
    for name in names:
        if names.count(name) > 1:
            message = f"Column repeated in partitioning columns or in columns: {name}"
            raise MalformedQueryError(message)


def columns_of(reader: Reader) -> Columns:
    """Read ``(name type COMMENT '…', …)``."""
    reader.expect("(")
    found: list[dict[str, str]] = []
    while not found or reader.take(","):
        column = {"Name": reader.identifier(), "Type": reader.type()}
        if reader.take("COMMENT"):
            column["Comment"] = reader.text()
        found.append(column)
    reader.expect(")")
    return tuple(found)


def _row_format(reader: Reader) -> tuple[str | None, dict[str, str]]:
    """Read the SerDe's name and its parameters."""
    if not reader.take("ROW", "FORMAT"):
        return None, {}
    if reader.take("SERDE"):
        serde = reader.text()
        return serde, reader.properties() if reader.take("WITH", "SERDEPROPERTIES") else {}
    reader.expect("DELIMITED")
    found: dict[str, str] = {}
    for words, key in DELIMITERS:
        if reader.take(*words):
            found[key] = reader.text()
    if "field.delim" in found:
        found["serialization.format"] = found["field.delim"]
    return None, found


def _stored_as(reader: Reader) -> FileFormat:
    if not reader.take("STORED", "AS"):
        return TEXT
    if reader.take("INPUTFORMAT"):
        given = reader.text()
        reader.expect("OUTPUTFORMAT")
        return FileFormat(given, reader.text())
    named = reader.take_one(*NAMED)
    if named is None:
        raise reader.unexpected("'INPUTFORMAT'", *(f"'{name}'" for name in NAMED))
    return NAMED[named]


@dataclass(frozen=True)
class DropTable:
    """Drop a table; its files stay."""

    name: Name
    if_exists: bool
    kind = ddl("DROP_TABLE")

    def begin(self, session: Session) -> Answer:
        if self.if_exists and find_table_if_any(session, self.name) is None:
            return nothing()
        table = find_table(session, self.name)
        with as_task_failure():
            glue_of(session).call("DeleteTable", DatabaseName=table.database, Name=table.name)
        return nothing()


def drop(reader: Reader) -> DropTable:
    if_exists = reader.take("IF", "EXISTS")
    name = reader.name()
    reader.take("PURGE")
    reader.end()
    return DropTable(name, if_exists)
