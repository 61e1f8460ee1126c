"""Athena: what its calls are checked for.

Source: service authorization reference, "Amazon Athena".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .check import Check, action_of, arn, checks

if TYPE_CHECKING:
    from ...gateway.call import Call

_CATALOG_CALLS = (
    "GetDatabase", "ListDatabases", "GetTableMetadata", "ListTableMetadata", "GetDataCatalog",
    "UpdateDataCatalog", "DeleteDataCatalog", "CreateDataCatalog",
)  # fmt: skip


@checks("athena")
def work_group(call: Call) -> Iterator[Check]:
    """The work group that the parameters name; without one, ``primary``."""
    name = call.params.get("WorkGroup")
    if name is None and call.operation.endswith("WorkGroup"):
        name = call.params.get("Name")
    yield Check(action_of(call), work_group_arn(call, str(name or "primary")))


@checks("athena", *_CATALOG_CALLS)
def catalog(call: Call) -> Iterator[Check]:
    """The data catalog."""
    name = call.params.get("CatalogName") or call.params.get("Name") or "AwsDataCatalog"
    yield Check(action_of(call), arn(call, "athena", f"datacatalog/{name}"))


@checks("athena", "TagResource", "UntagResource", "ListTagsForResource")
def tagging(call: Call) -> Iterator[Check]:
    """The resource by its ARN."""
    yield Check(action_of(call), str(call.params.get("ResourceARN", "*")))


@checks("athena", "ListWorkGroups", "ListDataCatalogs", "ListEngineVersions")
def without_resource(call: Call) -> Iterator[Check]:
    """These speak of no work group."""
    yield Check(action_of(call))


def work_group_arn(call: Call, name: str) -> str:
    """The ARN of a work group."""
    return arn(call, "athena", f"workgroup/{name}")
