"""EventBridge rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...events.store import EventsStore
from ..tagged import Tagged, tagged

if TYPE_CHECKING:
    from ...world import World


@tagged
def rules(world: World, account: str, region: str) -> Iterator[Tagged]:
    for rule in world.store(EventsStore, account, region).rules.values():
        yield Tagged("events:rule", rule.arn, rule.tags)
