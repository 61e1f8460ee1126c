"""Parsing Athena's DDL statements, and reading delimited files."""

from __future__ import annotations

from typing import Any

import pytest

from pocketaws.athena.engine import delimited, partitions, statements
from pocketaws.athena.engine.failure import MalformedQueryError
from pocketaws.athena.engine.statements.alterations import AddPartitions
from pocketaws.athena.engine.statements.lexer import tokens_of
from pocketaws.athena.engine.statements.reader import Reader
from pocketaws.athena.engine.statements.tables import CreateTable


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("select 1", ("DML", "SELECT", ".csv")),
        ("(VALUES 1)", ("DML", "SELECT", ".csv")),
        ("/* SHOW TABLES */ SELECT 1", ("DML", "SELECT", ".csv")),
        ("-- SELECT\nshow tables", ("UTILITY", "SHOW_TABLES", ".txt")),
        ("SHOW /* c */ TABLES", ("UTILITY", "SHOW_TABLES", ".txt")),
        ("DESC t", ("UTILITY", "DESCRIBE_TABLE", ".txt")),
    ],
)
def test_a_statement_is_recognized_by_its_first_words(text: str, kind: tuple[str, ...]) -> None:
    found = statements.read(text, []).kind
    assert (found.statement_type, found.substatement_type, found.suffix) == kind


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("'a''b'", "a'b"), ("'a\\'b'", "a'b"), ("\"it's\"", "it's"), ("'\\t'", "\t"), ("'\\001'", "\x01"),
        ("'\\u0041'", "A"), ("'\\\\s+'", "\\s+"), ("'\\s'", "s"), ("'\n'", "\n"), ("''", ""),
    ],
)  # fmt: skip
def test_texts_have_hives_escapes(raw: str, text: str) -> None:
    (token, _) = tokens_of(raw)
    assert (token.kind, token.text) == ("text", text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("t", (None, "t")), ("Db.T", ("db", "t")), ("`db`.`my-t`", ("db", "my-t")), ("`db.my-t`", ("db", "my-t")),
        ("awsdatacatalog.db.t", ("db", "t")), ("_2024", (None, "_2024")), ("date", (None, "date")),
    ],
)  # fmt: skip
def test_names_have_a_database_or_none(text: str, name: tuple[str | None, str]) -> None:
    found = Reader(text).name()
    assert (found.database, found.table) == name


def test_types_are_written_as_glue_has_them() -> None:
    text = (
        "STRUCT< a : STRING COMMENT 'x', `b`: ARRAY<MAP<string, Decimal( 10 , 2 )>>, c: integer >"
    )
    assert Reader(text).type() == "struct<a:string,b:array<map<string,decimal(10,2)>>,c:int>"
    for wrong in ("struct<a>", "array<int", "map<int>", "decimal(x)", "text"):
        with pytest.raises(MalformedQueryError):
            Reader(wrong).type()


def test_row_formats_are_parameters_of_the_serde() -> None:
    statement = statements.read(
        "CREATE EXTERNAL TABLE t (a int) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' ESCAPED BY '\\\\' "
        "COLLECTION ITEMS TERMINATED BY '|' MAP KEYS TERMINATED BY ':' LINES TERMINATED BY '\\n' "
        "NULL DEFINED AS '-' STORED AS TEXTFILE LOCATION 's3://b/x'",
        [],
    )
    assert isinstance(statement, CreateTable)
    assert statement.serde_properties == {
        "field.delim": ",", "serialization.format": ",", "escape.delim": "\\", "colelction.delim": "|",
        "mapkey.delim": ":", "line.delim": "\n", "serialization.null.format": "-",
    }  # fmt: skip
    stored = statements.read(
        "CREATE EXTERNAL TABLE t (a int) STORED AS parquet LOCATION 's3://b/x'", []
    )
    assert isinstance(stored, CreateTable)
    assert stored.serde == "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    assert stored.format.input == "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"


def test_partitions_take_texts_and_numbers() -> None:
    found = statements.read(
        "ALTER TABLE t ADD IF NOT EXISTS PARTITION (a = 1, `date`='x') LOCATION 's3://b/1' PARTITION (a=-2)",
        [],
    )
    assert isinstance(found, AddPartitions)
    assert [(each.values, each.location) for each in found.partitions] == [
        ({"a": "1", "date": "x"}, "s3://b/1"), ({"a": "-2"}, None),
    ]  # fmt: skip


def table(columns: str, **parameters: str) -> dict[str, Any]:
    names = [pair.split(" ", 1) for pair in columns.split(", ")]
    return {
        "StorageDescriptor": {
            "Columns": [{"Name": name, "Type": kind} for name, kind in names],
            "SerdeInfo": {"Parameters": {key.replace("_", "."): each for key, each in parameters.items()}},
        },
        "Parameters": {"skip.header.line.count": "1"},
    }  # fmt: skip


def test_lines_are_split_as_the_serde_specifies() -> None:
    read = delimited.reader_of(
        table(
            "a string, b array<string>, m map<string,string>, s struct<x:string,y:string>, n string",
            field_delim=",", escape_delim="\\", colelction_delim="|", mapkey_delim=":",
        )
    )  # fmt: skip
    lines = b"head\nx\\,y,1|2,k:v|l:w|z,p|q,\\N\r\n,,,,\nshort\n"
    assert list(read(lines)) == [
        {"a": "x,y", "b": ["1", "2"], "m": {"k": "v", "l": "w"}, "s": {"x": "p", "y": "q"}, "n": None},
        {"a": "", "b": [], "m": {}, "s": {}, "n": ""},
        {"a": "short"},
    ]  # fmt: skip
    bare = delimited.reader_of(table("a string, b array<array<string>>"))
    assert list(bare(b"head\nx\x011\x032\x023\n")) == [{"a": "x", "b": [["1", "2"], ["3"]]}]


def test_partitions_are_named_by_their_folders() -> None:
    assert partitions.partition_name(["a", "b"], ["2026/03", "x y%"]) == "a=2026%2F03/b=x y%25"
