"""Tags of log groups.

Source: CloudWatch Logs API reference, "TagResource", "UntagResource", "ListTagsForResource".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .groups import check_tags
from .operation import group_by_identifier, logs_operation

if TYPE_CHECKING:
    from ..gateway.call import Call


@logs_operation("TagResource")
def tag_resource(call: Call) -> None:
    """Add or change tags of the log group with this ARN."""
    group = group_by_identifier(call, call.params["resourceArn"])
    given = call.params["tags"]
    check_tags(call, given, group.tags)
    group.tags |= given


@logs_operation("UntagResource")
def untag_resource(call: Call) -> None:
    """Remove tags from the log group with this ARN."""
    group = group_by_identifier(call, call.params["resourceArn"])
    for key in call.params["tagKeys"]:
        group.tags.pop(key, None)


@logs_operation("ListTagsForResource")
def list_tags_for_resource(call: Call) -> dict[str, Any]:
    """Return the tags of the log group with this ARN."""
    return {"tags": dict(group_by_identifier(call, call.params["resourceArn"]).tags)}
