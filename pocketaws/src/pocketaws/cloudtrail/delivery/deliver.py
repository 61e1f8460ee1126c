"""Deliver a trail's events to its bucket, log group, and topic.

Without delays, a read triggers the delivery (``flush_on_read``); otherwise it happens every five minutes, as with
delays. A file has everything that's pending, not one call. What can't be delivered stays pending and is tried again.
Writing a file isn't a management event, so it doesn't cause one.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ...effects import effect
from ...errors import AwsError
from ..history.log import EventLog
from ..records.event import Event, to_record
from ..records.identity import iso
from ..trails.selectors import selects
from ..trails.store import LogFile, Position, Trail, TrailStore, trails_of
from . import digests
from .logs import deliver_to_logs
from .notices import notify
from .object_keys import file_key
from .objects import write_object
from .selection import is_recursive

if TYPE_CHECKING:
    from ...world import World

INTERVAL_SECONDS = 300.0
_MOST_PER_FILE = 5_000
# Undeliverable files are tried again for 30 days (facts of the user guide's "Delete the trail first").
_GIVE_UP = timedelta(days=30)


def start(world: World, trail: Trail) -> None:
    """Start delivering what's recorded from now on."""
    if trail.is_logging:
        return
    if trail.ends:
        deliver(world, trail)  # what it owes from before it was stopped
    trail.is_logging, trail.started = True, world.now
    trail.ends = {}
    trail.positions = _here(world, trail)
    _schedule(world, trail)
    if trail.validation:
        digests.begin(world, trail)


def stop(world: World, trail: Trail) -> None:
    """Deliver what's recorded so far and the stopping call itself, then nothing more."""
    if not trail.is_logging:
        return
    trail.is_logging, trail.stopped = False, world.now
    trail.ends = _here(world, trail, extra=1)


def leave(world: World, trail: Trail) -> None:
    """Schedule the last delivery of a deleted trail."""
    if not trail.is_logging and not trail.ends:
        return
    stop(world, trail)
    trails_of(world, trail.account).leaving.append(trail)
    world.later("cloudtrail.leave", INTERVAL_SECONDS, account=trail.account, arn=trail.arn)


def follow(world: World, trail: Trail) -> None:
    """Start delivering the Regions that a changed trail gained, and drop those it lost."""
    if trail.is_logging:
        here = _here(world, trail)
        trail.positions = {region: trail.positions.get(region, end) for region, end in here.items()}
        if trail.validation and trail.validated_since is None:
            digests.begin(world, trail)
        elif not trail.validation:
            digests.end(world, trail)


def _schedule(world: World, trail: Trail) -> None:
    """Schedule the next delivery; ``since`` tells this start of the trail from later ones."""
    due = world.now + timedelta(seconds=INTERVAL_SECONDS)
    since = trail.started.isoformat() if trail.started is not None else ""
    world.at(due, "cloudtrail.deliver", account=trail.account, arn=trail.arn, since=since)


def _here(world: World, trail: Trail, extra: int = 0) -> dict[str, Position]:
    """The current end of the events in each of the trail's Regions.

    ``extra`` adds events in the Region of the running call, whose own event comes next.
    """
    regions = {trail.home_region: _end(world, trail.account, trail.home_region, extra)}
    if trail.multi_region:
        for account, region, _ in world.stores(EventLog):
            if account == trail.account and region not in regions:
                regions[region] = _end(world, account, region, 0)
    return regions


def _end(world: World, account: str, region: str, extra: int) -> Position:
    log = world.store(EventLog, account, region)
    return Position(len(log.events) + extra, len(log.data_events))


@effect("cloudtrail.deliver")
def deliver_regularly(world: World, account: str, arn: str, since: str) -> None:
    """Deliver what's pending, and again every five minutes while the trail exists."""
    trail = trails_of(world, account).trails.get(arn)
    if trail is None or trail.started is None or trail.started.isoformat() != since:
        return
    deliver(world, trail)
    if trail.is_logging or trail.ends:
        _schedule(world, trail)


@effect("cloudtrail.leave")
def deliver_last(world: World, account: str, arn: str) -> None:
    """Deliver the remaining events of deleted trails with this ARN, and forget the trails."""
    store: TrailStore = trails_of(world, account)
    for trail in [trail for trail in store.leaving if trail.arn == arn]:
        store.leaving.remove(trail)
        deliver(world, trail)


def deliver(world: World, trail: Trail) -> None:
    """Write a file (and log events) of each Region's pending events. Errors go to the trail's status."""
    for region, end in _ends(world, trail).items():
        position = trail.positions.setdefault(region, Position(0, 0))
        while _deliver_file(world, trail, region, position, end):
            pass
    if trail.ends and all(_is_done(trail, region) for region in trail.ends):
        trail.ends = {}
        digests.end(world, trail)


def _ends(world: World, trail: Trail) -> dict[str, Position]:
    """Region -> where to stop. It's fixed before the first file, because files cause further events."""
    if not trail.is_logging:
        return trail.ends
    return _here(world, trail)


def _is_done(trail: Trail, region: str) -> bool:
    position, end = trail.positions[region], trail.ends[region]
    return position.management >= end.management and position.data >= end.data


def _deliver_file(
    world: World, trail: Trail, region: str, position: Position, end: Position
) -> bool:
    """Deliver one file, and return whether to continue."""
    log = world.store(EventLog, trail.account, region)
    management = min(end.management, len(log.events), position.management + _MOST_PER_FILE)
    data = min(end.data, len(log.data_events), position.data + _MOST_PER_FILE)
    events = log.events[position.management : management] + log.data_events[position.data : data]
    if not events:
        return False
    delivered = _deliver_events(world, trail, region, events)
    if not delivered and world.now - events[0].time < _GIVE_UP:
        return False
    position.management, position.data = management, data
    return True


def _deliver_events(world: World, trail: Trail, region: str, events: list[Event]) -> bool:
    """Write a file and return whether that worked. What a log group rejects is lost, as on AWS."""
    wanted = [event for event in events if _is_for(trail, event)]
    if not wanted:
        return True
    records = [json.dumps(to_record(e), separators=(",", ":"), default=str) for e in wanted]
    if not _write_file(world, trail, region, records, _span(wanted)):
        return False
    if trail.log_group_arn is not None:
        _write_logs(world, trail, region, records)
    return True


def _span(events: list[Event]) -> tuple[datetime, datetime]:
    """The times of the newest and the oldest event."""
    times = [event.time for event in events]
    return max(times), min(times)


def _is_for(trail: Trail, event: Event) -> bool:
    if not trail.global_events and event.operation.is_global:
        return False
    return selects(trail, event) and not is_recursive(trail, event)


def _write_file(
    world: World, trail: Trail, region: str, records: list[str], times: tuple[datetime, datetime]
) -> bool:
    world.note_change()
    body = f'{{"Records":[{",".join(records)}]}}'.encode()
    key = file_key(world, trail, region)
    trail.last_attempt = world.now
    try:
        write_object(world, trail, key, body)
    except AwsError as error:
        trail.delivery_error = error.code
        return False
    trail.last_delivery, trail.delivery_error = world.now, None
    newest, oldest = (iso(time) for time in times)
    file = LogFile(trail.bucket, key, hashlib.sha256(body).hexdigest(), newest, oldest)
    digests.note_file(world, trail, region, file)
    notify(world, trail, key)
    return True


def _write_logs(world: World, trail: Trail, region: str, records: list[str]) -> None:
    try:
        deliver_to_logs(world, trail, region, records)
    except AwsError as error:
        trail.logs_error = f"{error.code}: {error.message}"
    else:
        trail.last_logs_delivery, trail.logs_error = world.now, None
