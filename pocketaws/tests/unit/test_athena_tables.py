"""Athena tables: types, file locations, and records as columns."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pocketaws.athena.engine import partitions, records
from pocketaws.athena.engine.failure import QueryError
from pocketaws.athena.engine.hive_types import parse_type
from pocketaws.athena.engine.printing import text_of, type_name

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CLOUDTRAIL = {
    "InputFormat": "com.amazon.emr.cloudtrail.CloudTrailInputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hive.hcatalog.data.JsonSerDe"},
}


@pytest.mark.parametrize(
    ("text", "duckdb"),
    [
        ("string", "VARCHAR"),
        ("varchar(20)", "VARCHAR"),
        ("INT", "INTEGER"),
        ("decimal(10,2)", "DECIMAL(10, 2)"),
        ("decimal", "DECIMAL(10, 0)"),
        ("array<struct<ARN:string,accountId:string>>", 'STRUCT("arn" VARCHAR, "accountid" VARCHAR)[]'),
        ("map<string,array<int>>", "MAP(VARCHAR, INTEGER[])"),
        ("struct<a:struct<b: bigint>, c:timestamp>", 'STRUCT("a" STRUCT("b" BIGINT), "c" TIMESTAMP)'),
    ],
)  # fmt: skip
def test_glue_types_have_duckdb_equivalents(text: str, duckdb: str) -> None:
    assert parse_type(text).duckdb == duckdb


@pytest.mark.parametrize("text", ["", "text", "array<>", "struct<a>", "map<string>", "int>"])
def test_an_invalid_type_is_rejected(text: str) -> None:
    with pytest.raises(QueryError, match="type is not valid"):
        parse_type(text)


def projected(**parameters: str) -> dict[str, Any]:
    given = {
        "projection.enabled": "true",
        "projection.timestamp.type": "date",
        "projection.timestamp.format": "yyyy/MM/dd",
        "projection.timestamp.range": "NOW-2DAYS,NOW",
        "projection.timestamp.interval": "1",
        "projection.timestamp.interval.unit": "DAYS",
        "storage.location.template": "s3://bucket/AWSLogs/1/CloudTrail/eu-west-1/${timestamp}",
    }
    return {
        "PartitionKeys": [{"Name": "timestamp", "Type": "string"}],
        "StorageDescriptor": {"Location": "s3://bucket/AWSLogs/1/CloudTrail/eu-west-1"},
        "Parameters": given | {name.replace("_", "."): value for name, value in parameters.items()},
    }


def test_projected_dates_come_from_the_folders() -> None:
    (place,) = partitions.locations(projected(), [], NOW)
    assert (place.bucket, place.prefix) == ("bucket", "AWSLogs/1/CloudTrail/eu-west-1/")
    values = {
        "AWSLogs/1/CloudTrail/eu-west-1/2026/03/02/x.json.gz": ("2026/03/02",),
        "AWSLogs/1/CloudTrail/eu-west-1/2026/02/28/deeper/x.json.gz": ("2026/02/28",),
        "AWSLogs/1/CloudTrail/eu-west-1/2026/02/27/x.json.gz": None,
        "AWSLogs/1/CloudTrail/eu-west-1/2026/03/03/x.json.gz": None,
        "AWSLogs/1/CloudTrail/eu-west-1/2026/3/2/x.json.gz": None,
        "AWSLogs/1/CloudTrail/eu-west-1/notes.txt": None,
    }
    assert {key: place.values_of(key) for key in values} == values


def test_several_projected_keys_have_one_template() -> None:
    table = projected()
    table["PartitionKeys"] = [{"Name": "region"}, {"Name": "hour"}]
    table["Parameters"] = {
        "projection.enabled": "TRUE",
        "projection.region.type": "enum",
        "projection.region.values": "eu-west-1, us-east-1",
        "projection.hour.type": "integer",
        "projection.hour.range": "0,23",
        "projection.hour.digits": "2",
        "storage.location.template": "s3://bucket/x/${region}/h=${hour}/",
    }
    (place,) = partitions.locations(table, [], NOW)
    assert place.values_of("x/us-east-1/h=07/f") == ("us-east-1", "07")
    assert place.values_of("x/us-east-1/h=7/f") is None
    assert place.values_of("x/us-east-1/h=24/f") is None
    assert place.values_of("x/ap-south-1/h=07/f") is None


@pytest.mark.parametrize(
    "parameters",
    [
        {"projection_timestamp_range": "yesterday,NOW"},
        {"projection_timestamp_type": "colour"},
        {"storage_location_template": "s3://bucket/${day}"},
        {"storage_location_template": "http://bucket/${timestamp}"},
    ],
)
def test_invalid_projections_are_rejected(parameters: dict[str, str]) -> None:
    with pytest.raises(QueryError):
        partitions.locations(projected(**parameters), [], NOW)


def test_listed_partitions_are_where_glue_says_or_in_hives_folders() -> None:
    table = projected()
    table["Parameters"] = {}
    found = partitions.locations(
        table,
        [
            {"Values": ["a"], "StorageDescriptor": {"Location": "s3://other/place"}},
            {"Values": ["b"]},
        ],
        NOW,
    )
    assert [(place.bucket, place.prefix, place.values_of("any")) for place in found] == [
        ("other", "place/", ("a",)),
        ("bucket", "AWSLogs/1/CloudTrail/eu-west-1/timestamp=b/", ("b",)),
    ]


def test_real_records_fit_their_columns(samples: Path) -> None:
    content = (samples / "cloudtrail/detonation-delivered-records.json.gz").read_bytes()
    read = records.reader_of({"StorageDescriptor": CLOUDTRAIL})
    convert = records.row_converter(
        [
            ("eventname", parse_type("string")),
            ("sourceipaddress", parse_type("string")),
            ("readonly", parse_type("string")),
            ("requestparameters", parse_type("string")),
            ("useridentity", parse_type("struct<arn:string,sessioncontext:struct<sessionissuer:struct<username:string>>>")),
            ("resources", parse_type("array<struct<arn:string,accountid:string,type:string>>")),
        ]
    )  # fmt: skip
    originals = json.loads(gzip.decompress(content))["Records"]
    found = [convert(record) for record in read(records.unpacked(content))]
    assert len(found) == len(originals)
    for row, original in zip(found, originals, strict=True):
        assert row["eventname"] == original["eventName"]
        assert row["sourceipaddress"] == original["sourceIPAddress"]
        assert row["readonly"] == str(original["readOnly"]).lower()
        if original["requestParameters"] is None:
            assert "requestparameters" not in row
        else:
            assert json.loads(row["requestparameters"]) == original["requestParameters"]
            assert row["requestparameters"].startswith('{"')
        assert row["useridentity"].get("arn") == original["userIdentity"].get("arn")
        listed = [resource.get("ARN") for resource in original.get("resources", [])]
        assert [resource.get("arn") for resource in row.get("resources", [])] == listed
    assert any(row.get("resources") for row in found)
    issuers = [row["useridentity"].get("sessioncontext", {}).get("sessionissuer") for row in found]
    assert any(issuer and issuer.get("username") for issuer in issuers)


def test_a_value_of_the_wrong_type_becomes_null() -> None:
    convert = records.row_converter(
        [
            ("n", parse_type("int")),
            ("f", parse_type("double")),
            ("b", parse_type("boolean")),
            ("s", parse_type("struct<a:string>")),
            ("l", parse_type("array<int>")),
            ("m", parse_type("map<string,string>")),
        ]
    )
    assert convert({"N": "12", "F": 1, "b": "true", "s": {"A": 1}, "l": [1, "x"], "m": {"K": True}}) == {
        "n": 12, "f": 1, "b": True, "s": {"a": "1"}, "l": [1, None], "m": {"K": "true"},
    }  # fmt: skip
    assert convert({"n": "x", "f": [], "b": "maybe", "s": [], "l": {}, "m": "y", "z": 1}) == dict.fromkeys("nfbslm")  # fmt: skip


@pytest.mark.parametrize("content", [b"[]", b'{"Records": 1}', b"{", b"\x1f\x8bbroken"])
def test_a_file_that_is_not_a_delivery_is_reported(content: bytes) -> None:
    read = records.reader_of({"StorageDescriptor": CLOUDTRAIL})
    with pytest.raises(ValueError):
        list(read(records.unpacked(content)))


def test_formats_that_are_not_emulated_say_so() -> None:
    with pytest.raises(QueryError, match="ParquetHiveSerDe"):
        records.reader_of(
            {"StorageDescriptor": {"SerdeInfo": {"SerializationLibrary": "x.ParquetHiveSerDe"}}}
        )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, "true"),
        (0.1, "0.1"),
        (0.0001, "1.0E-4"),
        (123456789.5, "1.234567895E8"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        (Decimal("1E+2"), "100"),
        (date(2026, 3, 2), "2026-03-02"),
        (datetime(2026, 3, 2, 1, 2, 3, 4000), "2026-03-02 01:02:03.004"),  # noqa: DTZ001
        (timedelta(days=-1, hours=-2), "-1 02:00:00.000"),
        (b"\xde\xad", "de ad"),
        ({"a": None, "b": [{"c": False}]}, "{a=null, b=[{c=false}]}"),
    ],
)
def test_values_are_written_as_athena_writes_them(value: Any, expected: str | None) -> None:
    assert text_of(value) == expected


def test_types_are_called_as_athena_calls_them() -> None:
    kinds = {
        "STRUCT(a VARCHAR)": "row", "STRUCT(a INTEGER)[]": "array", "MAP(VARCHAR, INTEGER)": "map",
        "DECIMAL(10,2)": "decimal", "HUGEINT": "bigint", "VARCHAR": "varchar",
        "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    }  # fmt: skip
    assert {duckdb: type_name(duckdb) for duckdb in kinds} == kinds
