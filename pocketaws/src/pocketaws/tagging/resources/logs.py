"""CloudWatch Logs log groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...logs.store import LogsStore
from ..tagged import Tagged, tagged

if TYPE_CHECKING:
    from ...world import World


@tagged
def log_groups(world: World, account: str, region: str) -> Iterator[Tagged]:
    for group in world.store(LogsStore, account, region).groups.values():
        yield Tagged("logs:log-group", group.arn, group.tags)
