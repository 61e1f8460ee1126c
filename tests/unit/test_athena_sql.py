"""Athena's SQL on DuckDB: what Trino's documentation and published queries say it answers."""

# ruff: noqa: S608 - queries are what is tested

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, cast

import duckdb
import pytest

from labkit.localaws.athena._engine import parsing, querying, sources
from labkit.localaws.athena._engine.failure import (
    MalformedQueryError,
    QueryError,
    UnsupportedStatementError,
)
from labkit.localaws.athena._engine.mends.json_functions import quoted_path
from labkit.localaws.athena.store import Result

NOW = datetime(2026, 3, 2, 9, 30, 15, 250000, tzinfo=UTC)


def ask(text: str, *values: str) -> Result:
    """The answer to a query that reads no table."""
    asker = sources.Asker(cast("Any", None), cast("Any", None), "eu-west-1", NOW, None)
    tree = parsing.bind(parsing.parse(text), list(values))
    return querying.plan(tree, "x", asker).compute().result


def value(expression: str) -> str | None:
    return ask(f"SELECT {expression}").rows[0][0]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("7/2", "3"),
        ("7e0/2", "3.5"),
        ("date_diff('day', timestamp '2026-01-01 23:00:00', timestamp '2026-01-02 01:00:00')", "0"),
        ("date_diff('hour', timestamp '2026-01-01 00:00:00', timestamp '2026-01-01 05:30:00')", "5"),
        ("regexp_extract('abc', 'x')", None),
        ("regexp_extract('i-12 i-34', 'i-(\\d+)', 1)", "12"),
        ("regexp_replace('ab', '(a)(b)', '$2$1')", "ba"),
        ("regexp_like('i-123', '^i-')", "true"),
        ("split_part('a/b', '/', 2)", "b"),
        ("split_part('a/b', '/', 3)", None),
        ("json_extract_scalar('{\"a\": {\"b\": 1}}', '$.a')", None),
        ("json_extract_scalar('{\"a\": {\"b\": 1}}', '$.a.b')", "1"),
        ("json_extract_scalar('{\"a\": true}', '$.a')", "true"),
        ("json_extract_scalar('no json', '$.a')", None),
        ("json_extract_scalar('{\"x-amz-acl\": \"private\"}', '$.x-amz-acl')", "private"),
        ("json_extract_scalar('{\"a\": [{\"b\": \"c\"}]}', '$.a[0].b')", "c"),
        ("json_extract('{\"a\": {\"b\": 1}}', '$.a')", '{"b":1}'),
        ("cast(json_extract('{\"a\": \"x\"}', '$.a') AS varchar)", "x"),
        ("json_extract_scalar(json_extract('{\"a\": {\"b\": \"c\"}}', '$.a'), '$.b')", "c"),
        ("json_array_length('[1, 2]')", "2"),
        ("json_array_length('{}')", None),
        ("day_of_week(date '2026-03-01')", "7"),
        ("extract(dow FROM date '2026-03-02')", "1"),
        ("current_date", "2026-03-02"),
        ("current_date - interval '2' day", "2026-02-28"),
        ("date_format(current_date - interval '2' day, '%Y/%m/%d')", "2026/02/28"),
        ("date_format(timestamp '2026-03-02 09:05:00', '%H:%i')", "09:05"),
        ("current_timestamp", "2026-03-02 09:30:15.250 UTC"),
        ("from_iso8601_timestamp('2026-03-02T09:30:00Z')", "2026-03-02 09:30:00.000 UTC"),
        ("now() > from_iso8601_timestamp('2026-03-02T09:30:00Z')", "true"),
        ("to_iso8601(from_iso8601_timestamp('2026-03-02T09:30:00Z'))", "2026-03-02T09:30:00.000Z"),
        ("date_parse('2026-03-02T09:30:00Z', '%Y-%m-%dT%H:%i:%sZ')", "2026-03-02 09:30:00.000"),
        ("cast('2026-03-02' AS date) + interval '1' month", "2026-04-02"),
        ("ARRAY[1, 2][2]", "2"),
        ("element_at(ARRAY[1, 2], 9)", None),
        ("cardinality(ARRAY[1, 2])", "2"),
        ("MAP(ARRAY['a'], ARRAY[1])['a']", "1"),
        ("any_match(ARRAY[1, 2], x -> x > 1)", "true"),
        ("none_match(ARRAY[1, 2], x -> x > 1)", "false"),
        ("all_match(ARRAY[1, 2], x -> x > 0)", "true"),
        ("cardinality(filter(ARRAY['a', 'b'], x -> x LIKE 'a%'))", "1"),
        ("transform(ARRAY[1, 2], x -> x + 1)", "[2, 3]"),
        ("ARRAY['a', NULL]", "[a, null]"),
        ("MAP(ARRAY['a'], ARRAY[1])", "{a=1}"),
        ("CAST(ROW('x', NULL) AS ROW(type VARCHAR, invokedby VARCHAR))", "{type=x, invokedby=null}"),
        ("1e10", "1.0E10"),
        ("1.5e0", "1.5"),
        ("1.50", "1.50"),
        ("true", "true"),
        ("NULL", None),
        ("concat('a', NULL)", None),
        ("'a' || 'b'", "ab"),
        ("url_extract_host('https://user@host.example:80/x')", "host.example"),
        ("try(1/0)", None),
        ("try_cast('x' AS integer)", None),
        ("interval '2' day", "2 00:00:00.000"),
    ],
)  # fmt: skip
def test_an_expression_is_what_it_is_on_athena(expression: str, expected: str | None) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SELECT ARRAY[1][2]", "INVALID_FUNCTION_ARGUMENT: Array subscript must be less than or equal"),
        ("SELECT ARRAY[1][0]", "INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1"),
        ("SELECT MAP(ARRAY['a'], ARRAY[1])['z']", "Key not present in map: z"),
        ("SELECT x FROM (VALUES (1)) AS t(y)", "COLUMN_NOT_FOUND: line 1:8: Column 'x'"),
        ("SELECT\n  fly(1)", "FUNCTION_NOT_FOUND: line 2:3: Function 'fly' not registered"),
        ("SELECT map_agg(1, 2)", "NOT_SUPPORTED: the function map_agg is not emulated here"),
        ("SELECT cast('x' AS integer)", "INVALID_CAST_ARGUMENT"),
    ],
)  # fmt: skip
def test_a_query_fails_where_athena_fails(text: str, reason: str) -> None:
    with pytest.raises(QueryError) as caught:
        ask(text)
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_parquet('/etc/passwd')",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM pragma_version()",
        "SELECT * FROM range(3)",
        "SELECT getenv('HOME')",
        "SELECT current_setting('threads')",
        "SELECT (SELECT content FROM read_text('/etc/passwd'))",
        "WITH x AS (SELECT * FROM read_csv('/etc/passwd')) SELECT * FROM x",
        "SELECT 1 UNION SELECT * FROM read_csv('/etc/passwd')",
        "SELECT 1 WHERE EXISTS (SELECT * FROM sniff_csv('/etc/passwd'))",
    ],
)
def test_nothing_outside_can_be_read(text: str) -> None:
    with pytest.raises((QueryError, MalformedQueryError)) as caught:
        ask(text)
    assert re.search(r"not registered|mismatched", str(caught.value))


@pytest.mark.parametrize(
    "text",
    [
        "COPY (SELECT 1) TO '/tmp/stolen.csv'", "ATTACH '/tmp/x.db' AS y", "INSTALL httpfs",
        "LOAD httpfs", "PRAGMA database_list", "SET threads = 4", "SELEC 1", "", "-- nothing",
        "SELECT 1; SELECT 2", "EXPORT DATABASE '/tmp/x'", "CHECKPOINT", "USE x", "SELECT FROM WHERE",
    ],
)  # fmt: skip
def test_what_is_no_statement_of_athena_is_refused(text: str) -> None:
    with pytest.raises(MalformedQueryError):
        parsing.parse(text)


@pytest.mark.parametrize(
    "text",
    ["SHOW TABLES", "DESCRIBE t", "MSCK REPAIR TABLE t", "DROP TABLE t", "CREATE TABLE t AS SELECT 1",
     "/* note */ ALTER TABLE t ADD PARTITION (day='1')", "INSERT INTO t VALUES (1)",
     "UNLOAD (SELECT 1) TO 's3://b/' WITH (format = 'JSON')", "EXPLAIN SELECT 1"],
)  # fmt: skip
def test_other_statements_of_athena_are_told_apart(text: str) -> None:
    with pytest.raises(UnsupportedStatementError):
        parsing.parse(text)


def test_the_engine_itself_is_shut_in() -> None:
    from labkit.localaws.athena._engine.engine import Engine  # noqa: PLC0415

    engine = Engine()
    engine.shut()
    for sql in (
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY (SELECT 1) TO '/tmp/stolen.csv'",
        "ATTACH '/tmp/stolen.db' AS y",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET threads = 4",
        "PRAGMA enable_external_access = true",
        "SET enable_external_access = true",
        "EXPORT DATABASE '/tmp/stolen'",
        "SELECT * FROM outside",
    ):
        outside = duckdb.sql("SELECT 1")  # a variable of Python's, which DuckDB would like to read
        assert outside is not None
        with pytest.raises(QueryError):
            engine.rows(sql)


def test_columns_are_named_as_athena_names_them() -> None:
    inner = "(SELECT CAST(ROW('x') AS ROW(arn VARCHAR)) AS UserIdentity, ARRAY[1] AS a)"
    result = ask(
        f"SELECT useridentity.ARN, UserIdentity, a[1], 1, count(*) OVER (), 2 AS Two FROM {inner}"
    )
    assert [(column.name, column.type) for column in result.columns] == [
        ("arn", "varchar"), ("useridentity", "row"), ("_col2", "integer"), ("_col3", "integer"),
        ("_col4", "bigint"), ("two", "integer"),
    ]  # fmt: skip
    starred = ask("SELECT *, 5 FROM (VALUES (1, 2)) AS t(a, b)")
    assert [column.name for column in starred.columns] == ["a", "b", "_col2"]
    nested = ask("SELECT * FROM (SELECT count(*), 1 AS x FROM (VALUES 1) AS t(a))")
    assert [column.name for column in nested.columns] == ["_col0", "x"]
    assert [column.name for column in ask("VALUES (1, 2)").columns] == ["_col0", "_col1"]


def test_conditions_are_looked_at_from_the_left() -> None:
    rows = "(VALUES (ARRAY['x']), (ARRAY[]), (NULL)) AS t(a)"
    guarded = f"SELECT a[1] FROM {rows} WHERE cardinality(a) >= 1 AND a[1] LIKE 'x'"
    assert ask(guarded).rows == (("x",),)
    named = f"WITH n AS (SELECT a FROM {rows} WHERE cardinality(a) >= 1) SELECT a[1] FROM n WHERE a[1] = 'x'"  # fmt: skip
    assert ask(named).rows == (("x",),)
    joined = f"SELECT a[1] FROM {rows} JOIN (VALUES 1, 2) AS v(m) ON cardinality(a) = m WHERE m = 1 AND a[1] = 'x'"  # fmt: skip
    assert ask(joined).rows == (("x",),)
    with pytest.raises(QueryError, match="Array subscript"):
        ask(f"SELECT a[1] FROM {rows} WHERE a[1] = 'x'")


def test_question_marks_take_literals_and_nothing_else() -> None:
    assert ask("SELECT ? || 'b'", "'a'").rows == (("ab",),)
    assert ask("SELECT 1 WHERE 2 > ?", "1").rows == (("1",),)
    with pytest.raises(MalformedQueryError, match="Incorrect number"):
        ask("SELECT ?")
    for attack in ("(SELECT 1)", "x", "1; DROP TABLE t", "read_csv('/etc/passwd')"):
        with pytest.raises(MalformedQueryError):
            ask("SELECT ?", attack)


def test_names_have_no_case_even_in_quotation_marks() -> None:
    assert ask(
        'SELECT "EventName" FROM (SELECT 1 AS eventname) AS "T" WHERE "T".EVENTNAME = 1'
    ).rows


def test_a_query_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    from labkit.localaws.athena._engine import engine  # noqa: PLC0415

    monkeypatch.setattr(engine, "_LONGEST_SECONDS", 0.2)
    numbers = "UNNEST(sequence(1, 100000))"
    with pytest.raises(QueryError, match="timeout"):
        ask(f"SELECT count(*) FROM {numbers} AS a(x) CROSS JOIN {numbers} AS b(y) WHERE x * y = 7")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.a.b", '$."a"."b"'),
        ("$.x-amz-acl", '$."x-amz-acl"'),
        ("$.a[0].b", '$."a"[0]."b"'),
        ('$["a b"]', '$."a b"'),
        ("lax $.a", '$."a"'),
        ("$", "$"),
        ("a", '$."a"'),
    ],
)
def test_paths_have_their_names_quoted(path: str, expected: str) -> None:
    assert quoted_path(path) == expected
