"""Tags of EC2 resources: set on creation, changed with CreateTags and DeleteTags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .handler import ResourceType, Work, tag_changes


def specifications(work: Work, *kinds: str) -> list[dict[str, Any]]:
    """Return ``TagSpecifications`` for a create call."""
    tags = work.tag_list()
    return [{"ResourceType": kind, "Tags": tags} for kind in kinds]


class TaggedType(ResourceType):
    """An EC2 type that is tagged by its physical ID."""

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        changed, gone = tag_changes(work, before)
        if changed:
            work.call(
                "ec2", "CreateTags", Resources=[work.physical_id],
                Tags=[{"Key": key, "Value": value} for key, value in changed.items()],
            )  # fmt: skip
        if gone:
            work.call(
                "ec2", "DeleteTags", Resources=[work.physical_id],
                Tags=[{"Key": key} for key in gone],
            )  # fmt: skip
