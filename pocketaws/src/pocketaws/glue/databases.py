"""Databases and their tags.

Source: Glue web API reference, "CreateDatabase", "GetDatabase", "DeleteDatabase".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from ..registry import operation
from .store import Database, GlueStore, check_catalog, find_database, page

if TYPE_CHECKING:
    from ..gateway.call import Call


@operation("glue", "CreateDatabase")
def create_database(call: Call) -> None:
    check_catalog(call)
    definition = call.params["DatabaseInput"]
    name = definition["Name"].lower()
    databases = call.store(GlueStore).databases
    if name in databases:
        raise AwsError("AlreadyExistsException", "Database already exists.")
    databases[name] = Database(name, definition, call.now, dict(call.params.get("Tags", {})))


@operation("glue", "GetDatabase")
def get_database(call: Call) -> dict[str, Any]:
    return {"Database": _described(call, find_database(call, call.params["Name"]))}


@operation("glue", "GetDatabases")
def get_databases(call: Call) -> dict[str, Any]:
    check_catalog(call)
    databases = call.store(GlueStore).databases
    found = [_described(call, databases[name]) for name in sorted(databases)]
    return page("DatabaseList", found, call.params)


def _described(call: Call, database: Database) -> dict[str, Any]:
    permissions = [
        {
            "Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
            "Permissions": ["ALL"],
        }
    ]
    return {
        "CreateTableDefaultPermissions": permissions,
        **database.definition,
        "Name": database.name,
        "CreateTime": database.created_at,
        "CatalogId": call.account,
    }


@operation("glue", "UpdateDatabase")
def update_database(call: Call) -> None:
    database = find_database(call, call.params["Name"])
    definition = call.params["DatabaseInput"]
    if definition["Name"].lower() != database.name:
        raise AwsError("InvalidInputException", "The name of a database cannot be changed.")
    database.definition = definition


@operation("glue", "DeleteDatabase")
def delete_database(call: Call) -> None:
    """Delete a database with all its tables."""
    database = find_database(call, call.params["Name"])
    del call.store(GlueStore).databases[database.name]


@operation("glue", "TagResource")
def tag_resource(call: Call) -> None:
    _tags(call).update(call.params["TagsToAdd"])


@operation("glue", "UntagResource")
def untag_resource(call: Call) -> None:
    tags = _tags(call)
    for key in call.params["TagsToRemove"]:
        tags.pop(key, None)


@operation("glue", "GetTags")
def get_tags(call: Call) -> dict[str, Any]:
    return {"Tags": _tags(call)}


def _tags(call: Call) -> dict[str, str]:
    arn = call.params["ResourceArn"]
    prefix = f"arn:aws:glue:{call.region}:{call.account}:database/"
    database = call.store(GlueStore).databases.get(arn.removeprefix(prefix))
    if not arn.startswith(prefix) or database is None:
        raise AwsError("EntityNotFoundException", f"Resource {arn} not found.")
    return database.tags
