"""TagResource, UntagResource, and ListTagsForResource, for services in which they're the same.

Sources: the API references of Athena, EventBridge, and EventBridge Scheduler, "TagResource",
"UntagResource", "ListTagsForResource".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .registry import operation

if TYPE_CHECKING:
    from .gateway.call import Call


def tags_from(listed: list[dict[str, str]]) -> dict[str, str]:
    """Return the tags of a list of ``Key`` and ``Value`` as a mapping."""
    return {tag["Key"]: tag["Value"] for tag in listed}


def register_tag_operations(service: str, tags_of: Callable[[Call], dict[str, str]]) -> None:
    """Register the three operations; ``tags_of`` returns the tags of the resource in a call."""

    @operation(service, "TagResource")
    def tag_resource(call: Call) -> None:
        tags_of(call).update(tags_from(call.params["Tags"]))

    @operation(service, "UntagResource")
    def untag_resource(call: Call) -> None:
        tags = tags_of(call)
        for key in call.params["TagKeys"]:
            tags.pop(key, None)

    @operation(service, "ListTagsForResource")
    def list_tags_for_resource(call: Call) -> dict[str, Any]:
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags_of(call).items()]}
