"""CloudFormation stacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...cloudformation.store import CloudFormationStore
from ..tagged import Tagged, tagged

if TYPE_CHECKING:
    from ...world import World


@tagged
def stacks(world: World, account: str, region: str) -> Iterator[Tagged]:
    """Yield the stacks that aren't deleted."""
    store = world.store(CloudFormationStore, account, region)
    for stack_id in store.living.values():
        yield Tagged("cloudformation:stack", stack_id, store.stacks[stack_id].definition.tags)
