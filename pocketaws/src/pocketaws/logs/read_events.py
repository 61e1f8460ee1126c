"""``FilterLogEvents`` and ``GetLogEvents``.

Source: CloudWatch Logs API reference, "FilterLogEvents", "GetLogEvents".
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from ..gateway.protocol import PlainJson
from .operation import identified_group, logs_operation, milliseconds
from .paging import invalid_token, read_token, write_token
from .patterns import EVERYTHING, compile_pattern
from .search import before, find_page
from .segment import Key
from .store import DAY_MS, LogGroup, key_of_id
from .stream import EVER, LogStream

if TYPE_CHECKING:
    from ..gateway.call import Call

MAX_EVENTS = 10_000
_DESCENDING_SINCE_MS = 1_704_067_200_000
"""2024-01-01; ``FilterLogEvents`` can't read backward before this date."""
_POSITION = re.compile(r"(?P<direction>[fb])/(?P<id>\d{56})/s")


@logs_operation("FilterLogEvents")
def filter_log_events(call: Call) -> dict[str, Any]:
    """Return the events of several streams in one order, filtered by a pattern."""
    params = call.params
    group = identified_group(call)
    pattern = compile_pattern(params.get("filterPattern", ""))
    streams = _chosen_streams(group, params)
    now = milliseconds(call)
    low = (max(params.get("startTime", 0), group.forget_expired(now)) - 1, EVER)
    high = (params.get("endTime", EVER), EVER)
    ascending = params.get("startFromHead", True)
    if "nextToken" in params:
        ascending, position = _read_filter_token(group, params["nextToken"], now)
        low, high = (max(low, position), high) if ascending else (low, min(high, before(position)))
    elif not ascending and params.get("startTime", 0) < _DESCENDING_SINCE_MS:
        message = "startFromHead can be false only with a startTime on or after 2024-01-01."
        raise AwsError("InvalidParameterException", message)
    limit = params.get("limit", MAX_EVENTS)
    page = find_page(streams, low, high, pattern, limit=limit, ascending=ascending)
    events = [
        {
            "logStreamName": stream,
            "timestamp": timestamp,
            "message": message.decode(),
            "ingestionTime": ingested,
            "eventId": group.event_id(timestamp, sequence),
        }
        for timestamp, sequence, ingested, message, stream in page.events
    ]
    # Always empty since 2020: FilterLogEvents, CloudWatch Logs API reference.
    result = PlainJson(events=events, searchedLogStreams=[])
    if page.resume is not None:
        result["nextToken"] = _filter_token(group, page.resume, now, ascending=ascending)
    return result


def _chosen_streams(group: LogGroup, params: dict[str, Any]) -> list[LogStream]:
    names, prefix = params.get("logStreamNames"), params.get("logStreamNamePrefix")
    if names is not None and prefix is not None:
        message = "logStreamNamePrefix and logStreamNames cannot be used together."
        raise AwsError("InvalidParameterException", message)
    if names is not None:
        return [group.stream(name) for name in dict.fromkeys(names)]
    return [s for name, s in group.streams.items() if name.startswith(prefix or "")]


def _filter_token(group: LogGroup, position: Key, now: int, *, ascending: bool) -> str:
    return write_token([*position, int(ascending), now, _seal(group, *position, ascending, now)])


def _read_filter_token(group: LogGroup, token: str, now: int) -> tuple[bool, Key]:
    match read_token(token):
        case [int(timestamp), int(sequence), int(ascending), int(issued), str(seal)]:
            genuine = _seal(group, timestamp, sequence, ascending, issued)
            if seal != genuine or now - issued > DAY_MS:
                raise invalid_token()
            return bool(ascending), (timestamp, sequence)
    raise invalid_token()


def _seal(group: LogGroup, *values: int) -> str:
    text = f"{group.salt}:{':'.join(str(int(value)) for value in values)}"
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


@logs_operation("GetLogEvents")
def get_log_events(call: Call) -> dict[str, Any]:
    """Return a page of one stream's events, from either end or from a token."""
    params = call.params
    group = identified_group(call)
    stream = group.stream(params["logStreamName"])
    begin = max(params.get("startTime", 0), group.forget_expired(milliseconds(call)))
    low: Key = (begin - 1, EVER)
    high: Key = (params.get("endTime", EVER) - 1, EVER)
    place: Key = (begin, 0)
    forward = params.get("startFromHead", False)
    direction = ""
    if "nextToken" in params:
        direction, place = _read_position(params["nextToken"])
        forward = direction == "f"
        low, high = (max(low, place), high) if forward else (low, min(high, before(place)))
    limit = params.get("limit", MAX_EVENTS)
    page = find_page([stream], low, high, EVERYTHING, limit=limit, ascending=forward)
    events = page.events if forward else page.events[::-1]
    first, last = (events[0][:2], events[-1][:2]) if events else _around(place, direction)
    return PlainJson(
        events=[
            {"timestamp": timestamp, "message": message.decode(), "ingestionTime": ingested}
            for timestamp, _, ingested, message, _ in events
        ],
        nextForwardToken=f"f/{group.event_id(*last)}/s",
        nextBackwardToken=f"b/{group.event_id(*first)}/s",
    )


def _read_position(token: str) -> tuple[str, Key]:
    match = _POSITION.fullmatch(token)
    if match is None:
        raise invalid_token()
    return match["direction"], key_of_id(match["id"])


def _around(place: Key, direction: str) -> tuple[Key, Key]:
    """Return an empty page's token positions: one repeats the page, one goes back over it."""
    timestamp, sequence = place
    if direction == "f":
        return (timestamp, sequence + 1), place
    if direction == "b":
        return place, (timestamp, max(0, sequence - 1))
    return place, place
