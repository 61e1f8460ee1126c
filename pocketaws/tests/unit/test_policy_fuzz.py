"""Whatever is written into a policy, it is refused or decided on; nothing breaks and nothing hangs."""

from __future__ import annotations

import contextlib
import json
import time
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pocketaws.identity.caller import Caller
from pocketaws.identity.documents import check_document
from pocketaws.identity.evaluate import Policies, Request, evaluate
from pocketaws.identity.patterns import Pattern
from pocketaws.identity.policy import Policy, PolicyError, compile_policy

USER = Caller(
    "IAMUser", "111122223333", "arn:aws:iam::111122223333:user/ada", "AIDA", "198.51.100.7"
)
FACTS = {
    "aws:username": ("ada",),
    "aws:sourceip": ("198.51.100.7",),
    "aws:currenttime": ("2026-01-01T00:00:00Z",),
    "aws:tagkeys": ("a", "b"),
    "aws:epochtime": ("1767225600",),
}


class Context:
    def get(self, key: str) -> tuple[str, ...] | None:
        return FACTS.get(key)


TEXT = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["*", "s3:*", "s3:Get*", "arn:aws:s3:::b/*", "${aws:username}", "${", "${}", "${a,'b'}", "1e9999",
         "NaN", "198.51.100.0/24", "::/0", "true", "2026-01-01", "arn:aws:iam::111122223333:root", "?" * 9]
    ),
)  # fmt: skip
OPERATORS = st.one_of(
    st.sampled_from(
        [
            prefix + name + suffix
            for name in (
                "StringEquals", "StringNotLike", "StringEqualsIgnoreCase", "NumericLessThan", "DateEquals",
                "DateGreaterThan", "Bool", "Null", "IpAddress", "NotIpAddress", "ArnLike", "ArnNotEquals",
                "BinaryEquals", "Nonsense",
            )
            for prefix in ("", "ForAllValues:", "ForAnyValue:", "ForSome:")
            for suffix in ("", "IfExists")
        ]
    ),
    TEXT,
)  # fmt: skip
KEYS = st.one_of(st.sampled_from([*FACTS, "AWS:UserName", "s3:prefix"]), TEXT)
VALUES = st.one_of(
    TEXT, st.booleans(), st.integers(), st.none(), st.lists(TEXT, max_size=3), st.floats()
)
STATEMENT = st.fixed_dictionaries(
    {},
    optional={
        "Sid": TEXT,
        "Effect": st.sampled_from(["Allow", "Deny", "allow", ""]),
        "Action": st.one_of(TEXT, st.lists(TEXT, max_size=3)),
        "NotAction": TEXT,
        "Resource": st.one_of(TEXT, st.lists(TEXT, max_size=3)),
        "NotResource": TEXT,
        "Principal": st.one_of(
            TEXT, st.dictionaries(st.sampled_from(["AWS", "Service", "X"]), VALUES)
        ),
        "Condition": st.dictionaries(
            OPERATORS, st.dictionaries(KEYS, VALUES, max_size=2), max_size=2
        ),
    },
)
SOUND = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Action": st.sampled_from(["*", "s3:*", "s3:GetObject", ["ec2:*", "s3:G?tObject"]]),
        "Resource": TEXT,
        "Condition": st.dictionaries(
            OPERATORS, st.dictionaries(KEYS, TEXT, max_size=2), max_size=2
        ),
    }
)
DOCUMENT = st.fixed_dictionaries(
    {
        "Statement": st.one_of(
            STATEMENT, st.lists(st.one_of(STATEMENT, SOUND), max_size=3), SOUND, TEXT
        )
    },
    optional={"Version": st.sampled_from(["2012-10-17", "2008-10-17", "1"])},
)


def decided(policy: Policy) -> bool:
    asked = Request("s3:getobject", "arn:aws:s3:::b/k", Context())
    identity = evaluate(USER, asked, Policies((policy,), policy, (policy,)))
    resource = evaluate(USER, asked, Policies((policy,)), policy, same_account=False)
    return identity.allowed or resource.allowed


@settings(max_examples=400, deadline=1000)
@given(document=DOCUMENT)
def test_a_document_is_refused_or_decided_on(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    for kind in ("identity", "trust", "resource"):
        with contextlib.suppress(PolicyError):
            assert decided(check_document(text, kind)) in {True, False}  # type: ignore[arg-type]


@settings(max_examples=200, deadline=1000)
@given(text=st.text(max_size=200))
def test_any_text_is_refused_or_a_policy(text: str) -> None:
    with contextlib.suppress(PolicyError):
        compile_policy(text)


@settings(max_examples=300, deadline=1000)
@given(
    allowed=SOUND.filter(lambda s: s["Effect"] == "Allow"),
    denied=SOUND.filter(lambda s: s["Effect"] == "Deny"),
)
def test_a_denial_never_lets_more_pass(allowed: dict[str, Any], denied: dict[str, Any]) -> None:
    def decide(*statements: dict[str, Any]) -> bool | None:
        try:
            document = {"Version": "2012-10-17", "Statement": list(statements)}
            return decided(compile_policy(json.dumps(document)))
        except PolicyError:
            return None

    both, alone = decide(allowed, denied), decide(allowed)
    assert not (both and alone is False)


@settings(max_examples=200, deadline=1000)
@given(
    text=st.text("ab*?:", max_size=40),
    value=st.text("ab:", max_size=60),
    arn=st.booleans(),
)
def test_a_pattern_of_any_wildcards_is_quick(text: str, value: str, arn: bool) -> None:  # noqa: FBT001
    began = time.perf_counter()
    Pattern(text, variables=True, arn=arn).matches(value * 50, Context())
    assert time.perf_counter() - began < 0.5
