"""The story of the incident, from a seat's own logs, with the lines that prove each answer."""

from __future__ import annotations

from collections.abc import Iterator

from labkit import Evidence, Pending, Source
from labkit.evidence.flows import as_line, with_address
from labkit.evidence.window import Window, run_windows
from labkit.grading.command_log import commands_in
from labkit.grading.timeline import TimelinePart, build_timeline, record_line
from labkit.model import ApiEvent, FlowRecord, Proof

from .check_api_events import against_the_server
from .check_instance import ALERT, alerted
from .check_operator_address import someone_logged_in
from .check_trail_query import senders
from .incident import WAY_IN, called, callouts, operators, ssh_peer

_SENT = {
    WAY_IN["ssh"]: "Someone sent a login key to the server",
    WAY_IN["ssm"]: "Someone sent a command to the server",
}
_MOST_LINES = 4
"""How many lines of one conversation to show."""


def timeline(evidence: Evidence) -> tuple[Proof, ...]:
    """What happened in the seat's runs, in chronological order."""
    parts: list[TimelinePart] = [
        (Source.TRAIL, "trail_query", _way_in),
        (Source.COMMANDS, "command", _commands),
        (Source.FLOWS, "callout_address", _call),
        (Source.FINDINGS, "instance", _alert),
        (Source.HISTORY, "api_events", _changes),
    ]
    if someone_logged_in(evidence):
        parts.append((Source.FLOWS, "operator_address", _login))
    return build_timeline(evidence, parts)


def _way_in(evidence: Evidence) -> Iterator[Proof]:
    for event in senders(evidence):
        what = _SENT[event.name]
        yield Proof(event.time, Source.TRAIL, what, _record(event), "trail_query")


def _login(evidence: Evidence) -> Iterator[Proof]:
    for address in sorted(operators(evidence)):
        records = [
            r for r in with_address(evidence.flows, address) if _is_login(r, address, evidence)
        ]
        for record in records[:_MOST_LINES]:
            yield _flow(record, "Someone was logged in (port 22)", "operator_address", evidence)


def _is_login(record: FlowRecord, address: str, evidence: Evidence) -> bool:
    servers = (s for s in evidence.instances if s.interface_id == record.interface_id)
    peers = [peer for server in servers if (peer := ssh_peer(record, server)) is not None]
    return (
        any(peer[0] == address for peer in peers)
        and record.action == "ACCEPT"
        and any(w.overlaps(record.started_at, record.ended_at) for w in run_windows(evidence.runs))
    )


def _commands(evidence: Evidence) -> Iterator[Proof]:
    made = {id(callout.record) for callout in callouts(evidence)}
    for window in run_windows(evidence.runs):
        for record in commands_in(evidence, window):
            task = "command" if id(record) in made else None
            what = "The line that called out" if task else "Typed on the server"
            yield Proof(record.logged_at, Source.COMMANDS, what, record.line, task)


def _call(evidence: Evidence) -> Iterator[Proof]:
    for traffic in called(evidence)[:_MOST_LINES]:
        what = "The server called an address on the threat list"
        yield _flow(traffic.record, what, "callout_address", evidence)


def _alert(evidence: Evidence) -> Iterator[Proof]:
    named = alerted(evidence)
    if not named:
        raise Pending("GuardDuty hasn't raised the alert yet.")
    for finding in evidence.findings:
        if finding.instance_id in named and finding.type.endswith(ALERT) and not finding.sample:
            line = f"{finding.type}: {finding.instance_id} and {finding.remote_address} ({finding.finding_id})"
            yield Proof(finding.first_seen, Source.FINDINGS, "The alert", line, "instance")


def _changes(evidence: Evidence) -> Iterator[Proof]:
    windows = run_windows(evidence.runs)
    for event in against_the_server(evidence):
        if not event.read_only:
            what = "Part of the incident" if _within(event, windows) else "Before the incident"
            yield Proof(event.time, Source.HISTORY, what, _record(event), "api_events")


def _within(event: ApiEvent, windows: tuple[Window, ...]) -> bool:
    return any(window.contains(event.time) for window in windows)


def _flow(record: FlowRecord, what: str, task: str, evidence: Evidence) -> Proof:
    line = as_line(record, evidence.account)
    what = f"{what}, no later than {record.ended_at:%H:%M:%S}"
    return Proof(record.started_at, Source.FLOWS, what, line, task)


def _record(event: ApiEvent) -> str:
    """The part of a record to look at. Of the parameters, it keeps those that name a server."""
    named = ("instanceId", "instanceIds", "instanceOSUser", "instancesSet", "documentName")
    return record_line(event, named)
