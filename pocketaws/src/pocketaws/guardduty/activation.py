"""Advances a list through its statuses.

Source: GuardDuty user guide, "Understanding list statuses": each step takes up to 15 minutes.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..effects import effect
from ..errors import AwsError
from . import service_role
from .list_formats import ListError, Ranges, read_list
from .location import read_location
from .store import GuardDutyStore

if TYPE_CHECKING:
    from ..gateway.call import Call
    from ..world import World
    from .store import AddressList, ListStatus

_SECONDS = 15 * 60.0

log = logging.getLogger(__name__)


def start_change(call: Call, address_list: AddressList, status: ListStatus) -> None:
    """Start a change of status, which completes later."""
    address_list.status = status
    address_list.change += 1
    call.world.later(
        "guardduty.list_changes", _SECONDS,
        account=call.account, region=call.region, list_id=address_list.list_id,
        change=address_list.change,
    )  # fmt: skip


@effect("guardduty.list_changes")
def list_changes(world: World, account: str, region: str, list_id: str, change: int) -> None:
    """Complete a list's change of status, unless a later request has superseded it."""
    detector = world.store(GuardDutyStore, account, region).detector
    address_list = detector.lists.get(list_id) if detector else None
    if detector is None or address_list is None or address_list.change != change:
        return
    address_list.ranges = Ranges()
    if address_list.status == "DELETE_PENDING":
        del detector.lists[list_id]
    elif address_list.status == "DEACTIVATING":
        address_list.status = "INACTIVE"
    else:
        _activate(world, account, region, address_list)


def _activate(world: World, account: str, region: str, address_list: AddressList) -> None:
    """Read the list's file as GuardDuty's role; an unreadable list gets the status ``ERROR``."""
    bucket, key = read_location(address_list.location)
    owner = address_list.expected_bucket_owner
    expected = {"ExpectedBucketOwner": owner} if owner else {}
    caller = service_role.session(world, account)
    try:
        answer = world.call(caller, "s3", "GetObject", region, Bucket=bucket, Key=key, **expected)
        body = answer["Body"]
        content = body if isinstance(body, bytes) else body.read()
        address_list.ranges = read_list(content)
    except (AwsError, ListError) as error:
        log.info("list %s cannot be read: %s", address_list.name, error)
        address_list.status = "ERROR"
    else:
        address_list.status = "ACTIVE"
