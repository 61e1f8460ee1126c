"""Operations on Insights queries.

Source: CloudWatch Logs API reference, "StartQuery", "GetQueryResults", "StopQuery", "DescribeQueries".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from ..gateway.protocol import PlainJson
from .insights.parser import MAX_LIMIT, parse_query
from .insights.reader import malformed
from .insights.run import DEFAULT_LIMIT
from .insights.syntax import Limit
from .operation import group_by_identifier, logs_operation, milliseconds
from .paging import invalid_token, page_of, read_token, write_token
from .store import DAY_MS, LogGroup, LogsStore, Query

if TYPE_CHECKING:
    from ..gateway.call import Call

MAX_GROUPS = 50
MAX_PAGE = 10_000
_TAKES_SECONDS = 2.0
_KEPT_MS = 7 * DAY_MS


@logs_operation("StartQuery")
def start_query(call: Call) -> dict[str, Any]:
    """Start a query; its results become available a little later."""
    params = call.params
    if params.get("queryLanguage", "CWLI") != "CWLI":
        message = f"pocketaws doesn't emulate logs:StartQuery in {params['queryLanguage']}."
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
    """Whether a time (in seconds) is earlier than anything that a group can contain."""
    earliest = max(group.expired_before(now), min(group.created, now - 14 * DAY_MS))
    return end * 1000 + 999 < earliest


def _query(call: Call) -> Query:
    query = call.store(LogsStore).queries.get(call.params["queryId"])
    if query is None:
        raise AwsError("ResourceNotFoundException", "Query does not exist.")
    return query


@logs_operation("GetQueryResults")
def get_query_results(call: Call) -> dict[str, Any]:
    """Return a query's results so far and its status."""
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
    """Stop a running query."""
    query = _query(call)
    if query.status != "Running":
        message = "The specified query is not running."
        raise AwsError("InvalidParameterException", message)
    query.status = "Cancelled"
    return {"success": True}


@logs_operation("DescribeQueries")
def describe_queries(call: Call) -> dict[str, Any]:
    """List recent queries, newest first."""
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
