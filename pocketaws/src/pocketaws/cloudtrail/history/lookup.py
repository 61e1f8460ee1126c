"""``LookupEvents``: the event history.

Source: CloudTrail API reference, "LookupEvents"; user guide, "Working with CloudTrail event history".
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from ...errors import AwsError
from ...registry import operation
from ..records.event import Event, to_record
from .log import EventLog, Key
from .resources import looked_up_resources

if TYPE_CHECKING:
    from ...gateway.call import Call

KEPT = timedelta(days=90)
APPEARS_AFTER = timedelta(seconds=300)
"""With AWS's delays, an event is available "on average within about 5 minutes" of the call."""
_MOST = 50
_ATTRIBUTES = frozenset(
    {
        "EventId", "EventName", "ReadOnly", "Username", "ResourceType", "ResourceName", "EventSource",
        "AccessKeyId",
    }
)  # fmt: skip
_PER_SECOND = 2


@operation("cloudtrail", "LookupEvents")
def lookup_events(call: Call) -> dict[str, Any]:
    """Return up to 50 events of the last 90 days, newest first."""
    log = call.store(EventLog)
    _limit_rate(call, log)
    key = _key(call.params.get("LookupAttributes", []))
    start, end = _times(call)
    size = call.params.get("MaxResults", _MOST)
    if not 1 <= size <= _MOST:
        raise AwsError("InvalidMaxResultsException", f"MaxResults must be 1 to {_MOST}.")
    if call.params.get("EventCategory", "insight") != "insight":
        raise AwsError("InvalidEventCategoryException", "The event category is not valid.")
    if "EventCategory" in call.params:  # pocketaws doesn't emulate CloudTrail Insights
        return {"Events": []}
    below = _read_token(call.params)
    found = list(islice(log.newest_first(key, start, end, below), size + 1))
    answer: dict[str, Any] = {"Events": [_shown(event) for _, event in found[:size]]}
    if len(found) > size:
        answer["NextToken"] = _write_token(call.params, found[size - 1][0])
    return answer


def _limit_rate(call: Call, log: EventLog) -> None:
    """Limit lookups to two requests a second per account and Region, unless delays are off."""
    if call.world.delays != "aws":
        return
    log.lookups = [at for at in log.lookups if call.now - at < timedelta(seconds=1)]
    if len(log.lookups) >= _PER_SECOND:
        raise AwsError("ThrottlingException", "Rate exceeded")
    log.lookups.append(call.now)


def _key(attributes: list[dict[str, Any]]) -> Key | None:
    if not attributes:
        return None
    if len(attributes) > 1:
        raise AwsError(
            "InvalidLookupAttributesException", "Only one lookup attribute may be specified."
        )
    key, value = attributes[0].get("AttributeKey"), attributes[0].get("AttributeValue")
    if key not in _ATTRIBUTES or not value:
        raise AwsError(
            "InvalidLookupAttributesException", f"The lookup attribute {key} is not valid."
        )
    return str(key), str(value)


def _times(call: Call) -> tuple[datetime, datetime]:
    newest = call.now - (APPEARS_AFTER if call.world.delays == "aws" else timedelta())
    start = call.params.get("StartTime", call.now - KEPT)
    end = call.params.get("EndTime", call.now)
    if start > end:
        raise AwsError("InvalidTimeRangeException", "The start time must be before the end time.")
    return max(start.replace(microsecond=0), call.now - KEPT), min(end, newest)


def _shown(event: Event) -> dict[str, Any]:
    facts, identity = event.operation, event.identity
    shown: dict[str, Any] = {
        "EventId": event.event_id,
        "EventName": facts.event_name,
        "ReadOnly": "true" if facts.read_only else "false",
        "EventTime": event.time,
        "EventSource": facts.event_source,
        "Resources": [
            {"ResourceName": name} | ({"ResourceType": kind} if kind is not None else {})
            for name, kind in looked_up_resources(event)
        ],
        "CloudTrailEvent": json.dumps(to_record(event), separators=(",", ":"), default=str),
    }
    if identity.access_key_id is not None:
        shown["AccessKeyId"] = identity.access_key_id
    if identity.username is not None:
        shown["Username"] = identity.username
    return shown


def _write_token(params: dict[str, Any], number: int) -> str:
    text = f"{number}:{_fingerprint(params)}"
    return base64.urlsafe_b64encode(text.encode()).decode()


def _read_token(params: dict[str, Any]) -> int | None:
    """Return where the previous page ended; a token needs the same parameters."""
    token = params.get("NextToken")
    if token is None:
        return None
    try:
        number, _, fingerprint = base64.urlsafe_b64decode(token).decode().partition(":")
        below = int(number)
    except ValueError as error:
        raise _invalid_token() from error
    if fingerprint != _fingerprint(params):
        raise _invalid_token()
    return below


def _fingerprint(params: dict[str, Any]) -> str:
    bound = {name: value for name, value in params.items() if name != "NextToken"}
    text = json.dumps(bound, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _invalid_token() -> AwsError:
    return AwsError("InvalidNextTokenException", "Invalid token.")
