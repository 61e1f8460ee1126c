"""Filter patterns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from pocketaws.errors import AwsError
from pocketaws.logs.patterns import compile_pattern

EVENT = json.dumps(
    {
        "eventName": "StopInstances",
        "sourceIPAddress": "198.51.100.7",
        "readOnly": False,
        "count": 404,
        "ratio": 1.5,
        "none": None,
        "path": "/a/b",
        "items": [{"id": "i-1"}, {"id": "i-2"}],
        "cluster.name": "c",
        "text": 'say "hi" \\ zwölf',
    },
    ensure_ascii=False,
)
LINE = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'
FLOW = "2 1 eni-1 10.0.0.9 209.85.202.94 49152 80 6 5 400 1 2 ACCEPT OK"


def test_the_cases_of_the_user_guide_hold(samples: Path) -> None:
    known = json.loads((samples / "logs" / "filter-patterns.json").read_text())
    messages = {
        name: value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
        for name, value in known["messages"].items()
    }
    assert known["cases"]
    for case in known["cases"]:
        message = messages.get(case["message"], case["message"])
        found = compile_pattern(case["pattern"]).matches(message)
        assert found == case["matches"], case


@pytest.mark.parametrize(
    ("pattern", "message", "matches"),
    [
        ("", "anything", True),
        ("   ", "anything", True),
        ("209.85.202.94", FLOW, True),
        ("209.85.202.95", FLOW, False),
        ("eni-1", FLOW, True),
        ("ERROR", "ERRORCODE: -1", True),
        ("error", "ERROR", False),
        ('"say \\"hi\\""', 'say "hi"', True),
        ('ERROR -"not found"', "ERROR: not found", False),
        ('ERROR -"not found"', "ERROR: gone", True),
        ("-ERROR", "fine", True),
        ("-ERROR", "ERROR", False),
        ('?"not found" ?gone', "it is gone", True),
        ("?ERROR ?WARN REQUEST", "REQUEST", True),
        ("?ERROR ?WARN REQUEST", "ERROR", False),
        ("Ω", "größer Ω", True),
        ("%AUTHORIZED%", "UNAUTHORIZED", True),
        ("%^[hc]at%", "hat", True),
        ("%^[hc]at%", "a hat", False),
        ("%[hc]at$%", "a hat", True),
        ("%colou?r%", "color", True),
        ("%a{3,5}%", "aa", False),
        ("%^a{,2}$%", "aa", True),
        ("%^a{,2}$%", "aaa", False),
        ("%gray|grey%", "grey", True),
        (r"%\[.\]%", "x[7]y", True),
        (r"%10\.10\.0\.1%", "10010,051", False),
        ("%10.10.0.1%", "10010,051", True),
        (r"%\x28%", "a (b", True),
        (r"%a\sb%", "a\nb", True),
        ("%a.b%", "a\nb", True),
    ],
)
def test_terms_and_expressions(pattern: str, message: str, matches: bool) -> None:  # noqa: FBT001
    assert compile_pattern(pattern).matches(message) is matches


@pytest.mark.parametrize(
    ("condition", "matches"),
    [
        ('$.eventName = "StopInstances"', True),
        ("$.eventName = StopInstances", True),
        ("$.eventName = Stop*", True),
        ("$.eventName = *Inst*s", True),
        ("$.eventName = Start*", False),
        ("$.eventName != Start*", True),
        ("$.eventName = %^Stop%", True),
        ("$.eventName != %^Stop%", False),
        ("$.eventname = StopInstances", False),
        ("$.sourceIPAddress = 198.51.100.7", True),
        ("$.sourceIPAddress = 198.51.100.8", False),
        ("$.sourceIPAddress != 198.51.*", False),
        ("$.count = 404", True),
        ("$.count = 4.04e2", True),
        ("$.count = 4*", True),
        ("$.count > 403", True),
        ("$.count >= 405", False),
        ("$.count < -1", False),
        ("$.ratio <= 1.5", True),
        ("$.none IS NULL", True),
        ("$.missing IS NULL", False),
        ("$.readOnly IS FALSE", True),
        ("$.readOnly IS TRUE", False),
        ("$.missing NOT EXISTS", True),
        ("$.none NOT EXISTS", False),
        ("$.missing = x", False),
        ("$.missing != x", False),
        ("$.items = x", False),
        ("$.items != x", False),
        ('$.items[1].id = "i-2"', True),
        ('$.items[2].id = "i-2"', False),
        ('$.items[*].id = "i-2"', True),
        ('$.items[*].id = "i-3"', False),
        ('$.* = "StopInstances"', True),
        ("$.* = %51.100%", True),
        ("$.['cluster.name'] = \"c\"", True),
        ("$['cluster.name'] = c", True),
        ('$.path = "/a/b"', True),
        ('$.text = "say \\"hi\\" \\\\ zwölf"', True),
        ("$.count = 1 || $.count = 404 && $.ratio = 1.5", True),
        ("($.count = 1 || $.count = 404) && $.ratio = 2", False),
        ("($.count = 404) && (($.ratio = 1.5))", True),
    ],
)
def test_conditions_on_json(condition: str, matches: bool) -> None:  # noqa: FBT001
    assert compile_pattern(f"{{ {condition} }}").matches(EVENT) is matches
    assert compile_pattern(f"{{{condition}}}").matches(EVENT) is matches


@pytest.mark.parametrize("message", ["no JSON", "{", "[1", "7", '{"a": NaN}', "[" * 100_000])
def test_what_is_not_json_has_no_properties(message: str) -> None:
    assert compile_pattern("{ $.a NOT EXISTS }").matches(message) is False


def test_escaped_json_is_understood_before_it_is_compared() -> None:
    message = '{"event\\u004eame": "Stop\\u0049nstances"}'
    assert compile_pattern("{ $.eventName = StopInstances }").matches(message)
    assert compile_pattern("{ $.eventName != StartInstances }").matches(message)


@pytest.mark.parametrize(
    ("pattern", "message", "matches"),
    [
        ("[ip, dash, user, time, request, status, bytes]", LINE, True),
        ("[ip, dash, user, time, request, status, bytes, more]", LINE, False),
        ('[ip, dash, user, time = "10/Oct*", request = "GET *", status, bytes]', LINE, True),
        ("[ip, dash, user=frank, rest]", LINE, True),
        ("[ip, dash, user=frank, rest=*1534]", LINE, True),
        ("[ip = 127.0.0.1, ...]", LINE, True),
        ("[ip, ..., bytes > 1500]", LINE, True),
        ("[ip, ..., bytes > 1600]", LINE, False),
        ("[..., status = 404.0, bytes]", LINE, True),
        ("[..., status != 404, bytes]", LINE, False),
        ("[..., (status = 404 || status = 500) && status != 500, bytes]", LINE, True),
        (r"[ip=%127\.0\.0\.[1-9]%, ...]", LINE, True),
        (r"[ip!=%127\.0\.0\.[1-9]%, ...]", LINE, False),
        ("[v, a, eni, src, dst=209.85.202.94, sp, dp, p, pk, b, s, e, act=ACCEPT, st]", FLOW, True),
        (
            "[v, a, eni, src, dst=209.85.202.95, sp, dp, p, pk, b, s, e, act=ACCEPT, st]",
            FLOW,
            False,
        ),
        ("[a, b]", "one", False),
        ("[a]", "", False),
        ("[...]", "", True),
        ("[a, b=x*]", "[open x y", True),
    ],
)
def test_fields_between_spaces(pattern: str, message: str, matches: bool) -> None:  # noqa: FBT001
    assert compile_pattern(pattern).matches(message) is matches


@pytest.mark.parametrize(
    "pattern",
    [
        '"open', "a@b.c", "/path", "a:b", "(x)", "-", "?", '""x',
        "{", "{}", "{ x }", "{ $ = 1 }", "{ $.a }", "{ $.a = }", "{ $.a > x }", "{ $.a IS NOT NULL }",
        "{ $.a EXISTS }", "{ $.a = 1 && }", "{ ($.a = 1 }", "{ $.a = 1 $.b = 2 }", "{ $.a[*][*] = 1 }",
        '{ $.a["b"] = 1 }', "{ $.a.*.*=1 }", "{ $.a[*]=1 && $.b[*]=1 && $.c[*]=1 && $.d[*]=1 }",
        "{ $.a=%a% && $.b=%b% && $.c=%c% }", "{ $.a > %1% }", "{" + "(" * 500 + "$.a=1" + ")" * 500 + "}",
        "[", "[]", "[a,]", "[a b]", "[a=1 && b=2]", "[..., ...]", "[a, a]", "[a > x]", "[(a)]",
        "%something!%", "%(a)%", "%ä%", "%[z-a]%", "%a**%", r"%\b%", "%a% %b%", "%[%",
    ],
)  # fmt: skip
def test_an_invalid_pattern_is_rejected(pattern: str) -> None:
    with pytest.raises(AwsError) as caught:
        compile_pattern(pattern)
    assert caught.value.code == "InvalidParameterException"


def test_malicious_patterns_finish_quickly() -> None:
    message = "a" * 200_000
    assert not compile_pattern("%" + ".*a" * 300 + "b%").matches(message)
    assert not compile_pattern("[x = " + "*a" * 400 + "b]").matches(message)
    assert not compile_pattern("[a, b]").matches("[" * 200_000)


_SYNTAX = st.sampled_from(
    [
        *"{}[]()$.*,=><%-?\\\"'ab",
        *(
            "...",
            "!=",
            ">=",
            "<=",
            "&&",
            "||",
            "IS",
            "NULL",
            "NOT",
            "EXISTS",
            "TRUE",
            "$.a",
            "$.a[0]",
        ),
        *("$.*", "$.['a.b']", "1", "2.5", "1e3", "404", "a*", "x=1", '"q s"', "%a+%", "10.0.0.1"),
        *("\\d", "{1,2}", "ä", "🦊"),
    ]
)
_PATTERNS = st.lists(_SYNTAX, max_size=12).map(" ".join) | st.lists(_SYNTAX, max_size=12).map(
    "".join
)
_WRAPPED = st.tuples(st.sampled_from(["{}", "[]", "%%"]), _PATTERNS).map(
    lambda pair: pair[0][0] + pair[1] + pair[0][1]
)
_MESSAGES = st.text(max_size=40) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
    max_leaves=6,
).map(json.dumps)


@settings(max_examples=300, deadline=None)
@given(_PATTERNS | _WRAPPED | st.text(max_size=20), _MESSAGES)
def test_any_text_is_a_pattern_or_gets_the_error_of_aws(pattern: str, message: str) -> None:
    try:
        compiled = compile_pattern(pattern)
    except AwsError as error:
        refused = error.code
        event(refused)
        assert refused == "InvalidParameterException"
        return
    assert compiled.matches(message) in (True, False)
    # The needles must not exclude anything that the test would accept.
    if compiled.test is not None:
        assert compiled.test([message])[0] == compiled.matches(message)
