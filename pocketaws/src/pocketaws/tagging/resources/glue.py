"""Glue databases (Glue tables have no tags)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...glue.store import GlueStore
from ..tagged import Tagged, tagged

if TYPE_CHECKING:
    from ...world import World


@tagged
def databases(world: World, account: str, region: str) -> Iterator[Tagged]:
    for name, database in world.store(GlueStore, account, region).databases.items():
        arn = f"arn:aws:glue:{region}:{account}:database/{name}"
        yield Tagged("glue:database", arn, database.tags)
