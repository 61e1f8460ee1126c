"""What ``down`` saves before it removes a lab: evidence, answers, and verdicts, under ``.labkit/``."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from labkit.errors import CloudError
from labkit.evidence.snapshot import Snapshot, save
from labkit.report.write import write_all
from labkit.workflow.collect import collect_class, split_results
from labkit.workflow.grade import judge_class
from labkit.workflow.operations import Operations

FOLDER = ".labkit"


def archive(operations: Operations, now: datetime) -> Path | None:
    """Save the evidence of complete labs; returns the folder, or None if there's nothing to save.

    Raises ``CloudError`` for a complete lab that can't be read: its evidence must not be lost by accident.
    """
    complete = operations.complete()
    if not complete.seats:
        return None
    bundles, failed = split_results(collect_class(complete, activity=True))
    if failed:
        seat, error = failed[0]
        raise CloudError(
            f"The evidence of {seat.id} can't be saved: {error.message}",
            f"{error.hint} To remove the labs without saving it, run: labkit down --discard",
        )
    workshop = operations.workshop
    folder = workshop.folder / FOLDER / workshop.name / now.strftime("%Y%m%dT%H%M%SZ")
    for bundle in bundles:
        save(Snapshot(workshop.name, workshop.scenario, bundle), folder / "evidence")
    grades = judge_class(operations, bundles)
    without = tuple(replace(seat, activity=None) for seat in grades.seats)  # as `labkit grade` does
    write_all(replace(grades, seats=without), folder)
    return folder
