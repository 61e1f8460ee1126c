"""Athena's SQL on DuckDB, with the results from Trino's documentation and published queries."""

# ruff: noqa: S608 - the tests need queries

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, cast

import duckdb
import pytest

from pocketaws.athena.engine import parsing, querying, sources
from pocketaws.athena.engine.failure import (
    MalformedQueryError,
    QueryError,
    UnsupportedStatementError,
)
from pocketaws.athena.engine.rewrites.json_functions import quoted_path
from pocketaws.athena.store import Result

NOW = datetime(2026, 3, 2, 9, 30, 15, 250000, tzinfo=UTC)


def ask(text: str, *values: str) -> Result:
    """Return the result of a query that reads no table."""
    requester = sources.Requester(cast("Any", None), cast("Any", None), "eu-west-1", NOW, None)
    tree = parsing.bind(parsing.parse(text), list(values))
    return querying.plan(tree, "x", requester).compute().result


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
        ("1.50", "1.5"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("decimal '1.50'", "1.50"),
        ("cast(7 AS decimal)", "7"),
        ("7.0/2", "3.5"),
        ("1e0/0", "Infinity"),
        ("-1.0/0", "-Infinity"),
        ("0e0/0", "NaN"),
        ("cardinality(MAP(ARRAY['a', 'b'], ARRAY[1, 2]))", "2"),
        ("cardinality(CAST(NULL AS MAP(VARCHAR, INTEGER)))", None),
        ("replace('abc', 'b')", "ac"),
        ("to_iso8601(from_unixtime(1620000000))", "2021-05-03T00:00:00.000Z"),
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
def test_an_expression_has_its_value_on_athena(expression: str, expected: str | None) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SELECT ARRAY[1][2]", "INVALID_FUNCTION_ARGUMENT: Array subscript must be less than or equal"),
        ("SELECT ARRAY[1][0]", "INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1"),
        ("SELECT MAP(ARRAY['a'], ARRAY[1])['z']", "Key not present in map: z"),
        ("SELECT x FROM (VALUES (1)) AS t(y)", "COLUMN_NOT_FOUND: line 1:8: Column 'x'"),
        ("SELECT\n  fly(1)", "FUNCTION_NOT_FOUND: line 2:3: Function 'fly' not registered"),
        ("SELECT map_agg(1, 2)", "NOT_SUPPORTED: pocketaws doesn't emulate the function map_agg"),
        ("SELECT cast('x' AS integer)", "INVALID_CAST_ARGUMENT"),
        ("SELECT 1/0", "DIVISION_BY_ZERO: Division by zero"),
        ("SELECT 5 % x FROM (VALUES 0) AS t(x)", "DIVISION_BY_ZERO: Division by zero"),
        ("SELECT k FROM UNNEST(MAP(ARRAY['a'], ARRAY[1])) AS u(k)", "Column alias list has 1 entries but 'u' has 2"),
    ],
)  # fmt: skip
def test_a_query_fails_where_athena_fails(text: str, reason: str) -> None:
    with pytest.raises(QueryError) as caught:
        ask(text)
    assert reason in caught.value.reason


ROW = (
    "(SELECT 'x' AS s, 5 AS n, true AS b, DATE '2026-03-01' AS d, now() AS t, "
    "CAST(ROW('y', ARRAY[1]) AS ROW(f VARCHAR, g ARRAY(INTEGER))) AS r, MAP(ARRAY['k'], ARRAY[1e0]) AS m) AS q"
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SELECT 'a' = 123", "line 1:12: Cannot apply operator: varchar(1) = integer"),
        (f"SELECT 1 FROM {ROW}\nWHERE n > 1 AND s  <> 123", "line 2:20: Cannot apply operator: varchar <> integer"),
        (f"SELECT 1 FROM {ROW}\nWHERE q.r.f >= 1", "line 2:13: Cannot apply operator: varchar >= integer"),
        (f"SELECT 1 FROM {ROW}\nWHERE r.g[1] = '1'", "line 2:14: Cannot apply operator: integer = varchar(1)"),
        (f"SELECT 1 FROM {ROW}\nWHERE m['k'] = '1'", "line 2:14: Cannot apply operator: double = varchar(1)"),
        (f"SELECT 1 FROM {ROW}\nWHERE d > '2026-01-01'", "line 2:9: Cannot apply operator: date > varchar(10)"),
        (f"SELECT 1 FROM {ROW}\nWHERE '2026' < t", "line 2:14: Cannot apply operator: varchar(4) < timestamp(3) with time zone"),
        (f"SELECT 1 FROM {ROW}\nWHERE b = 'true'", "line 2:9: Cannot apply operator: boolean = varchar(4)"),
        (f"SELECT 1 FROM {ROW}\nGROUP BY 1 HAVING count(*) > '1'", "Cannot apply operator: bigint > varchar(1)"),
        (f"SELECT 1 FROM {ROW}\nWHERE s BETWEEN 1 AND 2", "Cannot check if varchar is BETWEEN integer and integer"),
        (f"SELECT 1 FROM {ROW}\nWHERE n IN (1, '2')", "Cannot find common type between integer and varchar(1), all types (without duplicates): [integer, varchar(1)]"),
        (f"SELECT 1 FROM {ROW}\nWHERE n LIKE '5%'", "Left side of LIKE expression must evaluate to a varchar (actual: integer)"),
        ("SELECT 1\n + 'abc'", "line 2:2: Cannot apply operator: integer + varchar(3)"),
        (f"SELECT d - 1 FROM {ROW}", "Cannot apply operator: date - integer"),
        (f"WITH w AS (SELECT s AS other FROM {ROW}) SELECT 1 FROM w WHERE other = 1", "varchar = integer"),
        (f"WITH w AS (SELECT * FROM {ROW}) SELECT 1 FROM w JOIN w AS v ON v.s = w.n", "varchar = integer"),
        (f"SELECT 1 FROM {ROW} CROSS JOIN UNNEST(r.g) AS u(e) WHERE e = 'x'", "integer = varchar(1)"),
        (f"SELECT 1 FROM {ROW} CROSS JOIN UNNEST(m) AS u(k, v) WHERE k = 1", "varchar = integer"),
    ],
)  # fmt: skip
def test_comparisons_never_cast_implicitly(text: str, reason: str) -> None:
    with pytest.raises(QueryError) as caught:
        ask(text)
    assert caught.value.reason.startswith("TYPE_MISMATCH: line ")
    assert reason in caught.value.reason
    assert caught.value.error_type == 1002


@pytest.mark.parametrize(
    "condition",
    [
        "s <> '123'", "n = 5e0", "n < 9999999999", "d <= now()", "d > current_date - interval '7' day",
        "t > date_parse('2026', '%Y')", "n + 1 > 2.5", "n BETWEEN 1 AND 2e1", "n IN (1, 5)", "r.f LIKE 'y%'",
        "s || 'y' = 'xy'", "date_format(t, '%Y') = '2026'", "cardinality(filter(r.g, s -> s = 1)) = 1",
        "json_extract_scalar('{\"a\": 1}', '$.a') = '1'", "b", "NULL = 5 OR n = 5", "m['k'] = 1",
    ],
)  # fmt: skip
def test_compatible_types_are_compared(condition: str) -> None:
    assert ask(f"SELECT s FROM {ROW} WHERE {condition}").rows == (("x",),)


def test_arrays_and_maps_are_unnested() -> None:
    rows = "ARRAY[CAST(ROW('x', 1) AS ROW(p VARCHAR, q INTEGER)), CAST(ROW('y', 2) AS ROW(p VARCHAR, q INTEGER))]"
    table = f"(SELECT {rows} AS r, MAP(ARRAY['a', 'b'], ARRAY[1, 2]) AS m) AS t"
    assert ask(f"SELECT e.p, e FROM {table} CROSS JOIN UNNEST(t.r) AS u (e) ORDER BY 1").rows == (
        ("x", "{p=x, q=1}"), ("y", "{p=y, q=2}"),
    )  # fmt: skip
    assert ask(f"SELECT b, a FROM {table} CROSS JOIN UNNEST(r) AS u (a, b) ORDER BY 1").rows == (
        ("1", "x"), ("2", "y"),
    )  # fmt: skip
    assert ask(f"SELECT k, v + 1 FROM {table}, UNNEST(m) AS u (k, v) ORDER BY k").rows == (
        ("a", "2"), ("b", "3"),
    )  # fmt: skip
    several = ask("SELECT * FROM UNNEST(ARRAY[1, 2], ARRAY['a'], MAP(ARRAY['k'], ARRAY[0])) WITH ORDINALITY AS u (x, y, k, v, n)")  # fmt: skip
    assert [column.name for column in several.columns] == ["x", "y", "k", "v", "n"]
    assert several.rows == (("1", "a", "k", "0", "1"), ("2", None, None, None, "2"))


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
def test_text_that_is_not_a_statement_is_rejected(text: str) -> None:
    with pytest.raises(MalformedQueryError):
        parsing.parse(text)


@pytest.mark.parametrize(
    "text",
    ["SHOW TABLES", "DESCRIBE t", "MSCK REPAIR TABLE t", "DROP TABLE t", "CREATE TABLE t AS SELECT 1",
     "/* note */ ALTER TABLE t ADD PARTITION (day='1')", "INSERT INTO t VALUES (1)",
     "UNLOAD (SELECT 1) TO 's3://b/' WITH (format = 'JSON')", "EXPLAIN SELECT 1"],
)  # fmt: skip
def test_statements_other_than_queries_are_recognized(text: str) -> None:
    with pytest.raises(UnsupportedStatementError):
        parsing.parse(text)


def test_the_engine_is_sandboxed() -> None:
    from pocketaws.athena.engine.engine import Engine  # noqa: PLC0415

    engine = Engine()
    engine.lock_configuration()
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
        outside = duckdb.sql("SELECT 1")  # a Python variable that DuckDB could read
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


def test_conditions_are_evaluated_from_the_left() -> None:
    rows = "(VALUES (ARRAY['x']), (ARRAY[]), (NULL)) AS t(a)"
    guarded = f"SELECT a[1] FROM {rows} WHERE cardinality(a) >= 1 AND a[1] LIKE 'x'"
    assert ask(guarded).rows == (("x",),)
    named = f"WITH n AS (SELECT a FROM {rows} WHERE cardinality(a) >= 1) SELECT a[1] FROM n WHERE a[1] = 'x'"  # fmt: skip
    assert ask(named).rows == (("x",),)
    joined = f"SELECT a[1] FROM {rows} JOIN (VALUES 1, 2) AS v(m) ON cardinality(a) = m WHERE m = 1 AND a[1] = 'x'"  # fmt: skip
    assert ask(joined).rows == (("x",),)
    with pytest.raises(QueryError, match="Array subscript"):
        ask(f"SELECT a[1] FROM {rows} WHERE a[1] = 'x'")
    divided = "SELECT x FROM (VALUES 0, 1, 2) AS t(x) WHERE x <> 0 AND 4 / x > 3"
    assert ask(divided).rows == (("1",),)


def test_question_marks_take_literals_and_nothing_else() -> None:
    assert ask("SELECT ? || 'b'", "'a'").rows == (("ab",),)
    assert ask("SELECT 1 WHERE 2 > ?", "1").rows == (("1",),)
    with pytest.raises(MalformedQueryError, match="Incorrect number"):
        ask("SELECT ?")
    for attack in ("(SELECT 1)", "x", "1; DROP TABLE t", "read_csv('/etc/passwd')"):
        with pytest.raises(MalformedQueryError):
            ask("SELECT ?", attack)


def test_names_in_backquotes_are_refused_with_their_place() -> None:
    with pytest.raises(MalformedQueryError, match="line 2:6: backquoted identifiers are not"):
        parsing.parse("SELECT '`'  -- `\nFROM `t`")


def test_names_ignore_case_even_when_quoted() -> None:
    assert ask(
        'SELECT "EventName" FROM (SELECT 1 AS eventname) AS "T" WHERE "T".EVENTNAME = 1'
    ).rows


def test_a_query_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    from pocketaws.athena.engine import engine  # noqa: PLC0415

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
