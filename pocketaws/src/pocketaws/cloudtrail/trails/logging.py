"""StartLogging, StopLogging, GetTrailStatus, and the event selectors.

Source: CloudTrail API reference, the operations of these names.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...registry import operation
from ..delivery import deliver
from ..records.identity import iso
from .find import find_own_trail, find_trail
from .selectors import DEFAULT_SELECTORS, check_selectors

if TYPE_CHECKING:
    from ...gateway.call import Call
    from .store import Trail


@operation("cloudtrail", "StartLogging")
def start_logging(call: Call) -> None:
    deliver.start(call.world, find_own_trail(call, call.params["Name"]))


@operation("cloudtrail", "StopLogging")
def stop_logging(call: Call) -> None:
    deliver.stop(call.world, find_own_trail(call, call.params["Name"]))


@operation("cloudtrail", "GetTrailStatus")
def get_trail_status(call: Call) -> dict[str, Any]:
    """Return the status of deliveries: when the last one was, and the error if it failed."""
    trail = find_trail(call, call.params["Name"])
    status: dict[str, Any] = {
        "IsLogging": trail.is_logging,
        "LatestDeliveryTime": trail.last_delivery,
        "LatestDeliveryError": trail.delivery_error,
        "StartLoggingTime": trail.started,
        "StopLoggingTime": trail.stopped,
        "LatestCloudWatchLogsDeliveryTime": trail.last_logs_delivery,
        "LatestCloudWatchLogsDeliveryError": trail.logs_error,
        "LatestDeliveryAttemptTime": _text(trail.last_attempt),
        "LatestDigestDeliveryTime": trail.last_digest,
        "LatestDigestDeliveryError": trail.digest_error,
        "LatestNotificationTime": trail.last_notice,
        "LatestNotificationError": trail.notice_error,
        "LatestNotificationAttemptTime": _text(trail.last_notice_attempt),
        "LatestNotificationAttemptSucceeded": _text(trail.last_notice),
        "LatestDeliveryAttemptSucceeded": _text(trail.last_delivery),
        "TimeLoggingStarted": _text(trail.started),
        "TimeLoggingStopped": _text(trail.stopped),
    }
    return {name: value for name, value in status.items() if value is not None}


@operation("cloudtrail", "GetEventSelectors")
def get_event_selectors(call: Call) -> dict[str, Any]:
    return _selectors(find_trail(call, call.params["TrailName"]))


@operation("cloudtrail", "PutEventSelectors")
def put_event_selectors(call: Call) -> dict[str, Any]:
    """Replace a trail's selectors; setting one kind removes the other."""
    trail = find_own_trail(call, call.params["TrailName"])
    check_selectors(call.params)
    if call.world.delays == "none":
        deliver.deliver(call.world, trail)  # the old selectors apply to earlier calls
    trail.event_selectors = [
        {**DEFAULT_SELECTORS[0], **selector} for selector in call.params.get("EventSelectors", [])
    ]
    trail.advanced_selectors = list(call.params.get("AdvancedEventSelectors", []))
    return _selectors(trail)


def _selectors(trail: Trail) -> dict[str, Any]:
    if trail.advanced_selectors:
        return {"TrailARN": trail.arn, "AdvancedEventSelectors": trail.advanced_selectors}
    return {"TrailARN": trail.arn, "EventSelectors": trail.event_selectors or DEFAULT_SELECTORS}


def _text(moment: datetime | None) -> str:
    return "" if moment is None else iso(moment)
