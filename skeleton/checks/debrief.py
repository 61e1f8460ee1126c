"""The incident out of a seat's own logs: what happened, and the lines that prove each answer."""

from __future__ import annotations

from collections.abc import Iterator

from labkit import Evidence, Source
from labkit.grading.timeline import build_timeline, record_line
from labkit.model import Proof

from .incident import left, let_in, lines


def timeline(evidence: Evidence) -> tuple[Proof, ...]:
    """What happened in the runs of a seat, in order of time."""
    parts = [
        (Source.TRAIL, "visitor", _let_in),
        (Source.COMMANDS, "left_file", _typed),
    ]
    return build_timeline(evidence, parts)


def _let_in(evidence: Evidence) -> Iterator[Proof]:
    for event in let_in(evidence):
        line = record_line(event, ("instanceId", "instanceOSUser"))
        what = "A key for logging in was sent to the server"
        yield Proof(event.time, Source.TRAIL, what, line, "visitor")


def _typed(evidence: Evidence) -> Iterator[Proof]:
    made = {id(record) for record, _ in left(evidence)}
    for record in lines(evidence):
        task = "left_file" if id(record) in made else None
        what = "A file was left" if task else "Typed on the server"
        yield Proof(record.logged_at, Source.COMMANDS, what, record.line, task)
