"""What Glue keeps of a view: the query, and the names and types of its columns, as JSON in a comment.

The form is that of the Hive connector of Trino, which Athena writes and reads (``ViewOriginalText`` is
``/* Presto View: <base64> */``).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

from .failure import QueryError

_FORM = re.compile(r"\s*/\*\s*Presto View:\s*([A-Za-z0-9+/=\s]+?)\s*\*/\s*")
CATALOG = "awsdatacatalog"


@dataclass(frozen=True)
class View:
    """A view's query, the database in which its names are looked up, and its columns' names and types."""

    sql: str
    database: str
    columns: tuple[tuple[str, str], ...]

    @property
    def original_text(self) -> str:
        """For Glue's ``ViewOriginalText``."""
        body = {
            "originalSql": self.sql,
            "catalog": CATALOG,
            "schema": self.database,
            "columns": [{"name": name, "type": kind} for name, kind in self.columns],
        }
        encoded = base64.b64encode(json.dumps(body).encode()).decode()
        return f"/* Presto View: {encoded} */"


def view_of(definition: dict[str, Any]) -> View:
    """The view that a table of Glue's is; raises ``QueryError`` for one that cannot be read."""
    name = f"{definition.get('DatabaseName', '')}.{definition.get('Name', '')}"
    match = _FORM.fullmatch(definition.get("ViewOriginalText") or "")
    if match is None:
        raise QueryError(f"INVALID_VIEW: Invalid view: {name}")
    try:
        body = json.loads(base64.b64decode(match[1], validate=False))
        columns = tuple((str(each["name"]), str(each["type"])) for each in body["columns"])
        return View(str(body["originalSql"]), str(body["schema"]).lower(), columns)
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise QueryError(f"INVALID_VIEW: Invalid view: {name}") from error
