"""The scope of a teardown: one workshop in one account, with some or all of its seats there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from labkit.aws import Account
from labkit.model import Workshop
from labkit.names import TAG_SEAT, TAG_WORKSHOP

Tags = list[dict[str, Any]] | dict[str, str]


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to search for resources, and whose resources to search for."""

    account: Account
    workshop: Workshop
    seats: tuple[str, ...]
    """The seats to remove."""
    last_in_account: bool
    """Whether no other seat of the workshop remains in the account, so that the shared stacks are removed too."""
    instances: Mapping[str, str]
    """Every server of these seats' labs that the account still lists, with its seat."""

    def match_tags(self, kind: str, id: str, tags: Tags, **more: Any) -> list[Resource]:  # noqa: A002 - as in ``Resource``
        """The resource in a list if its tags (in any of AWS's formats) belong to this scope, else an empty list."""
        if isinstance(tags, list):
            tags = {
                str(tag.get("Key", tag.get("key"))): str(tag.get("Value", tag.get("value", "")))
                for tag in tags
            }
        seat = tags.get(TAG_SEAT)
        ours = self.last_in_account if seat is None else seat in self.seats
        if tags.get(TAG_WORKSHOP) != self.workshop.name or not ours:
            return []
        return [Resource(kind, id, seat, **more)]


@dataclass(frozen=True, slots=True)
class Resource:
    """An existing resource of a lab. ``until`` is set for what AWS removes on its own."""

    kind: str
    id: str
    seat: str | None
    """The seat that it belongs to; None if the account's seats share it."""
    reason: str = "still exists"
    goes_by_itself: bool = False
    until: datetime | None = None
