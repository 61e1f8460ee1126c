"""Finds a table's files and the partition that each file belongs to.

Source: Athena user guide, "Partition your data", "Use partition projection with Amazon Athena",
"Supported types for partition projection".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .failure import QueryError

_PLACE = re.compile(r"\$\{([^}]+)\}")
_NOW = re.compile(r"NOW(?:\s*([+-])\s*(\d+)\s*(SECOND|MINUTE|HOUR|DAY|WEEK|MONTH|YEAR)S?)?")
# The characters that Hive escapes in a folder name.
_UNFIT = re.compile(r"[\x00-\x1f\x7f\"#%'*/:=?\\{\[\]^]")
_DAYS = {"DAY": 1, "WEEK": 7, "MONTH": 31, "YEAR": 366}
_JAVA = [
    ("yyyy", "%Y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S"),
]  # fmt: skip

Values = tuple[str, ...]


@dataclass(frozen=True)
class Location:
    """An S3 prefix with the files of one partition, or of several.

    ``values_of`` takes a key and returns its partition values, or ``None`` if the file doesn't
    belong to any partition.
    """

    bucket: str
    prefix: str
    values_of: Callable[[str], Values | None]


def locations(
    table: dict[str, Any], partitions: list[dict[str, Any]], now: datetime
) -> list[Location]:
    """Return a Glue table's S3 prefixes; ``partitions`` lists its partitions in Glue.

    Raises ``QueryError`` if the partition projection is invalid.
    """
    keys = [key["Name"].lower() for key in table.get("PartitionKeys", [])]
    storage = table.get("StorageDescriptor", {})
    parameters = {name.lower(): value for name, value in table.get("Parameters", {}).items()}
    if not keys:
        return [_fixed(storage.get("Location", ""), ())]
    if parameters.get("projection.enabled", "").lower() == "true":
        return [_projected(storage.get("Location", ""), keys, parameters, now)]
    return [
        _fixed(
            partition.get("StorageDescriptor", {}).get("Location")
            or hive_location(storage.get("Location", ""), keys, partition["Values"]),
            tuple(partition["Values"]),
        )
        for partition in partitions
    ]


def hive_location(location: str, keys: list[str], values: list[str]) -> str:
    """Hive's default location for a partition: a folder below the table's location."""
    return f"{location.rstrip('/')}/{partition_name(keys, values)}"


def partition_name(keys: Iterable[str], values: Iterable[str]) -> str:
    """Hive's name for a partition: ``year=2026/month=03``, with special characters escaped."""
    return "/".join(f"{key}={_escaped(value)}" for key, value in zip(keys, values, strict=True))


def _escaped(value: str) -> str:
    return _UNFIT.sub(lambda match: f"%{ord(match[0]):02X}", value)


def _fixed(location: str, values: Values) -> Location:
    bucket, prefix = split_location(location)
    return Location(bucket, f"{prefix.rstrip('/')}/" if prefix else "", lambda _key: values)


def split_location(location: str) -> tuple[str, str]:
    """Split an ``s3://`` location into ``(bucket, prefix)``; raises ``QueryError``."""
    match = re.fullmatch(r"s3[an]?://([^/]+)/?(.*)", location)
    if match is None:
        message = f"HIVE_INVALID_METADATA: the location {location!r} is not in S3"
        raise QueryError(message)
    return match[1], match[2]


def _projected(
    location: str, keys: list[str], parameters: dict[str, str], now: datetime
) -> Location:
    template = parameters.get("storage.location.template") or "/".join(
        [location.rstrip("/"), *(f"{key}=${{{key}}}" for key in keys)]
    )
    bucket, path = split_location(template)
    admitted = {key: _admitted(key, parameters, now) for key in keys}
    names = [name.lower() for name in _PLACE.findall(path)]
    if sorted(names) != sorted(keys):
        message = "INVALID_TABLE_PROPERTY: storage.location.template must name every partition key"
        raise QueryError(message)
    literals = _PLACE.split(path.rstrip("/"))[::2]
    pattern = re.escape(literals[0]) + "".join(
        f"(?P<p{number}>.+?)" + re.escape(literal) for number, literal in enumerate(literals[1:])
    )
    wanted = re.compile(pattern + "/")

    def values_of(key: str) -> Values | None:
        for match in _matches(wanted, key):
            found = dict(zip(names, match.groups(), strict=True))
            if all(admitted[name](value) for name, value in found.items()):
                return tuple(found[name] for name in keys)
        return None

    return Location(bucket, literals[0], values_of)


def _matches(wanted: re.Pattern[str], key: str) -> list[re.Match[str]]:
    """Match the template against every folder prefix of a key."""
    ends = [index + 1 for index, character in enumerate(key) if character == "/"]
    return [match for end in ends if (match := wanted.fullmatch(key, 0, end)) is not None]


def _admitted(key: str, parameters: dict[str, str], now: datetime) -> Callable[[str], bool]:
    """Return a predicate for the values that a key's projection allows."""
    kind = parameters.get(f"projection.{key}.type", "").lower()
    if kind == "injected":
        return lambda _value: True
    if kind == "enum":
        values = {
            value.strip() for value in parameters.get(f"projection.{key}.values", "").split(",")
        }
        return lambda value: value in values
    span = [part.strip() for part in parameters.get(f"projection.{key}.range", "").split(",")]
    if kind not in {"integer", "date"} or len(span) != 2:
        message = f"INVALID_TABLE_PROPERTY: the projection of {key} is incomplete"
        raise QueryError(message)
    if kind == "integer":
        return _integers(key, parameters, int(span[0]), int(span[1]))
    return _dates(parameters.get(f"projection.{key}.format", "yyyy-MM-dd"), span, now)


def _integers(key: str, parameters: dict[str, str], low: int, high: int) -> Callable[[str], bool]:
    digits = int(parameters.get(f"projection.{key}.digits", 0))
    interval = int(parameters.get(f"projection.{key}.interval", 1))

    def admits(value: str) -> bool:
        if not value.isdigit() or value != f"{int(value):0{digits}d}":
            return False
        return low <= int(value) <= high and (int(value) - low) % interval == 0

    return admits


def _dates(java_format: str, span: list[str], now: datetime) -> Callable[[str], bool]:
    """Allow dates between two bounds. The interval doesn't matter: existing files decide."""
    spelling = java_format.replace("'", "")
    for java, python in _JAVA:
        spelling = spelling.replace(java, python)
    moment = now.replace(tzinfo=None)
    first, last = (_bound(text, spelling, moment) for text in span)

    def admits(value: str) -> bool:
        try:
            parsed = datetime.strptime(value, spelling)  # noqa: DTZ007 - naive, like the bounds
        except ValueError:
            return False
        return first <= parsed <= last and parsed.strftime(spelling) == value

    # A bound has the format's precision: with daily folders, "NOW" means the whole day.
    first = datetime.strptime(first.strftime(spelling), spelling)  # noqa: DTZ007 - see above
    return admits


def _bound(text: str, spelling: str, now: datetime) -> datetime:
    match = _NOW.fullmatch(text)
    if match is None:
        try:
            return datetime.strptime(text, spelling)  # noqa: DTZ007 - no time zone
        except ValueError as error:
            message = (
                f"INVALID_TABLE_PROPERTY: {text!r} does not match the projection's date format"
            )
            raise QueryError(message) from error
    if match[1] is None:
        return now
    count, unit = int(match[2]), match[3]
    distance = (
        timedelta(days=count * _DAYS[unit])
        if unit in _DAYS
        else timedelta(**{f"{unit.lower()}s": count})
    )
    return now + distance if match[1] == "+" else now - distance
