"""Sends statements to Athena the way its console does: start, wait, fetch."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

_SECONDS = 60.0


@dataclass(frozen=True)
class Outcome:
    """A statement's outcome: the execution, and the results if it succeeded."""

    execution: dict[str, Any]
    results: dict[str, Any]

    @property
    def reason(self) -> str:
        assert self.execution["Status"]["State"] == "FAILED", self.execution["Status"]
        return str(self.execution["Status"]["StateChangeReason"])

    @property
    def kind(self) -> tuple[str, str]:
        return self.execution["StatementType"], self.execution["SubstatementType"]

    @property
    def columns(self) -> list[tuple[str, str]]:
        found = self.results["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
        return [(column["Name"], column["Type"]) for column in found]

    @property
    def rows(self) -> list[list[str | None]]:
        assert self.execution["Status"]["State"] == "SUCCEEDED", self.execution["Status"]
        return [
            [datum.get("VarCharValue") for datum in row["Data"]]
            for row in self.results["ResultSet"]["Rows"]
        ]

    @property
    def texts(self) -> list[str | None]:
        """The rows of a statement other than a query: one text each."""
        assert all(len(row) == 1 for row in self.rows)
        return [row[0] for row in self.rows]


class Console:
    """An Athena client that stores all results in one place."""

    def __init__(self, athena: Any, output: str, database: str | None = None) -> None:
        self._athena = athena
        self._output = output
        self.database = database

    def start(self, statement: str) -> str:
        context = {} if self.database is None else {"Database": self.database}
        started = self._athena.start_query_execution(
            QueryString=statement,
            QueryExecutionContext=context,
            ResultConfiguration={"OutputLocation": self._output},
        )
        return str(started["QueryExecutionId"])

    def run(self, statement: str) -> Outcome:
        execution_id = self.start(statement)
        until = time.monotonic() + _SECONDS
        while True:
            found = self._athena.get_query_execution(QueryExecutionId=execution_id)
            execution = found["QueryExecution"]
            if execution["Status"]["State"] not in {"QUEUED", "RUNNING"}:
                break
            assert time.monotonic() < until, execution
            time.sleep(0.05)
        if execution["Status"]["State"] != "SUCCEEDED":
            return Outcome(execution, {})
        return Outcome(execution, self._athena.get_query_results(QueryExecutionId=execution_id))
