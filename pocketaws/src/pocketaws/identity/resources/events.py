"""EventBridge: the actions and resources that authorization checks for each call.

Source: service authorization reference, "Amazon EventBridge".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..checks import Check, action_of, arn, checks, pass_role

if TYPE_CHECKING:
    from ...gateway.call import Call


@checks(
    "events", "PutRule", "DeleteRule", "DescribeRule", "EnableRule", "DisableRule",
    "ListTargetsByRule", "PutTargets", "RemoveTargets",
)  # fmt: skip
def rule(call: Call) -> Iterator[Check]:
    """The rule, on any bus, and the roles that the caller passes for its targets."""
    params = call.params
    name = params.get("Rule") or params.get("Name") or "*"
    bus = str(params.get("EventBusName") or "default").rpartition("/")[2]
    path = f"rule/{name}" if bus == "default" else f"rule/{bus}/{name}"
    yield Check(action_of(call), arn(call, "events", path))
    roles = [
        params.get("RoleArn"),
        *(target.get("RoleArn") for target in params.get("Targets", [])),
    ]
    for role in roles:
        if role:
            yield pass_role(call, role, "events.amazonaws.com")
    if call.operation == "PutRule" and params.get("Tags"):
        yield Check("events:TagResource", arn(call, "events", path))


@checks("events", "PutEvents")
def put_events(call: Call) -> Iterator[Check]:
    """Every entry's bus."""
    buses = {
        str(entry.get("EventBusName") or "default").rpartition("/")[2]
        for entry in call.params.get("Entries", [])
    }
    for bus in sorted(buses) or ["default"]:
        yield Check(action_of(call), arn(call, "events", f"event-bus/{bus}"))


@checks("events", "CreateEventBus", "DeleteEventBus", "DescribeEventBus", "UpdateEventBus")
def bus(call: Call) -> Iterator[Check]:
    """The bus."""
    name = str(call.params.get("Name") or "default").rpartition("/")[2]
    yield Check(action_of(call), arn(call, "events", f"event-bus/{name}"))


@checks("events", "TagResource", "UntagResource", "ListTagsForResource")
def tagging(call: Call) -> Iterator[Check]:
    """The resource with this ARN."""
    yield Check(action_of(call), str(call.params.get("ResourceARN", "*")))
