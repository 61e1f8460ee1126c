"""Whether any trail asked for a data event. Most are wanted by nobody and are not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..trails.selectors import wants, wants_data
from ..trails.store import Trail, trails_of
from .names import SERVICE

if TYPE_CHECKING:
    from ...world import World
    from ..records.event import Event


def is_wanted(world: World, event: Event, account: str) -> bool:
    """Whether a trail of the account wants a data event (of which the resources are known)."""
    return any(
        trail.is_logging
        and (trail.multi_region or trail.home_region == event.region)
        and wants_data(trail)
        and wants(trail, event)
        for trail in trails_of(world, account).trails.values()
    )


def is_recursive(trail: Trail, event: Event) -> bool:
    """Whether an event is CloudTrail's own delivery, which a trail may wish not to hear of.

    Source: CloudTrail user guide, "Suppressing recursive events with recursive logging".
    """
    return (
        not trail.recursive
        and event.operation.event_name == "PutObject"
        and event.identity.user_identity.get("invokedBy") == SERVICE
    )
