"""The Data Catalog's state. Names are lowercase, as in Glue."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .. import paging
from ..errors import AwsError

if TYPE_CHECKING:
    from ..gateway.call import Call


@dataclass
class Table:
    """A table; ``definition`` is its ``TableInput``."""

    name: str
    definition: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    created_by: str
    version: int = 0
    partitions: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)
    """Values -> ``PartitionInput`` with a ``CreationTime``."""


@dataclass
class Database:
    """A database; ``definition`` is its ``DatabaseInput``."""

    name: str
    definition: dict[str, Any]
    created_at: datetime
    tags: dict[str, str] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)


@dataclass
class GlueStore:
    """The catalog of one account and Region, by database name."""

    databases: dict[str, Database] = field(default_factory=dict)


def check_catalog(call: Call) -> None:
    """Accept only the account's own catalog; raises ``EntityNotFoundException``."""
    catalog = call.params.get("CatalogId", call.account)
    if catalog != call.account:
        raise AwsError("EntityNotFoundException", f"Catalog {catalog} not found.")


def find_database(call: Call, name: str) -> Database:
    """Return a database by name; raises ``EntityNotFoundException``."""
    check_catalog(call)
    database = call.store(GlueStore).databases.get(name.lower())
    if database is None:
        raise AwsError("EntityNotFoundException", f"Database {name.lower()} not found.")
    return database


def find_table(call: Call, database: str, name: str) -> Table:
    """Return a table by name; raises ``EntityNotFoundException``."""
    table = find_database(call, database).tables.get(name.lower())
    if table is None:
        raise AwsError("EntityNotFoundException", f"Entity Not Found: Table {name.lower()}")
    return table


def page(name: str, items: list[Any], params: dict[str, Any]) -> dict[str, Any]:
    """Return the requested page, ``{name: …, "NextToken": …}``, with at most 100 items."""
    error = AwsError("InvalidInputException", "The token is not valid.")
    return paging.page(name, items, params.get("NextToken"), params.get("MaxResults", 100), error)
