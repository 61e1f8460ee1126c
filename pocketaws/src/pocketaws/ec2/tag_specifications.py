"""The tags that a request gives to what it creates."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..gateway.call import Call


def tags_for(call: Call, kind: str) -> dict[str, str]:
    """The tags in ``TagSpecifications`` for resources of type ``kind`` (such as ``snapshot``)."""
    return {
        tag["Key"]: tag.get("Value", "")
        for given in call.params.get("TagSpecifications", [])
        if given.get("ResourceType") == kind
        for tag in given.get("Tags", [])
    }


def shown(tags: dict[str, str]) -> list[dict[str, str]]:
    """Tags in the form that responses have."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
