"""SNS topics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...sns.store import SnsStore
from ..tagged import Tagged, tagged

if TYPE_CHECKING:
    from ...world import World


@tagged
def topics(world: World, account: str, region: str) -> Iterator[Tagged]:
    for topic in world.store(SnsStore, account, region).topics.values():
        yield Tagged("sns:topic", topic.arn, topic.tags)
