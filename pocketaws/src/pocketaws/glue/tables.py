"""Tables and their partitions.

Source: Glue web API reference, "CreateTable", "GetTable", "GetTables", "GetPartitions".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from ..registry import operation
from .store import Table, find_database, find_table, page

if TYPE_CHECKING:
    from ..gateway.call import Call


@operation("glue", "CreateTable")
def create_table(call: Call) -> None:
    database = find_database(call, call.params["DatabaseName"])
    definition = call.params.get("TableInput")
    if definition is None:
        raise AwsError("InvalidInputException", "TableInput is missing.")
    name = definition["Name"].lower()
    if name in database.tables:
        raise AwsError("AlreadyExistsException", "Table already exists.")
    database.tables[name] = Table(name, definition, call.now, call.now, call.caller.arn)


@operation("glue", "GetTable")
def get_table(call: Call) -> dict[str, Any]:
    database = call.params["DatabaseName"]
    return {"Table": _described(call, database, find_table(call, database, call.params["Name"]))}


@operation("glue", "GetTables")
def get_tables(call: Call) -> dict[str, Any]:
    """List a database's tables; ``Expression`` filters them by a match of the whole name."""
    database = find_database(call, call.params["DatabaseName"])
    expression = call.params.get("Expression")
    try:
        wanted = re.compile(expression or ".*")
    except re.error as error:
        raise AwsError("InvalidInputException", f"Invalid expression: {expression}") from error
    found = [
        _described(call, database.name, database.tables[name])
        for name in sorted(database.tables)
        if wanted.fullmatch(name)
    ]
    return page("TableList", found, call.params)


def _described(call: Call, database: str, table: Table) -> dict[str, Any]:
    return {
        "Retention": 0,
        "PartitionKeys": [],
        **table.definition,
        "Name": table.name,
        "DatabaseName": database.lower(),
        "CreateTime": table.created_at,
        "UpdateTime": table.updated_at,
        "CreatedBy": table.created_by,
        "IsRegisteredWithLakeFormation": False,
        "CatalogId": call.account,
        "VersionId": str(table.version),
    }


@operation("glue", "UpdateTable")
def update_table(call: Call) -> None:
    definition = call.params.get("TableInput", {})
    name = call.params.get("Name") or definition.get("Name", "")
    table = find_table(call, call.params["DatabaseName"], name)
    table.definition = definition
    table.updated_at = call.now
    table.version += 1


@operation("glue", "DeleteTable")
def delete_table(call: Call) -> None:
    database = call.params["DatabaseName"]
    table = find_table(call, database, call.params["Name"])
    del find_database(call, database).tables[table.name]


@operation("glue", "CreatePartition")
def create_partition(call: Call) -> None:
    table = find_table(call, call.params["DatabaseName"], call.params["TableName"])
    given = call.params["PartitionInput"]
    values = tuple(given.get("Values", []))
    if len(values) != len(table.definition.get("PartitionKeys", [])):
        message = "The number of partition keys do not match the number of partition values"
        raise AwsError("InvalidInputException", message)
    if values in table.partitions:
        raise AwsError("AlreadyExistsException", "Partition already exists.")
    table.partitions[values] = {**given, "CreationTime": call.now}


@operation("glue", "GetPartition")
def get_partition(call: Call) -> dict[str, Any]:
    table = find_table(call, call.params["DatabaseName"], call.params["TableName"])
    values = tuple(call.params["PartitionValues"])
    if values not in table.partitions:
        raise AwsError("EntityNotFoundException", "Cannot find partition.")
    return {"Partition": _partition(call, table, values)}


@operation("glue", "GetPartitions")
def get_partitions(call: Call) -> dict[str, Any]:
    """List all of a table's partitions; expressions aren't emulated."""
    if call.params.get("Expression"):
        message = "pocketaws doesn't emulate expressions over partitions."
        raise AwsError("NotImplemented", message, 501)
    table = find_table(call, call.params["DatabaseName"], call.params["TableName"])
    found = [_partition(call, table, values) for values in sorted(table.partitions)]
    return page("Partitions", found, call.params)


def _partition(call: Call, table: Table, values: tuple[str, ...]) -> dict[str, Any]:
    return {
        **table.partitions[values],
        "DatabaseName": call.params["DatabaseName"].lower(),
        "TableName": table.name,
        "CatalogId": call.account,
    }
