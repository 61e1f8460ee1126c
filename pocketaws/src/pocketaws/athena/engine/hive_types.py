"""Hive types as Glue tables write them, with their names in DuckDB and in Athena's results.

Source: Athena user guide, "Data types in Amazon Athena".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .failure import QueryError

_PRIMITIVES = {
    "string": "VARCHAR", "varchar": "VARCHAR", "char": "VARCHAR", "boolean": "BOOLEAN",
    "tinyint": "TINYINT", "smallint": "SMALLINT", "int": "INTEGER", "integer": "INTEGER",
    "bigint": "BIGINT", "float": "FLOAT", "double": "DOUBLE", "decimal": "DECIMAL",
    "date": "DATE", "timestamp": "TIMESTAMP", "binary": "BLOB",
}  # fmt: skip
_TOKEN = re.compile(r"\s*([<>,:()]|[^<>,:()\s]+)")


@dataclass(frozen=True)
class HiveType:
    """A type; ``kind`` is ``primitive``, ``array``, ``map``, or ``struct``."""

    kind: str
    name: str = ""
    """For a primitive, DuckDB's name including the precision."""
    inner: tuple[HiveType, ...] = ()
    """The element type, the key and value types, or the field types."""
    fields: tuple[str, ...] = ()

    @property
    def duckdb(self) -> str:
        """The type in DuckDB's syntax."""
        if self.kind == "array":
            return f"{self.inner[0].duckdb}[]"
        if self.kind == "map":
            return f"MAP({self.inner[0].duckdb}, {self.inner[1].duckdb})"
        if self.kind == "struct":
            parts = zip(self.fields, self.inner, strict=True)
            return f"STRUCT({', '.join(f'{quoted(name)} {of.duckdb}' for name, of in parts)})"
        return self.name


def quoted(name: str) -> str:
    """Quote a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def parse_type(text: str) -> HiveType:
    """Parse a Hive type; raises ``QueryError`` if it's invalid."""
    tokens = _TOKEN.findall(text)
    found, rest = _type(tokens, text)
    if rest:
        raise _broken(text)
    return found


def _broken(text: str) -> QueryError:
    return QueryError(f"HIVE_INVALID_METADATA: Glue table column type is not valid: {text}")


def _type(tokens: list[str], text: str) -> tuple[HiveType, list[str]]:
    if not tokens:
        raise _broken(text)
    name, rest = tokens[0].lower(), tokens[1:]
    if name in {"array", "map"}:
        inner, rest = _inner(rest, text)
        if len(inner) != (1 if name == "array" else 2):
            raise _broken(text)
        return HiveType(name, inner=tuple(inner)), rest
    if name in {"struct", "row"}:
        return _struct(rest, text)
    if name not in _PRIMITIVES:
        raise _broken(text)
    arguments: list[str] = []
    if rest[:1] == ["("]:
        end = rest.index(")") if ")" in rest else len(rest)
        arguments, rest = [part for part in rest[1:end] if part != ","], rest[end + 1 :]
    spelling = _PRIMITIVES[name]
    if name == "decimal":
        spelling = f"DECIMAL({', '.join(arguments or ['10', '0'])})"
    return HiveType("primitive", spelling), rest


def _inner(tokens: list[str], text: str) -> tuple[list[HiveType], list[str]]:
    if tokens[:1] != ["<"]:
        raise _broken(text)
    found: list[HiveType] = []
    rest = tokens
    while rest[:1] in (["<"], [","]):
        each, rest = _type(rest[1:], text)
        found.append(each)
    if rest[:1] != [">"]:
        raise _broken(text)
    return found, rest[1:]


def _struct(tokens: list[str], text: str) -> tuple[HiveType, list[str]]:
    if tokens[:1] != ["<"]:
        raise _broken(text)
    names: list[str] = []
    inner: list[HiveType] = []
    rest = tokens
    while rest[:1] in (["<"], [","]):
        if len(rest) < 4 or rest[2] != ":":
            raise _broken(text)
        names.append(rest[1].lower())
        each, rest = _type(rest[3:], text)
        inner.append(each)
    if rest[:1] != [">"]:
        raise _broken(text)
    return HiveType("struct", inner=tuple(inner), fields=tuple(names)), rest[1:]
