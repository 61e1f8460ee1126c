"""EventBridge Scheduler: the actions and resources that authorization checks for each call.

Source: service authorization reference, "Amazon EventBridge Scheduler".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..checks import Check, action_of, arn, checks, pass_role

if TYPE_CHECKING:
    from ...gateway.call import Call


@checks("scheduler", "CreateSchedule", "UpdateSchedule", "GetSchedule", "DeleteSchedule")
def schedule(call: Call) -> Iterator[Check]:
    """The schedule in its group, and the role that the caller passes for its target."""
    params = call.params
    path = f"schedule/{params.get('GroupName') or 'default'}/{params.get('Name', '*')}"
    yield Check(action_of(call), arn(call, "scheduler", path))
    role = params.get("Target", {}).get("RoleArn")
    if role:
        yield pass_role(call, role, "scheduler.amazonaws.com")


@checks("scheduler", "CreateScheduleGroup", "GetScheduleGroup", "DeleteScheduleGroup")
def group(call: Call) -> Iterator[Check]:
    """The group."""
    yield Check(
        action_of(call), arn(call, "scheduler", f"schedule-group/{call.params.get('Name', '*')}")
    )


@checks("scheduler", "TagResource", "UntagResource", "ListTagsForResource")
def tagging(call: Call) -> Iterator[Check]:
    """The resource with this ARN."""
    yield Check(action_of(call), str(call.params.get("ResourceArn", "*")))
