"""CloudTrail trails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...cloudtrail.trails.store import trails_of
from ..tagged import Tagged, tagged

if TYPE_CHECKING:
    from ...world import World


@tagged
def trails(world: World, account: str, region: str) -> Iterator[Tagged]:
    """Yield trails in their home Region, including multi-Region trails."""
    for arn, trail in trails_of(world, account).trails.items():
        if trail.home_region == region:
            yield Tagged("cloudtrail:trail", arn, trail.tags)
