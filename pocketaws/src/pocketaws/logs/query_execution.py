"""Runs an Insights query over the events of log groups, some time after it started."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..effects import effect
from .insights.discovery import discover
from .insights.evaluate import Row
from .insights.parser import parse_query
from .insights.run import needed_fields, needs_discovery, run_query
from .insights.values import Pointer, Timestamp
from .patterns import EVERYTHING
from .search import Event, scan
from .store import LogGroup, LogsStore
from .stream import EVER

if TYPE_CHECKING:
    from ..world import World


@effect("logs.query")
def run_started_query(world: World, account: str, region: str, query_id: str) -> None:
    """Run a started query, unless it was stopped or its results have expired."""
    store = world.store(LogsStore, account, region)
    query = store.queries.get(query_id)
    if query is None or query.status != "Running":
        return
    commands = parse_query(query.text)
    names = needed_fields(commands)
    # The end of the range is inclusive and in whole seconds.
    start, end = query.start * 1000, query.end * 1000 + 999

    def batches() -> Iterator[list[Row]]:
        for name in query.groups:
            group = store.groups.get(name)
            if group is None:
                continue
            oldest = max(start, group.forget_expired(int(world.now.timestamp() * 1000)))
            streams = list(group.streams.values())
            for events in scan(streams, (oldest - 1, EVER), (end, EVER), EVERYTHING):
                query.scanned_events += len(events)
                query.scanned_bytes += sum(len(event[3]) for event in events)
                yield [_row(group, account, event, names) for event in events]

    outcome = run_query(commands, batches(), query.limit)
    query.rows = outcome.rows
    query.matched = outcome.matched
    query.status = "Complete"


def _row(group: LogGroup, account: str, event: Event, names: set[str]) -> Row:
    """Return an event's fields, limited to those that the query needs."""
    timestamp, sequence, ingested, raw, stream = event
    message = raw.decode()
    row: Row = {
        "@timestamp": Timestamp(timestamp),
        "@ptr": Pointer(group.name, stream, timestamp, sequence),
    }
    if "@message" in names:
        row["@message"] = message
    if "@logStream" in names:
        row["@logStream"] = stream
    if "@log" in names:
        row["@log"] = f"{account}:{group.name}"
    if "@ingestionTime" in names:
        row["@ingestionTime"] = Timestamp(ingested)
    if needs_discovery(names):
        found = discover(message)
        row.update({name: found[name] for name in names if name in found})
    return row
