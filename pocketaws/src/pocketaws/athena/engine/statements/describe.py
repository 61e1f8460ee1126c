"""``DESCRIBE``: a table's columns, and with ``FORMATTED`` or ``EXTENDED`` all that Glue has of it.

Source: Athena user guide, "DESCRIBE", "DESCRIBE VIEW". Hive writes its columns in widths of twenty.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..failure import UnsupportedStatementError
from ..querying import Answer
from .formats import comment_of
from .hive import Table, find_table
from .reader import Name, Reader
from .show import WIDTH
from .statement import Session, lines, utility
from .views import column_lines

_BLANK = "\t \t "


@dataclass(frozen=True)
class Describe:
    """``how`` is ``FORMATTED``, ``EXTENDED`` or nothing."""

    name: Name
    how: str | None
    kind = utility("DESCRIBE_TABLE", described=True)

    def begin(self, session: Session) -> Answer:
        table = find_table(session, self.name)
        if table.is_view and self.how is None:
            return column_lines(table)
        rows = [*_columns(table, table.columns + table.keys), *_partitioning(table)]
        if self.how == "FORMATTED":
            rows += [*_details(table), *_storage(table)]
        elif self.how == "EXTENDED":
            rows += [_BLANK, f"Detailed Table Information\t{_thrift(table)}\t"]
        return lines("col_name,data_type,comment", rows, counted=False)


def describe(reader: Reader) -> Describe:
    how = reader.take_one("FORMATTED", "EXTENDED")
    name = reader.name(quoted=how is None)
    if reader.sees("PARTITION") or reader.token.kind in {"word", "name"}:
        raise UnsupportedStatementError("DESCRIBE of a partition or of one column")
    reader.end()
    return Describe(name, how)


def _row(*parts: str) -> str:
    return "\t".join(part.ljust(WIDTH) for part in parts)


def _columns(table: Table, columns: list[dict[str, Any]]) -> list[str]:
    keys = {key["Name"] for key in table.keys}
    serde = table.storage.get("SerdeInfo", {}).get("SerializationLibrary", "")
    rows = []
    for column in columns:
        of_key = column["Name"] in keys
        comment = column.get("Comment", "") if of_key else comment_of(column, serde)
        # A tab would begin another column; what is behind it is lost, in Athena too.
        row = _row(column["Name"], column.get("Type", "string"), comment)
        rows.append("\t".join(row.split("\t")[:3]))
    return rows


def _partitioning(table: Table) -> list[str]:
    if not table.keys:
        return []
    heading = _row("# col_name", "data_type", "comment")
    return [
        _BLANK,
        f"# Partition Information{_BLANK}",
        heading,
        _BLANK,
        *_columns(table, table.keys),
    ]


def _pair(name: str, value: str) -> str:
    return f"{_row(name, value)}\t "


def _parameters(parameters: dict[str, str]) -> list[str]:
    return [f"\t{_row(name, value)}" for name, value in parameters.items()]


def _details(table: Table) -> list[str]:
    definition = table.definition
    return [
        _BLANK,
        f"# Detailed Table Information{_BLANK}",
        _pair("Database:", table.database),
        _pair("Owner:", definition.get("Owner", "")),
        _pair("CreateTime:", _moment(definition["CreateTime"])),
        _pair("LastAccessTime:", "UNKNOWN"),
        _pair("Protect Mode:", "None"),
        _pair("Retention:", str(definition.get("Retention", 0))),
        _pair("Location:", table.location),
        _pair("Table Type:", definition["TableType"]),
        f"Table Parameters:{_BLANK}",
        *_parameters(definition.get("Parameters", {})),
    ]


def _moment(moment: datetime) -> str:
    return moment.strftime("%a %b %d %H:%M:%S UTC %Y")


def _storage(table: Table) -> list[str]:
    storage = table.storage
    serde = storage.get("SerdeInfo", {})
    return [
        _BLANK,
        f"# Storage Information{_BLANK}",
        _pair("SerDe Library:", serde.get("SerializationLibrary", "")),
        _pair("InputFormat:", storage.get("InputFormat", "")),
        _pair("OutputFormat:", storage.get("OutputFormat", "")),
        _pair("Compressed:", "Yes" if storage.get("Compressed") else "No"),
        _pair("Num Buckets:", str(storage.get("NumberOfBuckets", 0))),
        _pair("Bucket Columns:", f"[{', '.join(storage.get('BucketColumns', []))}]"),
        _pair("Sort Columns:", "[]"),
        f"Storage Desc Params:{_BLANK}",
        *_parameters(serde.get("Parameters", {})),
    ]


def _thrift(table: Table) -> str:
    """A table as Thrift writes it, on one line."""
    storage, definition = table.storage, table.definition
    serde = storage.get("SerdeInfo", {})
    stored = ", ".join(
        (
            f"cols:{_fields(table.columns)}",
            f"location:{table.location}",
            f"inputFormat:{storage.get('InputFormat')}",
            f"outputFormat:{storage.get('OutputFormat')}",
            f"compressed:{str(storage.get('Compressed', False)).lower()}",
            f"numBuckets:{storage.get('NumberOfBuckets', 0)}",
            f"serdeInfo:SerDeInfo(name:{serde.get('Name', 'null')}",
            f"serializationLib:{serde.get('SerializationLibrary')}",
            f"parameters:{_map(serde.get('Parameters', {}))})",
            "bucketCols:[], sortCols:[]",
            f"parameters:{_map(storage.get('Parameters', {}))}",
            "skewedInfo:SkewedInfo(skewedColNames:[], skewedColValues:[], skewedColValueLocationMaps:{})",
            "storedAsSubDirectories:false",
        )
    )
    made_at = int(definition["CreateTime"].timestamp())
    return (
        f"Table(tableName:{table.name}, dbName:{table.database}, "
        f"owner:{definition.get('Owner', 'null')}, createTime:{made_at}, lastAccessTime:0, "
        f"retention:{definition.get('Retention', 0)}, sd:StorageDescriptor({stored}), "
        f"partitionKeys:{_fields(table.keys)}, parameters:{_map(definition.get('Parameters', {}))}, "
        f"viewOriginalText:{definition.get('ViewOriginalText', 'null')}, "
        f"viewExpandedText:{definition.get('ViewExpandedText', 'null')}, "
        f"tableType:{definition['TableType']})"
    )


def _fields(columns: list[dict[str, Any]]) -> str:
    fields = (
        f"FieldSchema(name:{column['Name']}, type:{column.get('Type', 'string')}, "
        f"comment:{column.get('Comment', 'null')})"
        for column in columns
    )
    return f"[{', '.join(fields)}]"


def _map(values: dict[str, str]) -> str:
    return "{" + ", ".join(f"{key}={value}" for key, value in values.items()) + "}"
