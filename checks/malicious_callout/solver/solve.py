"""Solves the exercise with nothing but the attendee role's credentials, as the guide teaches it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from labkit.aws import Account
from labkit.model import Lab
from labkit.workflow.investigation import Answers, Investigation

_FINDING = "UnauthorizedAccess:EC2/MaliciousIPCaller.Custom"


def solve(attendee: Account, lab: Lab) -> Answers:
    """The right answers, by task."""
    search = Investigation(attendee, lab)
    alert = _alert(search)
    return {
        "instance": [alert.instance_id],
        "command": [search.commands(alert.address, alert.instance_id)[0]],
        "callout_address": [alert.address],
        "operator_address": [_operator(_flows(search, alert), alert)],
        "api_events": _changes(search, alert),
        "trail_query": _key_sender(search, alert),
    }


def guess(attendee: Account, lab: Lab) -> Answers:
    """Answers that look right to someone who stopped looking too early, by task."""
    search = Investigation(attendee, lab)
    alert = _alert(search)
    incoming = [f for f in _flows(search, alert) if f.destination == alert.private_address]
    time_server = next(flow.source for flow in incoming if flow.source_port == "123")
    scanner = next(flow.source for flow in incoming if flow.action == "REJECT")
    servers = (server.instance_id for server in lab.instances)
    return {
        "instance": [next(server for server in servers if server != alert.instance_id)],
        "command": [f"curl {alert.address}"],
        "callout_address": [time_server],
        "operator_address": [scanner],
        "api_events": ["RunInstances", "DescribeInstances"],
        "trail_query": ["incident-response", scanner],
    }


@dataclass(frozen=True, slots=True)
class _Alert:
    """What the finding says."""

    instance_id: str
    address: str
    interface_id: str
    private_address: str


@dataclass(frozen=True, slots=True)
class _Flow:
    """The fields of a flow log line that a person looks at."""

    source: str
    destination: str
    source_port: str
    destination_port: str
    bytes: int
    start: int
    action: str


def _alert(search: Investigation) -> _Alert:
    finding: dict[str, Any] = search.findings(_FINDING)[0]
    details = finding["Resource"]["InstanceDetails"]
    interface = details["NetworkInterfaces"][0]
    remote = finding["Service"]["Action"]["NetworkConnectionAction"]["RemoteIpDetails"]
    return _Alert(
        details["InstanceId"],
        remote["IpAddressV4"],
        interface["NetworkInterfaceId"],
        interface["PrivateIpAddress"],
    )


def _flows(search: Investigation, alert: _Alert) -> list[_Flow]:
    """The flow log lines of the server's interface that hold data."""
    lines = (line.split() for line in search.flow_lines(alert.interface_id))
    return [
        _Flow(w[3], w[4], w[5], w[6], int(w[9]), int(w[10]), w[12])
        for w in lines
        if len(w) >= 14 and w[13] == "OK"
    ]


def _operator(flows: list[_Flow], alert: _Alert) -> str:
    """Who connected just before: the login with the most traffic before the callout."""
    called = max(flow.start for flow in flows if flow.destination == alert.address)
    traffic: dict[str, int] = defaultdict(int)
    for flow in flows:
        if flow.action == "ACCEPT" and flow.start <= called:
            if flow.destination_port == "22":
                traffic[flow.source] += flow.bytes
            elif flow.source_port == "22":
                traffic[flow.destination] += flow.bytes
    return max(traffic, key=lambda address: traffic[address])


def _changes(search: Investigation, alert: _Alert) -> list[str]:
    """The calls in the server's event history that changed something."""
    events = search.events("ResourceName", alert.instance_id)
    return sorted({event["eventName"] for event in events if not event["readOnly"]})


def _key_sender(search: Investigation, alert: _Alert) -> list[str]:
    """By Athena: the session that sent a key to the server, and the address it came from."""
    question = (
        f'SELECT useridentity.arn AS arn, sourceipaddress FROM "{search.lab.athena_table}" '  # noqa: S608 - AWS's own IDs
        "WHERE eventname = 'SendSSHPublicKey' AND errorcode IS NULL "
        f"AND requestparameters LIKE '%{alert.instance_id}%'"
    )
    row = search.query(question)[0]
    return [row["arn"].rpartition("/")[2], row["sourceipaddress"]]
