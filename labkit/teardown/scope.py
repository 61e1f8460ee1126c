"""What a teardown is about: one workshop in one account, some or all of its seats there."""

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
    """Where to look, and for whose things."""

    account: Account
    workshop: Workshop
    seats: tuple[str, ...]
    """The seats that go."""
    last: bool
    """Whether no other seat of the workshop is left in the account, so that the shared stacks go too."""
    instances: Mapping[str, str]
    """Every server the labs of these seats ever had, as far as the account still knows, and its seat."""

    def tagged(self, kind: str, id: str, tags: Tags, **more: Any) -> list[Found]:  # noqa: A002 - as in ``Found``
        """The thing, if its tags (in any of AWS's forms) say that it is of this scope; else nothing."""
        if isinstance(tags, list):
            tags = {
                str(tag.get("Key", tag.get("key"))): str(tag.get("Value", tag.get("value", "")))
                for tag in tags
            }
        seat = tags.get(TAG_SEAT)
        ours = self.last if seat is None else seat in self.seats
        if tags.get(TAG_WORKSHOP) != self.workshop.name or not ours:
            return []
        return [Found(kind, id, seat, **more)]


@dataclass(frozen=True, slots=True)
class Found:
    """One thing of a lab that is there. ``until`` is set for what AWS removes by itself."""

    kind: str
    id: str
    seat: str | None
    """Whose it is; None for what an account's seats share."""
    reason: str = "still there"
    goes_by_itself: bool = False
    until: datetime | None = None
