"""The ledger of runs: when each incident ran, stored in the seat's account.

Each run is a parameter ``/labkit/<workshop>/<seat>/runs/<n>`` that the attendee can't read. labkit writes it
before the incident, so that an interrupted run is on record, and completes it afterward.
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
    """One run in the ledger; ``finished_at`` is None while it's in progress, or if it was interrupted."""

    number: int
    started_at: datetime
    finished_at: datetime | None
    via: Via

    def as_run(self) -> Run:
        """The run; an interrupted one counts as finished when it started."""
        return Run(self.number, self.started_at, self.finished_at or self.started_at, self.via)


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


def _entries(parameters: Iterable[Mapping[str, Any]]) -> Iterable[Entry]:
    for parameter in parameters:
        value = json.loads(parameter["Value"])
        finished = value.get("finished_at")
        yield Entry(
            int(parameter["Name"].rpartition("/")[2]),
            datetime.fromisoformat(value["started_at"]),
            datetime.fromisoformat(finished) if finished else None,
            value["via"],
        )


def begin(account: Account, workshop: Workshop, seat: str, now: datetime, via: Via) -> Entry:
    """Record a run that is about to start; it replaces the last one if that was interrupted."""
    earlier = read(account, workshop, seat)
    last = earlier[-1] if earlier else None
    interrupted = last is not None and last.finished_at is None
    number = 1 if last is None else last.number + (0 if interrupted else 1)
    entry = Entry(number, now, None, via)
    _write(account, workshop, seat, entry, overwrite=interrupted)
    return entry


def finish(account: Account, workshop: Workshop, seat: str, entry: Entry) -> None:
    """Record the end of a run."""
    _write(account, workshop, seat, entry, overwrite=True)


def _write(
    account: Account, workshop: Workshop, seat: str, entry: Entry, *, overwrite: bool
) -> None:
    value: dict[str, str | None] = {
        "started_at": entry.started_at.isoformat(),
        "finished_at": entry.finished_at.isoformat() if entry.finished_at else None,
        "via": entry.via,
    }
    name = f"{runs_path(workshop, seat)}/{entry.number}"
    ssm = account.client("ssm")
    with explain_errors(f"writing run {entry.number} of {seat}"):
        if overwrite:
            ssm.put_parameter(Name=name, Value=json.dumps(value), Type="String", Overwrite=True)
            return
        ssm.put_parameter(
            Name=name,
            Value=json.dumps(value),
            Type="String",
            Tags=[
                {"Key": TAG_WORKSHOP, "Value": workshop.name},
                {"Key": TAG_SEAT, "Value": seat},
            ],
        )
