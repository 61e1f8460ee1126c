"""Operations on Insights queries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..effects import effect
from ..errors import AwsError
from ..gateway.protocol import PlainJson
from .insights.discovery import SYSTEM_FIELDS, discover
from .insights.evaluate import Context, Row
from .insights.parser import MAX_LIMIT, parse_query
from .insights.pointers import read_pointer
from .insights.reader import malformed
from .insights.run import DEFAULT_LIMIT, needed_fields, needs_discovery, run_query
from .insights.syntax import Limit
from .insights.values import Pointer, Timestamp, to_text
from .operation import group_by_identifier, identified_group, logs_operation, milliseconds
from .paging import invalid_token, page_of, read_token, write_token
from .patterns import EVERYTHING
from .search import Event, scan
from .store import DAY_MS, LogGroup, LogsStore, Query
from .stream import EVER

if TYPE_CHECKING:
    from ..gateway.call import Call
    from ..world import World

MAX_GROUPS = 50
MAX_PAGE = 10_000
_TAKES_SECONDS = 2.0
_KEPT_MS = 7 * DAY_MS
_SAMPLE = 1000
_FIELDS_WINDOW_MS = 8 * 60 * 1000


@logs_operation("StartQuery")
def start_query(call: Call) -> dict[str, Any]:
    """Begin a query. Its results are there a little later."""
    params = call.params
    if params.get("queryLanguage", "CWLI") != "CWLI":
        message = f"logs:StartQuery in {params['queryLanguage']} is not emulated here."
        raise AwsError("NotImplemented", message, 501)
    groups = _chosen_groups(call)
    if params["startTime"] > params["endTime"]:
        message = "End time should not be before start time."
        raise AwsError("InvalidParameterException", message)
    now = milliseconds(call)
    if all(_is_before(group, params["endTime"], now) for group in groups):
        raise malformed(
            "Query's end date and time is either before the log groups creation time or exceeds the "
            "log groups log retention settings"
        )
    limited = any(isinstance(command, Limit) for command in parse_query(params["queryString"]))
    query = Query(
        id=call.world.uuid(),
        text=params["queryString"],
        groups=tuple(group.name for group in groups),
        start=params["startTime"],
        end=params["endTime"],
        limit=params.get("limit", MAX_LIMIT if limited else DEFAULT_LIMIT),
        created=now,
        user=call.caller.arn,
    )
    store = call.store(LogsStore)
    store.queries = {k: q for k, q in store.queries.items() if q.created > now - _KEPT_MS}
    store.queries[query.id] = query
    call.world.later(
        "logs.query", _TAKES_SECONDS, account=call.account, region=call.region, query_id=query.id
    )
    return {"queryId": query.id}


def _chosen_groups(call: Call) -> list[LogGroup]:
    params = call.params
    given = [n for n in ("logGroupName", "logGroupNames", "logGroupIdentifiers") if params.get(n)]
    if len(given) != 1:
        message = (
            "Exactly one of these parameters must be passed: "
            "[logGroupName, logGroupNames, logGroupIdentifiers]"
        )
        raise AwsError("InvalidParameterException", message)
    value = params[given[0]]
    identifiers = [value] if isinstance(value, str) else list(dict.fromkeys(value))
    if len(identifiers) > MAX_GROUPS:
        message = f"A query may have at most {MAX_GROUPS} log groups."
        raise AwsError("InvalidParameterException", message)
    return [group_by_identifier(call, identifier) for identifier in identifiers]


def _is_before(group: LogGroup, end: int, now: int) -> bool:
    """Whether a time (seconds) is before all that a group may hold."""
    earliest = max(group.expired_before(now), min(group.created, now - 14 * DAY_MS))
    return end * 1000 + 999 < earliest


@effect("logs.query")
def carry_out(world: World, account: str, region: str, query_id: str) -> None:
    """Carry out a query that was begun, unless it was stopped or its results are no longer kept."""
    store = world.store(LogsStore, account, region)
    query = store.queries.get(query_id)
    if query is None or query.status != "Running":
        return
    commands = parse_query(query.text)
    names = needed_fields(commands)
    # The range includes its end, which is a second.
    context = Context(int(world.now.timestamp()), query.start * 1000, query.end * 1000 + 999)

    def batches() -> Iterator[list[Row]]:
        for name in query.groups:
            group = store.groups.get(name)
            if group is None:
                continue
            oldest = max(context.start, group.forget_expired(int(world.now.timestamp() * 1000)))
            streams = list(group.streams.values())
            for events in scan(streams, (oldest - 1, EVER), (context.end, EVER), EVERYTHING):
                query.scanned_events += len(events)
                query.scanned_bytes += sum(len(event[3]) for event in events)
                yield [_row(group, account, event, names) for event in events]

    try:
        outcome = run_query(commands, batches(), context, query.limit)
    except AwsError:
        query.status = "Failed"
        raise
    query.rows = outcome.rows
    query.matched = outcome.matched
    query.status = "Complete"


def _row(group: LogGroup, account: str, event: Event, names: set[str]) -> Row:
    """The fields of an event, as far as they are asked for."""
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


def _query(call: Call) -> Query:
    query = call.store(LogsStore).queries.get(call.params["queryId"])
    if query is None:
        raise AwsError("ResourceNotFoundException", "Query does not exist.")
    return query


@logs_operation("GetQueryResults")
def get_query_results(call: Call) -> dict[str, Any]:
    """What a query found, and how far it is."""
    query = _query(call)
    begin = 0
    if "nextToken" in call.params:
        begin = read_token(call.params["nextToken"])
        if not isinstance(begin, int) or not 0 <= begin <= len(query.rows):
            raise invalid_token()
    end = begin + (call.params.get("maxItems") or MAX_PAGE)
    result = PlainJson(
        queryLanguage="CWLI",
        results=[
            [{"field": name, "value": value} for name, value in row]
            for row in query.rows[begin:end]
        ],
        statistics={
            "recordsMatched": float(query.matched),
            "recordsScanned": float(query.scanned_events),
            "estimatedRecordsSkipped": 0.0,
            "bytesScanned": float(query.scanned_bytes),
            "estimatedBytesSkipped": 0.0,
            "logGroupsScanned": float(len(query.groups)),
        },
        status=query.status,
    )
    if end < len(query.rows):
        result["nextToken"] = write_token(end)
    return result


@logs_operation("StopQuery")
def stop_query(call: Call) -> dict[str, Any]:
    """Stop a query that is still going on."""
    query = _query(call)
    if query.status != "Running":
        message = "The specified query is not running."
        raise AwsError("InvalidParameterException", message)
    query.status = "Cancelled"
    return {"success": True}


@logs_operation("DescribeQueries")
def describe_queries(call: Call) -> dict[str, Any]:
    """The queries of late, newest first."""
    params = call.params
    name, status = params.get("logGroupName"), params.get("status")
    if name is not None:
        call.store(LogsStore).group(name)
    queries = [
        query
        for query in call.store(LogsStore).queries.values()
        if (name is None or name in query.groups) and status in (None, query.status)
    ]

    def order(query: Query) -> list[Any]:
        return [query.created, query.id]

    queries.sort(key=order, reverse=True)
    shown, token = page_of(
        queries, params.get("nextToken"), params.get("maxResults", 1000), order, descending=True
    )
    return {"queries": [_describe(query) for query in shown], **token}


def _describe(query: Query) -> dict[str, Any]:
    return {
        "queryLanguage": "CWLI",
        "queryId": query.id,
        "queryString": query.text,
        "status": query.status,
        "createTime": query.created,
        "logGroupName": query.groups[0],
        "bytesScanned": float(query.scanned_bytes),
        "userIdentity": query.user,
    }


@logs_operation("GetLogRecord")
def get_log_record(call: Call) -> dict[str, Any]:
    """All fields of the event that a ``@ptr`` of a result leads to."""
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
    """Which fields the events around a time have, and how many percent of them.

    Without a time, those of the last 15 minutes. Source: CloudWatch Logs API reference.
    """
    group = identified_group(call)
    now = milliseconds(call)
    oldest = group.forget_expired(now)
    if "time" in call.params:
        middle = call.params["time"] * 1000
        low, high = middle - _FIELDS_WINDOW_MS, middle + _FIELDS_WINDOW_MS
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
