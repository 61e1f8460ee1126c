"""Named queries.

Source: Athena API reference, "CreateNamedQuery", "GetNamedQuery", "BatchGetNamedQuery".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..registry import operation
from .store import NamedQuery, WorkGroup, find_work_group, invalid, page, store_of

if TYPE_CHECKING:
    from ..gateway.call import Call

_MOST = 50


@operation("athena", "CreateNamedQuery")
def create_named_query(call: Call) -> dict[str, Any]:
    """Save a query. A repeated token returns the query from the first request."""
    params = call.params
    group = find_work_group(call, params.get("WorkGroup"))
    token = params.get("ClientRequestToken")
    for known in group.named_queries.values():
        if token and known.token == token:
            return {"NamedQueryId": known.query_id}
    query_id = call.world.uuid()
    group.named_queries[query_id] = NamedQuery(
        query_id, params["Name"], params["Database"], params["QueryString"], group.name,
        params.get("Description"), token,
    )  # fmt: skip
    return {"NamedQueryId": query_id}


@operation("athena", "GetNamedQuery")
def get_named_query(call: Call) -> dict[str, Any]:
    _, query = _find(call, call.params["NamedQueryId"])
    return {"NamedQuery": _described(query)}


@operation("athena", "BatchGetNamedQuery")
def batch_get_named_query(call: Call) -> dict[str, Any]:
    """Describe the queries that exist, and list the IDs that don't as unprocessed."""
    known = {
        query.query_id: query
        for group in store_of(call).work_groups.values()
        for query in group.named_queries.values()
    }
    ids = call.params["NamedQueryIds"]
    missing = [
        {
            "NamedQueryId": query_id,
            "ErrorCode": "INVALID_INPUT",
            "ErrorMessage": f"NamedQuery {query_id} was not found",
        }
        for query_id in ids
        if query_id not in known
    ]
    found = [_described(known[query_id]) for query_id in ids if query_id in known]
    return {"NamedQueries": found, "UnprocessedNamedQueryIds": missing}


@operation("athena", "ListNamedQueries")
def list_named_queries(call: Call) -> dict[str, Any]:
    group = find_work_group(call, call.params.get("WorkGroup"))
    return page("NamedQueryIds", list(group.named_queries), call.params, _MOST)


@operation("athena", "DeleteNamedQuery")
def delete_named_query(call: Call) -> None:
    group, query = _find(call, call.params["NamedQueryId"])
    del group.named_queries[query.query_id]


def _find(call: Call, query_id: str) -> tuple[WorkGroup, NamedQuery]:
    for group in store_of(call).work_groups.values():
        if query_id in group.named_queries:
            return group, group.named_queries[query_id]
    raise invalid(f"NamedQuery {query_id} was not found")


def _described(query: NamedQuery) -> dict[str, Any]:
    described = {
        "NamedQueryId": query.query_id,
        "Name": query.name,
        "Database": query.database,
        "QueryString": query.query,
        "WorkGroup": query.work_group,
    }
    if query.description is not None:
        described["Description"] = query.description
    return described
