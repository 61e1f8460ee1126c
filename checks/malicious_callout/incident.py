"""What happened, according to the evidence: the calls out, and who was logged in at that moment.

Nothing here knows an answer beforehand. Only the seat's own runs, servers, and threat list count.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import NoReturn

from labkit import Evidence, GraderError, Pending, Source, Wrong
from labkit.evidence.addresses import canonical
from labkit.evidence.flows import with_address, with_port
from labkit.evidence.trail import named_instances
from labkit.evidence.window import Window, collection_windows, run_window
from labkit.grading.command_log import NEVER_RAN, commands_in
from labkit.grading.programs import called_words, programs
from labkit.model import ApiEvent, CommandRecord, FlowRecord, Instance, Run, SourceState

SSH = 22
NTP = 123
# Amazon Linux chooses the source port of an outgoing connection from this port up (net.ipv4.ip_local_port_range).
FIRST_EPHEMERAL_PORT = 32768
TCP_AND_UDP = (6, 17)
# How someone gets to run commands: a key for SSH, or a command through Systems Manager.
WAY_IN = {"ssh": "SendSSHPublicKey", "ssm": "SendCommand"}
NOT_LOGGED = "That address isn't in your flow logs at the time of the incident."
TIME_SERVER = "That address is in your flow logs, but it's a time server (port 123)."


@dataclass(frozen=True, slots=True)
class Callout:
    """A command that called an address on the threat list."""

    run: Run
    record: CommandRecord
    address: str


@dataclass(frozen=True, slots=True)
class Traffic:
    """A flow record from one of the lab's servers to an address on the threat list."""

    run: Run
    instance: Instance
    record: FlowRecord


class AddressRole(Enum):
    """What an address does in the flow logs of an incident."""

    OWN_SERVER = auto()
    CALLED = auto()
    LOGGED_IN = auto()
    REJECTED = auto()
    TIME_SERVER = auto()
    CONNECTED = auto()
    OTHER = auto()


def callouts(evidence: Evidence) -> tuple[Callout, ...]:
    """The commands that called out in any of the seat's runs; raises ``GraderError`` if there are none."""
    found = tuple(
        Callout(run, record, address)
        for run, window in _runs(evidence)
        for record in commands_in(evidence, window)
        if (address := address_called(record, evidence.threat_addresses)) is not None
    )
    if not found:
        raise GraderError(
            "The command log has no call to an address on the threat list",
            "check whether this lab records commands",
        )
    return found


def address_called(record: CommandRecord, threats: tuple[str, ...]) -> str | None:
    """The address on the threat list that a command called, if any."""
    if record.exit_status in NEVER_RAN:
        return None
    if not any(address in record.command or ":" in address for address in threats):
        return None  # Most lines mention none, and splitting a line takes time.
    for program, part in programs(record.command):
        for word in called_words(program, part):
            if address := next((a for a in threats if names(word, a)), None):
                return address
    return None


def names(argument: str, address: str) -> bool:
    """Whether a word names an address: alone, in a URL, with a port."""
    if ":" in address:  # IPv6 has several notations
        return address in map(
            canonical, re.findall(r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*", argument)
        )
    return re.search(rf"(?<![\w.-]){re.escape(address)}(?![\w-]|\.\d)", argument) is not None


def called(evidence: Evidence) -> tuple[Traffic, ...]:
    """The traffic from the lab's servers to the threat list; raises ``GraderError`` if there is none."""
    found = _traffic(evidence)
    if not found:
        raise GraderError(
            "The flow logs have no call to an address on the threat list",
            "check the state of this lab's flow log",
        )
    return found


def _traffic(evidence: Evidence) -> tuple[Traffic, ...]:
    servers = {instance.interface_id: instance for instance in evidence.instances}
    threats = set(evidence.threat_addresses)
    runs = _runs(evidence)
    return tuple(
        Traffic(run, servers[record.interface_id], record)
        for address in sorted(threats)
        for record in with_address(evidence.flows, address)
        if record.destination == address and record.interface_id in servers and goes_out(record)
        for run, window in runs
        if window.overlaps(record.started_at, record.ended_at)
    )


def goes_out(record: FlowRecord) -> bool:
    """Whether the server opened the connection: its own port is an ephemeral one.

    The log has both directions of a connection, so replies to an incoming connection go out as well.
    """
    if record.protocol not in TCP_AND_UDP:
        return True
    return (record.source_port or 0) >= FIRST_EPHEMERAL_PORT


def servers_that_called(evidence: Evidence, run: Run) -> frozenset[str]:
    """The servers that called out in a run, by the command log, or else by the flow logs; all of them if neither can tell."""
    window = run_window(run, evidence.runs)
    by_command = {
        record.instance_id
        for record in commands_in(evidence, window)
        if address_called(record, evidence.threat_addresses) is not None
    }
    if by_command:
        return frozenset(by_command)
    by_flow = {traffic.instance.instance_id for traffic in _traffic(evidence) if traffic.run == run}
    return frozenset(by_flow or {server.instance_id for server in evidence.instances})


def ways_in(evidence: Evidence) -> tuple[ApiEvent, ...]:
    """The calls that let someone into the server that called out, in any run; the latest one before each call out."""
    return tuple(event for run in evidence.runs for event in way_into(evidence, run))


def way_into(evidence: Evidence, run: Run) -> tuple[ApiEvent, ...]:
    """The latest call before the server called out that let someone in; several if they're in the same second."""
    window = run_window(run, evidence.runs)
    called_servers = servers_that_called(evidence, run)
    found = [
        event
        for event in evidence.trail
        if event.name == WAY_IN[run.via] and event.error_code is None
        if window.contains(event.time) and called_servers & named_instances(event)
    ]
    moments = [
        record.logged_at
        for record in commands_in(evidence, window)
        if record.instance_id in called_servers
        and address_called(record, evidence.threat_addresses) is not None
    ]
    before = [event for event in found if moments and event.time <= max(moments)] or found
    last = max((event.time for event in before), default=None)
    return tuple(event for event in before if event.time == last)


def operators(evidence: Evidence) -> frozenset[str]:
    """Who was logged in when the call was made, for each run over SSH.

    Records of a login and of a call within the same minute have the same times, in any order. So the operator is
    the one who was connected to port 22 in the call's aggregation window, or else before it. If several were
    connected, it's the one who sent the key, according to the trail. If the trail has none of them, it's the one with
    the most traffic: a scanner that got through exchanges little.
    """
    by_run: dict[tuple[int, str], list[Traffic]] = defaultdict(list)
    for traffic in called(evidence):
        if traffic.run.via == "ssh":
            by_run[traffic.run.number, traffic.instance.interface_id].append(traffic)
    found = {_operator(evidence, calls) for calls in by_run.values()} - {None}
    if not found:
        raise GraderError(
            "The flow logs show nobody on port 22 before the call",
            "check the state of this lab's flow log",
        )
    return frozenset(address for address in found if address)


def _operator(evidence: Evidence, calls: list[Traffic]) -> str | None:
    instance = calls[0].instance
    around = run_window(calls[0].run, evidence.runs)
    last = max(call.record.ended_at for call in calls)
    size: dict[tuple[str, int | None], int] = defaultdict(int)
    during: set[tuple[str, int | None]] = set()
    for record in with_port(evidence.flows, SSH, "ACCEPT"):
        if record.interface_id != instance.interface_id:
            continue
        other = ssh_peer(record, instance)
        if other is None or record.started_at > last:
            continue
        if around.overlaps(record.started_at, record.ended_at):
            size[other] += record.bytes or 0
            if any(_same_window(record, call.record) for call in calls):
                during.add(other)
    senders = {event.address for event in way_into(evidence, calls[0].run)}
    if not senders and len({address for address, _ in during}) > 1 and _trail_is_late(evidence):
        raise Pending(
            "Several addresses were connected at that time. The trail decides, and it hasn't arrived yet. Check again "
            "later."
        )
    best = max(
        size, key=lambda peer: (peer in during, peer[0] in senders, size[peer]), default=None
    )
    return best[0] if best else None


def _trail_is_late(evidence: Evidence) -> bool:
    return any(
        report.source is Source.TRAIL and report.state is SourceState.LATE
        for report in evidence.sources
    )


def _same_window(one: FlowRecord, other: FlowRecord) -> bool:
    return one.started_at <= other.ended_at and other.started_at <= one.ended_at


def ssh_peer(record: FlowRecord, server: Instance) -> tuple[str, int | None] | None:
    """The remote address and port of a connection to port 22 of a server, in either direction.

    Port 22 at the other end is a connection from the server.
    """
    own = (server.private_address, server.public_address)
    if record.destination_port == SSH and record.destination in own and record.source is not None:
        return record.source, record.source_port
    if record.source_port == SSH and record.source in own and record.destination is not None:
        return record.destination, record.destination_port
    return None


def reject_address(
    address: str,
    evidence: Evidence,
    feedback: Mapping[AddressRole, str],
    otherwise: str = NOT_LOGGED,
) -> NoReturn:
    """Raise ``Wrong`` with the feedback on the first role in ``feedback`` that a wrong address has."""
    roles = roles_of(evidence, address)
    raise Wrong(next((text for role, text in feedback.items() if role in roles), otherwise))


def roles_of(evidence: Evidence, address: str) -> frozenset[AddressRole]:
    """The roles of an address in the flow logs around the seat's incidents."""
    own = {a for i in evidence.instances for a in (i.private_address, i.public_address)}
    if address in own:
        return frozenset({AddressRole.OWN_SERVER})
    servers = {instance.interface_id: instance for instance in evidence.instances}
    around = collection_windows(evidence.runs)
    return frozenset(
        _role(record, address, servers[record.interface_id])
        for record in with_address(evidence.flows, address)
        if record.interface_id in servers
        if any(window.overlaps(record.started_at, record.ended_at) for window in around)
    )


def _role(record: FlowRecord, address: str, server: Instance) -> AddressRole:
    if NTP in (record.source_port, record.destination_port):
        return AddressRole.TIME_SERVER
    if record.action == "REJECT":
        return AddressRole.REJECTED if record.source == address else AddressRole.OTHER
    peer = ssh_peer(record, server)
    if peer is not None and peer[0] == address:
        return AddressRole.LOGGED_IN
    if record.destination == address:
        return AddressRole.CALLED if goes_out(record) else AddressRole.CONNECTED
    near_port = record.destination_port or 0
    return AddressRole.CONNECTED if near_port < FIRST_EPHEMERAL_PORT else AddressRole.CALLED


def _runs(evidence: Evidence) -> list[tuple[Run, Window]]:
    return [(run, run_window(run, evidence.runs)) for run in evidence.runs]
