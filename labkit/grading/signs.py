"""Signs that an answer came from another seat: it is wrong here, and would be right there.

Only tasks whose right answer differs from seat to seat say anything. It stays a sign: two people at one
screen leave the same one.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from labkit.grading.checks import TaskFile
from labkit.grading.plugin import Entrant
from labkit.grading.types import Values
from labkit.grading.verdicts import would_pass
from labkit.model import Evidence, Sign

# A check that takes this long once would take it for every pair of seats.
_PATIENCE_SECONDS = 1.0

Wrong = Mapping[tuple[str, str], Values]
"""The wrong answers to unique tasks, by seat and task."""


def signs(files: Iterable[TaskFile], entrants: Iterable[Entrant], wrong: Wrong) -> tuple[Sign, ...]:
    """Each wrong answer tried on the evidence of every other seat, which is opened once."""
    by_name = {file.name: file for file in files}
    typed: dict[tuple[str, Values], list[str]] = defaultdict(list)
    for (seat, task), values in wrong.items():
        typed[task, values].append(seat)
    if not typed:
        return ()
    found = [
        Sign(seat, task, entrant.seat)
        for entrant in entrants
        for task, values in _right(by_name, typed, entrant.open().evidence)
        for seat in typed[task, values]
        if seat != entrant.seat
    ]
    return tuple(sorted(found, key=lambda sign: (sign.seat, sign.task, sign.other)))


def _right(
    files: dict[str, TaskFile], typed: Iterable[tuple[str, Values]], evidence: Evidence
) -> Iterator[tuple[str, Values]]:
    """Which of the answers are right by this evidence; a task whose check hangs is left out."""
    for task, values in typed:
        if task not in files:
            continue
        began = time.monotonic()
        if would_pass(files[task], values, evidence, _PATIENCE_SECONDS):
            yield task, values
        if time.monotonic() - began >= _PATIENCE_SECONDS:
            del files[task]
