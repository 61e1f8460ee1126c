"""What happened, read from the evidence: the calls out, and who was logged in when they were made.

Nothing here knows an answer beforehand. All of it is bounded by the runs, the servers and the threat list of
the seat.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from enum import Enum, auto

from labkit import Evidence, GraderError
from labkit.evidence.flows import naming, on_port
from labkit.evidence.window import Window, span, windows
from labkit.grading.command_log import NEVER_RAN, SILENT_PROGRAMS, commands_in, programs
from labkit.model import CommandRecord, FlowRecord, Instance, Run

SSH = 22
NTP = 123
# Amazon Linux takes the near port of a connection it makes from here up (net.ipv4.ip_local_port_range).
FIRST_OWN_PORT = 32768
TCP_AND_UDP = (6, 17)


@dataclass(frozen=True, slots=True)
class Callout:
    """A command that called an address of the threat list."""

    run: Run
    record: CommandRecord
    address: str


@dataclass(frozen=True, slots=True)
class Traffic:
    """A flow record that went from a server of the lab to an address of the threat list."""

    run: Run
    instance: Instance
    record: FlowRecord


class Seen(Enum):
    """Ways in which an address occurs in the flow logs of an incident."""

    OWN_SERVER = auto()
    CALLED = auto()
    LOGGED_IN = auto()
    TURNED_AWAY = auto()
    TIME_SERVER = auto()
    CAME_IN = auto()
    SOMEHOW = auto()


def callouts(evidence: Evidence) -> tuple[Callout, ...]:
    """The commands that called out, in any run of the seat; raises ``GraderError`` if there are none."""
    found = tuple(
        Callout(run, record, address)
        for run, window in _runs(evidence)
        for record in commands_in(evidence, window)
        if (address := address_called(record, evidence.threat_addresses)) is not None
    )
    if not found:
        raise GraderError(
            "The command log has no call to an address of the threat list",
            "the recording of commands may have failed in this lab",
        )
    return found


def address_called(record: CommandRecord, threats: tuple[str, ...]) -> str | None:
    """The address of the threat list that a command called, if it did."""
    if record.exit_status in NEVER_RAN:
        return None
    for program, arguments in programs(record.command):
        for argument in arguments:
            address = next((a for a in threats if names(argument, a)), None)
            if address and (program not in SILENT_PROGRAMS or "/dev/tcp/" in argument):
                return address
    return None


def names(argument: str, address: str) -> bool:
    """Whether a word names an address: alone, in a URL, with a port."""
    return re.search(rf"(?<![\w.-]){re.escape(address)}(?![\w-]|\.\d)", argument) is not None


def called(evidence: Evidence) -> tuple[Traffic, ...]:
    """The traffic from the lab's servers to the threat list; raises ``GraderError`` if there is none."""
    servers = {instance.interface_id: instance for instance in evidence.instances}
    threats = set(evidence.threat_addresses)
    runs = _runs(evidence)
    found = tuple(
        Traffic(run, servers[record.interface_id], record)
        for address in sorted(threats)
        for record in naming(evidence.flows, address)
        if record.destination == address and record.interface_id in servers and goes_out(record)
        for run, window in runs
        if window.touches(record.started_at, record.ended_at)
    )
    if not found:
        raise GraderError(
            "The flow logs have no call to an address of the threat list",
            "look at the state of the flow log in this lab",
        )
    return found


def goes_out(record: FlowRecord) -> bool:
    """Whether our side began the conversation: its port is none that a service would listen on.

    Of a conversation the log has both directions; a reply to somebody who came in goes out as well.
    """
    if record.protocol not in TCP_AND_UDP:
        return True
    return (record.source_port or 0) >= FIRST_OWN_PORT


def operators(evidence: Evidence) -> frozenset[str]:
    """Who was logged in when the call was made, for each run over SSH.

    A login and a call of the same minute stand in records of the same times, in any order. So: whoever had
    a conversation with port 22 in the window of the call, or else before it; of several the one with the
    most traffic, since a scanner that got through leaves little.
    """
    by_run: dict[tuple[int, str], list[Traffic]] = defaultdict(list)
    for traffic in called(evidence):
        if traffic.run.via == "ssh":
            by_run[traffic.run.number, traffic.instance.interface_id].append(traffic)
    found = {_busiest(evidence, calls) for calls in by_run.values()} - {None}
    if not found:
        raise GraderError(
            "The flow logs show nobody on port 22 before the call", "the login may not be logged"
        )
    return frozenset(address for address in found if address)


def _busiest(evidence: Evidence, calls: list[Traffic]) -> str | None:
    instance = calls[0].instance
    around = span(calls[0].run, evidence.runs)
    last = max(call.record.ended_at for call in calls)
    size: dict[tuple[str, int | None], int] = defaultdict(int)
    during: set[tuple[str, int | None]] = set()
    for record in on_port(evidence.flows, SSH, "ACCEPT"):
        if record.interface_id != instance.interface_id:
            continue
        other = ssh_peer(record)
        if other is None or record.started_at > last:
            continue
        if around.touches(record.started_at, record.ended_at):
            size[other] += record.bytes or 0
            if any(_same_window(record, call.record) for call in calls):
                during.add(other)
    best = max(size, key=lambda peer: (peer in during, size[peer]), default=None)
    return best[0] if best else None


def _same_window(one: FlowRecord, other: FlowRecord) -> bool:
    return one.started_at <= other.ended_at and other.started_at <= one.ended_at


def ssh_peer(record: FlowRecord) -> tuple[str, int | None] | None:
    """Address and port at the far end of a conversation with our port 22, in either direction."""
    if record.destination_port == SSH and record.source is not None:
        return record.source, record.source_port
    if record.source_port == SSH and record.destination is not None:
        return record.destination, record.destination_port
    return None


def seen(evidence: Evidence, address: str) -> frozenset[Seen]:
    """In which ways an address occurs in the flow logs around the seat's incidents."""
    own = {a for i in evidence.instances for a in (i.private_address, i.public_address)}
    if address in own:
        return frozenset({Seen.OWN_SERVER})
    interfaces = {instance.interface_id for instance in evidence.instances}
    around = windows(evidence.runs)
    return frozenset(
        _role(record, address)
        for record in naming(evidence.flows, address)
        if record.interface_id in interfaces
        if any(window.touches(record.started_at, record.ended_at) for window in around)
    )


def _role(record: FlowRecord, address: str) -> Seen:
    if NTP in (record.source_port, record.destination_port):
        return Seen.TIME_SERVER
    if record.action == "REJECT":
        return Seen.TURNED_AWAY if record.source == address else Seen.SOMEHOW
    peer = ssh_peer(record)
    if peer is not None and peer[0] == address:
        return Seen.LOGGED_IN
    if record.destination == address:
        return Seen.CALLED if goes_out(record) else Seen.CAME_IN
    near_port = record.destination_port or 0
    return Seen.CAME_IN if near_port < FIRST_OWN_PORT else Seen.CALLED


def _runs(evidence: Evidence) -> list[tuple[Run, Window]]:
    return [(run, span(run, evidence.runs)) for run in evidence.runs]
