"""Table file formats: what ``ROW FORMAT`` and ``STORED AS`` mean to Glue.

Source: Athena user guide, "CREATE TABLE" (row and file formats), "Lazy Simple SerDe for CSV, TSV,
and custom-delimited files", "Choose a SerDe for your data"; the class names and parameters are
Hive's.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..records import LAZY_SIMPLE

_IO = "org.apache.hadoop.hive.ql.io"


@dataclass(frozen=True)
class FileFormat:
    """The Hive classes that read and write a format; ``serde`` is set if it has its own."""

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

# The clauses of ROW FORMAT DELIMITED in order, with LazySimpleSerDe's parameter names ("colelction"
# is Hive's own typo).
DELIMITERS = (
    (("FIELDS", "TERMINATED", "BY"), "field.delim"),
    (("ESCAPED", "BY"), "escape.delim"),
    (("COLLECTION", "ITEMS", "TERMINATED", "BY"), "colelction.delim"),
    (("MAP", "KEYS", "TERMINATED", "BY"), "mapkey.delim"),
    (("LINES", "TERMINATED", "BY"), "line.delim"),
    (("NULL", "DEFINED", "AS"), "serialization.null.format"),
)

# SerDes whose columns come from the metastore. For all others, Hive reports "from deserializer".
_METASTORE_COLUMNS = {
    LAZY_SIMPLE,
    f"{_IO}.orc.OrcSerde",
    f"{_IO}.parquet.serde.ParquetHiveSerDe",
    "org.apache.hadoop.hive.serde2.columnar.ColumnarSerDe",
    "org.apache.hadoop.hive.serde2.columnar.LazyBinaryColumnarSerDe",
    "org.apache.hadoop.hive.serde2.lazybinary.LazyBinarySerDe",
    "org.apache.hadoop.hive.serde2.MetadataTypedColumnsetSerDe",
}


def comment_of(column: dict[str, str], serde: str) -> str:
    """The column comment that Hive shows."""
    default = "" if serde in _METASTORE_COLUMNS else "from deserializer"
    return column.get("Comment") or default
