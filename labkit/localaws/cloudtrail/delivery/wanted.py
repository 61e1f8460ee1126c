"""Whether any trail asked for a data event. Most are wanted by nobody and are not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..records import s3
from ..records.event import Event
from ..records.identity import identity_of
from ..trails.selectors import wants, wants_data
from ..trails.store import trails_of
from .names import SERVICE

if TYPE_CHECKING:
    from ...gateway.call import Call
    from ..records.operation import Operation


def is_wanted(call: Call, facts: Operation, region: str) -> bool:
    """Whether a trail of the account wants the data event of ``call``."""
    delivery = call.caller.invoked_by == SERVICE and call.operation == "PutObject"
    trails = [
        trail
        for trail in trails_of(call.world, call.account).trails.values()
        if trail.is_logging
        and (trail.multi_region or region == trail.home_region)
        and wants_data(trail)
        and (trail.recursive or not delivery)
    ]
    if not trails:
        return False
    probe = Event(
        facts, identity_of(call.caller), call.now, "", "", call.account, region, None, None,
        resources=s3.resources(call.params.get("Bucket"), call.params.get("Key"), call.account),
    )  # fmt: skip
    return any(wants(trail, probe) for trail in trails)
