"""Athena: the actions and resources that authorization checks for each call.

Source: service authorization reference, "Amazon Athena".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...athena.store import PRIMARY, AthenaStore
from ..checks import Check, action_of, arn, checks

if TYPE_CHECKING:
    from ...gateway.call import Call

_CATALOG_CALLS = (
    "GetDatabase", "ListDatabases", "GetTableMetadata", "ListTableMetadata", "GetDataCatalog",
    "UpdateDataCatalog", "DeleteDataCatalog", "CreateDataCatalog",
)  # fmt: skip


@checks("athena")
def work_group(call: Call) -> Iterator[Check]:
    """The work group of the parameters or of the queries that they name; by default ``primary``."""
    for name in _work_groups(call):
        yield Check(action_of(call), work_group_arn(call, name))


def _work_groups(call: Call) -> list[str]:
    params = call.params
    ids = {str(params[key]) for key in ("NamedQueryId", "QueryExecutionId") if params.get(key)}
    for key in ("NamedQueryIds", "QueryExecutionIds"):
        ids.update(params.get(key) or ())
    groups = call.store(AthenaStore).work_groups.values()
    of_queries = [
        group.name
        for group in groups
        if ids & (group.named_queries.keys() | group.executions.keys())
    ]
    name = params.get("WorkGroup")
    if name is None and call.operation.endswith("WorkGroup"):
        name = params.get("Name")
    return of_queries or [str(name or PRIMARY)]


@checks("athena", *_CATALOG_CALLS)
def catalog(call: Call) -> Iterator[Check]:
    """The data catalog."""
    name = call.params.get("CatalogName") or call.params.get("Name") or "AwsDataCatalog"
    yield Check(action_of(call), arn(call, "athena", f"datacatalog/{name}"))


@checks("athena", "TagResource", "UntagResource", "ListTagsForResource")
def tagging(call: Call) -> Iterator[Check]:
    """The resource with this ARN."""
    yield Check(action_of(call), str(call.params.get("ResourceARN", "*")))


@checks("athena", "ListWorkGroups", "ListDataCatalogs", "ListEngineVersions")
def without_resource(call: Call) -> Iterator[Check]:
    """These calls have no work group."""
    yield Check(action_of(call))


def work_group_arn(call: Call, name: str) -> str:
    """Return a work group's ARN."""
    return arn(call, "athena", f"workgroup/{name}")
