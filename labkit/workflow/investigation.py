"""What a scripted attendee can look up: findings, logs, event history, and queries of the trail.

The solvers in ``checks/<scenario>/solver`` use it. It calls only AWS, and only with the attendee role, so an attendee
can find everything that it finds.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any, TypeVar

from labkit.aws import Account, explain_errors
from labkit.errors import CloudError
from labkit.model import Lab

Answers = dict[str, list[str]]
"""The values of each task's answer, by the task's name."""
Record = dict[str, Any]
Row = dict[str, str]
Found = TypeVar("Found")

_COMMAND_LINE = re.compile(r"\[\d+\]: (?P<command>.*) \[\d+\]$")
_TRIES = 40
_PAUSE_SECONDS = 0.25


class Investigation:
    """One seat's lab, as its attendee sees it.

    Records reach the logs with a delay, so each lookup retries for about ten seconds before it raises ``CloudError``.
    """

    def __init__(
        self, attendee: Account, lab: Lab, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.lab = lab
        self._client: Callable[[str], Any] = attendee.client
        self._sleep = sleep

    def findings(self, kind: str) -> list[Record]:
        """GuardDuty's findings of a type."""

        def look() -> list[Record]:
            guardduty = self._client("guardduty")
            with explain_errors("reading the findings"):
                detector = guardduty.list_detectors()["DetectorIds"][0]
                ids = guardduty.list_findings(DetectorId=detector)["FindingIds"]
                if not ids:
                    return []
                found = guardduty.get_findings(DetectorId=detector, FindingIds=ids)["Findings"]
            return [finding for finding in found if finding["Type"] == kind]

        return self.retry("finding", look)

    def commands(self, part: str, *servers: str) -> list[str]:
        """The commands that contain ``part`` in the command logs of these servers, or of all."""
        wanted = servers or tuple(server.instance_id for server in self.lab.instances)

        def look() -> list[str]:
            messages = (
                m for server in wanted for m in self._search(f"{server}-commands-log", part)
            )
            return [line["command"] for m in messages if (line := _COMMAND_LINE.search(m))]

        return self.retry(f"command with {part}", look)

    def flow_lines(self, text: str) -> list[str]:
        """The lines of the flow log that contain ``text``."""
        return self.retry(
            f"flow log line with {text}", lambda: self._search(self.lab.flow_log_group, text)
        )

    def _search(self, group: str, text: str) -> list[str]:
        with explain_errors(f"searching {group}"):
            pages = self._client("logs").get_paginator("filter_log_events")
            found = pages.paginate(logGroupName=group, filterPattern=f'"{text}"')
            return [event["message"] for page in found for event in page["events"]]

    def events(self, attribute: str, value: str) -> list[Record]:
        """The records that event history lists under an attribute such as ``Username``, oldest first."""

        def look() -> list[Record]:
            lookup = [{"AttributeKey": attribute, "AttributeValue": value}]
            with explain_errors("looking up events"):
                pages = self._client("cloudtrail").get_paginator("lookup_events")
                found = [
                    e for page in pages.paginate(LookupAttributes=lookup) for e in page["Events"]
                ]
            return [json.loads(event["CloudTrailEvent"]) for event in reversed(found)]

        return self.retry("event in the history", look)

    def saved_query(self, title: str) -> str:
        """The text of the work group's saved query whose name contains ``title``."""
        athena = self._client("athena")
        with explain_errors("reading the saved queries"):
            ids = athena.list_named_queries(WorkGroup=self.lab.athena_workgroup)["NamedQueryIds"]
            found = athena.batch_get_named_query(NamedQueryIds=ids)["NamedQueries"]
        return str(next(query["QueryString"] for query in found if title in query["Name"]))

    def query(self, question: str, wanted: Callable[[Row], bool] = lambda _row: True) -> list[Row]:
        """The rows that Athena returns for ``question`` and ``wanted`` accepts, each by column."""
        return self.retry("row", lambda: [row for row in self._rows(question) if wanted(row)])

    def _rows(self, question: str) -> list[Row]:
        athena = self._client("athena")
        with explain_errors("querying the trail"):
            execution = athena.start_query_execution(
                QueryString=question,
                QueryExecutionContext={"Database": self.lab.athena_database},
                WorkGroup=self.lab.athena_workgroup,
            )["QueryExecutionId"]

            def has_ended() -> bool:
                answer = athena.get_query_execution(QueryExecutionId=execution)
                state = answer["QueryExecution"]["Status"]
                if state["State"] in {"FAILED", "CANCELLED"}:
                    raise CloudError(f"The query failed: {state}", "Look at it in Athena.")
                return bool(state["State"] == "SUCCEEDED")

            self.retry("end of the query", has_ended)
            rows = athena.get_query_results(QueryExecutionId=execution)["ResultSet"]["Rows"]
        head, *body = [[cell.get("VarCharValue", "") for cell in row["Data"]] for row in rows]
        return [dict(zip(head, row, strict=True)) for row in body]

    def retry(self, what: str, look: Callable[[], Found | None]) -> Found:
        """Call ``look`` until it returns something; raises ``CloudError`` if it never does."""
        for _ in range(_TRIES):
            if found := look():
                return found
            self._sleep(_PAUSE_SECONDS)
        raise CloudError(f"There is no {what}.", "Run 'labkit simulate' first.")
