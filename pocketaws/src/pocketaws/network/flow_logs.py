"""Flow logs: traffic becomes lines, and the flow log's role writes the lines as log events.

Without delays, each conversation is written as soon as it's over. With AWS's delays, traffic of one window and one
five-tuple becomes one line, and windows are delivered about five minutes after they end.

Source: VPC user guide, "Flow log records", "Publish flow logs to CloudWatch Logs".
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..ec2 import instances
from ..effects import effect
from ..errors import AwsError
from ..identity.credentials import session_caller
from ..identity.sts import role_session_caller
from .flow_format import Context, Record, both_ways, idle, line_of
from .traffic import Traffic, listener

if TYPE_CHECKING:
    from ..identity.caller import Caller, Session
    from ..world import World

DELIVERY_SECONDS = 300
_RENEW_BEFORE = timedelta(minutes=10)
_USER_AGENT = "AWS Internal"
_SERVICE = "vpc-flow-logs.amazonaws.com"
Key = tuple[str, str, int]
"""Flow log, interface, start of the window (epoch seconds)."""


@dataclass
class FlowLogStore:
    """Records that wait for delivery, of an account and Region."""

    waiting: dict[Key, list[Record]] = field(default_factory=dict)
    last_window: dict[tuple[str, str], int] = field(default_factory=dict)
    """(Flow log, interface) -> the start of the last window with a line."""
    sessions: dict[str, Session] = field(default_factory=dict)
    """Flow log -> the role session that it uses."""


@listener
def record_traffic(world: World, traffic: Traffic) -> None:
    """Record traffic for every flow log that covers its interface."""
    backend = instances.backend(traffic.account, traffic.region)
    interface = backend.enis.get(traffic.interface_id)
    if interface is None or not _captured(traffic):
        return
    for flow_log in list(backend.flow_logs.values()):
        if not _covers(flow_log, interface) or not _wants(flow_log, traffic.action):
            continue
        for piece in _cut(traffic, window_seconds(flow_log), _offset(interface.id)):
            _put(world, flow_log, interface, piece)


def window_seconds(flow_log: Any) -> int:
    """The length of a window: at most a minute on Nitro instances."""
    return min(int(flow_log.max_aggregation_interval), 60)


def _captured(traffic: Traffic) -> bool:
    address = traffic.remote_address
    if address.startswith("169.254."):
        return False
    return not (traffic.protocol == 17 and {traffic.local_port, traffic.remote_port} == {67, 68})


def _covers(flow_log: Any, interface: Any) -> bool:
    return flow_log.resource_id in {interface.id, interface.subnet.id, interface.subnet.vpc_id}


def _wants(flow_log: Any, action: str) -> bool:
    return flow_log.traffic_type in {"ALL", action}


def _offset(interface_id: str) -> int:
    """The second of a minute in which an interface's windows begin."""
    return zlib.crc32(interface_id.encode()) % 60


def window_of(moment: datetime, seconds: int, offset: int) -> int:
    """The start (epoch seconds) of the window that a moment is in."""
    return (int(moment.timestamp()) - offset) // seconds * seconds + offset


def _cut(traffic: Traffic, seconds: int, offset: int) -> list[tuple[int, Traffic]]:
    """Split a conversation into windows, with its packets spread evenly over them."""
    first = window_of(traffic.started_at, seconds, offset)
    last = window_of(traffic.ended_at, seconds, offset)
    count = (last - first) // seconds + 1
    if count == 1:
        return [(first, traffic)]
    pieces = []
    for number in range(count):
        start = first + number * seconds
        began = max(traffic.started_at, datetime.fromtimestamp(start, UTC))
        ended = min(traffic.ended_at, datetime.fromtimestamp(start + seconds, UTC))
        part = replace(
            traffic,
            packets_in=_share(traffic.packets_in, number, count),
            bytes_in=_share(traffic.bytes_in, number, count),
            packets_out=_share(traffic.packets_out, number, count),
            bytes_out=_share(traffic.bytes_out, number, count),
            started_at=began,
            ended_at=ended,
        )
        pieces.append((start, part))
    return pieces


def _share(total: int, number: int, count: int) -> int:
    return total * (number + 1) // count - total * number // count


def _put(world: World, flow_log: Any, interface: Any, piece: tuple[int, Traffic]) -> None:
    window, traffic = piece
    store = world.store(FlowLogStore, traffic.account, traffic.region)
    key = (flow_log.id, interface.id, window)
    waiting = store.waiting.setdefault(key, [])
    if not waiting:
        end = datetime.fromtimestamp(window + window_seconds(flow_log), UTC)
        wait = max((end - world.now).total_seconds(), 0.0) + DELIVERY_SECONDS
        world.later("network.deliver_flows", wait, account=traffic.account, region=traffic.region,
                    flow_log_id=flow_log.id, interface_id=interface.id, window=window)  # fmt: skip
    for record in both_ways(traffic):
        _merge(waiting, record)


def _merge(waiting: list[Record], record: Record) -> None:
    for number, other in enumerate(waiting):
        if other.same_flow(record):
            waiting[number] = other.plus(record)
            return
    waiting.append(record)


@effect("network.deliver_flows")
def deliver(
    world: World, account: str, region: str, flow_log_id: str, interface_id: str, window: int
) -> None:
    """Write a window's lines."""
    store = world.store(FlowLogStore, account, region)
    records = store.waiting.pop((flow_log_id, interface_id, window), [])
    backend = instances.backend(account, region)
    flow_log = backend.flow_logs.get(flow_log_id)
    if flow_log is None or not records:
        return
    end = min(window + window_seconds(flow_log), int(world.now.timestamp()))
    lines = _idle_lines(store, flow_log, interface_id, window, account)
    context = Context(account, region, interface_id, backend.enis.get(interface_id))
    form = str(flow_log.log_format)
    lines += [
        (window, line_of(form, record, context, window, max(end, window))) for record in records
    ]
    send(world, flow_log, account, region, interface_id, lines)


def _idle_lines(
    store: FlowLogStore, flow_log: Any, interface_id: str, window: int, account: str
) -> list[tuple[int, str]]:
    """A line for the idle window right before this one, but not for every idle minute."""
    key = (flow_log.id, interface_id)
    last = store.last_window.get(key)
    store.last_window[key] = max(window, last or 0)
    seconds = window_seconds(flow_log)
    if last is None or window - last < 2 * seconds:
        return []
    start = window - seconds
    return [
        (start, idle(str(flow_log.log_format), account, interface_id, start, start + seconds - 2))
    ]


def send(
    world: World,
    flow_log: Any,
    account: str,
    region: str,
    interface_id: str,
    lines: list[tuple[int, str]],
) -> None:
    """Write lines to the flow log's group with its role. DescribeFlowLogs shows errors."""
    stream = f"{interface_id}-all"
    group = str(flow_log.log_group_name)
    events = [{"timestamp": start * 1000, "message": line} for start, line in sorted(lines)]
    names = {"logGroupName": group, "logStreamName": stream}
    try:
        caller = _role_caller(world, flow_log, account, region)
        try:
            world.call(caller, "logs", "PutLogEvents", region, **names, logEvents=events)
        except AwsError as error:
            if error.code != "ResourceNotFoundException":
                raise
            _make_stream(world, caller, region, group, stream)
            world.call(caller, "logs", "PutLogEvents", region, **names, logEvents=events)
    except AwsError as error:
        flow_log.deliver_logs_status = "FAILED"
        denied = "Denied" in error.code or error.code in {"ValidationError", "NoSuchEntity"}
        flow_log.deliver_logs_error_message = "Access error" if denied else "Unknown error"
        return
    flow_log.deliver_logs_status, flow_log.deliver_logs_error_message = "SUCCESS", None


def _role_caller(world: World, flow_log: Any, account: str, region: str) -> Caller:
    """A session of the flow log's role, renewed before the last one ends."""
    sessions = world.store(FlowLogStore, account, region).sessions
    kept = sessions.get(flow_log.id)
    if kept is not None and kept.expires_at - world.now > _RENEW_BEFORE:
        return session_caller(kept, _USER_AGENT)
    caller = role_session_caller(
        world, str(flow_log.deliver_logs_permission_arn), "vpc-flow-logs", _SERVICE, _USER_AGENT, _SERVICE,
        source_arn=f"arn:aws:ec2:{region}:{account}:vpc-flow-log/{flow_log.id}",
    )  # fmt: skip
    if caller.session is not None:
        sessions[flow_log.id] = caller.session
    return caller


def _make_stream(world: World, caller: Caller, region: str, group: str, stream: str) -> None:
    names = {"logGroupName": group, "logStreamName": stream}
    try:
        world.call(caller, "logs", "CreateLogStream", region, **names)
    except AwsError as error:
        if error.code != "ResourceNotFoundException":
            raise
        world.call(caller, "logs", "CreateLogGroup", region, logGroupName=group)
        world.call(caller, "logs", "CreateLogStream", region, **names)
