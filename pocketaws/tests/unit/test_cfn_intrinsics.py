"""The intrinsic functions in templates, one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketaws.cloudformation import intrinsics, yaml_text
from pocketaws.errors import AwsError


class Names:
    """A scope with a fixed value for every name."""

    mappings: Mapping[str, Any] = {"Zone": {"eu-west-1": {"Count": 3, "Names": ["a", "b"]}}}
    conditions: Mapping[str, bool] = {"Always": True, "Never": False}

    def ref(self, name: str) -> Any:
        return {
            "AWS::Region": "eu-west-1",
            "Vpc": "vpc-1",
            "Number": "42",
            "List": ["x", "y"],
        }[name]

    def attribute(self, resource: str, name: str) -> Any:
        return f"{resource}/{name}"

    def import_value(self, name: str) -> str:
        return f"imported {name}"

    def zones(self, region: str) -> list[str]:
        return [f"{region}a", f"{region}b"]

    def dynamic(self, service: str, key: str) -> str:
        return f"<{service} {key}>"


def value(text: str) -> Any:
    return intrinsics.evaluate(yaml_text.load(text), Names())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!Ref Vpc", "vpc-1"),
        ("Ref: Vpc", "vpc-1"),
        ("!GetAtt Vpc.CidrBlock", "Vpc/CidrBlock"),
        ("!GetAtt [Outer, Inner.Value]", "Outer/Inner.Value"),
        ("Fn::GetAtt: Server.PrivateIp", "Server/PrivateIp"),
        ("!Sub '${Vpc} in ${AWS::Region}'", "vpc-1 in eu-west-1"),
        ("!Sub '${Bucket.Arn}/*'", "Bucket/Arn/*"),
        ("!Sub '${!literal} ${Vpc}'", "${literal} vpc-1"),
        ("!Sub ['${a}-${Vpc}', {a: !Ref Number}]", "42-vpc-1"),
        ("!Sub 'costs $5 {or so}'", "costs $5 {or so}"),
        ("!Join ['-', [a, !Ref Vpc, 3, true]]", "a-vpc-1-3-true"),
        ("!Join [',', !Ref List]", "x,y"),
        ("!Select [1, !GetAZs '']", "eu-west-1b"),
        ("!Select ['0', [p, q]]", "p"),
        ("!Split ['|', 'a|b|']", ["a", "b", ""]),
        ("!FindInMap [Zone, !Ref 'AWS::Region', Count]", 3),
        ("!FindInMap [Zone, eu-west-1, Names]", ["a", "b"]),
        ("!Base64 '#!/bin/sh'", "IyEvYmluL3No"),
        ("Fn::Base64: !Sub '${Vpc}'", "dnBjLTE="),
        ("!Cidr [10.0.0.0/16, 2, 8]", ["10.0.0.0/24", "10.0.1.0/24"]),
        ("!Cidr ['10.0.0.0/24', 1, '4']", ["10.0.0.0/28"]),
        ("!GetAZs us-east-1", ["us-east-1a", "us-east-1b"]),
        ("!ImportValue net", "imported net"),
        ("Fn::ImportValue: !Sub 'net-${Vpc}'", "imported net-vpc-1"),
        ("!If [Always, 1, 2]", 1),
        ("!If [Never, !Ref Nowhere, {a: !Ref Vpc}]", {"a": "vpc-1"}),
        ("a: !If [Never, 1, !Ref 'AWS::NoValue']\nb: 2", {"b": 2}),
        ("[1, !Ref 'AWS::NoValue', 3]", [1, 3]),
        ("'{{resolve:ssm:/a/b:3}}!'", "<ssm /a/b:3>!"),
        ("!Join ['', ['{{resolve:ssm:', /a, '}}']]", "<ssm /a>"),
        ("Version: 2012-10-17", {"Version": "2012-10-17"}),
        ("123456789012: yes", {"123456789012": True}),
    ],
)
def test_a_function_gives(text: str, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!Equals [!Ref Number, 42]", True),
        ("!Equals [true, 'true']", True),
        ("!Equals [a, A]", False),
        ("!Not [!Condition Never]", True),
        ("!And [!Condition Always, !Condition Never]", False),
        ("!Or [!Condition Never, !Not [!Equals [a, b]]]", True),
        ("Condition: Always", True),
    ],
)
def test_a_condition_is(text: str, *, expected: bool) -> None:
    assert intrinsics.evaluate_condition(yaml_text.load(text), Names()) is expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("!GetAtt Vpc", "every Fn::GetAtt object requires two non-empty parameters"),
        ("!Select [2, [a, b]]", "cannot select nonexistent value at index 2"),
        ("!Select [a, [a, b]]", "cannot select nonexistent value"),
        ("!FindInMap [Zone, mars, Count]", "Unable to get mapping for Zone::mars::Count"),
        ("!FindInMap [Nowhere, a, b]", "Mapping named 'Nowhere' is not present"),
        ("!Join [',', x]", "every Fn::Join object requires a list"),
        ("!Join [1, [a]]", "every Fn::Join object requires two parameters"),
        ("!If [Maybe, 1, 2]", "Unresolved condition dependency Maybe"),
        ("!If [Always, 1]", "requires a list argument with three elements"),
        ("!Sub [a]", "don't specify expected arguments"),
        ("!Cidr [10.0.0.0/24, 1000, 4]", "Fn::Cidr cannot make 1000 blocks"),
        ("!Cidr [nowhere, 1, 4]", "Fn::Cidr"),
        ("Ref: Vpc\nOther: 1", "Ref cannot be combined with other keys"),
        ("Fn::Unheard: 1", "Fn::Unheard is not supported"),
        ("!Unheard 1", "YAML not well-formed"),
        ("a: &x 1\nb: *x", "YAML aliases are not allowed"),
        ("a: " + "[" * 300 + "]" * 300, "unsupported structure"),
    ],
)
def test_a_misuse_is_refused(text: str, message: str) -> None:
    with pytest.raises(AwsError, match=message) as caught:
        value(text)
    assert caught.value.code == "ValidationError"


def test_references_are_found_wherever_they_are() -> None:
    node = yaml_text.load(
        """
        a: [!Ref One, !GetAtt Two.Arn, {b: !Sub "${Three} ${Four.Id} ${!Five} ${six}"}]
        c: !Sub ["${Own} ${Seven}", {Own: !Ref Eight}]
        d: !If [Always, !Ref Nine, x]
        """
    )
    assert intrinsics.references(node) == {
        "One", "Two", "Three", "Four", "six", "Seven", "Eight", "Nine",
    }  # fmt: skip
    assert intrinsics.attribute_references(node) == {("Two", "Arn"), ("Four", "Id")}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["Ref", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::If", "Fn::Cidr",
             "Fn::FindInMap", "Fn::Base64", "Fn::GetAZs", "Fn::ImportValue", "Fn::Equals", "a"]
        ),
        inner,
        max_size=2,
    ),
    max_leaves=12,
)  # fmt: skip


@given(json_values)
def test_any_arguments_lead_to_a_value_or_an_error(node: Any) -> None:
    for function in (
        intrinsics.references,
        intrinsics.attribute_references,
        lambda value: intrinsics.evaluate(value, Anything()),
        lambda value: intrinsics.evaluate_condition(value, Anything()),
    ):
        assert refused_as(function, node) in {None, "ValidationError"}


def refused_as(function: Callable[[Any], Any], node: Any) -> str | None:
    """Return the error code of a rejected value, or None."""
    try:
        function(node)
    except AwsError as error:
        return error.code
    return None


class Anything(Names):
    """A scope that resolves every name."""

    def ref(self, name: str) -> Any:
        return name
