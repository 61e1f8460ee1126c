"""CloudTrail: the actions and resources that authorization checks for each call.

Source: service authorization reference, "AWS CloudTrail".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..checks import Check, action_of, arn, checks, pass_role

if TYPE_CHECKING:
    from ...gateway.call import Call


@checks(
    "cloudtrail", "CreateTrail", "UpdateTrail", "DeleteTrail", "GetTrail", "GetTrailStatus",
    "StartLogging", "StopLogging", "GetEventSelectors", "PutEventSelectors", "GetInsightSelectors",
    "PutInsightSelectors",
)  # fmt: skip
def trail(call: Call) -> Iterator[Check]:
    """The trail, by name or ARN, and the role that it uses to write logs."""
    params = call.params
    name = str(params.get("TrailName") or params.get("Name") or "*")
    trail_arn = _trail_arn(call, name)
    yield Check(action_of(call), trail_arn)
    if call.operation == "CreateTrail" and params.get("TagsList"):
        yield Check("cloudtrail:AddTags", trail_arn)
    if params.get("CloudWatchLogsRoleArn"):
        yield pass_role(call, params["CloudWatchLogsRoleArn"], "cloudtrail.amazonaws.com")


@checks("cloudtrail", "AddTags", "RemoveTags")
def tagging(call: Call) -> Iterator[Check]:
    """The trail with this ARN."""
    yield Check(action_of(call), _trail_arn(call, str(call.params.get("ResourceId", "*"))))


@checks("cloudtrail", "ListTags")
def list_tags(call: Call) -> Iterator[Check]:
    """Every trail in the request."""
    for resource in call.params.get("ResourceIdList", []) or ["*"]:
        yield Check(action_of(call), _trail_arn(call, resource))


def _trail_arn(call: Call, name: str) -> str:
    return name if name.startswith("arn:") else arn(call, "cloudtrail", f"trail/{name}")
