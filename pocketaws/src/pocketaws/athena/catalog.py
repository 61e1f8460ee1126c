"""The catalog as Athena shows it, read from Glue with the caller's permissions.

Source: Athena API reference, "ListDataCatalogs", "GetTableMetadata"; user guide, "Fine-grained
access to databases and tables" (the caller needs Glue's permissions).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from ..registry import operation
from .glue import Glue
from .store import invalid, page

if TYPE_CHECKING:
    from ..gateway.call import Call

CATALOG = "AwsDataCatalog"
_MOST = 50


@operation("athena", "ListDataCatalogs")
def list_data_catalogs(_call: Call) -> dict[str, Any]:
    return {
        "DataCatalogsSummary": [
            {"CatalogName": CATALOG, "Type": "GLUE", "Status": "CREATE_COMPLETE"}
        ]
    }


@operation("athena", "GetDataCatalog")
def get_data_catalog(call: Call) -> dict[str, Any]:
    _check(call, "Name")
    catalog = {"Name": CATALOG, "Type": "GLUE", "Parameters": {"catalog-id": call.account}}
    return {"DataCatalog": catalog}


@operation("athena", "ListDatabases")
def list_databases(call: Call) -> dict[str, Any]:
    _check(call, "CatalogName")
    found = _every(call, "GetDatabases", "DatabaseList")
    return page("DatabaseList", [_database(each) for each in found], call.params, _MOST)


@operation("athena", "GetDatabase")
def get_database(call: Call) -> dict[str, Any]:
    _check(call, "CatalogName")
    found = _glue(call, "GetDatabase", Name=call.params["DatabaseName"])
    return {"Database": _database(found["Database"])}


def _database(found: dict[str, Any]) -> dict[str, Any]:
    members = ("Name", "Description", "Parameters")
    return {member: found[member] for member in members if found.get(member)}


@operation("athena", "ListTableMetadata")
def list_table_metadata(call: Call) -> dict[str, Any]:
    """List a database's tables; ``Expression`` is a regular expression that filters names."""
    _check(call, "CatalogName")
    _glue(call, "GetDatabase", Name=call.params["DatabaseName"])
    tables = _every(call, "GetTables", "TableList", DatabaseName=call.params["DatabaseName"])
    expression = call.params.get("Expression")
    try:
        wanted = re.compile(expression or "")
    except re.error as error:
        raise invalid(f"Expression {expression} is not valid.") from error
    found = [_table(table) for table in tables if wanted.search(table["Name"])]
    return page("TableMetadataList", found, call.params, _MOST)


@operation("athena", "GetTableMetadata")
def get_table_metadata(call: Call) -> dict[str, Any]:
    _check(call, "CatalogName")
    found = _glue(
        call, "GetTable", DatabaseName=call.params["DatabaseName"], Name=call.params["TableName"]
    )
    return {"TableMetadata": _table(found["Table"])}


def _table(table: dict[str, Any]) -> dict[str, Any]:
    storage = table.get("StorageDescriptor", {})
    serde = storage.get("SerdeInfo", {})
    shown = {
        "inputformat": storage.get("InputFormat"),
        "location": storage.get("Location"),
        "outputformat": storage.get("OutputFormat"),
        "serde.serialization.lib": serde.get("SerializationLibrary"),
    } | {f"serde.param.{key}": value for key, value in serde.get("Parameters", {}).items()}
    return {
        "Name": table["Name"],
        "CreateTime": table["CreateTime"],
        "LastAccessTime": table["CreateTime"],
        "TableType": table.get("TableType", ""),
        "Columns": storage.get("Columns", []),
        "PartitionKeys": table.get("PartitionKeys", []),
        "Parameters": {
            **table.get("Parameters", {}),
            **{key: value for key, value in shown.items() if value},
        },
    }


def _check(call: Call, member: str) -> None:
    """Raise ``InvalidRequestException`` unless the catalog is Glue's; case doesn't matter."""
    name = call.params[member]
    if name.lower() != CATALOG.lower():
        raise invalid(f"Catalog {name} does not exist.")


@contextmanager
def _metadata_errors() -> Iterator[None]:
    """Turn Glue's errors into ``MetadataException``."""
    try:
        yield
    except AwsError as error:
        if error.code == "NotImplemented":
            raise
        raise AwsError("MetadataException", error.message) from error


def _glue(call: Call, name: str, **params: Any) -> dict[str, Any]:
    with _metadata_errors():
        return Glue(call.world, call.caller, call.region).call(name, **params)


def _every(call: Call, name: str, member: str, **params: Any) -> list[dict[str, Any]]:
    with _metadata_errors():
        return Glue(call.world, call.caller, call.region).every(name, member, **params)
