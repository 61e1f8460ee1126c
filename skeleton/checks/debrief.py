"""The story of the incident, from a seat's own logs, with the lines that prove each answer."""

from __future__ import annotations

from collections.abc import Iterator

from labkit import Evidence, Source
from labkit.grading.timeline import build_timeline, record_line
from labkit.model import Proof

from .incident import left, let_in, lines


def timeline(evidence: Evidence) -> tuple[Proof, ...]:
    """What happened in the seat's runs, in chronological order."""
    parts = [
        (Source.TRAIL, "visitor", _let_in),
        (Source.COMMANDS, "left_file", _typed),
    ]
    return build_timeline(evidence, parts)


def _let_in(evidence: Evidence) -> Iterator[Proof]:
    for event in let_in(evidence):
        line = record_line(event, ("instanceId", "instanceOSUser"))
        what = "Someone sent a login key to the server"
        yield Proof(event.time, Source.TRAIL, what, line, "visitor")


def _typed(evidence: Evidence) -> Iterator[Proof]:
    made = {id(record) for record, _ in left(evidence)}
    for record in lines(evidence):
        task = "left_file" if id(record) in made else None
        what = "Someone left a file" if task else "Typed on the server"
        yield Proof(record.logged_at, Source.COMMANDS, what, record.line, task)
