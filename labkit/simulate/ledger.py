"""The ledger of runs: when each incident ran, stored in the seat's account.

Each run is a parameter ``/labkit/<workshop>/<seat>/runs/<n>`` that the attendee can't read. labkit writes it
when the run starts, again right before and right after the incident, and when the run has finished. So the ledger says how
far an interrupted run got, and no run ever takes the number of an earlier one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from labkit.aws import Account, explain_errors
from labkit.model import Run, Via, Workshop
from labkit.names import TAG_SEAT, TAG_WORKSHOP, runs_path


@dataclass(frozen=True, slots=True)
class Entry:
    """One run in the ledger; the times after ``started_at`` are None until the run gets there."""

    number: int
    started_at: datetime
    via: Via
    instance_id: str | None = None
    """The server of the incident; None if an earlier version of labkit wrote the entry."""
    incident_at: datetime | None = None
    """When the incident was about to happen. From then on, the logs can contain it."""
    happened_at: datetime | None = None
    """When the incident had happened, and only stopping the server was left to do."""
    finished_at: datetime | None = None

    @property
    def counts(self) -> bool:
        """Whether the incident happened, or might have happened before the run broke off."""
        return self.incident_at is not None or self.finished_at is not None

    @property
    def must_finish(self) -> bool:
        """Whether the run broke off after its incident, so that its server is still to be stopped."""
        return self.happened_at is not None and self.finished_at is None

    def as_run(self) -> Run:
        """The run; an interrupted one counts as finished when its incident had happened or was about to."""
        ended = self.finished_at or self.happened_at or self.incident_at or self.started_at
        return Run(self.number, self.started_at, ended, self.via)


def read(account: Account, workshop: Workshop, seat: str) -> tuple[Entry, ...]:
    """The runs of a seat, in order."""
    pages = account.client("ssm").get_paginator("get_parameters_by_path")
    with explain_errors(f"reading the runs of {seat}"):
        found = [
            parameter
            for page in pages.paginate(Path=runs_path(workshop, seat))
            for parameter in page["Parameters"]
        ]
    return tuple(sorted(_entries(found), key=lambda entry: entry.number))


def runs(account: Account, workshop: Workshop, seat: str) -> tuple[Entry, ...]:
    """The runs of a seat in which the incident happened or might have happened, in order."""
    return tuple(entry for entry in read(account, workshop, seat) if entry.counts)


def _entries(parameters: Iterable[Mapping[str, Any]]) -> Iterable[Entry]:
    for parameter in parameters:
        value = json.loads(parameter["Value"])
        started = datetime.fromisoformat(value["started_at"])
        # Earlier versions recorded only the start and the end, so an interrupted run of theirs might have had its incident.
        unknown = started if "incident_at" not in value else None
        yield Entry(
            number=int(parameter["Name"].rpartition("/")[2]),
            started_at=started,
            via=value["via"],
            instance_id=value.get("instance_id"),
            incident_at=_time(value, "incident_at") or unknown,
            happened_at=_time(value, "happened_at"),
            finished_at=_time(value, "finished_at"),
        )


def _time(value: Mapping[str, Any], key: str) -> datetime | None:
    text = value.get(key)
    return datetime.fromisoformat(text) if text else None


def begin(
    account: Account, workshop: Workshop, seat: str, instance_id: str, now: datetime, via: Via
) -> Entry:
    """Record a run that is about to start, under the next number."""
    number = max((entry.number for entry in read(account, workshop, seat)), default=0) + 1
    entry = Entry(number, now, via, instance_id)
    with explain_errors(f"writing run {number} of {seat}"):
        account.client("ssm").put_parameter(
            Name=f"{runs_path(workshop, seat)}/{number}",
            Value=_text(entry),
            Type="String",
            Tags=[
                {"Key": TAG_WORKSHOP, "Value": workshop.name},
                {"Key": TAG_SEAT, "Value": seat},
            ],
        )
    return entry


def update(account: Account, workshop: Workshop, seat: str, entry: Entry) -> Entry:
    """Record how far a run has got; returns the entry."""
    with explain_errors(f"writing run {entry.number} of {seat}"):
        account.client("ssm").put_parameter(
            Name=f"{runs_path(workshop, seat)}/{entry.number}",
            Value=_text(entry),
            Type="String",
            Overwrite=True,
        )
    return entry


def _text(entry: Entry) -> str:
    times = {
        name: moment.isoformat() if moment is not None else None
        for name, moment in (
            ("started_at", entry.started_at),
            ("incident_at", entry.incident_at),
            ("happened_at", entry.happened_at),
            ("finished_at", entry.finished_at),
        )
    }
    return json.dumps({**times, "via": entry.via, "instance_id": entry.instance_id})
