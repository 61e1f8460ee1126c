"""CloudTrail's event history: the API calls that name one of the lab's servers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from labkit.clock import Clock
from labkit.evidence.calls import call, utc
from labkit.evidence.trail import caller, caller_address, shortened
from labkit.model import ApiEvent

# CloudTrail API reference, LookupEvents: 2 requests a second per account and Region, 50 events a page.
CALLS_A_SECOND = 2
_PAGE = 50


def parse(event: Mapping[str, Any]) -> ApiEvent:
    """Parse one event of ``LookupEvents``; its record is JSON text under ``CloudTrailEvent``."""
    record = json.loads(event.get("CloudTrailEvent") or "{}")
    return ApiEvent(
        event_id=event["EventId"],
        name=event["EventName"],
        source=event["EventSource"],
        time=utc(event["EventTime"]),
        read_only=str(event.get("ReadOnly", record.get("readOnly", ""))).lower() == "true",
        user=event.get("Username") or caller(record),
        address=caller_address(record),
        error_code=record.get("errorCode"),
        resources=tuple(
            resource["ResourceName"]
            for resource in event.get("Resources", ())
            if resource.get("ResourceName")
        ),
        record=shortened(record),
    )


def fetch(
    cloudtrail: Any, names: Sequence[str], start: datetime, end: datetime, clock: Clock
) -> tuple[ApiEvent, ...]:
    """Return the events that event history lists under these resource names, each once, by time.

    The caller fixes ``start`` and ``end``, because a token is valid only with unchanged parameters.
    """
    found: dict[str, ApiEvent] = {}
    for page in _pages(cloudtrail, names, start, end, clock):
        for event in page:
            found.setdefault(event["EventId"], parse(event))
    return tuple(sorted(found.values(), key=lambda event: (event.time, event.event_id)))


def _pages(
    cloudtrail: Any, names: Sequence[str], start: datetime, end: datetime, clock: Clock
) -> Iterator[Sequence[Mapping[str, Any]]]:
    calls = 0
    for name in names:
        parameters: dict[str, Any] = {
            "LookupAttributes": [{"AttributeKey": "ResourceName", "AttributeValue": name}],
            "StartTime": start,
            "EndTime": end,
            "MaxResults": _PAGE,
        }
        while True:
            if calls and calls % CALLS_A_SECOND == 0:
                clock.sleep(1.0)
            calls += 1
            page = call("cloudtrail:LookupEvents", "*", cloudtrail.lookup_events, **parameters)
            yield page.get("Events", ())
            token = page.get("NextToken")
            if not token:
                break
            parameters["NextToken"] = token
