"""Records a stack's history."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from .store import Stack, StackEvent, StackResource

if TYPE_CHECKING:
    from ..world import World

_MILLISECOND = timedelta(milliseconds=1)
STACK_TYPE = "AWS::CloudFormation::Stack"


def stack_event(world: World, stack: Stack, status: str, reason: str | None = None) -> None:
    """Change the stack's status and record the event."""
    stack.status, stack.reason = status, reason
    _write(
        world, stack, status, reason,
        logical_id=stack.name, physical_id=stack.id, type_=STACK_TYPE, event_id=world.uuid(),
    )  # fmt: skip


def resource_event(
    world: World, stack: Stack, resource: StackResource, status: str, reason: str | None = None
) -> None:
    """Change a resource's status and record the event."""
    resource.status, resource.reason, resource.updated_at = status, reason, world.now
    _write(
        world, stack, status, reason,
        logical_id=resource.logical_id, physical_id=resource.physical_id, type_=resource.type,
        properties=_properties(stack, resource),
    )  # fmt: skip


def _properties(stack: Stack, resource: StackResource) -> str:
    """Return the properties as text, shared with earlier events if unchanged.

    User data makes the text long, and a class's labs have many events.
    """
    text = json.dumps(resource.properties, separators=(",", ":"))
    for event in reversed(stack.events):
        if event.logical_id == resource.logical_id:
            return event.properties if event.properties == text else text
    return text


def _write(  # noqa: PLR0913 - an event has this many parts
    world: World, stack: Stack, status: str, reason: str | None, *,
    logical_id: str, physical_id: str, type_: str,
    event_id: str | None = None, properties: str | None = None,
) -> None:  # fmt: skip
    at = world.now
    if stack.events:  # unique times: clients sort by time, and event IDs contain it
        at = max(at, stack.events[-1].at + _MILLISECOND)
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    if event_id is None:
        stamp = at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
        event_id = f"{logical_id}-{status}-{stamp}"
    operation = stack.operation
    stack.events.append(
        StackEvent(
            event_id, logical_id, physical_id, type_, status, reason, at,
            operation.id if operation else "", operation.token if operation else None, properties,
        )
    )  # fmt: skip
