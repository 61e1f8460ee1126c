"""Insights queries."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from pocketaws.errors import AwsError
from pocketaws.logs.insights.discovery import discover
from pocketaws.logs.insights.evaluate import Row
from pocketaws.logs.insights.parser import parse_query
from pocketaws.logs.insights.run import run_query
from pocketaws.logs.insights.values import Pointer, Timestamp, sort_key

BEGIN = 1_704_103_260_000  # 2024-01-01 10:01:00
FLOW = [
    "2 123456789012 eni-0a1 198.51.100.9 10.0.0.9 50000 22 6 20 4000 1 2 ACCEPT OK",
    "2 123456789012 eni-0a1 10.0.0.9 209.85.202.94 49152 80 6 5 400 1 2 ACCEPT OK",
    "2 123456789012 eni-0a1 203.0.113.5 10.0.0.9 1234 3389 6 1 40 1 2 REJECT OK",
    "2 123456789012 eni-0a2 203.0.113.5 10.0.0.7 1235 3389 6 1 44 1 2 REJECT OK",
    "2 123456789012 eni-0a2 - - - - - - - 1431280876 1431280934 - NODATA",
]
TRAIL = [
    json.dumps(record)
    for record in (
        {
            "eventName": "StopInstances", "readOnly": False, "userIdentity": {"type": "AssumedRole"},
            "requestParameters": {"instancesSet": {"items": [{"instanceId": "i-1"}]}},
        },
        {"eventName": "DescribeInstances", "readOnly": True, "errorCode": "Client.Unauthorized"},
        {"eventName": "CreateUser", "readOnly": False, "detail-type": "x", "@id": 7, "size": 1.25},
    )
]  # fmt: skip
COMMANDS = [
    "Jul 13 08:31:08 ip-10-0-0-9 ec2-user: ec2-user [9141]: curl 209.85.202.94 [0]",
    "Jul 13 08:31:02 ip-10-0-0-9 ec2-user: ec2-user [9141]: ls [2]",
]


def rows(query: str, messages: list[str], limit: int = 1000) -> list[dict[str, str]]:
    """Return a query's results over messages that are 20 seconds apart."""
    events: list[Row] = [
        {
            **discover(message),
            "@timestamp": Timestamp(BEGIN + 20_000 * n),
            "@ptr": Pointer("g", "s", n, n),
            "@message": message,
            "@logStream": "s",
        }
        for n, message in enumerate(messages)
    ]
    found = run_query(parse_query(query), [events[:2], events[2:]], limit).rows
    return [{name: value for name, value in row if name != "@ptr"} for row in found]


def test_without_fields_time_and_message_are_shown_newest_first() -> None:
    found = rows("filter @message like 'ec2-user'", COMMANDS)
    assert [row["@message"] for row in found] == COMMANDS[::-1]
    assert found[1] == {"@timestamp": "2024-01-01 10:01:00.000", "@message": COMMANDS[0]}


@pytest.mark.parametrize(
    ("condition", "matched"),
    [
        ('dstAddr = "209.85.202.94"', 1),
        ("dstAddr='209.85.202.94' and dstPort=80", 1),
        ("dstPort = 22 or dstPort = 80", 2),
        ("not (dstPort = 22 or dstPort = 80)", 3),
        ("dstPort in [22, 80]", 2),
        ("dstPort not in [22, 80]", 3),
        ("dstPort in ['22']", 1),
        ("bytes > 40 and bytes <= 400", 2),
        ("bytes > -1 and bytes < 4e1", 0),
        ("@message like /10\\.0\\.0\\.[79] /", 4),
        ("@message =~ /(?i)reject/", 2),
        ("@message not like 'REJECT'", 3),
        ("action like /^REJ/ and bytes < 44", 1),
        ("logStatus = 'NODATA'", 1),
        ("missing = 'x'", 0),
        ("missing != 'x'", 5),
        ("@timestamp >= 1704103320000", 2),
        ("(interfaceId) = ('eni-0a2') # a comment", 2),
        ('`interfaceId` = "eni-0a2"', 2),
    ],
)
def test_filters_keep_what_holds(condition: str, matched: int) -> None:
    assert len(rows(f"filter {condition}", FLOW)) == matched
    assert len(rows(f"FIELDS @timestamp\n| FILTER {condition}", FLOW)) == matched


def test_fields_of_json_have_dots_and_numbers() -> None:
    query = 'filter requestParameters.instancesSet.items.0.instanceId = "i-1" | fields eventName'
    assert rows(query, TRAIL) == [{"eventName": "StopInstances"}]
    assert rows("filter userIdentity.type like 'Role' | fields readOnly", TRAIL) == [
        {"readOnly": "0"}
    ]
    assert len(rows("filter readOnly = 0", TRAIL)) == 2
    assert len(rows("filter readOnly = true", TRAIL)) == 1
    assert rows("filter `detail-type` = 'x' | fields @@id, size", TRAIL) == [
        {"@@id": "7", "size": "1.25"}
    ]


def test_display_wins_over_fields_and_the_last_one_over_others() -> None:
    assert rows("fields srcAddr, dstAddr | display srcPort | display dstPort", FLOW[:1]) == [
        {"dstPort": "22"}
    ]
    assert rows("fields srcPort as p | fields dstPort", FLOW[:1]) == [
        {"p": "50000", "dstPort": "22"}
    ]


def test_sorting_is_natural_as_the_user_guide_shows_it() -> None:
    shown = [
        "!:",
        "#",
        "*%04",
        "0#",
        "5A",
        "111A",
        "2345_",
        "@",
        "@_",
        "A",
        "A9876fghj",
        "a12345hfh",
    ]
    numbers = ["0", "01", "1", "2", "3"]
    assert sorted([*numbers[::-1], *shown[::-1]], key=sort_key) == [*shown, *numbers]


@pytest.mark.parametrize(
    "query",
    [
        "", "   ", "# only a comment", "fields", "fields a b", "frobnicate a", "filter", "filter a =",
        "filter a like", "filter a like b", "filter a in []", "filter (a", "filter a)", "filter 'open",
        "fields a,", "fields a |", "| fields a", "limit", "limit 0", "limit x", "limit 100001",
        "filter a like /(?=x)/", "filter a like /[/", "fields and", "filter a = 10.0.0.1",
        "fields " + "(" * 200 + "a" + ")" * 200, "filter " + "not " * 3000 + "a",
    ],
)  # fmt: skip
def test_an_invalid_query_is_rejected_with_its_position(query: str) -> None:
    with pytest.raises(AwsError) as caught:
        parse_query(query)
    assert caught.value.code == "MalformedQueryException"
    compile_error: Any = caught.value.queryCompileError  # type: ignore[attr-defined]
    assert compile_error["message"]
    assert 0 <= compile_error["location"]["startCharOffset"] <= len(query)


@pytest.mark.parametrize(
    "query",
    [
        "pattern @message", "diff", "stats count(*) by srcAddr", "parse @message '*' as a", "dedup a",
        "fields jsonParse(@message) as x", "filter ispresent(a)", "fields bytes / 2", "fields -bytes",
        "fields 1" + "^1" * 3000, "fields " + "-" * 5000 + "1",
    ],
)  # fmt: skip
def test_what_is_not_emulated_says_so(query: str) -> None:
    with pytest.raises(AwsError, match="pocketaws doesn't emulate") as caught:
        parse_query(query)
    assert caught.value.code == "NotImplemented"


_WORDS = st.sampled_from(
    [
        *"()[],.|=<>+-*/%^'\"`#@ab1", *("fields", "filter", "stats", "sort", "limit", "parse", "dedup"),
        *("display", "by", "as", "and", "or", "not", "like", "in", "desc", "asc", "!=", "=~", "@message"),
        *("@timestamp", "srcAddr", "bytes", "count(*)", "bin(5m)", "'x*'", "/(?<n>\\d+)/", "1.5", "9e99"),
        *("10", "a.b.0", "true", "ispresent(a)", "💥"),
    ]
)  # fmt: skip
_SOMETHING = st.lists(_WORDS, min_size=1, max_size=6).map(" ".join)
_COMMAND = st.tuples(
    st.sampled_from(
        ["fields", "filter", "stats", "sort", "display", "parse @message", "dedup", ""]
    ),
    _SOMETHING,
).map(" ".join)
_NAMES = ["@message", "@timestamp", "@ptr", "bytes", "srcAddr", "readOnly", "a", "b", "missing"]
_ATOMS = st.sampled_from(
    [
        *_NAMES,
        "''",
        "'10.0.0.9'",
        "'x'",
        "'1e9'",
        "-1",
        "0",
        "2.5",
        "9e99",
        "true",
        "'9' ",
        "1000000",
    ]
)


def _compounds(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from([*"=<>", "!=", "<=", ">=", "and", "or"])
    suffixes = st.sampled_from(["like 'x'", "not like /1+/", "=~ /(?i)a|/", "in [1, 'x', b]"])
    return (
        st.tuples(inner, operators, inner).map(lambda parts: f"({' '.join(parts)})")
        | st.tuples(inner, suffixes).map(lambda parts: f"({' '.join(parts)})")
        | inner.map("(not {})".format)
    )


_EXPRESSIONS = st.recursive(_ATOMS, _compounds, max_leaves=6)
_RIGHT_COMMANDS = (
    _EXPRESSIONS.map("fields {} as a, @timestamp".format)
    | _EXPRESSIONS.map("display {}, a".format)
    | _EXPRESSIONS.map("filter {}".format)
)
_LAST_COMMANDS = st.lists(_EXPRESSIONS.map("sort {} desc".format) | st.just("limit 3"), max_size=1)
_RIGHT_QUERIES = st.tuples(st.lists(_RIGHT_COMMANDS, min_size=1, max_size=3), _LAST_COMMANDS).map(
    lambda pair: " | ".join([*pair[0], *pair[1]])
)
_LINES = st.sampled_from([*FLOW, *TRAIL, *COMMANDS, "", "{", "9" * 400, '{"a": 1e999, "b": [[]]}'])


@settings(max_examples=200, deadline=None)
@given(_RIGHT_QUERIES, st.lists(_LINES, max_size=4))
def test_any_valid_query_gets_an_answer(query: str, messages: list[str]) -> None:
    found = rows(query, messages)
    assert all(isinstance(value, str) for row in found for value in row.values())


@settings(max_examples=200, deadline=None)
@given(st.lists(_COMMAND, min_size=1, max_size=3).map(" | ".join), st.lists(_LINES, max_size=4))
def test_any_text_is_a_query_or_refused(query: str, messages: list[str]) -> None:
    try:
        found = rows(query, messages)
    except AwsError as error:
        refused = error.code
        event(refused)
        assert refused in {"MalformedQueryException", "NotImplemented"}
        return
    event("answered")
    assert all(isinstance(value, str) for row in found for value in row.values())
