"""Operations on events' fields.

Source: CloudWatch Logs API reference, "GetLogRecord", "GetLogGroupFields".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from .insights.discovery import SYSTEM_FIELDS, discover
from .insights.pointers import read_pointer
from .insights.values import to_text
from .operation import identified_group, logs_operation, milliseconds
from .patterns import EVERYTHING
from .search import scan
from .store import LogsStore
from .stream import EVER

if TYPE_CHECKING:
    from ..gateway.call import Call

_SAMPLE = 1000
_WINDOW_MS = 8 * 60 * 1000


@logs_operation("GetLogRecord")
def get_log_record(call: Call) -> dict[str, Any]:
    """Return all fields of the event that a result's ``@ptr`` points to."""
    pointer = read_pointer(call.params["logRecordPointer"])
    gone = AwsError("ResourceNotFoundException", "The specified log record does not exist.")
    group = call.store(LogsStore).groups.get(pointer.group)
    stream = group.streams.get(pointer.stream) if group else None
    if (
        group is None
        or stream is None
        or pointer.timestamp < group.expired_before(milliseconds(call))
    ):
        raise gone
    key = pointer.timestamp, pointer.sequence
    for events in scan([stream], (key[0], key[1] - 1), key, EVERYTHING):
        for timestamp, _, ingested, raw, name in events:
            message = raw.decode()
            record = {
                "@ingestionTime": str(ingested),
                "@log": f"{call.account}:{group.name}",
                "@logStream": name,
                "@message": message,
                "@timestamp": str(timestamp),
            }
            record.update({field: to_text(value) for field, value in discover(message).items()})
            return {"logRecord": record}
    raise gone


@logs_operation("GetLogGroupFields")
def get_log_group_fields(call: Call) -> dict[str, Any]:
    """Return the fields of the events around a time, with the percentage that has each.

    The default is the last 15 minutes. Source: CloudWatch Logs API reference.
    """
    group = identified_group(call)
    now = milliseconds(call)
    oldest = group.forget_expired(now)
    if "time" in call.params:
        middle = call.params["time"] * 1000
        low, high = middle - _WINDOW_MS, middle + _WINDOW_MS
    else:
        low, high = now - 15 * 60 * 1000, now
    counts: dict[str, int] = {}
    seen = 0
    streams = list(group.streams.values())
    for events in scan(streams, (max(low, oldest) - 1, EVER), (high, EVER), EVERYTHING):
        for event in events[: _SAMPLE - seen]:
            seen += 1
            system = [name for name in SYSTEM_FIELDS if name != "@ptr"]
            for name in (*system, *discover(event[3].decode())):
                counts[name] = counts.get(name, 0) + 1
        if seen >= _SAMPLE:
            break
    fields = [
        {"name": name, "percent": 100 * count // seen}
        for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    return {"logGroupFields": fields}
