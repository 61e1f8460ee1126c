"""Solves the exercise with nothing but the attendee role's credentials, as the handout teaches it.

It proves that the exercise can be solved, and is not part of what is installed.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from labkit.aws import Account, explain_errors
from labkit.errors import CloudError
from labkit.model import Lab

Answers = dict[str, list[str]]
Record = dict[str, Any]
T = TypeVar("T")

_FINDING = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS"
_LINE = re.compile(r"\[\d+\]: (?P<command>.*) \[\d+\]$")
_TRIES = 40
_PAUSE_SECONDS = 0.25


def solve(attendee: Account, lab: Lab) -> Answers:
    """The right answers, by task."""
    found = _Investigation(attendee, lab)
    return {
        "instance": [found.server],
        "command": [found.command("/security-credentials/labkit-")],
        "access_key": [found.outside[0]["userIdentity"]["accessKeyId"]],
        "outside_address": [found.outside[0]["sourceIPAddress"]],
        "denied_calls": [r["eventName"] for r in found.outside if "errorCode" in r],
        "object_read": [found.objects("GetObject")[0]],
    }


def miss(attendee: Account, lab: Lab) -> Answers:
    """Answers that look right to somebody who stopped looking too early, by task."""
    found = _Investigation(attendee, lab)
    other = next(s.instance_id for s in lab.instances if s.instance_id != found.server)
    by_agent = found.calls_of(other)[0]
    read = set(found.objects("GetObject"))
    return {
        "instance": [other],
        "command": [found.command("/api/token")],
        "access_key": [by_agent["userIdentity"]["accessKeyId"]],
        "outside_address": [found.own_address],
        "denied_calls": [r["eventName"] for r in found.outside],  # whether refused or not
        "object_read": [next(key for key in found.objects("PutObject") if key not in read)],
    }


class _Investigation:
    """The handout's steps."""

    def __init__(self, attendee: Account, lab: Lab) -> None:
        self._client: Callable[[str], Any] = attendee.client
        self._lab = lab
        self.server = _patiently("finding", self._alerted)
        calls = self.calls_of(self.server)
        self.own_address = next(
            r["sourceIPAddress"] for r in calls if r["eventName"] == "UpdateInstanceInformation"
        )
        self.outside = [r for r in calls if r["sourceIPAddress"] != self.own_address]

    def _alerted(self) -> str | None:
        """The server of the lab in a session's name; a neighbour in the account may have been hit as well."""
        guardduty = self._client("guardduty")
        with explain_errors("reading the findings"):
            detector = guardduty.list_detectors()["DetectorIds"][0]
            ids = guardduty.list_findings(DetectorId=detector)["FindingIds"]
            found = (
                guardduty.get_findings(DetectorId=detector, FindingIds=ids)["Findings"]
                if ids
                else []
            )
        for finding in found:
            principal = finding["Resource"].get("AccessKeyDetails", {}).get("PrincipalId", "")
            for server in self._lab.instances:
                if finding["Type"] == _FINDING and principal.endswith(f":{server.instance_id}"):
                    return server.instance_id
        return None

    def command(self, part: str) -> str:
        """The line in the server's command log that has this in it."""

        def search() -> str | None:
            with explain_errors("searching the command log"):
                pages = self._client("logs").get_paginator("filter_log_events")
                for page in pages.paginate(
                    logGroupName=f"{self.server}-commands-log", filterPattern=f'"{part}"'
                ):
                    for event in page["events"]:
                        if line := _LINE.search(event["message"]):
                            return line["command"]
            return None

        return _patiently("line in the command log", search)

    def calls_of(self, server: str) -> list[Record]:
        """What event history has of a server's session, the oldest first."""

        def look_up() -> list[Record] | None:
            by_name = {"AttributeKey": "Username", "AttributeValue": server}
            with explain_errors("looking up events"):
                pages = self._client("cloudtrail").get_paginator("lookup_events")
                events = [
                    e for p in pages.paginate(LookupAttributes=[by_name]) for e in p["Events"]
                ]
            return [json.loads(event["CloudTrailEvent"]) for event in reversed(events)]

        return _patiently("event in the history", look_up)

    def objects(self, call: str) -> list[str]:
        """The keys of the objects that a saved query finds for this call."""

        def query() -> list[str] | None:
            return [
                json.loads(row["requestparameters"])["key"]
                for row in self._rows(self._saved("objects of the bucket"))
                if row["eventname"] == call
            ]

        return _patiently("data event in the trail", query)

    def _saved(self, title: str) -> str:
        athena = self._client("athena")
        with explain_errors("reading the saved queries"):
            ids = athena.list_named_queries(WorkGroup=self._lab.athena_workgroup)["NamedQueryIds"]
            found = athena.batch_get_named_query(NamedQueryIds=ids)["NamedQueries"]
        return str(next(q["QueryString"] for q in found if title in q["Name"]))

    def _rows(self, question: str) -> Iterator[dict[str, str]]:
        athena = self._client("athena")
        with explain_errors("querying the trail"):
            execution = athena.start_query_execution(
                QueryString=question,
                QueryExecutionContext={"Database": self._lab.athena_database},
                WorkGroup=self._lab.athena_workgroup,
            )["QueryExecutionId"]

            def ended() -> str | None:
                state = athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"][
                    "Status"
                ]
                if state["State"] in {"FAILED", "CANCELLED"}:
                    raise CloudError(f"The query failed: {state}", "Look at it in Athena.")
                return execution if state["State"] == "SUCCEEDED" else None

            done = _patiently("end of the query", ended)
            rows = athena.get_query_results(QueryExecutionId=done)["ResultSet"]["Rows"]
        head, *body = [[cell.get("VarCharValue", "") for cell in row["Data"]] for row in rows]
        return (dict(zip(head, row, strict=True)) for row in body)


def _patiently(what: str, look: Callable[[], T | None]) -> T:
    """What a look finds, which may take its time."""
    for _ in range(_TRIES):
        found = look()
        if found:
            return found
        time.sleep(_PAUSE_SECONDS)
    raise CloudError(f"There is no {what}.", "Has the incident been made to happen?")
