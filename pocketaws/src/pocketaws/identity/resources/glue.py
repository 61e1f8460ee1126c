"""Glue's catalog: the actions and resources that authorization checks for each call.

A call on a table also needs permission on the catalog and the database. Sources: Glue developer
guide, "Data Catalog ARNs"; service authorization reference, "AWS Glue".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..checks import Check, action_of, arn, checks

if TYPE_CHECKING:
    from ...gateway.call import Call


@checks("glue")
def catalog(call: Call) -> Iterator[Check]:
    """The catalog, the database, and the tables in the parameters."""
    params = call.params
    database = params.get("DatabaseName")
    if database is None and call.operation.endswith("Database"):
        database = params.get("DatabaseInput", {}).get("Name") or params.get("Name")
    yield Check(action_of(call), arn(call, "glue", "catalog"))
    if call.operation == "GetDatabases":
        database = "*"
    if database is None:
        return
    yield Check(action_of(call), arn(call, "glue", f"database/{database}"))
    for table in _tables(call):
        yield Check(action_of(call), arn(call, "glue", f"table/{database}/{table}"))


@checks("glue", "TagResource", "UntagResource", "GetTags")
def tagging(call: Call) -> Iterator[Check]:
    """The resource with this ARN."""
    yield Check(action_of(call), str(call.params.get("ResourceArn", "*")))


def _tables(call: Call) -> list[str]:
    params = call.params
    if call.operation in {"GetTables", "DeleteDatabase", "SearchTables"}:
        return ["*"]
    if params.get("TablesToDelete"):
        return list(params["TablesToDelete"])
    name = params.get("TableName") or params.get("TableInput", {}).get("Name")
    if name is None and call.operation.endswith("Table"):
        name = params.get("Name")
    return [name] if name else []
