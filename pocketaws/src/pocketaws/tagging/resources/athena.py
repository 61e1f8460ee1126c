"""Athena work groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...athena.store import AthenaStore, work_group_arn
from ..tagged import Tagged, tagged

if TYPE_CHECKING:
    from ...world import World


@tagged
def work_groups(world: World, account: str, region: str) -> Iterator[Tagged]:
    for name, group in world.store(AthenaStore, account, region).work_groups.items():
        yield Tagged("athena:workgroup", work_group_arn(account, region, name), group.tags)
