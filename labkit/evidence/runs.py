"""The runs of a seat as its own event history tells them, for whoever may not read the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from labkit.evidence.calls import pages, utc
from labkit.model import Run, Via

# How a run begins (the usual way first), and how it ends.
_WAYS_IN: Mapping[str, Via] = {"SendSSHPublicKey": "ssh", "SendCommand": "ssm"}
_END = "StopInstances"
# Events have whole seconds: the stop happened within its second, perhaps in that of the way in.
_SECOND = timedelta(seconds=1)


def from_history(
    cloudtrail: Any, instance_ids: Sequence[str], start: datetime, end: datetime
) -> tuple[Run, ...]:
    """Pair each way in to a server of the lab with the stop of that server that followed it.

    A run ends with the second of its stop, so that one of less than a second does not look like one that
    broke off. Event history answers two questions a second, so the second way in is asked for only where the
    first does not account for every stop.
    """
    ended = sorted(
        (utc(event["EventTime"]), server)
        for event in _events(cloudtrail, _END, start, end)
        for server in _targets(event, instance_ids)
    )
    begun: list[tuple[datetime, str, Via]] = []
    runs: tuple[Run, ...] = ()
    for name, via in _WAYS_IN.items():
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
    """The lab's servers that a call names in its parameters, if it was not refused."""
    record = json.loads(event.get("CloudTrailEvent") or "{}")
    if record.get("errorCode"):
        return
    asked = json.dumps(record.get("requestParameters") or {})
    yield from (server for server in instance_ids if f'"{server}"' in asked)
