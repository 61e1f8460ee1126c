"""The formats of tables' files: what ``ROW FORMAT`` and ``STORED AS`` mean to Glue.

Source: Athena user guide, "CREATE TABLE" (row and file formats), "Lazy Simple SerDe for CSV, TSV, and
custom-delimited files", "Choose a SerDe for your data"; the class names and parameters are Hive's.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..records import LAZY_SIMPLE

_IO = "org.apache.hadoop.hive.ql.io"


@dataclass(frozen=True)
class FileFormat:
    """Hive's classes that read and write files; ``serde`` where the format has one of its own."""

    input: str
    output: str
    serde: str | None = None


TEXT = FileFormat(
    "org.apache.hadoop.mapred.TextInputFormat", f"{_IO}.HiveIgnoreKeyTextOutputFormat"
)
NAMED = {
    "TEXTFILE": TEXT,
    "SEQUENCEFILE": FileFormat(
        "org.apache.hadoop.mapred.SequenceFileInputFormat", f"{_IO}.HiveSequenceFileOutputFormat"
    ),
    "RCFILE": FileFormat(
        f"{_IO}.RCFileInputFormat", f"{_IO}.RCFileOutputFormat",
        "org.apache.hadoop.hive.serde2.columnar.LazyBinaryColumnarSerDe",
    ),
    "ORC": FileFormat(
        f"{_IO}.orc.OrcInputFormat", f"{_IO}.orc.OrcOutputFormat", f"{_IO}.orc.OrcSerde"
    ),
    "PARQUET": FileFormat(
        f"{_IO}.parquet.MapredParquetInputFormat", f"{_IO}.parquet.MapredParquetOutputFormat",
        f"{_IO}.parquet.serde.ParquetHiveSerDe",
    ),
    "AVRO": FileFormat(
        f"{_IO}.avro.AvroContainerInputFormat", f"{_IO}.avro.AvroContainerOutputFormat",
        "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
    ),
}  # fmt: skip

# The clauses of ROW FORMAT DELIMITED, in their order, and what LazySimpleSerDe calls them ("colelction" is
# Hive's own spelling).
DELIMITERS = (
    (("FIELDS", "TERMINATED", "BY"), "field.delim"),
    (("ESCAPED", "BY"), "escape.delim"),
    (("COLLECTION", "ITEMS", "TERMINATED", "BY"), "colelction.delim"),
    (("MAP", "KEYS", "TERMINATED", "BY"), "mapkey.delim"),
    (("LINES", "TERMINATED", "BY"), "line.delim"),
    (("NULL", "DEFINED", "AS"), "serialization.null.format"),
)

# SerDes that take a table's columns from the metastore; of the others Hive says that columns come from them.
_KNOWS_NO_COLUMNS = {
    LAZY_SIMPLE,
    f"{_IO}.orc.OrcSerde",
    f"{_IO}.parquet.serde.ParquetHiveSerDe",
    "org.apache.hadoop.hive.serde2.columnar.ColumnarSerDe",
    "org.apache.hadoop.hive.serde2.columnar.LazyBinaryColumnarSerDe",
    "org.apache.hadoop.hive.serde2.lazybinary.LazyBinarySerDe",
    "org.apache.hadoop.hive.serde2.MetadataTypedColumnsetSerDe",
}


def comment_of(column: dict[str, str], serde: str) -> str:
    """A column's comment as Hive tells it."""
    default = "" if serde in _KNOWS_NO_COLUMNS else "from deserializer"
    return column.get("Comment") or default
