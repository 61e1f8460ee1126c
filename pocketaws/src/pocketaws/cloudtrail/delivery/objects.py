"""Writes log files and digests to a trail's bucket."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

from ...identity.caller import service_caller
from .object_keys import SERVICE

if TYPE_CHECKING:
    from ...world import World
    from ..trails.store import Trail


def write_object(world: World, trail: Trail, key: str, body: bytes, **params: Any) -> None:
    """Compress and write an object as CloudTrail; raises S3's ``AwsError``."""
    world.call(
        service_caller(SERVICE, trail.account, trail.arn), "s3", "PutObject", trail.home_region,
        Bucket=trail.bucket,
        Key=key,
        Body=gzip.compress(body, compresslevel=6, mtime=0),
        ContentType="application/json",
        ContentEncoding="gzip",
        ACL="bucket-owner-full-control",
        **params,
    )  # fmt: skip
