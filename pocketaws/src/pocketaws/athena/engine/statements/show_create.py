"""``SHOW CREATE TABLE`` and ``SHOW CREATE VIEW``: a statement that makes the same again.

Source: Athena user guide, "SHOW CREATE TABLE", "SHOW CREATE VIEW"; the layout is Hive's, with the blanks
that it leaves at the ends of lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..querying import Answer
from ..records import LAZY_SIMPLE
from ..view_texts import view_of
from .formats import comment_of
from .hive import Table, find_table, task_failed
from .reader import Name, Reader
from .statement import Session, lines, utility


@dataclass(frozen=True)
class ShowCreateTable:
    """The statement that makes a table, a row for each of its lines."""

    name: Name
    kind = utility("SHOW_CREATE_TABLE", described=True)

    def begin(self, session: Session) -> Answer:
        table = find_table(session, self.name)
        if table.is_view:
            raise task_failed(f"{table.name} is a view: use SHOW CREATE VIEW")
        return lines("createtab_stmt", statement_of(table).split("\n"), counted=False)


def table(reader: Reader) -> ShowCreateTable:
    name = reader.name()
    reader.end()
    return ShowCreateTable(name)


def statement_of(table: Table) -> str:
    """The text of a ``CREATE EXTERNAL TABLE``."""
    storage = table.storage
    serde = storage.get("SerdeInfo", {})
    library = serde.get("SerializationLibrary", LAZY_SIMPLE)
    properties = dict(table.definition.get("Parameters", {}))
    properties.pop("EXTERNAL", None)
    comment = properties.pop("comment", None)
    columns = ", \n".join(_column(each, comment_of(each, library)) for each in table.columns)
    parts = [f"CREATE EXTERNAL TABLE `{table.name}`(\n{columns})"]
    if comment is not None:
        parts.append(f"COMMENT {_text(comment)}")
    if table.keys:
        keys = ", \n".join(_column(each, each.get("Comment", "")) for each in table.keys)
        parts.append(f"PARTITIONED BY ( \n{keys})")
    parts.append(_row_format(library, serde.get("Parameters", {})))
    parts.append(f"STORED AS INPUTFORMAT \n  {_text(storage.get('InputFormat', ''))} ")
    parts.append(f"OUTPUTFORMAT \n  {_text(storage.get('OutputFormat', ''))}")
    parts.append(f"LOCATION\n  {_text(table.location)}")
    parts.append(f"TBLPROPERTIES (\n{_pairs(properties)})")
    return "\n".join(parts)


def _row_format(library: str, parameters: dict[str, str]) -> str:
    given = {key: value for key, value in parameters.items() if key != "serialization.format"}
    delimiter = given.get("field.delim")
    if library == LAZY_SIMPLE and set(given) == {"field.delim"} and delimiter is not None:
        return f"ROW FORMAT DELIMITED \n  FIELDS TERMINATED BY {_text(delimiter)} "
    text = f"ROW FORMAT SERDE \n  {_text(library)} "
    return f"{text}\nWITH SERDEPROPERTIES ( \n{_pairs(given)}) " if given else text


def _column(column: dict[str, Any], comment: str) -> str:
    text = f"  `{column['Name']}` {column.get('Type', 'string')}"
    return f"{text} COMMENT {_text(comment)}" if comment else text


def _pairs(values: dict[str, str]) -> str:
    return ", \n".join(f"  {_text(key)}={_text(value)}" for key, value in values.items())


_WRITTEN = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\u0000", "\x01": "\\u0001"}  # fmt: skip


def _text(value: str) -> str:
    return "'" + "".join(_WRITTEN.get(character, character) for character in value) + "'"


@dataclass(frozen=True)
class ShowCreateView:
    """The statement that makes a view."""

    name: Name
    kind = utility("SHOW_CREATE_VIEW")

    def begin(self, session: Session) -> Answer:
        table = find_table(session, self.name)
        if not table.is_view:
            raise task_failed(f"{table.name} is not a view")
        text = f"CREATE VIEW {table.database}.{table.name} AS\n{view_of(table.definition).sql}"
        return lines("create view", text.split("\n"), kind="varchar")


def view(reader: Reader) -> ShowCreateView:
    name = reader.name(quoted=True)
    reader.end()
    return ShowCreateView(name)
