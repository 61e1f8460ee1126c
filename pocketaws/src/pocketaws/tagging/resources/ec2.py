"""EC2 resources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ... import moto_state
from ...ec2.tags import taggable
from ..tagged import Tagged, tagged

if TYPE_CHECKING:
    from ...world import World


@tagged
def ec2(world: World, account: str, region: str) -> Iterator[Tagged]:
    del world  # moto stores the tags
    backend = moto_state.existing_backend("ec2", account, region)
    if backend is None:
        return
    for kind, resource_id in taggable(backend):
        arn = f"arn:aws:ec2:{region}:{account}:{kind}/{resource_id}"
        yield Tagged(f"ec2:{kind}", arn, dict(backend.tags.get(resource_id, {})))
