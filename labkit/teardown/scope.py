"""What a teardown is about: one workshop in one account, some or all of its seats there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from labkit.aws import Account
from labkit.model import Workshop
from labkit.names import TAG_SEAT, TAG_WORKSHOP


@dataclass(frozen=True, slots=True)
class Scope:
    """Where to look, and for whose things."""

    account: Account
    workshop: Workshop
    seats: tuple[str, ...]
    """The seats that go."""
    last: bool
    """Whether no other seat of the workshop is left in the account, so that the shared stacks go too."""
    instance_ids: tuple[str, ...]
    """Every server the labs of these seats ever had, as far as the account still knows."""

    def owns(self, tags: list[dict[str, Any]] | dict[str, str]) -> bool:
        """Whether tags (in any of AWS's forms) say that a thing is of this scope."""
        if isinstance(tags, list):
            tags = {
                str(tag.get("Key", tag.get("key"))): str(tag.get("Value", tag.get("value", "")))
                for tag in tags
            }
        if tags.get(TAG_WORKSHOP) != self.workshop.name:
            return False
        seat = tags.get(TAG_SEAT)
        return self.last if seat is None else seat in self.seats


@dataclass(frozen=True, slots=True)
class Found:
    """One thing of a lab that is there. ``until`` is set for what AWS removes by itself."""

    kind: str
    id: str
    reason: str = "still there"
    goes_by_itself: bool = False
    until: datetime | None = None
