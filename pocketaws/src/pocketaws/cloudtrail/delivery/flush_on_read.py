"""Deliver a trail's pending events before someone reads its bucket, log group, or status.

Without delays, a read sees everything that was recorded before it. With AWS's delays, a read doesn't speed up
anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...registry import before
from ..trails.store import Trail, TrailStore
from .deliver import deliver

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...gateway.call import Call
    from ...world import World


@before("s3", "ListObjects", "ListObjectsV2", "ListObjectVersions", "GetObject", "HeadObject")
def before_bucket_read(call: Call) -> None:
    bucket = call.params.get("Bucket")
    _deliver_where(call.world, lambda trail: trail.bucket == bucket)


@before("logs", "FilterLogEvents", "GetLogEvents", "DescribeLogStreams", "StartQuery")
def before_log_group_read(call: Call) -> None:
    named = [str(value) for value in _group_values(call.params)]
    _deliver_where(
        call.world,
        lambda trail: (
            trail.account == call.account
            and trail.log_group is not None
            and any(trail.log_group in value for value in named)
        ),
    )


@before("athena", "StartQueryExecution")
def before_a_query(call: Call) -> None:
    _deliver_where(call.world, lambda trail: trail.account == call.account)


@before("cloudtrail", "GetTrailStatus")
def before_status_read(call: Call) -> None:
    _deliver_where(call.world, lambda trail: trail.account == call.account)


def _group_values(params: dict[str, Any]) -> list[Any]:
    single = [
        params.get("logGroupName"),
        params.get("logGroupIdentifier"),
        params.get("queryString"),
    ]
    return [
        *(value for value in single if value is not None),
        *params.get("logGroupNames", []),
        *params.get("logGroupIdentifiers", []),
    ]


def _deliver_where(world: World, is_read: Callable[[Trail], bool]) -> None:
    if world.delays != "none":
        return
    for _, _, store in world.stores(TrailStore):
        for trail in list(store.trails.values()):
            if (trail.is_logging or trail.ends) and is_read(trail):
                deliver(world, trail)
