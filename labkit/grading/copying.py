"""Find answers that might be copied: wrong for the seat that submitted them, but correct for another.

Only tasks whose answer differs from seat to seat count. A match doesn't prove copying: two people who share a screen
look the same.
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

# Skip a check that takes this long, because it would take as long for every pair of seats.
_PATIENCE_SECONDS = 1.0
_IDENTIFIER = re.compile(r"(?=[\w.-]{6})[a-z_.-]*\d[\w.-]*\w")

Wrong = Mapping[tuple[str, str], Values]
"""The wrong answers to unique tasks, by seat and task."""


def find_possible_copies(
    files: Iterable[TaskFile], graded_seats: Iterable[GradedSeat], wrong: Wrong
) -> tuple[PossibleCopy, ...]:
    """Find wrong answers that are correct for another seat; open each seat's evidence only once."""
    by_name = {file.name: file for file in files}
    typed: dict[tuple[str, Values], list[str]] = defaultdict(list)
    for (seat, task), values in wrong.items():
        typed[task, values].append(seat)
    if not typed:
        return ()
    identifiers = {answer: _identifiers(normalize_text(" ".join(answer[1]))) for answer in typed}
    found = [
        PossibleCopy(seat, task, graded_seat.seat)
        for graded_seat in graded_seats
        for task, values in _right_answers(by_name, identifiers, graded_seat.open().evidence)
        for seat in typed[task, values]
        if seat != graded_seat.seat
    ]
    return tuple(sorted(found, key=lambda copy: (copy.seat, copy.task, copy.other)))


def _right_answers(
    files: dict[str, TaskFile],
    identifiers: Mapping[tuple[str, Values], frozenset[str]],
    evidence: Evidence,
) -> Iterator[tuple[str, Values]]:
    """Yield the answers that are correct according to this evidence; skip a task whose check hangs.

    In a large class, nearly all answers have nothing to do with this seat. To save time, judge only answers whose
    identifiers all occur in this seat's logs.
    """
    here = _identifiers("\n".join(_texts(evidence)))
    for (task, values), own in identifiers.items():
        if task not in files or not own <= here:
            continue
        began = time.monotonic()
        if would_pass(files[task], values, evidence, _PATIENCE_SECONDS):
            yield task, values
        if time.monotonic() - began >= _PATIENCE_SECONDS:
            del files[task]


def _identifiers(text: str) -> frozenset[str]:
    """Return the words that distinguish seats: IDs, addresses, tokens, and names with a number."""
    return frozenset(_IDENTIFIER.findall(text.casefold()))


def _texts(evidence: Evidence) -> Iterator[str]:
    """Yield the text of all logs except the flow logs, which are large and whose addresses also occur elsewhere."""
    for server in evidence.instances:
        yield f"{server.instance_id} {server.interface_id} {server.private_address} {server.public_address}"
    yield from evidence.threat_addresses
    yield from (record.line for record in evidence.commands)
    for finding in evidence.findings:
        yield f"{finding.instance_id} {finding.remote_address} {finding.access_key_id}"
    for event in (*evidence.history, *evidence.trail):
        yield f"{event.user} {event.address} {event.resources} {event.record}"
