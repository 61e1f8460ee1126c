"""What Trino and Hive call a type of DuckDB's."""

from __future__ import annotations

from typing import Any

import duckdb

_TRINO = {
    "blob": "varbinary", "float": "real", "hugeint": "bigint", "timestamp": "timestamp(3)",
    "timestamp with time zone": "timestamp(3) with time zone", "ubigint": "bigint", "uinteger": "bigint",
    "usmallint": "integer", "utinyint": "smallint", "interval": "interval day to second",
    '"null"': "unknown",
}  # fmt: skip
_HIVE = {
    "varchar": "string", "integer": "int", "blob": "binary", "hugeint": "bigint", "ubigint": "bigint",
    "uinteger": "bigint", "usmallint": "int", "utinyint": "smallint", "json": "string", "time": "string",
    "timestamp with time zone": "timestamp", "interval": "string", '"null"': "string",
}  # fmt: skip


def trino_name(duckdb_type: str) -> str:
    """As Trino writes it: ``row(a varchar)``, ``array(bigint)``, ``timestamp(3)``."""
    return _trino(duckdb.sqltype(duckdb_type))


def _trino(of: Any) -> str:
    if of.id == "struct":
        return f"row({', '.join(f'{name} {_trino(inner)}' for name, inner in of.children)})"
    if of.id in {"list", "array"}:
        return f"array({_trino(of.children[0][1])})"
    if of.id == "map":
        return f"map({', '.join(_trino(inner) for _, inner in of.children)})"
    if of.id == "decimal":
        return f"decimal({','.join(str(number) for _, number in of.children)})"
    name = str(of).lower()
    return _TRINO.get(name, name)


def hive_name(duckdb_type: str) -> str:
    """As Hive writes it: ``struct<a:string>``, ``array<bigint>``, ``timestamp``."""
    return _hive(duckdb.sqltype(duckdb_type))


def _hive(of: Any) -> str:
    if of.id == "struct":
        return f"struct<{','.join(f'{name}:{_hive(inner)}' for name, inner in of.children)}>"
    if of.id in {"list", "array"}:
        return f"array<{_hive(of.children[0][1])}>"
    if of.id == "map":
        return f"map<{','.join(_hive(inner) for _, inner in of.children)}>"
    if of.id == "decimal":
        return f"decimal({','.join(str(number) for _, number in of.children)})"
    name = str(of).lower()
    return _HIVE.get(name, name)
