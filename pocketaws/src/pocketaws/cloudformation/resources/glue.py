"""Glue: databases and tables of the Data Catalog.

Source: CloudFormation template reference, "AWS::Glue::Database", "AWS::Glue::Table".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .handler import ResourceFailed, ResourceType, Work, resource_type

_ABSENT = "EntityNotFoundException"


def _texts(value: Any) -> Any:
    """Convert ``Parameters`` maps to text; a template can also contain ``true`` or ``1``."""
    if isinstance(value, list):
        return [_texts(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: {name: _scalar(each) for name, each in item.items()}
        if key == "Parameters" and isinstance(item, dict)
        else _texts(item)
        for key, item in value.items()
    }


def _scalar(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@resource_type("AWS::Glue::Database")
class Database(ResourceType):
    """A database; its ID is its name."""

    supported = frozenset({"CatalogId", "DatabaseInput", "DatabaseName"})
    updatable = frozenset({"DatabaseInput"})
    create_seconds = 2.0

    def create(self, work: Work) -> None:
        given = dict(work.properties["DatabaseInput"])
        name = (
            given.get("Name") or work.properties.get("DatabaseName") or work.name(255, lower=True)
        )
        work.call(
            "glue", "CreateDatabase",
            CatalogId=work.properties["CatalogId"], DatabaseInput=_texts({**given, "Name": name}),
        )  # fmt: skip
        work.identify(name)

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        _refuse_new_name(work.properties["DatabaseInput"], before["DatabaseInput"])
        given = {**work.properties["DatabaseInput"], "Name": work.physical_id}
        work.call("glue", "UpdateDatabase", **self._which(work), DatabaseInput=_texts(given))

    def _which(self, work: Work) -> dict[str, str]:
        return {"CatalogId": work.properties["CatalogId"], "Name": work.physical_id}

    def delete(self, work: Work) -> None:
        work.delete_if_exists("glue", "DeleteDatabase", _ABSENT, **self._which(work))

    def gone(self, work: Work) -> bool:
        return not work.exists("glue", "GetDatabase", _ABSENT, **self._which(work))


@resource_type("AWS::Glue::Table")
class Table(ResourceType):
    """A table; its ID is its name."""

    supported = frozenset({"CatalogId", "DatabaseName", "Name", "TableInput"})
    updatable = frozenset({"TableInput"})
    create_seconds = 2.0

    def create(self, work: Work) -> None:
        given = dict(work.properties.get("TableInput") or {})
        name = given.get("Name") or work.properties.get("Name") or work.name(255, lower=True)
        work.call(
            "glue",
            "CreateTable",
            **self._database(work),
            TableInput=_texts({**given, "Name": name}),
        )
        work.identify(name)

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        _refuse_new_name(work.properties["TableInput"], before["TableInput"])
        given = {**work.properties["TableInput"], "Name": work.physical_id}
        work.call("glue", "UpdateTable", **self._database(work), TableInput=_texts(given))

    def _database(self, work: Work) -> dict[str, str]:
        return {name: work.properties[name] for name in ("CatalogId", "DatabaseName")}

    def delete(self, work: Work) -> None:
        work.delete_if_exists(
            "glue", "DeleteTable", _ABSENT, **self._database(work), Name=work.physical_id
        )

    def gone(self, work: Work) -> bool:
        return not work.exists(
            "glue", "GetTable", _ABSENT, **self._database(work), Name=work.physical_id
        )


def _refuse_new_name(wanted: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    if wanted.get("Name") != before.get("Name"):
        raise ResourceFailed("A new Name replaces the resource, which pocketaws doesn't emulate")
