"""CloudWatch Logs: the actions and resources that authorization checks for each call.

For a log group, the resource ends in ``:log-stream:``, so a policy has to name the group with
``:*`` appended. Only tagging uses the bare ARN. Sources: CloudWatch Logs user guide, "CloudWatch
Logs resources and operations"; service authorization reference, "Amazon CloudWatch Logs".
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from ...logs.store import LogsStore
from ..checks import Check, action_of, arn, checks

if TYPE_CHECKING:
    from ...gateway.call import Call

_WITHOUT_RESOURCE = (
    "DescribeQueries", "DescribeQueryDefinitions", "PutQueryDefinition", "DeleteQueryDefinition",
    "StopQuery", "TestMetricFilter", "DescribeResourcePolicies", "PutResourcePolicy",
    "DeleteResourcePolicy", "DescribeExportTasks", "DescribeAccountPolicies", "DescribeDestinations",
    "StopLiveTail", "ListLogGroups",
)  # fmt: skip


@checks("logs")
def of_groups(call: Call) -> Iterator[Check]:
    """The log groups, or the log stream, in the parameters."""
    params = call.params
    groups = [*params.get("logGroupNames", []), *params.get("logGroupIdentifiers", [])]
    groups += [params[n] for n in ("logGroupName", "logGroupIdentifier") if params.get(n)]
    stream = params.get("logStreamName", "")
    for group in groups or [""]:
        resource = group_arn(call, group)
        yield Check(
            action_of(call),
            f"{resource}:log-stream:{stream}",
            tags=partial(_tags, call, resource.rpartition(":")[2]),
        )


@checks("logs", "GetQueryResults")
def of_query(call: Call) -> Iterator[Check]:
    """The log groups that the query searched."""
    query = call.store(LogsStore).queries.get(str(call.params.get("queryId", "")))
    for group in query.groups if query is not None else [""]:
        yield Check(action_of(call), group_arn(call, group) + ":log-stream:")


@checks("logs", "CreateLogGroup")
def create(call: Call) -> Iterator[Check]:
    """The log group and its tags."""
    yield from of_groups(call)
    if call.params.get("tags"):
        yield Check("logs:TagResource", group_arn(call, call.params.get("logGroupName", "")))


@checks("logs", "TagResource", "UntagResource", "ListTagsForResource")
def tagging(call: Call) -> Iterator[Check]:
    """The resource's bare ARN."""
    yield Check(action_of(call), call.params.get("resourceArn", "*").removesuffix(":*"))


@checks("logs", *_WITHOUT_RESOURCE)
def without_resource(call: Call) -> Iterator[Check]:
    """These calls have no log group."""
    yield Check(action_of(call))


def _tags(call: Call, name: str) -> dict[str, str]:
    group = call.store(LogsStore).groups.get(name)
    return dict(group.tags) if group is not None else {}


def group_arn(call: Call, name: str) -> str:
    """Return a log group's ARN without ``:*``, given its name or ARN."""
    if name.startswith("arn:"):
        return name.removesuffix(":*")
    return arn(call, "logs", f"log-group:{name}")
