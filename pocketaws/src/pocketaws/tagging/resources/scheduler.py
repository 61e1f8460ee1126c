"""EventBridge Scheduler groups (schedules have no tags)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...scheduler.store import SchedulerStore
from ..tagged import Tagged, tagged

if TYPE_CHECKING:
    from ...world import World


@tagged
def groups(world: World, account: str, region: str) -> Iterator[Tagged]:
    for group in world.store(SchedulerStore, account, region).groups.values():
        yield Tagged("scheduler:schedule-group", group.arn, group.tags)
