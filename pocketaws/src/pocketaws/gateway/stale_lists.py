"""Lists that still show what was deleted a moment ago, if that fault is on.

A list is compared with what the same request listed before. What is missing now is added again for a while after the
last change in the service.

Source: EC2 developer guide, "Eventual consistency in the Amazon EC2 API"; EC2 API reference, "DescribeImages" (recently
deregistered images appear for a short interval); IAM user guide, "Troubleshoot IAM" ("Changes that I make are not
always immediately visible"); S3 user guide, "Amazon S3 data consistency model" (a deleted bucket might still be
listed); Resource Groups Tagging API reference, "GetResources" (previously tagged resources).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..faults import faults

if TYPE_CHECKING:
    from .call import Call

# Service and operation -> the list, and what identifies an item.
_LISTS = {
    ("ec2", "DescribeAddresses"): ("Addresses", "AllocationId"),
    ("ec2", "DescribeImages"): ("Images", "ImageId"),
    ("ec2", "DescribeNetworkInterfaces"): ("NetworkInterfaces", "NetworkInterfaceId"),
    ("ec2", "DescribeSecurityGroups"): ("SecurityGroups", "GroupId"),
    ("ec2", "DescribeSnapshots"): ("Snapshots", "SnapshotId"),
    ("ec2", "DescribeSubnets"): ("Subnets", "SubnetId"),
    ("ec2", "DescribeVolumes"): ("Volumes", "VolumeId"),
    ("ec2", "DescribeVpcs"): ("Vpcs", "VpcId"),
    ("iam", "ListInstanceProfiles"): ("InstanceProfiles", "InstanceProfileName"),
    ("iam", "ListRoles"): ("Roles", "RoleName"),
    ("resourcegroupstaggingapi", "GetResources"): ("ResourceTagMappingList", "ResourceARN"),
    ("s3", "ListBuckets"): ("Buckets", "Name"),
}
_READS = ("Describe", "Get", "Head", "List")


@dataclass
class _Seen:
    """What a request listed, and when an item was listed for the last time."""

    items: dict[str, tuple[dict[str, Any], datetime]] = field(default_factory=dict)


@dataclass
class StaleLists:
    """What the lists of an account and Region showed."""

    seen: dict[tuple[str, ...], _Seen] = field(default_factory=dict)
    changed_at: dict[str, datetime] = field(default_factory=dict)
    """Service -> its last change here."""


def note_change(call: Call) -> None:
    """Remember that a call has changed something."""
    if faults(call.world).stale_lists_seconds and not call.operation.startswith(_READS):
        call.store(StaleLists).changed_at[call.service] = call.now


def is_listed(call: Call) -> bool:
    """Whether a call's list can be stale now."""
    return bool((call.service, call.operation) in _LISTS and faults(call.world).stale_lists_seconds)


def with_deleted(call: Call, result: dict[str, Any]) -> dict[str, Any]:
    """The result of a list with what the same request listed before the last change, if that's recent."""
    listed, identity = _LISTS[call.service, call.operation]
    store = call.store(StaleLists)
    key = (call.service, call.operation, json.dumps(call.params, sort_keys=True, default=str))
    items = {str(item.get(identity)): item for item in result.get(listed, [])}
    kept = store.seen.get(key, _Seen()).items
    lag = timedelta(seconds=faults(call.world).stale_lists_seconds)
    stale = {
        name: (item, at) for name, (item, at) in kept.items()
        if name not in items and call.now < _changed_at(store, call, at) + lag
    }  # fmt: skip
    store.seen[key] = _Seen({**stale, **{name: (item, call.now) for name, item in items.items()}})
    call.world.note_change()
    return {**result, listed: [*result.get(listed, []), *(item for item, _ in stale.values())]}


def _changed_at(store: StaleLists, call: Call, seen_at: datetime) -> datetime:
    """When an item may have been deleted: at the last change, which for tags can be another service's."""
    if call.service == "resourcegroupstaggingapi":
        return max(store.changed_at.values(), default=seen_at)
    return store.changed_at.get(call.service, seen_at)
