"""``PutLogEvents``. All events arrive here, so the cost per event must be low.

Source: CloudWatch Logs API reference, "PutLogEvents" (its limits).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from .operation import logs_operation, milliseconds, named_group
from .store import DAY_MS

if TYPE_CHECKING:
    from ..gateway.call import Call

MAX_BATCH_BYTES = 1_048_576
MAX_EVENT_BYTES = 1_048_576
EVENT_OVERHEAD_BYTES = 26
_OLDEST_MS = 14 * DAY_MS
_NEWEST_MS = 2 * 60 * 60 * 1000
_SEQUENCE_TOKEN_DIGITS = 56


@logs_operation("PutLogEvents")
def put_log_events(call: Call) -> dict[str, Any]:
    """Store a batch of events; the response says which are too old or too new to store."""
    group = named_group(call)
    stream = group.stream(call.params["logStreamName"])
    events = [
        (event["timestamp"], event["message"].encode(errors="replace"))
        for event in call.params["logEvents"]
    ]
    _check_batch(events)
    now = milliseconds(call)
    accepted, rejected = _accept_and_reject(events, now, group.expired_before(now))
    if accepted:
        group.add(stream, accepted, now)
    token = f"49{call.world.random.getrandbits(192):0{_SEQUENCE_TOKEN_DIGITS}d}"
    result: dict[str, Any] = {"nextSequenceToken": token[:_SEQUENCE_TOKEN_DIGITS]}
    if rejected:
        result["rejectedLogEventsInfo"] = rejected
    return result


def _check_batch(events: list[tuple[int, bytes]]) -> None:
    size = 0
    latest = 0
    for timestamp, message in events:
        if timestamp < latest:
            raise _refused(
                "Log events in a single PutLogEvents request must be in chronological order."
            )
        latest = timestamp
        event_size = len(message) + EVENT_OVERHEAD_BYTES
        if event_size > MAX_EVENT_BYTES:
            raise _refused(
                f"Log event too large: {event_size} bytes exceeds limit of {MAX_EVENT_BYTES}"
            )
        size += event_size
    if size > MAX_BATCH_BYTES:
        raise _refused(f"Upload too large: {size} bytes exceeds limit of {MAX_BATCH_BYTES}")


def _accept_and_reject(
    events: list[tuple[int, bytes]], now: int, expired: int
) -> tuple[list[tuple[int, bytes]], dict[str, int]]:
    """Return the events to keep and ``rejectedLogEventsInfo``; ``events`` are ordered by time."""
    times = [timestamp for timestamp, _ in events]
    too_old = sum(time < now - _OLDEST_MS for time in times)
    expired_end = sum(time < expired for time in times)
    too_new = sum(time <= now + _NEWEST_MS for time in times)
    accepted = events[max(too_old, expired_end) : too_new]
    if accepted and accepted[-1][0] - accepted[0][0] > DAY_MS:
        raise _refused(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
        )
    rejected: dict[str, int] = {}
    if too_new < len(events):
        rejected["tooNewLogEventStartIndex"] = too_new
    if too_old:
        rejected["tooOldLogEventEndIndex"] = too_old
    if expired_end > too_old:
        rejected["expiredLogEventEndIndex"] = expired_end
    return accepted, rejected


def _refused(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)
