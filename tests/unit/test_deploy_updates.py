"""Which updates labkit refuses, from what CloudFormation says they would do."""

from __future__ import annotations

from typing import Any

import pytest

from labkit.deploy.stacks import Stack
from labkit.deploy.updates import losses, renewal


def change(
    kind: str = "AWS::EC2::Instance",
    action: str = "Modify",
    replacement: str = "False",
    properties: tuple[str, ...] = ("UserData",),
) -> dict[str, Any]:
    """A change as ``DescribeChangeSet`` shows it; ``Tags`` is an attribute of its own there."""
    return {
        "Type": "Resource",
        "ResourceChange": {
            "Action": action,
            "LogicalResourceId": "Server1",
            "ResourceType": kind,
            "Replacement": replacement,
            "Scope": sorted({"Tags" if p == "Tags" else "Properties" for p in properties}),
            "Details": [
                {"Target": {"Attribute": "Tags"}}
                if name == "Tags"
                else {"Target": {"Attribute": "Properties", "Name": name}}
                for name in properties
            ],
        },
    }


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (change(), ["restart Server1 (changed: UserData)"]),
        (
            change(replacement="True", properties=("ImageId",)),
            ["replace Server1 (changed: ImageId)"],
        ),
        (
            change(replacement="Conditional", properties=("SubnetId", "Tags")),
            ["replace Server1 (changed: SubnetId, Tags)"],
        ),
        (change(properties=("Tags",)), []),
        (change(action="Add", properties=()), []),
        (change(action="Remove", properties=()), []),
        (change("AWS::Logs::LogGroup", properties=("RetentionInDays",)), []),
        (
            change("AWS::Logs::LogGroup", replacement="True", properties=("LogGroupName",)),
            ["replace Server1 (changed: LogGroupName)"],
        ),
        (change("AWS::Athena::NamedQuery", replacement="True"), []),
    ],
)
def test_what_runs_and_what_holds_evidence_stays(
    found: dict[str, Any], expected: list[str]
) -> None:
    assert list(losses([found])) == expected


def stack(**parameters: str) -> Stack:
    return Stack("labkit-day-seat-ada", "arn", "CREATE_COMPLETE", "", {}, parameters, {})


def test_a_renewal_changes_the_parameters_that_the_stack_has_and_its_tag() -> None:
    wanted = {"Expires": "2026-11-24T18:00:00Z", "RetentionDays": "3"}
    update = renewal(stack(Expires="x", RetentionDays="1", Seat="ada"), wanted)
    assert update.parameters == wanted
    assert update.tags == {"labkit:expires": "2026-11-24T18:00:00Z"}
    assert update.template is None


def test_a_lab_of_an_earlier_version_is_renewed_too() -> None:
    wanted = {"Expires": "2026-11-24T18:00:00Z", "RetentionDays": "3"}
    update = renewal(stack(Expires="x", ExpiryEnds="y"), wanted)
    assert update.parameters == {
        "Expires": "2026-11-24T18:00:00Z",
        "ExpiryEnds": "2026-11-25T18:00:00Z",
    }


def test_the_parameter_says_when_a_stack_expires_whatever_an_older_tag_says() -> None:
    old = {"labkit:expires": "2026-11-24T08:00:00Z"}
    renewed = Stack("n", "arn", "UPDATE_COMPLETE", "", {}, {"Expires": "2026-11-25T08:00:00Z"}, old)
    assert renewed.expires == "2026-11-25T08:00:00Z"
    assert Stack("n", "arn", "CREATE_FAILED", "", {}, {}, old).expires == "2026-11-24T08:00:00Z"
