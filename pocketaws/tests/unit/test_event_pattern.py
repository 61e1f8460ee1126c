"""Event patterns and input transformers, with the examples from the EventBridge user guide."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pocketaws.errors import AwsError
from pocketaws.events.pattern import Pattern, PatternError
from pocketaws.events.transform import MISSING, at_path, input_for

EVENT: dict[str, Any] = {
    "version": "0",
    "id": "7bf73129-1428-4cd3-a780-95db273d1602",
    "detail-type": "EC2 Instance State-change Notification",
    "source": "aws.ec2",
    "account": "123456789012",
    "time": "2015-11-11T21:29:54Z",
    "region": "us-east-1",
    "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"],
    "detail": {
        "instance-id": "i-abcd1111",
        "state": "pending",
        "c-count": 5,
        "x-limit": 301.8,
        "source-ip": "10.0.0.33",
        "empty": "",
        "nothing": None,
        "flag": True,
        "file": "dir/a/b.png",
        "tags": [{"key": "Team", "value": "red"}, {"key": "Stage", "value": "blue"}],
    },
}


def detail(**fields: Any) -> dict[str, Any]:
    return {"detail": {name.replace("_", "-"): value for name, value in fields.items()}}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({"source": ["aws.ec2", "aws.s3"]}, True),
        ({"source": ["aws.s3"]}, False),
        ({"source": ["AWS.EC2"]}, False),
        ({"time": [{"prefix": "2015-11"}]}, True),
        (detail(state=[{"anything-but": "initializing"}]), True),
        (detail(state=[{"anything-but": ["pending", "running"]}]), False),
        (detail(state=[{"anything-but": {"prefix": "pend"}}]), False),
        (detail(c_count=[{"numeric": [">", 0, "<=", 5]}]), True),
        (detail(c_count=[{"numeric": ["<", 5]}]), False),
        (detail(x_limit=[{"numeric": ["=", 3.018e2]}]), True),
        (detail(c_count=[5]), True),
        (detail(c_count=["5"]), False),
        (detail(c_count=[{"anything-but": [100, 5]}]), False),
        (detail(state=[{"exists": True}]), True),
        (detail(state=[{"exists": False}]), False),
        (detail(absent=[{"exists": False}]), True),
        (detail(absent=[{"exists": True}]), False),
        (detail(absent=[{"exists": False}, "x"]), True),
        (detail(empty=[""]), True),
        (detail(nothing=[None]), True),
        (detail(empty=[None]), False),
        (detail(flag=[True]), True),
        (detail(flag=["true"]), False),
        ({"resources": ["arn:x", EVENT["resources"][0]]}, True),
        ({"detail": {"tags": {"key": ["Team"], "value": ["red"]}}}, True),
        ({"detail": {"tags": {"key": ["Team"], "value": ["blue"]}}}, False),
        ({"detail": {"tags": {"key": ["Team"], "value": [{"exists": False}]}}}, False),
    ],
)
def test_a_pattern_matches_as_documented(pattern: dict[str, Any], expected: bool) -> None:  # noqa: FBT001
    assert Pattern.of(pattern).matches(EVENT) is expected


@pytest.mark.parametrize(
    "text",
    [
        "{", "[]", "{}", '{"a": "b"}', '{"a": []}', '{"a": {}}', '{"a": [{"nope": 1}]}',
        '{"a": [{"prefix": 1}]}', '{"a": [{"numeric": ["!", 1]}]}', '{"a": [["b"]]}',
        '{"a": [{"numeric": ["<", 6e9]}]}',
        '{"a": [{"anything-but": {"cidr": "10.0.0.0/24", "prefix": "x"}}]}',
        '{"a": [{"anything-but": [1, "x"]}]}', '{"a": [{"prefix": "x", "suffix": "y"}]}',
        '{"a": [{"exists": "yes"}]}',
    ],
)  # fmt: skip
def test_an_invalid_pattern_is_rejected(text: str) -> None:
    with pytest.raises(PatternError):
        Pattern.parse(text)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ({"file": [{"suffix": ".png"}]}, "suffix"),
        ({"file": [{"wildcard": "dir/*.png"}]}, "wildcard"),
        ({"source": [{"equals-ignore-case": "AWS.EC2"}]}, "equals-ignore-case"),
        ({"source-ip": [{"cidr": "10.0.0.0/24"}]}, "cidr"),
        ({"time": [{"prefix": {"equals-ignore-case": "2015-11-11t"}}]}, "prefix"),
        ({"state": [{"anything-but": {"wildcard": "*end*"}}]}, "anything-but with wildcard"),
        ({"$or": [{"source": ["no"]}, {"region": ["us-east-1"]}]}, r"\$or"),
    ],
)
def test_an_operator_that_is_not_emulated_is_refused_by_name(
    pattern: dict[str, Any], name: str
) -> None:
    with pytest.raises(AwsError, match=name) as refused:
        Pattern.of(pattern)
    assert refused.value.code == "NotImplemented"


def test_a_real_finding_is_matched_by_its_instance_tags(samples: Path) -> None:
    event = json.loads((samples / "guardduty" / "native-finding-event.json").read_text())

    def by_tag(key: str, value: str) -> bool:
        tags = {"tags": {"key": [key], "value": [value]}}
        return Pattern.of({"detail": {"resource": {"instanceDetails": tags}}}).matches(event)

    assert by_tag("ProjectName", "securityImmersionDay")
    assert not by_tag("ProjectName", "ASG1")
    assert Pattern.of({"detail": {"severity": [{"numeric": [">=", 7]}]}}).matches(event)


def transformed(template: str, **paths: str) -> str:
    target = {"InputTransformer": {"InputPathsMap": paths, "InputTemplate": template}}
    return input_for(target, EVENT, "arn:aws:events:us-east-1:1:rule/r", "2015-11-11T21:29:55Z")


def test_variables_inside_quotation_marks_are_plain() -> None:
    template = '"<instance> is <state>, <aws.events.rule-name>"'
    text = transformed(template, instance="$.detail.instance-id", state="$.detail.state")
    assert text == '"i-abcd1111 is pending, r"'


def test_variables_as_values_become_json() -> None:
    template = '{"a": <state>, "b": <count>, "c": "x \\"<state>\\"", "d": <tag>}'
    text = transformed(
        template, state="$.detail.state", count="$.detail.c-count", tag="$.detail.tags[0]"
    )
    assert json.loads(text) == {
        "a": "pending",
        "b": 5,
        "c": 'x "pending"',
        "d": {"key": "Team", "value": "red"},
    }


def test_an_object_inside_a_string_loses_its_quotation_marks() -> None:
    assert transformed('"tag <tag>"', tag="$.detail.tags[0]") == '"tag {key:Team,value:red}"'


def test_a_path_that_leads_nowhere_leaves_nothing() -> None:
    assert transformed('"[<gone>]"', gone="$.detail.gone") == '"[]"'


def test_wildcards_in_paths_collect() -> None:
    assert at_path(EVENT, "$.detail.tags[*].key") == ["Team", "Stage"]
    assert at_path(EVENT, "$.resources[3]") is MISSING
    with pytest.raises(ValueError, match="not a JSON path"):
        at_path(EVENT, "detail")


def test_input_path_and_constant_input() -> None:
    assert input_for({"InputPath": "$.detail.state"}, EVENT, "", "") == '"pending"'
    assert input_for({"Input": '{"x": 1}'}, EVENT, "", "") == '{"x": 1}'
    assert json.loads(input_for({}, EVENT, "", "")) == EVENT
