"""Signs that an answer came from another seat: it is wrong here, and would be right there.

Only tasks whose right answer differs from seat to seat say anything. It stays a sign: two people at one
screen leave the same one.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from labkit.grading.checks import TaskFile
from labkit.grading.judge import would_pass
from labkit.grading.normalize import normalize_text
from labkit.grading.plugin import GradedSeat
from labkit.grading.types import Values
from labkit.model import Evidence, PossibleCopy

# A check that takes this long once would take it for every pair of seats.
_PATIENCE_SECONDS = 1.0
_MARK = re.compile(r"(?=[\w.-]{6})[a-z_.-]*\d[\w.-]*\w")

Wrong = Mapping[tuple[str, str], Values]
"""The wrong answers to unique tasks, by seat and task."""


def find_possible_copies(
    files: Iterable[TaskFile], graded_seats: Iterable[GradedSeat], wrong: Wrong
) -> tuple[PossibleCopy, ...]:
    """The wrong answers that are right by the evidence of another seat; each seat is opened once."""
    by_name = {file.name: file for file in files}
    typed: dict[tuple[str, Values], list[str]] = defaultdict(list)
    for (seat, task), values in wrong.items():
        typed[task, values].append(seat)
    if not typed:
        return ()
    marks = {answer: _marks(normalize_text(" ".join(answer[1]))) for answer in typed}
    found = [
        PossibleCopy(seat, task, graded_seat.seat)
        for graded_seat in graded_seats
        for task, values in _right(by_name, marks, graded_seat.open().evidence)
        for seat in typed[task, values]
        if seat != graded_seat.seat
    ]
    return tuple(sorted(found, key=lambda sign: (sign.seat, sign.task, sign.other)))


def _right(
    files: dict[str, TaskFile],
    marks: Mapping[tuple[str, Values], frozenset[str]],
    evidence: Evidence,
) -> Iterator[tuple[str, Values]]:
    """Which of the answers are right by this evidence; a task whose check hangs is left out.

    In a large class nearly all of them come from nowhere near this seat. So only those are judged whose
    marks all stand in this seat's logs.
    """
    here = _marks("\n".join(_texts(evidence)))
    for (task, values), own in marks.items():
        if task not in files or not own <= here:
            continue
        began = time.monotonic()
        if would_pass(files[task], values, evidence, _PATIENCE_SECONDS):
            yield task, values
        if time.monotonic() - began >= _PATIENCE_SECONDS:
            del files[task]


def _marks(text: str) -> frozenset[str]:
    """The words that tell one seat from another: ids, addresses, tokens, names with a number."""
    return frozenset(_MARK.findall(text.casefold()))


def _texts(evidence: Evidence) -> Iterator[str]:
    """All that the logs say, but for the flow logs: what they hold is much, and stands elsewhere, too."""
    for server in evidence.instances:
        yield f"{server.instance_id} {server.interface_id} {server.private_address} {server.public_address}"
    yield from evidence.threat_addresses
    yield from (record.line for record in evidence.commands)
    for finding in evidence.findings:
        yield f"{finding.instance_id} {finding.remote_address} {finding.access_key_id}"
    for event in (*evidence.history, *evidence.trail):
        yield f"{event.user} {event.address} {event.resources} {event.record}"
