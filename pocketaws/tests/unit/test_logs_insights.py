"""Insights queries."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from pocketaws.errors import AwsError
from pocketaws.logs.insights.discovery import discover
from pocketaws.logs.insights.evaluate import Context, Row
from pocketaws.logs.insights.functions import AGGREGATES, FUNCTIONS
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
    """Results of a query over messages, one every 20 seconds."""
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
    context = Context(BEGIN // 1000 + 3600, BEGIN, BEGIN + 3_600_000)
    found = run_query(parse_query(query), [events[:2], events[2:]], context, limit).rows
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
        ("bytes * 2 = 88", 1),
        ("bytes % 100 = 40 and -bytes < 0", 1),
        ("2 ^ 3 ^ 1 = 8 and 1 + 2 * 3 = 7 and 7 / 2 = 3.5", 5),
        ("@message like /10\\.0\\.0\\.[79] /", 4),
        ("@message =~ /(?i)reject/", 2),
        ("@message not like 'REJECT'", 3),
        ("action like /^REJ/ and bytes < 44", 1),
        ("isIpv4InSubnet(srcAddr, '203.0.113.0/24')", 2),
        ("isIpInSubnet(srcAddr, '2001:db8::/32')", 0),
        ("isPrivateIP(srcAddr)", 1),
        ("logStatus = 'NODATA'", 1),
        ("missing = 'x'", 0),
        ("missing != 'x'", 5),
        ("ispresent(missing)", 0),
        ("ispresent(srcAddr)", 5),
        ("isNumeric(bytes)", 4),
        ("strcontains(@message, 'eni-0a2') = 1", 2),
        ("@timestamp >= 1704103320000", 2),
        ("(interfaceId) = ('eni-0a2') # a comment", 2),
        ('`interfaceId` = "eni-0a2"', 2),
    ],
)
def test_filters_keep_what_holds(condition: str, matched: int) -> None:
    assert len(rows(f"filter {condition}", FLOW)) == matched
    assert len(rows(f"FIELDS @timestamp\n| FILTER {condition}", FLOW)) == matched


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("abs(-2)", "2"), ("ceil(1.2)", "2"), ("floor(-1.2)", "-2"), ("greatest(1, 3, 2)", "3"),
        ("least(1, 3, 2)", "1"), ("round(2.5)", "3"), ("round(1.255, 1)", "1.3"), ("sqrt(9)", "3"),
        ("log(1)", "0"), ("1/3", "0.3333"), ("10/2", "5"), ("1/0", None), ("sqrt(-1)", None),
        ("concat('a', 1, 'b')", "a1b"), ("strlen('Ωx')", "2"), ("toupper('ab')", "AB"),
        ("tolower('AB')", "ab"), ("trim('  a ')", "a"), ("ltrim('xyZfoo', 'xyZ')", "foo"),
        ("rtrim('fooxy', 'xy')", "foo"), ("substr('xyZfooxyZ', 3, 3)", "foo"),
        ("substr('abc', 1)", "bc"), ("replace('a.b.c', '.', '-')", "a-b-c"),
        ("regexReplace('a1b22', '[0-9]+', '#')", "a#b#"), ("isempty('')", "1"),
        ("isblank(' ')", "1"), ("isempty(missing)", "1"), ("coalesce(missing, 'x')", "x"),
        ("if(1 = 1, 'yes', 'no')", "yes"), ("case(1=2, 'a', 2=2, 'b', 'c')", "b"),
        ("case(1=2, 'a', 'c')", "c"), ("toNumber('12')", "12"), ("toInt('1.9')", "1"),
        ("datefloor(@timestamp, 1h)", "2024-01-01 10:00:00.000"),
        ("dateceil(@timestamp, 1h)", "2024-01-01 11:00:00.000"),
        ("bin(30 minutes)", "2024-01-01 10:00:00.000"), ("bin(300s)", "2024-01-01 10:01:00.000"),
        ("bin(1d)", "2024-01-01 00:00:00.000"), ("bin(1mo)", "2024-01-01 00:00:00.000"),
        ("dateceil(@timestamp, 1q)", "2024-04-01 00:00:00.000"), ("bin(1w)", "2024-01-01 00:00:00.000"),
        ("toMillis(@timestamp)", str(BEGIN)), ("fromMillis(0)", "1970-01-01 00:00:00.000"),
        ("now()", str(BEGIN // 1000 + 3600)), ("queryTimeRange()", "3600000"),
        ("ipv4ToNumber('0.0.1.0')", "256"), ("isValidIp('::1')", "1"), ("isValidIpV4('::1')", "0"),
        ("jsonArraySize('[1,2]')", "2"), ("jsonArrayContains('[\"a\"]', 'a')", "1"),
        ("messageSize('Ω')", "2"), ("1 = 1", "1"), ("'a' < 'b'", "1"), ("true", "1"),
    ],
)  # fmt: skip
def test_functions_give_what_the_user_guide_says(expression: str, value: str | None) -> None:
    assert rows(f"fields {expression} as x | display x", FLOW[:1]) == [
        {} if value is None else {"x": value}
    ]


def test_a_glob_holds_what_its_stars_stand_for() -> None:
    query = 'parse @message "* ec2-user: * [*]: * [*]" as time, user, pid, command, status'
    found = rows(f"{query} | filter command like 'curl' | display command, status", COMMANDS)
    assert found == [{"command": "curl 209.85.202.94", "status": "0"}]
    assert rows('parse "curl *" as rest | display rest', COMMANDS)[1] == {
        "rest": "209.85.202.94 [0]"
    }


def test_an_expression_holds_what_its_groups_match() -> None:
    query = r"parse @message /(?<eni>eni-\w+) (?<src>[\d.]+)/ | display eni, src | sort src"
    found = rows(query, FLOW)
    assert found[0] == {}
    assert {"eni": "eni-0a1", "src": "10.0.0.9"} in found
    by_order = rows(r"parse @message /(eni-\w+) ([\d.]+)/ as a, b | stats count(*) by a", FLOW[:1])
    assert by_order == [{"a": "eni-0a1", "count(*)": "1"}]


def test_stats_group_by_fields_and_time() -> None:
    found = rows("stats count(*) as n, sum(bytes) as total by srcAddr | sort total desc", FLOW)
    assert found[:3] == [
        {"srcAddr": "198.51.100.9", "n": "1", "total": "4000"},
        {"srcAddr": "10.0.0.9", "n": "1", "total": "400"},
        {"srcAddr": "203.0.113.5", "n": "2", "total": "84"},
    ]
    assert rows("stats count(*) by bin(1m) | sort `bin(1m)`", FLOW) == [
        {"bin(1m)": "2024-01-01 10:01:00.000", "count(*)": "3"},
        {"bin(1m)": "2024-01-01 10:02:00.000", "count(*)": "2"},
    ]
    assert rows("stats count(*) by bin(1m) as t | sort t desc | limit 1 | display t", FLOW) == [
        {"t": "2024-01-01 10:02:00.000"}
    ]


def test_every_aggregation_gives_its_number() -> None:
    query = (
        "filter ispresent(bytes) and isNumeric(bytes) | stats avg(bytes) as a, min(bytes) as b, "
        "max(bytes) as c, count_distinct(srcAddr) as d, countDistinct(action) as e, pct(bytes, 50) as f, "
        "earliest(srcAddr) as g, latest(srcAddr) as h, stddev(packets) as i, variance(packets) as j, "
        "sum(bytes) / count(*) as k, c - b as l, sortsFirst(srcAddr) as m, values(action) as n"
    )
    assert rows(query, FLOW) == [
        {
            "a": "1121", "b": "40", "c": "4000", "d": "3", "e": "2", "f": "44",
            "g": "198.51.100.9", "h": "203.0.113.5", "i": "7.8222", "j": "61.1875",
            "k": "1121", "l": "3960", "m": "10.0.0.9", "n": "[ACCEPT,REJECT]",
        }
    ]  # fmt: skip


def test_stats_of_stats_see_only_the_columns_before() -> None:
    query = "stats sum(bytes) as b by interfaceId | stats max(b) as most, count(@message) as none"
    assert rows(query, FLOW) == [{"most": "4440", "none": "0"}]


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
    errors = "filter ispresent(errorCode) | stats count(*) by errorCode, eventName"
    assert rows(errors, TRAIL) == [
        {"errorCode": "Client.Unauthorized", "eventName": "DescribeInstances", "count(*)": "1"}
    ]


def test_dedup_keeps_the_first_in_the_order() -> None:
    newest = rows("fields srcPort | filter action = 'REJECT' | dedup srcAddr", FLOW)
    assert newest == [{"srcPort": "1235"}]
    oldest = rows(
        "fields srcPort | filter action = 'REJECT' | sort @timestamp asc | dedup srcAddr", FLOW
    )
    assert oldest == [{"srcPort": "1234"}]
    assert len(rows("fields missing | dedup missing | limit 4", FLOW)) == 4


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
        "stats by a", "stats a by b", "stats count(*) by count(*)", "stats sum(count(*))", "stats sum()",
        "filter count(*) > 1", "fields nosuch(a)", "fields bin(a)", "fields strlen()", "fields bin()",
        "sort a | stats count(*)", "limit 1 | stats count(*)", "dedup a | sort a",
        "parse @message 'no star' as a", "parse @message '*' as a, b", "parse @message /a/",
        "parse @message /(?<a>x/", "filter a like /(?=x)/", "filter a like /[/", "fields and",
        "fields regexReplace(a, '(', 'x')", "fields regexReplace(a, b, 'x')", "filter a = 10.0.0.1",
        "fields " + "(" * 200 + "a" + ")" * 200, "filter " + "not " * 3000 + "a",
        "fields " + "-" * 5000 + "1", "fields 1" + "^1" * 3000,
    ],
)  # fmt: skip
def test_what_is_no_query_is_refused_with_its_place(query: str) -> None:
    with pytest.raises(AwsError) as caught:
        parse_query(query)
    assert caught.value.code == "MalformedQueryException"
    compile_error: Any = caught.value.queryCompileError  # type: ignore[attr-defined]
    assert compile_error["message"]
    assert 0 <= compile_error["location"]["startCharOffset"] <= len(query)


@pytest.mark.parametrize("query", ["pattern @message", "fields jsonParse(@message) as x", "diff"])
def test_what_is_not_emulated_says_so(query: str) -> None:
    with pytest.raises(AwsError, match="is not emulated here") as caught:
        parse_query(query)
    assert caught.value.code == "NotImplemented"


def test_texts_do_not_grow_without_end() -> None:
    grow = " | ".join(f"fields concat(a{n}, a{n}) as a{n + 1}" for n in range(60))
    found = rows(f"fields @message as a0 | {grow} | fields strlen(a60) as n | display n", FLOW[:1])
    assert found == [{"n": str(1 << 20)}]


_WORDS = st.sampled_from(
    [
        *"()[],.|=<>+-*/%^'\"`#@ab1", *("fields", "filter", "stats", "sort", "limit", "parse", "dedup"),
        *("display", "by", "as", "and", "or", "not", "like", "in", "desc", "asc", "!=", "=~", "@message"),
        *("@timestamp", "srcAddr", "bytes", "count(*)", "sum(bytes)", "bin(5m)", "bin(1mo)", "'x*'"),
        *("/(?<n>\\d+)/", "1.5", "9e99", "10", "max(a)", "abs(b)", "concat(a, b)", "round(bytes, 3)"),
        *("substr(a, 1)", "if(a, b, 1)", "strlen(@message)", "a.b.0", "datefloor(@timestamp, 1y)"),
        *("regexReplace(@message, '(1)', '\\\\1')", "isIpv4InSubnet(srcAddr, '10.0.0.0/8')", "true"),
        *("earliest(bytes)", "pct(bytes, 99)", "9^9^9", "now()", "values(a)", "toInt(9e99)", "💥"),
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


def _calls(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """A call of any function, with as many arguments as it takes."""
    return st.sampled_from(sorted(FUNCTIONS)).flatmap(
        lambda name: st.lists(
            inner, min_size=FUNCTIONS[name].fewest, max_size=min(4, FUNCTIONS[name].most)
        ).map(lambda arguments: f"{name}({', '.join(arguments)})")
    )


def _compounds(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from([*"+-*/%^=<>", "!=", "<=", ">=", "and", "or"])
    suffixes = st.sampled_from(["like 'x'", "not like /1+/", "=~ /(?i)a|/", "in [1, 'x', b]"])
    periods = st.sampled_from(["5m", "300s", "1w", "7mo", "0d", "1y", "99999y", "1q"])
    return (
        st.tuples(inner, operators, inner).map(lambda parts: f"({' '.join(parts)})")
        | st.tuples(inner, suffixes).map(lambda parts: f"({' '.join(parts)})")
        | st.tuples(st.sampled_from(["datefloor", "dateceil"]), inner, periods).map(
            lambda parts: f"{parts[0]}({parts[1]}, {parts[2]})"
        )
        | periods.map("bin({})".format)
        | inner.map("(not {})".format)
        | inner.map("(-({}))".format)
        | inner.map("regexReplace({}, '([0-9])|x', '[\\\\1]')".format)
        | _calls(inner)
    )


_EXPRESSIONS = st.recursive(_ATOMS, _compounds, max_leaves=6)
_TOTALS = st.sampled_from(sorted(AGGREGATES)).flatmap(
    lambda name: _EXPRESSIONS.map(lambda x: f"{name}({x}{', 50' if name == 'pct' else ''})")
)
_RIGHT_COMMANDS = (
    _EXPRESSIONS.map("fields {} as a, @timestamp".format)
    | _EXPRESSIONS.map("display {}, a".format)
    | _EXPRESSIONS.map("filter {}".format)
    | _EXPRESSIONS.map("fields {} as b | parse b '*1*' as a, c".format)
    | st.tuples(_TOTALS, _EXPRESSIONS).map(
        lambda parts: f"stats {parts[0]} as a by {parts[1]} as b"
    )
    | _TOTALS.map("stats {} + 1, count(*) as b".format)
)
_LAST_COMMANDS = st.lists(
    _EXPRESSIONS.map("sort {} desc".format) | st.just("limit 3"), max_size=1
) | _EXPRESSIONS.map(lambda x: [f"dedup {x}"])
_RIGHT_QUERIES = st.tuples(st.lists(_RIGHT_COMMANDS, min_size=1, max_size=3), _LAST_COMMANDS).map(
    lambda pair: " | ".join([*pair[0], *pair[1]])
)
_LINES = st.sampled_from([*FLOW, *TRAIL, *COMMANDS, "", "{", "9" * 400, '{"a": 1e999, "b": [[]]}'])


@settings(max_examples=200, deadline=None)
@given(_RIGHT_QUERIES, st.lists(_LINES, max_size=4))
def test_any_right_query_is_answered(query: str, messages: list[str]) -> None:
    found = rows(query, messages)
    assert all(isinstance(value, str) for row in found for value in row.values())


@settings(max_examples=200, deadline=None)
@given(st.lists(_COMMAND, min_size=1, max_size=3).map(" | ".join), st.lists(_LINES, max_size=4))
def test_any_text_is_a_query_or_refused_as_aws_refuses(query: str, messages: list[str]) -> None:
    try:
        found = rows(query, messages)
    except AwsError as error:
        refused = error.code
        event(refused)
        assert refused == "MalformedQueryException"
        return
    event("answered")
    assert all(isinstance(value, str) for row in found for value in row.values())
