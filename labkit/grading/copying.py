"""Find answers that may be copied from another seat: wrong here, but right there.

Only tasks whose right answer differs from seat to seat are compared. A match is a hint, not proof: two people who
share a screen look the same.
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

# A check that takes this long is skipped: it would take as long for every pair of seats.
_PATIENCE_SECONDS = 1.0
_IDENTIFIER = re.compile(r"(?=[\w.-]{6})[a-z_.-]*\d[\w.-]*\w")

Wrong = Mapping[tuple[str, str], Values]
"""The wrong answers to unique tasks, by seat and task."""


def find_possible_copies(
    files: Iterable[TaskFile], graded_seats: Iterable[GradedSeat], wrong: Wrong
) -> tuple[PossibleCopy, ...]:
    """The wrong answers that another seat's evidence makes right; each seat's evidence is opened once."""
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
    return tuple(sorted(found, key=lambda sign: (sign.seat, sign.task, sign.other)))


def _right_answers(
    files: dict[str, TaskFile],
    identifiers: Mapping[tuple[str, Values], frozenset[str]],
    evidence: Evidence,
) -> Iterator[tuple[str, Values]]:
    """The answers that are right according to this evidence; a task whose check hangs is skipped.

    In a large class, nearly all answers have nothing to do with this seat. So only those are judged whose
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
    """The words that distinguish seats: ids, addresses, tokens, names with a number."""
    return frozenset(_IDENTIFIER.findall(text.casefold()))


def _texts(evidence: Evidence) -> Iterator[str]:
    """The text of all logs except flow logs, which are large and whose addresses occur elsewhere too."""
    for server in evidence.instances:
        yield f"{server.instance_id} {server.interface_id} {server.private_address} {server.public_address}"
    yield from evidence.threat_addresses
    yield from (record.line for record in evidence.commands)
    for finding in evidence.findings:
        yield f"{finding.instance_id} {finding.remote_address} {finding.access_key_id}"
    for event in (*evidence.history, *evidence.trail):
        yield f"{event.user} {event.address} {event.resources} {event.record}"
