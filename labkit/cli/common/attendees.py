"""The demo's attendees: scripts that work only with the attendee role's credentials and AWS's APIs.

Three parts, taken in turn: one solves everything as the exercise teaches it, one submits plausible wrong
answers, one does nothing.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from labkit.aws import Account, explain_errors
from labkit.errors import CloudError
from labkit.model import Lab

Answers = dict[str, list[str]]

_LINE = re.compile(r"^\S+ +\d+ [\d:]+ \S+ \S+ \S+ \[\d+\]: (?P<command>.*) \[\d+\]$")
_TRIES = 40
_PAUSE_SECONDS = 0.25


class Part(StrEnum):
    """What a scripted attendee is like."""

    SOLVES = "solves everything"
    ERRS = "submits plausible wrong answers"
    RESTS = "does nothing"


PARTS = tuple(Part)


@dataclass(frozen=True, slots=True)
class Alert:
    """What the finding tells."""

    instance_id: str
    address: str
    interface_id: str
    private_address: str


@dataclass(frozen=True, slots=True)
class Flow:
    """The fields of a flow-log line that a person looks at."""

    source: str
    destination: str
    source_port: str
    destination_port: str
    packets: int
    bytes: int
    start: int
    action: str


def play(part: Part, account: Account, lab: Lab) -> Answers:
    """What an attendee of this part answers, by task."""
    if part is Part.RESTS:
        return {}
    investigation = _Investigation(account, lab)
    return investigation.solve() if part is Part.SOLVES else investigation.err()


class _Investigation:
    """The exercise's steps."""

    def __init__(self, account: Account, lab: Lab) -> None:
        self._client: Callable[[str], Any] = account.client
        self._lab = lab

    def solve(self) -> Answers:
        """From the alert to the command, the addresses and the API calls."""
        alert = self._alert()
        return {
            "instance": [alert.instance_id],
            "command": [self._command(alert)],
            "callout_address": [alert.address],
            "operator_address": [self._operator(alert)],
            "api_events": self._changes(alert),
            "trail_query": self._sender(alert),
        }

    def err(self) -> Answers:
        """Near misses: each looks right to somebody who stopped looking too early."""
        alert = self._alert()
        flows = list(self._flows(alert.interface_id))
        incoming = [flow for flow in flows if flow.destination == alert.private_address]
        clocks = [flow.source for flow in incoming if flow.source_port == "123"]
        scanners = [flow.source for flow in incoming if flow.action == "REJECT"]
        return {
            "instance": [self._another_instance(alert.instance_id)],
            "command": [f"curl {alert.address}"],
            "callout_address": [clocks[0]],
            "operator_address": [scanners[0]],
            "api_events": ["RunInstances", "DescribeInstances"],
            "trail_query": ["incident-response", scanners[0]],
        }

    def _alert(self) -> Alert:
        guardduty = self._client("guardduty")
        for _ in range(_TRIES):
            with explain_errors("reading the findings"):
                detector = guardduty.list_detectors()["DetectorIds"][0]
                ids = guardduty.list_findings(DetectorId=detector)["FindingIds"]
                found = (
                    guardduty.get_findings(DetectorId=detector, FindingIds=ids)["Findings"]
                    if ids
                    else []
                )
            for finding in found:
                if finding["Type"] == "UnauthorizedAccess:EC2/MaliciousIPCaller.Custom":
                    return _read_finding(finding)
            time.sleep(_PAUSE_SECONDS)
        raise CloudError("There is no finding.", "Has the incident been made to happen?")

    def _command(self, alert: Alert) -> str:
        """The line of the command log that has the address in it."""
        for message in self._search(f"{alert.instance_id}-commands-log", f'"{alert.address}"'):
            match = _LINE.match(message)
            if match:
                return match["command"]
        raise CloudError("No command in the log names the address.", "Has it been delivered?")

    def _operator(self, alert: Alert) -> str:
        """Who connected just before: the login with real traffic around the callout."""
        flows = list(self._flows(alert.interface_id))
        called = max(flow.start for flow in flows if flow.destination == alert.address)
        traffic: dict[str, int] = defaultdict(int)
        for flow in flows:
            if flow.action == "ACCEPT" and flow.start <= called:
                if flow.destination_port == "22":
                    traffic[flow.source] += flow.bytes
                elif flow.source_port == "22":
                    traffic[flow.destination] += flow.bytes
        return max(traffic.items(), key=lambda pair: pair[1])[0]

    def _changes(self, alert: Alert) -> list[str]:
        """What event history lists under the server that did not only read."""
        with explain_errors("looking up events"):
            pages = (
                self._client("cloudtrail")
                .get_paginator("lookup_events")
                .paginate(
                    LookupAttributes=[
                        {"AttributeKey": "ResourceName", "AttributeValue": alert.instance_id}
                    ]
                )
            )
            events = [event for page in pages for event in page["Events"]]
        return sorted({event["EventName"] for event in events if event["ReadOnly"] == "false"})

    def _sender(self, alert: Alert) -> list[str]:
        """By Athena: the session that sent the key to the server, and from which address."""
        question = (
            f'SELECT useridentity.arn, sourceipaddress FROM "{self._lab.athena_table}" '  # noqa: S608 - an id of AWS's
            "WHERE eventname = 'SendSSHPublicKey' AND errorcode IS NULL "
            f"AND requestparameters LIKE '%{alert.instance_id}%'"
        )
        for _ in range(_TRIES):
            rows = self._query(question)
            if rows:
                arn, address = rows[0]
                return [arn.rpartition("/")[2], address]
            time.sleep(_PAUSE_SECONDS)
        raise CloudError("The trail shows no key being sent.", "Has it been delivered?")

    def _query(self, question: str) -> list[list[str]]:
        athena = self._client("athena")
        with explain_errors("querying the trail"):
            started = athena.start_query_execution(
                QueryString=question,
                QueryExecutionContext={"Database": self._lab.athena_database},
                WorkGroup=self._lab.athena_workgroup,
            )["QueryExecutionId"]
            for _ in range(_TRIES):
                status = athena.get_query_execution(QueryExecutionId=started)["QueryExecution"][
                    "Status"
                ]
                if status["State"] == "SUCCEEDED":
                    found = athena.get_query_results(QueryExecutionId=started)["ResultSet"]["Rows"]
                    return [
                        [cell.get("VarCharValue", "") for cell in row["Data"]] for row in found[1:]
                    ]
                if status["State"] in {"FAILED", "CANCELLED"}:
                    raise CloudError(
                        f"The query failed: {status.get('StateChangeReason')}",
                        "Look at it in Athena.",
                    )
                time.sleep(_PAUSE_SECONDS)
        raise CloudError("The query does not end.", "Look at it in Athena.")

    def _another_instance(self, instance_id: str) -> str:
        with explain_errors("listing the servers"):
            answer = self._client("ec2").describe_instances()
        servers = [
            server["InstanceId"]
            for reservation in answer["Reservations"]
            for server in reservation["Instances"]
        ]
        return str(next(server for server in servers if server != instance_id))

    def _flows(self, interface_id: str) -> Iterator[Flow]:
        for message in self._search(self._lab.flow_log_group, f'"{interface_id}"'):
            words = message.split()
            if len(words) >= 14 and words[13] == "OK":
                yield Flow(
                    words[3],
                    words[4],
                    words[5],
                    words[6],
                    int(words[8]),
                    int(words[9]),
                    int(words[10]),
                    words[12],
                )

    def _search(self, group: str, pattern: str) -> list[str]:
        logs = self._client("logs")
        for _ in range(_TRIES):
            with explain_errors(f"searching {group}"):
                pages = logs.get_paginator("filter_log_events").paginate(
                    logGroupName=group, filterPattern=pattern
                )
                found = [event["message"] for page in pages for event in page["events"]]
            if found:
                return found
            time.sleep(_PAUSE_SECONDS)
        return []


def _read_finding(finding: dict[str, Any]) -> Alert:
    details = finding["Resource"]["InstanceDetails"]
    interface = details["NetworkInterfaces"][0]
    remote = finding["Service"]["Action"]["NetworkConnectionAction"]["RemoteIpDetails"]
    return Alert(
        details["InstanceId"],
        remote["IpAddressV4"],
        interface["NetworkInterfaceId"],
        interface["PrivateIpAddress"],
    )
