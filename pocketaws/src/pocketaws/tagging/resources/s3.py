"""S3 buckets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ... import moto_state
from ..tagged import Tagged, tagged

if TYPE_CHECKING:
    from ...world import World


@tagged
def buckets(world: World, account: str, region: str) -> Iterator[Tagged]:
    """Yield buckets in their own Region."""
    del world  # moto stores them
    backend = moto_state.existing_backend("s3", account, "aws")
    if backend is None:
        return
    for bucket in backend.buckets.values():
        if bucket.region_name == region:
            tags = backend.tagger.get_tag_dict_for_resource(bucket.arn)
            yield Tagged("s3:bucket", bucket.arn, tags)
