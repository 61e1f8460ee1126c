"""Query results: pages of rows, and the result file in S3.

Source: Athena API reference, "GetQueryResults" (the first row of the first page names the columns);
user guide, "Work with query results and recent queries" (a query's file quotes every value; the
file of any other statement contains plain lines).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..registry import operation
from .glue import PRINCIPAL
from .store import Column, Result, Row, find_done, invalid, page

if TYPE_CHECKING:
    from ..gateway.call import Call
    from ..identity.caller import Caller
    from ..world import World

_MOST = 1000
# Type -> precision and scale, as Athena reports them.
_PRECISIONS = {
    "varchar": (2147483647, 0), "bigint": (19, 0), "integer": (10, 0), "smallint": (5, 0),
    "tinyint": (3, 0), "double": (17, 0), "float": (17, 0), "timestamp": (3, 0),
    "timestamp with time zone": (3, 0), "varbinary": (1073741824, 0), "decimal": (38, 18),
}  # fmt: skip


@operation("athena", "GetQueryResults")
def get_query_results(call: Call) -> dict[str, Any]:
    """Return a page of rows; raises ``InvalidRequestException`` if the query didn't succeed."""
    execution = find_done(call)
    if execution.state == "CANCELLED":
        raise invalid("Could not find results", "RESULT_NOT_FOUND")
    if execution.state == "FAILED":
        message = f"Query did not finish successfully. Final query state: {execution.state}"
        raise invalid(message, "INVALID_QUERY_EXECUTION_STATE")
    if execution.state != "SUCCEEDED":
        message = f"Query has not yet finished. Current state: {execution.state}"
        raise invalid(message, "INVALID_QUERY_EXECUTION_STATE")
    result = execution.result
    if result is None:
        raise invalid("The results of the query have expired.")
    rows = list(result.rows)
    if result.has_header:
        rows.insert(0, tuple(column.name for column in result.columns))
    found = page("Rows", rows, call.params, _MOST)
    answer: dict[str, Any] = {
        "ResultSet": {
            "Rows": [_row(row) for row in found["Rows"]],
            "ResultSetMetadata": {"ColumnInfo": [_column(each) for each in result.columns]},
        },
    }
    if result.update_count is not None:
        answer["UpdateCount"] = result.update_count
    if "NextToken" in found:
        answer["NextToken"] = found["NextToken"]
    return answer


@operation("athena", "GetQueryRuntimeStatistics")
def get_query_runtime_statistics(call: Call) -> dict[str, Any]:
    """Return how much a query read and how many rows it returned."""
    execution = find_done(call)
    rows = execution.result.rows if execution.result else ()
    return {
        "QueryRuntimeStatistics": {
            "Timeline": {"EngineExecutionTimeInMillis": execution.engine_millis},
            "Rows": {
                "InputRows": execution.input_rows,
                "InputBytes": execution.scanned_bytes,
                "OutputRows": len(rows),
                "OutputBytes": sum(len(value or "") for row in rows for value in row),
            },
        }
    }


def _row(row: Row) -> dict[str, Any]:
    return {"Data": [{} if value is None else {"VarCharValue": value} for value in row]}


def _column(column: Column) -> dict[str, Any]:
    precision, scale = _PRECISIONS.get(column.type, (0, 0))
    if column.precision is not None:
        precision = column.precision
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": column.name,
        "Label": column.name,
        "Type": column.type,
        "Precision": precision,
        "Scale": scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": column.type == "varchar" and precision > 0,
    }


def write_file(
    world: World, caller: Caller, region: str, location: str, body: str, content_type: str
) -> None:
    """Write the result file to S3 as the caller; raises ``AwsError``."""
    bucket, _, key = location.removeprefix("s3://").partition("/")
    world.call(
        caller.through(PRINCIPAL), "s3", "PutObject", region,
        Bucket=bucket, Key=key, Body=body.encode(), ContentType=content_type,
    )  # fmt: skip


def as_csv(result: Result) -> str:
    """A query's result as CSV with a header and every value quoted."""
    rows = [tuple(column.name for column in result.columns), *result.rows]
    return "".join(map(_line, rows))


def as_text(result: Result) -> str:
    """The result of any other statement: tab-separated rows without a final newline."""
    rows = list(result.rows)
    if result.has_header:
        rows.insert(0, tuple(column.name for column in result.columns))
    return "\n".join("\t".join(value or "" for value in row) for row in rows)


def _line(row: Row) -> str:
    quoted = ("" if value is None else '"' + value.replace('"', '""') + '"' for value in row)
    return ",".join(quoted) + "\n"
