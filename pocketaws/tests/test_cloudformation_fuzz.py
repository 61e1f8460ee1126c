"""Broken templates lead to a stack, a failed stack with reasons, or an error, never a crash."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pocketaws.cloudformation import yaml_text
from pocketaws.errors import AwsError
from pocketaws.server import LocalAws
from pocketaws.setup import root_caller

from .test_cloudformation_iam import ROLE
from .test_cloudformation_stacks import BUCKET, NETWORK
from .test_cloudformation_types import ALERT, SCHEDULE, TRAIL

JUNK: tuple[Any, ...] = (
    None, 1, -1.5, True, "", "x" * 300, "é\n", [], {}, ["a", {"a": 1}], {"a": {"b": [1]}},
    "{{resolve:ssm:/none}}", "{{resolve:secretsmanager:x}}", {"Ref": "Nowhere"}, {"Ref": "Vpc"},
    {"Ref": "AWS::NoValue"}, {"Fn::GetAtt": ["Vpc", "Nothing"]}, {"Fn::Sub": "${"}, {"Fn::Sub": [1]},
    {"Fn::Join": ["", [1, None]]}, {"Fn::If": ["Never", 1, 2]}, {"Fn::Select": ["0", []]},
    {"Fn::FindInMap": ["a", "b", "c"]}, {"Fn::GetAZs": 5}, {"Fn::Split": [",", "a,b"]},
    {"Fn::ImportValue": {"Ref": "AWS::StackName"}}, {"Fn::Cidr": ["10.0.0.0/16", 3, 8]},
)  # fmt: skip
REFUSALS = {
    None,
    "ValidationError",
    "NotImplemented",
    "InsufficientCapabilitiesException",
    "AlreadyExistsException",
}
ENDS = {"CREATE_COMPLETE", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with LocalAws() as running:
        yield running


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Return the path to every value in a template."""
    items = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


def broken(template: Any, chance: random.Random) -> Any:
    """Return a copy with one to three values replaced or removed."""
    made = copy.deepcopy(template)
    for _ in range(chance.randint(1, 3)):
        *way, last = chance.choice(list(places(made)))
        holder = made
        for key in way:
            holder = holder[key]
        if isinstance(holder, dict) and chance.random() < 0.2:
            del holder[last]
        else:
            holder[last] = copy.deepcopy(chance.choice(JUNK))
    return made


def refusal(call: Callable[..., Any], **params: Any) -> str | None:
    """Return the error code of a rejected creation, or None."""
    try:
        call("CreateStack", **params)
    except AwsError as error:
        return error.code
    return None


@pytest.mark.parametrize("text", [NETWORK, BUCKET, TRAIL, ALERT, SCHEDULE, ROLE])
def test_a_broken_template_is_refused_or_fails_with_a_reason(aws: LocalAws, text: str) -> None:
    root = root_caller(aws.world.management_account)

    def call(operation: str, **params: Any) -> Any:
        return aws.world.call(root, "cloudformation", operation, "eu-west-1", **params)

    chance = random.Random(text)  # noqa: S311 - reproducible
    original = yaml_text.load(text)
    for number in range(40):
        body = json.dumps(broken(original, chance))
        name = f"broken-{number}"
        refused = refusal(call, StackName=name, TemplateBody=body, Capabilities=["CAPABILITY_IAM"])
        assert refused in REFUSALS, body
        if refused is not None:
            continue
        aws.world.flush()
        assert call("DescribeStacks", StackName=name)["Stacks"][0]["StackStatus"] in ENDS, body
        history = call("DescribeStackEvents", StackName=name)["StackEvents"]
        for event in history:
            if event["ResourceStatus"].endswith("FAILED"):
                assert event["ResourceStatusReason"] not in {"", "Internal Failure"}, body
        call("DeleteStack", StackName=name)
        aws.world.flush()
