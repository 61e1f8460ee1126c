"""The tables that a query reads: found in Glue, read from S3 in the caller's name, loaded into DuckDB."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...errors import AwsError
from ..catalog import PRINCIPAL, ask_glue, every
from . import partitions, records
from .engine import Engine
from .failure import QueryError
from .hive_types import HiveType, parse_type

if TYPE_CHECKING:
    from ...identity.caller import Caller
    from ...world import World

_HIDDEN = ("_", ".")
_BATCH_ROWS = 20_000


@dataclass(frozen=True)
class Asker:
    """For whom tables are read."""

    world: World
    caller: Caller
    region: str
    now: datetime
    most_bytes: int | None
    """How much may be read, where there is a limit."""


@dataclass
class Source:
    """A table of a query, and ``name``, what it is called in the engine."""

    name: str
    database: str
    table: str
    definition: dict[str, Any]
    columns: list[tuple[str, HiveType]]
    keys: list[tuple[str, HiveType]]


@dataclass
class Scanned:
    """How much has been read."""

    size: int = 0
    rows: int = 0


def find(asker: Asker, database: str, table: str, name: str) -> Source | None:
    """A table's definition, or ``None`` where there is no such table.

    Raises ``QueryError`` where the caller may not see it.
    """
    try:
        answer = ask_glue(
            asker.world, asker.caller, asker.region, "GetTable", DatabaseName=database, Name=table
        )
    except AwsError as error:
        if "not found" in error.message.lower():
            return None
        message = f"Insufficient permissions to execute the query. {error.message}"
        raise QueryError(message) from error
    definition = answer["Table"]
    if definition.get("TableType") == "VIRTUAL_VIEW":
        raise QueryError("NOT_SUPPORTED: views are not emulated here")
    storage = definition.get("StorageDescriptor", {})
    return Source(
        name,
        database,
        table,
        definition,
        [_column(column) for column in storage.get("Columns", [])],
        [_column(column) for column in definition.get("PartitionKeys", [])],
    )


def _column(column: dict[str, str]) -> tuple[str, HiveType]:
    return column["Name"].lower(), parse_type(column.get("Type", "string"))


def load(asker: Asker, engine: Engine, source: Source, conditions: list[str] | None) -> Scanned:
    """Read a table's files into its place in the engine.

    ``conditions``: of which one must hold for a partition's values, where not all partitions are needed.
    """
    scanned = Scanned()
    found = [
        (bucket, key, size, values)
        for place in _places(asker, source)
        for bucket, key, size, values in _files(asker, place)
    ]
    wanted = _wanted(engine, source, {values for *_, values in found}, conditions)
    read = records.reader_of(source.definition)
    convert = records.row_converter(source.columns)
    for values, files in itertools.groupby(found, key=lambda file: file[3]):
        if values not in wanted:
            continue
        rows: list[dict[str, Any]] = []
        for bucket, key, size, _ in files:
            scanned.size += size
            if asker.most_bytes is not None and scanned.size > asker.most_bytes:
                raise QueryError("Query cancelled! : Bytes scanned limit was exceeded")
            rows += [convert(record) for record in _records(asker, bucket, key, read)]
            if len(rows) >= _BATCH_ROWS:
                scanned.rows += len(rows)
                engine.load(source.name, source.columns, rows, values)
                rows = []
        if rows:
            scanned.rows += len(rows)
            engine.load(source.name, source.columns, rows, values)
    return scanned


def _places(asker: Asker, source: Source) -> list[partitions.Location]:
    parameters = source.definition.get("Parameters", {})
    listed: list[dict[str, Any]] = []
    if source.keys and parameters.get("projection.enabled", "").lower() != "true":
        listed = every(
            asker.world, asker.caller, asker.region, "GetPartitions", "Partitions",
            DatabaseName=source.database, TableName=source.table,
        )  # fmt: skip
    return partitions.locations(source.definition, listed, asker.now)


def _files(
    asker: Asker, place: partitions.Location
) -> Iterator[tuple[str, str, int, partitions.Values]]:
    token: dict[str, str] = {}
    while True:
        answer = _s3(
            asker, "ListObjectsV2", f"s3://{place.bucket}/{place.prefix}",
            Bucket=place.bucket, Prefix=place.prefix, **token,
        )  # fmt: skip
        for item in answer.get("Contents", []):
            key, size = str(item["Key"]), int(item["Size"])
            values = place.values_of(key)
            hidden = key.rpartition("/")[2].startswith(_HIDDEN)
            if values is not None and size and not hidden and not key.endswith("/"):
                yield place.bucket, key, size, values
        if not answer.get("IsTruncated"):
            return
        token = {"ContinuationToken": answer["NextContinuationToken"]}


def _wanted(
    engine: Engine, source: Source, values: set[partitions.Values], conditions: list[str] | None
) -> set[partitions.Values]:
    if conditions is None or not source.keys or not values:
        return values
    names = [name for name, _ in source.keys]
    either = " OR ".join(f"({condition})" for condition in conditions)
    return set(engine.select(either, names, sorted(values)))


def _records(asker: Asker, bucket: str, key: str, read: Any) -> Iterator[dict[str, Any]]:
    place = f"s3://{bucket}/{key}"
    body = _s3(asker, "GetObject", place, Bucket=bucket, Key=key)["Body"]
    content = body if isinstance(body, bytes) else body.read()
    try:
        yield from read(records.unpacked(content))
    except ValueError as error:
        raise QueryError(f"HIVE_CURSOR_ERROR: {error}: {place}") from error


def _s3(asker: Asker, operation: str, place: str, **params: Any) -> dict[str, Any]:
    caller = asker.caller.through(PRINCIPAL)
    try:
        return asker.world.call(caller, "s3", operation, asker.region, **params)
    except AwsError as error:
        if error.status == 403:
            raise QueryError(f"Permission denied on S3 path: {place}") from error
        raise QueryError(f"HIVE_FILESYSTEM_ERROR: {error.message}: {place}") from error
