"""Operations on log streams.

Source: CloudWatch Logs API reference, "CreateLogStream", "DeleteLogStream", "DescribeLogStreams".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from .operation import identified_group, logs_operation, milliseconds, named_group
from .paging import page_of
from .stream import LogStream

if TYPE_CHECKING:
    from ..gateway.call import Call
    from .store import LogGroup


@logs_operation("CreateLogStream")
def create_log_stream(call: Call) -> None:
    """Create an empty stream."""
    group, name = named_group(call), call.params["logStreamName"]
    if name in group.streams:
        message = "The specified log stream already exists"
        raise AwsError("ResourceAlreadyExistsException", message)
    group.streams[name] = LogStream(name, milliseconds(call))


@logs_operation("DeleteLogStream")
def delete_log_stream(call: Call) -> None:
    """Delete a stream and its events."""
    group = named_group(call)
    del group.streams[group.stream(call.params["logStreamName"]).name]


@logs_operation("DescribeLogStreams")
def describe_log_streams(call: Call) -> dict[str, Any]:
    """List a group's streams, by name or by last event time."""
    params = call.params
    group = identified_group(call)
    group.forget_expired(milliseconds(call))
    prefix = params.get("logStreamNamePrefix")
    by_time = params.get("orderBy", "LogStreamName") == "LastEventTime"
    if prefix and by_time:
        message = "Cannot order by LastEventTime with a logStreamNamePrefix."
        raise AwsError("InvalidParameterException", message)
    streams = [s for name, s in group.streams.items() if name.startswith(prefix or "")]
    descending = params.get("descending", False)

    def order(stream: LogStream) -> list[Any]:
        return [stream.last_timestamp or 0, stream.name] if by_time else [stream.name]

    streams.sort(key=order, reverse=descending)
    shown, token = page_of(
        streams, params.get("nextToken"), params.get("limit", 50), order, descending=descending
    )
    return {"logStreams": [_describe(group, stream) for stream in shown], **token}


def _describe(group: LogGroup, stream: LogStream) -> dict[str, Any]:
    described: dict[str, Any] = {
        "logStreamName": stream.name,
        "creationTime": stream.created,
        "arn": group.stream_arn(stream.name),
        # Always 0 since 2019: DescribeLogStreams, CloudWatch Logs API reference, LogStream.
        "storedBytes": 0,
    }
    if stream.segments:
        described["firstEventTimestamp"] = stream.first_timestamp
        described["lastEventTimestamp"] = stream.last_timestamp
    if stream.last_ingestion is not None:
        described["lastIngestionTime"] = stream.last_ingestion
    return described
