"""Reads files into values for a table's columns.

The files' keys are in camel case and the table's columns in lowercase, so the comparison ignores
case, as Hive's JSON SerDes do. A value that doesn't fit its column becomes NULL; one record of the
wrong type doesn't affect the others.

Source: Athena user guide, "Hive JSON SerDe", "OpenX JSON SerDe", "Create a table for CloudTrail
logs".
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from . import delimited
from .failure import QueryError
from .hive_types import HiveType

Convert = Callable[[Any], Any]
Read = Callable[[bytes], Iterator[dict[str, Any]]]

_CLOUDTRAIL_INPUT = "com.amazon.emr.cloudtrail.CloudTrailInputFormat"
_CLOUDTRAIL_SERDE = "com.amazon.emr.hive.serde.CloudTrailSerde"
_DIGITS = re.compile(r"[+-]?[0-9]{1,40}")
LAZY_SIMPLE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
_JSON_SERDES = {"org.apache.hive.hcatalog.data.JsonSerDe", "org.openx.data.jsonserde.JsonSerDe"}


def reader_of(table: dict[str, Any]) -> Read:
    """Return the function that reads a Glue table's files: uncompressed bytes -> records.

    Raises ``QueryError`` for a format that isn't emulated.
    """
    storage = table.get("StorageDescriptor", {})
    serde = storage.get("SerdeInfo", {}).get("SerializationLibrary", "")
    if storage.get("InputFormat") == _CLOUDTRAIL_INPUT or serde == _CLOUDTRAIL_SERDE:
        return _cloudtrail
    if serde in _JSON_SERDES:
        return _lines
    if serde == LAZY_SIMPLE:
        return delimited.reader_of(table)
    message = f"NOT_SUPPORTED: pocketaws doesn't emulate tables with the SerDe {serde or '(none)'}"
    raise QueryError(message)


def unpacked(content: bytes) -> bytes:
    """Decompress a file if it's gzipped; raises ``ValueError`` if it's damaged."""
    if content[:2] != b"\x1f\x8b":
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError("the file is not a complete gzip file") from error


def _cloudtrail(content: bytes) -> Iterator[dict[str, Any]]:
    document = json.loads(content)
    records = document.get("Records") if isinstance(document, dict) else None
    if not isinstance(records, list):
        raise ValueError("the file has no list of records")  # noqa: TRY004 - bad content, not a bad argument
    yield from (record for record in records if isinstance(record, dict))


def _lines(content: bytes) -> Iterator[dict[str, Any]]:
    for line in content.splitlines():
        if line.strip():
            record = json.loads(line)
            if not isinstance(record, dict):
                raise ValueError("a line is not a JSON object")
            yield record


def row_converter(columns: list[tuple[str, HiveType]]) -> Convert:
    """Return a function: record -> ``{column: value}`` in plain JSON that DuckDB can convert."""
    return _struct(tuple(name for name, _ in columns), tuple(of for _, of in columns))


def converter(of: HiveType) -> Convert:
    """Return a function: value -> value that fits the type, or ``None``."""
    if of.kind == "struct":
        return _struct(of.fields, of.inner)
    if of.kind == "array":
        element = converter(of.inner[0])
        return lambda value: [element(each) for each in value] if isinstance(value, list) else None
    if of.kind == "map":
        inner = converter(of.inner[1])
        return lambda value: (
            {str(key): inner(each) for key, each in value.items()}
            if isinstance(value, dict)
            else None
        )
    kind = of.name.partition("(")[0]
    return _PRIMITIVES.get(kind, _as_written)


def _struct(names: tuple[str, ...], types: tuple[HiveType, ...]) -> Convert:
    inner = {name: converter(of) for name, of in zip(names, types, strict=True)}

    def convert(value: Any) -> dict[str, Any] | None:
        if not isinstance(value, dict):
            return None
        found: dict[str, Any] = {}
        for key, each in value.items():
            name = key.lower()
            if name in inner and each is not None:
                found[name] = inner[name](each)
        return found

    return convert


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(str(value).lower())


def _whole(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and _DIGITS.fullmatch(value) else None


def _number(value: Any) -> float | str | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    try:
        return str(float(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def _as_written(value: Any) -> str | None:
    """Pass text through for DuckDB to parse: dates and timestamps."""
    return value if isinstance(value, str) else None


_PRIMITIVES: dict[str, Convert] = {
    "VARCHAR": _text,
    "BOOLEAN": _boolean,
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT"), _whole),
    **dict.fromkeys(("FLOAT", "DOUBLE", "DECIMAL"), _number),
}
