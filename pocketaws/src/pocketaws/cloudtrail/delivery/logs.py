"""Deliver a trail's events to its log group, in a session of the trail's role.

Source: CloudTrail user guide, "Sending events to CloudWatch Logs"; CloudWatch Logs API reference,
"PutLogEvents" (10,000 events and 1 MB a request, 26 bytes more for each event).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ...errors import AwsError
from ...identity.caller import Caller, Session, service_caller
from ...identity.credentials import session_caller, sessions
from .object_keys import SERVICE, stream_name

if TYPE_CHECKING:
    from ...world import World
    from ..trails.store import Trail

_MOST_EVENTS, _MOST_BYTES, _EVENT_OVERHEAD = 10_000, 1_048_576, 26
_LONGEST_EVENT = _MOST_BYTES - _EVENT_OVERHEAD
_SPARE = timedelta(minutes=5)


def ensure_stream(world: World, trail: Trail, region: str) -> None:
    """Create a Region's stream in the trail's log group if it doesn't exist; raises ``AwsError``."""
    caller = _caller(world, trail)
    try:
        world.call(
            caller, "logs", "CreateLogStream", trail.home_region,
            logGroupName=trail.log_group, logStreamName=stream_name(trail, region),
        )  # fmt: skip
    except AwsError as error:
        if error.code != "ResourceAlreadyExistsException":
            raise


def deliver_to_logs(world: World, trail: Trail, region: str, records: list[str]) -> None:
    """Write records (JSON texts) to the trail's log group; raises ``AwsError``."""
    for batch in _batches(records):
        try:
            _put(world, trail, region, batch)
        except AwsError as error:
            if error.code != "ResourceNotFoundException":
                raise
            ensure_stream(world, trail, region)
            _put(world, trail, region, batch)


def _put(world: World, trail: Trail, region: str, batch: list[str]) -> None:
    at = int(world.now.timestamp() * 1000)
    events = [{"timestamp": at, "message": text} for text in batch]
    world.call(
        _caller(world, trail), "logs", "PutLogEvents", trail.home_region,
        logGroupName=trail.log_group, logStreamName=stream_name(trail, region), logEvents=events,
    )  # fmt: skip


def _batches(records: list[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for text in records:
        length = len(text.encode()) + _EVENT_OVERHEAD
        if length > _LONGEST_EVENT:  # CloudTrail leaves out what does not fit into an event
            continue
        if batch and (size + length > _MOST_BYTES or len(batch) == _MOST_EVENTS):
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += length
    if batch:
        yield batch


def _caller(world: World, trail: Trail) -> Caller:
    """A session of the trail's role, assumed again when the last one has ended."""
    session = sessions(world).by_key.get(trail.logs_key or "")
    if session is None or session.expires_at <= world.now + _SPARE:
        session = _assume(world, trail)
    return session_caller(session, SERVICE).through(SERVICE)


def _assume(world: World, trail: Trail) -> Session:
    service = service_caller(SERVICE, trail.account, trail.arn)
    made: dict[str, Any] = world.call(
        service, "sts", "AssumeRole", trail.home_region,
        RoleArn=trail.logs_role_arn, RoleSessionName="CLOUDWATCH_LOGS_DELIVERY_SESSION",
    )  # fmt: skip
    trail.logs_key = str(made["Credentials"]["AccessKeyId"])
    return sessions(world).by_key[trail.logs_key]
