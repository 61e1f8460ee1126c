"""Loads the tables that a query reads from Glue and S3 into DuckDB.

``read`` takes a consistent snapshot of a table's files in one transaction, with the caller's
permissions. ``load`` then works on the snapshot outside of any transaction.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...errors import AwsError
from ..glue import PRINCIPAL, Glue, is_missing
from . import partitions, records
from .engine import Engine, TooSlowError
from .failure import QueryError
from .hive_types import HiveType, parse_type

if TYPE_CHECKING:
    from ...identity.caller import Caller
    from ...world import World

_HIDDEN = ("_", ".")
_BATCH_ROWS = 20_000


@dataclass(frozen=True)
class Requester:
    """The caller, place, and time for which tables are read."""

    world: World
    caller: Caller
    region: str
    now: datetime
    most_bytes: int | None
    """The most bytes that the query can scan, or ``None`` for no limit."""

    @property
    def glue(self) -> Glue:
        return Glue(self.world, self.caller, self.region)


@dataclass
class Source:
    """A table that a query uses; ``name`` is its name in the engine."""

    name: str
    database: str
    table: str
    definition: dict[str, Any]
    columns: list[tuple[str, HiveType]]
    keys: list[tuple[str, HiveType]]
    lists_partitions: bool = False
    """Whether its rows are the table's partitions in Glue."""


@dataclass(frozen=True)
class File:
    """A snapshot of one of a table's files, with its partition's values."""

    place: str
    content: bytes
    values: partitions.Values


@dataclass(frozen=True)
class Content:
    """A snapshot of a table's files from when the query began."""

    source: Source
    files: tuple[File, ...] = ()
    partitions: tuple[partitions.Values, ...] = ()


@dataclass
class Scanned:
    """How much has been read."""

    size: int = 0
    rows: int = 0


def definition_of(requester: Requester, database: str, table: str) -> dict[str, Any] | None:
    """Return a table's or view's Glue definition, or ``None`` if it doesn't exist.

    Raises ``QueryError`` if the caller isn't allowed to see it.
    """
    try:
        answer = requester.glue.call("GetTable", DatabaseName=database, Name=table)
    except AwsError as error:
        if is_missing(error):
            return None
        message = f"Insufficient permissions to execute the query. {error.message}"
        raise QueryError(message) from error
    return dict(answer["Table"])


def source_of(definition: dict[str, Any], name: str) -> Source:
    """Return a table as a source called ``name``; raises ``QueryError`` for unknown types."""
    storage = definition.get("StorageDescriptor", {})
    return Source(
        name,
        definition["DatabaseName"],
        definition["Name"],
        definition,
        [_column(column) for column in storage.get("Columns", [])],
        [_column(column) for column in definition.get("PartitionKeys", [])],
    )


def partitions_of(definition: dict[str, Any], name: str) -> Source | None:
    """Return a table's ``"t$partitions"`` table, or ``None`` if it isn't partitioned.

    Source: Athena user guide, "SHOW PARTITIONS" (listing partitions in sorted order).
    """
    table = source_of(definition, name)
    if not table.keys:
        return None
    return Source(
        name, table.database, table.table, definition, table.keys, [], lists_partitions=True
    )


def _column(column: dict[str, str]) -> tuple[str, HiveType]:
    return column["Name"].lower(), parse_type(column.get("Type", "string"))


def read(requester: Requester, source: Source, conditions: list[str] | None) -> Content:
    """Read a table's files; raises ``QueryError``.

    ``conditions`` limits the partitions: at least one condition must hold for a partition's values.
    ``None`` reads all partitions.
    """
    if source.lists_partitions:
        listed = _partitions(requester, source)
        return Content(source, partitions=tuple(tuple(each["Values"]) for each in listed))
    records.reader_of(source.definition)  # fail on an unknown format before fetching files
    found = [
        (bucket, key, size, values)
        for place in _places(requester, source)
        for bucket, key, size, values in _files(requester, place)
    ]
    wanted = _wanted(source, {values for *_, values in found}, conditions)
    files: list[File] = []
    total = 0
    for bucket, key, size, values in found:
        if values not in wanted:
            continue
        total += size
        if requester.most_bytes is not None and total > requester.most_bytes:
            raise QueryError("Query cancelled! : Bytes scanned limit was exceeded")
        files.append(File(f"s3://{bucket}/{key}", _content(requester, bucket, key), values))
    return Content(source, tuple(files))


def load(engine: Engine, content: Content, check: Callable[[], None]) -> Scanned:
    """Load a table's snapshot into the engine; raises ``QueryError``.

    ``check`` runs before each file, and can raise an error to stop.
    """
    source, scanned = content.source, Scanned()
    if source.lists_partitions:
        names = [name for name, _ in source.columns]
        listed = [dict(zip(names, values, strict=True)) for values in content.partitions]
        engine.load(source.name, source.columns, listed, ())
        return Scanned(rows=len(listed))
    reader = records.reader_of(source.definition)
    convert = records.row_converter(source.columns)
    for values, files in itertools.groupby(content.files, key=lambda file: file.values):
        rows: list[dict[str, Any]] = []
        for file in files:
            check()
            scanned.size += len(file.content)
            rows += [convert(record) for record in _records(file, reader)]
            if len(rows) >= _BATCH_ROWS:
                scanned.rows += len(rows)
                engine.load(source.name, source.columns, rows, values)
                rows = []
        if rows:
            scanned.rows += len(rows)
            engine.load(source.name, source.columns, rows, values)
    return scanned


def _records(file: File, reader: records.Read) -> Iterator[dict[str, Any]]:
    try:
        yield from reader(records.unpacked(file.content))
    except ValueError as error:
        raise QueryError(f"HIVE_CURSOR_ERROR: {error}: {file.place}") from error


def _places(requester: Requester, source: Source) -> list[partitions.Location]:
    parameters = source.definition.get("Parameters", {})
    listed: list[dict[str, Any]] = []
    if source.keys and parameters.get("projection.enabled", "").lower() != "true":
        listed = _partitions(requester, source)
    return partitions.locations(source.definition, listed, requester.now)


def _partitions(requester: Requester, source: Source) -> list[dict[str, Any]]:
    try:
        return requester.glue.every(
            "GetPartitions", "Partitions", DatabaseName=source.database, TableName=source.table
        )
    except AwsError as error:
        message = f"Insufficient permissions to execute the query. {error.message}"
        raise QueryError(message) from error


def _files(
    requester: Requester, place: partitions.Location
) -> Iterator[tuple[str, str, int, partitions.Values]]:
    for item in _listed(requester, place.bucket, place.prefix):
        key, size = str(item["Key"]), int(item["Size"])
        values = place.values_of(key)
        hidden = key.rpartition("/")[2].startswith(_HIDDEN)
        if values is not None and size and not hidden and not key.endswith("/"):
            yield place.bucket, key, size, values


def _listed(requester: Requester, bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
    token: dict[str, str] = {}
    while True:
        answer = _s3(
            requester, "ListObjectsV2", f"s3://{bucket}/{prefix}",
            Bucket=bucket, Prefix=prefix, **token,
        )  # fmt: skip
        yield from answer.get("Contents", [])
        if not answer.get("IsTruncated"):
            return
        token = {"ContinuationToken": answer["NextContinuationToken"]}


def _wanted(
    source: Source, values: set[partitions.Values], conditions: list[str] | None
) -> set[partitions.Values]:
    if conditions is None or not source.keys or not values:
        return values
    either = " OR ".join(f"({condition})" for condition in conditions)
    engine = Engine()
    try:
        return set(engine.select(either, source.keys, sorted(values)))
    except TooSlowError:
        return values  # the query itself checks again, without blocking other requests
    finally:
        engine.close()


def _content(requester: Requester, bucket: str, key: str) -> bytes:
    body = _s3(requester, "GetObject", f"s3://{bucket}/{key}", Bucket=bucket, Key=key)["Body"]
    return bytes(body if isinstance(body, bytes) else body.read())


def _s3(requester: Requester, operation: str, place: str, **params: Any) -> dict[str, Any]:
    caller = requester.caller.through(PRINCIPAL)
    try:
        return requester.world.call(caller, "s3", operation, requester.region, **params)
    except AwsError as error:
        if error.status == 403:
            raise QueryError(f"Permission denied on S3 path: {place}") from error
        raise QueryError(f"HIVE_FILESYSTEM_ERROR: {error.message}: {place}") from error
