"""What ``down`` saves before it removes a lab: evidence, answers, and verdicts, under ``.labkit/``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from labkit.errors import CloudError, LabkitError
from labkit.evidence.snapshot import Snapshot, save
from labkit.report.write import write_all
from labkit.workflow.collect import collect_class, split_results
from labkit.workflow.folders import snapshots_folder
from labkit.workflow.grade import judge_class
from labkit.workflow.operations import Operations


@dataclass(frozen=True, slots=True)
class Archive:
    """What was saved, and what couldn't be."""

    folder: Path | None = None
    """None if there was nothing to save."""
    failed: Mapping[str, LabkitError] = field(default_factory=dict)
    """Why a seat's evidence couldn't be saved, by seat. Its lab must stay, so that nothing is lost by accident."""


def archive(operations: Operations, now: datetime, verb: str = "down") -> Archive:
    """Save the evidence of complete labs before ``verb`` removes them."""
    statuses = operations.statuses()
    failed = {
        r.item.id: _unsaved(r.item.id, r.error, verb) for r in statuses if r.error is not None
    }
    complete = tuple(
        r.item for r in statuses if r.value is not None and r.value.deployed is not None
    )
    if not complete:
        return Archive(None, failed)
    bundles, unread = split_results(
        collect_class(replace(operations, seats=complete), activity=True)
    )
    failed |= {seat.id: _unsaved(seat.id, error, verb) for seat, error in unread}
    if not bundles:
        return Archive(None, failed)
    workshop = operations.workshop
    folder = snapshots_folder(workshop) / now.strftime("%Y%m%dT%H%M%SZ")
    for bundle in bundles:
        save(Snapshot(workshop.name, workshop.scenario, bundle), folder / "evidence")
    grades = judge_class(operations, bundles)
    without = tuple(replace(seat, activity=None) for seat in grades.seats)  # as `labkit grade` does
    write_all(replace(grades, seats=without), folder)
    return Archive(folder, failed)


def _unsaved(seat: str, error: LabkitError, verb: str) -> CloudError:
    end = "" if error.message.endswith(".") else "."
    return CloudError(
        f"The evidence of {seat} can't be saved, so its lab stays: {error.message}{end}",
        f"{error.hint} To remove the lab without saving its evidence, run: "
        f"labkit {verb} --discard --seat {seat}",
    )
