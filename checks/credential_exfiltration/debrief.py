"""The story of the incident, from a seat's own logs, with the lines that prove each answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from labkit import Evidence, Source
from labkit.evidence.window import run_windows
from labkit.grading.command_log import commands_in
from labkit.grading.timeline import TimelinePart, build_timeline, record_line
from labkit.model import ApiEvent, Proof

from .incident import (
    READS,
    Call,
    alerts,
    by_run,
    denied,
    fetches,
    key_of,
    missing,
    outside,
    ways_in,
)

_STOP = "StopInstances"
_SHOWN = ("bucketName", "key", "prefix", "instanceId", "instanceOSUser", "target")


def timeline(evidence: Evidence) -> tuple[Proof, ...]:
    """What happened in the seat's runs, in chronological order."""
    parts: list[TimelinePart] = [
        (Source.TRAIL, "", _way_in),
        (Source.COMMANDS, "command", _commands),
        (Source.TRAIL, "access_key", _key),
        (Source.TRAIL, "outside_address", _address),
        (Source.TRAIL, "denied_calls", _denied),
        (Source.TRAIL, "object_read", _read),
        (Source.TRAIL, "instance", _server),
        (Source.TRAIL, "", _end),
    ]
    return build_timeline(evidence, parts)


def _way_in(evidence: Evidence) -> Iterator[Proof]:
    for event in ways_in(evidence):
        if _in_a_run(event, evidence):
            yield _call(event, "Someone got access to the server")


def _end(evidence: Evidence) -> Iterator[Proof]:
    own = {server.instance_id for server in evidence.instances}
    for event in evidence.trail:
        stopped = event.name == _STOP and event.error_code is None and own & set(_stopped(event))
        if stopped and _in_a_run(event, evidence):
            yield _call(event, "The server was stopped")


def _in_a_run(event: ApiEvent, evidence: Evidence) -> bool:
    return any(window.contains(event.time) for window in run_windows(evidence.runs))


def _stopped(event: ApiEvent) -> Iterator[str]:
    asked = event.record.get("requestParameters") or {}
    for item in (asked.get("instancesSet") or {}).get("items") or ():
        yield str(item.get("instanceId"))


def _commands(evidence: Evidence) -> Iterator[Proof]:
    took = {id(record) for record in fetches(evidence)}
    for window in run_windows(evidence.runs):
        for record in commands_in(evidence, window):
            task = "command" if id(record) in took else None
            what = "The line that fetched the credentials" if task else "Typed on the server"
            yield Proof(record.logged_at, Source.COMMANDS, what, record.line, task)


def _key(evidence: Evidence) -> Iterator[Proof]:
    """The first call from outside with each key."""
    for call in _first(outside(evidence), lambda call: call.key):
        what = "The first call from outside with the server's access key"
        yield _call(call.event, what, "access_key")


def _address(evidence: Evidence) -> Iterator[Proof]:
    """A call from each address, if possible one that proves nothing else, and for comparison the server's own calls."""
    calls = outside(evidence)
    shown = {id(call) for call in _first(calls, lambda call: call.key)}
    plain = [c for c in calls if id(c) not in shown and not c.event.error_code and not _is_read(c)]
    for call in _first([*plain, *calls], lambda call: call.address):
        yield _call(call.event, "A call from the same address outside the lab", "outside_address")
    for _, made in by_run(evidence):
        own = [call for call in made if not call.outside]
        for call in _first(own, lambda call: call.address):
            yield _call(
                call.event, "For comparison: a call by the server itself, from its own address"
            )


def _denied(evidence: Evidence) -> Iterator[Proof]:
    refused = [call for call in outside(evidence) if denied(call.event)]
    if not refused:
        raise missing(evidence, "refused call from outside")
    for call in refused:
        yield _call(call.event, "Tried from outside and refused", "denied_calls")


def _read(evidence: Evidence) -> Iterator[Proof]:
    read = [call for call in outside(evidence) if _is_read(call)]
    if not read:
        raise missing(evidence, "object that was read from outside")
    for call in read:
        yield _call(call.event, "Read from outside", "object_read")


def _server(evidence: Evidence) -> Iterator[Proof]:
    """The alert or, for a server without one, a call by its session."""
    calls = outside(evidence)
    told = alerts(evidence)
    for finding in told:
        line = f"{finding.type}: {finding.instance_id}, from {finding.remote_address} ({finding.finding_id})"
        yield Proof(finding.first_seen, Source.FINDINGS, "The alert", line, "instance")
    for call in _first(calls, lambda call: call.event.user):
        if call.event.user not in {finding.instance_id for finding in told}:
            yield _call(call.event, "A call from outside, for which there's no alert", "instance")


def _is_read(call: Call) -> bool:
    return call.event.name in READS and call.event.error_code is None


def _first(calls: Iterable[Call], of: Callable[[Call], str | None]) -> list[Call]:
    """The first call of each kind."""
    found: dict[str | None, Call] = {}
    for call in calls:
        found.setdefault(of(call), call)
    return list(found.values())


def _call(event: ApiEvent, what: str, task: str | None = None) -> Proof:
    more = {"accessKeyId": key_of(event), "errorCode": event.error_code}
    shown = {key: value for key, value in more.items() if value}
    return Proof(event.time, Source.TRAIL, what, record_line(event, _SHOWN, **shown), task)
