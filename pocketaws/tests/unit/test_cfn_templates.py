"""Templates, parameters, schemas, and names."""

from __future__ import annotations

import random
import re
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketaws.cloudformation import (
    durations,
    names,
    parameters,
    schemas,
    template,
    yaml_text,
)
from pocketaws.errors import AwsError
from pocketaws.world import World

REGION = "eu-west-1"


def test_short_and_long_forms_are_the_same() -> None:
    short = yaml_text.load(
        "a: !Sub '${x}'\nb: !GetAtt X.Y.Z\nc: !If [A, !Ref B, 1]\nd: !Condition E"
    )
    assert short == {
        "a": {"Fn::Sub": "${x}"},
        "b": {"Fn::GetAtt": ["X", "Y.Z"]},
        "c": {"Fn::If": ["A", {"Ref": "B"}, 1]},
        "d": {"Condition": "E"},
    }


@given(st.text(max_size=60))
def test_any_text_is_a_template_or_an_error(text: str) -> None:
    assert refused_as(text) in {None, "ValidationError", "NotImplemented"}


def refused_as(text: str) -> str | None:
    """Return the error code of a rejected template, or None."""
    try:
        template.parse(text)
    except AwsError as error:
        return error.code
    return None


@pytest.mark.parametrize("text", ["[" * 50_000, "- " * 50_000, '{"a":' * 50_000, "a: {b: " * 9_000])
def test_a_template_nested_too_deeply_is_rejected(text: str) -> None:
    assert refused_as(text) == "ValidationError"


def test_a_section_that_is_not_emulated_is_named() -> None:
    text = 'Transform: AWS::Serverless-2016-10-31\nResources: {A: {Type: "AWS::Logs::LogGroup"}}'
    with pytest.raises(AwsError, match="doesn't emulate the section Transform"):
        template.parse(text)


def checked(type_: str, properties: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    return schemas.check(schemas.schema_of(type_, REGION), properties)


def test_scalars_are_converted_to_the_schemas_type() -> None:
    value, violations = checked(
        "AWS::EC2::SecurityGroup",
        {
            "GroupDescription": 12,
            "SecurityGroupIngress": [{"IpProtocol": 6, "FromPort": "22", "ToPort": 22}],
        },
    )
    assert violations == []
    assert value == {
        "GroupDescription": "12",
        "SecurityGroupIngress": [{"IpProtocol": "6", "FromPort": 22, "ToPort": 22}],
    }
    assert checked("AWS::EC2::VPC", {"EnableDnsSupport": "True"})[0] == {"EnableDnsSupport": True}


@pytest.mark.parametrize(
    ("type_", "properties", "violation"),
    [
        ("AWS::IAM::Role", {}, "#: required key [AssumeRolePolicyDocument] not found"),
        ("AWS::EC2::VPC", {"Cidr": "x"}, "#: extraneous key [Cidr] is not permitted"),
        ("AWS::EC2::VPC", {"EnableDnsSupport": "maybe"}, "#/EnableDnsSupport: expected type: Boolean, found: String"),
        ("AWS::EC2::VPC", {"Tags": {"a": "b"}}, "#/Tags: expected type: JSONArray, found: JSONObject"),
        ("AWS::EC2::VPC", {"Tags": [{"Value": "b"}]}, "#/Tags/0: required key [Key] not found"),
        ("AWS::Logs::LogGroup", {"RetentionInDays": 31}, "#/RetentionInDays: 31 is not a valid enum value"),
        ("AWS::Logs::LogGroup", {"LogGroupName": "a b"}, "#/LogGroupName: failed validation constraint for keyword [pattern]"),
        ("AWS::EC2::VPC", {"VpcId": "vpc-1"}, "#: Encountered read-only property [VpcId]"),
    ],
)  # fmt: skip
def test_properties_that_violate_the_schema_are_reported(
    type_: str, properties: dict[str, Any], violation: str
) -> None:
    assert checked(type_, properties)[1] == [violation]


def test_a_schema_says_what_replaces_a_resource_and_who_tags_it() -> None:
    role = schemas.schema_of("AWS::IAM::Role", REGION)
    assert {"RoleName", "Path"} <= role.create_only
    assert (role.tag_property, role.system_tags) == ("Tags", False)
    assert schemas.schema_of("AWS::EC2::VPC", REGION).system_tags
    assert schemas.schema_of("AWS::Scheduler::Schedule", REGION).tag_property is None
    assert not schemas.exists("AWS::EC2::Vpc", REGION)


def resolved(declaration: str, text: str | None) -> Any:
    body = (
        f'Parameters: {{P: {{{declaration}}}}}\nResources: {{A: {{Type: "AWS::Logs::LogGroup"}}}}'
    )
    parsed = template.parse(body)
    parameters.check_declarations(parsed)
    given_ = [] if text is None else [{"ParameterKey": "P", "ParameterValue": text}]
    held = {"/a": "ami-1", "/l": "x,y"}
    return parameters.resolve(parsed, given_, {}, held.__getitem__)["P"]


@pytest.mark.parametrize(
    ("declaration", "text", "value"),
    [
        ("Type: String, Default: 5", None, "5"),
        ("Type: String, Default: false", None, "false"),
        ("Type: Number", "1.5", "1.5"),
        ("Type: CommaDelimitedList", "a, b", ["a", "b"]),
        ("Type: CommaDelimitedList, Default: ''", None, []),
        ('Type: "List<Number>"', "1,2", ["1", "2"]),
        ('Type: "List<AWS::EC2::Subnet::Id>"', "subnet-1,subnet-2", ["subnet-1", "subnet-2"]),
        ('Type: "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"', "/a", "ami-1"),
        ('Type: "AWS::SSM::Parameter::Value<List<String>>"', "/l", ["x", "y"]),
        ('Type: "AWS::SSM::Parameter::Name"', "/a", "/a"),
    ],
)
def test_a_parameter_means(declaration: str, text: str | None, value: Any) -> None:
    assert resolved(declaration, text).value == value


def test_a_default_that_breaks_its_own_constraint_is_refused() -> None:
    with pytest.raises(AwsError, match="must be one of AllowedValues"):
        resolved("Type: String, Default: c, AllowedValues: [a, b]", "a")


@pytest.mark.parametrize(
    ("declaration", "message"),
    [
        ("Type: 5", "/Parameters/P/Type"),
        ("Type: String, Default: [a]", "/Parameters/P/Default"),
        ('Type: String, AllowedPattern: "["', "is not a valid pattern"),
        ("Type: String, AllowedValues: a", "/Parameters/P/AllowedValues"),
        ("Type: String, MinLength: many", "/Parameters/P/MinLength"),
        ("Type: String, Minlength: 3", "Invalid template parameter property 'Minlength'"),
    ],
)
def test_a_malformed_declaration_is_refused(declaration: str, message: str) -> None:
    with pytest.raises(AwsError, match=message):
        resolved(declaration, "a")


@pytest.mark.parametrize(
    ("text", "seconds"), [("PT15M", 900), ("PT1H30M5S", 5405), ("P0DT30S", 30), ("PT12H", 43200)]
)
def test_a_duration_has_seconds(text: str, seconds: int) -> None:
    assert durations.seconds(text) == seconds


@pytest.mark.parametrize("text", ["15M", "PT", "P", "PT13H", "", "PT5M "])
def test_an_invalid_duration_is_rejected(text: str) -> None:
    with pytest.raises(AwsError):
        durations.seconds(text)


class Chance:
    """A world that only provides randomness."""

    random = random.Random(7)  # noqa: S311


@given(
    st.from_regex(r"[a-zA-Z][-a-zA-Z0-9]{0,127}", fullmatch=True), st.sampled_from([63, 64, 255])
)
def test_physical_names_stay_within_their_limit(stack: str, limit: int) -> None:
    made = names.physical_name(cast("World", Chance()), stack, "LogicalId" * 9, limit)
    assert len(made) <= limit
    assert re.fullmatch(r".*-[A-Z0-9]{12}", made)
    assert made.startswith(stack[:10])
