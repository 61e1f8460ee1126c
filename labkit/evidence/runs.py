"""Derive a seat's runs from its event history, for attendees, who can't read the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from labkit.evidence.calls import pages, utc
from labkit.model import Run, Via

# The calls that begin a run (the usual one first), and the call that ends it.
_ACCESS_CALLS: Mapping[str, Via] = {"SendSSHPublicKey": "ssh", "SendCommand": "ssm"}
_END = "StopInstances"
# Event times have whole seconds, so a run can begin and end in the same second.
_SECOND = timedelta(seconds=1)


def from_history(
    cloudtrail: Any, instance_ids: Sequence[str], start: datetime, end: datetime
) -> tuple[Run, ...]:
    """Pair each access to one of the lab's servers with the next stop of that server.

    A run ends one second after its stop, so that a run of less than a second doesn't look interrupted. Event history
    allows only two calls per second, so labkit looks up the second kind of access only if the first doesn't explain
    every stop.
    """
    ended = sorted(
        (utc(event["EventTime"]), server)
        for event in _events(cloudtrail, _END, start, end)
        for server in _targets(event, instance_ids)
    )
    begun: list[tuple[datetime, str, Via]] = []
    runs: tuple[Run, ...] = ()
    for name, via in _ACCESS_CALLS.items():
        if len(runs) == len(ended):
            break
        begun += [
            (utc(event["EventTime"]), server, via)
            for event in _events(cloudtrail, name, start, end)
            for server in _targets(event, instance_ids)
        ]
        runs = tuple(_runs(sorted(begun), ended))
    return runs


def _runs(
    begun: Sequence[tuple[datetime, str, Via]], ended: Sequence[tuple[datetime, str]]
) -> Iterator[Run]:
    taken: set[datetime] = set()
    number = 0
    for began, server, via in begun:
        stop = next(
            (at for at, whose in ended if whose == server and at >= began and at not in taken), None
        )
        if stop is not None:
            taken.add(stop)
            number += 1
            yield Run(number, began, stop + _SECOND, via)


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
    record = json.loads(event.get("CloudTrailEvent") or "{}")
    if record.get("errorCode"):
        return
    parameters = json.dumps(record.get("requestParameters") or {})
    yield from (server for server in instance_ids if f'"{server}"' in parameters)
