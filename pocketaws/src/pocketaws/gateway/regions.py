"""The Regions that exist, from botocore's list."""

from __future__ import annotations

import functools

from botocore.loaders import create_loader

# Regions whose S3 accepts Signature Version 2: those that existed before 2014 (AWS News Blog, "Amazon
# S3 Update - SigV2 Deprecation Period Extended & Modified").
SIGNATURE_2 = {
    "us-east-1", "us-west-1", "us-west-2", "eu-west-1", "ap-southeast-1", "ap-southeast-2",
    "ap-northeast-1", "sa-east-1",
}  # fmt: skip


@functools.cache
def _regions() -> frozenset[str]:
    partitions = create_loader().load_data("partitions")["partitions"]
    return frozenset(next(p["regions"] for p in partitions if p["id"] == "aws"))


def is_region(name: str) -> bool:
    """Whether the partition ``aws`` has a Region with this name."""
    return name != "aws-global" and name in _regions()


def every_region() -> tuple[str, ...]:
    """The Regions of the partition ``aws``, sorted."""
    return tuple(sorted(_regions() - {"aws-global"}))
