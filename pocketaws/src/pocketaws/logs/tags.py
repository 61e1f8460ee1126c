"""Tags of log groups, by today's operations and by the old ones that scripts still use.

Source: CloudWatch Logs API reference, "TagResource", "UntagResource", "ListTagsForResource", "TagLogGroup",
"UntagLogGroup", "ListTagsLogGroup".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .groups import check_tags
from .operation import group_by_identifier, logs_operation, named_group

if TYPE_CHECKING:
    from ..gateway.call import Call
    from .store import LogGroup


@logs_operation("TagResource")
def tag_resource(call: Call) -> None:
    """Set tags of the group with an ARN."""
    _tag(call, group_by_identifier(call, call.params["resourceArn"]))


@logs_operation("UntagResource")
def untag_resource(call: Call) -> None:
    """Remove tags of the group with an ARN."""
    _untag(group_by_identifier(call, call.params["resourceArn"]), call.params["tagKeys"])


@logs_operation("ListTagsForResource")
def list_tags_for_resource(call: Call) -> dict[str, Any]:
    """The tags of the group with an ARN."""
    return {"tags": dict(group_by_identifier(call, call.params["resourceArn"]).tags)}


@logs_operation("TagLogGroup")
def tag_log_group(call: Call) -> None:
    """Set tags of a group."""
    _tag(call, named_group(call))


@logs_operation("UntagLogGroup")
def untag_log_group(call: Call) -> None:
    """Remove tags of a group."""
    _untag(named_group(call), call.params["tags"])


@logs_operation("ListTagsLogGroup")
def list_tags_log_group(call: Call) -> dict[str, Any]:
    """The tags of a group."""
    return {"tags": dict(named_group(call).tags)}


def _tag(call: Call, group: LogGroup) -> None:
    given = call.params["tags"]
    check_tags(call, given, group.tags)
    group.tags |= given


def _untag(group: LogGroup, keys: list[str]) -> None:
    for key in keys:
        group.tags.pop(key, None)
