"""The errors that make a query fail.

Source: Athena user guide, "Athena error catalog"; the error type of each engine error is as
observed on Athena.
"""

from __future__ import annotations

USER_ERROR = 2
_GENERAL = 1000
_TYPES = {
    "COLUMN_NOT_FOUND": 1006, "SYNTAX_ERROR": 1006, "DIVISION_BY_ZERO": 1001, "TYPE_MISMATCH": 1002,
    "INVALID_CAST_ARGUMENT": 1100, "NUMERIC_VALUE_OUT_OF_RANGE": 1100, "INVALID_TABLE_PROPERTY": 1103,
    "INVALID_FUNCTION_ARGUMENT": 1106, "INVALID_VIEW": 1107, "TABLE_ALREADY_EXISTS": 1110,
    "NOT_SUPPORTED": 1200, "TABLE_NOT_FOUND": 1301, "SCHEMA_NOT_FOUND": 1301, "FUNCTION_NOT_FOUND": 1303,
    "Permission denied on S3 path": 1501, "Insufficient permissions to execute the query. User": 1500,
}  # fmt: skip


class MalformedQueryError(ValueError):
    """The text isn't an Athena statement; Athena rejects it without running it."""


class UnsupportedStatementError(ValueError):
    """An Athena statement that this emulator doesn't support; the message names it."""


class QueryError(Exception):
    """A query that fails while it runs. ``reason`` is Athena's state change reason.

    ``error_type`` defaults to the type that matches the start of the reason.
    """

    def __init__(
        self, reason: str, category: int = USER_ERROR, error_type: int | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.category = category
        self.error_type = error_type or _TYPES.get(reason.partition(":")[0], _GENERAL)
