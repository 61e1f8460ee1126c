"""Derive a seat's runs from its event history.

Attendees can't read the ledger. ``grade`` derives runs the same way, so that it never disagrees with ``check``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from labkit.evidence.calls import pages, utc
from labkit.model import Run, Via

# The calls that begin a run (the usual one first), and the call that ends it.
_ACCESS_CALLS: Mapping[str, Via] = {"SendSSHPublicKey": "ssh", "SendCommand": "ssm"}
_END = "StopInstances"
# Event times have whole seconds, so a run can begin and end in the same second.
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class _Access:
    """Someone got into a server."""

    at: datetime
    server: str
    via: Via
    role_arn: str | None
    """The role that issued the caller's session, if the record has it."""


def from_history(
    cloudtrail: Any,
    instance_ids: Sequence[str],
    start: datetime,
    end: datetime,
    operator_role_arn: str | None = None,
) -> tuple[Run, ...]:
    """Pair each stop of one of the lab's servers with the latest access to that server before it.

    If ``operator_role_arn`` is given, an access by another role begins no run. The operator's last access is a run even
    if no stop follows: one that's still in progress, or that was interrupted.

    A run ends one second after its stop, so that a run of less than a second doesn't look interrupted. Event history
    allows only two calls per second, so labkit looks up the second kind of access only if the first doesn't explain
    every stop.
    """
    ended = sorted(
        (utc(event["EventTime"]), server)
        for event in _events(cloudtrail, _END, start, end)
        for server in _targets(event, instance_ids)
    )
    begun: list[_Access] = []
    runs: tuple[Run, ...] = ()
    for name, via in _ACCESS_CALLS.items():
        if ended and len(runs) >= len(ended):
            break
        begun += [
            access
            for event in _events(cloudtrail, name, start, end)
            for server in _targets(event, instance_ids)
            if _is_by(access := _access(event, server, via), operator_role_arn)
        ]
        begun.sort(key=lambda access: access.at)
        runs = _numbered(_runs(begun, ended, and_open=operator_role_arn is not None))
    return runs


def _access(event: Mapping[str, Any], server: str, via: Via) -> _Access:
    identity = _record(event).get("userIdentity") or {}
    issuer = (identity.get("sessionContext") or {}).get("sessionIssuer") or {}
    return _Access(utc(event["EventTime"]), server, via, issuer.get("arn"))


def _is_by(access: _Access, role_arn: str | None) -> bool:
    return role_arn is None or access.role_arn in (None, role_arn)


def _runs(
    begun: Sequence[_Access], ended: Sequence[tuple[datetime, str]], *, and_open: bool
) -> Iterator[Run]:
    """Yield the runs of each server, without their final numbers."""
    stopped_before: dict[str, datetime] = {}
    for stop, server in ended:
        since = stopped_before.get(server)
        between = [a for a in begun if a.server == server and a.at <= stop]
        if between and (since is None or between[-1].at > since):
            yield Run(0, between[-1].at, stop + _SECOND, between[-1].via)
        stopped_before[server] = stop
    if and_open and begun and all(begun[-1].at > stop for stop in stopped_before.values()):
        yield Run(0, begun[-1].at, begun[-1].at, begun[-1].via)


def _numbered(runs: Iterable[Run]) -> tuple[Run, ...]:
    in_order = sorted(runs, key=lambda run: run.started_at)
    return tuple(replace(run, number=number) for number, run in enumerate(in_order, 1))


def _events(
    cloudtrail: Any, name: str, start: datetime, end: datetime
) -> Iterator[Mapping[str, Any]]:
    parameters = {
        "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": name}],
        "StartTime": start,
        "EndTime": end,
        "MaxResults": 50,
    }
    for page in pages("cloudtrail:LookupEvents", "*", cloudtrail.lookup_events, parameters):
        yield from page.get("Events", ())


def _targets(event: Mapping[str, Any], instance_ids: Iterable[str]) -> Iterator[str]:
    """Yield the lab's servers that a call names in its parameters, unless AWS refused the call."""
    record = _record(event)
    if record.get("errorCode"):
        return
    parameters = json.dumps(record.get("requestParameters") or {})
    yield from (server for server in instance_ids if f'"{server}"' in parameters)


def _record(event: Mapping[str, Any]) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(event.get("CloudTrailEvent") or "{}")
    return record
