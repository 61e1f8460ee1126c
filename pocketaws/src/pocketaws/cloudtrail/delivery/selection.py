"""Whether any trail selects a data event. No trail selects most of them, and those aren't kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..trails.selectors import selects, selects_data
from ..trails.store import Trail, trails_of
from .object_keys import SERVICE

if TYPE_CHECKING:
    from ...world import World
    from ..records.event import Event


def is_selected(world: World, event: Event, account: str) -> bool:
    """Whether a trail of the account selects a data event, whose resources are already filled in."""
    return any(
        trail.is_logging
        and (trail.multi_region or trail.home_region == event.region)
        and selects_data(trail)
        and selects(trail, event)
        for trail in trails_of(world, account).trails.values()
    )


def is_recursive(trail: Trail, event: Event) -> bool:
    """Whether an event is CloudTrail's own delivery and the trail excludes those.

    Source: CloudTrail user guide, "Suppressing recursive events with recursive logging".
    """
    return (
        not trail.recursive
        and event.operation.event_name == "PutObject"
        and event.identity.user_identity.get("invokedBy") == SERVICE
    )
